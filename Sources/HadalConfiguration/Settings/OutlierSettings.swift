import HadalRouting

/// When one of a model's workers is left out because it does worse than the others. Names as in Envoy.
public struct OutlierSettings: SettingsSection {
    public var consecutiveFailures = 5
    public var interval = Duration.seconds(10)
    public var baseEjectionTime = Duration.seconds(30)
    public var maxEjectionTime = Duration.seconds(300)
    public var maxEjectionPercent = 50
    public var requestVolume = 20
    public var successRateMinimumWorkers = 5
    public var latencyMinimumWorkers = 3

    public init() {}

    static let entries: [Entry<OutlierSettings>] = [
        .setting(
            "consecutive_failures", \.consecutiveFailures, .count(1...1000, example: "5"), .reload,
            "A worker is ejected, which means that it gets no requests for a while, after so many failures in a row."),
        .setting(
            "interval", \.interval, .duration(.seconds(1)...hour, example: "10s"), .reload,
            "How often a model's workers are compared, over the requests since the last time."),
        .setting(
            "base_ejection_time", \.baseEjectionTime, .duration(.seconds(1)...hour, example: "30s"), .reload,
            "How long a worker is ejected for the first time. Each further time is longer by this, each interval in "
                + "peace shorter."),
        .setting(
            "max_ejection_time", \.maxEjectionTime, .duration(.seconds(1)...(.seconds(86_400)), example: "5m"), .reload,
            "The longest time that a worker is ejected."),
        .setting(
            "max_ejection_percent", \.maxEjectionPercent, .count(0...100, example: "50"), .reload,
            "At most this part of a model's workers is ejected at the same time, but one may always be, and never the "
                + "last. 0: nobody is."),
        .setting(
            "request_volume", \.requestVolume, .count(1...1_000_000, example: "20"), .reload,
            "Workers with fewer requests in an interval are not compared."),
        .setting(
            "success_rate_minimum_workers", \.successRateMinimumWorkers, .count(2...1000, example: "5"), .reload,
            "From so many workers on, those are ejected whose requests succeed much more rarely than those of the "
                + "others."),
        .setting(
            "latency_minimum_workers", \.latencyMinimumWorkers, .count(3...1000, example: "3"), .reload,
            "From so many workers on, those are ejected that take three times as long to the first token as the "
                + "others."),
    ]

    private static var hour: Duration { .seconds(3600) }

    func check(_ findings: inout Findings) {
        guard maxEjectionTime < baseEjectionTime else { return }
        findings.add("max_ejection_time", "it is shorter than base_ejection_time", "write a longer one")
    }

    /// The same for the dispatcher.
    public var ejection: OutlierEjectionSettings {
        var ejection = OutlierEjectionSettings()
        ejection.consecutiveFailures = consecutiveFailures
        ejection.interval = interval
        ejection.ejectionTime = baseEjectionTime
        ejection.maximumEjectionTime = maxEjectionTime
        ejection.maximumShare = Double(maxEjectionPercent) / 100
        ejection.minimumCalls = requestVolume
        ejection.minimumMembers = successRateMinimumWorkers
        ejection.minimumLatencyMembers = latencyMinimumWorkers
        return ejection
    }
}
