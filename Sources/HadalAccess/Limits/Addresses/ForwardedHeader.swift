/// How `X-Forwarded-For` and `Forwarded` are written.
///
/// Both are read from the right, a byte at a time, and no further than they are believed: what stands on the left is a
/// stranger's. It could have a quote that does not end, or a character that makes one letter of itself and the comma
/// behind it, and must not change how the rest is read.
enum ForwardedHeader {
    /// Takes the last element of a list (RFC 9110, 5.6.1) off its text; commas within quotes do not divide.
    /// - Returns: nil where nothing is left; elements without anything in them are left out.
    static func takeLast(_ line: inout Substring) -> Substring? {
        while !line.isEmpty {
            var isQuoted = false
            let comma = line.utf8.lastIndex { byte in
                if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
                return byte == UInt8(ascii: ",") && !isQuoted
            }
            let element: Substring
            if let comma {
                element = line[line.utf8.index(after: comma)...]
                line = line[..<comma]
            } else {
                element = line
                line = ""
            }
            let text = trimmed(element)
            if !text.utf8.isEmpty { return text }
        }
        return nil
    }

    /// What an element of `Forwarded` says behind `for=` (RFC 7239, 4). Names are the same in upper and lower case;
    /// values may be quoted.
    /// - Returns: nil where it says nothing, says it twice or cannot be read.
    static func hop(_ element: Substring) -> Substring? {
        var hop: Substring?
        for pair in element.utf8.split(separator: UInt8(ascii: ";")).map({ trimmed(Substring($0)) }) {
            guard let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            guard pair[..<equals].lowercased() == "for" else { continue }
            guard hop == nil else { return nil }
            hop = unquoted(pair[pair.utf8.index(after: equals)...])
        }
        return hop
    }

    /// An address with or without a port: `192.0.2.7`, `192.0.2.7:80`, `2001:db8::7`, `[2001:db8::7]:80` (RFC 7239, 6).
    static func address(_ text: Substring) -> IPAddress? {
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            let inside = text[bytes.index(after: bytes.startIndex)..<end]
            guard isPort(text[bytes.index(after: end)...]), inside.utf8.contains(UInt8(ascii: ":")) else { return nil }
            return IPAddress(String(inside))
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.lastIndex(of: UInt8(ascii: ":")) == colon
        else {
            return IPAddress(String(text))
        }
        return isPort(text[colon...]) ? IPAddress(String(text[..<colon])) : nil
    }

    /// Nothing, or a colon and a number, or a made-up one (`:_hidden`).
    private static func isPort(_ text: Substring) -> Bool {
        guard let first = text.utf8.first else { return true }
        let port = Substring(text.utf8.dropFirst())
        return first == UInt8(ascii: ":") && (UInt16(port) != nil || port.utf8.first == UInt8(ascii: "_"))
    }

    /// - Returns: nil where quotes stand at one end only. No address has anything that would have to be escaped.
    private static func unquoted(_ text: Substring) -> Substring? {
        let quote = UInt8(ascii: "\"")
        guard text.utf8.contains(quote) else { return text }
        guard text.utf8.count >= 2, text.utf8.first == quote, text.utf8.last == quote else { return nil }
        return Substring(text.utf8.dropFirst().dropLast())
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = text.utf8.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return Substring(bytes)
    }
}
