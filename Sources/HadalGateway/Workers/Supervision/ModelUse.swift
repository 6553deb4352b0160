import Synchronization

/// Who uses a model at present, and since when nobody does.
final class ModelUse: Sendable {
    fileprivate struct State {
        var begun = 0
        /// Ids of requests, nil for what has none.
        var current: [Int: String?] = [:]
        var lastEnd: ContinuousClock.Instant
        /// Requests that have lost their worker since they were last asked for.
        var lost: [String] = []
    }

    /// What a crash may name of requests that were lost and are over.
    private static let lostMax = 256

    private let state: Mutex<State>

    init(now: ContinuousClock.Instant = .now) { state = Mutex(State(lastEnd: now)) }

    /// One use. It ends when `end` is called or nobody holds it any more.
    final class Use: Sendable {
        private let owner: ModelUse
        private let number: Int

        fileprivate init(_ owner: ModelUse, _ number: Int) {
            self.owner = owner
            self.number = number
        }

        func end() { owner.end(number) }

        deinit { end() }
    }

    /// - Parameter request: the id of a request that a worker has accepted.
    func begin(_ request: String? = nil) -> Use {
        let number = state.withLock { state in
            state.begun += 1
            state.current.updateValue(request, forKey: state.begun)
            return state.begun
        }
        return Use(self, number)
    }

    private func end(_ number: Int) {
        state.withLock { state in
            guard state.current.removeValue(forKey: number) != nil else { return }
            state.lastEnd = .now
        }
    }

    /// Nobody could use it until now.
    func becomesUsable() { state.withLock { $0.lastEnd = .now } }

    /// A request has lost its worker; it may be over before anybody asks which did.
    func lose(_ request: String) {
        state.withLock { state in
            if state.lost.count == Self.lostMax { state.lost.removeFirst() }
            state.lost.append(request)
        }
    }

    /// The ids of requests that are being computed, in the order in which they began, each once.
    var requests: [String] { state.withLock { $0.requests } }

    /// The same, and those that have lost their worker since this was last called.
    @discardableResult func takeLost() -> [String] {
        state.withLock { state in
            defer { state.lost = [] }
            let running = state.requests
            return running + state.lost.once.filter { !running.contains($0) }
        }
    }

    /// How long nobody has used the model; nil while somebody does.
    func unused(at now: ContinuousClock.Instant) -> Duration? {
        state.withLock { $0.current.isEmpty ? now - $0.lastEnd : nil }
    }
}

extension ModelUse.State {
    fileprivate var requests: [String] { current.sorted { $0.key < $1.key }.compactMap(\.value).once }
}

extension [String] {
    fileprivate var once: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
