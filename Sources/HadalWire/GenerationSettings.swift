/// What a request of any protocol says of the answer it wants.
public protocol GenerationSettings {
    var sampling: SamplingSettings { get }
    var stop: StopSettings { get }
    /// nil: as far as the context goes.
    var maximumTokens: Int? { get }
    /// How many alternatives to tell with each token; nil: no log-probabilities.
    var topLogProbabilities: Int? { get }
    /// nil: any text.
    var constraint: OutputConstraint? { get }
    var tools: ToolSettings { get }
    /// Whether the answer goes on with the last message.
    var continuesLast: Bool { get }
}

extension GenerationSettings {
    public var topLogProbabilities: Int? { nil }
    public var tools: ToolSettings { ToolSettings() }
    public var continuesLast: Bool { false }
}

extension ChatRequest: GenerationSettings {}
extension CompletionRequest: GenerationSettings {}
extension MessagesRequest: GenerationSettings {}
extension OllamaRequest: GenerationSettings {}
extension ResponsesRequest: GenerationSettings {}

extension WorkerRequest {
    public init(id: String, prompt: Prompt, _ settings: some GenerationSettings) {
        self.init(id: id, prompt: prompt)
        sampling = settings.sampling
        stop = settings.stop
        maximumTokens = settings.maximumTokens
        topLogProbabilities = settings.topLogProbabilities
        constraint = settings.constraint
        tools = settings.tools
        continuesLast = settings.continuesLast
    }
}
