import Foundation
import HadalWire
import Synchronization

/// One process of a model's worker, from its start to its end.
final class WorkerProcess: Sendable {
    /// Why a process was told to end.
    enum Reason: Sendable, Hashable {
        case replaced, restarted, unloaded
        case fault(CrashReport.Reason)
    }

    struct Life: Sendable {
        /// 0 before it is started.
        var process: Int32 = 0
        let started = ContinuousClock.now
        var isReady = false
        /// From its start until it was ready; nil: it is not, or another gateway started it.
        var loadSeconds: Double?
        /// Of loading, from 0 to 1.
        var loaded = 0.0
        var memory: ProcessMemory?
        var errors = LineTail()
        /// Why it was told to end; nil: it was not.
        var reason: Reason?
        var drainsSince: ContinuousClock.Instant?

        var uptime: Duration { .now - started }
    }

    let socket: String
    let command: WorkerCommand
    /// Of this process alone, whoever answers for the model.
    let client: WorkerClient
    private let state = Mutex(State())

    private struct State {
        var life = Life()
        /// While there is a process that signals would reach.
        var child: WorkerChild?
        /// Another gateway looks after it from here on.
        var isGivenAway = false
    }

    /// - Parameter inherited: the process, where it runs already.
    init(socket: String, command: WorkerCommand, client: WorkerClient, inherited: WorkerChild? = nil) {
        self.socket = socket
        self.command = command
        self.client = client
        self.inherited = inherited
    }

    let inherited: WorkerChild?

    /// What it may take; nil: as much as there is, or another gateway looks after that still.
    var memoryLimit: Int? { inherited?.isBorrowed == true ? nil : command.memoryLimit }

    /// Finishes when another gateway looks after it.
    let (givenAway, giveAwaySignal) = AsyncStream<Never>.makeStream()

    /// While it runs.
    var child: WorkerChild? { state.withLock { $0.child } }

    var isGivenAway: Bool { state.withLock { $0.isGivenAway } }

    /// Nobody here watches or ends it any more. It goes on as long as this process holds its standard input, or another.
    func giveAway() {
        state.withLock { $0.isGivenAway = true }
        giveAwaySignal.finish()
    }

    var life: Life { state.withLock { $0.life } }

    func change(_ body: @Sendable (inout Life) -> Void) { state.withLock { body(&$0.life) } }

    /// It takes no more requests, finishes those that it has, and ends.
    func drain(_ reason: Reason) {
        let isNew = state.withLock { state in
            defer { state.life.drainsSince = state.life.drainsSince ?? .now }
            return state.life.drainsSince == nil
        }
        if isNew { end(reason, SIGTERM) }
    }

    func kill(_ reason: Reason) { end(reason, SIGKILL) }

    private func end(_ reason: Reason, _ signal: Int32) {
        let child = state.withLock { state -> WorkerChild? in
            guard !state.isGivenAway else { return nil }
            state.life.reason = state.life.reason ?? reason
            return state.child
        }
        child?.send(signal)
    }

    /// From here on signals reach it.
    func begins(as child: WorkerChild) {
        let isUnwanted = state.withLock { state in
            state.life.process = child.process
            state.child = child
            // Who wanted its end before there was anything to end.
            return state.life.reason != nil
        }
        if isUnwanted { child.send(SIGTERM) }
    }

    func isOver() {
        state.withLock { $0.child = nil }
        unlink(socket)
    }
}
