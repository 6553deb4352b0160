import NIOCore
import Synchronization

/// Runs tasks on the thread of an event loop. What a connection's tasks do is short and mostly about the connection, so that
/// handing each step to another thread and back would cost more than the steps. Work that takes long is not for it:
/// `onOtherThreads`.
public final class EventLoopExecutor: TaskExecutor {
    private static let all = Mutex<[ObjectIdentifier: EventLoopExecutor]>([:])

    private let eventLoop: any EventLoop

    private init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// The one of a loop. It is kept as long as the process lives, as the loops that serve are.
    static func of(_ eventLoop: any EventLoop) -> EventLoopExecutor {
        all.withLock { all in
            if let executor = all[ObjectIdentifier(eventLoop)] { return executor }
            let executor = EventLoopExecutor(eventLoop)
            all[ObjectIdentifier(eventLoop)] = executor
            return executor
        }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Runs work that takes long on threads that serve no connections.
public func onOtherThreads<Value: Sendable, Failure: Error>(
    _ work: @Sendable () async throws(Failure) -> Value
) async throws(Failure) -> Value {
    try await withTaskExecutorPreference(globalConcurrentExecutor, operation: work)
}
