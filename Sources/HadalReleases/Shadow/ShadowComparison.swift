/// What a mirrored request showed of both versions. No text of it.
public struct ShadowComparison: Sendable, Hashable {
    public var alias: String
    public var candidate: Int
    /// The shadow gave no answer; its other values count for nothing.
    public var candidateFailed: Bool
    public var isIdentical: Bool
    /// 0 to 1, by the measure of whoever compares (`TextSimilarity`).
    public var similarity: Double
    /// Tokens.
    public var baselineLength: Int
    public var candidateLength: Int
    /// Seconds until the answer was complete.
    public var baselineSeconds: Double
    public var candidateSeconds: Double

    public init(
        alias: String, candidate: Int, candidateFailed: Bool = false, isIdentical: Bool = false,
        similarity: Double = 0, baselineLength: Int = 0, candidateLength: Int = 0, baselineSeconds: Double = 0,
        candidateSeconds: Double = 0
    ) {
        self.alias = alias
        self.candidate = candidate
        self.candidateFailed = candidateFailed
        self.isIdentical = isIdentical
        self.similarity = similarity
        self.baselineLength = baselineLength
        self.candidateLength = candidateLength
        self.baselineSeconds = baselineSeconds
        self.candidateSeconds = candidateSeconds
    }

    var isSound: Bool {
        (0...1).contains(similarity) && baselineLength >= 0 && candidateLength >= 0
            && [baselineSeconds, candidateSeconds].allSatisfy { $0.isFinite && $0 >= 0 }
    }
}
