import Synchronization

/// Ends work that shows no sign of life for too long.
final class Watchdog: Sendable {
    struct Silence: Error {
        var limit: Duration
    }

    private struct State {
        var deadline: ContinuousClock.Instant
        var limit: Duration
    }

    private let state: Mutex<State>

    private init(_ limit: Duration) { state = Mutex(State(deadline: .now + limit, limit: limit)) }

    /// From now on it may be silent for so long.
    func allow(_ limit: Duration) {
        state.withLock { $0 = State(deadline: .now + limit, limit: limit) }
    }

    private func wait() async throws {
        while true {
            let now = state.withLock { $0 }
            guard ContinuousClock.now < now.deadline else { throw Silence(limit: now.limit) }
            try await Task.sleep(until: now.deadline, clock: .continuous)
        }
    }

    /// - Throws: `Silence` where `body` was silent; it has been cancelled then and has ended.
    static func watch<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable (Watchdog) async throws -> Value
    ) async throws -> Value {
        let watchdog = Watchdog(limit)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body(watchdog) }
            group.addTask {
                try await watchdog.wait()
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
