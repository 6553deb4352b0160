import Foundation
import HadalWire
import Subprocess
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
        /// While there is a process that it would reach.
        var send: (@Sendable (Signal) -> Void)?
    }

    init(socket: String, command: WorkerCommand, client: WorkerClient) {
        self.socket = socket
        self.command = command
        self.client = client
    }

    var life: Life { state.withLock { $0.life } }

    func change(_ body: @Sendable (inout Life) -> Void) { state.withLock { body(&$0.life) } }

    /// It takes no more requests, finishes those that it has, and ends.
    func drain(_ reason: Reason) {
        let isNew = state.withLock { state in
            defer { state.life.drainsSince = state.life.drainsSince ?? .now }
            return state.life.drainsSince == nil
        }
        if isNew { end(reason, .terminate) }
    }

    func kill(_ reason: Reason) { end(reason, .kill) }

    private func end(_ reason: Reason, _ signal: Signal) {
        let send = state.withLock { state in
            state.life.reason = state.life.reason ?? reason
            return state.send
        }
        send?(signal)
    }

    /// From here on signals reach it.
    func begins(as process: Int32, _ send: @escaping @Sendable (Signal) -> Void) {
        let signal = state.withLock { state -> Signal? in
            state.life.process = process
            state.send = send
            // Who wanted its end before there was anything to end.
            return state.life.reason == nil ? nil : .terminate
        }
        if let signal { send(signal) }
    }

    /// Its number may be another process's by now.
    func isOver() {
        state.withLock { $0.send = nil }
        unlink(socket)
    }
}
