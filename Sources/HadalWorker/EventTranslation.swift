import HadalEngine
import HadalTemplates
import HadalTokenization
import HadalWire

/// Turns one request's engine events into a worker's: reasoning apart from content, and tokens with their bytes.
struct EventTranslation: Sendable {
    private let tokenizer: any Tokenizer
    /// nil: all is content.
    private var splitter: ReasoningSplitter?
    private var isReasoning: Bool
    /// Tokens of which it is not decided yet what they belong to.
    private var undecided: [GeneratedToken] = []
    private var reasoningTokens = 0

    init(tokenizer: any Tokenizer, splits: Bool, startsInReasoning: Bool) {
        self.tokenizer = tokenizer
        splitter = splits ? ReasoningSplitter(opened: startsInReasoning) : nil
        isReasoning = startsInReasoning
    }

    mutating func translate(_ event: GenerationEvent) -> [WorkerEvent] {
        switch event {
        case .delta(let text, let tokens):
            let tokens = tokens.map(described)
            guard let split = splitter?.feed(text) else {
                return [.delta(GenerationDelta(part: .content, text: text, tokens: tokens))]
            }
            return deltas(split, tokens)
        case .finished(let summary):
            let rest = splitter?.finish() ?? ReasoningSplitter.Delta()
            var events = deltas(rest, [])
            // Tokens that gave no text at all, such as nothing but white space.
            if !undecided.isEmpty { events.append(.delta(GenerationDelta(part: .content, text: "", tokens: take()))) }
            return events + [end(summary)]
        }
    }

    /// Tokens whose text holds the end of the reasoning belong to it.
    private mutating func deltas(_ split: ReasoningSplitter.Delta, _ tokens: [GeneratedToken]) -> [WorkerEvent] {
        undecided += tokens
        var events: [WorkerEvent] = []
        if !split.reasoning.isEmpty || (isReasoning && split.content.isEmpty && !undecided.isEmpty) {
            isReasoning = true
            reasoningTokens += undecided.count
            events.append(.delta(GenerationDelta(part: .reasoning, text: split.reasoning, tokens: take())))
        }
        if !split.content.isEmpty {
            isReasoning = false
            events.append(.delta(GenerationDelta(part: .content, text: split.content, tokens: take())))
        }
        return events
    }

    private mutating func take() -> [GeneratedToken] {
        defer { undecided = [] }
        return undecided
    }

    private mutating func end(_ summary: GenerationEvent.Summary) -> WorkerEvent {
        let finish: FinishReason
        switch summary.reason {
        case .stop: finish = .stop
        case .length: finish = .length
        case .deadEnd:
            return .failed(
                WorkerFailure(.internal, "no token of this model goes on with what the answer must look like"))
        case .cancelled: return .failed(WorkerFailure(.cancelled, "the generation was cancelled"))
        case .expired:
            return .failed(
                WorkerFailure(.deadlineExceeded, "the request was not begun in the time it may wait; try again later"))
        }
        let usage = Usage(
            promptTokens: summary.promptTokens, cachedTokens: summary.cachedTokens,
            completionTokens: summary.generatedTokens,
            reasoningTokens: min(reasoningTokens, summary.generatedTokens))
        return .finished(
            GenerationSummary(
                finish: finish, usage: usage, firstTokenSeconds: summary.firstTokenSeconds,
                decodeSeconds: summary.decodeSeconds))
    }

    private func described(_ token: GenerationEvent.Token) -> GeneratedToken {
        guard let chosen = token.logProbability else { return GeneratedToken(id: token.id) }
        return GeneratedToken(
            id: token.id, chosen: described(chosen), alternatives: token.alternatives.map(described))
    }

    private func described(_ token: TokenLogProbability) -> GeneratedToken.Candidate {
        GeneratedToken.Candidate(
            id: token.token, bytes: tokenizer.bytes(of: token.token), logProbability: Double(token.logProbability))
    }
}
