import Crypto
import Foundation

/// Something that became of an alert: what channels are told, and what is listed.
public struct AlertEvent: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable {
        case firing
        case escalated
        case eased
        case recovered
        /// It still fires.
        case reminder
        /// It still fires, and something is done about it again.
        case acting
        /// What was due is done, failed, or taken back (`outcome`).
        case acted
    }

    public let kind: Kind
    public let time: Date
    /// The same for all events of a rule with the same labels.
    public let id: String
    public let rule: String
    public let labels: Labels
    /// nil where it recovered.
    public let level: AlertLevel?
    public let previousLevel: AlertLevel?
    public let value: Double
    /// The value, for people.
    public let valueText: String
    /// When it began.
    public let since: Date
    public let summary: String
    public let advice: String
    /// What is to be done now.
    public let action: HealingAction.Kind?
    /// By whose id nobody is told.
    public let silence: String?
    /// What came of the action; nil: it is not known yet.
    public internal(set) var outcome: HealingOutcome?

    /// The higher of both levels: who wants to know of a level also wants to know when it is over.
    public var worstLevel: AlertLevel { [level, previousLevel].compactMap { $0 }.max() ?? .warning }

    static func id(_ rule: String, _ labels: Labels) -> String {
        SHA256.hash(data: Data("\(rule)\(labels)".utf8)).prefix(8).map { String(format: "%02x", $0) }.joined()
    }
}
