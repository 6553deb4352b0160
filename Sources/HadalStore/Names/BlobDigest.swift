import Crypto
import Foundation

/// The SHA-256 of a file's bytes, which is its name in the store.
public struct BlobDigest: Sendable, Hashable, CustomStringConvertible {
    /// 64 hexadecimal digits, small letters.
    public let hex: String

    /// nil: no SHA-256.
    public init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.hex = hex
    }

    public init(_ digest: SHA256.Digest) { hex = Self.text(digest) }

    /// That of a text.
    public init(of text: String) { self.init(SHA256.hash(data: Data(text.utf8))) }

    public var description: String { "sha256-\(hex)" }

    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
