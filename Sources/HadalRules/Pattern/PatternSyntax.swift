import HadalText

/// A regular expression, read.
indirect enum PatternSyntax: Sendable {
    case empty
    case set(ScalarSet)
    case sequence([PatternSyntax])
    case choice([PatternSyntax])
    /// - max: nil for no bound.
    case repeated(PatternSyntax, min: Int, max: Int?, isLazy: Bool)
    case assertion(PatternAssertion)

    /// A length without bound; no sum of real ones reaches it.
    static let unbounded = Int(Int32.max)

    /// Characters of the shortest text that matches.
    var minLength: Int {
        switch self {
        case .empty, .assertion: 0
        case .set: 1
        case .sequence(let parts): min(Self.unbounded, parts.reduce(0) { $0 + $1.minLength })
        case .choice(let parts): parts.map(\.minLength).min() ?? 0
        case .repeated(let part, let min, _, _): Swift.min(Self.unbounded, part.minLength * min)
        }
    }

    /// Characters of the longest one; `unbounded` where there is none.
    var maxLength: Int {
        switch self {
        case .empty, .assertion: return 0
        case .set: return 1
        case .sequence(let parts): return min(Self.unbounded, parts.reduce(0) { $0 + $1.maxLength })
        case .choice(let parts): return parts.map(\.maxLength).max() ?? 0
        case .repeated(let part, _, let max, _):
            let length = part.maxLength
            guard let max else { return length == 0 ? 0 : Self.unbounded }
            return min(Self.unbounded, length * max)
        }
    }

    /// What reads a match from its end to its beginning.
    var reversed: PatternSyntax {
        switch self {
        case .empty, .set: self
        case .assertion(let assertion): .assertion(assertion.reversed)
        case .sequence(let parts): .sequence(parts.reversed().map(\.reversed))
        case .choice(let parts): .choice(parts.map(\.reversed))
        case .repeated(let part, let min, let max, let isLazy):
            .repeated(part.reversed, min: min, max: max, isLazy: isLazy)
        }
    }
}

/// What must stand on both sides of a place.
enum PatternAssertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

    /// What says the same of a text that is read backwards.
    var reversed: PatternAssertion {
        switch self {
        case .textStart: .textEnd
        case .textEnd: .textStart
        case .lineStart: .lineEnd
        case .lineEnd: .lineStart
        case .wordBoundary, .noWordBoundary: self
        }
    }

    func holds(before: Neighbour, after: Neighbour) -> Bool {
        switch self {
        case .textStart: before == .edge
        case .textEnd: after == .edge
        case .lineStart: before == .edge || before == .newline
        case .lineEnd: after == .edge || after == .newline
        case .wordBoundary: (before == .word) != (after == .word)
        case .noWordBoundary: (before == .word) == (after == .word)
        }
    }
}

/// What stands beside a place, as far as assertions ask.
enum Neighbour: Int, Sendable, CaseIterable {
    /// The text begins or ends there.
    case edge, newline, word, other
}
