import Foundation
import Synchronization

/// Work that must not get in the way of requests: on a thread of its own, with the lowest priority.
enum QuietThread {
    /// nice(1) of the thread; the disk's schedulers go by it too.
    private static let niceness: Int32 = 19

    /// - Parameter body: asks `isStopped` from time to time; that is, whether the task was cancelled.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (_ isStopped: @Sendable () -> Bool) throws -> Value
    ) async throws -> Value {
        let stop = Atomic(false)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    #if os(Linux)
                        // Linux has a priority for each thread; 0 is the one that asks.
                        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
                    #endif
                    continuation.resume(with: Result { try body { stop.load(ordering: .relaxed) } })
                }
            }
        } onCancel: {
            stop.store(true, ordering: .relaxed)
        }
    }
}
