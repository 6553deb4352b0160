import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Runs work that Ctrl-C (SIGINT) cancels without ending the program.
///
/// The work runs in a task of its own, which the first SIGINT cancels; further ones change nothing. When the work
/// has ended, SIGINT has its former effect again. Cancelling the caller cancels the work too.
///
/// - Returns: what the work returns; it sees that it was stopped by `Task.isCancelled`.
/// - Throws: what the work throws.
public func withInterruptHandling<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let interruption = Interruption()
    // Heard before the work begins, so that no Ctrl-C during it ends the program.
    let watch = SignalWatch([SIGINT]) { _ in interruption.interrupt() }
    defer { watch.stop() }
    let task = Task(operation: operation)
    interruption.attach { task.cancel() }
    return try await withTaskCancellationHandler {
        try await task.value
    } onCancel: {
        task.cancel()
    }
}

/// Whether Ctrl-C came, and whom to tell: it may come before the task is there.
private final class Interruption: Sendable {
    private struct State {
        var happened = false
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func interrupt() {
        state.withLock { state -> (@Sendable () -> Void)? in
            state.happened = true
            return state.cancel
        }?()
    }

    func attach(_ cancel: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.cancel = cancel
            return state.happened
        }
        if isLate { cancel() }
    }
}
