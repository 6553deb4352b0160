/// Bounds of the HTTP server.
public struct ServerSettings: SettingsSection {
    /// Bytes.
    public var bodyLimit = 16 << 20
    public var bodyTime = Duration.seconds(60)
    public var headerTime = Duration.seconds(10)
    public var idleTime = Duration.seconds(75)
    /// nil: three quarters of what the system allows the process.
    public var connections: Int?
    public var connectionsPerAddress: Int? = 256
    public var requests = 1024
    /// nil: as long as it takes.
    public var queueTimeout: Duration?
    public var keepAlive = Duration.seconds(10)
    public var grace = Duration.seconds(30)
    public var handover = Duration.seconds(600)
    public var resume = Duration.seconds(60)

    public init() {}

    static let entries: [Entry<ServerSettings>] = [
        .setting(
            "body_limit", \.bodyLimit, .bytes(1024...(1 << 40), example: "16MiB"), .reload,
            "The largest body of a request; a larger one gets 413."),
        .setting(
            "body_time", \.bodyTime, .duration(.seconds(1)...hour, example: "60s"), .reload,
            "From a body's first byte to its last; what takes longer gets 408."),
        .setting(
            "header_time", \.headerTime, .duration(.seconds(1)...hour, example: "10s"), .restart,
            "For the head of a request, from the connection's or its first byte to the last."),
        .setting(
            "idle_time", \.idleTime, .duration(.seconds(1)...hour, example: "75s"), .restart,
            "How long a connection may stay open without a request."),
        .setting(
            "connections", \.connections, .optional(.count(1...1_000_000, example: "4096")), .restart,
            shownDefault: "three quarters of the descriptors that the system allows", "Connections at the same time."),
        .setting(
            "connections_per_address", \.connectionsPerAddress, .optional(.count(1...1_000_000, example: "256")),
            .restart,
            "Connections of one client address at the same time. Behind a proxy that brings everybody's: none."),
        .setting(
            "requests", \.requests, .count(1...1_000_000, example: "1024"), .restart,
            "Requests at the same time, those that wait included."),
        .setting(
            "queue_timeout", \.queueTimeout, .optional(.duration(.zero...(.seconds(86_400)), example: "30s")), .reload,
            "How long a request may wait to be begun; then it gets 503. none: as long as it takes."),
        .setting(
            "keep_alive", \.keepAlive, .duration(.seconds(1)...hour, example: "10s"), .reload,
            "Between two signs of life on a stream where nothing happens."),
        .setting(
            "grace", \.grace, .duration(.zero...hour, example: "30s"), .restart,
            "How long running answers may go on after the signal to stop."),
        .setting(
            "handover", \.handover, .duration(.seconds(1)...(.seconds(86_400)), example: "10m"), .restart,
            "How long answers may go on in the old process after hadal restart."),
        .setting(
            "resume", \.resume, .duration(.zero...hour, example: "60s"), .restart,
            "How long an answer with an Idempotency-Key goes on when its client is gone, and is kept when it is over, so that "
                + "the same request gets it again. 0s: the header means nothing."),
    ]

    private static var hour: Duration { .seconds(3600) }
}
