/// How the next token is drawn.
public struct SamplingParameters: Sendable, Hashable {
    /// 0: always the likeliest token.
    public var temperature: Float = 1
    public var topP: Float = 1
    /// 0: off.
    public var topK = 0
    public var minP: Float = 0
    /// Locally typical sampling; 1: off.
    public var typicalP: Float = 1
    /// Multiplicative, over prompt and output (Hugging Face's `repetition_penalty`); 1: off.
    public var repetitionPenalty: Float = 1
    /// Subtracted once for each time the token was generated.
    public var frequencyPenalty: Float = 0
    /// Subtracted when the token was generated at all.
    public var presencePenalty: Float = 0
    public var logitBias: [Int32: Float] = [:]
    public var seed: UInt64 = 0

    /// Whether the next token is that of the largest logit, as the model computed it.
    var takesLikeliest: Bool {
        temperature < Sampler.temperatureMin && repetitionPenalty == 1 && frequencyPenalty == 0 && presencePenalty == 0
            && logitBias.isEmpty
    }

    public init() {}
}

/// One request to the engine: token ids in.
public struct GenerationRequest: Sendable {
    public var prompt: [Int32]
    public var sampling = SamplingParameters()
    public var maximumTokens: Int
    /// Generation ends before these texts, also where they cross tokens.
    public var stops: [String] = []
    public var stopTokens: Set<Int32> = []
    public var ignoresEndOfText = false
    /// Control tokens are left out of the text, though not out of the events' tokens.
    public var skipsSpecialTokens = true
    /// Control tokens that are not left out: the marks of tool calls.
    public var shownSpecialTokens: Set<Int32> = []
    /// How many alternatives to report for each token (at most `GenerationRequest.topLogProbabilitiesMax`); nil: no
    /// log-probabilities.
    public var topLogProbabilities: Int?
    /// What the answer is held to; nil: nothing.
    public var constraint: GenerationConstraint?
    /// Whose request it is. Tenants are served alike, and share no cached prefix: what one asked before cannot be told
    /// from how fast another is answered.
    public var tenant = ""
    /// Higher ones go first, always: from -100 to 100.
    public var priority = 0
    /// How long the request may wait before it is begun; nil: as long as it takes.
    public var startDeadline: Duration?
    /// Tokens of the answer that another engine with the same model has generated for the same request. They are taken as
    /// if this one had drawn them: their events come again, and what follows is the same bits.
    public var generated: [Int32] = []

    public init(prompt: [Int32], maximumTokens: Int) {
        self.prompt = prompt
        self.maximumTokens = maximumTokens
    }
}

public struct TokenLogProbability: Sendable, Hashable {
    public var token: Int32
    public var logProbability: Float
}

/// What a request gives, in order: zero or more `tokens`, then one `finished`.
public enum GenerationEvent: Sendable {
    public struct Token: Sendable {
        public var id: Int32
        /// Natural logarithm of the probability before temperature and filters.
        public var logProbability: TokenLogProbability?
        public var alternatives: [TokenLogProbability] = []

        public init(
            id: Int32, logProbability: TokenLogProbability? = nil, alternatives: [TokenLogProbability] = []
        ) {
            self.id = id
            self.logProbability = logProbability
            self.alternatives = alternatives
        }
    }
    public enum FinishReason: String, Sendable {
        case stop, length, cancelled
        /// It was not begun before its deadline.
        case expired
        /// No token of the vocabulary goes on with what the answer is held to.
        case deadEnd
    }
    public struct Summary: Sendable {
        public var reason: FinishReason
        /// The stop string that ended it, if one did.
        public var stop: String?
        public var promptTokens: Int
        /// Tokens of the prompt that were found in the cache.
        public var cachedTokens: Int
        /// The token that ended the text counts.
        public var generatedTokens: Int
        /// From submission to the step in which it was begun.
        public var queueSeconds: Double
        /// From submission to the first token, waiting included.
        public var firstTokenSeconds: Double
        /// From the first token to the last.
        public var decodeSeconds: Double
    }

    /// Text that is certain by now (never half a character, never the start of a stop string) with the tokens it
    /// came from. The text of one event may belong to several tokens, or to none yet.
    case delta(text: String, tokens: [Token])
    case finished(Summary)
}
