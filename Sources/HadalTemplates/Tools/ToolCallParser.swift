/// Finds tool calls in what a model writes, as it comes: text around calls stays content, arguments are passed on while
/// they are written.
///
/// However the text is cut into pieces, the same content, names and arguments come out. What is held back is bounded: half
/// a mark, a call's head (`headLimit`), and white space before what may be a call. White space before calls
/// is dropped.
/// What begins like a call and is none goes back into the content, unless its arguments are on their way already: see
/// `Event.broken`.
public struct ToolCallParser: Sendable {
    public enum Event: Sendable, Hashable {
        case content(String)
        /// A call begins; the arguments that follow are its.
        case call(name: String)
        /// A piece of a JSON object.
        case arguments(String)
        /// What looked like a call is none.
        ///
        /// - rest: the part of its text that nothing was told of yet: content for who passes things on as they come.
        /// - whole: all of its text, where a `call` was told already; who gathers the whole takes that call back and this
        ///   for content. Nil where no call was told.
        case broken(rest: String, whole: String?, problem: String)
    }

    /// Scalars from the beginning of a call to its arguments.
    public static let headLimit = 4096
    /// Scalars of a whole call.
    public static let callLimit = 1 << 20
    /// Scalars of white space that are held back.
    static let spaceLimit = 64

    enum State {
        case content
        case marked(MarkedPlace, ToolMarks)
        case envelope(isBare: Bool)
        case envelopeTail(isBare: Bool)
        case element(ElementPlace)
    }

    let syntax: ToolSyntax
    let tools: Set<String>
    let openings: [Opening]
    var pending = PendingText()
    var state = State.content
    var events: [Event] = []

    /// White space that belongs to the content only if more content follows.
    private var space: [Unicode.Scalar] = []
    /// Since the last call.
    private var hasContent = false
    private var hasWritten = false
    private var followsCall = false
    /// Whether the step at hand gave up a call.
    private var hasFailed = false

    /// The text of the call at hand, and how much of it was passed on as call and arguments.
    private var raw: [Unicode.Scalar] = []
    private var sent = 0
    private(set) var isBegun = false
    var scanner = JSONScanner()
    var envelope = ToolEnvelope()
    var element = ToolElement()

    /// - Parameter tools: the names there are. A syntax without marks tells a call from other JSON by them.
    public init(_ syntax: ToolSyntax, tools: Set<String>) {
        self.syntax = syntax
        self.tools = tools
        openings = Opening.all(of: syntax)
    }

    /// Takes the next text and gives what is decided.
    public mutating func feed(_ text: String) -> [Event] {
        pending.append(text)
        return advance()
    }

    /// Takes the end of the text and gives what was held back.
    ///
    /// - Parameter isTruncated: whether the model would have gone on. A call that was begun then stays, with the arguments
    ///   there are.
    public mutating func finish(isTruncated: Bool) -> [Event] {
        pending.isFinal = true
        var events = advance()
        switch state {
        case .content:
            if !followsCall { appendContent(space) }
            space = []
        case .marked(.between, _) where !hasMarks, .element(.block) where !hasMarks: break
        case .marked(.tail, _): break
        case .envelopeTail where isBegun: break
        case .envelope where envelope.isComplete && isBegun: break
        default:
            if !isBegun || !isTruncated { fail("the model ended within a tool call", isQuiet: isTruncated) }
        }
        events += take()
        return events
    }

    private mutating func advance() -> [Event] {
        while !pending.isEmpty {
            hasFailed = false
            let isAdvanced: Bool =
                switch state {
                case .content: stepContent()
                case .marked(let place, let marks): stepMarked(place, marks)
                case .envelope(let isBare): stepEnvelope(isBare: isBare)
                case .envelopeTail(let isBare): stepEnvelopeTail(isBare: isBare)
                case .element(let place): stepElement(place)
                }
            guard isAdvanced || hasFailed else { break }
        }
        return take()
    }

    private mutating func take() -> [Event] {
        defer { events = [] }
        return events
    }

    // MARK: content

    /// A text that begins calls.
    struct Opening: Sendable {
        let literal: [Unicode.Scalar]
        let state: State
        /// Only where nothing but white space and other calls came before.
        var isAtStart = false
        /// Whether the text is part of what the next state reads.
        var isKept = false

        init(_ literal: String, _ state: State, isAtStart: Bool = false, isKept: Bool = false) {
            self.literal = Array(literal.unicodeScalars)
            self.state = state
            self.isAtStart = isAtStart
            self.isKept = isKept
        }

