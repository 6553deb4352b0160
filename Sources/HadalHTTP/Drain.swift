import ServiceLifecycle

/// Takes part in a service group as the one that is told first to stop: closes the gate and waits for the requests in
/// progress. What still runs after the grace is stopped.
public struct Drain: Service {
    private let gate: RequestGate
    private let grace: Duration

    public init(_ gate: RequestGate, grace: Duration) {
        self.gate = gate
        self.grace = grace
    }

    public func run() async throws {
        try? await gracefulShutdown()
        gate.close()
        let limit = Task {
            try await Task.sleep(for: grace)
            gate.stopAll()
        }
        await gate.empty()
        limit.cancel()
    }
}
