import HadalJSON
import HadalText

/// Writes a JSON Schema as rules of a network: one for each combination of subschemas that applies to some value.
///
/// Members come in the order in which the schema names them, then all others. So other engines have it, authors count on
/// it (the reasons before the verdict), and where a member is required its whole name is forced and costs the model
/// nothing; a model that could write them in any order would have to be watched with as many states as there are subsets.
struct SchemaCompiler {
    typealias State = NetworkBuilder.State
    typealias RuleID = NetworkBuilder.RuleID

    private(set) var builder: NetworkBuilder
    private let options: SchemaOptions
    private var expansion: SchemaExpansion
    private var rules: [[Literal]: RuleID] = [:]
    /// Rules that are called and not yet written.
    private var unwritten: [(literals: [Literal], rule: RuleID)] = []

    /// - Throws: what is wrong with the schema as a whole; the rest comes from `compile`.
    init(_ schema: JSON, options: SchemaOptions, builder: NetworkBuilder) throws(GrammarError) {
        let size = schema.text.utf8.count
        guard size <= builder.limits.sourceBytes else {
            throw .limitExceeded(what: "bytes of a schema", limit: builder.limits.sourceBytes)
        }
        self.builder = builder
        self.options = options
        expansion = SchemaExpansion(SchemaDocument(schema), limits: builder.limits)
    }

    /// - Returns: the rule of the whole schema.
    mutating func compile() throws(GrammarError) -> RuleID {
        let root = Literal(schema: expansion.document.rootNode())
        let result = try rule([root])
        try writeRest()
        return result
    }

    private mutating func writeRest() throws(GrammarError) {
        while let (literals, rule) = unwritten.popLast() { try write(literals, rule) }
    }

    /// The rule of a value that satisfies all of the schemas.
    private mutating func rule(_ literals: [Literal]) throws(GrammarError) -> RuleID {
        var distinct: [Literal] = []
        for literal in literals where literal != .anything && !distinct.contains(literal) { distinct.append(literal) }
        if distinct.isEmpty { return try builder.anyValue() }
        if distinct.contains(.nothing) { distinct = [.nothing] }
        if let known = rules[distinct] { return known }
        guard rules.count < builder.limits.schemas else {
            throw .limitExceeded(what: "schemas", limit: builder.limits.schemas)
        }
        let rule = try builder.rule("schema at #\(expansion.path(of: distinct[0]))")
        rules[distinct] = rule
        unwritten.append((distinct, rule))
        return rule
    }

    private mutating func write(_ literals: [Literal], _ rule: RuleID) throws(GrammarError) {
        let start = builder.start(of: rule)
        for alternative in try expansion.alternatives(literals) {
            for end in try write(alternative, from: start) { builder.accept(end) }
        }
    }

    /// - Returns: the states at the ends.
    private mutating func write(_ alternative: Alternative, from: State) throws(GrammarError) -> [State] {
        if let values = alternative.values {
            var ends: [State] = []
            // Those of one spelling share their beginnings.
            var words: [[UInt8]] = []
            for value in values where try expansion.admits(alternative.withoutValues, value) {
                switch value {
                case .array, .object: ends.append(try builder.literal(from, value))
                default: words.append(Array(builder.spelling(of: value).utf8))
                }
            }
            if !words.isEmpty {
                let end = try builder.state()
                try builder.words(words, from: from, to: end)
                ends.append(end)
            }
            return ends
        }
        var ends: [State] = []
        let kinds = alternative.kinds
        func isExcluded(_ value: JSON) -> Bool { alternative.excluded.contains(value) }
        if kinds.contains(.null), !isExcluded(.null) { ends.append(try builder.text(from, "null")) }
        if kinds.contains(.boolean) {
            for value in [true, false] where !isExcluded(.bool(value)) {
                ends.append(try builder.text(from, "\(value)"))
            }
        }
        if kinds.contains(.number) { ends.append(try number(alternative, from)) }
        if kinds.contains(.string), let end = try string(alternative, from) { ends.append(end) }
        if kinds.contains(.array), let end = try array(alternative, from) { ends.append(end) }
        if kinds.contains(.object), let end = try object(alternative, from) { ends.append(end) }
        return ends
    }

    // MARK: numbers and strings

