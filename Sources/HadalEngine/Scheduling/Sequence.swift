import HadalCompute
import HadalTokenization
import Synchronization

/// One request on its way: what is computed, what was drawn, and where its events go. Used by the engine's thread alone,
/// but for `cancellation`.
package final class Sequence {
    package let request: GenerationRequest
    let stream: AsyncStream<GenerationEvent>.Continuation
    package let cancellation = Cancellation()
    let submitted = ContinuousClock.now
    /// Of the prompt, and then those that were drawn.
    package var tokens: [Int32]
    /// Positions whose keys and values are in the cache.
    package var computed = 0
    /// Of the cache, in the order of the positions.
    package var blocks: [Int32] = []
    /// How many of `blocks`, from the first on, are in the prefix tree.
    package var shared = 0
    /// Tokens of the prompt that were found in the cache.
    package var cachedTokens = 0
    /// Among all requests of the engine.
    var arrival = 0
    /// When it was begun first.
    package var begun: ContinuousClock.Instant?
    package var wasPreempted = false
    /// Positions that were computed at least once.
    var highest = 0
    /// Guesses that the next step computes after the last token.
    package var draft: Draft?
    /// Positions whose keys and values the draft model has.
    var drafted = 0
    private var lookup = PromptLookup()
    /// By `DraftSource`.
    private var trusts = DraftSource.allCases.map { _ in DraftTrust() }
    let tokenizer: any Tokenizer
    /// In what the answer is held to.
    private(set) var progress: ConstraintProgress?
    private var sampler: Sampler
    private var detokenizer: StreamingDetokenizer
    private var stops: StopMatcher
    private var pending: [GenerationEvent.Token] = []
    private var firstToken: ContinuousClock.Instant?

    package init(
        _ request: GenerationRequest, stream: AsyncStream<GenerationEvent>.Continuation, tokenizer: any Tokenizer,
        endTokens: Set<Int32> = []
    ) {
        self.request = request
        self.stream = stream
        self.tokenizer = tokenizer
        tokens = request.prompt
        progress = request.constraint.map {
            ConstraintProgress($0, request: request, tokenizer: tokenizer, endTokens: endTokens)
        }
        sampler = Sampler(request.sampling, prompt: request.prompt)
        detokenizer = StreamingDetokenizer(
            tokenizer, skipsSpecial: request.skipsSpecialTokens, showing: request.shownSpecialTokens,
            after: request.prompt)
        stops = StopMatcher(request.stops)
    }

    package var generated: Int { tokens.count - request.prompt.count }
    package var tenant: String { request.tenant }
    package var priority: Int { request.priority }
    /// Whether it is computed only where nothing else is.
    package var isIdleWork: Bool { priority == GenerationRequest.priorities.lowerBound }
    var startDeadline: ContinuousClock.Instant? { request.startDeadline.map { submitted + $0 } }
    /// Rows to compute before the next token can be drawn.
    package var remaining: Int { tokens.count - computed }
    /// For the tokens there are.
    package var blocksNeeded: Int { BlockPool.blocks(forPositions: tokens.count) }

    /// Whether this sequence is served before another one.
    package func precedes(_ other: Sequence) -> Bool { (-priority, arrival) < (-other.priority, other.arrival) }

    // MARK: blocks in the prefix tree

    /// Whether all tokens of the first block that is not in the tree are known, and it is not computed yet.
    var knowsNextSharedBlock: Bool {
        let end = (shared + 1) * KVCacheShape.blockSize
        return end <= tokens.count && computed < min(end, tokens.count - 1)
    }

    /// The first block that is not in the tree: after what, and with which tokens. They must be known.
    var nextSharedBlock: (parent: PrefixTree.Parent, tokens: PrefixTree.Tokens) {
        let start = shared * KVCacheShape.blockSize
        let parent = shared == 0 ? PrefixTree.Parent.start(salt: tenant) : .block(blocks[shared - 1])
        return (parent, PrefixTree.Tokens(tokens[start..<start + KVCacheShape.blockSize]))
    }

    /// The next block is in the tree, with its keys and values: they need not be computed.
    func skipSharedBlock() {
        shared += 1
        let known = min(shared * KVCacheShape.blockSize, tokens.count - 1)
        if !wasPreempted { cachedTokens += known - computed }
        computed = known
    }

    // MARK: guesses

    /// More could not be taken.
    var draftsMax: Int { request.maximumTokens - generated - 1 }

    func lookUp(count: Int) -> [Int32] { lookup.guess(tokens, count: count) }

    func trust(_ source: DraftSource) -> DraftTrust { trusts[source.rawValue] }

    /// The first guesses of a draft turned out right.
    func settle(_ draft: Draft, accepted: Int) {
        trusts[draft.source.rawValue].record(drafted: draft.tokens.count, accepted: accepted)
        // The draft model has gone on from each of its guesses but the last.
        if draft.source == .draftModel { drafted += min(accepted, draft.tokens.count - 1) }
    }

    /// The next step computes no guess.
    func rest() { for index in trusts.indices { trusts[index].rest() } }

    // MARK: drawing

    /// Whether nothing of the logits counts but which is the largest.
    var takesLikeliest: Bool {
        progress == nil && request.topLogProbabilities == nil && request.sampling.takesLikeliest
    }

    /// Draws the token after the last one.
    ///
    /// - Parameters:
    ///   - logits: the constraint's mask, bias and penalties are applied in place.
    ///   - profiler: of the thread that draws.
    package func draw(
        _ logits: UnsafeMutableBufferPointer<Float>, _ profiler: StepProfiler? = nil
    ) -> GenerationEvent.Token {
        let original = request.topLogProbabilities.map { _ in Array(logits) }
        var start = profiler?.begin() ?? 0
        if let progress {
            progress.mask(logits)
            start = profiler?.end(.mask, since: start) ?? 0
        }
        defer { profiler?.end(.sampling, since: start) }
        let token = sampler.sample(logits, position: tokens.count)
        guard let original, let top = request.topLogProbabilities else { return GenerationEvent.Token(id: token) }
        let report = original.withUnsafeBufferPointer { Sampler.logProbabilities($0, of: token, top: top) }
        return GenerationEvent.Token(id: token, logProbability: report.token, alternatives: report.top)
    }

    /// Takes a drawn token; returns why the sequence is finished, if it is.
    package func take(_ token: GenerationEvent.Token, endTokens: Set<Int32>) -> GenerationEvent.FinishReason? {
        if firstToken == nil { firstToken = .now }
        tokens.append(token.id)
        let ends = request.stopTokens.contains(token.id) || (!request.ignoresEndOfText && endTokens.contains(token.id))
        if ends {
            deliver(stops.feed(detokenizer.flush()).text + stops.flush())
            return .stop
        }
        let outcome = progress?.take(token.id) ?? .goesOn
        if case .isBroken = outcome {
            deliver(stops.feed(detokenizer.flush()).text + stops.flush())
            return .deadEnd
        }
        pending.append(token)
        let found = stops.feed(detokenizer.push(token.id))
        if found.stopped {
            deliver(found.text)
            return .stop
        }
        var isComplete = false
        if case .isComplete = outcome { isComplete = true }
        if isComplete || generated == request.maximumTokens {
            let rest = stops.feed(detokenizer.flush())
            deliver(found.text + rest.text + (rest.stopped ? "" : stops.flush()))
            return isComplete ? .stop : .length
        }
        if !found.text.isEmpty { deliver(found.text) }
        return nil
    }

    /// Takes the tokens that were generated before; returns why the sequence is finished with them, if it is.
    func takeGenerated(endTokens: Set<Int32>) -> GenerationEvent.FinishReason? {
        for token in request.generated {
            sampler.count(token)
            if let reason = take(GenerationEvent.Token(id: token), endTokens: endTokens) { return reason }
        }
        return nil
    }

    private func deliver(_ text: String) {
        guard !text.isEmpty || !pending.isEmpty else { return }
        stream.yield(.delta(text: text, tokens: pending))
        pending = []
    }

    package func finish(_ reason: GenerationEvent.FinishReason) {
        let now = ContinuousClock.now
        let first = firstToken ?? now
        let begun = begun ?? first
        stream.yield(
            .finished(
                GenerationEvent.Summary(
                    reason: reason, stop: stops.found, promptTokens: request.prompt.count,
                    // Of what was generated before, some may have been found there too.
                    cachedTokens: min(cachedTokens, request.prompt.count),
                    generatedTokens: generated,
                    queueSeconds: (begun - submitted) / .seconds(1),
                    firstTokenSeconds: (first - submitted) / .seconds(1), decodeSeconds: (now - first) / .seconds(1))))
        stream.finish()
    }
}

/// Set by whoever listens to a stream when they stop listening.
package final class Cancellation: Sendable {
    private let flag = Atomic(false)

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }

    package func cancel() { flag.store(true, ordering: .relaxed) }
}
