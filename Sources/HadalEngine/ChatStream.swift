import HadalTemplates

/// What a conversation's next answer gives, in order: zero or more `delta`, then one `finished`.
public enum ChatEvent: Sendable {
    case delta(reasoning: String, content: String, tokens: [GenerationEvent.Token])
    case finished(GenerationEvent.Summary)
}

/// An answer as it comes, reasoning and content apart. Dropping it, or cancelling the task that reads it, stops the
/// generation.
public struct ChatStream: AsyncSequence, Sendable {
    public typealias Element = ChatEvent

    private let events: AsyncStream<GenerationEvent>
    private let splitter: ReasoningSplitter

    /// - Parameter startsInReasoning: whether the prompt ends inside the reasoning.
    public init(_ events: AsyncStream<GenerationEvent>, startsInReasoning: Bool) {
        self.events = events
        splitter = ReasoningSplitter(opened: startsInReasoning)
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(events: events.makeAsyncIterator(), splitter: splitter)
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var events: AsyncStream<GenerationEvent>.Iterator
        fileprivate var splitter: ReasoningSplitter
        /// Told after what the splitter held back.
        private var summary: GenerationEvent.Summary?

        fileprivate init(events: AsyncStream<GenerationEvent>.Iterator, splitter: ReasoningSplitter) {
            self.events = events
            self.splitter = splitter
        }

        public mutating func next() async -> ChatEvent? {
            if let summary {
                self.summary = nil
                return .finished(summary)
            }
            switch await events.next() {
            case .delta(let text, let tokens):
                let delta = splitter.feed(text)
                return .delta(reasoning: delta.reasoning, content: delta.content, tokens: tokens)
            case .finished(let summary):
                let rest = splitter.finish()
                guard !rest.isEmpty else { return .finished(summary) }
                self.summary = summary
                return .delta(reasoning: rest.reasoning, content: rest.content, tokens: [])
            case nil: return nil
            }
        }
    }
}
