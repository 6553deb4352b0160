import Foundation
import HadalCUDA
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import HadalTemplates
import HadalTokenization

/// How a model is loaded.
public struct LoadOptions: Sendable {
    /// The most tokens of a prompt and its answer; nil: what the model was trained for, as far as memory reaches.
    public var context: Int?
    /// For the key-value cache; nil: half of what is free once the weights are loaded, at most four full contexts.
    public var cacheBytes: Int?
    public var cacheFormat = KVCacheShape.Format.f16
    /// Rows of a step.
    public var maximumRows = 512
    public var engine = EngineOptions()
    /// Opens encrypted files.
    public var opener = FileOpener.plain
    /// A smaller model with the same vocabulary, which guesses ahead: as a person names it.
    public var draftModel: String?
    /// Nil: what `HADAL_DEVICE` says, else the processor.
    public var device: DeviceChoice?
    /// Nil: one a core, or `HADAL_THREADS`.
    public var threads: Int?
    /// The most bytes of a card's memory; nil: all that is free. Experts that do not fit are the processor's.
    public var cardBytes: Int?
    /// Told of what is wrong but does not keep the model from running.
    public var warn: @Sendable (String) -> Void = {
        try? FileHandle.standardError.write(contentsOf: Data("warning: \($0)\n".utf8))
    }

    public init() {}

    /// - Parameter later: bytes of a model that is loaded after the first.
    func openDevice(later: Int = 0) throws -> any ComputeDevice {
        try (device ?? .standard()).open(threads: threads, memory: cardBytes, cache: cacheBytes, later: later)
    }
}

/// A loaded language model: weights, tokenizer, chat format, recommended settings, and the engine that runs it.
public final class ModelHost: Sendable {
    public let name: String
    public let path: String
    public let model: any LanguageModel
    public let tokenizer: any Tokenizer
    /// Nil for a base model.
    public let chatFormat: ChatFormat?
    public let defaults: GenerationDefaults
    public let engine: Engine
    /// Makes what answers are held to.
    public let constraints: ConstraintCompiler
    private let prompts: PromptEncoder

    public var description: ModelDescription { model.description }

