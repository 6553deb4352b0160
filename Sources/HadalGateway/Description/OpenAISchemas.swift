import HadalJSON
import HadalWire

/// Bodies of the OpenAI and DeepSeek APIs, and of what others have added to them.
extension APIDescription {
    private static let sampling: [(String, JSON)] = [
        ("temperature", number(0...2)), ("top_p", number(0...1)), ("top_k", integer(-1...Int(Int32.max))),
        ("min_p", number(0...1)), ("typical_p", number(0...1)), ("frequency_penalty", number(-2...2)),
        ("presence_penalty", number(-2...2)), ("repetition_penalty", number(0.01...10)),
        ("seed", integer(0...9_007_199_254_740_991)),
        ("logit_bias", ["type": "object", "additionalProperties": number(-100...100)]),
        ("stop", either(string, array(string, max: 16))), ("stop_token_ids", array(integer, max: 16)),
        ("ignore_eos", boolean),
    ]
    private static let formats: [(String, JSON)] = [
        (
            "response_format",
            object(["type": word("text", "json_object", "json_schema")], further: ["json_schema": anyObject])
        ), ("guided_json", either(anyObject, string)), ("guided_regex", string),
        ("guided_choice", array(string, min: 1)), ("guided_grammar", string), ("structured_outputs", anyObject),
    ]
    private static let labels: [(String, JSON)] = [
        ("user", string), ("metadata", anyObject), ("safety_identifier", string), ("prompt_cache_key", string),
        ("service_tier", string), ("store", boolean), ("prompt_cache_retention", string),
    ]
    private static let streaming: [(String, JSON)] = [
        ("stream", boolean), ("stream_options", object([:], further: ["include_usage": boolean])),
    ]