    private mutating func number(_ alternative: Alternative, _ from: State) throws(GrammarError) -> State {
        let excluded = alternative.excluded.filter { $0.double != nil }
        let isBounded =
            alternative.isFraction || alternative.lower != nil || alternative.upper != nil
            || !alternative.multiples.isEmpty
        guard isBounded || !excluded.isEmpty else {
            return try alternative.isInteger ? builder.integer(from) : builder.number(from)
        }
        do throws(GrammarError) {
            var automaton = try ScalarAutomaton(
                isInteger: alternative.isInteger, isFraction: alternative.isFraction, lower: alternative.lower,
                upper: alternative.upper, multiples: alternative.multiples, limits: builder.limits)
            if !excluded.isEmpty {
                guard alternative.isInteger else {
                    throw .unsupported(
                        keyword: "not", path: alternative.path, problem: "numbers are only left out of integers")
                }
                let words = excluded.compactMap { Decimal($0)?.scaled(by: 0) }.map { "\($0)" }
                let all = try ScalarAutomaton(words: words, limits: builder.limits).complement
                automaton = try automaton.intersection(all, limits: builder.limits)
            }
            return try builder.automaton(automaton, from: from, isInString: false)
        } catch {
            guard case .limitExceeded = error else { throw error }
            throw .unsupported(keyword: "multipleOf", path: alternative.path, problem: error.description)
        }
    }

    /// nil where there is none.
    private mutating func string(_ alternative: Alternative, _ from: State) throws(GrammarError) -> State? {
        guard alternative.minLength <= alternative.maxLength ?? .max else { return nil }
        guard let automaton = try texts(of: alternative) else {
            return try builder.string(from, min: alternative.minLength, max: alternative.maxLength)
        }
        return try builder.string(from, in: automaton)
    }

    /// The strings of an alternative; nil where only their length matters.
    private func texts(of alternative: Alternative) throws(GrammarError) -> ScalarAutomaton? {
        let limits = builder.limits
        var all = alternative.texts
        let excluded = alternative.excluded.compactMap(\.string)
        if !excluded.isEmpty { all.append(try ScalarAutomaton(words: excluded, limits: limits).complement) }
        guard var result = all.first else { return nil }
        do throws(GrammarError) {
            for text in all.dropFirst() { result = try result.intersection(text, limits: limits) }
            if let longest = alternative.maxLength, longest >= alternative.minLength {
                let lengths = try ScalarAutomaton(lengths: alternative.minLength...longest, limits: limits)
                result = try result.intersection(lengths, limits: limits)
            } else if alternative.minLength > 0 {
                let lengths = try ScalarAutomaton(lengthsFrom: alternative.minLength, limits: limits)
                result = try result.intersection(lengths, limits: limits)
            }
            return result.trimmed
        } catch {
            throw .unsupported(
                keyword: alternative.maxLength == nil ? "pattern" : "maxLength", path: alternative.path,
                problem: "together with the other conditions on the string: \(error)")
        }
    }

    // MARK: arrays

    private mutating func array(_ alternative: Alternative, _ from: State) throws(GrammarError) -> State? {
        let most = alternative.maxItems
        guard alternative.minItems <= most ?? .max else { return nil }
        if alternative.excluded.contains(where: { $0.array != nil }) { throw cannotLeaveOut("arrays", alternative) }
        if !alternative.contained.isEmpty { return try arrayWithElement(alternative, from) }
        let prefix = min(alternative.prefixCount, most ?? .max)
        var current = try builder.space(builder.text(from, "["))
        let close = try builder.state()
        for index in 0..<prefix {
            if index >= alternative.minItems { builder.jump(current, to: close) }
            if index > 0 { current = try builder.comma(current) }
            current = try builder.call(current, rule(alternative.item(index)))
        }
        let least = max(0, alternative.minItems - prefix)
        if least == 0 { builder.jump(current, to: close) }
        let room = most.map { $0 - prefix } ?? .max
        if room > 0 {
            let element = try rule(alternative.item(prefix))
            if prefix == 0 {
                // The first one has no comma before it.
                current = try builder.call(current, element)
                if least <= 1 { builder.jump(current, to: close) }
                current = try more(
                    element, min: max(0, least - 1), max: most.map { $0 - 1 }, from: current)
            } else {
                current = try more(element, min: least, max: most.map { $0 - prefix }, from: current)
            }
            builder.jump(current, to: close)
        }
        return try builder.text(builder.space(close), "]")
    }

