import HadalJSON

/// A token the model gave, with what was asked to be told of it.
public struct GeneratedToken: Sendable, Hashable {
    public struct Candidate: Sendable, Hashable {
        public var id: Int32
        /// The token's bytes: possibly a part of a character.
        public var bytes: [UInt8]
        /// Natural logarithm.
        public var logProbability: Double

        public init(id: Int32, bytes: [UInt8], logProbability: Double) {
            self.id = id
            self.bytes = bytes
            self.logProbability = logProbability
        }

        /// For people; parts of characters become replacement characters.
        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    public var id: Int32
    /// nil where no log-probabilities were asked for.
    public var chosen: Candidate?
    /// Most probable first.
    public var alternatives: [Candidate]

    public init(id: Int32, chosen: Candidate? = nil, alternatives: [Candidate] = []) {
        self.id = id
        self.chosen = chosen
        self.alternatives = alternatives
    }
}

/// The two shapes in which OpenAI tells log-probabilities.
public enum LogProbabilities {
    /// An element of `logprobs.content` in chat completions.
    static func chatElement(_ token: GeneratedToken) -> JSON? {
        guard let chosen = token.chosen, case .object(var object) = candidate(chosen) else { return nil }
        object["top_logprobs"] = .array(token.alternatives.map(candidate))
        return .object(object)
    }

    private static func candidate(_ candidate: GeneratedToken.Candidate) -> JSON {
        [
            "token": .string(candidate.text), "logprob": .double(candidate.logProbability),
            "bytes": .array(candidate.bytes.map { .int(Int64($0)) }),
        ]
    }

    /// `{"content": […], "reasoning_content": […], "refusal": null}`; null where none were asked for.
    static func chat(content: [GeneratedToken], reasoning: [GeneratedToken]) -> JSON {
        let content = content.compactMap(chatElement)
        let reasoning = reasoning.compactMap(chatElement)
        guard !content.isEmpty || !reasoning.isEmpty else { return .null }
        return .compact([
            ("content", .array(content)), ("reasoning_content", reasoning.isEmpty ? nil : .array(reasoning)),
            ("refusal", .null),
        ])
    }

    /// The completions' older shape: parallel arrays.
    /// - Parameter offset: characters (Unicode scalars) of the choice's text before the first of these tokens.
    static func completion(_ tokens: [GeneratedToken], from offset: Int) -> JSON {
        let chosen = tokens.compactMap(\.chosen)
        guard !chosen.isEmpty else { return .null }
        var offsets: [JSON] = []
        var position = offset
        for token in chosen {
            offsets.append(.int(Int64(position)))
            position += token.text.unicodeScalars.count
        }
        return [
            "tokens": .array(chosen.map { .string($0.text) }),
            "token_logprobs": .array(chosen.map { .double($0.logProbability) }),
            "top_logprobs": .array(
                tokens.map { token in
                    .object(JSON.Object(token.alternatives.map { ($0.text, .double($0.logProbability)) }))
                }),
            "text_offset": .array(offsets),
        ]
    }
}
