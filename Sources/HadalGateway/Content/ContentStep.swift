import HadalAccess
import HadalAudit
import HadalFirewall
import HadalJSON
import HadalPrivacy
import HadalRules
import HadalWire

/// What is done with contents on the way of a request: inspect → cache → worker → inspect the answer → record.
struct ContentStep: Sendable {
    let configuration: ContentConfiguration
    let cache: ResponseCache
    let reviews: ReviewDesk
    /// nil: nothing is recorded.
    let audit: AuditRecorder?
    let metrics: GatewayMetrics
    let served: [Deployment]
    let targets: RouteTargets
    /// nil: there are no releases.
    let releases: ReleaseObserver?

    /// Returns once the question is one that may be asked and the worker has accepted it, or its answer is there already.
    /// - Parameter countsPrompt: false for further choices of a prompt that is counted already.
    /// - Throws: `ContentRefusal`, and what the worker refuses.
    func begin(
        _ job: Job, _ deployment: Deployment, _ visit: Visit, countsPrompt: Bool = true
    ) async throws -> GuardedGeneration {
        try await audit?.check()
        let policy = configuration.policy(of: visit.caller.principal.tenant)
        var (job, deployment) = (job, deployment)
        var exchange = Exchange(.generation(job.request), id: job.request.id, deployment, visit, policy.record)
        exchange.countsPrompt = countsPrompt
        let start = ContinuousClock.now
        let metadata = visit.facts.metadata(visit.caller, model: deployment.catalogName)
        let result = try await inspect(job.request, policy, metadata, deployment)
        exchange.verdicts = result.verdicts
        if countsPrompt { visit.note(result.verdicts) }
        if let message = result.message, !isAllowed(exchange) {
            throw try await refusal(message, exchange, visit, start)
        }
        if let route = deployment.route, let tags = result.tags {
            do throws(GatewayError) { deployment = try route.chosen(with: tags) } catch {
                await fail(&exchange, error, start)
                throw error
            }
            exchange.take(deployment)
            exchange.route = deployment.route?.decision
        }
        if let texts = result.texts { job.request.prompt = job.request.prompt.replacing(with: texts) }
        if let route = result.route, let other = visit.caller.deployments.target(named: route),
            other.knownModel != nil
        {
            deployment = other
            exchange.take(other)
            exchange.route = nil
            visit.note(model: other.served)
        }
        let system = job.request.prompt.systemText
        let canary = policy.usesCanary ? mark(&job.request) : nil
        exchange.question = .generation(job.request)
        exchange.masks = result.vault.contents
        let plan = plan(policy, result, system: system, canary, metadata)
        let lookup = try await cached(job, deployment, policy, visit, isMarked: canary != nil)
        exchange.cached = lookup.result
        if countsPrompt, let result = lookup.result { visit.note(result) }
        let source: GuardedGeneration.Source
        do {
            source =
                if let answer = lookup.answer { .cache(answer) } else {
                    .worker(try await targets.generate(job, deployment, for: visit, countsPrompt: countsPrompt))
                }
        } catch {
            await fail(&exchange, error, start)
            throw error
        }
        let answering = answering(source, deployment)
        if let route = deployment.route {
            exchange.take(answering)
            visit.note(model: answering.served)
            visit.note(route: route)
        }
        return GuardedGeneration(
            source: source, deployment: answering, plan: plan, exchange: exchange, start: start
        ) { [self, exchange, deployment] ended, answer in
            try await finish(ended)
            visit.note(ended.verdicts)
            guard let answer, exchange.cached != .hit, exchange.cached != .similar else { return }
            // Another model may have taken the place meanwhile, or have answered instead.
            if deployment.served == exchange.model, deployment.digest == exchange.modelDigest { lookup.keep(answer) }
        }
    }

    /// The model whose answer it is, under the name that was asked for.
    private func answering(_ source: GuardedGeneration.Source, _ deployment: Deployment) -> Deployment {
        guard deployment.route != nil, case .worker(let generation) = source,
            let target = targets.deployment(generation.deployment.served)
        else { return deployment.pinned }
        return target.named(deployment.name)
    }

    /// Has texts embedded.
    func embed(_ request: EmbedRequest, _ deployment: Deployment, _ visit: Visit) async throws -> Embeddings {
        try await audit?.check()
        let policy = configuration.policy(of: visit.caller.principal.tenant)
        var request = request
        var exchange = Exchange(.embedding(request.inputs), id: request.id, deployment, visit, policy.record)
        let start = ContinuousClock.now
        let metadata = visit.facts.metadata(visit.caller, model: deployment.catalogName)
        let inspector = PromptInspector(policy: policy, rules: configuration.rules)
        if !inspector.isIdle { request.inputs = try await texts(of: request.inputs, deployment) }
        let texts = request.inputs.compactMap(\.text).map { PromptText(role: .user, text: $0) }
        let result = inspector.inspect(texts, metadata)
        exchange.verdicts = result.verdicts
        visit.note(result.verdicts)
        if let message = result.message, !isAllowed(exchange) {
            throw try await refusal(message, exchange, visit, start)
        }
        if let changed = result.texts { request.inputs = changed.map(PlainPrompt.text) }
        exchange.question = .embedding(request.inputs)
        exchange.masks = result.vault.contents
        do {
            let embeddings = try await deployment.ask { [request] client, _ in try await client.embed(request) }
            visit.meter(Usage(promptTokens: embeddings.promptTokens))
            exchange.usage = Usage(promptTokens: embeddings.promptTokens)
            exchange.total = (ContinuousClock.now - start) / .seconds(1)
            try await finish(exchange)
            return embeddings
        } catch GatewayError.notRecorded {
            // Nor is that recorded.
            throw GatewayError.notRecorded
        } catch {
            await fail(&exchange, error, start)
            throw error
        }
    }

