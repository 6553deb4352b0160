import Foundation
import Subprocess
import Synchronization

/// The end of a process, seen once and told to all who wait for it.
final class EndOfProcess: Sendable {
    /// It was started by another process, so that the system does not say how it ended.
    struct Unknown: Error, CustomStringConvertible {
        var description: String { "how it ended is not known: it was started by the server before this one" }
    }

    typealias Outcome = Result<TerminationStatus, any Error>

    private struct State {
        var outcome: Outcome?
        var waiting: [CheckedContinuation<Outcome, Never>] = []
    }

    private let state = Mutex(State())

    /// - Parameter child: a process that was started here, and that nobody else waits for.
    init(ofChild child: Int32) {
        Thread.detachNewThread { [self] in
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0 {
                guard errno == EINTR else { return end(.failure(Descriptor.failure)) }
            }
            end(.success(status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signaled(status & 0x7F)))
        }
    }

    /// - Parameter handle: `Descriptor.ofProcess`; stays open until the end was seen.
    init(of handle: Int32) {
        Thread.detachNewThread { [self] in
            Descriptor.awaitEnd(of: handle)
            end(.failure(Unknown()))
        }
    }

    private func end(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            state.outcome = outcome
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
    }

    var isOver: Bool { state.withLock { $0.outcome != nil } }

    /// Returns when it has ended, also where the task is cancelled.
    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.waiting.append(continuation) }
                return state.outcome
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }

    /// The same; nil where the task is cancelled first.
    func outcomeUnlessCancelled() async -> Outcome? {
        let (outcomes, output) = AsyncStream<Outcome>.makeStream()
        Task { output.yield(await outcome()) }
        for await outcome in outcomes { return outcome }
        return nil
    }

    /// Does it unless the process has ended: its number may be another one's by now.
    func unlessOver(_ body: () -> Void) { state.withLock { if $0.outcome == nil { body() } } }
}
