import Dispatch
import HadalAccess
import Synchronization

/// Threads for work that blocks: it waits for the disk, or for its turn to compute a password's hash. So many at once
/// at most; who comes then is told to come again.
final class WorkThreads: Sendable {
    private let queue: DispatchQueue
    private let limit: Int
    private let running = Mutex(0)

    init(_ label: String, limit: Int) {
        queue = DispatchQueue(label: label, attributes: .concurrent)
        self.limit = limit
    }

    /// - Throws: `AccessError.unavailable`, or what `work` does.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isLet = running.withLock { running in
            guard running < limit else { return false }
            running += 1
            return true
        }
        guard isLet else { throw AccessError.unavailable(detail: "\(limit) \(queue.label)s are in progress") }
        defer { running.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}