    /// Elements with a comma before each.
    private mutating func more(
        _ element: RuleID, min: Int, max: Int?, from: State
    ) throws(GrammarError) -> State {
        if max == 0 { return from }
        if min == 0, max == nil {
            let loop = try builder.state()
            builder.jump(from, to: loop)
            builder.jump(try builder.call(builder.comma(loop), element), to: loop)
            return loop
        }
        let repetition = try builder.rule("elements", min: min, max: max)
        builder.accept(try builder.call(builder.comma(builder.start(of: repetition)), element))
        return try builder.call(from, repetition)
    }

    /// Elements before the one that must be there, that one, and elements after it.
    private mutating func arrayWithElement(_ alternative: Alternative, _ from: State) throws(GrammarError) -> State {
        guard alternative.contained.count == 1, alternative.prefixCount == 0, alternative.maxItems == nil,
            alternative.minItems <= 1
        else {
            throw .unsupported(
                keyword: "contains", path: alternative.path,
                problem: "not beside prefixItems, minItems, maxItems or another contains")
        }
        let others = try rule(alternative.item(0))
        let wanted = try rule(alternative.item(0) + alternative.contained)
        let before = try builder.space(builder.text(from, "["))
        builder.jump(try builder.comma(builder.call(before, others)), to: before)
        let after = try more(others, min: 0, max: nil, from: builder.call(before, wanted))
        return try builder.text(builder.space(after), "]")
    }

    private func cannotLeaveOut(_ what: String, _ alternative: Alternative) -> GrammarError {
        .unsupported(keyword: "not", path: alternative.path, problem: "certain \(what) cannot be left out")
    }

    // MARK: objects

    /// Members that the schema does not name: for those whose names are in an automaton's set (nil: any name), schemas hold.
    private typealias OtherMembers = (names: ScalarAutomaton?, value: [Literal])

    private mutating func object(_ alternative: Alternative, _ from: State) throws(GrammarError) -> State? {
        if alternative.excluded.contains(where: { $0.object != nil }) { throw cannotLeaveOut("objects", alternative) }
        guard let wanted = alternative.wanted.first else { return try object(alternative, hits: nil, from) }
        guard alternative.wanted.count == 1, alternative.minProperties == 0, alternative.maxProperties == nil else {
            throw .unsupported(
                keyword: "not", path: alternative.path, problem: "with more than one condition on some member")
        }
        // The member is one of those with names, or one of the others.
        var rest = alternative
        rest.wanted = []
        let end = try builder.state()
        for name in alternative.declared where wanted.names.contains(name) {
            var own = rest
            own.members.append(.init(properties: [(name, wanted.schema)], isEvaluation: false))
            if !own.required.contains(where: { $0.isSame(as: name) }) { own.required.append(name) }
            if let last = try object(own, hits: nil, from) { builder.jump(last, to: end) }
        }
        let hits = try others(of: rest, matching: wanted)
        if !hits.isEmpty, let last = try object(rest, hits: hits, from) { builder.jump(last, to: end) }
        return end
    }

    private mutating func object(
        _ alternative: Alternative, hits: [OtherMembers]?, _ from: State
    ) throws(GrammarError) -> State? {
        var named: [ObjectWriter.Named] = []
        for name in alternative.declared {
            let isRequired = alternative.required.contains { $0.isSame(as: name) }
            let literals = alternative.member(name)
            let isAllowed = try expansion.admits(alternative.names, .string(name)) && !literals.contains(.nothing)
            if isAllowed {
                named.append(.init(name: name, value: try rule(literals), isRequired: isRequired))
            } else if isRequired {
                return nil
            }
        }
        func written(_ others: [OtherMembers]) throws(GrammarError) -> [ObjectWriter.Other] {
            var result: [ObjectWriter.Other] = []
            for other in others { result.append((other.names, try rule(other.value))) }
            return result
        }
        var writer = ObjectWriter(
            named: named, others: try written(others(of: alternative)), hits: try hits.map(written),
            min: alternative.minProperties, max: alternative.maxProperties)
        return try writer.write(from, &builder)
    }

