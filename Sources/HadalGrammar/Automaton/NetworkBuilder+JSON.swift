import HadalJSON
import HadalText

/// JSON's own syntax. Between the signs of a value there may be one space and nothing else: models write `", "` or `","`,
/// and cannot lose themselves in blanks. Numbers have bounds for the same reason.
extension NetworkBuilder {
    /// Digits before the point.
    static let integerDigitsMax = 20
    /// Digits after the point.
    static let fractionDigitsMax = 30
    static let exponentDigitsMax = 3

    // MARK: pieces

    /// Nothing or a space.
    mutating func space(_ from: State) throws(GrammarError) -> State {
        let after = try state()
        jump(from, to: after)
        edge(from, 0x20, 0x20, to: after)
        return after
    }

    mutating func comma(_ from: State) throws(GrammarError) -> State { try space(text(from, ",")) }

    mutating func colon(_ from: State) throws(GrammarError) -> State { try space(text(from, ":")) }

    /// One of several texts.
    mutating func oneOf(_ from: State, _ texts: [String]) throws(GrammarError) -> State {
        let end = try state()
        try words(texts.map { Array($0.utf8) }, from: from, to: end)
        return end
    }

    // MARK: strings

    private static let unescaped = ScalarSet([0x20...0x21, 0x23...0x5B, 0x5D...ScalarSet.last])

    /// Characters that stand for themselves in a string.
    private var unescaped: ScalarSet {
        escaped.map { NetworkBuilder.unescaped.subtracting(ScalarSet($0.value)) } ?? NetworkBuilder.unescaped
    }

    /// One character of a string, in any way that JSON writes it.
    mutating func stringCharacter(_ from: State, to target: State) throws(GrammarError) {
        try scalar(from, in: unescaped, to: target)
        let escape = try text(from, "\\")
        for byte in "\"\\/bfnrt".utf8 { edge(escape, byte, byte, to: target) }
        let unit = try text(escape, "u")
        // A unit that is no surrogate…
        let low = try hexadecimal(count: 2, to: target)
        let plain = try hexadecimal(count: 3, to: target)
        digits(unit, "0-9a-cA-CefEF", to: plain)
        let surrogate = try state()
        digits(unit, "dD", to: surrogate)
        digits(surrogate, "0-7", to: low)
        // …or a pair of them.
        let second = try hexadecimal(count: 2, to: target)
        let between = try state()
        digits(surrogate, "89abAB", to: try hexadecimal(count: 2, to: between))
        let secondUnit = try text(between, "\\u")
        let half = try state()
        digits(secondUnit, "dD", to: half)
        digits(half, "c-fC-F", to: second)
    }

    /// The state before so many hexadecimal digits.
    private mutating func hexadecimal(count: Int, to target: State) throws(GrammarError) -> State {
        guard count > 0 else { return target }
        let here = try state()
        digits(here, "0-9a-fA-F", to: try hexadecimal(count: count - 1, to: target))
        return here
    }

