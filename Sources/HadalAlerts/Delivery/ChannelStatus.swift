import Foundation

/// How a channel is, for people.
public struct ChannelStatus: Sendable, Hashable {
    public let name: String
    public let kind: String
    /// Told from this level on.
    public let from: AlertLevel
    public internal(set) var waiting = 0
    public internal(set) var delivered = 0
    /// Messages that were given up.
    public internal(set) var lost = 0
    public internal(set) var lastDelivery: Date?
    /// Of the last try that failed, whether or not a later one worked.
    public internal(set) var lastError: String?
    public internal(set) var lastErrorTime: Date?
    /// Whether the last try failed.
    public internal(set) var isFailing = false
}
