import Foundation
import HadalStore

/// Whose bundles are taken.
public struct TrustedKeys: Sendable, Hashable {
    public private(set) var keys: Set<PublicKey>
    /// `STORE/trusted-keys`: a public key on each line; a comment may follow it, or stand after `#`.
    public let file: String

    /// - Parameter more: public keys, or files of them.
    /// - Throws: `BundleError.badKey` where one is none.
    public init(of store: ModelStore, and more: [String] = []) throws {
        file = store.path("trusted-keys")
        keys = try AtomicFile.size(of: file) == nil ? [] : Set(try Self.keys(in: file))
        for text in more {
            let told = try PublicKey(text).map { [$0] } ?? Self.keys(in: text)
            guard !told.isEmpty else { throw BundleError.badKey(path: text, problem: "no public key is in it") }
            keys.formUnion(told)
        }
    }

    private static func keys(in path: String) throws -> [PublicKey] {
        try KeyFile.lines(path).map { line in
            guard let key = PublicKey(line) else {
                let isPrivate = line.hasPrefix(PrivateKey.word)
                throw BundleError.badKey(
                    path: path,
                    problem: isPrivate
                        ? "this is a private key, which stays with its owner; give \(path).pub"
                        : "a line that is no public key (\(PublicKey.word) BASE64)")
            }
            return key
        }
    }

    /// - Throws: `BundleError` where nobody, or somebody unknown, signed it.
    func admit(_ signer: PublicKey?, _ file: String, unsigned: Bool) throws(BundleError) {
        guard let signer else {
            if unsigned { return }
            throw .unsigned(file: file)
        }
        if !keys.contains(signer) { throw .unknownSigner(file: file, key: signer, trustedKeys: self.file) }
    }
}

enum KeyFile {
    private static let bytesMax = 1 << 20

    /// Without empty ones and comments.
    static func lines(_ path: String) throws -> [String] {
        guard let size = try AtomicFile.size(of: path), size <= bytesMax else {
            throw BundleError.badKey(path: path, problem: "neither a key nor a file with one")
        }
        let bytes = try InputFile(path).read(at: 0, count: Int(size))
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }
    }
}
