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
    /// With what followed the same tokens earlier in the text (prompt lookup). A draft model, where there is one, guesses where
    /// these say nothing, instead of the prediction layer.
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
    public struct Count: Sendable, Hashable {
        /// Guessed, and computed by the model.
        public var drafted = 0
        /// Those that were right.
        public var accepted = 0

        static func += (sum: inout Count, other: Count) {
            sum.drafted += other.drafted
            sum.accepted += other.accepted
        }
    }

    /// By `DraftSource`.
    private var counts = DraftSource.allCases.map { _ in Count() }

    public init() {}

    public var predictor: Count { self[.predictor] }
    public var lookup: Count { self[.lookup] }
    public var grammar: Count { self[.grammar] }
    public var draftModel: Count { self[.draftModel] }
    public var total: Count { counts.reduce(into: Count()) { $0 += $1 } }

    package subscript(source: DraftSource) -> Count {
        get { counts[source.rawValue] }
        set { counts[source.rawValue] = newValue }
    }

    static func += (sum: inout SpeculationStatistics, other: SpeculationStatistics) {
        for source in DraftSource.allCases { sum[source] += other[source] }
    }
}

/// Where guesses come from.
package enum DraftSource: Int, Sendable, CaseIterable {
    case predictor, lookup
    /// What the answer is held to leaves no choice.
    case grammar
    /// A smaller model with the same vocabulary.
    case draftModel
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
