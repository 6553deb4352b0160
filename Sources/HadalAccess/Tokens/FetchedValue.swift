import Foundation

/// Something fetched from elsewhere and kept for a while. However many ask at once, it is fetched once.
actor FetchedValue<Value: Sendable> {
    /// All in seconds.
    struct Times: Sendable {
        /// How long it counts as new.
        var lifetime: TimeInterval = 600
        /// How long an old one may serve while it cannot be fetched.
        var staleLimit: TimeInterval = 86_400
        /// Between two fetches that somebody asked for because something was not in it.
        var renewalPause: TimeInterval = 60
        /// After a fetch that failed, so that not every request waits for a time-out.
        var failurePause: TimeInterval = 15
    }

    private let times: Times
    private let now: @Sendable () -> Date
    private let fetch: @Sendable () async throws -> Value
    private var kept: (value: Value, since: Date)?
    private var lastAttempt: Date?
    private var lastFailure: (error: any Error, at: Date)?
    private var inFlight: Task<Value, any Error>?

    init(
        times: Times = Times(), now: @escaping @Sendable () -> Date,
        fetch: @escaping @Sendable () async throws -> Value
    ) {
        self.times = times
        self.now = now
        self.fetch = fetch
    }

    /// - Throws: what the fetch threw, where nothing is kept that may still serve.
    func value() async throws -> Value {
        if let kept, age(of: kept.since) < times.lifetime { return kept.value }
        do {
            if inFlight == nil, let lastFailure, age(of: lastFailure.at) < times.failurePause {
                throw lastFailure.error
            }
            return try await fetched()
        } catch {
            if let kept, age(of: kept.since) < times.staleLimit { return kept.value }
            throw error
        }
    }

    /// A new value, for somebody who missed something in the kept one; or the kept one where it was asked for a moment ago.
    func renewedValue() async throws -> Value {
        if inFlight == nil, let lastAttempt, age(of: lastAttempt) < times.renewalPause { return try await value() }
        do { return try await fetched() } catch { return try await value() }
    }

    /// Seconds; what was set in the future, before a clock was put back, is old.
    private func age(of date: Date) -> TimeInterval {
        let age = now().timeIntervalSince(date)
        return age < 0 ? .infinity : age
    }

    private func fetched() async throws -> Value {
        if let inFlight { return try await inFlight.value }
        // A task of its own: that one of those who wait gives up must not end it for the others.
        let task = Task { try await attempt() }
        inFlight = task
        return try await task.value
    }

    private func attempt() async throws -> Value {
        lastAttempt = now()
        defer { inFlight = nil }
        do {
            let value = try await fetch()
            kept = (value, now())
            lastFailure = nil
            return value
        } catch {
            lastFailure = (error, now())
            throw error
        }
    }
}
