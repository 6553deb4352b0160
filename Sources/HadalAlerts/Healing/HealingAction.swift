import Foundation

/// What is to be done about an alert by itself: when it is due. A `Healer` carries it out.
public struct HealingAction: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The worker is started anew.
        case restart
        /// The worker gets no new requests until the alert is over.
        case drain
        /// Requests of low priority are refused until the alert is over.
        case shed
        /// The release goes back to the version before.
        case rollback
    }

    public let kind: Kind
    /// From which level on.
    public let from: AlertLevel
    /// Seconds between two times, for the same rule and labels.
    public let coolDown: TimeInterval
    /// How often within an hour, for the same rule and labels.
    public let perHourMax: Int

    public init(_ kind: Kind, from: AlertLevel = .critical, coolDown: TimeInterval = 300, perHourMax: Int = 3) {
        (self.kind, self.from, self.coolDown, self.perHourMax) = (kind, from, coolDown, perHourMax)
    }

    /// - Parameter done: when it was, in order.
    func isDue(after done: [Date], now: Date) -> Bool {
        let lately = done.filter { $0 > now - 3600 && $0 <= now }
        return lately.count < perHourMax && (lately.last.map { now >= $0 + coolDown } ?? true)
    }
}
