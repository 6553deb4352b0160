/// All comparisons of a shadow, in bounded memory.
public struct ShadowSummary: Sendable, Hashable, Codable {
    public private(set) var count = 0
    public private(set) var failed = 0
    public private(set) var identical = 0
    /// Of at least the plan's measure; the identical ones too.
    public private(set) var similar = 0
    /// Comparisons that made no sense and were left out.
    public private(set) var unsound = 0
    public private(set) var similarity = Moments()
    /// Tokens.
    public private(set) var baselineLength = Moments()
    public private(set) var candidateLength = Moments()
    /// Seconds.
    public private(set) var baselineSeconds: Reservoir
    public private(set) var candidateSeconds: Reservoir

    public init(seed: UInt64) {
        baselineSeconds = Reservoir(seed: seed)
        candidateSeconds = Reservoir(seed: seed &+ 1)
    }

    public mutating func add(_ comparison: ShadowComparison, similarFrom: Double) {
        guard comparison.isSound else {
            unsound += 1
            return
        }
        count += 1
        if comparison.candidateFailed {
            failed += 1
            return
        }
        if comparison.isIdentical { identical += 1 }
        if comparison.isIdentical || comparison.similarity >= similarFrom { similar += 1 }
        similarity.add(comparison.isIdentical ? 1 : comparison.similarity)
        baselineLength.add(Double(comparison.baselineLength))
        candidateLength.add(Double(comparison.candidateLength))
        baselineSeconds.add(comparison.baselineSeconds)
        candidateSeconds.add(comparison.candidateSeconds)
    }
}
