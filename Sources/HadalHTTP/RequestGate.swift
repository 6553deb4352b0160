import Synchronization

/// Counts the requests in progress and, once closed, lets no new one in: how a server drains.
public final class RequestGate: Sendable {
    private struct State {
        var isOpen = true
        var nextID = 0
        var running: [Int: ClientConnection] = [:]
        /// Of these, those that nobody waits for.
        var background: Set<Int> = []
        var whenEmpty = WaitingList()
        var whenQuiet = WaitingList()

        var isEmpty: Bool { running.isEmpty }
        var isQuiet: Bool { running.count == background.count }
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: requests at the same time.
    public init(limit: Int) { self.limit = limit }

    public enum Refusal: Error, Sendable {
        case draining
        case full(limit: Int)
    }

    public var running: Int { state.withLock(\.running.count) }
    public var isOpen: Bool { state.withLock(\.isOpen) }

    /// A request's place; it is free again when `leave` is called or nobody holds the pass any more.
    public final class Pass: Sendable {
        private let gate: RequestGate
        private let id: Int

        fileprivate init(_ gate: RequestGate, id: Int) {
            self.gate = gate
            self.id = id
        }

        public func leave() { gate.leave(id) }

        deinit { leave() }
    }

    /// - Parameter isBackground: whether nobody waits for it, so that `quiet` does not either.
    public func enter(for connection: ClientConnection, isBackground: Bool = false) throws(Refusal) -> Pass {
        let entry: Result<Int, Refusal> = state.withLock { state in
            guard state.isOpen else { return .failure(.draining) }
            guard state.running.count < limit else { return .failure(.full(limit: limit)) }
            state.nextID += 1
            state.running[state.nextID] = connection
            if isBackground { state.background.insert(state.nextID) }
            return .success(state.nextID)
        }
        return Pass(self, id: try entry.get())
    }

    private func leave(_ id: Int) {
        state.withLock { state in
            guard state.running.removeValue(forKey: id) != nil else { return }
            state.background.remove(id)
            if state.isQuiet { state.whenQuiet.wakeAll() }
            if state.isEmpty { state.whenEmpty.wakeAll() }
        }
    }

    /// Refuses everything from here on.
    public func close() { state.withLock { $0.isOpen = false } }

    /// Returns when no request is in progress, or the task is cancelled.
    public func empty() async { await wait(\.whenEmpty) { $0.isEmpty } }

    /// Returns when no request is in progress that somebody waits for, or the task is cancelled.
    public func quiet() async { await wait(\.whenQuiet) { $0.isQuiet } }

    private func wait(
        _ waiting: WritableKeyPath<State, WaitingList>, until isReached: (State) -> Bool
    ) async {
        let stream = state.withLock { isReached($0) ? nil : $0[keyPath: waiting].join() }
        guard let stream else { return }
        for await _ in stream {}
    }

    /// Stops the work of all requests in progress; their clients are told.
    public func stopAll() {
        let running = state.withLock { Array($0.running.values) }
        for connection in running { connection.stop() }
    }
}
