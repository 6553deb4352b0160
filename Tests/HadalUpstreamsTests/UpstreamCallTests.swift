import HadalJSON
import HadalWire
import Testing

@testable import HadalUpstreams

/// What each kind of server is sent for the same requests.
@Suite struct UpstreamCallTests {
    /// Everything that is not tied to one kind of prompt.
    private func rich() -> WorkerRequest {
        var request = WorkerRequest.toolQuestion()
        request.prompt = .messages(
            [
                ["role": "user", "content": "Why?"],
                ["role": "assistant", "content": "So.", "reasoning_content": "Hm."],
                ["role": "user", "content": "And?"],
            ],
            variables: JSON.Object([("thinking", false), ("enable_thinking", false)]))
        request.tools.definitions.removeLast()
        request.tools.choice = .required
        request.maximumTokens = 100
        request.topLogProbabilities = 0
        request.stop.texts = ["END"]
        request.stop.tokens = [7, 3]
        request.sampling.temperature = 0.5
        request.sampling.topK = 0
        request.sampling.repetitionPenalty = 1.25
        request.sampling.seed = 42
        request.tenant = "bank"
        return request
    }

    private static let tool = """
        {"type":"function","function":{"name":"look","parameters":{"type":"object"}}}
        """
    private static let messages = """
        [{"role":"user","content":"Why?"},{"role":"assistant","content":"So."},{"role":"user","content":"And?"}]
        """
    private static let thoughtful = """
        [{"role":"user","content":"Why?"},{"role":"assistant","content":"So.","reasoning_content":"Hm."},\
        {"role":"user","content":"And?"}]
        """
    private static let usage = #""stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true}"#

