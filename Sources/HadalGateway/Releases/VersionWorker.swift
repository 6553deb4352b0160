import ServiceLifecycle
import Synchronization

/// The worker of one version, or its several, from their start to their end.
final class VersionWorker: Sendable {
    private enum State {
        case running, stopping
        case failed(String)
        case over
    }

    let name: VersionName
    let deployment: Deployment
    /// None: it is started by somebody else.
    let slots: [ModelWorkers.Slot]
    private let services: [any Service]
    private let stopped: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation
    private let state = Mutex(State.running)

    init(_ name: VersionName, _ deployment: Deployment, _ slots: [ModelWorkers.Slot], _ services: [any Service]) {
        self.name = name
        self.deployment = deployment
        self.slots = slots
        self.services = services
        (stopped, end) = AsyncStream.makeStream()
    }

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
            for service in services {
                group.addTask {
                    do {
                        try await service.run()
                        return nil
                    } catch {
                        return "\(error)"
                    }
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
        for member in deployment.members { member.presence.retire() }
        state.withLock { $0 = problem.map(State.failed) ?? .over }
    }

    /// Returns when it is loaded, all of it.
    /// - Throws: `VersionProblem` where it never will be; `CancellationError`.
    func ready() async throws {
        try await becomes { members in
            for member in members where member.model == nil { member.presence.load() }
            return members.allSatisfy { $0.model != nil }
        }
    }

    /// Returns when it takes requests, be it that it is loaded for them.
    /// - Throws: as `ready`.
    func usable() async throws { try await becomes { $0.allSatisfy { $0.presence.isUsable } } }

    private func becomes(_ isDone: ([Deployment]) -> Bool) async throws {
        while !isDone(deployment.members) {
            switch state.withLock({ $0 }) {
            case .failed(let problem): throw VersionProblem.notStarted(name, problem: problem)
            case .stopping, .over: throw VersionProblem.stopped(name)
            case .running: try await Task.sleep(for: .milliseconds(20))
            }
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
        while !isOver, deployment.members.contains(where: { $0.presence.use.unused(at: .now) == nil }) {
            guard .now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }
}
