extension PatternParser {
    mutating func quantified(_ part: PatternSyntax) throws(PatternError) -> PatternSyntax {
        var part = part
        while let (min, max) = try quantifier() {
            if case .assertion = part { throw failure("an anchor cannot be repeated", "remove the quantifier") }
            let isLazy = take("?")
            guard current != "+" || isLazy else {
                throw failure("possessive quantifiers are not supported", "remove the second '+'")
            }
            part = .repeated(part, min: min, max: max, isLazy: isLazy)
        }
        return part
    }

    private mutating func quantifier() throws(PatternError) -> (min: Int, max: Int?)? {
        switch current {
        case "*":
            position += 1
            return (0, nil)
        case "+":
            position += 1
            return (1, nil)
        case "?":
            position += 1
            return (0, 1)
        case "{":
            let start = position
            position += 1
            guard let counts = try counts() else {
                position = start
                throw failure("a '{' that is no quantifier", "write {2}, {2,} or {2,5}, or '\\{' for the character")
            }
            return counts
        default: return nil
        }
    }

    private mutating func counts() throws(PatternError) -> (min: Int, max: Int?)? {
        let min = try number()
        if let min, take("}") { return (min, min) }
        guard take(",") else { return nil }
        if let min, take("}") { return (min, nil) }
        guard let max = try number(), take("}") else { return nil }
        guard min ?? 0 <= max else {
            throw failure("a quantifier whose bounds are in the wrong order", "write the smaller one first")
        }
        return (min ?? 0, max)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var value: Int?
        while let digit = current, ("0"..."9").contains(digit) {
            let next = (value ?? 0) * 10 + Int(digit.value - 48)
            guard next <= Self.repetitionLimit else {
                throw failure("more than \(Self.repetitionLimit) repetitions", "write a smaller number, or '*'")
            }
            value = next
            position += 1
        }
        return value
    }
}
