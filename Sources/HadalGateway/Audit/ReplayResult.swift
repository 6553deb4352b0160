import HadalJSON

/// What a replay has shown.
public enum ReplayResult: Sendable, Hashable {
    /// Every token and every text is the same.
    /// - isPart: as far as the answer was recorded, which was ended before its end.
    case identical(tokens: Int, isPart: Bool)
    case differs(ReplayDifference)
    /// Only a hash was kept, and it is not this answer's.
    case otherHash

    public var isIdentical: Bool {
        if case .identical = self { true } else { false }
    }

    public var json: JSON {
        switch self {
        case .identical(let tokens, let isPart):
            ["result": "identical", "tokens": .int(Int64(tokens)), "part": .bool(isPart)]
        case .differs(let difference): ["result": "differs", "difference": difference.json]
        case .otherHash: ["result": "differs"]
        }
    }
}

extension ReplayResult: CustomStringConvertible {
    public var description: String {
        switch self {
        case .identical(let tokens, let isPart):
            "identical: \(tokens) tokens" + (isPart ? ", as far as the answer was given" : "")
        case .differs(let difference): difference.description
        case .otherHash:
            "differs: the answer is another, or was changed on its way to the client; only its hash was kept"
        }
    }
}

/// Where a new answer is another than the recorded one first.
public struct ReplayDifference: Sendable, Hashable {
    /// Counted from 1; nil: all tokens are the same.
    public var token: Int?
    /// `reasoning`, `content`, `call 1`, `finish`, or `tokens` where no text differs.
    public var part: String
    /// What stands around the place.
    public var recorded: String
    public var now: String

    var json: JSON {
        .compact([
            ("token", token.map { .int(Int64($0)) }), ("part", .string(part)), ("recorded", .string(recorded)),
            ("now", .string(now)),
        ])
    }
}

extension ReplayDifference: CustomStringConvertible {
    public var description: String {
        """
        differs\(token.map { " from token \($0) on" } ?? ", though all tokens are the same"), in \(part)
        recorded: \(recorded)
        now:      \(now)
        """
    }
}
