import Foundation
import HadalUpstreams
import HadalWire
import Logging
import Synchronization

/// Another server that serves a model: it is tried out when it is there for the first time, and from then on asked for what
/// it has been seen to do.
final class UpstreamModel: ModelClient {
    let settings: UpstreamSettings
    private let ledger: UpstreamLedger?
    private let model: String
    private let logger: Logger
    private let found = Mutex<Upstream?>(nil)
    private let away = Mutex<String?>("it has not been asked yet")

    let continuesAnswers = false

    /// - Parameters:
    ///   - model: the deployment's name, for errors.
    ///   - ledger: where what it was used for is kept; nil: as long as the process lives.
    init(_ settings: UpstreamSettings, model: String, ledger: UpstreamLedger?, logger: Logger) {
        self.settings = settings
        self.model = model
        self.ledger = ledger
        self.logger = logger
    }

    /// nil: it has not been there yet.
    var upstream: Upstream? { found.withLock { $0 } }

    /// Why it could not be used when it was looked at last; nil: it could.
    var problem: String? { away.withLock { $0 } }

    /// What it was used for, also before it is there.
    var budget: UpstreamBudget { upstream?.budget ?? ledger?.load() ?? UpstreamBudget() }

    var provenFeatures: Set<UpstreamFeature>? { upstream?.client.capabilities.features }

    func describe() async throws -> WorkerModel { try known().model }

    func look() async throws -> WorkerModel {
        do {
            let model = try await find()
            away.withLock { $0 = nil }
            return model
        } catch {
            away.withLock { $0 = WorkerProblem.text(error) }
            throw error
        }
    }

    /// Finds out anew what it can do.
    /// - Returns: false where somebody else does so at this moment.
    /// - Throws: also where it has not been there yet.
    func probe() async throws -> Bool {
        let upstream = try known()
        guard try await upstream.probe() else { return false }
        save(upstream.budget)
        return true
    }

    private func find() async throws -> WorkerModel {
        if let upstream {
            try await upstream.client.look()
            save(upstream.budget)
            return upstream.model
        }
        let finding = try await UpstreamProbe(settings, key: try settings.key?.read()).run()
        var budget = ledger?.load() ?? UpstreamBudget()
        budget.add(finding.usage, settings.prices, at: Date())
        let upstream = Upstream(finding, budget: budget, logger: logger)
        found.withLock { $0 = upstream }
        save(budget)
        return upstream.model
    }

    func health() async throws -> WorkerHealth { throw GatewayError.notReady(model: model) }

    func generate(_ request: WorkerRequest, hasOwnSeed: Bool) async throws -> WorkerStream {
        try await asking { upstream in
            WorkerStream(
                source: .upstream(try await upstream.generate(request, hasOwnSeed: hasOwnSeed)), model: model)
        }
    }

    func embed(_ request: EmbedRequest) async throws -> Embeddings { try await asking { try await $0.embed(request) } }

    func tokenize(_ request: TokenizeRequest) async throws -> TokenizedPrompt {
        try await asking { try await $0.client.tokenize(request) }
    }

    func detokenize(_ request: DetokenizeRequest) async throws -> String {
        try await asking { try await $0.client.detokenize(request) }
    }

    func end() async {
        guard let upstream else { return }
        save(upstream.budget)
        try? await upstream.client.shutdown()
    }

    private func known() throws(GatewayError) -> Upstream {
        guard let upstream else { throw .notReady(model: model) }
        return upstream
    }

    private func asking<Answer>(_ question: (Upstream) async throws -> Answer) async throws -> Answer {
        do { return try await question(try known()) } catch let error as UpstreamError {
            if Task.isCancelled { throw CancellationError() }
            logger.warning("an upstream was lost", metadata: ["upstream": "\(settings.name)", "reason": "\(error)"])
            throw GatewayError.workerLost(model: model)
        }
    }

    private func save(_ budget: UpstreamBudget) {
        do { try ledger?.save(budget) } catch {
            logger.warning(
                "what an upstream was used for cannot be kept",
                metadata: ["upstream": "\(settings.name)", "error": "\(error)"])
        }
    }
}
