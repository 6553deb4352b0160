/// Takes an answer apart as it comes: reasoning, content, tool calls.
public struct AnswerParser: Sendable {
    public enum Event: Sendable, Hashable {
        case reasoning(String)
        case content(String)
        /// Calls are numbered from 0; a broken one keeps its number.
        case call(index: Int, name: String)
        case arguments(index: Int, String)
        /// See `ToolCallParser.Event.broken`; `index` is the call to take back, if there is one.
        case broken(index: Int?, rest: String, whole: String?, problem: String)
    }

    /// The tools of a request.
    public struct Tools: Sendable {
        public var syntax: ToolSyntax
        public var names: Set<String>
        /// Whether one call is all there may be; further ones are left out.
        public var isSingle: Bool
        /// What the prompt has written of the answer so that it is a call.
        public var prefill: String

        public init(_ syntax: ToolSyntax, names: Set<String>, isSingle: Bool = false, prefill: String = "") {
            self.syntax = syntax
            self.names = names
            self.isSingle = isSingle
            self.prefill = prefill
        }
    }

    private var splitter: ReasoningSplitter?
    private var calls: ToolCallParser?
    private let isSingle: Bool
    private var prefill: String
    private var index = -1
    /// Calls that stand: begun and not taken back.
    public private(set) var callCount = 0

    /// - Parameters:
    ///   - splits: whether the model may reason first.
    ///   - startsInReasoning: whether the prompt ends inside the reasoning.
    ///   - tools: nil where the answer cannot be a call.
    public init(splits: Bool, startsInReasoning: Bool, tools: Tools? = nil) {
        calls = tools.map { ToolCallParser($0.syntax, tools: $0.names) }
        isSingle = tools?.isSingle ?? false
        prefill = tools?.prefill ?? ""
        if splits, prefill.isEmpty {
            splitter = ReasoningSplitter(opened: startsInReasoning, openings: tools?.syntax.openings ?? [])
        }
    }

    /// Takes the next text and gives what is decided.
    public mutating func feed(_ text: String) -> [Event] {
        let written = prefill + text
        prefill = ""
        guard var splitter else { return content(written) }
        let delta = splitter.feed(written)
        self.splitter = splitter
        return events(of: delta)
    }

    /// Takes the end of the text and gives what was held back.
    ///
    /// - Parameter isTruncated: whether the model would have gone on.
    public mutating func finish(isTruncated: Bool) -> [Event] {
        var events = prefill.isEmpty ? [] : feed("")
        if var splitter {
            events += self.events(of: splitter.finish())
            self.splitter = splitter
        }
        if var calls {
            let rest = calls.finish(isTruncated: isTruncated)
            self.calls = calls
            events += numbered(rest)
        }
        return events
    }

    private mutating func events(of delta: ReasoningSplitter.Delta) -> [Event] {
        (delta.reasoning.isEmpty ? [] : [.reasoning(delta.reasoning)])
            + (delta.content.isEmpty ? [] : content(delta.content))
    }

    private mutating func content(_ text: String) -> [Event] {
        guard var calls else { return text.isEmpty ? [] : [.content(text)] }
        let events = calls.feed(text)
        self.calls = calls
        return numbered(events)
    }

    private mutating func numbered(_ events: [ToolCallParser.Event]) -> [Event] {
        events.compactMap { event in
            switch event {
            case .content(let text): return .content(text)
            case .call(let name):
                index += 1
                if isSingle, index > 0 { return nil }
                callCount += 1
                return .call(index: index, name: name)
            case .arguments(let text): return isSingle && index > 0 ? nil : .arguments(index: index, text)
            case .broken(let rest, let whole, let problem):
                if whole != nil {
                    if isSingle, index > 0 { return nil }
                    callCount -= 1
                }
                return .broken(index: whole == nil ? nil : index, rest: rest, whole: whole, problem: problem)
            }
        }
    }
}
