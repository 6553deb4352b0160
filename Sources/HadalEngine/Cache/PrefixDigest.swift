import Crypto

/// A name for a block's content that holds across processes.
package struct PrefixDigest: Hashable, Sendable {
    package static let byteCount = 32

    private let words: SIMD4<UInt64>

    /// - Parameter bytes: `byteCount` of them, as `bytes` gave them.
    package init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount)
        words = bytes.loadUnaligned(as: SIMD4<UInt64>.self)
    }

    package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }
}

/// Names blocks: SHA-256 over everything their keys and values depend on, which are the model and its arithmetic, the
/// tenant's salt, and all tokens up to the block's last; with a key HMAC-SHA256.
package struct PrefixNaming: Sendable {
    private let identity: [UInt8]
    private let key: PrefixKey?

    /// - Parameters:
    ///   - identity: of the model and its arithmetic, of a fixed length.
    ///   - key: nil: whoever knows a text can tell its names.
    package init(identity: [UInt8], key: PrefixKey? = nil) {
        self.identity = identity
        self.key = key
    }

    /// What every text of a salt begins with.
    package func start(salt: String) -> PrefixDigest { name(identity, Array(salt.utf8)) }

    /// The name of the block that follows with these tokens.
    package func name(after digest: PrefixDigest, _ tokens: PrefixTree.Tokens) -> PrefixDigest {
        name(digest.bytes, withUnsafeBytes(of: tokens) { Array($0) })
    }

    private func name(_ first: [UInt8], _ second: [UInt8]) -> PrefixDigest {
        guard let key else {
            var hash = SHA256()
            hash.update(data: first)
            hash.update(data: second)
            return hash.finalize().withUnsafeBytes { PrefixDigest($0) }
        }
        var code = HMAC<SHA256>(key: key.names)
        code.update(data: first)
        code.update(data: second)
        return code.finalize().withUnsafeBytes { PrefixDigest($0) }
    }
}
