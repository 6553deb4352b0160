import HadalWire
import Synchronization

/// What a model's worker tells of it while it is up, and those who wait for one that is started.
final class WorkerPresence: Sendable {
    private struct State {
        var model: WorkerModel?
        var latest: WorkerModel?
        /// Since when somebody may have to wait.
        var awaySince: ContinuousClock.Instant?
        /// Stopped because nobody used it: it is started for the next who asks.
        var isUnloaded = false
        var isSetAside = false
        var waiting: [Int: AsyncStream<WorkerModel>.Continuation] = [:]
        var arrivals = 0
        var onChange: (@Sendable () -> Void)?

        var isUsable: Bool { model != nil || isUnloaded }
    }

    /// How long a worker may be away until nobody waits for it any more.
    let wait: Duration
    let use = ModelUse()
    /// Yields when somebody asks for a model that is unloaded.
    let demands: AsyncStream<Void>
    private let demand: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init(wait: Duration) {
        self.wait = wait
        (demands, demand) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// nil while there is no worker that takes requests.
    var model: WorkerModel? {
        get { state.withLock { $0.model } }
        set {
            let (waiting, changed) = state.withLock {
                state -> (
                    [AsyncStream<WorkerModel>.Continuation], (@Sendable () -> Void)?
                ) in
                let wasUsable = state.isUsable
                if newValue == nil, state.model != nil { state.awaySince = .now }
                state.model = newValue
                state.isUnloaded = false
                let changed = state.isUsable == wasUsable ? nil : state.onChange
                guard newValue != nil else { return ([], changed) }
                state.latest = newValue
                state.awaySince = nil
                defer { state.waiting = [:] }
                return (Array(state.waiting.values), changed)
            }
            changed?()
            guard let newValue else { return }
            use.becomesUsable()
            for continuation in waiting { continuation.yield(newValue) }
        }
    }

    /// Whether others are to be asked, as long as there are any.
    var isSetAside: Bool {
        get { state.withLock { $0.isSetAside } }
        set {
            let changed = state.withLock { state -> (@Sendable () -> Void)? in
                defer { state.isSetAside = newValue }
                return state.isSetAside == newValue ? nil : state.onChange
            }
            changed?()
        }
    }

    /// - Parameter act: called each time the worker has become usable or is not any more, or is set aside or is not any more.
    func whenChanged(_ act: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = act } }

    /// The model as it is, or as it was when its worker went away; nil: there has been none.
    var latest: WorkerModel? { state.withLock { $0.latest } }

    /// Whether requests get an answer, be it after the model was loaded for them.
    var isUsable: Bool { state.withLock { $0.isUsable } }

    /// Takes over what a worker tells later than that it is ready; nothing where it is gone.
    func learn(_ model: WorkerModel) {
        state.withLock { state in
            guard state.model != nil else { return }
            state.model = model
            state.latest = model
        }
    }

    /// There is no worker any more, and none will come.
    func retire() {
        model = nil
        state.withLock { $0.awaySince = nil }
    }

    /// The model is known, and is loaded when somebody asks for it.
    func beginsUnloaded(_ model: WorkerModel) {
        state.withLock { state in
            state.latest = model
            state.isUnloaded = true
        }
    }

    /// Nobody is given the worker any more, so that it can be stopped.
    /// - Returns: false where somebody uses it, or did so within `idle`.
    func unload(afterIdle idle: Duration, now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            // Whoever begins a use after this finds the model unloaded.
            guard state.model != nil, let unused = use.unused(at: now), unused >= idle else { return false }
            state.model = nil
            state.isUnloaded = true
            return true
        }
    }

    /// Has the model loaded where it is unloaded; does not wait for it.
    func load() {
        let isDemand = state.withLock { state in
            let isDemand = state.isUnloaded && state.awaySince == nil
            if isDemand { state.awaySince = .now }
            return isDemand
        }
        if isDemand { demand.yield() }
    }

    /// - Returns: nil where the worker is not back in time, or was never there.
    /// - Throws: `CancellationError`.
    func returned() async throws -> WorkerModel? {
        load()
        let (model, since) = state.withLock { ($0.model, $0.awaySince) }
        guard model == nil, let since else { return model }
        let left = wait - (.now - since)
        guard left > .zero else { return nil }
        return try await withThrowingTaskGroup(of: WorkerModel?.self) { group in
            group.addTask { await self.arrival() }
            group.addTask {
                try await Task.sleep(for: left)
                return nil
            }
            defer { group.cancelAll() }
            let model = try await group.next() ?? nil
            try Task.checkCancellation()
            return model
        }
    }

    private func arrival() async -> WorkerModel? {
        let (arrivals, continuation) = AsyncStream<WorkerModel>.makeStream()
        let id = state.withLock { state in
            state.arrivals += 1
            if let model = state.model {
                continuation.yield(model)
            } else {
                state.waiting[state.arrivals] = continuation
            }
            return state.arrivals
        }
        continuation.onTermination = { [self] _ in state.withLock { $0.waiting[id] = nil } }
        for await model in arrivals { return model }
        return nil
    }
}
