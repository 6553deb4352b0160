import HadalRouting
import HadalWire

/// One request's way along its plan, until a worker answers it.
struct RoutedCall: Sendable {
    /// An answer that has begun, or, where only one model could give it, was accepted.
    struct Opened: Sendable {
        let attempt: Attempt
        /// The worker, alone.
        let member: Deployment
        let model: WorkerModel
        let stream: WorkerStream
        /// Held as long as the worker is used.
        let use: ModelUse.Use
    }

    private enum Event: Sendable {
        case opened(Opened)
        case failed(any Error)
        /// The attempt with this member has no token yet.
        case slow(Attempt)
    }

    /// Between two tries where everybody is away: the first wait, and the longest.
    private static let backOff: (first: Duration, longest: Duration) = (.milliseconds(50), .seconds(2))

    let targets: RouteTargets
    let steps: [PlanStep]
    let job: Job
    /// The name that was asked for, for errors.
    let name: String
    let features: Set<RouteFeature>
    /// Only a worker with this model will do.
    var replaces: WorkerModel?

    /// Whether an attempt counts only with its first token.
    private var awaitsToken: Bool {
        steps.count > 1 || steps.contains { $0.hedgeAfter != nil || $0.timeout != nil }
    }

    /// - Parameter wait: how long everybody may be away until nobody waits for them any more.
    func run(wait: Duration) async throws -> Opened {
        let deadline = ContinuousClock.now + wait
        let all = steps.compactMap { targets.deployment($0.target) }
        var pause = Self.backOff.first
        while true {
            do { return try await once() } catch  where AttemptEnd.isAbsence(error) {
                guard .now + pause < deadline, try await all.anyReturned() else { throw error }
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.backOff.longest)
        }
    }

    /// Goes through the plan once.
    func once() async throws -> Opened {
        let dispatch = targets.dispatcher.begin(steps, work: Work(job.request), features: features)
        return try await withThrowingTaskGroup(of: Event.self) { group in
            // Whoever is still asked is not needed any more, and its answer costs nobody anything.
            defer { group.cancelAll() }
            var running = 0
            var problem: (any Error)?
            var current: Attempt?
            while true {
                if running == 0 {
                    switch dispatch.next(at: .now) {
                    case .exhausted(let exhaustion):
                        throw problem ?? AttemptEnd.error(exhaustion, name: name)
                    case .attempt(let attempt):
                        running = 1
                        current = attempt
                        group.addTask { await open(attempt) }
                        if let delay = attempt.hedgeAfter {
                            group.addTask {
                                try await Task.sleep(for: delay)
                                return .slow(attempt)
                            }
                        }
                    }
                }
                switch try await group.next() {
                case nil: throw CancellationError()
                case .opened(let opened): return opened
                case .failed(let error):
                    running -= 1
                    try Task.checkCancellation()
                    guard AttemptEnd.goesOn(after: error) else { throw error }
                    problem = error
                case .slow(let attempt):
                    guard attempt === current, running == 1, let second = dispatch.hedge(at: .now) else { continue }
                    running = 2
                    group.addTask { await open(second) }
                }
            }
        }
    }

    private func open(_ attempt: Attempt) async -> Event {
        do {
            let opened = try await within(attempt.timeout, of: attempt) { try await accept(attempt) }
            return .opened(opened)
        } catch {
            attempt.finish(Task.isCancelled ? .cancelled : AttemptEnd.outcome(of: error), at: .now)
            return .failed(error)
        }
    }

    private func accept(_ attempt: Attempt) async throws -> Opened {
        guard let member = targets.member(attempt.member, of: attempt.target) else {
            throw GatewayError.notReady(model: attempt.target)
        }
        let use = member.presence.use.begin(job.request.id)
        // One that is unloaded is started.
        var known = member.model
        if known == nil, member.presence.isUsable { known = try await member.presence.returned() }
        guard let model = known else { throw GatewayError.notReady(model: attempt.target) }
        if let replaces, !model.answersLike(replaces) { throw GatewayError.notReady(model: attempt.target) }
        let stream = try await member.client.generate(job.request, hasOwnSeed: job.hasOwnSeed)
        if awaitsToken {
            try await stream.awaitToken()
            attempt.firstToken(at: .now)
        }
        return Opened(attempt: attempt, member: member, model: model, stream: stream, use: use)
    }

    private func within(
        _ limit: Duration?, of attempt: Attempt, _ body: @escaping @Sendable () async throws -> Opened
    ) async throws -> Opened {
        guard let limit else { return try await body() }
        do { return try await withTimeLimit(limit, body) } catch is TimeLimitPassed {
            throw GatewayError.tooSlow(model: attempt.target, limit: limit)
        }
    }
}
