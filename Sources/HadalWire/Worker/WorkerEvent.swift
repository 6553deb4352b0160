import HadalJSON

/// A piece of the answer: its text, and the tokens it came from where they are known by now.
public struct GenerationDelta: Sendable, Hashable {
    public enum Part: Sendable, Hashable {
        case reasoning, content
        /// A tool call, numbered from 0: its first piece has the name, the text is a piece of its arguments.
        case call(index: Int, name: String?)
        /// What looked like a call is none. The text is the part of it that nothing was told of, and content for who passes
        /// things on; where `index` is a call that was told of, `whole` is what it looked like, and content for who
        /// gathers.
        case broken(index: Int?, whole: String?)
    }

    public var part: Part
    public var text: String
    public var tokens: [GeneratedToken]

    public init(part: Part, text: String, tokens: [GeneratedToken]) {
        self.part = part
        self.text = text
        self.tokens = tokens
    }

    /// Whether this is the first piece of a tool call: it says something even without text.
    public var beginsCall: Bool {
        if case .call(_, .some) = part { true } else { false }
    }
}

/// How a generation went.
public struct GenerationSummary: Sendable, Hashable {
    public var finish: FinishReason
    /// The stop string that ended it, if one did.
    public var stop: String?
    public var usage: Usage
    /// From the request's arrival until it was begun; nil: that is not known, of an upstream.
    public var queueSeconds: Double?
    /// From the request's arrival to its first token, waiting included.
    public var firstTokenSeconds: Double
    /// From the first token to the last.
    public var decodeSeconds: Double
    /// What the client should know, such as a call that could not be read.
    public var warnings: [String]

    public init(
        finish: FinishReason, stop: String? = nil, usage: Usage, queueSeconds: Double? = nil,
        firstTokenSeconds: Double = 0, decodeSeconds: Double = 0, warnings: [String] = []
    ) {
        self.warnings = warnings
        self.finish = finish
        self.stop = stop
        self.usage = usage
        self.queueSeconds = queueSeconds
        self.firstTokenSeconds = firstTokenSeconds
        self.decodeSeconds = decodeSeconds
    }
}

/// What a worker sends for `POST /generate`: at once how long the prompt is, then zero or more deltas, then `finished` or `failed`. A stream that ends without
/// either was cut off.
public enum WorkerEvent: Sendable, Hashable {
    /// The request is accepted; its prompt has so many tokens.
    case started(promptTokens: Int)
    case delta(GenerationDelta)
    case finished(GenerationSummary)
    case failed(WorkerFailure)

    public var serverSentEvent: ServerSentEvent {
        switch self {
        case .started(let tokens):
            ServerSentEvent(name: "started", data: JSON.compact([("prompt_tokens", .int(Int64(tokens)))]).text)
        case .delta(let delta): ServerSentEvent(name: "delta", data: delta.json.text)
        case .finished(let summary): ServerSentEvent(name: "finished", data: summary.json.text)
        case .failed(let failure): ServerSentEvent(name: "failed", data: failure.json.text)
        }
    }

    /// - Returns: nil for kinds of event that this version does not know.
    public init?(_ event: ServerSentEvent) throws(WireError) {
        let json: JSON
        do { json = try JSON(parsing: event.data) } catch { throw .notJSON(error) }
        switch event.name {
        case "started":
            var fields = try FieldReader(json)
            self = .started(promptTokens: try fields.int("prompt_tokens", in: 0...Int(Int32.max)) ?? 0)
        case "delta": self = .delta(try GenerationDelta(json))
        case "finished": self = .finished(try GenerationSummary(json))
        case "failed": self = .failed(try WorkerFailure(json))
        default: return nil
        }
    }
}

