/// Random numbers as a function of seed and position, so that a draw depends on nothing that happened before it: not on
/// the batch, not on a restart.
///
/// The mixing function is SplitMix64's finaliser (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
/// 2014), applied to the position and then, with the seed, to the result.
package enum Randomness {
    /// In 0..<1, with 53 random bits.
    package static func uniform(seed: UInt64, position: Int) -> Double {
        let bits = mixed(seed &+ mixed(UInt64(bitPattern: Int64(position)) &+ 0x9E37_79B9_7F4A_7C15))
        return Double(bits >> 11) * 0x1p-53
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
