import NIOPosix
import Synchronization

/// Calls that wait for a disk or compute a hash, on threads that may wait.
/// - Parameter body: where it is long it asks `isStopped` from time to time; that is, whether the task was cancelled.
func onDisk<Value: Sendable>(
    _ body: @escaping @Sendable (_ isStopped: @Sendable () -> Bool) throws -> Value
) async throws -> Value {
    let stop = Atomic(false)
    return try await withTaskCancellationHandler {
        try await NIOThreadPool.singleton.runIfActive { try body { stop.load(ordering: .relaxed) } }
    } onCancel: {
        stop.store(true, ordering: .relaxed)
    }
}