    private static let usageSchema = object(
        ["prompt_tokens": integer, "completion_tokens": integer, "total_tokens": integer],
        further: [
            "prompt_tokens_details": object([:], further: ["cached_tokens": integer]),
            "completion_tokens_details": object([:], further: ["reasoning_tokens": integer]),
            "prompt_cache_hit_tokens": integer, "prompt_cache_miss_tokens": integer,
        ])
    private static let messageSchema = object(
        ["role": word("system", "developer", "user", "assistant", "tool")],
        optional: [
            ("content", either(string, array(object(["type": word("text"), "text": string])))),
            ("reasoning_content", string), ("name", string), ("tool_calls", array(anyObject)), ("tool_call_id", string),
            ("prefix", boolean),
        ])
    private static let toolCallSchema = object([
        "id": string, "type": word("function"), "function": object(["name": string, "arguments": string]),
    ])
    private static let chatRequestSchema = object(
        ["model": string, "messages": array(reference("Message"), min: 1, max: ChatRequest.messagesLimit)],
        optional: [
            ("max_tokens", integer(1...ChatRequest.tokensLimit)),
            ("max_completion_tokens", integer(1...ChatRequest.tokensLimit)),
            ("n", integer(1...ChatRequest.choicesLimit)), ("logprobs", boolean),
            ("top_logprobs", integer(0...ChatRequest.topLogProbabilitiesLimit)),
            (
                "tools",
                array(
                    object([
                        "type": word("function"),
                        "function": object(
                            ["name": ["type": "string", "pattern": "^[A-Za-z0-9_.:/-]{1,128}$"]],
                            further: ["description": string, "parameters": anyObject, "strict": boolean]),
                    ]), max: ToolSettings.toolsLimit)
            ), ("tool_choice", either(word("none", "auto", "required"), anyObject)), ("parallel_tool_calls", boolean),
            ("continue_final_message", boolean), ("add_generation_prompt", boolean),
            (
                "thinking",
                object(["type": word("enabled", "disabled", "adaptive")], further: ["budget_tokens": integer])
            ), ("reasoning_effort", word("none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra")),
            ("enable_thinking", boolean), ("chat_template_kwargs", anyObject),
        ] + sampling + formats + labels + streaming)
    private static let chatCompletionSchema = object(
        [
            "id": string, "object": word("chat.completion"), "created": integer, "model": string,
            "choices": array(
                object(
                    [
                        "index": integer,
                        "message": object(
                            ["role": word("assistant"), "content": nullable(string)],
                            further: ["reasoning_content": string, "tool_calls": array(reference("ToolCall"))]),
                        "finish_reason": word("stop", "length", "tool_calls"),
                    ], further: ["logprobs": nullable(anyObject), "warnings": array(string)])),
            "usage": reference("Usage"),
        ], further: ["system_fingerprint": string])
    private static let completionRequestSchema = object(
        [
            "model": string,
            "prompt": either(string, array(string, min: 1, max: 64), tokens, array(tokens, min: 1, max: 64)),
        ],
        optional: [
            ("max_tokens", integer(1...ChatRequest.tokensLimit)), ("suffix", string), ("echo", boolean),
            ("n", integer(1...ChatRequest.choicesLimit)),
            ("logprobs", integer(0...ChatRequest.topLogProbabilitiesLimit)), ("best_of", integer(1...1)),
        ] + sampling + formats + labels + streaming)
    private static let completionSchema = object(
        [
            "id": string, "object": word("text_completion"), "created": integer, "model": string,
            "choices": array(
                object(
                    ["index": integer, "text": string, "finish_reason": word("stop", "length")],
                    optional: [("logprobs", anyObject)])), "usage": reference("Usage"),
        ], further: ["system_fingerprint": string])
    private static let embeddingRequestSchema = object(
        [
            "model": string,
            "input": either(
                string, array(string, min: 1, max: EmbeddingRequest.inputsLimit), tokens,
                array(tokens, min: 1, max: EmbeddingRequest.inputsLimit)),
        ],
        optional: [
            ("encoding_format", word("float", "base64")), ("dimensions", integer(EmbeddingRequest.dimensionsRange)),
            ("user", string),
        ])
    private static let embeddingListSchema = object([
        "object": word("list"),
        "data": array(
            object(["object": word("embedding"), "index": integer, "embedding": either(array(number), string)])),
        "model": string, "usage": object(["prompt_tokens": integer, "total_tokens": integer]),
    ])
    private static let rerankRequestSchema = object(
        [
            "model": string, "query": string,
            "documents": array(either(string, object(["text": string])), min: 1, max: RerankRequest.documentsLimit),
        ], optional: [("top_n", integer(1...Int(Int32.max))), ("return_documents", boolean)])
    private static let rerankResultSchema = object(
        [
            "id": string, "model": string,
            "results": array(
                object(["index": integer, "relevance_score": number], further: ["document": object(["text": string])])),
        ], further: ["usage": anyObject])
    private static let responsesRequestSchema = object(
        ["model": string, "input": either(string, array(anyObject, min: 1, max: ChatRequest.messagesLimit))],
        optional: [
            ("instructions", string), ("previous_response_id", string),
            ("max_output_tokens", integer(1...ChatRequest.tokensLimit)), ("temperature", number(0...2)),
            ("top_p", number(0...1)), ("top_logprobs", integer(0...ChatRequest.topLogProbabilitiesLimit)),
            ("include", array(string, max: 64)), ("tools", array(anyObject, max: ToolSettings.toolsLimit)),
            ("tool_choice", either(word("none", "auto", "required"), anyObject)), ("parallel_tool_calls", boolean),
            ("text", object([:], further: ["format": anyObject])),
            (
                "reasoning",
                object(
                    [:],
                    further: [
                        "effort": word("none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"),
                        "summary": string,
                    ])
            ), ("store", boolean), ("stream", boolean), ("metadata", anyObject), ("user", string),
            ("truncation", word("disabled")), ("background", ["type": "boolean", "enum": [false]]),
        ])
    private static let responseSchema = object([
        "id": string, "object": word("response"), "created_at": integer,
        "status": word("completed", "incomplete", "in_progress", "failed"), "model": string,
        "output": array(object(["type": word("message", "reasoning", "function_call"), "id": string])),
        "usage": nullable(object(["input_tokens": integer, "output_tokens": integer, "total_tokens": integer])),
        "error": anything, "incomplete_details": anything, "instructions": anything, "parallel_tool_calls": anything,
        "metadata": anything, "tools": anything, "tool_choice": anything, "temperature": anything, "top_p": anything,
    ])
    private static let modelSchema = object(
        ["id": string, "object": word("model"), "created": integer, "owned_by": string],
        further: ["max_model_len": integer])
    private static let modelListSchema = object(["object": word("list"), "data": array(reference("Model"))])
    private static let fileSchema = object([
        "id": string, "object": word("file"), "bytes": integer, "created_at": integer, "filename": string,
        "purpose": word("batch", "batch_output", "user_data"), "status": string,
    ])
    private static let batchRequestSchema = object(
        ["input_file_id": string, "endpoint": word(BatchRequest.endpoints), "completion_window": word("24h")],
        optional: [("metadata", anyObject)])
    private static let batchSchema = object(
        [
            "id": string, "object": word("batch"), "endpoint": string, "input_file_id": string,
            "completion_window": string,
            "status": word(
                "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"),
            "created_at": integer,
        ],
        further: [
            "output_file_id": nullable(string), "error_file_id": nullable(string),
            "request_counts": object([:], further: ["total": integer, "completed": integer, "failed": integer]),
        ])
    private static let deletedSchema = object(["id": string, "object": string, "deleted": boolean])
    private static let listSchema = object(
        ["object": word("list"), "data": array(anyObject), "has_more": boolean],
        optional: [("first_id", string), ("last_id", string)])

    static let openAISchemas: [(String, JSON)] = [
        ("Usage", usageSchema), ("Message", messageSchema), ("ToolCall", toolCallSchema),
        ("ChatRequest", chatRequestSchema), ("ChatCompletion", chatCompletionSchema),
        ("CompletionRequest", completionRequestSchema), ("Completion", completionSchema),
        ("EmbeddingRequest", embeddingRequestSchema), ("EmbeddingList", embeddingListSchema),
        ("RerankRequest", rerankRequestSchema), ("RerankResult", rerankResultSchema),
        ("ResponsesRequest", responsesRequestSchema), ("Response", responseSchema), ("Model", modelSchema),
        ("ModelList", modelListSchema), ("File", fileSchema), ("BatchRequest", batchRequestSchema),
        ("Batch", batchSchema), ("Deleted", deletedSchema), ("List", listSchema),
    ]
}
