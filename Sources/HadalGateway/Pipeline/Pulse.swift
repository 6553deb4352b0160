import Synchronization

/// Gives a sign of life on a stream whenever nothing else was sent for a while.
final class Pulse: Sendable {
    private let sent = Atomic(0)
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(every interval: Duration, _ sign: @escaping @Sendable () async -> Void) {
        let task = Task { [weak self] in
            var seen = 0
            while (try? await Task.sleep(for: interval)) != nil {
                guard let now = self?.sent.load(ordering: .relaxed) else { return }
                if now == seen { await sign() }
                seen = now
            }
        }
        self.task.withLock { $0 = task }
    }

    /// Something else was sent.
    func beat() { sent.wrappingAdd(1, ordering: .relaxed) }

    func stop() { task.withLock { $0?.cancel() } }
}