    /// - Parameter wanted: only those with such names, and such values.
    private mutating func others(
        of alternative: Alternative, matching wanted: (names: ScalarAutomaton, schema: Literal)? = nil
    ) throws(GrammarError) -> [OtherMembers] {
        var parts = alternative.members
        if options.closesObjects, parts.contains(where: { !$0.properties.isEmpty }),
            parts.allSatisfy({ $0.additional == nil && $0.patterns.isEmpty })
        {
            return []
        }
        if let wanted { parts.append(.init(patterns: [wanted], isEvaluation: false)) }
        let limits = builder.limits
        var allowed: ScalarAutomaton?
        func restrict(to names: ScalarAutomaton) throws(GrammarError) {
            allowed =
                try allowed.map { (old) throws(GrammarError) in try old.intersection(names, limits: limits) } ?? names
        }
        let declared = alternative.declared
        do throws(GrammarError) {
            if !declared.isEmpty { try restrict(to: ScalarAutomaton(words: declared, limits: limits).complement) }
            if !alternative.names.isEmpty { try restrict(to: names(alternative.names)) }
            let patterns = parts.flatMap(\.patterns)
            guard patterns.count <= 6 else {
                throw .limitExceeded(what: "patterns of one object", limit: 6)
            }
            var result: [OtherMembers] = []
            // The last one's bit is set, where it is wanted.
            for choice in (wanted == nil ? 0 : 1 << (patterns.count - 1))..<(1 << patterns.count) {
                var names = allowed
                for (index, pattern) in patterns.enumerated() {
                    let isMatched = choice >> index & 1 == 1
                    let set = isMatched ? pattern.names : pattern.names.complement
                    names =
                        try names.map { (old) throws(GrammarError) in try old.intersection(set, limits: limits) } ?? set
                }
                if let names, names.isEmpty { continue }
                let literals = literals(parts, choice)
                guard !literals.contains(.nothing) else { continue }
                result.append((names?.trimmed, literals))
            }
            return result
        } catch {
            guard case .limitExceeded = error else { throw error }
            throw .unsupported(
                keyword: parts.contains { !$0.patterns.isEmpty } ? "patternProperties" : "additionalProperties",
                path: alternative.path, problem: error.description)
        }
    }

    /// What holds for members that match the patterns of which `choice` has the bits.
    private func literals(_ parts: [Alternative.Members], _ choice: Int) -> [Literal] {
        var result: [Literal] = []
        var index = 0
        for part in parts {
            var matched: [Literal] = []
            for pattern in part.patterns {
                if choice >> index & 1 == 1 { matched.append(pattern.schema) }
                index += 1
            }
            result += matched.isEmpty ? part.additional.map { [$0] } ?? [] : matched
        }
        return result
    }

    /// The strings that satisfy all of the schemas.
    private mutating func names(_ literals: [Literal]) throws(GrammarError) -> ScalarAutomaton {
        /// Those that are in none of the alternatives.
        var outside = ScalarAutomaton.all
        let limits = builder.limits
        for alternative in try expansion.alternatives(literals) {
            outside = try outside.intersection(try strings(of: alternative).complement, limits: limits)
        }
        return outside.complement
    }

    /// The strings of an alternative.
    private mutating func strings(of alternative: Alternative) throws(GrammarError) -> ScalarAutomaton {
        let isPossible =
            alternative.kinds.contains(.string) && alternative.minLength <= alternative.maxLength ?? .max
        guard isPossible, alternative.values == nil else {
            var words: [String] = []
            for case .string(let text) in alternative.values ?? []
            where try expansion.admits(alternative.withoutValues, .string(text)) { words.append(text) }
            return try ScalarAutomaton(words: words, limits: builder.limits)
        }
        var alternative = alternative
        alternative.texts.append(.all)
        return try texts(of: alternative) ?? .all
    }

    // MARK: elements

    /// An element's syntax, and what can be written in it.
    private struct ElementForm {
        let syntax: ElementSyntax
        let names: ScalarAutomaton
        /// Texts without the closing in them.
        let texts: ScalarAutomaton

