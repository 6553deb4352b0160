import HadalTokenization
import Synchronization

/// One request on its way: what is computed, what was drawn, and where its events go. Used by the engine's thread alone,
/// but for `cancellation`.
final class Sequence {
    let request: GenerationRequest
    let stream: AsyncStream<GenerationEvent>.Continuation
    let cancellation = Cancellation()
    let submitted = ContinuousClock.now
    var tokens: [Int32]
    /// Positions whose keys and values are in the cache.
    var computed = 0
    var blocks: [Int32] = []
    private var sampler: Sampler
    private var detokenizer: StreamingDetokenizer
    private var stops: StopMatcher
    private var pending: [GenerationEvent.Token] = []
    private var firstToken: ContinuousClock.Instant?

    init(
        _ request: GenerationRequest, stream: AsyncStream<GenerationEvent>.Continuation, tokenizer: any Tokenizer
    ) {
        self.request = request
        self.stream = stream
        tokens = request.prompt
        sampler = Sampler(request.sampling, prompt: request.prompt)
        detokenizer = StreamingDetokenizer(
            tokenizer, skipsSpecial: request.skipsSpecialTokens, after: request.prompt)
        stops = StopMatcher(request.stops)
    }

    var generated: Int { tokens.count - request.prompt.count }
    var blocksNeeded: Int { BlockAllocator.blocks(forPositions: request.prompt.count + request.maximumTokens) }

    /// Draws the token after the last one.
    ///
    /// - Parameter logits: bias and penalties are applied in place.
    func draw(_ logits: UnsafeMutableBufferPointer<Float>) -> GenerationEvent.Token {
        guard let top = request.topLogProbabilities else {
            return GenerationEvent.Token(id: sampler.sample(logits, position: tokens.count))
        }
        let original = Array(logits)
        let token = sampler.sample(logits, position: tokens.count)
        let report = original.withUnsafeBufferPointer { Sampler.logProbabilities($0, of: token, top: top) }
        return GenerationEvent.Token(id: token, logProbability: report.token, alternatives: report.top)
    }

    /// Takes a drawn token; returns why the sequence is finished, if it is.
    func take(_ token: GenerationEvent.Token, endTokens: Set<Int32>) -> GenerationEvent.FinishReason? {
        if firstToken == nil { firstToken = .now }
        tokens.append(token.id)
        let ends = request.stopTokens.contains(token.id) || (!request.ignoresEndOfText && endTokens.contains(token.id))
        if ends {
            deliver(stops.feed(detokenizer.flush()).text + stops.flush())
            return .stop
        }
        pending.append(token)
        let found = stops.feed(detokenizer.push(token.id))
        if found.stopped {
            deliver(found.text)
            return .stop
        }
        if generated == request.maximumTokens {
            let rest = stops.feed(detokenizer.flush())
            deliver(found.text + rest.text + (rest.stopped ? "" : stops.flush()))
            return .length
        }
        if !found.text.isEmpty { deliver(found.text) }
        return nil
    }

    private func deliver(_ text: String) {
        guard !text.isEmpty || !pending.isEmpty else { return }
        stream.yield(.delta(text: text, tokens: pending))
        pending = []
    }

    func finish(_ reason: GenerationEvent.FinishReason) {
        let now = ContinuousClock.now
        let first = firstToken ?? now
        stream.yield(
            .finished(
                GenerationEvent.Summary(
                    reason: reason, promptTokens: request.prompt.count, generatedTokens: generated,
                    firstTokenSeconds: (first - submitted) / .seconds(1), decodeSeconds: (now - first) / .seconds(1))))
        stream.finish()
    }
}

/// Set by whoever listens to a stream when they stop listening.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .relaxed) }

    func cancel() { flag.store(true, ordering: .relaxed) }
}
