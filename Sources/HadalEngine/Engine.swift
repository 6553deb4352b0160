import HadalCompute
import HadalModels
import HadalTokenization

/// Generates for many requests at once: `submit` gives each its stream of events, one thread computes for all of them.
///
/// The engine lives as long as someone holds it or listens to one of its streams; then its thread ends.
public final class Engine: Sendable {
    public let model: any LanguageModel
    public let tokenizer: any Tokenizer
    /// The most tokens of a prompt and its answer together.
    public let contextLength: Int
    /// Whether the cache is what keeps prompts from being longer.
    private let isCacheTheLimit: Bool
    private let endTokens: Set<Int32>
    let loop: EngineLoop
    let profiles = ProfileDesk()
    /// Of the model and the one that guesses ahead.
    let weightBytes: Int

    /// - Parameters:
    ///   - blocks: of the key-value cache.
    ///   - contextLength: nil for as much as model and cache allow.
    ///   - endTokens: tokens that end a text.
    ///   - draftModel: a smaller model with the same vocabulary, which guesses ahead; its keys and values come beside the
    ///     model's, in blocks of the same numbers.
    ///   - options: how time and memory are shared.
    ///   - modelDigest: of the weights; what is cached on disk is used for them alone.
    ///   - warn: told of what is wrong with the cache on disk.
    /// - Throws: `ComputeError` where there is no memory for the cache, `EngineError` about the options.
    public init(
        model: any LanguageModel, tokenizer: any Tokenizer, blocks: Int, cacheFormat: KVCacheShape.Format = .f16,
        contextLength: Int? = nil, endTokens: Set<Int32>, draftModel: (any LanguageModel)? = nil,
        options: EngineOptions = EngineOptions(),
        modelDigest: [UInt8] = [], warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        try options.validate()
        self.model = model
        self.tokenizer = tokenizer
        self.endTokens = endTokens
        let wanted = min(contextLength ?? .max, model.description.contextLength)
        self.contextLength = min(wanted, blocks * KVCacheShape.blockSize)
        weightBytes = model.description.weightBytes + (draftModel?.description.weightBytes ?? 0)
        isCacheTheLimit = self.contextLength < wanted
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: cacheFormat))
        let store = try options.prefixStore.flatMap { options in
            let identity = PrefixIdentity(
                model: modelDigest, device: model.device, shape: cache.shape, key: options.key)
            return try PrefixStore.open(options, identity, cache: cache, warn: warn)
        }
        let drafting = try draftModel.map {
            DraftModel($0, cache: try $0.device.makeCache($0.cacheShape(blocks: blocks, format: cacheFormat)))
        }
        loop = EngineLoop(
            model: model, cache: cache, draftModel: drafting, endTokens: endTokens, options: options, store: store)
        loop.start()
    }

    deinit { loop.stop() }

    public var statistics: Statistics { loop.statistics }

    /// Queues a request. Cancelling the task that reads the stream, or dropping the stream, stops the generation within a
    /// step and frees its blocks.
    ///
    /// - Throws: what is wrong with the request, or `queueFull` or `draining`.
    public func submit(_ request: GenerationRequest) throws(EngineError) -> AsyncStream<GenerationEvent> {
        let request = try request.checked(
            tokenizer: tokenizer, vocabulary: model.description.vocabularySize, contextLength: contextLength,
            isCacheTheLimit: isCacheTheLimit)
        let (events, continuation) = AsyncStream<GenerationEvent>.makeStream()
        let sequence = Sequence(request, stream: continuation, tokenizer: tokenizer, endTokens: endTokens)
        if let reason = sequence.takeGenerated(endTokens: endTokens) {
            sequence.finish(reason)
            return events
        }
        let cancellation = sequence.cancellation
        // Holds the engine until the stream ends.
        continuation.onTermination = { [self] termination in
            guard case .cancelled = termination else { return }
            cancellation.cancel()
            loop.wake()
        }
        do { try loop.add(sequence) } catch {
            continuation.onTermination = nil
            throw error
        }
        return events
    }

    /// Takes no new requests and waits until the ones it has are done.
    public func drain() async { await loop.drain() }

    /// Drains, writes what is cached where that is asked for, and ends the thread.
    public func shutdown() async {
        await drain()
        loop.stop()
        await loop.waitForEnd()
    }

    /// Cancels what runs and ends the thread. Streams end with `finished`, its reason `cancelled`.
    public func stop() { loop.stop() }
}