        init(_ syntax: ElementSyntax, limits: GrammarLimits) throws(GrammarError) {
            self.syntax = syntax
            names = try ScalarAutomaton(pattern: syntax.names, isSearch: false, limits: limits)
            let closing = syntax.closing.map { "\\^$.|?*+()[]{}".contains($0) ? "\\\($0)" : "\($0)" }.joined()
            texts = try ScalarAutomaton(pattern: closing, isSearch: true, limits: limits).complement
        }
    }

    /// Writes the members of the whole schema, an object's, as elements: those that it names in its order, then all others.
    /// - Returns: the state after them.
    mutating func writeElements(_ syntax: ElementSyntax, from: State) throws(GrammarError) -> State {
        let outside = builder.shared
        (builder.shared, builder.escaped) = ([:], syntax.escaped)
        let form = try ElementForm(syntax, limits: builder.limits)
        let root = Literal(schema: expansion.document.rootNode())
        let end = try builder.state()
        for alternative in try expansion.alternatives([root]) where alternative.kinds.contains(.object) {
            guard alternative.values == nil, alternative.excluded.isEmpty, alternative.wanted.isEmpty,
                alternative.minProperties == 0, alternative.maxProperties == nil
            else {
                throw .unsupported(
                    keyword: "properties", path: alternative.path,
                    problem: "with other conditions on the object, where its members are written as elements")
            }
            if let last = try elements(of: alternative, form, from: from) { builder.jump(last, to: end) }
        }
        try writeRest()
        (builder.shared, builder.escaped) = (outside, nil)
        return end
    }

    /// nil where there are none such.
    private mutating func elements(
        of alternative: Alternative, _ form: ElementForm, from: State
    ) throws(GrammarError) -> State? {
        var current = from
        for name in alternative.declared {
            let isRequired = alternative.required.contains { $0.isSame(as: name) }
            let literals = alternative.member(name)
            guard try expansion.admits(alternative.names, .string(name)), !literals.contains(.nothing) else {
                if isRequired { return nil }
                continue
            }
            guard form.names.contains(name) else {
                throw .unsupported(
                    keyword: "properties", path: alternative.path, problem: "no element can have the name '\(name)'")
            }
            let end = try builder.state()
            if !isRequired { builder.jump(current, to: end) }
            try element(literals, form, from: builder.text(current, form.syntax.opening + name), to: end)
            current = end
        }
        let loop = try builder.state()
        builder.jump(current, to: loop)
        for other in try others(of: alternative) {
            let names = try other.names?.intersection(form.names, limits: builder.limits) ?? form.names
            let start = try builder.text(loop, form.syntax.opening)
            try element(
                other.value, form, from: builder.automaton(names, from: start, isInString: false), to: loop)
        }
        return loop
    }

    /// What follows a member's name: a text where it is a string, else JSON.
    private mutating func element(
        _ literals: [Literal], _ form: ElementForm, from: State, to end: State
    ) throws(GrammarError) {
        let text = try builder.text(from, form.syntax.beforeText)
        let value = try builder.text(from, form.syntax.beforeValue)
        let last = try builder.state()
        for var alternative in try expansion.alternatives(literals) {
            if let after = try self.text(alternative, form, from: text) { builder.jump(after, to: last) }
            alternative.kinds.remove(.string)
            for after in try write(alternative, from: value) { builder.jump(after, to: last) }
        }
        builder.jump(try builder.text(last, form.syntax.closing + form.syntax.separator), to: end)
    }

    /// nil where there is none.
    private mutating func text(
        _ alternative: Alternative, _ form: ElementForm, from: State
    ) throws(GrammarError) -> State? {
        var alternative = alternative
        let isBounded = alternative.maxLength != nil && alternative.values == nil
        guard isBounded, try texts(of: alternative) == nil else {
            alternative.texts.append(form.texts)
            let strings = try strings(of: alternative)
            return strings.isEmpty ? nil : try builder.automaton(strings, from: from, isInString: false)
        }
        // An automaton would have to know both how many characters there were and how many of them may begin the closing.
        guard alternative.kinds.contains(.string), alternative.minLength <= alternative.maxLength ?? .max else {
            return nil
        }
        let character = try builder.rule("character", min: alternative.minLength, max: alternative.maxLength)
        let after = try builder.state()
        let set = ScalarSet(form.syntax.escaped.value).complement
        try builder.scalar(builder.start(of: character), in: set, to: after)
        builder.accept(after)
        return try builder.call(from, character)
    }
}
