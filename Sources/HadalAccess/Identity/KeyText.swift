/// The text of an API key: `hadal_`, 8 characters to recognise it by, `_`, 43 characters of secret.
struct KeyText {
    static let mark = "hadal_"
    static let prefixLength = 8
    static let length = mark.utf8.count + prefixLength + 1 + Secret.length

    let prefix: String
    let text: String

    /// A new one.
    init(prefix: String) {
        self.prefix = prefix
        text = "\(KeyText.mark)\(prefix)_\(Secret.make())"
    }

    /// - Returns: nil for what cannot be a key of ours, so that no more is done with it.
    init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == KeyText.length, text.hasPrefix(KeyText.mark) else { return nil }
        let prefix = bytes[KeyText.mark.utf8.count...].prefix(KeyText.prefixLength)
        guard prefix.allSatisfy({ KeyText.isSmallOrDigit($0) }),
            bytes[KeyText.length - Secret.length - 1] == UInt8(ascii: "_")
        else { return nil }
        self.prefix = String(decoding: prefix, as: UTF8.self)
        self.text = text
    }

    private static func isSmallOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
