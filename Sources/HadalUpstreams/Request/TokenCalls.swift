import HadalJSON
import HadalWire

/// Where each kind of server tells tokens, and how.
struct TokenCalls: Sendable {
    let model: JSON
    let kind: UpstreamKind

    init(_ settings: UpstreamSettings, _ can: UpstreamCapabilities) {
        self.init(model: settings.model, kind: can.kind)
    }

    init(model: String, kind: UpstreamKind) {
        self.model = .string(model)
        self.kind = kind
    }

    /// - Returns: nil where the server has no way for such a prompt.
    func tokenize(_ request: TokenizeRequest) throws(WorkerFailure) -> (path: String, body: JSON)? {
        switch (request.request.prompt, kind) {
        case (.plain(.text(let text)), .llamaServer):
            let adds = JSON.bool(request.addsSpecialTokens)
            return ("/tokenize", ["content": .string(text), "add_special": adds, "with_pieces": true])
        case (.plain(.text(let text)), .llamaCppPython):
            return ("/extras/tokenize", ["model": model, "input": .string(text)])
        case (.plain(.text(let text)), _):
            return (
                "/tokenize",
                .compact([
                    ("model", model), ("prompt", .string(text)),
                    ("add_special_tokens", .bool(request.addsSpecialTokens)),
                    ("return_token_strs", kind == .sgLang ? nil : true),
                ])
            )
        case (.messages(let messages, let variables), .vLLM), (.messages(let messages, let variables), .hadal):
            let continues = request.request.continuesLast
            let tools = request.request.tools.active
            return (
                "/tokenize",
                .compact([
                    ("model", model), ("messages", .array(messages)),
                    ("chat_template_kwargs", variables.isEmpty ? nil : .object(variables)),
                    ("tools", tools.isEmpty ? nil : .array(tools)),
                    ("continue_final_message", continues ? true : nil),
                    ("add_generation_prompt", continues ? false : nil), ("return_token_strs", true),
                ])
            )
        default: return nil
        }
    }

    func detokenize(_ request: DetokenizeRequest) -> (path: String, body: JSON) {
        let tokens = JSON.array(request.tokens.map { .int(Int64($0)) })
        return switch kind {
        case .llamaServer: ("/detokenize", ["tokens": tokens])
        case .llamaCppPython: ("/extras/detokenize", ["model": model, "tokens": tokens])
        default: ("/detokenize", ["model": model, "tokens": tokens])
        }
    }
}
