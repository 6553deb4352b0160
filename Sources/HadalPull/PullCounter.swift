import Synchronization

/// Counts bytes from all connections.
final class PullCounter: Sendable {
    private let total: Int64
    private let count: Mutex<Int64>
    private let progress: @Sendable (ModelPull.Progress) -> Void

    init(total: Int64, done: Int64, _ progress: @escaping @Sendable (ModelPull.Progress) -> Void) {
        self.total = total
        count = Mutex(done)
        self.progress = progress
        progress(ModelPull.Progress(done: done, total: total))
    }

    var done: Int64 { count.withLock { $0 } }

    @Sendable func add(_ bytes: Int64) {
        let done = count.withLock { count in
            count += bytes
            return count
        }
        progress(ModelPull.Progress(done: done, total: total))
    }
}