        static func all(of syntax: ToolSyntax) -> [Opening] {
            let hermes = Opening("<tool_call>", .envelope(isBare: false))
            if let marks = syntax.marks {
                return [
                    Opening(marks.callsBegin, .marked(.between, marks)),
                    Opening(marks.callBegin, .marked(.between, marks), isKept: true),
                ] + (syntax == .kimi ? [] : [hermes])
            }
            switch syntax {
            case .hermes: return [hermes]
            case .llama:
                return [
                    Opening("<|python_tag|>", .envelopeTail(isBare: true)),
                    Opening("{", .envelope(isBare: true), isAtStart: true, isKept: true), hermes,
                ]
            default: return syntax.openings.map { Opening($0, .element(.block)) }
            }
        }
    }

    private mutating func stepContent() -> Bool {
        var text: [Unicode.Scalar] = []
        defer { appendContent(text) }
        while let scalar = pending.first {
            var isUndecided = false
            for opening in openings where opening.literal[0] == scalar && (!opening.isAtStart || !hasContent) {
                switch pending.matches(opening.literal) {
                case .no: break
                case .undecided: isUndecided = true
                case .yes:
                    raw = space
                    space = []
                    if !opening.isKept { consume(opening.literal.count) }
                    envelope = ToolEnvelope()
                    state = opening.state
                    return true
                }
            }
            if isUndecided { return false }
            pending.skip(1)
            if scalar.isPythonSpace {
                space.append(scalar)
                if space.count > ToolCallParser.spaceLimit { text.append(space.removeFirst()) }
            } else {
                // Between two pieces of content it stays, though a call stood there.
                if !followsCall || hasWritten { text += space }
                space = []
                text.append(scalar)
                (hasContent, hasWritten, followsCall) = (true, true, false)
            }
        }
        return false
    }

    private mutating func appendContent(_ scalars: [Unicode.Scalar]) {
        if !scalars.isEmpty { events.append(.content(PendingText.string(scalars))) }
    }

    // MARK: calls

    /// Moves the next scalars from the pending text to the call's.
    mutating func consume(_ count: Int) {
        for _ in 0..<count {
            guard let scalar = pending.first else { return }
            raw.append(scalar)
            pending.skip(1)
        }
    }

    /// Whether the call at hand has more text than a call may have.
    var isTooLong: Bool { raw.count > (isBegun ? ToolCallParser.callLimit : ToolCallParser.headLimit) }

    /// Whether there is more than white space in the text of the call at hand.
    private var hasMarks: Bool { !raw.allSatisfy(\.isPythonSpace) }

    /// Passes white space by.
    ///
    /// - Returns: the scalar after it; nil while none has come.
    mutating func skipSpace(and others: Set<Unicode.Scalar> = []) -> Unicode.Scalar? {
        while let scalar = pending.first, scalar.isPythonSpace || others.contains(scalar) {
            consume(1)
            if isTooLong {
                fail("a tool call is too long")
                return nil
            }
        }
        return pending.first
    }

    mutating func begin(name: String) {
        isBegun = true
        sent = raw.count
        events.append(.call(name: name))
    }

    mutating func arguments(_ text: String) {
        sent = raw.count
        guard !text.isEmpty else { return }
        if case .arguments(let earlier) = events.last {
            events[events.count - 1] = .arguments(earlier + text)
        } else {
            events.append(.arguments(text))
        }
    }

    /// The call at hand is complete.
    mutating func end() {
        raw = []
        sent = 0
        isBegun = false
        hasContent = false
        followsCall = true
    }

    /// What follows the calls is content.
    mutating func leave() {
        raw = []
        state = .content
    }

    /// No call follows: marks without one are content.
    mutating func leaveMarks() {
        if hasMarks { fail("marks of tool calls without a call") } else { leave() }
    }

    /// The text so far is no call.
    ///
    /// - Parameter isQuiet: it is content that only looked like a call.
    mutating func fail(_ problem: String, isQuiet: Bool = false) {
        if isBegun {
            events.append(
                .broken(rest: PendingText.string(raw[sent...]), whole: PendingText.string(raw), problem: problem))
        } else if isQuiet {
            appendContent(raw)
        } else {
            events.append(.broken(rest: PendingText.string(raw), whole: nil, problem: problem))
        }
        end()
        hasFailed = true
        hasContent = true
        followsCall = false
        state = .content
    }
}
