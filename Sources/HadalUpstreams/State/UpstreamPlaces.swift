import HadalWire
import Synchronization

/// How many requests an upstream may be asked at a time.
final class UpstreamPlaces: Sendable {
    private let upstream: String
    private let limit: Int
    private let running = Mutex(0)

    init(upstream: String, limit: Int) {
        self.upstream = upstream
        self.limit = limit
    }

    /// Requests that have not ended yet.
    var taken: Int { running.withLock { $0 } }

    /// - Throws: where as many requests are running as may.
    func enter() throws(WorkerFailure) {
        let isFull = running.withLock { count in
            guard count < limit else { return true }
            count += 1
            return false
        }
        guard isFull else { return }
        throw WorkerFailure(
            .queueFull, "\(upstream) is asked \(limit) things at a time already", retrySeconds: 1)
    }

    func leave() { running.withLock { $0 -= 1 } }
}
