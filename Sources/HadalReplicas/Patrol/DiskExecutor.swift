import Dispatch

/// Runs tasks on a thread of its own, which may wait for a disk: one that hangs holds up nobody else.
final class DiskExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "hadal.patrol")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
