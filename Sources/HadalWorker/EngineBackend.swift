import HadalEngine
import HadalJSON
import HadalModels
import HadalTemplates
import HadalWire

/// A loaded model as a worker's backend.
public struct EngineBackend: WorkerBackend {
    let host: ModelHost
    public let model: WorkerModel
    /// Nil for a base model.
    let toolFormat: ToolFormat?
    let fillInMiddle: FillInMiddle?

    public init(_ host: ModelHost) {
        self.host = host
        let description = host.description
        var abilities: Set<WorkerModel.Ability> = [.completion]
        if host.chatFormat != nil { abilities.insert(.chat) }
        toolFormat = host.chatFormat.map(ToolFormat.init)
        fillInMiddle = host.fillInMiddle
        if fillInMiddle != nil { abilities.insert(.infill) }
        model = WorkerModel(
            architecture: description.architecture, contextLength: host.engine.contextLength,
            vocabularySize: description.vocabularySize, parameters: description.parameters,
            weightBytes: description.weightBytes,
            fingerprint: "fp_\(description.architecture)_\(String(description.weightBytes, radix: 36))",
            abilities: abilities)
    }

    public func generate(_ request: WorkerRequest) async throws(WorkerFailure) -> AsyncStream<[WorkerEvent]> {
        let prompt: Prompt
        let events: AsyncStream<GenerationEvent>
        do {
            prompt = try self.prompt(request)
            var generation = generation(request, prompt)
            generation.constraint = try host.constraint(request.constraint, start: prompt.constraintStart)
            if generation.constraint == nil, let tools = prompt.tools {
                generation.constraint = try host.constraint(
                    request.tools, tools.syntax, prefill: tools.prefill, showing: prompt.shownTokens)
            }
            events = try host.engine.submit(generation)
        } catch {
            throw WorkerFailure(engine: error)
        }
        let translation = EventTranslation(
            tokenizer: host.tokenizer, splits: request.prompt.isChat, startsInReasoning: prompt.startsInReasoning,
            tools: prompt.tools)
        let (stream, continuation) = AsyncStream<[WorkerEvent]>.makeStream()
        continuation.yield([.started(promptTokens: prompt.tokens.count)])
        let task = Task {
            var translation = translation
            for await event in events {
                let translated = translation.translate(event)
                if !translated.isEmpty { continuation.yield(translated) }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    public func embed(_ request: EmbedRequest) async throws(WorkerFailure) -> Embeddings {
        throw WorkerFailure(.unsupported, "\(host.name) is no embedding model")
    }

    /// What the request leaves open follows the model's own defaults.
    private func generation(_ request: WorkerRequest, _ prompt: Prompt) -> GenerationRequest {
        var generation = GenerationRequest(
            prompt: prompt.tokens, maximumTokens: request.maximumTokens ?? host.engine.contextLength)
        let wanted = request.sampling
        var sampling = host.defaults.sampling
        if let value = wanted.temperature { sampling.temperature = Float(value) }
        if let value = wanted.topP { sampling.topP = Float(value) }
        if let value = wanted.topK { sampling.topK = value }
        if let value = wanted.minP { sampling.minP = Float(value) }
        if let value = wanted.typicalP { sampling.typicalP = Float(value) }
        if let value = wanted.repetitionPenalty { sampling.repetitionPenalty = Float(value) }
        if let value = wanted.frequencyPenalty { sampling.frequencyPenalty = Float(value) }
        if let value = wanted.presencePenalty { sampling.presencePenalty = Float(value) }
        sampling.logitBias = wanted.logitBias.mapValues { Float($0) }
        sampling.seed = wanted.seed ?? .random(in: .min ... .max)
        generation.sampling = sampling
        generation.stops = request.stop.texts ?? []
        generation.stopTokens = request.stop.tokens.union(prompt.stopTokens)
        generation.shownSpecialTokens = prompt.shownTokens
        generation.ignoresEndOfText = request.stop.ignoresEndOfText
        generation.topLogProbabilities = request.topLogProbabilities
        generation.tenant = request.tenant
        generation.priority = request.priority
        generation.startDeadline = request.startSeconds.map { .seconds($0) }
        generation.generated = request.generated
        return generation
    }
}

extension WorkerRequest.Prompt {
    var isChat: Bool {
        if case .messages = self { true } else { false }
    }
}

extension WorkerFailure {
    /// What the engine or a chat template said.
    init(engine error: any Error) {
        self =
            switch error {
            case let failure as WorkerFailure: failure
            case let error as EngineError: WorkerFailure(error)
            case TemplateError.refused(_, let message): WorkerFailure(.invalidRequest, message, field: "messages")
            case let error as TemplateError: WorkerFailure(.invalidRequest, error.description, field: "messages")
            default: WorkerFailure(.internal, "\(error)")
            }
    }

    private init(_ error: EngineError) {
        var retrySeconds: Int?
        if case .queueFull(_, let seconds) = error { retrySeconds = seconds }
        let code: Code =
            switch error {
            case .promptTooLong, .promptExceedsCache: .contextLengthExceeded
            case .queueFull: .queueFull
            case .draining: .draining
            case .profiled: .busy
            case .noChatTemplate: .unsupported
            case .emptyPrompt, .invalidParameter, .tokenOutOfRange, .invalidText: .invalidRequest
            case .noSuchModel, .unusableDevice, .cacheTooSmall, .prefixStore: .internal
            }
        self.init(code, error.description, retrySeconds: retrySeconds)
    }
}
