import HadalJSON

/// What a text must look like. Sources are put together: a tool call is a `sequence` of `text` that the model's format
/// asks for and a `jsonSchema` of the arguments.
public indirect enum GrammarSource: Sendable, Hashable {
    /// Any JSON object.
    case jsonObject
    /// A JSON value that a schema admits.
    case jsonSchema(JSON, SchemaOptions = SchemaOptions())
    /// The members of an object that a schema admits, as elements one after the other.
    case elements(JSON, SchemaOptions = SchemaOptions(), ElementSyntax)
    /// A text that the whole of a regular expression matches.
    case regex(String)
    /// A grammar in llama.cpp's notation, from its rule `root`.
    case gbnf(String)
    /// One of these texts.
    case choice([String])
    /// This text.
    case text(String)
    case sequence([GrammarSource])
    case anyOf([GrammarSource])
    /// - max: nil for no bound.
    case repeated(GrammarSource, min: Int, max: Int?)
}

/// What a schema leaves open.
public struct SchemaOptions: Sendable, Hashable {
    /// Objects that name properties and say nothing of others have no others, as OpenAI's strict schemas must say.
    public var closesObjects = false

    public init(closesObjects: Bool = false) { self.closesObjects = closesObjects }
}

/// How members are written as elements, such as `<parameter name="city" string="true">Paris</parameter>`: strings as they are,
/// other values in JSON. Who reads them takes the first closing for the end of a value, whatever it stands in.
public struct ElementSyntax: Sendable, Hashable {
    /// What stands before a name.
    public var opening: String
    /// The names that can be written so: a regular expression.
    public var names: String
    /// What stands between a name and a text.
    public var beforeText: String
    /// What stands between a name and JSON.
    public var beforeValue: String
    /// What ends a value. No text has it in it; it has its first character nowhere else.
    public var closing: String
    /// A character of the closing, at most U+FFFF, that JSON writes as an escape, and that texts with a `maxLength` do not
    /// have.
    public var escaped: Unicode.Scalar
    /// What follows each element.
    public var separator: String

    public init(
        opening: String, names: String, beforeText: String, beforeValue: String, closing: String,
        escaped: Unicode.Scalar, separator: String
    ) {
        self.opening = opening
        self.names = names
        self.beforeText = beforeText
        self.beforeValue = beforeValue
        self.closing = closing
        self.escaped = escaped
        self.separator = separator
    }
}

/// Writes sources into one network.
struct SourceWriter {
    var builder: NetworkBuilder
    private var depth = 0

    init(_ builder: NetworkBuilder) { self.builder = builder }

    /// - Returns: the state after the text.
    mutating func write(_ source: GrammarSource, from: NetworkBuilder.State) throws(GrammarError)
        -> NetworkBuilder.State
    {
        depth += 1
        defer { depth -= 1 }
        guard depth <= builder.limits.depth else { throw .limitExceeded(what: "nesting", limit: builder.limits.depth) }
        switch source {
        case .jsonObject: return try builder.call(from, builder.anyObject())
        case .jsonSchema(let schema, let options):
            var compiler = try SchemaCompiler(schema, options: options, builder: builder)
            let rule = try compiler.compile()
            builder = compiler.builder
            return try builder.call(from, rule)
        case .elements(let schema, let options, let syntax):
            var compiler = try SchemaCompiler(schema, options: options, builder: builder)
            let end = try compiler.writeElements(syntax, from: from)
            builder = compiler.builder
            return end
        case .regex(let pattern):
            try checkSize(pattern)
            let automaton = try ScalarAutomaton(pattern: pattern, isSearch: false, limits: builder.limits)
            return try builder.automaton(automaton, from: from, isInString: false)
        case .gbnf(let text):
            try checkSize(text)
            let rule = try GBNFWriter.write(text, into: &builder)
            return try builder.call(from, rule)
        case .choice(let texts): return try choice(texts, from: from)
        case .text(let text):
            try checkSize(text)
            return try builder.text(from, text)
        case .sequence(let parts):
            var state = from
            for part in parts { state = try write(part, from: state) }
            return state
        case .anyOf(let parts):
            guard !parts.isEmpty else { throw .invalidChoice(problem: "it is empty") }
            let end = try builder.state()
            for part in parts { builder.jump(try write(part, from: from), to: end) }
            return end
        case .repeated(let part, let min, let max): return try repeated(part, min: min, max: max, from: from)
        }
    }

    private func checkSize(_ text: String) throws(GrammarError) {
        let limit = builder.limits.sourceBytes
        guard text.utf8.count <= limit else { throw .limitExceeded(what: "bytes of a grammar", limit: limit) }
    }

    private mutating func choice(
        _ texts: [String], from: NetworkBuilder.State
    ) throws(GrammarError) -> NetworkBuilder.State {
        guard !texts.isEmpty else { throw .invalidChoice(problem: "it is empty") }
        guard texts.count <= builder.limits.choices else {
            throw .limitExceeded(what: "choices", limit: builder.limits.choices)
        }
        guard !texts.contains("") else { throw .invalidChoice(problem: "a choice is empty") }
        let end = try builder.state()
        try builder.words(texts.map { Array($0.utf8) }, from: from, to: end)
        return end
    }

    private mutating func repeated(
        _ part: GrammarSource, min: Int, max: Int?, from: NetworkBuilder.State
    ) throws(GrammarError) -> NetworkBuilder.State {
        guard min >= 0, max.map({ $0 >= min }) ?? true else {
            throw .invalidChoice(problem: "a repetition of at least \(min) and at most \(max ?? 0)")
        }
        let rule = try builder.rule("repetition", min: min, max: max)
        let end = try write(part, from: builder.start(of: rule))
        builder.accept(end)
        return try builder.call(from, rule)
    }
}

extension NetworkBuilder {
    /// One of the words, which share their beginnings.
    mutating func words(_ words: [[UInt8]], from: State, to end: State) throws(GrammarError) {
        var children: [UInt64: State] = [:]
        for word in words {
            var current = from
            for byte in word {
                let key = UInt64(UInt32(bitPattern: current)) << 8 | UInt64(byte)
                if let known = children[key] {
                    current = known
                } else {
                    let next = try state()
                    edge(current, byte, byte, to: next)
                    children[key] = next
                    current = next
                }
            }
            jump(current, to: end)
        }
    }
}