extension GenerationDelta {
    init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        let index = try fields.int("index", in: 0...Int(Int32.max))
        switch try fields.requiredString("part") {
        case "reasoning": part = .reasoning
        case "content": part = .content
        case "call": part = .call(index: index ?? 0, name: try fields.string("name"))
        case "broken": part = .broken(index: index, whole: try fields.string("whole"))
        default: throw .outOfRange(field: "part", expected: "reasoning, content, call or broken")
        }
        text = try fields.requiredString("text")
        tokens = []
        for (index, element) in (try fields.required("tokens").array ?? []).enumerated() {
            tokens.append(try GeneratedToken(element, at: "tokens[\(index)]"))
        }
    }

    var json: JSON {
        let members: [(String, JSON?)] =
            switch part {
            case .reasoning: [("part", "reasoning")]
            case .content: [("part", "content")]
            case .call(let index, let name):
                [("part", "call"), ("index", .int(Int64(index))), ("name", name.map(JSON.string))]
            case .broken(let index, let whole):
                [("part", "broken"), ("index", index.map { .int(Int64($0)) }), ("whole", whole.map(JSON.string))]
            }
        return .compact(members + [("text", .string(text)), ("tokens", .array(tokens.map(\.json)))])
    }
}

/// A token goes as its bare id, or with log-probabilities as `{"chosen": candidate, "alternatives": [candidate…]}`, a
/// candidate being `[id, logarithm, byte…]`.
extension GeneratedToken {
    init(_ json: JSON, at path: String) throws(WireError) {
        if case .int(let value) = json, let id = Int32(exactly: value) {
            self.init(id: id)
            return
        }
        var fields = try FieldReader(json, at: path)
        let chosen = try Candidate(try fields.required("chosen"), at: fields.field("chosen"))
        var alternatives: [Candidate] = []
        for (index, element) in (try fields.required("alternatives").array ?? []).enumerated() {
            alternatives.append(try Candidate(element, at: "\(fields.field("alternatives"))[\(index)]"))
        }
        self.init(id: chosen.id, chosen: chosen, alternatives: alternatives)
    }

    var json: JSON {
        guard let chosen else { return .int(Int64(id)) }
        return ["chosen": chosen.json, "alternatives": .array(alternatives.map(\.json))]
    }
}

extension GeneratedToken.Candidate {
    init(_ json: JSON, at path: String) throws(WireError) {
        guard let id = json[0]?.int.flatMap({ Int32(exactly: $0) }), let logProbability = json[1]?.double else {
            throw .wrongType(field: path, expected: "an id, a number and bytes")
        }
        self.init(
            id: id, bytes: (json.array ?? []).dropFirst(2).compactMap { $0.int.flatMap { UInt8(exactly: $0) } },
            logProbability: logProbability)
    }

    var json: JSON {
        // JSON has no infinity; a logarithm this small is a probability of zero as well.
        .array(
            [.int(Int64(id)), .double(max(logProbability, -1e30))] + bytes.map { .int(Int64($0)) })
    }
}

extension GenerationSummary {
    init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        guard let finish = FinishReason(rawValue: try fields.requiredString("finish")) else {
            throw .outOfRange(field: "finish", expected: "stop, length, tool_calls or cancelled")
        }
        let counts = 0...Int(Int32.max)
        let seconds = 0...1e9
        self.init(
            finish: finish, stop: try fields.string("stop"),
            usage: Usage(
                promptTokens: try fields.int("prompt_tokens", in: counts) ?? 0,
                cachedTokens: try fields.int("cached_tokens", in: counts) ?? 0,
                completionTokens: try fields.int("completion_tokens", in: counts) ?? 0,
                reasoningTokens: try fields.int("reasoning_tokens", in: counts) ?? 0),
            queueSeconds: try fields.number("queue_seconds", in: seconds),
            firstTokenSeconds: try fields.number("first_token_seconds", in: seconds) ?? 0,
            decodeSeconds: try fields.number("decode_seconds", in: seconds) ?? 0,
            warnings: (try fields.array("warnings", limit: 1 << 16) ?? []).compactMap(\.string))
    }

    var json: JSON {
        .compact([
            ("finish", .string(finish.rawValue)), ("stop", stop.map(JSON.string)),
            ("prompt_tokens", .int(Int64(usage.promptTokens))),
            ("cached_tokens", .int(Int64(usage.cachedTokens))),
            ("completion_tokens", .int(Int64(usage.completionTokens))),
            ("reasoning_tokens", .int(Int64(usage.reasoningTokens))),
            ("queue_seconds", queueSeconds.map(JSON.double)),
            ("first_token_seconds", .double(firstTokenSeconds)),
            ("decode_seconds", .double(decodeSeconds)),
            ("warnings", warnings.isEmpty ? nil : .array(warnings.map(JSON.string))),
        ])
    }
}
