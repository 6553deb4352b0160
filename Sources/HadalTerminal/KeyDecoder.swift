/// A key press, or a pasted text.
public enum Key: Sendable, Hashable {
    case text(String)
    case paste(String)
    case enter, newline, tab, backspace, delete
    case left, right, up, down, home, end, wordLeft, wordRight
    case deleteWord, deleteToEnd, deleteToStart, clearScreen
    case interrupt, endOfInput
}

/// Turns a terminal's bytes into keys; keeps the beginning of a key until the rest comes.
public struct KeyDecoder: Sendable {
    private var bytes: [UInt8] = []
    private var pasted: [UInt8]?

    private static let pasteEnd = Array("\u{1B}[201~".utf8)
    private static let sequences: [(String, Key?)] = [
        ("[A", .up), ("[B", .down), ("[C", .right), ("[D", .left), ("[H", .home), ("[F", .end), ("OH", .home),
        ("OF", .end),
        ("OA", .up), ("OB", .down), ("OC", .right), ("OD", .left),
        ("[1~", .home), ("[4~", .end), ("[7~", .home), ("[8~", .end), ("[3~", .delete), ("[1;5C", .wordRight),
        ("[1;5D", .wordLeft), ("[1;3C", .wordRight), ("[1;3D", .wordLeft), ("b", .wordLeft), ("f", .wordRight),
        ("\r", .newline), ("\n", .newline), ("\u{7F}", .deleteWord),
    ]

    public init() {}

    public mutating func feed(_ new: some Sequence<UInt8>) -> [Key] {
        bytes += new
        var keys: [Key] = []
        while let key = next() { keys.append(contentsOf: key) }
        return keys
    }

    /// Nil when more bytes are needed.
    private mutating func next() -> [Key]? {
        if pasted != nil { return paste() }
        guard let first = bytes.first else { return nil }
        if first == 0x1B { return escape() }
        if first < 0x20 || first == 0x7F {
            bytes.removeFirst()
            return control(first).map { [$0] } ?? []
        }
        let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
        guard bytes.count >= length else { return nil }
        defer { bytes.removeFirst(length) }
        return [.text(String(decoding: bytes[..<length], as: UTF8.self))]
    }

    private func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x0D: .enter
        case 0x0A: .newline
        case 0x09: .tab
        case 0x7F, 0x08: .backspace
        case 0x01: .home
        case 0x05: .end
        case 0x02: .left
        case 0x06: .right
        case 0x10: .up
        case 0x0E: .down
        case 0x0B: .deleteToEnd
        case 0x15: .deleteToStart
        case 0x17: .deleteWord
        case 0x0C: .clearScreen
        case 0x03: .interrupt
        case 0x04: .endOfInput
        default: nil
        }
    }

    private mutating func escape() -> [Key]? {
        let rest = bytes.dropFirst()
        guard !rest.isEmpty else { return nil }
        if rest.starts(with: "[200~".utf8) {
            bytes.removeFirst(6)
            pasted = []
            return []
        }
        for (sequence, key) in KeyDecoder.sequences where rest.starts(with: sequence.utf8) {
            bytes.removeFirst(1 + sequence.utf8.count)
            return key.map { [$0] } ?? []
        }
        // An unknown sequence is skipped up to its final byte; an unfinished one waits.
        guard rest.first == UInt8(ascii: "[") || rest.first == UInt8(ascii: "O") else {
            bytes.removeFirst(2)
            return []
        }
        guard let final = rest.dropFirst().firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            if rest.count > 16 { bytes.removeAll() }
            return nil
        }
        bytes.removeSubrange(...final)
        return []
    }

    private mutating func paste() -> [Key]? {
        let end = KeyDecoder.pasteEnd
        guard bytes.count >= end.count,
            let place = (0...bytes.count - end.count).first(where: { bytes[$0..<$0 + end.count].elementsEqual(end) })
        else { return nil }
        let text = String(decoding: bytes[..<place], as: UTF8.self)
        bytes.removeFirst(place + end.count)
        pasted = nil
        return [.paste(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))]
    }
}
