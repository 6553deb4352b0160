import HadalText

/// Reads llama.cpp's grammars (GBNF) and writes them into a network.
///
/// Rules `name ::= …` with alternatives, groups, literals `"…"`, character classes `[…]`, `.`, the quantifiers `*`, `+`,
/// `?`, `{m}`, `{m,}`, `{m,n}`, and comments. Left recursion is refused, as there.
struct GBNFWriter {
    static let rulesMax = 2048
    private static let repetitionMax = 100_000
    /// Longer bounded repetitions are counted instead of written out.
    private static let unrolledMax = 8

    private indirect enum Expression {
        case literal([UInt8])
        case set(ScalarSet)
        case rule(Int)
        case sequence([Expression])
        case choice([Expression])
        case repeated(Expression, min: Int, max: Int?)
    }

    private let scalars: [Unicode.Scalar]
    private let depthMax: Int
    private var position = 0
    private var depth = 0
    private var names: [String: Int] = [:]
    private var bodies: [(name: String, position: Int, body: Expression?)] = []

    private init(_ text: String, depthMax: Int) {
        scalars = Array(text.unicodeScalars)
        self.depthMax = depthMax
    }

    /// - Returns: the rule `root`.
    static func write(_ text: String, into builder: inout NetworkBuilder) throws(GrammarError) -> NetworkBuilder.RuleID
    {
        var writer = GBNFWriter(text, depthMax: builder.limits.depth)
        try writer.read()
        return try writer.write(into: &builder)
    }

    // MARK: reading

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func failure(_ problem: String, at place: Int? = nil) -> GrammarError {
        .invalidGrammar(line: 1 + scalars[..<(place ?? position)].count { $0 == "\n" }, problem: problem)
    }

