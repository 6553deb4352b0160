import Crypto

/// A signing key's name: the first 16 bytes of the SHA-256 of its public key, in hexadecimal.
public struct AuditKeyID: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    init(_ key: Curve25519.Signing.PublicKey) { text = SHA256.hash(data: key.rawRepresentation).prefix(16).hex }

    /// From 32 hexadecimal digits in lower case.
    public init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    public var description: String { text }
}
