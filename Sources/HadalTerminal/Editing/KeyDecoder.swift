/// Turns the bytes of a terminal in raw mode into keys (xterm's sequences, which all common terminals send; UTF-8).
///
/// Bytes may arrive cut anywhere. A lone ESC may be the Escape key or the beginning of a sequence: only time tells, so
/// the reader calls `flush` when nothing follows for a moment.
public struct KeyDecoder: Sendable {
    private enum State: Sendable {
        case ground
        case utf8(bytes: [UInt8], expected: Int)
        case escape
        /// After `ESC [`: parameter bytes so far.
        case csi([UInt8])
        /// After `ESC O`.
        case ss3
        case paste([UInt8])
    }

    /// Pasted text is handed on in pieces of this size, so that memory stays bounded.
    package static let pastePieceBytes = 1 << 20
    private static let csiBytesMax = 64
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    private var state = State.ground

    public init() {}

    /// Whether bytes are held back that `flush` would turn into keys.
    public var isWaiting: Bool {
        switch state {
        case .ground, .paste: false
        case .utf8, .escape, .csi, .ss3: true
        }
    }

    public mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes { take(byte, into: &keys) }
        return keys
    }

    /// Ends a sequence that stays unfinished: a lone ESC becomes the Escape key, broken ones go.
    public mutating func flush() -> [Key] {
        switch state {
        case .ground, .paste: return []
        case .escape:
            state = .ground
            return [.escape]
        case .utf8:
            state = .ground
            return [.text("\u{FFFD}")]
        case .csi, .ss3:
            state = .ground
            return []
        }
    }

    private mutating func take(_ byte: UInt8, into keys: inout [Key]) {
        switch state {
        case .ground: ground(byte, into: &keys)
        case .utf8(var bytes, let expected):
            guard byte & 0xC0 == 0x80 else {
                state = .ground
                Self.append("\u{FFFD}", to: &keys)
                return take(byte, into: &keys)
            }
            bytes.append(byte)
            if bytes.count < expected {
                state = .utf8(bytes: bytes, expected: expected)
            } else {
                state = .ground
                Self.append(String(decoding: bytes, as: UTF8.self), to: &keys)
            }
        case .escape:
            state = .ground
            escaped(byte, into: &keys)
        case .ss3:
            state = .ground
            if let key = Self.key(final: byte, parameters: []) { keys.append(key) }
        case .csi(var bytes):
            if (0x40...0x7E).contains(byte) {
                state = .ground
                control(bytes, final: byte, into: &keys)
            } else if byte < 0x20 || byte >= 0x7F {
                // No sequence contains these: the rest of a broken one.
                state = .ground
                take(byte, into: &keys)
            } else {
                // What is too long to mean anything is read to its end and dropped.
                if bytes.count < Self.csiBytesMax { bytes.append(byte) }
                state = .csi(bytes)
            }
        case .paste(var bytes):
            // Released first, so that appending does not copy.
            state = .ground
            bytes.append(byte)
            if byte == UInt8(ascii: "~"), bytes.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) {
                bytes.removeLast(Self.pasteEnd.count)
                keys.append(.paste(String(decoding: bytes, as: UTF8.self)))
            } else if bytes.count >= Self.pastePieceBytes, byte & 0xC0 != 0x80, byte != 0x1B {
                // Cut before a byte that begins a character, and not inside what may be the end mark.
                if let escape = bytes.suffix(Self.pasteEnd.count).lastIndex(of: 0x1B) {
                    keys.append(.paste(String(decoding: bytes[..<escape], as: UTF8.self)))
                    state = .paste(Array(bytes[escape...]))
                } else {
                    keys.append(.paste(String(decoding: bytes.dropLast(), as: UTF8.self)))
                    state = .paste([byte])
                }
            } else {
                state = .paste(bytes)
            }
        }
    }

    private mutating func ground(_ byte: UInt8, into keys: inout [Key]) {
        switch byte {
        case 0x1B: state = .escape
        // Terminals send CR for Enter; LF comes from scripts and from lines typed before raw mode began.
        case 0x0D, 0x0A: keys.append(.enter)
        case 0x09: keys.append(.tab)
        case 0x08, 0x7F: keys.append(.backspace)
        case 0x01...0x1A:
            keys.append(.control(Character(Unicode.Scalar(byte + 0x60))))
        case 0x00, 0x1C...0x1F: break
        case 0x20..<0x80: Self.append(String(Unicode.Scalar(byte)), to: &keys)
        case 0xC2...0xDF: state = .utf8(bytes: [byte], expected: 2)
        case 0xE0...0xEF: state = .utf8(bytes: [byte], expected: 3)
        case 0xF0...0xF4: state = .utf8(bytes: [byte], expected: 4)
        default: Self.append("\u{FFFD}", to: &keys)
        }
    }

    /// The byte after ESC: a sequence's introducer, or a key pressed with Alt.
    private mutating func escaped(_ byte: UInt8, into keys: inout [Key]) {
        switch byte {
        case UInt8(ascii: "["): state = .csi([])
        case UInt8(ascii: "O"): state = .ss3
        case 0x1B:
            keys.append(.escape)
            state = .escape
        case 0x0D, 0x0A: keys.append(.newline)
        case 0x08, 0x7F: keys.append(.deleteWordLeft)
        case UInt8(ascii: "b"), UInt8(ascii: "B"): keys.append(.wordLeft)
        case UInt8(ascii: "f"), UInt8(ascii: "F"): keys.append(.wordRight)
        case UInt8(ascii: "d"), UInt8(ascii: "D"): keys.append(.deleteWordRight)
        // Other keys with Alt mean nothing here.
        case 0x20..<0x7F: break
        default:
            keys.append(.escape)
            take(byte, into: &keys)
        }
    }

    private mutating func control(_ bytes: [UInt8], final: UInt8, into keys: inout [Key]) {
        // Limited digits: a number in a sequence is small, and must not overflow.
        let parameters = bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map {
            Int(String(decoding: $0.prefix(6), as: UTF8.self)) ?? 0
        }
        if final == UInt8(ascii: "~"), parameters.first == 200 {
            state = .paste([])
        } else if let key = Self.key(final: final, parameters: parameters) {
            keys.append(key)
        }
    }

    private static func key(final: UInt8, parameters: [Int]) -> Key? {
        // xterm: the second parameter is 1 + shift 1 + alt 2 + control 4.
        let modifiers = parameters.count > 1 ? max(0, parameters[1] - 1) : 0
        let byWord = modifiers & 0b110 != 0
        switch Character(Unicode.Scalar(final)) {
        case "A": return .up
        case "B": return .down
        case "C": return byWord ? .wordRight : .right
        case "D": return byWord ? .wordLeft : .left
        case "H": return .home
        case "F": return .end
        case "M": return .enter
        case "~":
            switch parameters.first {
            case 1, 7: return .home
            case 4, 8: return .end
            case 3: return byWord ? .deleteWordRight : .delete
            // xterm's modifyOtherKeys: 27 ; modifiers ; code.
            case 27: return parameters.count > 2 ? modified(parameters[2], modifiers: modifiers) : nil
            default: return nil
            }
        // Keyboard protocol "CSI u": code ; modifiers.
        case "u": return parameters.first.flatMap { modified($0, modifiers: modifiers) }
        default: return nil
        }
    }

    private static func modified(_ code: Int, modifiers: Int) -> Key? {
        switch code {
        case 13: return modifiers == 0 ? .enter : .newline
        case 9: return .tab
        case 27: return .escape
        case 127: return modifiers & 0b110 != 0 ? .deleteWordLeft : .backspace
        case 0x61...0x7A where modifiers & 0b100 != 0: return .control(Character(Unicode.Scalar(UInt8(code))))
        default: return nil
        }
    }

    /// Joins text that came at once, so that a long line without bracketed paste is one edit.
    private static func append(_ text: String, to keys: inout [Key]) {
        if case .text(let before)? = keys.last {
            keys.removeLast()
            keys.append(.text(before + text))
        } else {
            keys.append(.text(text))
        }
    }
}
