import Foundation

/// A hash that is the same in every process, unlike Swift's. Not against people who choose their names to collide: it
/// only decides who gets which of several targets.
enum StableHash {
    /// FNV-1a over the parts and their ends, then the finalizer of SplitMix64, without which names that differ in
    /// their last letter would lie close together.
    static func hash(_ parts: [String]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            // No byte of UTF-8, so that ("ab", "c") and ("a", "bc") differ.
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }

    /// In 0..<1, neither of which it is.
    static func unit(_ parts: [String]) -> Double { (Double(hash(parts) >> 11) + 0.5) / 9_007_199_254_740_992 }
}

/// One of several targets that share requests.
public struct WeightedTarget: Sendable, Hashable {
    public var target: String
    /// Its share is this by the sum of all; 0 for no requests at all.
    public var weight: Int

    public init(_ target: String, weight: Int = 1) {
        self.target = target
        self.weight = weight
    }
}

extension [WeightedTarget] {
    /// The one that `key` gets, then those that it gets where that fails.
    ///
    /// Weighted rendezvous hashing: each target draws an exponential time from its name and the key, and the earliest
    /// is first. So a change of weights moves only the keys that it must, and a new target takes from all others
    /// alike.
    func ordered(for key: [String]) -> [String] {
        filter { $0.weight > 0 }
            .map { (time: -log(StableHash.unit(key + [$0.target])) / Double($0.weight), target: $0.target) }
            .sorted { ($0.time, $0.target) < ($1.time, $1.target) }
            .map(\.target)
    }
}
