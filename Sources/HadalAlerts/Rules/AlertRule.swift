import Foundation

/// What is looked at, and from when on people are told.
public struct AlertRule: Sendable, Hashable {
    /// Only where this has, for the same labels, at least so much does the rule mean anything.
    public struct Guard: Sendable, Hashable {
        public let query: Query
        public let least: Double

        public init(_ query: Query, least: Double) { (self.query, self.least) = (query, least) }
    }

    public static let durationMax: TimeInterval = 7 * 86_400

    /// As Prometheus wants names: letters, digits and `_`.
    public let name: String
    public let query: Query
    /// Has to be beyond the same threshold: the same over a shorter window, so that an alert ends soon after its cause.
    public let confirmation: Query?
    public let guards: [Guard]
    public let thresholds: AlertThresholds
    /// Seconds for which it has to last.
    public let holds: TimeInterval
    /// Seconds for which it has to be over.
    public let eases: TimeInterval
    /// How far it has to come back from a threshold, as a share of it, before that level is over.
    public let clearance: Double
    public let unit: AlertUnit
    public let summary: AlertTemplate
    /// What to do.
    public let advice: AlertTemplate
    public let action: HealingAction?

    public init(
        _ name: String, _ query: Query, _ thresholds: AlertThresholds, confirmation: Query? = nil, guards: [Guard] = [],
        holds: TimeInterval = 0, eases: TimeInterval = 60,
        clearance: Double = 0.05, unit: AlertUnit = .number, summary: AlertTemplate, advice: AlertTemplate,
        action: HealingAction? = nil
    ) {
        (self.name, self.query, self.thresholds) = (name, query, thresholds)
        (self.confirmation, self.guards, self.holds, self.eases) = (confirmation, guards, holds, eases)
        (self.clearance, self.unit, self.summary, self.advice) = (clearance, unit, summary, advice)
        self.action = action
    }

    /// All that it looks at.
    public var selectors: [Selector] {
        query.selectors + (confirmation?.selectors ?? []) + guards.flatMap(\.query.selectors)
    }

    /// The same with what an operator has set.
    func with(_ settings: AlertRuleSettings) -> AlertRule {
        let own = settings.thresholds.map { AlertThresholds(direction: thresholds.direction, values: $0) }
        return AlertRule(
            name, query, own ?? thresholds, confirmation: confirmation, guards: guards, holds: settings.holds ?? holds,
            eases: settings.eases ?? eases, clearance: clearance, unit: unit,
            summary: summary, advice: advice, action: settings.action ?? action)
    }

    /// - Throws: `AlertError.rule`.
    public func check() throws(AlertError) {
        func refuse(_ problem: String) -> AlertError { .rule(AlertError.line(name), problem: problem) }
        let isName =
            name.first?.isLetter == true && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName, name.count <= 100 else {
            throw refuse("a name is a letter, then letters, digits and _, at most 100")
        }
        let values = thresholds.ordered.map(\.value)
        guard !values.isEmpty, values.allSatisfy(\.isFinite) else {
            throw refuse("needs a threshold for one level at least")
        }
        guard zip(values, values.dropFirst()).allSatisfy({ thresholds.isPassed($0, by: $1) }) else {
            let order = thresholds.direction == .above ? "greater" : "less"
            throw refuse("the thresholds of higher levels must be \(order) than those of lower ones")
        }
        guard (0...Self.durationMax).contains(holds), (0...Self.durationMax).contains(eases) else {
            throw refuse("lasts between 0 seconds and 7 days before it is told, and as long until it is over")
        }
        let windows = ([query] + [confirmation].compactMap { $0 } + guards.map(\.query)).flatMap(\.windows)
        guard windows.allSatisfy({ $0 > 0 && $0 <= History.length }) else {
            throw refuse("windows are longer than 0 seconds and at most 6 hours: more is not kept")
        }
        guard (0..<1).contains(clearance) else {
            throw refuse("the clearance is a share of the threshold, from 0 to below 1")
        }
        try action?.check(for: self)
    }
}

extension Query {
    fileprivate var windows: [TimeInterval] {
        switch self {
        case .constant, .time, .gauge: []
        case .rate(_, let window), .increase(_, let window): [window]
        case .quantile(_, let inner), .sum(let inner, _), .max(let inner, _): inner.windows
        case .arithmetic(_, let left, let right): left.windows + right.windows
        }
    }
}
