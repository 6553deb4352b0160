import Foundation

/// Unicode's normal forms, in time linear in the text.
///
/// Foundation's take quadratic time on long texts with marks, so the text goes to it in short parts. A part begins at a
/// character that composes with nothing before it; what no form changes (most text) does not go there at all.
enum NormalForm: Sendable, Hashable {
    case nfc, nfd, nfkc, nfkd

    /// Scalars handed over at once.
    private static let partCount = 128

    func apply(to text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        if self == .nfc, text.unicodeScalars.allSatisfy({ isInert($0.value) }) { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var part: [UInt8] = []
        var count = 0
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        while index < scalars.endIndex {
            var end = scalars.index(after: index)
            var length = 1
            while end < scalars.endIndex, NormalForm.follows(scalars[end].value) {
                end = scalars.index(after: end)
                length += 1
            }
            if NormalForm.isVariationSelector(scalars[index].value) {
                // Marks after it are a part of their own: Foundation composes them with it by mistake.
                end = scalars.index(after: index)
                length = 1
            }
            if length == 1, isInert(scalars[index].value) {
                if count > 0 { result += normalized(&part).utf8 }
                count = 0
                result.append(scalars[index])
            } else {
                if length > NormalForm.partCount {
                    for scalar in NormalForm.ordered(scalars[index..<end]) { part.append(scalar) }
                } else {
                    for scalar in scalars[index..<end] { NormalForm.append(scalar, to: &part) }
                }
                count += length
                if count >= NormalForm.partCount {
                    result += normalized(&part).utf8
                    count = 0
                }
            }
            index = end
        }
        if count > 0 { result += normalized(&part).utf8 }
        return String(decoding: result, as: UTF8.self)
    }

    private func normalized(_ part: inout [UInt8]) -> String {
        defer { part.removeAll(keepingCapacity: true) }
        let text = String(decoding: part, as: UTF8.self)
        return switch self {
        case .nfc: text.precomposedStringWithCanonicalMapping
        case .nfd: text.decomposedStringWithCanonicalMapping
        case .nfkc: text.precomposedStringWithCompatibilityMapping
        case .nfkd: text.decomposedStringWithCompatibilityMapping
        }
    }

    /// Whether a scalar may change or compose with what stands before it: marks and the vowels and finals of Hangul.
    private static func follows(_ value: UInt32) -> Bool {
        value >= 0x300 && !isVariationSelector(value)
            && ((0x1160...0x11FF).contains(value) || ScalarClasses.table[value].contains(.mark))
    }

    private static func isVariationSelector(_ value: UInt32) -> Bool { (0xE0100...0xE01EF).contains(value) }

    /// The four scalars that decompose into marks although they seem to be starters go decomposed, or Foundation would
    /// not put these marks in order.
    private static func append(_ scalar: Unicode.Scalar, to part: inout [UInt8]) {
        switch scalar.value {
        case 0x344: part += "\u{308}\u{301}".utf8
        case 0xF73: part += "\u{F71}\u{F72}".utf8
        case 0xF75: part += "\u{F71}\u{F74}".utf8
        case 0xF81: part += "\u{F71}\u{F80}".utf8
        default: part.append(scalar)
        }
    }

    /// Whether this form leaves the scalar as it is when no mark follows. On the safe side: `false` only costs time.
    private func isInert(_ value: UInt32) -> Bool {
        if value < 0x80 || (0x4E00..<0xA000).contains(value) || NormalForm.isVariationSelector(value) { return true }
        guard self == .nfc, value >= 0x80 else { return false }
        if value < 0x300 { return true }
        if NormalForm.follows(value) { return false }
        // Blocks with characters whose canonical decomposition NFC does not compose again, and conjoining Jamo.
        switch value {
        case 0x340...0x387, 0x958...0xFFF, 0x1100...0x11FF, 0x1F00...0x2001, 0x2126...0x212B, 0x2329...0x232A, 0x2ADC,
            0xF900...0xFAFF, 0xFB1D...0xFB4F, 0x11000...0x11FFF, 0x16100...0x161FF, 0x1D15E...0x1D1C0,
            0x2F800...0x2FA1F:
            return false
        default: return true
        }
    }

    /// A character with very many marks, decomposed and in canonical order: what is in order already, Foundation handles
    /// in linear time.
    private static func ordered(_ scalars: Substring.UnicodeScalarView) -> [Unicode.Scalar] {
        var decomposed: [Unicode.Scalar] = []
        for scalar in scalars {
            decomposed += String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
        }
        let classes = decomposed.map { $0.properties.canonicalCombiningClass.rawValue }
        var order: [Int] = []
        var start = 0
        while start < decomposed.count {
            var end = start + 1
            while end < decomposed.count, classes[end] != 0 { end += 1 }
            let first = classes[start] == 0 ? start + 1 : start
            if first > start { order.append(start) }
            order += (first..<end).sorted { (classes[$0], $0) < (classes[$1], $1) }
            start = end
        }
        return order.map { decomposed[$0] }
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of a scalar. Building a `String` scalar by scalar copies it whole at times.
    @inline(__always)
    mutating func append(_ scalar: Unicode.Scalar) {
        if scalar.isASCII { append(UInt8(scalar.value)) } else { self += UTF8.encode(scalar)! }
    }
}
