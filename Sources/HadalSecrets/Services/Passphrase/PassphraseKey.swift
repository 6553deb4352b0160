import Crypto
import CryptoExtras
import Foundation

/// What scrypt (RFC 7914) costs whoever tries passphrases. It takes 128 · n · r bytes of memory.
public struct ScryptCost: Sendable, Hashable {
    public var n: Int
    public var r: Int
    public var p: Int

    public init(n: Int, r: Int, p: Int) {
        self.n = n
        self.r = r
        self.p = p
    }

    /// 128 MiB and about half a second: OWASP's recommendation.
    public static let standard = ScryptCost(n: 1 << 17, r: 8, p: 1)

    /// A file may not ask for more than 1 GiB: whoever changed it could else stop us with it.
    var isAcceptable: Bool {
        n > 1 && n <= 1 << 20 && n & (n - 1) == 0 && (1...32).contains(r) && (1...16).contains(p)
            && 128 * n * r <= 1 << 30
    }
}

/// What a passphrase gives: a key that encrypts master keys, and one that authenticates their file.
struct PassphraseKey: Sendable {
    let encryption: SymmetricKey
    let authentication: SymmetricKey

    init(_ passphrase: Secret, salt: [UInt8], cost: ScryptCost) throws(SecretsError) {
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: passphrase.bytes(), salt: salt, outputByteCount: 64, rounds: cost.n, blockSize: cost.r,
                parallelism: cost.p)
            encryption = SymmetricKey(data: key.bytes()[..<32])
            authentication = SymmetricKey(data: key.bytes()[32...])
        } catch {
            let memory = 128 * cost.n * cost.r >> 20
            throw .badSettings(problem: "scrypt failed; it needs \(memory) MiB of memory that nobody else uses")
        }
    }

    func seal(_ key: SymmetricKey, version: Int) throws(SecretsError) -> [UInt8] {
        try KeySealing.seal(key, with: encryption, context: Self.context(version))
    }

    func open(_ entry: MasterKeyFile.Entry, path: String) throws(SecretsError) -> SymmetricKey {
        guard let key = KeySealing.open(entry.sealed, with: encryption, context: Self.context(entry.version)) else {
            throw .damaged(path: path, part: "master key \(entry.version)", offset: 0)
        }
        return key
    }

    private static func context(_ version: Int) -> String { "hadal master key \(version)" }
}

/// AES-256-GCM around a 256-bit key, with a random nonce and the context as associated data.
enum KeySealing {
    /// Nonce, key, tag.
    static let size = 12 + 32 + 16

    static func seal(
        _ key: SymmetricKey, with wrapping: SymmetricKey, context: String
    ) throws(SecretsError) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(key.bytes(), using: wrapping, authenticating: Data(context.utf8))
            return Array(box.nonce) + box.ciphertext + box.tag
        } catch {
            throw .badSettings(problem: "AES-256-GCM failed: \(error)")
        }
    }

    /// Nil where the bytes were changed or sealed with another key or context.
    static func open(_ sealed: [UInt8], with wrapping: SymmetricKey, context: String) -> SymmetricKey? {
        guard sealed.count == size, let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: wrapping, authenticating: Data(context.utf8))
        else { return nil }
        return SymmetricKey(data: bytes)
    }
}
