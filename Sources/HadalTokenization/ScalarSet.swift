/// A set of scalars as a bracket expression names it: classes and ranges, perhaps negated.
struct ScalarSet: Sendable {
    private(set) var classes: ScalarClass = []
    private(set) var isNegated = false
    /// One bit a scalar, as far as the highest range reaches.
    private var bits: [UInt64] = []

    init(classes: ScalarClass = []) { self.classes = classes }

    @inline(__always)
    func contains(_ scalar: UInt32, _ scalarClass: ScalarClass) -> Bool {
        if !classes.isDisjoint(with: scalarClass) { return !isNegated }
        let word = Int(scalar >> 6)
        let inRange = word < bits.count && bits[word] >> UInt64(scalar & 63) & 1 == 1
        return inRange != isNegated
    }

    mutating func insert(_ range: ClosedRange<UInt32>) {
        let words = Int(range.upperBound >> 6) + 1
        if bits.count < words { bits += Array(repeating: 0, count: words - bits.count) }
        for scalar in range { bits[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63) }
    }

    /// Reads `[…]`, `\p{…}`, `\s` or a single (escaped) character at the front of `pattern` and takes it off; `nil`
    /// where it is none of these.
    static func parse(_ pattern: inout Substring.UnicodeScalarView) -> ScalarSet? {
        var set = ScalarSet()
        guard pattern.first == "[" else {
            switch element(&pattern) {
            case .classes(let classes): set.classes = classes
            case .scalar(let scalar): set.insert(scalar...scalar)
            case nil: return nil
            }
            return set
        }
        pattern.removeFirst()
        if pattern.first == "^" {
            set.isNegated = true
            pattern.removeFirst()
        }
        while let first = pattern.first {
            if first == "]" {
                pattern.removeFirst()
                return set
            }
            switch element(&pattern) {
            case .classes(let classes): set.classes.formUnion(classes)
            case .scalar(let low):
                var rest = pattern
                guard rest.popFirst() == "-", let end = rest.first, end != "]" else {
                    set.insert(low...low)
                    continue
                }
                guard case .scalar(let high) = element(&rest), high >= low else { return nil }
                set.insert(low...high)
                pattern = rest
            case nil: return nil
            }
        }
        return nil
    }

    private enum Element {
        case classes(ScalarClass)
        case scalar(UInt32)
    }

    private static func element(_ pattern: inout Substring.UnicodeScalarView) -> Element? {
        guard let first = pattern.popFirst() else { return nil }
        guard first == "\\" else {
            // Outside brackets these are operators, which this parser does not know; inside, classes of classes.
            return "[](){}|?*+.^$&".unicodeScalars.contains(first) && first != "$" && first != "&"
                ? nil : .scalar(first.value)
        }
        guard let escaped = pattern.popFirst() else { return nil }
        switch escaped {
        case "r": return .scalar(0x0D)
        case "n": return .scalar(0x0A)
        case "t": return .scalar(0x09)
        case "s": return .classes(.space)
        case "p":
            let names: [(String, ScalarClass)] = [
                ("{L}", .letter), ("{M}", .mark), ("{N}", .number), ("{P}", .punctuation), ("{S}", .symbol),
            ]
            for (name, scalarClass) in names where pattern.starts(with: name.unicodeScalars) {
                pattern.removeFirst(3)
                return .classes(scalarClass)
            }
            return nil
        default:
            let isLetterOrDigit =
                escaped.isASCII && (escaped.properties.isAlphabetic || (48...57).contains(escaped.value))
            return isLetterOrDigit ? nil : .scalar(escaped.value)
        }
    }
}
