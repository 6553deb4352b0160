/// Which server an upstream is. It decides how fields that OpenAI does not have are written; whether they are
/// understood there is found out by `UpstreamProbe`.
public enum UpstreamKind: String, Sendable, Hashable, CaseIterable {
    case openAI = "openai"
    case deepSeek = "deepseek"
    case vLLM = "vllm"
    case sgLang = "sglang"
    /// The server of llama.cpp itself.
    case llamaServer = "llama-server"
    /// The server of llama-cpp-python, `python -m llama_cpp.server`.
    case llamaCppPython = "llama_cpp.server"
    case ollama
    case hadal
    /// Any other that speaks OpenAI's protocol.
    case other = "openai-compatible"

    /// What `owned_by` of `/v1/models` says.
    init?(owner: String) {
        switch owner {
        case "vllm": self = .vLLM
        case "sglang": self = .sgLang
        case "llamacpp": self = .llamaServer
        case "me": self = .llamaCppPython
        case "library": self = .ollama
        case "hadal": self = .hadal
        case "deepseek": self = .deepSeek
        case "openai", "openai-internal", "system": self = .openAI
        default: return nil
        }
    }

    /// Whether its template is rendered from variables that a request can give.
    var hasTemplate: Bool { [.vLLM, .sgLang, .llamaServer, .hadal, .other].contains(self) }
}
