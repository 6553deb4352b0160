/// A uniform sample of all values that came, in bounded memory: Algorithm R (J. S. Vitter, Random sampling with a
/// reservoir, 1985). The same values with the same seed give the same sample, also across a restart.
public struct Reservoir: Sendable, Hashable, Codable {
    public static let size = 1000

    /// How many came.
    public private(set) var count = 0
    /// At most `size`.
    public private(set) var values: [Double] = []
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func add(_ value: Double) {
        count += 1
        if values.count < Reservoir.size {
            values.append(value)
            return
        }
        let place = next() % UInt64(count)
        if place < UInt64(Reservoir.size) { values[Int(place)] = value }
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
