extension JSON {
    /// Compact text (`{"a":1,"b":[true]}`), members in order, non-ASCII characters as they are.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text in UTF-8.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .int(let value): output += String(value).utf8
        // JSON has no words for these; null is what browsers and Python clients expect instead.
        case .double(let value): output += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): JSON.quote(value, to: &output)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                value.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.all.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSON.quote(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// A string literal with its quotes.
    public static func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        quote(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private static func quote(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            // Runs without anything to escape are copied whole.
            var start = 0
            for (index, byte) in bytes.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                output += bytes[start..<index]
                start = index + 1
                escape(byte, to: &output)
            }
            output += bytes[start...]
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): output.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): output.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): output.append(UInt8(ascii: "t"))
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case ..<0x20: output += ("u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
        default: output.append(byte)
        }
    }
}
