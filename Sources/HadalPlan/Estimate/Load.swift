/// What is asked of a model.
public struct Load: Sendable, Hashable {
    /// People with a conversation open.
    public var users: Int
    /// The most tokens of a conversation, prompt and answer.
    public var context: Int
    /// Of all users together, in the busy hours.
    public var answersPerMinute: Double
    /// Tokens to compute before an answer: what is in the prefix cache does not count.
    public var promptTokens: Int
    public var answerTokens: Int
    /// Seconds that a whole answer may take.
    public var latencyMax: Double

    /// - Throws: `PlanError` about what is out of range.
    public init(
        users: Int = 10, context: Int = 4096, answersPerMinute: Double? = nil, promptTokens: Int = 1000,
        answerTokens: Int = 300, latencyMax: Double = 60
    ) throws(PlanError) {
        self.users = users
        self.context = context
        // Someone who reads and thinks asks every other minute.
        self.answersPerMinute = answersPerMinute ?? Double(users) / 2
        self.promptTokens = promptTokens
        self.answerTokens = answerTokens
        self.latencyMax = latencyMax
        try check("--users", users, in: 1...10_000_000)
        try check("--context", context, in: 2...(1 << 26))
        try check("--prompt-tokens", promptTokens, in: 1...(1 << 26))
        try check("--answer-tokens", answerTokens, in: 1...(1 << 26))
        try check("--answers-per-minute", self.answersPerMinute, in: 1e-6...1e9)
        try check("--target-latency", latencyMax, in: 0.001...86_400)
        guard promptTokens + answerTokens <= context else {
            throw .contextTooShort(context: context, prompt: promptTokens, answer: answerTokens)
        }
    }

    private func check<Number: Comparable>(
        _ option: String, _ value: Number, in range: ClosedRange<Number>
    ) throws(PlanError) {
        guard range.contains(value) else {
            throw .outOfRange(
                option: option, found: "\(value)", expected: "from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
