import Synchronization

/// Bytes of all that is to be done.
package final class ByteTally: Sendable {
    private let total: Int64
    private let done: Mutex<Int64>
    private let progress: @Sendable (_ done: Int64, _ total: Int64) -> Void

    /// - Parameter progress: is never told more than the total.
    package init(done: Int64 = 0, total: Int64, _ progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void)
    {
        (self.total, self.progress) = (total, progress)
        self.done = Mutex(done)
    }

    @Sendable package func add(_ bytes: Int64) {
        let now = done.withLock { done in
            done += bytes
            return done
        }
        progress(max(0, min(now, total)), total)
    }
}
