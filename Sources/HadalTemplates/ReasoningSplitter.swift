/// Splits what a model writes into reasoning and content, as it comes.
///
/// A model reasons between `<think>` and `</think>`; often the prompt has written the first tag already. A tag is
/// recognised at the start only, so an answer may speak of `<think>`. White space around the reasoning and before the
/// content that follows it is dropped; content without reasoning stays as it is. Half a tag is held back until the next
/// text decides, so each call is linear in its own input.
public struct ReasoningSplitter: Sendable {
    public struct Delta: Sendable, Hashable {
        public var reasoning = ""
        public var content = ""

        public init(reasoning: String = "", content: String = "") {
            self.reasoning = reasoning
            self.content = content
        }

        public var isEmpty: Bool { reasoning.isEmpty && content.isEmpty }
    }

    private enum State {
        /// Nothing but white space came. `opened` by the prompt.
        case start(opened: Bool)
        case reasoning
        /// The reasoning is closed, its white space not yet passed.
        case afterReasoning
        case content
    }

    private let openTag: [Unicode.Scalar]
    private let closeTag: [Unicode.Scalar]
    /// Texts that end the reasoning as `closeTag` does, but belong to the content.
    private let openings: [[Unicode.Scalar]]
    private var state: State
    /// White space that belongs to the text only if more text follows.
    private var space = String.UnicodeScalarView()
    /// The beginning of a tag.
    private var candidate: [Unicode.Scalar] = []

    /// - Parameters:
    ///   - opened: whether the prompt ends inside the reasoning.
    ///   - openings: marks of the content, such as those before tool calls. They end the reasoning where a model forgets to.
    public init(
        opened: Bool, openTag: String = "<think>", closeTag: String = "</think>", openings: [String] = []
    ) {
        self.openings = openings.map { Array($0.unicodeScalars) }
        self.openTag = Array(openTag.unicodeScalars)
        self.closeTag = Array(closeTag.unicodeScalars)
        state = .start(opened: opened)
    }

    /// A splitter for what follows `prompt`, which may end with the opening tag and white space.
    public init(continuing prompt: String, openTag: String = "<think>", closeTag: String = "</think>") {
        let end = prompt.stripped(of: nil, left: false).utf8
        let isOpen = end.count >= openTag.utf8.count && end.suffix(openTag.utf8.count).elementsEqual(openTag.utf8)
        self.init(opened: isOpen, openTag: openTag, closeTag: closeTag)
    }

    /// Takes the next text and gives what is decided.
    public mutating func feed(_ text: String) -> Delta {
        if case .content = state { return Delta(content: text) }
        var delta = Delta()
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            take(scalar, &delta)
            if case .content = state {
                delta.content += String(scalars)
                break
            }
        }
        return delta
    }

    /// Takes the end of the text and gives what was held back.
    public mutating func finish() -> Delta {
        var delta = Delta()
        switch state {
        case .start(opened: false): delta.content = String(space) + String(candidate)
        case .start(opened: true): delta.reasoning = String(candidate)
        case .reasoning:
            if !candidate.isEmpty { delta.reasoning = String(space) + String(candidate) }
        case .afterReasoning, .content: break
        }
        space = String.UnicodeScalarView()
        candidate = []
        return delta
    }

    private mutating func take(_ scalar: Unicode.Scalar, _ delta: inout Delta) {
        switch state {
        case .start(let opened):
            if candidate.isEmpty, scalar.isPythonSpace {
                space.append(scalar)
                return
            }
            // The model may repeat the tag that the prompt has, or close it at once.
            candidate.append(scalar)
            if candidate == openTag {
                enter(.reasoning)
            } else if opened, candidate == closeTag {
                enter(.afterReasoning)
            } else if opened, openings.contains(candidate) {
                delta.content += String(String.UnicodeScalarView(candidate))
                enter(.content)
            } else if !openTag.starts(with: candidate),
                !(opened && (closeTag.starts(with: candidate) || openings.contains { $0.starts(with: candidate) }))
            {
                let held = candidate
                candidate = []
                if opened {
                    enter(.reasoning)
                    for scalar in held { takeReasoning(scalar, &delta) }
                } else {
                    delta.content += String(space) + String(held)
                    enter(.content)
                }
            }
        case .reasoning: takeReasoning(scalar, &delta)
        case .afterReasoning:
            guard !scalar.isPythonSpace else { return }
            enter(.content)
            delta.content.unicodeScalars.append(scalar)
        case .content: delta.content.unicodeScalars.append(scalar)
        }
    }

    private mutating func enter(_ state: State) {
        self.state = state
        space = String.UnicodeScalarView()
        candidate = []
        hasReasoned = false
    }

    /// Whether the reasoning has begun: white space before it is dropped.
    private var hasReasoned = false

    private mutating func takeReasoning(_ scalar: Unicode.Scalar, _ delta: inout Delta) {
        candidate.append(scalar)
        while !closeTag.starts(with: candidate), !openings.contains(where: { $0.starts(with: candidate) }) {
            write(candidate.removeFirst(), &delta)
        }
        if candidate == closeTag {
            enter(.afterReasoning)
        } else if openings.contains(candidate) {
            delta.content += String(String.UnicodeScalarView(candidate))
            enter(.content)
        }
    }

    private mutating func write(_ scalar: Unicode.Scalar, _ delta: inout Delta) {
        if scalar.isPythonSpace {
            if hasReasoned { space.append(scalar) }
            return
        }
        delta.reasoning += String(space)
        delta.reasoning.unicodeScalars.append(scalar)
        space = String.UnicodeScalarView()
        hasReasoned = true
    }
}
