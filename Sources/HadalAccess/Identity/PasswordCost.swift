/// What scrypt (RFC 7914) is made to spend on a password. Memory is 128 × `rounds` × `blockSize` bytes; the time
/// grows with all three.
public struct PasswordCost: Sendable, Hashable {
    /// A power of two.
    public var rounds: Int
    public var blockSize: Int
    public var parallelism: Int

    /// One of the settings of OWASP's Password Storage Cheat Sheet that are of equal strength: 32 MiB, about 0.3 s.
    public static let standard = PasswordCost(rounds: 1 << 15, blockSize: 8, parallelism: 3)

    public init(rounds: Int, blockSize: Int, parallelism: Int) {
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// Bounds what a damaged or forged row could make us compute: 1 GiB.
    var isSensible: Bool {
        (2...1 << 20).contains(rounds) && rounds & (rounds - 1) == 0 && (1...32).contains(blockSize)
            && (1...16).contains(parallelism) && rounds * blockSize <= 1 << 23
    }

    /// Whether it is dearer in any respect.
    func exceeds(_ other: PasswordCost) -> Bool {
        rounds * blockSize > other.rounds * other.blockSize
            || rounds * blockSize * parallelism > other.rounds * other.blockSize * other.parallelism
    }
}