    @Test func vLLMAndHadalAreSentTheirWords() throws {
        for kind in [UpstreamKind.vLLM, .hadal] {
            #expect(
                try rich().body(.all(kind)).text == """
                    {"model":"m","messages":\(Self.thoughtful),\
                    "chat_template_kwargs":{"thinking":false,"enable_thinking":false},"tools":[\(Self.tool)],\
                    "tool_choice":"required","temperature":0.5,"top_k":-1,"repetition_penalty":1.25,"seed":42,\
                    "stop":["END"],"stop_token_ids":[3,7],"logprobs":true,"top_logprobs":1,"max_tokens":100,\
                    "return_token_ids":true,"cache_salt":"bank",\(Self.usage)}
                    """)
        }
    }

    @Test func llamaServersAreSentTheirWords() throws {
        #expect(
            try rich().body(.all(.llamaServer).without(.tokenIDs, .cacheSalt, .continuousUsage)).text == """
                {"model":"m","messages":\(Self.thoughtful),\
                "chat_template_kwargs":{"thinking":false,"enable_thinking":false},"tools":[\(Self.tool)],\
                "tool_choice":"required","temperature":0.5,"top_k":0,"repeat_penalty":1.25,"seed":42,\
                "stop":["END"],"stop_token_ids":[3,7],"logprobs":true,"top_logprobs":1,"max_tokens":100,\
                "stream":true,"stream_options":{"include_usage":true}}
                """)
        var request = rich()
        request.stop.tokens = []
        let can = UpstreamCapabilities.all(.llamaCppPython)
            .without(.tokenIDs, .cacheSalt, .continuousUsage, .streamUsage, .reasoning)
        #expect(
            try request.body(can).text == """
                {"model":"m","messages":\(Self.messages),"tools":[\(Self.tool)],"tool_choice":"required",\
                "temperature":0.5,"top_k":0,"repeat_penalty":1.25,"seed":42,"stop":["END"],"logprobs":true,\
                "top_logprobs":1,"max_tokens":100,"stream":true}
                """)
    }

    @Test func deepSeekOpenAIAndOllamaAreSentTheirWords() throws {
        var request = rich()
        request.stop.tokens = []
        request.sampling.repetitionPenalty = nil
        request.sampling.topK = nil
        func expected(_ messages: String, _ thinking: String, _ length: String) -> String {
            """
            {"model":"m","messages":\(messages),\(thinking),"tools":[\(Self.tool)],"tool_choice":"required",\
            "temperature":0.5,"seed":42,"stop":["END"],"logprobs":true,"top_logprobs":1,"\(length)":100,\
            "stream":true,"stream_options":{"include_usage":true}}
            """
        }
        func body(_ kind: UpstreamKind) throws -> String {
            try request.body(.all(kind).without(.tokenIDs, .cacheSalt, .continuousUsage)).text
        }
        #expect(
            try body(.deepSeek) == expected(Self.thoughtful, #""thinking":{"type":"disabled"}"#, "max_tokens"))
        #expect(
            try body(.openAI) == expected(Self.messages, #""reasoning_effort":"none""#, "max_completion_tokens"))
        let renamed = Self.thoughtful.replacing("reasoning_content", with: "reasoning")
        #expect(try body(.ollama) == expected(renamed, #""reasoning_effort":"none""#, "max_tokens"))
    }

    // MARK: prompts

    @Test func plainPromptsGoToCompletions() throws {
        let can = UpstreamCapabilities.all(.vLLM)
        var request = WorkerRequest.text("Once")
        request.topLogProbabilities = 3
        let call = try request.call(can)
        #expect(call.path == "/v1/completions" && call.body["prompt"] == "Once" && call.body["logprobs"] == 3)
        request.prompt = .plain(.tokens([1, 2, 3]))
        #expect(try request.body(can)["prompt"] == [1, 2, 3])
        #expect(try request.call(can).promptTokens == 3)
    }

    @Test func withoutALimitAnAnswerGoesAsFarAsTheContext() throws {
        let request = WorkerRequest.text("Once", tokens: nil)
        #expect(try request.body(.all(.vLLM))["max_tokens"] == .null)
        #expect(try request.body(.all(.llamaCppPython))["max_tokens"] == .null)
        #expect(try request.body(.all(.hadal))["max_tokens"] == 4096)
        #expect(try request.body(.all(.llamaServer))["max_tokens"] == nil)
        for kind in [UpstreamKind.sgLang, .openAI, .deepSeek] {
            let failure = #expect(throws: WorkerFailure.self) { try request.body(.all(kind)) }
            #expect(failure?.code == .unsupported && failure?.field == "max_tokens")
        }
        #expect(try WorkerRequest.question().body(.all(.openAI))["max_completion_tokens"] == nil)
    }

    @Test func gapsAreFilledWhereEachServerDoesIt() throws {
        var request = WorkerRequest(id: "r", prompt: .infill(before: "a", after: "b"))
        request.maximumTokens = 5
        let paths: [(UpstreamKind, String)] = [
            (.ollama, "/v1/completions"), (.deepSeek, "/beta/completions"), (.llamaServer, "/infill"),
        ]
        for (kind, path) in paths { #expect(try request.call(.all(kind)).path == path) }
        #expect(try request.body(.all(.ollama))["suffix"] == "b")
        #expect(
            try request.body(.all(.llamaServer)).text
                == #"{"model":"m","input_prefix":"a","input_suffix":"b","prompt":"","n_predict":5,"stream":true}"#)
    }

    @Test func aMessageIsContinuedAsEachServerDoesIt() throws {
        var request = WorkerRequest.question()
        request.prompt = .messages([["role": "assistant", "content": "So"]], variables: JSON.Object())
        request.continuesLast = true
        let vLLM = try request.body(.all(.vLLM))
        #expect(vLLM["continue_final_message"] == true && vLLM["add_generation_prompt"] == false)
        #expect(try request.body(.all(.sgLang))["add_generation_prompt"] == nil)
        let deepSeek = try request.call(.all(.deepSeek))
        #expect(deepSeek.path == "/beta/chat/completions")
        #expect(deepSeek.body["messages"]?[0]?["prefix"] == true)
        #expect(try request.body(.all(.llamaServer))["continue_final_message"] == nil)
    }

    // MARK: constraints

    @Test func constraintsAreWrittenInEachServersWords() throws {
        func written(_ form: OutputConstraint.Form, _ kind: UpstreamKind, plain: Bool = false) throws -> JSON {
            var request = plain ? WorkerRequest.text("x") : .question()
            request.constraint = OutputConstraint(form, field: "f")
            var object = try request.body(.all(kind)).object ?? JSON.Object()
            let known = [
                "model", "messages", "prompt", "max_tokens", "stream", "stream_options", "return_token_ids",
            ]
            for name in known { object[name] = nil }
            return .object(object)
        }
        let schema: JSON = ["type": "object"]
        let openAI: JSON = [
            "response_format": [
                "type": "json_schema", "json_schema": ["name": "answer", "schema": schema, "strict": true],
            ]
        ]
        for kind in [UpstreamKind.openAI, .vLLM, .sgLang, .ollama, .hadal, .llamaServer] {
            #expect(try written(.jsonSchema(schema, isStrict: true), kind) == openAI)
        }
        #expect(
            try written(.jsonSchema(schema, isStrict: true), .llamaCppPython)
                == ["response_format": ["type": "json_object", "schema": schema]])
        #expect(
            try written(.jsonSchema(schema, isStrict: false), .llamaServer, plain: true) == ["json_schema": schema])
        #expect(try written(.regex("a+"), .vLLM) == ["structured_outputs": ["regex": "a+"]])
        #expect(try written(.regex("a+"), .sgLang) == ["regex": "a+"])
        #expect(try written(.grammar("root ::= \"a\""), .sgLang) == ["ebnf": "root ::= \"a\""])
        #expect(try written(.grammar("root ::= \"a\""), .llamaCppPython, plain: true) == ["grammar": "root ::= \"a\""])
        #expect(try written(.choice(["a", "b"]), .hadal) == ["structured_outputs": ["choice": ["a", "b"]]])
        #expect(try written(.choice(["a.b", "(c"]), .sgLang) == ["regex": #"(a\.b|\(c)"#])
        #expect(
            try written(.choice(["say \"a\"", "b\\\n"]), .llamaServer)
                == ["grammar": #"root ::= "say \"a\"" | "b\\\n""#])
        var old = UpstreamCapabilities.all(.vLLM)
        old.guidedForm = .guided
        var request = WorkerRequest.question()
        request.constraint = OutputConstraint(.choice(["a"]), field: "f")
        #expect(try request.body(old)["guided_choice"] == ["a"])
    }

    // MARK: refusals

    @Test func whatIsNotProvenIsRefusedAndNamed() throws {
        let tool = WorkerRequest.toolQuestion()
        let changes: [(UpstreamFeature, String, (inout WorkerRequest) -> Void)] = [
            (.chat, "messages", { _ in }), (.topK, "top_k", { $0.sampling.topK = 5 }),
            (.minP, "min_p", { $0.sampling.minP = 0.1 }), (.typicalP, "typical_p", { $0.sampling.typicalP = 0.5 }),
            (.repetitionPenalty, "repetition_penalty", { $0.sampling.repetitionPenalty = 1.1 }),
            (.frequencyPenalty, "frequency_penalty", { $0.sampling.frequencyPenalty = 1 }),
            (.presencePenalty, "presence_penalty", { $0.sampling.presencePenalty = 1 }),
            (.logitBias, "logit_bias", { $0.sampling.logitBias = [1: 2] }), (.seeds, "seed", { $0.sampling.seed = 1 }),
            (.stopTokens, "stop_token_ids", { $0.stop.tokens = [1] }),
            (.ignoresEndOfText, "ignore_eos", { $0.stop.ignoresEndOfText = true }),
            (.chatLogProbabilities, "logprobs", { $0.topLogProbabilities = 0 }),
            (.completion, "prompt", { $0 = .text("a") }),
            (
                .tokenPrompts, "prompt",
                {
                    $0.prompt = .plain(.tokens([1]))
                    $0.maximumTokens = 1
                }
            ),
            (
                .completionLogProbabilities, "logprobs",
                {
                    $0 = .text("a")
                    $0.topLogProbabilities = 1
                }
            ),
            (
                .infill, "suffix",
                {
                    $0.prompt = .infill(before: "a", after: "b")
                    $0.maximumTokens = 1
                }
            ),
            (.continuation, "continue_final_message", { $0.continuesLast = true }),
            (.tools, "tools", { $0 = tool }),
            (
                .requiredTools, "tool_choice",
                {
                    $0 = tool
                    $0.tools.choice = .required
                }
            ),
            (
                .requiredTools, "tool_choice",
                {
                    $0 = tool
                    $0.tools.choice = .function("look")
                }
            ),
            (
                .singleTool, "parallel_tool_calls",
                {
                    $0 = tool
                    $0.tools.isParallel = false
                }
            ),
            (.jsonObject, "f", { $0.constraint = OutputConstraint(.jsonObject, field: "f") }),
            (.jsonSchema, "f", { $0.constraint = OutputConstraint(.jsonSchema([:], isStrict: true), field: "f") }),
            (.regex, "f", { $0.constraint = OutputConstraint(.regex("a"), field: "f") }),
            (.choice, "f", { $0.constraint = OutputConstraint(.choice(["a"]), field: "f") }),
            (.grammar, "f", { $0.constraint = OutputConstraint(.grammar("root ::= \"a\""), field: "f") }),
        ]
        for (feature, field, change) in changes {
            var request = WorkerRequest.question()
            change(&request)
            #expect(throws: Never.self, "\(feature)") { try request.body(.all(.vLLM)) }
            let failure = #expect(throws: WorkerFailure.self, "\(feature)") {
                try request.body(.all(.vLLM).without(feature))
            }
            #expect(failure?.code == .unsupported && failure?.field == field, "\(feature)")
            #expect(failure?.message.contains("up") == true)
        }
    }

    @Test func aSeedThatNobodyChoseIsLeftOutWhereThereAreNone() throws {
        var request = WorkerRequest.question()
        request.sampling.seed = .max
        #expect(try request.body(.all(.deepSeek).without(.seeds), hasOwnSeed: false)["seed"] == nil)
        let seed = try #require(request.body(.all(.vLLM))["seed"]?.int)
        #expect((0...0x7FFF_FFFF).contains(seed))
        #expect(Set((0..<1000).map { RequestWriter.folded(.max - $0) }).count == 1000)
    }

    @Test func whatAsksForNothingIsNoReasonToRefuse() throws {
        var request = WorkerRequest.question()
        request.sampling.topK = 0
        request.sampling.minP = 0
        request.sampling.typicalP = 1
        request.sampling.repetitionPenalty = 1
        request.sampling.frequencyPenalty = 0
        request.tools.choice = .none
        request.tools.definitions = WorkerRequest.toolQuestion().tools.definitions
        let can = UpstreamCapabilities(kind: .other, contextLength: 10, features: [.chat])
        #expect(
            try request.body(can).text == #"{"model":"m","messages":[{"role":"user","content":"Why?"}],"stream":true}"#)
    }

    @Test func variablesOfATemplateGoOnlyWhereThereIsOne() throws {
        var request = WorkerRequest.question()
        request.prompt = .messages([["role": "user", "content": "a"]], variables: JSON.Object([("style", "short")]))
        #expect(try request.body(.all(.vLLM))["chat_template_kwargs"] == ["style": "short"])
        let failure = #expect(throws: WorkerFailure.self) {
            try request.body(.all(.deepSeek).without(.templateVariables))
        }
        #expect(failure?.field == "chat_template_kwargs.style")
    }

    @Test func thinkingIsAskedForInEachServersWords() throws {
        func body(_ variables: JSON, _ can: UpstreamCapabilities) throws -> JSON {
            var request = WorkerRequest.question()
            request.prompt = .messages([], variables: variables.object ?? JSON.Object())
            return try request.body(can)
        }
        let hard: JSON = ["thinking": true, "enable_thinking": true, "reasoning_effort": "max"]
        let deepSeek = try body(hard, .all(.deepSeek))
        #expect(deepSeek["thinking"] == ["type": "enabled"] && deepSeek["reasoning_effort"] == "max")
        #expect(try body(hard, .all(.openAI))["reasoning_effort"] == "high")
        var mute = UpstreamCapabilities.all(.other).without(.templateVariables)
        mute.thinkingForm = nil
        #expect(throws: WorkerFailure.self) { try body(hard, mute) }
        #expect(throws: WorkerFailure.self) { try body(["thinking": false], mute) }
        #expect(throws: Never.self) { try body(["thinking": false], mute.without(.reasoning)) }
    }
}
