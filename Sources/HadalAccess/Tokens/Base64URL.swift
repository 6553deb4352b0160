import Foundation

/// Base64 without padding in the alphabet of URLs (RFC 4648 section 5), as RFC 7515 wants it.
enum Base64URL {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let encoded = Data(bytes).base64EncodedData().prefix { $0 != UInt8(ascii: "=") }
        return String(decoding: encoded.map { translated($0, from: plainMarks, to: marks) }, as: UTF8.self)
    }

    /// - Returns: nil unless `text` is what `encode` writes. Other texts of the same bytes (padding, spaces, set bits after the
    ///   last byte) would let one token go by several names.
    static func decode(_ text: some StringProtocol) -> Data? {
        var plain = text.utf8.map { translated($0, from: marks, to: plainMarks) }
        plain += repeatElement(UInt8(ascii: "="), count: (4 - plain.count % 4) % 4)
        guard let data = Data(base64Encoded: Data(plain)), encode(data).utf8.elementsEqual(text.utf8) else {
            return nil
        }
        return data
    }

    private typealias Marks = (UInt8, UInt8)
    private static let marks: Marks = (UInt8(ascii: "-"), UInt8(ascii: "_"))
    private static let plainMarks: Marks = (UInt8(ascii: "+"), UInt8(ascii: "/"))

    private static func translated(_ byte: UInt8, from: Marks, to: Marks) -> UInt8 {
        byte == from.0 ? to.0 : byte == from.1 ? to.1 : byte
    }
}
