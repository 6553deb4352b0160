import HadalJSON
import HadalWire
import Testing

@Suite struct RequestTests {
    private static let messages = #""messages":[{"role":"user","content":"hi"}]"#

    private func chat(_ members: String) throws -> ChatRequest {
        try ChatRequest(try JSON(parsing: #"{"model":"m",\#(members)}"#))
    }

    @Test(arguments: [
        (#"{}"#, "model: required"),
        (#"[]"#, "the body: expected an object"),
        (#"{"model":1,"messages":[]}"#, "model: expected a string"),
        (#"{"model":"m"}"#, "messages: required"),
        (#"{"model":"m","messages":{}}"#, "messages: expected an array"),
        (#"{"model":"m","messages":[]}"#, "messages: must be at least one message"),
        (#"{"model":"m","messages":["hi"]}"#, "messages[0]: expected an object"),
        (#"{"model":"m","messages":[{"content":"hi"}]}"#, "messages[0].role: required"),
        (
            #"{"model":"m","messages":[{"role":"king","content":"hi"}]}"#,
            "messages[0].role: must be one of system, developer, user, assistant, tool"
        ),
        (#"{"model":"m","messages":[{"role":"user"}]}"#, "messages[0].content: required"),
        (
            #"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":7}]}"#,
            "messages[1].content: expected a string or an array of parts"
        ),
        (
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}"#,
            "messages[0].content[0].type: parts of type \"image_url\" are not supported, only \"text\""
        ),
        (#"{"model":"m","messages":[{"role":"user","content":"hi","x":1}]}"#, "messages[0].x: unknown field"),
        (#"{"model":"m","messages":[{"role":"tool","content":"hi"}]}"#, "messages[0].tool_call_id: required"),
    ])
    func messagesAreCheckedAndTheFieldIsNamed(text: String, message: String) throws {
        let json = try JSON(parsing: text)
        let error = #expect(throws: WireError.self) { try ChatRequest(json) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        (#""temperature":"hot""#, "temperature: expected a number"),
        (#""temperature":2.5"#, "temperature: must be between 0.0 and 2.0"),
        (#""temperature":-1e308"#, "temperature: must be between 0.0 and 2.0"),
        (#""top_p":1.01"#, "top_p: must be between 0.0 and 1.0"),
        (#""max_tokens":0"#, "max_tokens: must be between 1 and 10000000"),
        (#""max_tokens":1e300"#, "max_tokens: must be between 1 and 10000000"),
        (#""max_tokens":1.5"#, "max_tokens: expected an integer"),
        (#""max_completion_tokens":-1"#, "max_completion_tokens: must be between 1 and 10000000"),
        (#""n":0"#, "n: must be between 1 and 16"),
        (#""n":1000000000"#, "n: must be between 1 and 16"),
        (#""stop":7"#, "stop: expected a string or an array of strings"),
        (#""stop":[""]"#, "stop[0]: must be 1 to 1024 bytes long"),
        (#""stop":["a","b",3]"#, "stop[2]: expected a string"),
        (#""seed":1e30"#, "seed: must be between -9223372036854775808 and 9223372036854775807"),
        (#""logit_bias":{"x":1}"#, "logit_bias.x: expected a token id as the name"),
        (#""logit_bias":{"1":101}"#, "logit_bias.1: must be between -100 and 100"),
        (#""top_logprobs":3"#, "top_logprobs: must be left out unless logprobs is true"),
        (#""logprobs":true,"top_logprobs":21"#, "top_logprobs: must be between 0 and 20"),
        (#""stream_options":{}"#, "stream_options: must be left out unless stream is true"),
        (#""stream":"yes""#, "stream: expected true or false"),
        (#""frobnicate":1"#, "frobnicate: unknown field"),
        (#""thinking":{"type":"perhaps"}"#, "thinking.type: must be \"enabled\" or \"disabled\""),
        (
            #""chat_template_kwargs":{"messages":[]}"#,
            "chat_template_kwargs.messages: must be left to the field messages"
        ),
        (#""modalities":["audio"]"#, "modalities: not supported yet"),
        (#""audio":{}"#, "audio: not supported yet"),
        (#""functions":[]"#, "functions: not supported yet"),
    ])
    func settingsAreCheckedAndTheFieldIsNamed(member: String, message: String) {
        let error = #expect(throws: WireError.self) { try chat(Self.messages + "," + member) }
        #expect(error?.description == message)
    }

    @Test func fieldsThatMakeNoDifferenceAreAccepted() throws {
        _ = try chat(
            Self.messages
                + #","user":"u","metadata":{"a":"b"},"store":false,"service_tier":"auto","parallel_tool_calls":true,"tools":[],"tool_choice":"auto","response_format":{"type":"text"},"stop":null,"temperature":null,"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}"#
        )
    }

    @Test func anAnswerGoesBackAsTheClientGotIt() throws {
        let request = try chat(
            #""messages":[{"role":"developer","content":"d"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"c","reasoning_content":"r","refusal":null,"annotations":[],"audio":null,"function_call":null,"tool_calls":null},{"role":"user","content":"e"}]"#
        )
        #expect(request.messages.map(\.role) == [.system, .user, .assistant, .user])
        #expect(request.messages.map(\.content) == ["d", "a\nb", "c", "e"])
        #expect(request.messages[2].json.text == #"{"role":"assistant","content":"c","reasoning_content":"r"}"#)
    }

    @Test func toolCallsKeepTheOrderOfTheirKeys() throws {
        let call = #"{"id":"1","type":"function","function":{"name":"f","arguments":"{\"z\":1,\"a\":2}"}}"#
        let request = try chat(
            #""messages":[{"role":"assistant","content":null,"tool_calls":[\#(call)]},{"role":"tool","tool_call_id":"1","content":"x"}]"#
        )
        #expect(request.messages[0].json["tool_calls"]?.text == "[\(call)]")
        #expect(request.messages[1].toolCallID == "1")
    }

    @Test(arguments: [
        (#""thinking":{"type":"enabled"}"#, true), (#""thinking":{"type":"disabled"}"#, false),
        (#""enable_thinking":true"#, true), (#""chat_template_kwargs":{"thinking":true}"#, true),
    ])
    func thinkingReachesTheTemplate(member: String, thinks: Bool) throws {
        let request = try chat(Self.messages + "," + member)
        #expect(request.templateVariables["thinking"] == .bool(thinks))
    }

    @Test func promptsComeInFourShapes() throws {
        func prompts(_ text: String) throws -> [PlainPrompt] {
            try CompletionRequest(try JSON(parsing: #"{"model":"m","prompt":\#(text)}"#)).prompts
        }
        #expect(try prompts(#""a""#) == [.text("a")])
        #expect(try prompts(#"["a","b"]"#) == [.text("a"), .text("b")])
        #expect(try prompts("[1,2]") == [.tokens([1, 2])])
        #expect(try prompts("[[1],[2,3]]") == [.tokens([1]), .tokens([2, 3])])
        for (text, message) in [
            ("[]", "prompt: must be not empty"), ("[1,-2]", "prompt[1]: expected a token id"),
            ("[1,99999999999]", "prompt[1]: expected a token id"),
            (#"["a",1]"#, "prompt[1]: expected a string or an array of token ids"),
            ("{}", "prompt: expected a string, token ids, or an array of either"),
        ] {
            let error = #expect(throws: WireError.self) { try prompts(text) }
            #expect(error?.description == message)
        }
    }

    @Test func completionsRefuseWhatTheyCannotDo() throws {
        let json = try JSON(parsing: #"{"model":"m","prompt":"a","best_of":2}"#)
        let error = #expect(throws: WireError.self) { try CompletionRequest(json) }
        #expect(error == .unsupported(field: "best_of", problem: "not supported yet"))
    }
}
