public struct OutlierEjectionSettings: Sendable, Hashable {
    /// Ejected after so many failures without a success between them.
    public var consecutiveFailures = 5
    /// How often members are compared, over the calls since the last time.
    public var interval: Duration = .seconds(10)
    /// Members with fewer calls in an interval are not compared.
    public var minimumCalls = 20
    /// Success rates are compared from so many members on.
    public var minimumMembers = 5
    /// Ejected whose success rate is so many standard deviations below the mean of all; among fewer than five members,
    /// who cannot lie as far from each other, fewer;
    public var deviations = 1.9
    /// and so much: where all are nearly perfect, a single failure is many deviations.
    public var minimumRateGap = 0.05
    /// Latencies are compared from so many members on, at least three: of two, nobody is far from the median.
    public var minimumLatencyMembers = 3
    /// Ejected whose mean time to the first token is so many times the median of all,
    public var latencyFactor = 3.0
    /// and so much more than it.
    public var minimumLatencyGap: Duration = .milliseconds(100)
    /// At most this share of the members is ejected at once, but one may always be, and never the last. 0: nobody is.
    public var maximumShare = 0.5
    /// How long a member is ejected for the first time. Each further time is longer by this, each interval in peace
    /// shorter.
    public var ejectionTime: Duration = .seconds(30)
    public var maximumEjectionTime: Duration = .seconds(300)

    public init() {}
}

/// Why a member is ejected.
public enum EjectionReason: String, Sendable, Hashable {
    case consecutiveFailures = "consecutive_failures"
    case successRate = "success_rate"
    case latency
}
