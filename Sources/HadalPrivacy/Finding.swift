/// How sure it is that a finding is what it looks like.
public enum Confidence: String, Sendable, Hashable, Comparable, CaseIterable {
    /// The form of an identifier that fails its check (a mistyped one looks like that), or one that needs a word beside
    /// it and has none.
    case doubtful
    /// A form that hardly anything else has.
    case form
    /// A word beside it says what it is.
    case context
    /// Check digits or a structure of its own prove it.
    case checked

    var rank: Int {
        switch self {
        case .doubtful: 0
        case .form: 1
        case .context: 2
        case .checked: 3
        }
    }

    public static func < (left: Confidence, right: Confidence) -> Bool { left.rank < right.rank }
}

/// A place in a text that holds personal data.
public struct Finding: Sendable, Hashable {
    public var kind: PersonalDataKind
    /// UTF-8 offsets in the text as it was given.
    public var range: Range<Int>
    public var confidence: Confidence

    public init(kind: PersonalDataKind, range: Range<Int>, confidence: Confidence) {
        self.kind = kind
        self.range = range
        self.confidence = confidence
    }

    var specificity: Int { confidence.rank << 4 + kind.specificity }
}
