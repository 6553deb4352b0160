/// Reads placeholders, also as models rewrite them: in small letters, with other brackets (【PHONE_1】), full-width, with
/// spaces or escapes (`[ phone 1 ]`, `[PHONE\_1]`).
struct PlaceholderReader {
    enum Reading: Equatable {
        /// No placeholder begins here.
        case none
        /// Too little text to tell.
        case incomplete
        case placeholder(Placeholder, end: Int)
    }

    /// Longer than any placeholder, in bytes; whatever takes more is none.
    static let lengthLimit = 96
    private static let digitLimit = 9

    private let labels: [(text: [UInt8], label: Placeholder.Label)]

    init(labels: some Sequence<Placeholder.Label>) { self.labels = labels.map { (Array($0.text.utf8), $0) } }

    /// The first place from `start` on where a placeholder may begin.
    static func nextStart(in bytes: [UInt8], from start: Int) -> Int? {
        bytes[start...].firstIndex { $0 == UInt8(ascii: "[") || $0 == 0xE3 || $0 == 0xEF }
    }

    /// - Parameter start: where a bracket is expected.
    func read(_ bytes: [UInt8], at start: Int) -> Reading {
        var place = start
        var name: [UInt8] = []
        var label: Placeholder.Label?
        var (digits, value) = (0, 0)
        var isNumberOver = false
        while place - start < Self.lengthLimit {
            guard let (byte, length) = Self.character(in: bytes, at: place) else { return .none }
            if length == 0 { return .incomplete }
            defer { place += length }
            if place == start {
                guard byte == UInt8(ascii: "[") else { return .none }
            } else if byte == UInt8(ascii: "\\") {
                continue
            } else if byte.isLetter, digits == 0 {
                name.append(byte.uppercase)
                guard mayBeLabel(name) else { return .none }
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") {
                if digits > 0 { isNumberOver = true }
                if digits == 0, !name.isEmpty, name.last != UInt8(ascii: "_") { name.append(UInt8(ascii: "_")) }
                guard mayBeLabel(name) else { return .none }
            } else if byte.isDigit, !isNumberOver, digits < Self.digitLimit {
                if digits == 0 { label = whole(name) }
                guard label != nil else { return .none }
                digits += 1
                value = value * 10 + Int(byte - 0x30)
            } else if byte == UInt8(ascii: "]"), digits > 0, let label {
                return .placeholder(Placeholder(label: label, number: value), end: place + length)
            } else {
                return .none
            }
        }
        return .none
    }

    /// Whether a label begins with `name`, which may end with a separator more.
    private func mayBeLabel(_ name: [UInt8]) -> Bool {
        let stem = name.last == UInt8(ascii: "_") ? name.dropLast() : name[...]
        return labels.contains { label in
            label.text.starts(with: name) || label.text.elementsEqual(stem)
        }
    }

    private func whole(_ name: [UInt8]) -> Placeholder.Label? {
        let stem = name.last == UInt8(ascii: "_") ? name.dropLast() : name[...]
        return labels.first { $0.text.elementsEqual(stem) }?.label
    }

    /// The character at `place` as ASCII, brackets of other scripts as `[` and `]`, and its bytes.
    /// - Returns: length 0 where the text ends within it, `nil` for any other character.
    private static func character(in bytes: [UInt8], at place: Int) -> (UInt8, length: Int)? {
        guard place < bytes.count else { return (0, 0) }
        let first = bytes[place]
        if first < 0x80 { return (first, 1) }
        guard first == 0xE3 || first == 0xEF else { return nil }
        guard place + 2 < bytes.count else { return (0, 0) }
        switch (first, bytes[place + 1], bytes[place + 2]) {
        case (0xE3, 0x80, 0x80): return (0x20, 3)
        case (0xE3, 0x80, 0x90), (0xE3, 0x80, 0x94): return (UInt8(ascii: "["), 3)  // 【 〔
        case (0xE3, 0x80, 0x91), (0xE3, 0x80, 0x95): return (UInt8(ascii: "]"), 3)
        case (0xEF, 0xBC, let low) where low & 0xC0 == 0x80: return (low - 0x80 + 0x20, 3)  // ！ to ＿
        case (0xEF, 0xBD, let low) where (0x80..<0x9F).contains(low): return (low - 0x80 + 0x60, 3)  // ｀ to ～
        default: return nil
        }
    }
}
