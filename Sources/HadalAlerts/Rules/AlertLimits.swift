import Foundation

/// What an operator promises or allows. A rule whose limit is nil is not there.
public struct AlertLimits: Sendable, Hashable {
    /// So many of so many are answered as fast, for example 0.95 within 2.5 seconds.
    public struct Latency: Sendable, Hashable {
        /// To the first token. One of the bounds of `hadal_time_to_first_token_seconds`, as histograms know no others.
        public var seconds: Double
        public var share: Double

        public init(seconds: Double, share: Double) { (self.seconds, self.share) = (seconds, share) }
    }

    /// The share of requests, and of answers, that must not fail.
    public var availability: Double? = 0.999
    public var latency: Latency?
    /// Seconds, of 99 in 100 answers.
    public var firstToken: TimeInterval?
    /// Seconds, of 99 in 100 answers.
    public var queueWait: TimeInterval? = 30
    /// Seconds by which the backup may be behind what is stored.
    public var backupLag: TimeInterval? = 3600
    /// Seconds from one round of the store's patrol to the next.
    public var patrolInterval: TimeInterval? = 7 * 86_400

    public init() {}

    /// - Throws: `AlertError.rule`.
    func check() throws(AlertError) {
        for share in [availability, latency?.share].compactMap({ $0 }) where !(share > 0 && share < 1) {
            throw .rule(
                "limits", problem: "an objective is a share above 0 and below 1, for example 0.999, not \(share)")
        }
        for seconds in [latency?.seconds, firstToken, queueWait, backupLag, patrolInterval].compactMap({ $0 })
        where !(seconds > 0) {
            throw .rule("limits", problem: "a limit of time is longer than 0 seconds, not \(seconds)")
        }
    }
}
