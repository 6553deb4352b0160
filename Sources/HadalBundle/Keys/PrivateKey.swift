import Crypto
import Foundation
import HadalStore

/// What signs bundles: a file of one line, `hadal-ed25519-private BASE64`, for its owner alone.
public struct PrivateKey: Sendable {
    static let word = "hadal-ed25519-private"

    private let key: Curve25519.Signing.PrivateKey

    public var publicKey: PublicKey { PublicKey(key.publicKey) }

    /// A new one, in a new file (0600); its public key is written beside it (`.pub`).
    /// - Throws: `BundleError.badKey` rather than to replace a key.
    public static func make(at path: String) throws -> PrivateKey {
        let made = PrivateKey(key: Curve25519.Signing.PrivateKey())
        let line = "\(word) \(made.key.rawRepresentation.base64EncodedString())\n"
        try write(line, to: path, mode: 0o600)
        do { try write(made.publicKey.text + "\n", to: path + ".pub", mode: 0o644) } catch {
            unlink(path)
            throw error
        }
        return made
    }

    public init(file path: String) throws {
        let words = try KeyFile.lines(path).first.map { $0.split(separator: " ") } ?? []
        guard words.count == 2, words[0] == Self.word, let raw = Data(base64Encoded: String(words[1])),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw)
        else {
            throw BundleError.badKey(path: path, problem: "not a private key; hadal bundle keygen --to FILE makes one")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw BundleError.badKey(path: path, problem: "others may read this private key; chmod 600 it")
        }
        self.key = key
    }

    private init(key: Curve25519.Signing.PrivateKey) { self.key = key }

    func signature(of bytes: [UInt8]) throws -> Data { try key.signature(for: bytes) }

    private static func write(_ text: String, to path: String, mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw BundleError.badKey(path: path, problem: "is there already; give the key another name (--to)")
            }
            throw StoreError.system(path: path, operation: "make", code: errno)
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
        } catch {
            unlink(path)
            throw error
        }
    }
}
