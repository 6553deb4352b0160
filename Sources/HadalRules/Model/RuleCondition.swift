import Foundation

/// When a rule hits.
indirect enum RuleCondition: Sendable {
    case all([RuleCondition])
    case any([RuleCondition])
    case not(RuleCondition)
    case leaf(RuleLeaf)

    var leaves: [RuleLeaf] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.leaves)
        case .not(let part): part.leaves
        case .leaf(let leaf): [leaf]
        }
    }

    /// Leaves that make it true by being true.
    var positiveLeaves: [RuleLeaf] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.positiveLeaves)
        case .not: []
        case .leaf(let leaf): [leaf]
        }
    }

    /// The same, with what is cheap to look at first.
    var sorted: RuleCondition {
        switch self {
        case .all(let parts): .all(Self.sorted(parts))
        case .any(let parts): .any(Self.sorted(parts))
        case .not(let part): .not(part.sorted)
        case .leaf: self
        }
    }

    private static func sorted(_ parts: [RuleCondition]) -> [RuleCondition] {
        parts.map(\.sorted).enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .map(\.element)
    }

    private var cost: Int { leaves.map(\.kind.cost).max() ?? 0 }
}

/// A condition without others in it.
struct RuleLeaf: Sendable {
    /// Where it stands in its rule, `when.all[0]`.
    let path: String
    let kind: Kind
    /// The number of the text condition that it is.
    let textCondition: Int?

    /// - Parameter place: in its file, `rules[2].when.all[0]`.
    init(at place: String, _ kind: Kind) {
        path = String(place.drop { $0 != "." }.dropFirst())
        self.kind = kind
        if case .text(let number) = kind { textCondition = number } else { textCondition = nil }
    }

    enum Kind: Sendable {
        /// The number of a text condition of the set.
        case text(Int)
        /// Characters of all texts together.
        case length(min: Int?, max: Int?)
        case metadata(MetadataField, [NamePattern])
        case address([AddressRange])
        case time(TimeWindow)
        case score(name: String, NumberRange, ifMissing: Bool)
        case answer(AnswerCondition)

        var cost: Int {
            switch self {
            case .length, .metadata, .score: 0
            case .address, .time: 1
            case .text: 2
            case .answer: 3
            }
        }
    }
}

/// What a condition looks for in texts.
struct TextCondition: Sendable {
    enum Kind: Sendable {
        case keywords
        case pattern(Pattern)
    }

    let kind: Kind
    let atLeast: Int

    var pattern: Pattern? {
        if case .pattern(let pattern) = kind { pattern } else { nil }
    }
}

enum MetadataField: Sendable, Hashable {
    case tenant, user, role, model, endpoint
    /// In lower case.
    case header(String)

    var name: String {
        switch self {
        case .tenant: "tenant"
        case .user: "user"
        case .role: "role"
        case .model: "model"
        case .endpoint: "endpoint"
        case .header(let name): "headers.\(name)"
        }
    }
}

struct NumberRange: Sendable, Hashable {
    var atLeast: Double?
    var above: Double?
    var atMost: Double?
    var below: Double?

    func contains(_ number: Double) -> Bool {
        if let atLeast, number < atLeast { return false }
        if let above, number <= above { return false }
        if let atMost, number > atMost { return false }
        if let below, number >= below { return false }
        return !number.isNaN
    }
}

/// Days of the week and a span of the day, in a time zone.
struct TimeWindow: Sendable, Hashable {
    /// 0 for Monday; empty for all.
    var days: Set<Int>
    /// Minutes of the day; from after to, it goes over midnight and belongs to the day it began on. nil for all day.
    var minutes: (from: Int, to: Int)? { from.map { ($0, to) } }
    private var from: Int?
    private var to = 0
    var zone: TimeZone

    init(days: Set<Int>, minutes: (from: Int, to: Int)?, zone: TimeZone) {
        self.days = days
        from = minutes?.from
        to = minutes?.to ?? 0
        self.zone = zone
    }

    func contains(_ time: Date) -> Bool {
        let local = Int(time.timeIntervalSince1970.rounded(.down)) + zone.secondsFromGMT(for: time)
        let minute = (local % 86_400 + 86_400) % 86_400 / 60
        // The first of January 1970 was a Thursday.
        var day = ((local - minute * 60) / 86_400 + 3) % 7
        if local - minute * 60 < 0 { day = (day + 7) % 7 }
        if let (from, to) = minutes {
            if from < to {
                guard (from..<to).contains(minute) else { return false }
            } else if minute < to {
                day = (day + 6) % 7
            } else if minute < from {
                return false
            }
        }
        return days.isEmpty || days.contains(day)
    }
}