    /// The client is told of the first error.
    private func fail(_ exchange: inout Exchange, _ error: any Error, _ start: ContinuousClock.Instant) async {
        exchange.fail(error)
        exchange.total = (ContinuousClock.now - start) / .seconds(1)
        try? await finish(exchange)
    }

    private func inspect(
        _ request: WorkerRequest, _ policy: ContentPolicy, _ metadata: RuleMetadata, _ deployment: Deployment
    ) async throws -> PromptInspector.Result {
        let inspector = PromptInspector(policy: policy, rules: configuration.rules)
        guard !inspector.isIdle else { return inspector.inspect([], metadata) }
        if case .plain(.tokens(let tokens)) = request.prompt {
            // What they say is what is looked at; where it is changed, the text goes on instead.
            let text = try await deployment.text(of: tokens)
            return inspector.inspect([PromptText(role: .user, text: text)], metadata)
        }
        return inspector.inspect(
            request.prompt.texts, reserved: request.tools.definitions.map(\.text), metadata)
    }

    /// What is to be looked at as text, all of it.
    private func texts(of inputs: [PlainPrompt], _ deployment: Deployment) async throws -> [PlainPrompt] {
        var texts: [PlainPrompt] = []
        for input in inputs {
            switch input {
            case .text: texts.append(input)
            case .tokens(let tokens):
                texts.append(.text(try await deployment.text(of: tokens)))
            }
        }
        return texts
    }

    /// Whether it was to be reviewed, and somebody has allowed it.
    private func isAllowed(_ exchange: Exchange) -> Bool {
        exchange.verdicts.action == .review && reviews.isAllowed(exchange)
    }

    private func refusal(
        _ message: String, _ exchange: Exchange, _ visit: Visit, _ start: ContinuousClock.Instant
    ) async throws -> ContentRefusal {
        var exchange = exchange
        exchange.total = (ContinuousClock.now - start) / .seconds(1)
        exchange.outcome = exchange.verdicts.action == .review ? .review : .blocked
        exchange.code = exchange.outcome == .review ? "content_review" : "content_blocked"
        try await finish(exchange)
        let ticket = exchange.outcome == .review ? await reviews.wait(exchange) : nil
        return ContentRefusal(
            message: message, verdicts: exchange.verdicts,
            waitsAs: ticket.flatMap { $0.isRefused ? nil : $0.id }, isShown: visit.seesVerdicts)
    }

    private func mark(_ request: inout WorkerRequest) -> Canary? {
        let canary = Canary()
        guard let prompt = request.prompt.marked(canary) else { return nil }
        request.prompt = prompt
        return canary
    }

    private func plan(
        _ policy: ContentPolicy, _ result: PromptInspector.Result, system: String, _ canary: Canary?,
        _ metadata: RuleMetadata
    ) -> AnswerPlan {
        var plan = AnswerPlan(isDryRun: policy.isDryRun)
        if !system.isEmpty, policy.firewall != nil || canary != nil, policy.leaks != .ignore {
            plan.watch = OutputWatch(systemPrompt: system, canary: canary)
            plan.blocksLeaks = policy.leaks == .block
        }
        if let rules = configuration.rules, rules.hasRules(for: metadata, .output) {
            plan.rules = rules.stream(metadata: metadata, scores: result.scores)
            plan.needsWhole = !policy.isDryRun && rules.needsWholeAnswer(metadata)
        }
        if !policy.privacy.policy.response.isIdle { plan.privacy = policy.privacy }
        plan.vault = result.vault
        return plan
    }

    private func finish(_ exchange: Exchange) async throws(GatewayError) {
        metrics.count(exchange)
        GenerationSpan.record(exchange)
        releases?.note(exchange)
        try await audit?.record(exchange)
    }
}

extension Exchange {
    fileprivate init(
        _ question: Question, id: String, _ deployment: Deployment, _ visit: Visit, _ record: RecordPolicy
    ) {
        self.init(
            id: id, caller: visit.caller, endpoint: visit.facts.endpoint, address: visit.facts.address,
            time: AuditTime.now(), model: deployment.served, modelDigest: deployment.digest, question: question,
            record: record)
        version = deployment.measuredVersion
        route = deployment.route?.decision
    }

    /// Another model is asked than was thought.
    fileprivate mutating func take(_ deployment: Deployment) {
        model = deployment.served
        version = deployment.measuredVersion
        modelDigest = deployment.digest
    }
}
