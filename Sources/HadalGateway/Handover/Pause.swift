import HadalHTTP
import ServiceLifecycle
import Synchronization

/// Stops some work for a while, as the end of the server does: what was begun and is not written yet is done anew.
final class Pause: Sendable {
    private struct State {
        var isOn = false
        var running: [Int: Task<Void, Never>] = [:]
        var begun = 0
        var waiting = WaitingList()
    }

    private let state = Mutex(State())

    /// Returns when nothing works any more.
    func begin() async {
        let running = state.withLock { state in
            state.isOn = true
            return Array(state.running.values)
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
    }

    func end() {
        state.withLock { state in
            state.isOn = false
            state.waiting.wakeAll()
        }
    }

    /// Runs `work`, and again after each pause, until it returns by itself, or the task is cancelled or told to stop.
    func whileOff(_ work: @escaping @Sendable () async -> Void) async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            await ended()
            guard let (id, task) = begin(work) else { continue }
            await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            state.withLock { $0.running[id] = nil }
            // Else it was a pause, which may be over already.
            if !task.isCancelled { return }
        }
    }

    private func begin(_ work: @escaping @Sendable () async -> Void) -> (Int, Task<Void, Never>)? {
        state.withLock { state in
            guard !state.isOn else { return nil }
            let task = Task { await work() }
            state.begun += 1
            state.running[state.begun] = task
            return (state.begun, task)
        }
    }

    /// Returns when there is no pause, or the task is cancelled or told to stop.
    private func ended() async {
        let stream = state.withLock { $0.isOn ? $0.waiting.join() : nil }
        guard let stream else { return }
        for await _ in stream.cancelOnGracefulShutdown() {}
    }
}
