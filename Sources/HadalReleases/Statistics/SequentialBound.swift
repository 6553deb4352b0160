import Foundation

/// An interval for a difference that holds at every look at once, so that whoever looks each day and stops when it
/// leaves out 0 is wrong no more often than `significance`. The mixture sequential probability ratio test: R. Johari,
/// L. Pekelis, D. J. Walsh, Always valid inference, 2015, equation for normal data, with variances estimated (valid for
/// large samples).
public struct SequentialBound: Sendable, Hashable {
    public var low: Double
    public var high: Double
    /// Holds at every look.
    public var p: Double

    /// - Parameters:
    ///   - difference: as it was measured.
    ///   - variance: of that measurement (σ₁²/n₁ + σ₂²/n₂); more than 0.
    ///   - scale: the size of differences that are looked for, fixed before; the bound is tightest about there.
    public init?(difference: Double, variance: Double, scale: Double, significance: Double = 0.05) {
        guard variance > 0, scale > 0 else { return nil }
        let mixing = scale * scale
        let ratio = (variance + mixing) / variance
        let half = (variance * (variance + mixing) / mixing * (2 * log(1 / significance) + log(ratio))).squareRoot()
        (low, high) = (difference - half, difference + half)
        let logLikelihood =
            difference * difference * mixing / (2 * variance * (variance + mixing)) - log(ratio) / 2
        p = min(1, exp(-logLikelihood))
    }
}
