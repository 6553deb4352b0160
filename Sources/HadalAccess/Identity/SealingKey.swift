import Crypto
import Foundation
import HadalState

/// Seals the secrets of second factors, which must be stored so that they can be read again (ChaCha20-Poly1305, RFC
/// 8439), with the key in `DATA/access.key`. A copy of the database alone gives nobody a second factor.
struct SealingKey: Sendable {
    private let url: URL

    init(data: URL) { url = data.appendingPathComponent("access.key") }

    /// - Parameter isFirst: whether nothing was sealed so far. Only then is a key made where there is none.
    /// - Parameter owner: whose secret it is. Sealed, it cannot be passed off as another's.
    func seal(_ secret: Data, owner: String, isFirst: Bool) throws(AccessStoreError) -> Data {
        if isFirst, !FileManager.default.fileExists(atPath: url.path) {
            do {
                try PrivateFile.create(url, SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) })
            } catch {
                throw .state(error)
            }
        }
        do {
            return try ChaChaPoly.seal(secret, using: try key(), authenticating: Data(owner.utf8)).combined
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }

    func open(_ sealed: Data, owner: String) throws(AccessStoreError) -> Data {
        let key = try key()
        do {
            return try ChaChaPoly.open(
                try ChaChaPoly.SealedBox(combined: sealed), using: key, authenticating: Data(owner.utf8))
        } catch {
            throw .wrongKey(path: url.path)
        }
    }

    private func key() throws(AccessStoreError) -> SymmetricKey {
        guard let handle = try? FileHandle(forReadingFrom: url), let bytes = try? handle.read(upToCount: 33),
            bytes.count == 32
        else { throw .wrongKey(path: url.path) }
        return SymmetricKey(data: bytes)
    }
}
