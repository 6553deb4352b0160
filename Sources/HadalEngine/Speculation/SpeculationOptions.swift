/// Whether tokens are guessed ahead. Guesses change how fast an answer comes, never the answer: each is compared with the
/// token that is drawn without it.
public struct SpeculationOptions: Sendable, Hashable {
    public static let draftsLimit = 16

    /// Tokens guessed ahead of one text; 0: none.
    public var draftsMax = 4
    /// With the checkpoint's layer for multi-token prediction, where it has one.
    public var usesPredictor = true
    /// The prediction layer costs about as much as one of the model's own, at every token; in a model of fewer layers than
    /// this it takes more than its guesses bring.
    public var predictorLayersMin = 16
    /// With what followed the same tokens earlier in the text (prompt lookup).
    public var usesLookup = true

    public init() {}

    public static let off = {
        var options = SpeculationOptions()
        options.draftsMax = 0
        return options
    }()

    /// The fewest layers of a model whose prediction layer is loaded; nil: none is.
    var predictsFromLayers: Int? { draftsMax > 0 && usesPredictor ? predictorLayersMin : nil }
}

/// What came of the guesses since the start.
public struct SpeculationStatistics: Sendable, Hashable {
    /// Guessed and computed, by source.
    public var predicted = 0
    public var lookedUp = 0
    public var forced = 0
    /// Those that were right.
    public var predictedAccepted = 0
    public var lookedUpAccepted = 0
    public var forcedAccepted = 0

    public init() {}

    static func += (sum: inout SpeculationStatistics, other: SpeculationStatistics) {
        sum.predicted += other.predicted
        sum.lookedUp += other.lookedUp
        sum.forced += other.forced
        sum.predictedAccepted += other.predictedAccepted
        sum.lookedUpAccepted += other.lookedUpAccepted
        sum.forcedAccepted += other.forcedAccepted
    }

    mutating func count(_ source: DraftSource, drafted: Int, accepted: Int) {
        switch source {
        case .predictor:
            predicted += drafted
            predictedAccepted += accepted
        case .lookup:
            lookedUp += drafted
            lookedUpAccepted += accepted
        case .grammar:
            forced += drafted
            forcedAccepted += accepted
        }
    }
}

/// Where guesses come from.
package enum DraftSource: Int, Sendable {
    case predictor, lookup
    /// What the answer is held to leaves no choice.
    case grammar
}

/// Guesses of the tokens that follow a text.
package struct Draft: Sendable {
    package var source: DraftSource
    package var tokens: [Int32]

    package init(source: DraftSource, tokens: [Int32]) {
        self.source = source
        self.tokens = tokens
    }
}
