import Crypto

/// A name for a block's content that holds across processes: SHA-256 over everything its keys and values depend on, which
/// are the model and its arithmetic, the tenant's salt, and all tokens up to the block's last.
package struct PrefixDigest: Hashable, Sendable {
    package static let byteCount = 32

    private let words: SIMD4<UInt64>

    private init(_ digest: SHA256.Digest) {
        words = digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// - Parameter bytes: `byteCount` of them, as `bytes` gave them.
    package init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount)
        words = bytes.loadUnaligned(as: SIMD4<UInt64>.self)
    }

    /// What every text of a salt begins with.
    /// - Parameter identity: of the model and its arithmetic, of a fixed length.
    package init(identity: [UInt8], salt: String) {
        var hash = SHA256()
        hash.update(data: identity)
        hash.update(data: Array(salt.utf8))
        self.init(hash.finalize())
    }

    /// The digest of the block that follows with these tokens.
    package func followed(by tokens: PrefixTree.Tokens) -> PrefixDigest {
        var hash = SHA256()
        withUnsafeBytes(of: words) { hash.update(bufferPointer: $0) }
        withUnsafeBytes(of: tokens) { hash.update(bufferPointer: $0) }
        return PrefixDigest(hash.finalize())
    }

    package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }
}
