import Foundation
import HadalCompute
import HadalModels
import HadalTokenization

/// Generates for many requests at once on one thread of its own: schedule, run, postprocess.
public final class Engine: @unchecked Sendable {
    public struct Statistics: Sendable, Hashable {
        public var running = 0
        public var waiting = 0
        public var freeBlocks = 0
        public var totalBlocks = 0
        public var promptTokens = 0
        public var generatedTokens = 0
    }

    public struct Limits: Sendable {
        /// Sequences in one batch.
        public var maximumSequences = 32
        /// Requests that may wait; one more is refused.
        public var maximumWaiting = 256

        public init() {}
    }

    public let model: any LanguageModel
    public let tokenizer: any Tokenizer
    /// The most tokens of a prompt and its answer together.
    public let contextLength: Int
    private let cache: any KVCache
    private let endTokens: Set<Int32>
    private let limits: Limits

    /// Guards what follows; signalled when there is something to do, or when the engine became idle.
    private let condition = NSCondition()
    private var arrived: [Sequence] = []
    private var state = State.serving
    private var published = Statistics()
    private var isIdle = true

    private enum State { case serving, draining, stopped }

    /// Used by the engine's thread alone.
    private var scheduler: Scheduler

    /// - Parameters:
    ///   - blocks: of the key-value cache.
    ///   - endTokens: tokens that end a text.
    public init(
        model: any LanguageModel, tokenizer: any Tokenizer, blocks: Int, cacheFormat: KVCacheShape.Format = .f16,
        endTokens: Set<Int32>, limits: Limits = Limits()
    ) throws {
        self.model = model
        self.tokenizer = tokenizer
        self.endTokens = endTokens
        self.limits = limits
        cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: cacheFormat))
        contextLength = min(model.description.contextLength, blocks * KVCacheShape.blockSize)
        scheduler = Scheduler(
            maximumRows: model.maximumRows, maximumSequences: limits.maximumSequences, blocks: blocks)
        published.totalBlocks = blocks
        published.freeBlocks = blocks
        // The thread keeps the engine alive until `stop`.
        let thread = Thread { self.loop() }
        thread.name = "engine"
        thread.stackSize = 8 << 20
        thread.start()
    }

    public var statistics: Statistics {
        condition.withLock {
            var result = published
            result.waiting += arrived.count
            return result
        }
    }

    /// Queues a request. Ending the iteration of the stream early stops the generation within a step.
    public func submit(_ request: GenerationRequest) throws(EngineError) -> AsyncStream<GenerationEvent> {
        let request = try checked(request)
        let (events, continuation) = AsyncStream<GenerationEvent>.makeStream()
        let cancellation = Cancellation()
        let sequence = Sequence(request, stream: continuation, cancellation: cancellation, tokenizer: tokenizer)
        continuation.onTermination = { [weak self] termination in
            guard case .cancelled = termination else { return }
            cancellation.cancel()
            self?.condition.withLock { self?.condition.broadcast() }
        }
        let problem: EngineError? = condition.withLock {
            guard state == .serving else { return .draining }
            guard arrived.count + published.waiting < limits.maximumWaiting else {
                return .queueFull(limit: limits.maximumWaiting)
            }
            arrived.append(sequence)
            isIdle = false
            condition.broadcast()
            return nil
        }
        if let problem { throw problem }
        return events
    }

    private func checked(_ request: GenerationRequest) throws(EngineError) -> GenerationRequest {
        var request = request
        if request.prompt.isEmpty {
            guard let start = tokenizer.beginningOfText else { throw .emptyPrompt }
            request.prompt = [start]
        }
        let vocabulary = model.description.vocabularySize
        if let token = request.prompt.first(where: { $0 < 0 || $0 >= vocabulary }) {
            throw .tokenOutOfRange(token, vocabulary: vocabulary)
        }
        try request.sampling.validate(vocabulary: vocabulary)
        guard request.maximumTokens > 0 else {
            throw .invalidParameter("the number of tokens to generate", problem: "must be at least 1")
        }
        guard request.prompt.count < contextLength else {
            throw .promptTooLong(tokens: request.prompt.count, limit: contextLength - 1)
        }
        request.maximumTokens = min(request.maximumTokens, contextLength - request.prompt.count)
        request.stops.removeAll(where: \.isEmpty)
        return request
    }

    /// Takes no new requests and waits until the running ones are done.
    public func drain() {
        condition.lock()
        if state == .serving { state = .draining }
        condition.broadcast()
        while !isIdle, state != .stopped { condition.wait() }
        condition.unlock()
    }

    /// Cancels what runs and ends the thread; the engine is freed only after this.
    public func stop() {
        condition.withLock {
            state = .stopped
            condition.broadcast()
        }
    }

    // MARK: the engine's thread

    private func loop() {
        while waitForWork() {
            for sequence in scheduler.removeCancelled() { sequence.finish(.cancelled) }
            let parts = scheduler.schedule()
            if !parts.isEmpty { postprocess(parts, logits: run(parts)) }
            publish()
        }
        for sequence in scheduler.waiting + scheduler.running { sequence.finish(.cancelled) }
    }

    /// Takes over new requests; false when the engine stops.
    private func waitForWork() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while state != .stopped, arrived.isEmpty, scheduler.isIdle {
            isIdle = true
            condition.broadcast()
            condition.wait()
        }
        guard state != .stopped else {
            for sequence in arrived { sequence.finish(.cancelled) }
            arrived = []
            isIdle = true
            condition.broadcast()
            return false
        }
        for sequence in arrived { scheduler.add(sequence) }
        arrived.removeAll()
        return true
    }

    /// Logits of the parts that draw a token, in their order.
    private func run(_ parts: [Scheduler.Part]) -> Buffer {
        var step = Step()
        var outputRows: [Int32] = []
        for (index, part) in parts.enumerated() {
            step.tokens += part.sequence.tokens[part.range]
            step.positions += part.range.map { Int32($0) }
            step.sequences += repeatElement(Int32(index), count: part.range.count)
            step.blockTables.append(part.sequence.blocks)
            if part.drawsToken { outputRows.append(Int32(step.tokens.count - 1)) }
        }
        return model.forward(step, cache: cache, outputRows: outputRows)
    }

    private func postprocess(_ parts: [Scheduler.Part], logits: Buffer) {
        let vocabulary = logits.width
        var values = logits.rows == 0 ? [] : model.device.read(logits, rows: logits.rows)
        values.withUnsafeMutableBufferPointer { values in
            var row = 0
            var promptTokens = 0
            for part in parts {
                let sequence = part.sequence
                sequence.computed = part.range.upperBound
                guard part.drawsToken else { continue }
                let own = UnsafeMutableBufferPointer(rebasing: values[row * vocabulary..<(row + 1) * vocabulary])
                row += 1
                if let reason = sequence.take(draw(own, for: sequence), endTokens: endTokens) {
                    scheduler.remove(sequence)
                    promptTokens += sequence.request.prompt.count
                    sequence.finish(reason)
                }
            }
            condition.withLock {
                published.generatedTokens += row
                published.promptTokens += promptTokens
            }
        }
    }

    private func draw(_ logits: UnsafeMutableBufferPointer<Float>, for sequence: Sequence) -> GenerationEvent.Token {
        guard let top = sequence.request.topLogProbabilities else {
            return GenerationEvent.Token(id: sequence.sampler.sample(logits, position: sequence.tokens.count))
        }
        // Sampling adjusts the logits, so the report is made from a copy.
        let original = UnsafeMutableBufferPointer<Float>.allocate(capacity: logits.count)
        defer { original.deallocate() }
        _ = original.initialize(from: logits)
        let token = sequence.sampler.sample(logits, position: sequence.tokens.count)
        let report = Sampler.logProbabilities(original, of: token, top: top)
        return GenerationEvent.Token(id: token, logProbability: report.token, alternatives: report.top)
    }

    private func publish() {
        condition.withLock {
            published.running = scheduler.running.count
            published.waiting = scheduler.waiting.count
            published.freeBlocks = scheduler.blocks.free
        }
    }
}

extension SamplingParameters {
    /// - Throws: `EngineError.invalidParameter` that names the parameter and its range.
    public func validate(vocabulary: Int) throws(EngineError) {
        func check(_ name: String, _ value: Float, _ range: ClosedRange<Float>) throws(EngineError) {
            guard range.contains(value) else {
                throw .invalidParameter(name, problem: "\(value) is not from \(range.lowerBound) to \(range.upperBound)")
            }
        }
        try check("temperature", temperature, 0...100)
        try check("top_p", topP, 0...1)
        try check("min_p", minP, 0...1)
        try check("typical_p", typicalP, 0...1)
        try check("repetition_penalty", repetitionPenalty, 0.01...100)
        try check("frequency_penalty", frequencyPenalty, -100...100)
        try check("presence_penalty", presencePenalty, -100...100)
        guard topK >= 0 else { throw .invalidParameter("top_k", problem: "\(topK) is negative") }
        for (token, bias) in logitBias {
            guard token >= 0, token < vocabulary else { throw .tokenOutOfRange(token, vocabulary: vocabulary) }
            guard bias.isFinite else { throw .invalidParameter("logit_bias", problem: "\(bias) is no finite number") }
        }
    }
}
