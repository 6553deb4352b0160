import ServiceLifecycle
import Synchronization

/// The worker of one version, from its start to its end.
final class VersionWorker: Sendable {
    private enum State {
        case running, stopping
        case failed(String)
        case over
    }

    let name: VersionName
    let deployment: Deployment
    /// nil: it is started by somebody else.
    let slot: ModelWorkers.Slot?
    private let service: any Service
    private let stopped: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation
    private let state = Mutex(State.running)

    init(_ name: VersionName, _ deployment: Deployment, _ slot: ModelWorkers.Slot?, _ service: any Service) {
        self.name = name
        self.deployment = deployment
        self.slot = slot
        self.service = service
        (stopped, end) = AsyncStream.makeStream()
    }

    var control: WorkerControl? { slot?.control }

    /// Whether it goes on as long as nobody stops it.
    var isWanted: Bool {
        state.withLock { state in
            if case .running = state { true } else { false }
        }
    }

    private var isOver: Bool {
        state.withLock { state in
            switch state {
            case .running, .stopping: false
            case .failed, .over: true
            }
        }
    }

    /// Keeps it running; returns when it has ended.
    func run() async {
        let problem = await withTaskGroup(of: String?.self) { group in
            group.addTask { [service] in
                do {
                    try await service.run()
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            group.addTask { [stopped] in
                for await _ in stopped {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        deployment.presence.retire()
        state.withLock { $0 = problem.map(State.failed) ?? .over }
    }

    /// Returns when it takes requests.
    /// - Throws: `VersionProblem` where it never will; `CancellationError`.
    func ready() async throws {
        while deployment.model == nil {
            switch state.withLock({ $0 }) {
            case .failed(let problem): throw VersionProblem.notStarted(name, problem: problem)
            case .stopping, .over: throw VersionProblem.stopped(name)
            case .running: deployment.presence.load()
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends it, and returns when it has ended. What it computes is cut off.
    /// - Throws: `CancellationError`: it ends all the same.
    func stop() async throws {
        state.withLock { state in
            if case .running = state { state = .stopping }
        }
        end.finish()
        while !isOver { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Returns when nobody uses it, or at the limit.
    /// - Returns: false at the limit.
    /// - Throws: `CancellationError`.
    func drain(limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while !isOver, deployment.presence.use.unused(at: .now) == nil {
            guard .now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }
}
