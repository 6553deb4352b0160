/// The hash that features become buckets by; `Firewall/features.py` has the same one.
enum FeatureHash {
    /// The upper bits of a hash that are the bucket.
    static let bits: UInt32 = 18

    static let characterPrime: UInt32 = 0x0100_0193
    static let wordPrime: UInt32 = 0x85EB_CA6B

    /// What the hash of an n-gram begins with (`length` 0), and what sets those of different lengths apart.
    @inline(__always)
    static func seed(_ kind: UInt32, _ length: UInt32) -> UInt32 {
        0x9E37_79B9 &* (16 &* kind &+ length) &+ 0x811C_9DC5
    }

    @inline(__always)
    static func mix(_ hash: UInt32, _ value: UInt32, _ prime: UInt32) -> UInt32 {
        let mixed = (hash ^ value) &* prime
        return mixed ^ (mixed >> 15)
    }

    /// The last step of MurmurHash3 (Appleby).
    @inline(__always)
    static func finish(_ value: UInt32) -> UInt32 {
        var hash = (value ^ (value >> 16)) &* 0x85EB_CA6B
        hash = (hash ^ (hash >> 13)) &* 0xC2B2_AE35
        return (hash ^ (hash >> 16)) >> (32 - bits)
    }
}
