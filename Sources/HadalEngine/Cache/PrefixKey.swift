import Crypto

/// What the blocks of a prefix cache are sealed and named with on disk, so that who has the disk neither reads in them
/// nor finds out by guessing what somebody has asked.
public struct PrefixKey: Sendable, Hashable {
    /// Of blocks.
    let names: SymmetricKey
    /// Of files and of records' heads.
    let heads: SymmetricKey
    let records: SymmetricKey

    /// - Parameter key: 256 bits that are used for nothing else.
    public init(_ key: SymmetricKey) {
        precondition(key.bitCount >= 256)
        names = Self.derived(from: key, for: "names")
        heads = Self.derived(from: key, for: "heads")
        records = Self.derived(from: key, for: "records")
    }

    private static func derived(from key: SymmetricKey, for use: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("hadal prefix cache \(use)".utf8), outputByteCount: 32)
    }

    /// Equal ones stay equal, and nothing of the key gets out.
    public func hash(into hasher: inout Hasher) {}
}

extension PrefixKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "‹hidden›" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
