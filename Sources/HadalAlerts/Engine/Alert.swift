import Foundation

/// A rule that is reached for some labels, or about to be.
public struct Alert: Sendable, Hashable, Codable {
    public let rule: String
    public let labels: Labels
    /// The last one that there was.
    public internal(set) var value: Double
    var watches: [AlertLevel: LevelWatch] = [:]
    /// The level that people know of.
    var told: AlertLevel?
    var toldAt: Date?

    init(rule: String, labels: Labels, value: Double) {
        (self.rule, self.labels, self.value) = (rule, labels, value)
    }

    /// The highest that fires; nil: pending.
    public var level: AlertLevel? { watches.filter { $1.isFiring }.keys.max() }
    /// The highest that is passed and not yet for long enough.
    public var pendingLevel: AlertLevel? { watches.filter { !$1.isFiring && !$1.isIdle }.keys.max() }
    /// When it began.
    public var since: Date? {
        (watches.values.filter(\.isFiring).compactMap(\.since).min()) ?? watches.values.compactMap(\.since).min()
    }

    var isIdle: Bool { watches.values.allSatisfy(\.isIdle) }

    /// Nobody looked for a while.
    mutating func resume() { watches = watches.mapValues { $0.resumed } }

    mutating func look(_ reading: AlertRule.Reading?, _ rule: AlertRule, now: Date) {
        if let reading { value = reading.value }
        for (level, threshold) in rule.thresholds.values {
            let margin = abs(threshold) * rule.clearance * (rule.thresholds.direction == .above ? -1 : 1)
            watches[level, default: LevelWatch()].look(
                isBeyond: reading?.passes(threshold, rule.thresholds) ?? false,
                isNear: reading?.passes(threshold + margin, rule.thresholds) ?? false, holds: rule.holds,
                eases: rule.eases, now: now)
        }
        watches = watches.filter { rule.thresholds.values[$0.key] != nil }
    }
}

extension AlertRule {
    /// What a rule sees at a moment, for some labels.
    struct Reading: Hashable {
        let value: Double
        /// What has to pass the threshold: the value, and what confirms it.
        let all: [Double]

        func passes(_ threshold: Double, _ thresholds: AlertThresholds) -> Bool {
            all.allSatisfy { thresholds.isPassed(threshold, by: $0) }
        }
    }

    /// Only where there is a number, and all that has to be there is there.
    func readings(in history: History) -> [Labels: Reading] {
        var readings: [Labels: Reading] = [:]
        let confirming = confirmation.map { $0.value(in: history) }
        let guarding = guards.map { ($0.query.value(in: history), $0.least) }
        for (labels, value) in query.value(in: history) where !value.isNaN {
            guard guarding.allSatisfy({ values, least in values[labels].map { $0 >= least } ?? false }) else {
                continue
            }
            let all = [value] + (confirming.map { [$0[labels] ?? .nan] } ?? [])
            readings[labels] = Reading(value: value, all: all)
        }
        return readings
    }
}
