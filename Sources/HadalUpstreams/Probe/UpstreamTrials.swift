import HadalJSON
import HadalWire

/// Small real requests, and what they prove.
struct UpstreamTrials: Sendable {
    let http: UpstreamHTTP
    let identity: UpstreamIdentity
    var features: Set<UpstreamFeature> = []
    var guidedForm: UpstreamCapabilities.GuidedForm?
    var thinkingForm: UpstreamCapabilities.ThinkingForm?
    var embeddingDimensions: Int?
    /// The server's own.
    var fingerprint: String?
    var usage = Usage()
    /// Whether it refuses fields that it does not know, so that what it accepts it knows.
    var isStrict = false

    typealias Members = [(String, JSON)]

    init(http: UpstreamHTTP, identity: UpstreamIdentity) {
        self.http = http
        self.identity = identity
    }

    mutating func run() async throws {
        try await endpoints()
        try await embeddings()
        if features.isDisjoint(with: [.chat, .completion]) {
            guard features.contains(.embedding) else {
                throw UpstreamError.unusable(
                    upstream: http.settings.name,
                    problem: "neither conversations, nor plain prompts, nor embeddings work there")
            }
        } else {
            isStrict = try await !accepts([("hadal_unknown_field", 1)])
            try await fields()
            try await streams()
            try await logProbabilities()
            try await seeds()
            try await prompts()
            try await constraints()
            if features.contains(.chat) {
                try await tools()
                try await thinking()
                try await continuation()
            }
        }
        try await tokens()
    }

    // MARK: asking

    private var lengthName: String { identity.kind == .openAI ? "max_completion_tokens" : "max_tokens" }

    /// - Parameter prompt: nil: any.
    func chat(_ prompt: String? = nil, _ extra: Members = [], tokens: Int = 1) -> (String, JSON) {
        let message: JSON = ["role": "user", "content": .string(prompt ?? "Say hello.")]
        return ("/v1/chat/completions", body([("messages", [message]), (lengthName, .int(Int64(tokens)))] + extra))
    }

    func completion(_ prompt: JSON = "Hello", _ extra: Members = [], tokens: Int = 1) -> (String, JSON) {
        ("/v1/completions", body([("prompt", prompt), ("max_tokens", .int(Int64(tokens)))] + extra))
    }

    /// A conversation where there are any, else a plain prompt.
    func either(_ prompt: String? = nil, _ extra: Members = [], tokens: Int = 1) -> (String, JSON) {
        features.contains(.chat)
            ? chat(prompt, extra, tokens: tokens) : completion(.string(prompt ?? "Hello"), extra, tokens: tokens)
    }

    private func body(_ members: Members) -> JSON {
        .object(JSON.Object([("model", .string(http.settings.model))] + members))
    }

    /// - Returns: nil where it refuses.
    /// - Throws: where that says nothing of what it can do.
    mutating func ask(_ request: (path: String, body: JSON)) async throws -> JSON? {
        let answer = try await http.exchange(request.path, request.body)
        switch answer.status {
        case 200: break
        case 401, 402, 403, 408, 429, 502, 503, 504, 529: throw http.failure(answer)
        default: return nil
        }
        guard let json = answer.json, json["error"].map(\.isNull) ?? true else { return nil }
        usage.promptTokens += max(json["usage"]?["prompt_tokens"]?.int ?? 0, 0)
        usage.completionTokens += max(json["usage"]?["completion_tokens"]?.int ?? 0, 0)
        if let text = json["system_fingerprint"]?.string { fingerprint = text }
        let message = json["choices"]?[0]?["message"]
        let reasoning = message?["reasoning_content"]?.string ?? message?["reasoning"]?.string ?? ""
        if !reasoning.isEmpty { features.insert(.reasoning) }
        return json
    }

    mutating func accepts(_ extra: Members) async throws -> Bool { try await ask(either(nil, extra)) != nil }

    /// Whether a field is known: its value is accepted, and one that it cannot have is not.
    mutating func knows(_ name: String, _ good: JSON, bad: JSON, with others: Members = []) async throws -> Bool {
        if !isStrict, try await accepts(others + [(name, bad)]) { return false }
        return try await accepts(others + [(name, good)])
    }

    static func text(_ json: JSON?) -> String {
        let choice = json?["choices"]?[0]
        return choice?["message"]?["content"]?.string ?? choice?["text"]?.string ?? ""
    }

    // MARK: the plainest

    private mutating func endpoints() async throws {
        if try await ask(chat())?["choices"]?[0]?["message"]?.object != nil { features.insert(.chat) }
        if try await ask(completion())?["choices"]?[0]?["text"]?.string != nil { features.insert(.completion) }
    }

    private mutating func embeddings() async throws {
        let json = try await ask(("/v1/embeddings", body([("input", "hello")])))
        guard let vector = UpstreamClient.vector(json?["data"]?[0]?["embedding"]) else { return }
        features.insert(.embedding)
        embeddingDimensions = vector.floats.count
    }
}