    /// - Parameter characters: single ones and ranges, `0-9ad`.
    private mutating func digits(_ from: State, _ characters: StaticString, to target: State) {
        let bytes = characters.withUTF8Buffer { Array($0) }
        var index = 0
        while index < bytes.count {
            if index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: "-") {
                edge(from, bytes[index], bytes[index + 2], to: target)
                index += 3
            } else {
                edge(from, bytes[index], bytes[index], to: target)
                index += 1
            }
        }
    }

    /// One scalar of the set inside a string, as itself where JSON has it so, else in its shortest escape: each text has
    /// one spelling.
    mutating func stringScalar(_ from: State, in set: ScalarSet, to target: State) throws(GrammarError) {
        let raw = set.intersection(unescaped)
        if !raw.isEmpty { try scalar(from, in: raw, to: target) }
        let rest = set.subtracting(unescaped)
        guard !rest.isEmpty else { return }
        let key = Escape(target: target, set: rest)
        if escapes[key] == nil {
            let start = try state()
            escapes[key] = start
            // What follows the backslash.
            let endings = rest.ranges.joined().map { value in
                Array(spelling(of: .string(String(Unicode.Scalar(value)!))).utf8.dropFirst(2).dropLast())
            }
            try words(endings, from: start, to: target)
        }
        edge(from, UInt8(ascii: "\\"), UInt8(ascii: "\\"), to: escapes[key]!)
    }

    /// A string of so many characters, quotes included.
    mutating func string(_ from: State, min: Int = 0, max: Int? = nil) throws(GrammarError) -> State {
        try call(from, stringRule(min: min, max: max))
    }

    private mutating func stringRule(min: Int, max: Int?) throws(GrammarError) -> RuleID {
        let name = "string of \(min) to \(max.map(String.init) ?? "any number of") characters"
        if let known = shared[name] { return known }
        let rule = try self.rule(name)
        shared[name] = rule
        let inside = try text(start(of: rule), "\"")
        let after: State
        if min == 0, max == nil {
            try stringCharacter(inside, to: inside)
            after = inside
        } else {
            let character = try self.rule("character", min: min, max: max)
            let end = try state()
            try stringCharacter(start(of: character), to: end)
            accept(end)
            after = try call(inside, character)
        }
        accept(try text(after, "\""))
        return rule
    }

    /// A string that is in the automaton's set.
    mutating func string(_ from: State, in automaton: ScalarAutomaton) throws(GrammarError) -> State {
        try text(self.automaton(automaton, from: text(from, "\""), isInString: true), "\"")
    }

    // MARK: numbers

    /// An integer without exponent; −0 is none.
    mutating func integer(_ from: State) throws(GrammarError) -> State {
        let end = try state()
        edge(from, UInt8(ascii: "0"), UInt8(ascii: "0"), to: end)
        let negative = try text(from, "-")
        try positiveInteger(from, to: end)
        try positiveInteger(negative, to: end)
        return end
    }

    private mutating func positiveInteger(_ from: State, to end: State) throws(GrammarError) {
        var current = try state()
        edge(from, UInt8(ascii: "1"), UInt8(ascii: "9"), to: current)
        jump(current, to: end)
        for _ in 1..<NetworkBuilder.integerDigitsMax {
            let next = try state()
            edge(current, UInt8(ascii: "0"), UInt8(ascii: "9"), to: next)
            jump(next, to: end)
            current = next
        }
    }

    mutating func number(_ from: State) throws(GrammarError) -> State {
        var current = try integer(from)
        // −0 and −0.5.
        edge(try text(from, "-"), UInt8(ascii: "0"), UInt8(ascii: "0"), to: current)
        let whole = current
        current = try digits(try text(whole, "."), max: NetworkBuilder.fractionDigitsMax)
        jump(whole, to: current)
        let exponent = try oneOf(current, ["e", "E", "e+", "E+", "e-", "E-"])
        let end = try digits(exponent, max: NetworkBuilder.exponentDigitsMax)
        jump(current, to: end)
        return end
    }

    private mutating func digits(_ from: State, max: Int) throws(GrammarError) -> State {
        let end = try state()
        var current = from
        for _ in 0..<max {
            let next = try state()
            edge(current, UInt8(ascii: "0"), UInt8(ascii: "9"), to: next)
            jump(next, to: end)
            current = next
        }
        return end
    }

    // MARK: values

    /// Any JSON value.
    mutating func anyValue() throws(GrammarError) -> RuleID {
        if let known = shared["value"] { return known }
        let rule = try self.rule("value")
        shared["value"] = rule
        let from = start(of: rule)
        for end in [
            try call(from, anyObject()), try call(from, anyArray()), try string(from), try number(from),
            try oneOf(from, ["true", "false", "null"]),
        ] { accept(end) }
        return rule
    }

    mutating func anyObject() throws(GrammarError) -> RuleID {
        if let known = shared["object"] { return known }
        let rule = try self.rule("object")
        shared["object"] = rule
        let open = try space(text(start(of: rule), "{"))
        let member = try state()
        jump(open, to: member)
        let written = try call(colon(string(member)), anyValue())
        jump(try comma(written), to: member)
        let close = try text(space(written), "}")
        edge(open, UInt8(ascii: "}"), UInt8(ascii: "}"), to: close)
        accept(close)
        return rule
    }

    private mutating func anyArray() throws(GrammarError) -> RuleID {
        let rule = try self.rule("array")
        let open = try space(text(start(of: rule), "["))
        let element = try state()
        jump(open, to: element)
        let written = try call(element, anyValue())
        jump(try comma(written), to: element)
        let close = try text(space(written), "]")
        edge(open, UInt8(ascii: "]"), UInt8(ascii: "]"), to: close)
        accept(close)
        return rule
    }

    /// A certain value; its members in their order.
    mutating func literal(_ from: State, _ value: JSON) throws(GrammarError) -> State {
        switch value {
        case .array(let elements):
            var current = try space(text(from, "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { current = try comma(current) }
                current = try literal(current, element)
            }
            return try text(elements.isEmpty ? current : space(current), "]")
        case .object(let object):
            var current = try space(text(from, "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { current = try comma(current) }
                current = try literal(colon(text(current, spelling(of: .string(member.key)))), member.value)
            }
            return try text(object.isEmpty ? current : space(current), "}")
        default: return try text(from, spelling(of: value))
        }
    }

    /// As a value is written that is neither array nor object: 1.0 is the integer 1.
    func spelling(of value: JSON) -> String {
        switch value {
        case .double(let number): return Int64(exactly: number).map { "\($0)" } ?? value.text
        case .string:
            guard let escaped else { return value.text }
            let digits = String(escaped.value, radix: 16)
            let escape = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            return value.text.unicodeScalars.map { $0 == escaped ? escape : String($0) }.joined()
        default: return value.text
        }
    }
}
