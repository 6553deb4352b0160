import HadalText

extension ScalarSet {
    package static let digits = ScalarSet([0x30...0x39])
    package static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// ECMAScript's white space and line terminators.
    package static let space = ScalarSet(
        [
            0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
            0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
        ])
    package static let lineEnds = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])

    /// With the other case of ASCII letters.
    package var ignoringCase: ScalarSet {
        var result = ranges
        for range in intersection(ScalarSet([0x41...0x5A])).ranges {
            result.append(range.lowerBound + 0x20...range.upperBound + 0x20)
        }
        for range in intersection(ScalarSet([0x61...0x7A])).ranges {
            result.append(range.lowerBound - 0x20...range.upperBound - 0x20)
        }
        return ScalarSet(result)
    }
}

/// Code points as ranges of bytes, after table 3-7 of the Unicode standard (well-formed UTF-8). Surrogates have none.
enum UTF8Ranges {
    /// Each element is one sequence of byte ranges; together they are the set.
    static func sequences(of set: ScalarSet) -> [[ClosedRange<UInt8>]] {
        var result: [[ClosedRange<UInt8>]] = []
        let lengths: [ClosedRange<UInt32>] = [
            0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...ScalarSet.last,
        ]
        for range in set.ranges {
            for length in lengths where range.overlaps(length) { append(range.clamped(to: length), to: &result) }
        }
        return result
    }

    /// Splits a range of code points of one length so that each part is a product of byte ranges.
    private static func append(_ range: ClosedRange<UInt32>, to result: inout [[ClosedRange<UInt8>]]) {
        let count = bytes(of: range.lowerBound).count
        for position in stride(from: 1, to: count, by: 1) {
            // The low 6 × position bits: full on both sides, or split there.
            let mask = (UInt32(1) << (6 * UInt32(position))) - 1
            guard range.lowerBound & ~mask != range.upperBound & ~mask else { continue }
            if range.lowerBound & mask != 0 {
                append(range.lowerBound...(range.lowerBound | mask), to: &result)
                append((range.lowerBound | mask) + 1...range.upperBound, to: &result)
                return
            }
            if range.upperBound & mask != mask {
                append(range.lowerBound...(range.upperBound & ~mask) - 1, to: &result)
                append((range.upperBound & ~mask)...range.upperBound, to: &result)
                return
            }
        }
        result.append(zip(bytes(of: range.lowerBound), bytes(of: range.upperBound)).map { $0...$1 })
    }

    private static func bytes(of scalar: UInt32) -> [UInt8] {
        switch scalar {
        case 0..<0x80: [UInt8(scalar)]
        case 0..<0x800: [0xC0 | UInt8(scalar >> 6), tail(scalar, 0)]
        case 0..<0x10000: [0xE0 | UInt8(scalar >> 12), tail(scalar, 6), tail(scalar, 0)]
        default: [0xF0 | UInt8(scalar >> 18), tail(scalar, 12), tail(scalar, 6), tail(scalar, 0)]
        }
    }

    private static func tail(_ scalar: UInt32, _ shift: UInt32) -> UInt8 { 0x80 | UInt8((scalar >> shift) & 0x3F) }
}
