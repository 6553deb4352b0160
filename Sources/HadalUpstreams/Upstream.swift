import Foundation
import HadalWire
import Logging
import Synchronization

/// An upstream in a worker's place: its client, watched by its health and its budget.
public final class Upstream: Sendable {
    public let client: UpstreamClient
    public let model: WorkerModel
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var health = UpstreamHealth()
        var budget: UpstreamBudget
    }

    public var settings: UpstreamSettings { client.settings }

    /// - Parameter budget: as it was saved.
    public init(_ found: UpstreamProbe.Finding, budget: UpstreamBudget = UpstreamBudget(), logger: Logger) {
        client = found.client
        model = found.model
        var logger = logger
        logger[metadataKey: "upstream"] = "\(found.client.settings.name)"
        self.logger = logger
        state = Mutex(State(budget: budget))
    }

    /// To be saved from time to time.
    public var budget: UpstreamBudget { state.withLock(\.budget) }
    public var health: UpstreamHealth { state.withLock(\.health) }

    /// As `UpstreamClient.generate`; what it used is counted, also where it is not finished.
    /// - Throws: `WorkerFailure` too where the budget is spent or the upstream is left alone.
    public func generate(
        _ request: WorkerRequest, hasOwnSeed: Bool = true, now: Date = Date(),
        at instant: ContinuousClock.Instant = .now
    ) async throws -> UpstreamClient.Events {
        // A refusal before anything is sent says nothing of the upstream.
        let call = try client.prepare(request, hasOwnSeed: hasOwnSeed)
        try client.enter()
        do { try admit(now, instant) } catch {
            client.leave()
            throw error
        }
        let events: UpstreamClient.Events
        do { events = try await client.start(call) } catch {
            note(error)
            throw error
        }
        let (stream, output) = UpstreamClient.Events.makeStream()
        let task = Task { [self] in
            var meter = UsageMeter()
            do {
                for try await event in events {
                    meter.note(event)
                    if case .finished = event { record(.answered) }
                    if case .failed(let failure) = event { note(failure) }
                    output.yield(event)
                }
                count(meter.usage)
                if !meter.isEnded { forget() }
                output.finish()
            } catch {
                count(meter.usage)
                note(error)
                output.finish(throwing: error)
            }
        }
        output.onTermination = { if case .cancelled = $0 { task.cancel() } }
        return stream
    }

    public func embed(
        _ request: EmbedRequest, now: Date = Date(), at instant: ContinuousClock.Instant = .now
    ) async throws -> Embeddings {
        try client.checkEmbeds(request)
        try admit(now, instant)
        do {
            let embeddings = try await client.embed(request)
            count(Usage(promptTokens: embeddings.promptTokens))
            record(.answered)
            return embeddings
        } catch {
            note(error)
            throw error
        }
    }

    /// Asks only to see whether it is there; to be called every few seconds.
    public func check(at instant: ContinuousClock.Instant = .now) async {
        do {
            _ = try await client.models()
            record(.answered, isCheck: true)
        } catch {
            if let outcome = UpstreamHealth.Outcome(error) { record(outcome, isCheck: true) }
        }
    }

    private func admit(_ now: Date, _ instant: ContinuousClock.Instant) throws(WorkerFailure) {
        let result = state.withLock { state in
            Result { () throws(WorkerFailure) in
                try state.budget.check(settings, at: now)
                try state.health.admit(settings.name, at: instant)
            }
        }
        try result.get()
    }

    private func count(_ usage: Usage) {
        state.withLock { $0.budget.add(usage, settings.prices, at: Date()) }
    }

    private func note(_ error: any Error) {
        guard let outcome = UpstreamHealth.Outcome(error) else { return forget() }
        record(outcome)
    }

    private func forget() { state.withLock { $0.health.forget() } }

    private func record(_ outcome: UpstreamHealth.Outcome, isCheck: Bool = false) {
        let (was, isNow, problem) = state.withLock { state in
            let was = state.health.problem == nil
            state.health.record(outcome, isCheck: isCheck, at: .now)
            return (was, state.health.problem == nil, state.health.problem)
        }
        if was, !isNow { logger.warning("the upstream is in trouble", metadata: ["reason": "\(problem ?? "")"]) }
        if !was, isNow { logger.notice("the upstream answers again") }
    }
}

/// What an answer used, by what has come of it.
struct UsageMeter: Sendable {
    private(set) var usage = Usage()
    private(set) var isEnded = false

    mutating func note(_ event: WorkerEvent) {
        switch event {
        case .started(let promptTokens): usage.promptTokens = promptTokens
        case .delta(let delta): usage.completionTokens += delta.tokens.count
        case .finished(let summary):
            usage = summary.usage
            isEnded = true
        case .failed: isEnded = true
        }
    }
}
