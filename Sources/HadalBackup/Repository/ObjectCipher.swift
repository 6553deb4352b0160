import Crypto
import Foundation

/// Encrypts objects: `HBK1`, a salt (16 bytes), then AES-256-GCM under a key derived from the repository's and the salt, so that
/// there may be any number of objects. The object's name is authenticated: none can be put in another's place.
struct ObjectCipher: Sendable {
    private static let magic = Array("HBK1".utf8)
    private static let saltSize = 16
    static let overhead = magic.count + saltSize + 12 + 16

    let key: RepositoryKey

    func seal(_ plain: Data, as name: String) -> Data {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        // Fails only for texts of more than 64 GiB.
        let box = try! AES.GCM.seal(
            plain, using: key.derive("object", salt: salt), authenticating: Data(name.utf8))
        return Data(Self.magic + salt) + box.combined!
    }

    /// - Returns: nil where it is not what was sealed under this name with this key.
    func open(_ sealed: Data, as name: String) -> Data? {
        let header = sealed.prefix(Self.magic.count + Self.saltSize)
        guard sealed.count >= Self.overhead, header.starts(with: Self.magic),
            let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst(header.count))
        else { return nil }
        let salt = Array(header.dropFirst(Self.magic.count))
        return try? AES.GCM.open(box, using: key.derive("object", salt: salt), authenticating: Data(name.utf8))
    }
}
