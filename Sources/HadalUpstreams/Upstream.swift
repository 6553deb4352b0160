import Foundation
import HadalWire
import Logging
import Synchronization

/// An upstream in a worker's place: its client, watched by its health and its budget.
public final class Upstream: Sendable {
    public let settings: UpstreamSettings
    private let logger: Logger
    let state: Mutex<State>

    struct State {
        var client: UpstreamClient
        var model: WorkerModel
        /// When it was found out what it can do.
        var probed = Date()
        var isProbed = false
        var health = UpstreamHealth()
        var budget: UpstreamBudget
        var errors = UpstreamErrors()
    }

    /// - Parameter budget: as it was saved.
    public init(_ found: UpstreamProbe.Finding, budget: UpstreamBudget = UpstreamBudget(), logger: Logger) {
        settings = found.client.settings
        var logger = logger
        logger[metadataKey: "upstream"] = "\(settings.name)"
        self.logger = logger
        state = Mutex(State(client: found.client, model: found.model, budget: budget))
    }

    /// For what it has been seen to do.
    public var client: UpstreamClient { state.withLock(\.client) }
    public var model: WorkerModel { state.withLock(\.model) }

    /// To be saved from time to time.
    public var budget: UpstreamBudget { state.withLock(\.budget) }
    public var health: UpstreamHealth { state.withLock(\.health) }

    /// As `UpstreamClient.generate`; what it used is counted, also where it is not finished.
    /// - Throws: `WorkerFailure` too where the budget is spent or the upstream is left alone.
    public func generate(
        _ request: WorkerRequest, hasOwnSeed: Bool = true, now: Date = Date(),
        at instant: ContinuousClock.Instant = .now
    ) async throws -> UpstreamClient.Events {
        let client = client
        // A refusal before anything is sent says nothing of the upstream.
        let call = try client.prepare(request, hasOwnSeed: hasOwnSeed)
        try client.http.places.enter()
        do { try admit(now, instant) } catch {
            client.http.places.leave()
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
        let client = client
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
            try await client.look()
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

    func note(_ error: any Error) {
        guard let outcome = UpstreamHealth.Outcome(error) else { return forget() }
        record(outcome)
    }

    private func forget() { state.withLock { $0.health.forget() } }

    func record(_ outcome: UpstreamHealth.Outcome, isCheck: Bool = false) {
        let (was, isNow, problem) = state.withLock { state in
            let was = state.health.problem == nil
            state.health.record(outcome, isCheck: isCheck, at: .now)
            if case .failed(let reason) = outcome { state.errors.note(reason, at: Date()) }
            return (was, state.health.problem == nil, state.health.problem)
        }
        if was, !isNow { logger.warning("the upstream is in trouble", metadata: ["reason": "\(problem ?? "")"]) }
        if !was, isNow { logger.notice("the upstream answers again") }
    }
}
