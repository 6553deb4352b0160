import HadalCompute
import HadalModels
import HadalTokenization

/// Generates for many requests at once: `submit` gives each its stream of events, one thread computes for all of them.
///
/// The engine lives as long as someone holds it or listens to one of its streams; then its thread ends.
public final class Engine: Sendable {
    public struct Statistics: Sendable, Hashable {
        public var running = 0
        public var waiting = 0
        public var freeBlocks = 0
        public var totalBlocks = 0
        /// Tokens of prompts computed, and tokens drawn, since the start.
        public var promptTokens = 0
        public var generatedTokens = 0
    }

    public struct Limits: Sendable {
        /// Sequences in one batch.
        public var maximumSequences = 32
        /// Requests that may wait; one more is refused.
        public var maximumWaiting = 256
        /// Rows of prompts in a step in which others decode: bounds how long these wait for their next token.
        public var promptRowsBesideDecode = 128

        public init() {}
    }

    public let model: any LanguageModel
    public let tokenizer: any Tokenizer
    /// The most tokens of a prompt and its answer together.
    public let contextLength: Int
    private let loop: EngineLoop

    /// - Parameters:
    ///   - blocks: of the key-value cache.
    ///   - contextLength: nil for as much as model and cache allow.
    ///   - endTokens: tokens that end a text.
    /// - Throws: `ComputeError` where there is no memory for the cache.
    public init(
        model: any LanguageModel, tokenizer: any Tokenizer, blocks: Int, cacheFormat: KVCacheShape.Format = .f16,
        contextLength: Int? = nil, endTokens: Set<Int32>, limits: Limits = Limits()
    ) throws {
        self.model = model
        self.tokenizer = tokenizer
        self.contextLength = min(
            contextLength ?? .max, model.description.contextLength, blocks * KVCacheShape.blockSize)
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: cacheFormat))
        loop = EngineLoop(model: model, cache: cache, endTokens: endTokens, limits: limits)
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
            tokenizer: tokenizer, vocabulary: model.description.vocabularySize, contextLength: contextLength)
        let (events, continuation) = AsyncStream<GenerationEvent>.makeStream()
        let sequence = Sequence(request, stream: continuation, tokenizer: tokenizer)
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

    /// Cancels what runs and ends the thread. Streams end with `finished`, its reason `cancelled`.
    public func stop() { loop.stop() }
}
