import Foundation
import HadalJSON
import HadalWire
import TestSupport
import Testing

/// Requests on tools and thinking, and the other protocols' own words for them.
@Suite struct ProtocolTests {
    private static let start = #""model":"m","messages":[{"role":"user","content":"hi"}]"#
    private static let tools =
        #""tools":[{"type":"function","function":{"name":"f","description":"d","strict":true}},{"type":"function","function":{"name":"g","parameters":{"type":"object"}}}]"#

    private func chat(_ members: String) throws -> ChatRequest {
        try ChatRequest(try JSON(parsing: "{\(Self.start),\(members)}"))
    }

    private func anthropic(_ members: String) throws -> MessagesRequest {
        try MessagesRequest(try JSON(parsing: #"{"model":"m","max_tokens":9,\#(members)}"#))
    }

    @Test(arguments: [
        (#""tools":{}"#, "tools: expected an array"),
        (#""tools":[{"type":"custom"}]"#, #"tools[0].type: tools of type "custom" are not supported, only "function""#),
        (#""tools":[{"type":"function"}]"#, "tools[0].function: required"),
        (
            #""tools":[{"type":"function","function":{"name":"<tool_call>"}}]"#,
            "tools[0].function.name: must be 1 to 128 of the characters A-Z, a-z, 0-9, _, -, ., : and /"
        ),
        (
            #""tools":[{"type":"function","function":{"name":"f","parameters":[]}}]"#,
            "tools[0].function.parameters: expected a JSON Schema that is an object"
        ),
        (
            #""tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}]"#,
            "tools[1].function.name: must be a name that no other tool has"
        ),
        (#""tool_choice":"required""#, "tool_choice: must be left out, or none, where there are no tools"),
        (#""tool_choice":"always""#, "tool_choice: must be none, auto, required, or a function"),
        (
            #""tool_choice":{"type":"function","function":{"name":"h"}},"tools":[{"type":"function","function":{"name":"f"}}]"#,
            "tool_choice: must be a function among the tools"
        ),
        (
            #""reasoning_effort":"much""#,
            "reasoning_effort: must be none, minimal, low, medium, high, xhigh, max or ultra"
        ),
        (#""add_generation_prompt":false"#, "add_generation_prompt: false is for continue_final_message only"),
        (
            #""continue_final_message":true"#,
            "messages[0].role: must be assistant, without calls, to be continued"
        ),
    ])
    func toolsAndThinkingAreChecked(member: String, message: String) {
        let error = #expect(throws: WireError.self) { try chat(member) }
        #expect(error?.description == message)
    }

    @Test func toolsAreUnderstood() throws {
        let request = try chat(Self.tools + #","parallel_tool_calls":false,"tool_choice":"required""#)
        #expect(request.tools.names == ["f", "g"])
        #expect(request.tools.choice == .required)
        #expect(!request.tools.isParallel)
        // Templates read the parameters, so there are always some.
        #expect(request.tools.definitions[0]["function"]?["parameters"] == ["type": "object", "properties": [:]])
        #expect(try chat(Self.tools + #","tool_choice":"none""#).tools.active.isEmpty)
        let named = try chat(Self.tools + #","tool_choice":{"type":"function","function":{"name":"g"}}"#)
        #expect(named.tools.choice == .function("g"))
        var job = WorkerRequest(id: "r", prompt: .infill(before: "a", after: "b"))
        for tools in [request.tools, named.tools, try chat(Self.tools).tools] {
            job.tools = tools
            job.continuesLast.toggle()
            #expect(try WorkerRequest(try JSON(parsing: job.json.text)) == job)
        }
    }

    @Test(arguments: [
        ("none", false, nil), ("minimal", true, "low"), ("low", true, "low"), ("medium", true, "high"),
        ("high", true, "high"), ("xhigh", true, "high"), ("max", true, "max"), ("ultra", true, "max"),
    ])
    func effortIsWhatModelsWereTrainedFor(word: String, thinks: Bool, effort: String?) throws {
        let variables = try chat(#""reasoning_effort":"\#(word)""#).templateVariables
        #expect(variables["thinking"] == .bool(thinks))
        #expect(variables["reasoning_effort"]?.string == effort)
        // What says whether goes before what says how much.
        let off = try chat(#""reasoning_effort":"\#(word)","thinking":{"type":"disabled"}"#).templateVariables
        #expect(off["thinking"] == false)
        let message = try anthropic(
            #""messages":[{"role":"user","content":"x"}],"output_config":{"effort":"\#(word)"}"#)
        #expect(message.templateVariables["thinking"] == .bool(thinks))
    }

    @Test func theAllowedToolsAreTheTools() throws {
        let allowed =
            #""tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}}"#
        let request = try chat(Self.tools + "," + allowed)
        #expect(request.tools.names == ["g"])
        #expect(request.tools.choice == .required)
        #expect(throws: WireError.self) { try chat(allowed) }
    }

    @Test(.enabled(if: SharedData.root != nil, "needs ../shared/data"))
    func whatDeepSeekAnswersCanGoBack() throws {
        let file = try #require(SharedData.file("api/deepseek-recorded/deepseek-tool-call.json"))
        let recorded = try JSON(parsing: try Data(contentsOf: file))
        let message = try #require(recorded["choices"]?[0]?["message"])
        let id = try #require(message["tool_calls"]?[0]?["id"])
        let body: JSON = [
            "model": "m",
            "messages": [
                ["role": "user", "content": "weather?"], message,
                ["role": "tool", "tool_call_id": id, "content": "sunny"],
            ],
        ]
        let request = try ChatRequest(body)
        #expect(request.messages[1].reasoning == message["reasoning_content"]?.string)
        #expect(request.messages[1].toolCalls[0]["function"]?["name"] == "weather")
        // Ours has all that theirs has.
        var choice = Choice()
        choice.reasoning = "r"
        choice.calls = [.init(index: 0, name: "weather", arguments: "{}")]
        choice.finish = .toolCalls
        let head = ReplyHead(id: "chatcmpl-1", created: 0, model: "m", fingerprint: "fp")
        let ours = ChatReply.whole(head, choices: [choice], usage: Usage())
        func keys(_ json: JSON?) -> Set<String> { Set(json?.object?.keys ?? []) }
        #expect(keys(recorded).isSubset(of: keys(ours)))
        #expect(keys(recorded["usage"]).isSubset(of: keys(ours["usage"])))
        #expect(keys(message).isSubset(of: keys(ours["choices"]?[0]?["message"])))
    }

    @Test func aPrefixIsTheLastMessageOnly() throws {
        let begun =
            #""model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"I","prefix":true}"#
        #expect(try ChatRequest(try JSON(parsing: "{\(begun)]}")).continuesLast)
        let error = #expect(throws: WireError.self) {
            try ChatRequest(try JSON(parsing: #"{\#(begun),{"role":"user","content":"so"}]}"#))
        }
        #expect(error?.field == "messages[1].prefix")
    }

    @Test func whatIsIgnoredIsTold() throws {
        #expect(try chat(#""service_tier":"default","store":true,"user":"u""#).ignored == ["service_tier", "store"])
        // Who can wait is refused first.
        let flexible = try chat(#""service_tier":"flex""#)
        #expect(flexible.isFlexible && flexible.ignored.isEmpty)
        #expect(try chat(#""store":false,"metadata":{}"#).ignored == [])
    }

    @Test func suffixesAndEchoesGoWithTextOnly() throws {
        func completion(_ members: String) throws -> CompletionRequest {
            try CompletionRequest(try JSON(parsing: #"{"model":"m",\#(members)}"#))
        }
        #expect(try completion(#""prompt":"a","suffix":"b""#).suffix == "b")
        #expect(try completion(#""prompt":"a","suffix":"""#).suffix == nil)
        #expect(throws: WireError.self) { try completion(#""prompt":[1],"suffix":"b""#) }
        #expect(throws: WireError.self) { try completion(#""prompt":[1],"echo":true"#) }
        #expect(throws: WireError.self) { try completion(#""prompt":"a","echo":true,"logprobs":1"#) }
    }

    // MARK: Anthropic

    @Test func blocksBecomeMessages() throws {
        let request = try anthropic(
            #""system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"x"},{"type":"redacted_thinking","data":"z"},{"type":"text","text":"b"},{"type":"tool_use","id":"1","name":"f","input":{"k":[1]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"r"}]},{"type":"tool_result","tool_use_id":"2","content":"bad","is_error":true},{"type":"text","text":"c"}]}]"#
        )
        #expect(request.messages.map(\.role) == [.system, .user, .assistant, .tool, .tool, .user])
        #expect(request.messages.map(\.content) == ["s", "a", "b", "r", "Error: bad", "c"])
        #expect(request.messages[2].reasoning == "t")
        #expect(request.messages[2].toolCalls[0]["function"]?["arguments"] == #"{"k":[1]}"#)
        #expect(request.messages[3].toolCallID == "1")
        #expect(!request.continuesLast)
        #expect(request.templateVariables["thinking"] == false)
    }

    @Test(arguments: [
        (#""messages":[]"#, "messages"), (#""messages":[{"role":"king","content":"x"}]"#, "messages[0].role"),
        (#""messages":[{"role":"user"}]"#, "messages[0].content"),
        (
            #""messages":[{"role":"user","content":[{"type":"image","source":{}}]}]"#, "messages[0].content[0].type"
        ),
        (
            #""messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":"x"}]}]"#,
            "messages[0].content[0].input"
        ),
        (#""messages":[{"role":"user","content":"x"}],"temperature":1.5"#, "temperature"),
        (#""messages":[{"role":"user","content":"x"}],"frob":1"#, "frob"),
        (
            #""messages":[{"role":"user","content":"x"}],"tools":[{"type":"bash_20250124","name":"bash"}]"#,
            "tools[0].type"
        ),
        (#""messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"any"}"#, "tool_choice"),
        (#""messages":[{"role":"user","content":"x"}],"stop_sequences":[""]"#, "stop_sequences[0]"),
    ])
    func anthropicsFieldsAreChecked(members: String, field: String) {
        let error = #expect(throws: WireError.self) { try anthropic(members) }
        #expect(error?.field == field)
    }

    @Test func aStreamOfBlocksIsInOrder() throws {
        var stream = MessagesStream(ReplyHead(id: "msg-1", created: 0, model: "m", fingerprint: ""))
        var events = [stream.opening(promptTokens: 5)]
        #expect(events[0].data.contains("\"input_tokens\":5"))
        for (part, text) in [
            (GenerationDelta.Part.reasoning, "a"), (.reasoning, "b"), (.content, "c"), (.call(index: 0, name: "f"), ""),
            (.call(index: 0, name: nil), "{}"), (.call(index: 1, name: "g"), ""), (.broken(index: 1, whole: "w"), "r"),
        ] { events += stream.events(GenerationDelta(part: part, text: text, tokens: [])) }
        events += stream.closing(GenerationSummary(finish: .toolCalls, usage: Usage(promptTokens: 5, cachedTokens: 2)))
        let kinds = try events.map { event -> String in
            let json = try JSON(parsing: event.data)
            #expect(json["type"]?.string == event.name)
            let index = json["index"]?.int.map { " \($0)" } ?? ""
            let kind = (json["delta"]?["type"] ?? json["content_block"]?["type"])?.string.map { " \($0)" } ?? ""
            return (event.name ?? "") + index + kind
        }
        #expect(
            kinds == [
                "message_start", "content_block_start 0 thinking", "content_block_delta 0 thinking_delta",
                "content_block_delta 0 thinking_delta", "content_block_delta 0 signature_delta", "content_block_stop 0",
                "content_block_start 1 text", "content_block_delta 1 text_delta", "content_block_stop 1",
                "content_block_start 2 tool_use", "content_block_delta 2 input_json_delta", "content_block_stop 2",
                "content_block_start 3 tool_use", "content_block_stop 3", "content_block_start 4 text",
                "content_block_delta 4 text_delta", "content_block_stop 4", "message_delta", "message_stop",
            ])
    }

    // MARK: Ollama

    @Test func ollamasCallsAndResultsBelongTogether() throws {
        let request = try OllamaRequest(
            chat: try JSON(
                parsing:
                    #"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","thinking":"t","tool_calls":[{"function":{"name":"f","arguments":{"k":1}}},{"function":{"name":"g","arguments":{}}}]},{"role":"tool","content":"1","tool_name":"f"},{"role":"tool","content":"2"}],"think":"low","unknown":1,"options":{"seed":7,"num_predict":-1,"repeat_penalty":1.1,"num_ctx":4096}}"#
            ))
        guard case .messages(let messages) = request.prompt else {
            Issue.record("no messages")
            return
        }
        #expect(messages[1].reasoning == "t")
        #expect(messages[1].toolCalls.map { $0["id"] } == messages[2...].map { $0.toolCallID.map(JSON.string) })
        #expect(messages[1].toolCalls[0]["function"]?["arguments"] == #"{"k":1}"#)
        #expect(request.sampling.seed == 7)
        #expect(request.sampling.repetitionPenalty == 1.1)
        #expect(request.maximumTokens == ChatRequest.tokensLimit && request.stream)
        #expect(request.templateVariables["reasoning_effort"] == "low")
    }

    @Test func errorsHaveEachProtocolsShape() {
        let busy = ErrorObject.unavailable("later", code: "draining")
        #expect(busy.anthropicStatus == 529)
        #expect(busy.anthropicJSON == ["type": "error", "error": ["type": "overloaded_error", "message": "later"]])
        #expect(busy.ollamaJSON == ["error": "later"])
        let missing = ErrorObject.invalidRequest("no", status: 404)
        #expect(missing.anthropicJSON["error"]?["type"] == "not_found_error")
    }
}
