import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How work ended that Ctrl-C may stop.
public enum Interruptible<Value: Sendable>: Sendable {
    case finished(Value)
    /// Ctrl-C came. The value is there if the work returned one all the same (what it had so far).
    case interrupted(Value?)

    public var value: Value? {
        switch self {
        case .finished(let value): value
        case .interrupted(let value): value
        }
    }

    public var wasInterrupted: Bool {
        if case .interrupted = self { true } else { false }
    }
}

extension Interruptible: Equatable where Value: Equatable {}

/// Runs work that Ctrl-C (SIGINT) cancels without ending the program.
///
/// The work runs in a task of its own, which the first SIGINT cancels; further ones change nothing. When the work
/// has ended, SIGINT has its former effect again. Cancelling the caller cancels the work too.
///
/// - Returns: `interrupted` if SIGINT came before the end: with the value if the work returned one, without if it
///   threw (errors after an interruption are its consequence and not reported).
/// - Throws: what the work throws without an interruption.
public func withInterruptHandling<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Interruptible<Value> {
    let interruption = Interruption()
    let watch = SignalWatch([SIGINT]) { _ in interruption.interrupt() }
    let task = Task(operation: operation)
    interruption.attach { task.cancel() }
    let result = await withTaskCancellationHandler {
        await task.result
    } onCancel: {
        task.cancel()
    }
    watch.stop()
    return interruption.happened ? .interrupted(try? result.get()) : .finished(try result.get())
}

/// Whether Ctrl-C came, and whom to tell: it may come before the task is there.
private final class Interruption: Sendable {
    private struct State {
        var happened = false
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var happened: Bool { state.withLock { $0.happened } }

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