    private mutating func skipSpace(lines: Bool) {
        while let scalar = current {
            if scalar == "#" {
                while let next = current, next != "\n" { position += 1 }
            } else if scalar == " " || scalar == "\t" || (lines && (scalar == "\n" || scalar == "\r")) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func take(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    private mutating func name() throws(GrammarError) -> String {
        let start = position
        while let scalar = current, scalar.isASCII,
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "-" || scalar == "_"
        {
            position += 1
        }
        guard position > start else { throw failure("expected a rule's name") }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    private mutating func rule(named name: String) throws(GrammarError) -> Int {
        if let known = names[name] { return known }
        guard bodies.count < GBNFWriter.rulesMax else {
            throw .limitExceeded(what: "rules of a grammar", limit: GBNFWriter.rulesMax)
        }
        names[name] = bodies.count
        bodies.append((name, position, nil))
        return bodies.count - 1
    }

    private mutating func read() throws(GrammarError) {
        skipSpace(lines: true)
        while current != nil {
            let rule = try rule(named: name())
            skipSpace(lines: false)
            guard take("::=") else { throw failure("expected '::='") }
            guard bodies[rule].body == nil else { throw failure("a second rule '\(bodies[rule].name)'") }
            skipSpace(lines: true)
            bodies[rule].body = try choice(isNested: false)
            guard current == nil || current == "\n" || current == "\r" else {
                throw failure("unexpected '\(current!)'")
            }
            skipSpace(lines: true)
        }
        if let undefined = bodies.first(where: { $0.body == nil }) {
            throw failure("there is no rule '\(undefined.name)'", at: undefined.position)
        }
        guard names["root"] != nil else { throw failure("there is no rule 'root'") }
    }

    private mutating func choice(isNested: Bool) throws(GrammarError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= depthMax else { throw failure("groups nest deeper than \(depthMax)") }
        var branches = [try sequence(isNested: isNested)]
        while take("|") {
            skipSpace(lines: true)
            branches.append(try sequence(isNested: isNested))
        }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence(isNested: Bool) throws(GrammarError) -> Expression {
        var parts: [Expression] = []
        while let scalar = current {
            let part: Expression
            switch scalar {
            case "\"": part = .literal(try literal())
            case "[": part = .set(try bracket())
            case ".":
                position += 1
                part = .set(.all)
            case "(":
                position += 1
                skipSpace(lines: true)
                part = try choice(isNested: true)
                guard take(")") else { throw failure("a '(' without its ')'") }
            case "<", "!": throw failure("tokens in grammars are not supported")
            case _
            where scalar.isASCII && scalar.properties.isAlphabetic || scalar == "_" || scalar == "-"
                || ("0"..."9").contains(scalar):
                part = .rule(try rule(named: name()))
            default: return .sequence(parts)
            }
            parts.append(try quantified(part, isNested: isNested))
        }
        return .sequence(parts)
    }

    private mutating func quantified(_ part: Expression, isNested: Bool) throws(GrammarError) -> Expression {
        var part = part
        while true {
            switch current {
            case "*": part = .repeated(part, min: 0, max: nil)
            case "+": part = .repeated(part, min: 1, max: nil)
            case "?": part = .repeated(part, min: 0, max: 1)
            case "{":
                position += 1
                skipSpace(lines: false)
                guard let min = try number() else { throw failure("expected a number of repetitions") }
                skipSpace(lines: false)
                var max: Int? = min
                if take(",") {
                    skipSpace(lines: false)
                    max = try number()
                    skipSpace(lines: false)
                }
                guard current == "}" else { throw failure("a '{' without its '}'") }
                if let max, max < min { throw failure("repetitions whose bounds are in the wrong order") }
                part = .repeated(part, min: min, max: max)
            default:
                skipSpace(lines: isNested)
                return part
            }
            position += 1
        }
    }

    private mutating func number() throws(GrammarError) -> Int? {
        var value: Int?
        while let digit = current, ("0"..."9").contains(digit) {
            value = (value ?? 0) * 10 + Int(digit.value - 48)
            guard value! <= GBNFWriter.repetitionMax else {
                throw .limitExceeded(what: "repetitions in a grammar", limit: GBNFWriter.repetitionMax)
            }
            position += 1
        }
        return value
    }

    private mutating func literal() throws(GrammarError) -> [UInt8] {
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = current, scalar != "\"" {
            guard let value = Unicode.Scalar(try character()) else { throw failure("half a surrogate pair") }
            text.append(value)
        }
        guard take("\"") else { throw failure("a '\"' without its other") }
        return Array(String(text).utf8)
    }

    private mutating func bracket() throws(GrammarError) -> ScalarSet {
        position += 1
        let isNegated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while let scalar = current, scalar != "]" {
            let low = try character()
            if current == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                let high = try character()
                guard low <= high else { throw failure("a range whose ends are in the wrong order") }
                ranges.append(low...high)
            } else {
                ranges.append(low...low)
            }
        }
        guard take("]") else { throw failure("a '[' without its ']'") }
        let set = ScalarSet(ranges)
        return isNegated ? set.complement : set
    }

    private mutating func character() throws(GrammarError) -> UInt32 {
        let scalar = scalars[position]
        position += 1
        guard scalar == "\\" else { return scalar.value }
        guard let escaped = current else { throw failure("a '\\' at the end") }
        position += 1
        switch escaped {
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        case "U": return try hexadecimal(8)
        case _ where escaped.isASCII && (escaped.properties.isAlphabetic || escaped.properties.numericType != nil):
            throw failure("'\\\(escaped)' is not known")
        default: return escaped.value
        }
    }

    private mutating func hexadecimal(_ digits: Int) throws(GrammarError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let scalar = current, let digit = Character(scalar).hexDigitValue else {
                throw failure("expected \(digits) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard value <= ScalarSet.last else { throw failure("beyond U+10FFFF") }
        return value
    }

    // MARK: writing

    private func write(into builder: inout NetworkBuilder) throws(GrammarError) -> NetworkBuilder.RuleID {
        let mayBeEmpty = rulesThatMayBeEmpty()
        var ids: [NetworkBuilder.RuleID] = []
        for body in bodies { ids.append(try builder.rule(body.name)) }
        for (index, body) in bodies.enumerated() {
            let end = try write(body.body!, from: builder.start(of: ids[index]), ids, mayBeEmpty, &builder)
            builder.accept(end)
        }
        return ids[names["root"]!]
    }

    private func write(
        _ expression: Expression, from: NetworkBuilder.State, _ ids: [NetworkBuilder.RuleID], _ mayBeEmpty: [Bool],
        _ builder: inout NetworkBuilder
    ) throws(GrammarError) -> NetworkBuilder.State {
        switch expression {
        case .literal(let bytes): return try builder.bytes(from, bytes)
        case .set(let set):
            let end = try builder.state()
            try builder.scalar(from, in: set, to: end)
            return end
        case .rule(let rule): return try builder.call(from, ids[rule])
        case .sequence(let parts):
            var current = from
            for part in parts { current = try write(part, from: current, ids, mayBeEmpty, &builder) }
            return current
        case .choice(let parts):
            let end = try builder.state()
            for part in parts {
                let start = try builder.state()
                builder.jump(from, to: start)
                builder.jump(try write(part, from: start, ids, mayBeEmpty, &builder), to: end)
            }
            return end
        case .repeated(let part, let min, let max):
            // What may be nothing may be nothing any number of times: there is no need to count what must be there.
            let isEmpty = GBNFWriter.mayBeEmpty(part, mayBeEmpty)
            let min = isEmpty ? 0 : min
            if let max, Swift.max(min, max) > GBNFWriter.unrolledMax, !isEmpty {
                let rule = try builder.rule("repetition", min: min, max: max)
                builder.accept(try write(part, from: builder.start(of: rule), ids, mayBeEmpty, &builder))
                return try builder.call(from, rule)
            }
            if max == nil, min > GBNFWriter.unrolledMax {
                let rule = try builder.rule("repetition", min: min, max: nil)
                builder.accept(try write(part, from: builder.start(of: rule), ids, mayBeEmpty, &builder))
                return try builder.call(from, rule)
            }
            var current = from
            for _ in 0..<min { current = try write(part, from: current, ids, mayBeEmpty, &builder) }
            let end = try builder.state()
            guard let max else {
                builder.jump(current, to: end)
                builder.jump(try write(part, from: end, ids, mayBeEmpty, &builder), to: end)
                return end
            }
            for _ in min..<max {
                builder.jump(current, to: end)
                let next = try builder.state()
                builder.jump(current, to: next)
                current = try write(part, from: next, ids, mayBeEmpty, &builder)
            }
            builder.jump(current, to: end)
            return end
        }
    }

    private func rulesThatMayBeEmpty() -> [Bool] {
        var result = [Bool](repeating: false, count: bodies.count)
        var changed = true
        while changed {
            changed = false
            for index in bodies.indices.reversed() where !result[index] {
                if GBNFWriter.mayBeEmpty(bodies[index].body!, result) {
                    result[index] = true
                    changed = true
                }
            }
        }
        return result
    }

    private static func mayBeEmpty(_ expression: Expression, _ rules: [Bool]) -> Bool {
        switch expression {
        case .literal(let bytes): bytes.isEmpty
        case .set: false
        case .rule(let rule): rules[rule]
        case .sequence(let parts): parts.allSatisfy { mayBeEmpty($0, rules) }
        case .choice(let parts): parts.contains { mayBeEmpty($0, rules) }
        case .repeated(let part, let min, let max): min == 0 || max == 0 || mayBeEmpty(part, rules)
        }
    }
}
