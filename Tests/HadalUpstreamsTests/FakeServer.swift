import Foundation
import HadalJSON
import HadalWire

@testable import HadalUpstreams

/// A server that behaves as one of the real ones does, as far as a probe can see: which fields it knows, what it does with
/// those that it does not know, and what its answers hold.
struct FakeServer: Sendable {
    var kind: UpstreamKind
    var owner: String?
    /// What it does with fields that it does not know: nothing, or a refusal.
    var isStrict = false
    /// Fields beyond model, messages, prompt, max_tokens, temperature, stream, and what JSON type they must have.
    var fields: [String: String] = [:]
    var paths: [String: JSON] = [:]
    /// Whether it holds answers to what it says it takes.
    var enforces = true
    var hasChat = true
    var hasCompletion = true
    var takesTokens = false
    var tellsUsageInStreams = true
    var seedsHold = true
    var thinks = false
    var status: Int?

    private static let plain = [
        "model", "messages", "prompt", "max_tokens", "max_completion_tokens", "temperature", "stream",
    ]

    var answer: StubServer.Answer {
        { request, count in
            if let status { return StubServer.json(status, #"{"error":{"message":"no"}}"#) }
            if request.path == "/v1/models", paths["/v1/models"] == nil {
                let owner = owner ?? kind.rawValue
                return json(["data": [["id": "m", "owned_by": .string(owner), "max_model_len": 4096]]])
            }
            if let answer = paths[request.path] { return json(answer) }
            switch request.path {
            case "/v1/chat/completions" where hasChat: return generate(request.json, count, isChat: true)
            case "/v1/completions" where hasCompletion: return generate(request.json, count, isChat: false)
            default: return StubServer.json(404, #"{"detail":"Not Found"}"#)
            }
        }
    }

    private func json(_ json: JSON) -> [StubServer.Step] { StubServer.json(200, json.text) }

    private static func type(_ json: JSON) -> String {
        switch json {
        case .null: "null"
        case .bool: "bool"
        case .int, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object(let object): object["no"] != nil || object["7"]?.object != nil ? "nonsense" : "object"
        }
    }

    private func generate(_ body: JSON?, _ count: Int, isChat: Bool) -> [StubServer.Step] {
        let refusal = StubServer.json(400, #"{"error":{"message":"no such value"}}"#)
        guard let body, let object = body.object else { return refusal }
        for (name, value) in object.members where !Self.plain.contains(name) {
            guard let type = fields[name] else {
                if isStrict { return refusal }
                continue
            }
            if type != "any", type != Self.type(value) { return refusal }
        }
        if fields["response_format"] != nil, body["response_format"]?["type"] == "hadal" { return refusal }
        if body["prompt"]?.array != nil, !takesTokens { return refusal }
        if fields["continue_final_message"] != nil, body["continue_final_message"] == true,
            body["add_generation_prompt"] == true
        {
            return refusal
        }
        if fields["reasoning_effort"] != nil, body["reasoning_effort"] == "hadal" { return refusal }
        let usage: JSON = [
            "prompt_tokens": .int(Int64(body["prompt"]?.array?.count ?? promptLength(body))), "completion_tokens": 1,
        ]
        if body["stream"] == true { return streamed(body, usage) }
        var choice = JSON.Object([("index", 0), ("finish_reason", "stop")])
        if isChat {
            choice["message"] = message(body, count)
            if body["logprobs"] == true, fields["logprobs"] != nil {
                choice["logprobs"] = ["content": [["token": "a", "logprob": -1, "top_logprobs": []]]]
            }
        } else {
            choice["text"] = .string(text(body, count))
            if body["logprobs"]?.int != nil, fields["logprobs"] != nil {
                choice["logprobs"] = ["tokens": ["a"], "token_logprobs": [-1], "top_logprobs": [[:]]]
            }
        }
        if body["return_token_ids"] == true, fields["return_token_ids"] != nil { choice["token_ids"] = [1] }
        return json(["id": "c", "choices": [.object(choice)], "usage": usage])
    }

    /// A suffix that is understood is part of the prompt.
    private func promptLength(_ body: JSON) -> Int {
        9 + (fields["suffix"] == nil ? 0 : (body["suffix"]?.string?.count ?? 0) / 4)
    }

    private func message(_ body: JSON, _ count: Int) -> JSON {
        let name = body["tools"]?[0]?["function"]?["name"]?.string
        if let name, fields["tools"] != nil, enforces, body["tool_choice"] != "auto" {
            let call: JSON = ["id": "a", "type": "function", "function": ["name": .string(name), "arguments": "{}"]]
            return ["role": "assistant", "content": .null, "tool_calls": [call]]
        }
        return .compact([
            ("role", "assistant"), ("content", .string(text(body, count))),
            ("reasoning_content", thinks ? "Hm." : nil),
        ])
    }

    private func text(_ body: JSON, _ count: Int) -> String {
        if body["seed"] != nil, fields["seed"] != nil, seedsHold { return "random \(body["seed"]?.int ?? 0)" }
        guard enforces else { return "The sea is wide, \(count)." }
        if fields["response_format"] != nil, let format = body["response_format"] {
            let schema = format["json_schema"]?["schema"] ?? format["schema"]
            return schema == nil ? "{\"answer\": 2}" : "{\"word\": \"hadal-7\"}"
        }
        if fields["structured_outputs"] != nil, let form = body["structured_outputs"] { return held(form, "grammar") }
        if fields["ebnf"] != nil { return held(body, "ebnf") }
        if fields["grammar"] != nil { return held(body, "grammar") }
        if fields["guided_regex"] != nil {
            if body["guided_regex"] != nil { return "hadal123" }
            if body["guided_choice"] != nil { return "hadal-a" }
        }
        return "The sea is wide, \(count)."
    }

    private func held(_ json: JSON, _ grammar: String) -> String {
        if json["regex"] != nil { return "hadal123" }
        if json["choice"] != nil { return "hadal-b" }
        return json[grammar] != nil ? "hadal-g" : "The sea."
    }

    private func streamed(_ body: JSON, _ usage: JSON) -> [StubServer.Step] {
        let isContinuous = body["stream_options"]?["continuous_usage_stats"] == true && kind == .vLLM
        var chunks = [
            chunk(#"{"content":"a"}"#, finish: "stop", usage: isContinuous ? usage.text : nil)
        ]
        if tellsUsageInStreams { chunks.append(JSON.object(JSON.Object([("choices", []), ("usage", usage)])).text) }
        return StubServer.stream(chunks + ["[DONE]"])
    }

    // MARK: servers

    static let vLLM = FakeServer(
        kind: .vLLM,
        fields: [
            "top_k": "number", "min_p": "number", "repetition_penalty": "number", "frequency_penalty": "number",
            "presence_penalty": "number", "logit_bias": "object", "stop_token_ids": "array", "ignore_eos": "bool",
            "seed": "number", "cache_salt": "string", "return_token_ids": "bool", "chat_template_kwargs": "object",
            "stream_options": "object", "logprobs": "any", "response_format": "object", "tools": "array",
            "parallel_tool_calls": "bool", "continue_final_message": "bool", "add_generation_prompt": "bool",
            "structured_outputs": "object",
        ],
        paths: [
            "/version": ["version": "0.11.0"], "/tokenize": ["tokens": [1, 2, 3]],
            "/detokenize": ["prompt": "Hadal lies below 6000 meters."],
        ], takesTokens: true)

    /// It ignores what it does not know.
    static let ollama = FakeServer(
        kind: .ollama, owner: "library",
        fields: [
            "frequency_penalty": "number", "presence_penalty": "number", "seed": "number", "suffix": "string",
            "stream_options": "object", "response_format": "object", "tools": "array", "reasoning_effort": "string",
        ],
        paths: [
            "/api/version": ["version": "0.12.1"],
            "/api/show": ["model_info": ["general.architecture": "llama", "general.parameter_count": 7_000_000_000]],
            "/api/generate": ["done": true],
            "/api/ps": ["models": [["name": "m:latest", "context_length": 8192, "digest": "abc"]]],
        ])
}