    /// - Parameters:
    ///   - reference: MODEL as a person gives it.
    ///   - progress: called with 0…1 while weights are loaded.
    public static func load(
        _ reference: String, options: LoadOptions = LoadOptions(), progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> ModelHost {
        try load(
            Checkpoint.open(ModelFiles.resolve(reference), opener: options.opener), options: options, progress: progress
        )
    }

    public static func load(
        _ checkpoint: Checkpoint, options: LoadOptions = LoadOptions(), progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> ModelHost {
        let tokenizer = try ModelFiles.tokenizer(of: checkpoint)
        let draft = try options.draftModel.map { reference in
            let own = try Checkpoint.open(ModelFiles.resolve(reference), opener: options.opener)
            try DraftModel.check(ModelFiles.tokenizer(of: own), against: tokenizer)
            return own
        }
        let device = try options.openDevice(later: draft?.byteCount ?? 0)
        let model = try ModelLoader.load(
            checkpoint, device: device, maximumRows: options.maximumRows,
            predictsFromLayers: draft == nil ? options.engine.speculation.predictsFromLayers : nil,
            progress: progress)
        let draftModel = try draft.map {
            try ModelLoader.load($0, device: device, maximumRows: options.maximumRows)
        }
        if let card = device as? CUDADevice, card.experts.layersOnHost > 0 {
            options.warn(
                "the card has no room for the experts of \(card.experts.layersOnHost) of "
                    + "\(card.experts.layersOnHost + card.experts.layersOnCard) layers: the processor computes them, which "
                    + "is slower (docs/cuda.md)")
        }
        return try ModelHost(
            checkpoint: checkpoint, model: model, draftModel: draftModel, tokenizer: tokenizer, options: options)
    }

    package init(
        checkpoint: Checkpoint, model: any LanguageModel, draftModel: (any LanguageModel)? = nil,
        tokenizer: any Tokenizer, options: LoadOptions
    ) throws {
        path = checkpoint.path
        name = ModelFiles.name(of: checkpoint.path)
        self.model = model
        self.tokenizer = tokenizer
        chatFormat = try ModelFiles.chatFormat(of: checkpoint, tokenizer: tokenizer)
        defaults = GenerationDefaults(checkpoint, tokenizer: tokenizer)
        prompts = PromptEncoder(tokenizer)
        constraints = ConstraintCompiler(tokenizer)
        engine = try Engine(
            model: model, tokenizer: tokenizer, blocks: ModelHost.blocks(for: model, draftModel, options),
            cacheFormat: options.cacheFormat, contextLength: options.context, endTokens: defaults.endTokens,
            draftModel: draftModel, options: options.engine,
            modelDigest: options.engine.prefixStore == nil ? [] : PrefixIdentity.digest(of: checkpoint),
            warn: options.warn)
    }

    private static func blocks(
        for model: any LanguageModel, _ draftModel: (any LanguageModel)?, _ options: LoadOptions
    ) throws(EngineError) -> Int {
        let shapes = [model, draftModel].compactMap { $0?.cacheShape(blocks: 1, format: options.cacheFormat) }
        let perBlock = shapes.reduce(0) { $0 + $1.bytesPerBlock }
        let context = min(options.context ?? .max, model.description.contextLength)
        let contextBlocks = BlockPool.blocks(forPositions: context)
        let free = model.device.freeMemory ?? MemoryStatus.available
        let bytes = options.cacheBytes ?? min(free / 2, 4 * contextBlocks * perBlock)
        guard bytes >= perBlock else { throw .cacheTooSmall(bytes: bytes, needed: perBlock) }
        let wanted = options.cacheBytes == nil ? 4 * contextBlocks : Int.max
        return min(bytes / perBlock, wanted, Int(Int32.max))
    }

    // MARK: prompts

    /// A conversation as the model wants it.
    public struct ChatPrompt: Sendable {
        public var tokens: [Int32]
        public var text: String
        /// Whether the prompt ends inside the model's reasoning.
        public var startsInReasoning: Bool
    }

    /// - Parameters:
    ///   - variables: further variables of the template, such as `enable_thinking`.
    ///   - continuation: what the answer begins with.
    ///   - ownTexts: texts of ours in system messages; control tokens in them are meant.
    public func chatPrompt(
        messages: [JSON], tools: [JSON]? = nil, addGenerationPrompt: Bool = true,
        variables: JSON.Object = JSON.Object(), continuation: PromptContinuation? = nil,
        ownTexts: [String] = []
    ) throws -> ChatPrompt {
        guard let chatFormat else { throw EngineError.noChatTemplate(model: name) }
        let (tokens, text) = try prompts.encode(
            chatFormat, messages: messages, tools: tools, addGenerationPrompt: addGenerationPrompt,
            variables: variables,
            continuation: continuation, ownTexts: ownTexts)
        return ChatPrompt(
            tokens: tokens, text: text,
            startsInReasoning: continuation?.endsInReasoning ?? PromptContinuation.isReasoning(text))
    }

    /// Plain text to continue, after the token that begins a text where the model wants one.
    public func textPrompt(_ text: String) -> [Int32] {
        var tokens = tokenizer.encode(text, parsesSpecial: false)
        if tokenizer.addsBeginningOfText, let start = tokenizer.beginningOfText { tokens.insert(start, at: 0) }
        return tokens
    }

    /// Answers a conversation, reasoning and content apart.
    ///
    /// - Parameter request: everything but the prompt.
    public func answer(_ prompt: ChatPrompt, _ request: GenerationRequest) throws(EngineError) -> ChatStream {
        var request = request
        request.prompt = prompt.tokens
        return ChatStream(try engine.submit(request), startsInReasoning: prompt.startsInReasoning)
    }
}
