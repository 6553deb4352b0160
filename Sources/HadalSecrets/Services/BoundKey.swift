import Crypto
import Foundation

/// A data key with the hash of its context, for services whose encryption takes no associated data: RSA-OAEP in a token
/// (SoftHSM takes no label), and Vault's transit, which could not rewrap what has some. 64 bytes: the key, then SHA-256
/// of the context. The service's encryption is authenticated, so the two cannot be parted.
enum BoundKey {
    static let size = 64
    static let keySize = 32

    static func pack(_ key: SymmetricKey, context: String) -> Secret {
        Secret(key.bytes() + SHA256.hash(data: Data(context.utf8)))
    }

    static func unpack(_ secret: Secret, context: String, service: String) throws(SecretsError) -> SymmetricKey {
        let bytes = secret.bytes()
        guard bytes.count == size, bytes[keySize...].elementsEqual(SHA256.hash(data: Data(context.utf8))) else {
            throw .keyDoesNotOpen(service: service, context: context, problem: "it was wrapped for something else")
        }
        return SymmetricKey(data: bytes[..<keySize])
    }
}
