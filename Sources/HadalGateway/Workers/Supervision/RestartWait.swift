/// How long a worker that ended is left until it is started anew.
struct RestartWait: Sendable {
    /// After an end that is the first for a while.
    static let first: Duration = .milliseconds(200)
    /// At most, where the one that ended had been ready: its model can be loaded, and clients wait for it.
    static let longestOfReady: Duration = .seconds(1)
    /// At most, where it never was: what keeps it from starting may last.
    static let longest: Duration = .seconds(30)
    /// One that lived for so long ended for a new reason.
    static let stable: Duration = .seconds(5)

    private var wait = Self.first

    /// Twice as long as the last time, within these limits.
    mutating func next(wasReady: Bool, uptime: Duration) -> Duration {
        if wasReady {
            wait = uptime > Self.stable ? Self.first : min(wait, Self.longestOfReady)
        }
        defer { wait = min(wait * 2, Self.longest) }
        return wait
    }
}
