import HadalEngine
import HadalTemplates
import HadalTokenization
import HadalWire

/// Turns one request's engine events into a worker's: reasoning, content and tool calls apart, and tokens with their bytes.
struct EventTranslation: Sendable {
    private let tokenizer: any Tokenizer
    private var parser: AnswerParser
    private var isReasoning: Bool
    /// Tokens of which it is not decided yet what they belong to.
    private var undecided: [GeneratedToken] = []
    private var reasoningTokens = 0
    private var warnings: [String] = []

    init(tokenizer: any Tokenizer, splits: Bool, startsInReasoning: Bool, tools: AnswerParser.Tools? = nil) {
        self.tokenizer = tokenizer
        parser = AnswerParser(splits: splits, startsInReasoning: startsInReasoning, tools: tools)
        isReasoning = splits && startsInReasoning
    }

    mutating func translate(_ event: GenerationEvent) -> [WorkerEvent] {
        switch event {
        case .delta(let text, let tokens): return deltas(parser.feed(text), tokens.map(described))
        case .finished(let summary):
            var events = deltas(parser.finish(isTruncated: summary.reason != .stop), [])
            // Tokens that gave no text at all, such as nothing but white space.
            if !undecided.isEmpty { events.append(.delta(GenerationDelta(part: .content, text: "", tokens: take()))) }
            return events + [end(summary)]
        }
    }

    /// Tokens go with the first text they gave: those whose text holds the end of the reasoning belong to it.
    private mutating func deltas(_ parsed: [AnswerParser.Event], _ tokens: [GeneratedToken]) -> [WorkerEvent] {
        undecided += tokens
        if parsed.isEmpty {
            guard isReasoning, !undecided.isEmpty else { return [] }
            return [delta(.reasoning, "")]
        }
        return parsed.map { event in
            switch event {
            case .reasoning(let text):
                isReasoning = true
                return delta(.reasoning, text)
            case .content(let text):
                isReasoning = false
                return delta(.content, text)
            case .call(let index, let name):
                isReasoning = false
                return delta(.call(index: index, name: name), "")
            case .arguments(let index, let text): return delta(.call(index: index, name: nil), text)
            case .broken(let index, let rest, let whole, let problem):
                isReasoning = false
                warnings.append(problem)
                return delta(.broken(index: index, whole: whole), rest)
            }
        }
    }

    private mutating func delta(_ part: GenerationDelta.Part, _ text: String) -> WorkerEvent {
        let tokens = take()
        if part == .reasoning { reasoningTokens += tokens.count }
        return .delta(GenerationDelta(part: part, text: text, tokens: tokens))
    }

    private mutating func take() -> [GeneratedToken] {
        defer { undecided = [] }
        return undecided
    }

    private mutating func end(_ summary: GenerationEvent.Summary) -> WorkerEvent {
        let finish: FinishReason
        switch summary.reason {
        case .stop: finish = parser.callCount > 0 ? .toolCalls : .stop
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
                finish: finish, stop: summary.stop, usage: usage, queueSeconds: summary.queueSeconds,
                firstTokenSeconds: summary.firstTokenSeconds, decodeSeconds: summary.decodeSeconds, warnings: warnings))
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
