import Crypto
import Foundation
import HadalStore

/// Who signed a bundle: `hadal-ed25519 BASE64`, a line that can be printed, read and typed.
public struct PublicKey: Sendable, Hashable {
    static let word = "hadal-ed25519"

    /// 32 bytes
    private let raw: Data

    init(_ key: Curve25519.Signing.PublicKey) { raw = key.rawRepresentation }

    /// - Parameter text: the line; words after it are a comment.
    /// - Returns: nil where it is none.
    public init?(_ text: String) {
        let words = text.split { $0 == " " || $0 == "\t" }
        guard words.count >= 2, words[0] == Self.word, let raw = Data(base64Encoded: String(words[1])),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
        else { return nil }
        self.init(key)
    }

    public var text: String { "\(Self.word) \(raw.base64EncodedString())" }

    /// Half of the SHA-256 of the key, for people to compare: `3f2a 91bc …`
    public var fingerprint: String {
        let digits = Array(BlobDigest.text(SHA256.hash(data: raw)).prefix(32))
        return stride(from: 0, to: 32, by: 4).map { String(digits[$0..<$0 + 4]) }.joined(separator: " ")
    }

    func isSignature(_ signature: Data, of bytes: some DataProtocol) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else { return false }
        return key.isValidSignature(signature, for: bytes)
    }
}
