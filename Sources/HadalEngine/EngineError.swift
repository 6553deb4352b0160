/// Why a request is refused or a model cannot be hosted.
public enum EngineError: Error, Sendable, Hashable, CustomStringConvertible {
    case emptyPrompt
    case promptTooLong(tokens: Int, limit: Int)
    case invalidParameter(String, problem: String)
    case tokenOutOfRange(Int32, vocabulary: Int)
    /// The prompt would fit the model's context, but not the key-value cache there is.
    case promptExceedsCache(tokens: Int, limit: Int)
    /// - retrySeconds: after which all that wait now should have started.
    case queueFull(limit: Int, retrySeconds: Int)
    case draining
    /// Somebody else has it profiled.
    case profiled
    case noChatTemplate(model: String)
    case unusableDevice(String, problem: String, advice: String)
    case noSuchModel(reference: String, hint: String)
    case cacheTooSmall(bytes: Int, needed: Int)
    case invalidText(String)
    case prefixStore(problem: String)

    public var description: String {
        switch self {
        case .emptyPrompt: "the prompt is empty and this model has no token that begins a text"
        case .promptTooLong(let tokens, let limit):
            "the prompt has \(tokens) tokens; at most \(limit) fit beside an answer"
        case .invalidParameter(let name, let problem): "\(name): \(problem)"
        case .tokenOutOfRange(let token, let vocabulary):
            "token \(token) is not in the vocabulary (0 to \(vocabulary - 1))"
        case .promptExceedsCache(let tokens, let limit):
            "the prompt has \(tokens) tokens; the key-value cache of this server has room for \(limit) beside an answer"
        case .queueFull(let limit, let seconds):
            "too many requests are waiting (\(limit)); try again in \(seconds) s"
        case .draining: "the engine is shutting down and takes no new requests"
        case .profiled: "the engine is being profiled already; try again when that is done"
        case .noChatTemplate(let model):
            "\(model) has no chat template: it is a base model; use a plain prompt (hadal generate, /v1/completions)"
        case .unusableDevice(let device, let problem, let advice): "\(device): \(problem); \(advice)"
        case .noSuchModel(let reference, let hint): "no model '\(reference)': \(hint)"
        case .cacheTooSmall(let bytes, let needed):
            "\(bytes) bytes are too few for the key-value cache; one block needs \(needed)"
        case .invalidText(let problem): problem
        case .prefixStore(let problem): "the directory of the prefix cache cannot be used: \(problem)"
        }
    }
}
