import Foundation

/// Alerts that people do not want to be told of for a while. They go on being watched and listed, and nothing is done
/// about them by itself: somebody is at it.
public struct Silence: Sendable, Hashable, Codable {
    public let id: String
    /// nil: of every rule.
    public let rule: String?
    /// Those that an alert must have.
    public let labels: Labels
    public let from: Date
    public let until: Date
    /// Who wants it.
    public let who: String
    public let why: String

    /// - Throws: `AlertError.silence`.
    public init(
        id: String = UUID().uuidString.lowercased(), rule: String?, labels: Labels = [:], from: Date, until: Date,
        who: String, why: String
    ) throws(AlertError) {
        guard until > from else { throw .silence(problem: "it ends before it begins") }
        guard !who.isEmpty, !why.isEmpty else { throw .silence(problem: "say who wants it, and why") }
        (self.id, self.rule, self.labels, self.from, self.until) = (id, rule, labels, from, until)
        (self.who, self.why) = (who, why)
    }

    func covers(_ alert: Alert, now: Date) -> Bool {
        now >= from && now < until && (rule ?? alert.rule) == alert.rule && alert.labels.includes(labels)
    }
}
