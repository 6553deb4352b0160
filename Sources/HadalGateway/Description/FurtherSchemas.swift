import HadalJSON
import HadalWire

/// Bodies of Anthropic's and Ollama's APIs, and our own.
extension APIDescription {
    private static let errorSchema = object([
        "error": object(["message": string, "type": string, "param": nullable(string), "code": nullable(string)])
    ])
    private static let anthropicErrorSchema = object([
        "type": word("error"), "error": object(["type": string, "message": string]),
    ])
    private static let ollamaErrorSchema = object(["error": string])
    private static let tokenizeRequestSchema = object(
        ["model": string],
        further: [
            "prompt": string, "messages": array(reference("Message"), min: 1), "add_special_tokens": nullable(boolean),
            "return_token_strs": nullable(boolean),
        ])
    private static let tokensSchema = object(
        ["count": integer, "tokens": array(integer)], further: ["max_model_len": integer, "token_strs": array(string)])
    private static let detokenizeRequestSchema = object(["model": string, "tokens": array(integer(0...Int(Int32.max)))])
    private static let textSchema = object(["prompt": string])
    private static let messagesRequestSchema = object(
        [
            "model": string, "max_tokens": integer(1...ChatRequest.tokensLimit),
            "messages": array(
                object(["role": word("user", "assistant", "system"), "content": either(string, array(anyObject))]),
                min: 1, max: ChatRequest.messagesLimit),
        ],
        optional: [
            ("system", either(string, array(anyObject))), ("temperature", number(0...1)), ("top_p", number(0...1)),
            ("top_k", integer(-1...Int(Int32.max))), ("stop_sequences", array(string, max: 16)), ("stream", boolean),
            ("tools", array(anyObject, max: ToolSettings.toolsLimit)), ("tool_choice", anyObject),
            ("thinking", object(["type": word("enabled", "disabled", "adaptive")])), ("output_config", anyObject),
            ("metadata", anyObject),
        ])
    private static let anthropicMessageSchema = object(
        [
            "id": string, "type": word("message"), "role": word("assistant"), "model": string,
            "content": array(object(["type": word("text", "thinking", "tool_use")])),
            "stop_reason": word("end_turn", "max_tokens", "tool_use"), "usage": anyObject,
        ], optional: [("stop_sequence", string)])
    private static let countRequestSchema = object([
        "model": string,
        "messages": array(
            object(["role": word("user", "assistant", "system"), "content": either(string, array(anyObject))]), min: 1,
            max: ChatRequest.messagesLimit),
    ])
    private static let tokenCountSchema = object(["input_tokens": integer])
    private static let ollamaChatRequestSchema = object(
        ["model": string],
        further: [
            "messages": array(anyObject), "stream": boolean, "tools": array(anyObject),
            "think": either(boolean, word("low", "medium", "high", "max")), "options": anyObject,
            "format": either(word("json"), anyObject),
        ])
    private static let ollamaGenerateRequestSchema = object(
        ["model": string],
        further: [
            "prompt": string, "system": string, "suffix": string, "raw": boolean, "stream": boolean,
            "think": either(boolean, word("low", "medium", "high", "max")), "options": anyObject,
            "format": either(word("json"), anyObject),
        ])
    private static let ollamaAnswerSchema = object(
        ["model": string, "created_at": string, "done": boolean], further: ["done_reason": string])
    private static let ollamaEmbedRequestSchema = object(
        ["model": string, "input": either(string, array(string))], further: ["options": anyObject])
    private static let ollamaEmbeddingRequestSchema = object(
        ["model": string, "prompt": string], further: ["options": anyObject])
    private static let parametersSchema = object(
        [:],
        optional: [
            ("temperature", number(0...2)), ("top_p", number(0...1)), ("top_k", integer(-1...Int(Int32.max))),
            ("min_p", number(0...1)), ("typical_p", number(0...1)), ("repeat_penalty", number(0.01...100)),
            ("frequency_penalty", number(-2...2)), ("presence_penalty", number(-2...2)), ("seed", integer),
            ("num_predict", integer(-2...ChatRequest.tokensLimit)), ("stop", either(string, array(string, max: 16))),
        ] + ModelDefaults.ignoredParameters.map { ($0, anything) })
    private static let ollamaCreateRequestSchema = object(
        [
            "model": [
                "type": "string", "maxLength": .int(Int64(ModelName.bytesLimit)),
                "pattern":
                    "^([A-Za-z0-9_][A-Za-z0-9_.-]*/){0,2}[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$",
            ], "from": string,
        ],
        optional: [
            ("system", string), ("parameters", parametersSchema),
            (
                "messages",
                array(
                    object(["role": word("user", "assistant", "tool"), "content": string]),
                    max: ModelDefaults.messagesLimit)
            ), ("license", either(string, array(string))), ("stream", boolean),
        ])
    private static let ollamaCopyRequestSchema = object(["source": string, "destination": string])
    private static let ollamaModelRequestSchema = object(["model": string], optional: [("stream", boolean)])
    private static let ollamaStatusSchema = object(["status": string])
    private static let objectSchema = anyObject
    private static let healthSchema = object(["status": string], further: ["models": anyObject, "engines": anyObject])

    static let furtherSchemas: [(String, JSON)] = [
        ("Error", errorSchema), ("AnthropicError", anthropicErrorSchema), ("OllamaError", ollamaErrorSchema),
        ("TokenizeRequest", tokenizeRequestSchema), ("Tokens", tokensSchema),
        ("DetokenizeRequest", detokenizeRequestSchema), ("Text", textSchema),
        ("MessagesRequest", messagesRequestSchema), ("AnthropicMessage", anthropicMessageSchema),
        ("CountRequest", countRequestSchema), ("TokenCount", tokenCountSchema),
        ("OllamaChatRequest", ollamaChatRequestSchema), ("OllamaGenerateRequest", ollamaGenerateRequestSchema),
        ("OllamaAnswer", ollamaAnswerSchema), ("OllamaEmbedRequest", ollamaEmbedRequestSchema),
        ("OllamaEmbeddingRequest", ollamaEmbeddingRequestSchema), ("OllamaCreateRequest", ollamaCreateRequestSchema),
        ("OllamaCopyRequest", ollamaCopyRequestSchema), ("OllamaModelRequest", ollamaModelRequestSchema),
        ("OllamaStatus", ollamaStatusSchema), ("Object", objectSchema), ("Health", healthSchema),
    ]
}
