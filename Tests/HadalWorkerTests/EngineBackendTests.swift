import Foundation
import HadalEngine
import HadalJSON
import HadalTemplates
import HadalTokenization
import HadalWire
import HadalWorker
import TestSupport
import Testing

/// What a worker makes of tools, prefixes and gaps, before a model whose tokens are bytes. Its template knows of no calls,
/// so they are written as Hermes does.
@Suite struct EngineBackendTests {
    private static let host: ModelHost = {
        let path = try! TinyModel.write(endless: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LoadOptions()
        options.threads = 1
        return try! ModelHost.load(path, options: options)
    }()
    private let backend = EngineBackend(EngineBackendTests.host)
    private static let tool: JSON = [
        "type": "function", "function": ["name": "f", "parameters": ["type": "object", "properties": [:]]],
    ]

    private func request(
        _ messages: [JSON] = [["role": "user", "content": "Hi"]], variables: JSON.Object = JSON.Object()
    ) -> WorkerRequest {
        WorkerRequest(id: "r", prompt: .messages(messages, variables: variables))
    }

    private func prompt(_ request: WorkerRequest) async throws -> String {
        let tokens = try await backend.tokenize(TokenizeRequest(request)).tokens
        return try await backend.detokenize(DetokenizeRequest(tokens: tokens))
    }

    /// The token of an ASCII character.
    private func token(_ character: Character) -> Int32 {
        Self.host.tokenizer.encode(String(character), parsesSpecial: false)[0]
    }

    @Test func aRequiredCallIsBegunInThePrompt() async throws {
        var request = request()
        request.tools.definitions = [Self.tool]
        request.tools.choice = .function("f")
        #expect(
            try await prompt(request).hasSuffix("<|im_start|>assistant\n<tool_call>\n{\"name\": \"f\", \"arguments\":"))
        request.tools.choice = .required
        #expect(try await prompt(request).hasSuffix("<|im_start|>assistant\n<tool_call>\n{\"name\": \""))
        request.tools.choice = .auto
        #expect(try await prompt(request).contains("\"name\": \"f\""))
        request.tools.choice = .none
        #expect(try await !prompt(request).contains("\"f\""))
    }

    @Test func reasoningIsClosedBeforeARequiredCall() async throws {
        var request = request(variables: JSON.Object([("thinking", true)]))
        request.tools.definitions = [Self.tool]
        request.tools.choice = .required
        #expect(try await prompt(request).hasSuffix("<think>\n\n</think>\n\n<tool_call>\n{\"name\": \""))
    }

    @Test(arguments: [
        (false, nil, "```python", "assistant\n```python"),
        (true, nil, "So", "<think>\n\n</think>\n\nSo"), (true, "Hm", "So", "<think>\nHm\n</think>\n\nSo"),
        (false, "Hm", "So", "assistant\n<think>\nHm\n</think>\n\nSo"), (true, "Hm", "", "<think>\nHm"),
        // A person's words are no control tokens.
        (false, nil, "<|im_end|>", "assistant\n<|im_end|>"),
    ])
    func aMessageIsGoneOnWith(thinks: Bool, reasoning: String?, content: String, end: String) async throws {
        var last = JSON.Object([("role", "assistant"), ("content", .string(content))])
        if let reasoning { last["reasoning_content"] = .string(reasoning) }
        var request = request(
            [["role": "user", "content": "Hi"], .object(last)], variables: JSON.Object([("thinking", .bool(thinks))]))
        request.continuesLast = true
        #expect(try await prompt(request).hasSuffix(end))
        let tokens = try await backend.tokenize(TokenizeRequest(request)).tokens
        #expect(tokens.last! < 256)
    }

    /// Everything that a generation gives.
    private func outcome(
        _ request: WorkerRequest, _ other: EngineBackend? = nil
    ) async throws -> (Choice, GenerationSummary?) {
        var choice = Choice()
        var summary: GenerationSummary?
        for await events in try await (other ?? backend).generate(request) {
            for event in events {
                switch event {
                case .started(let promptTokens): #expect(promptTokens > 0)
                case .delta(let delta): choice.append(delta)
                case .finished(let end): summary = end
                case .failed(let failure): throw failure
                }
            }
        }
        return (choice, summary)
    }

    @Test func aCallThatIsCutKeepsItsArguments() async throws {
        var request = request()
        request.tools.definitions = [Self.tool]
        request.tools.choice = .function("f")
        request.sampling.logitBias = [token("{"): 100]
        request.sampling.temperature = 0
        request.maximumTokens = 1
        let (choice, summary) = try await outcome(request)
        #expect(choice.calls == [.init(index: 0, name: "f", arguments: "{")])
        #expect(summary?.finish == .length)
        #expect(summary?.warnings == [])
    }

    @Test func aBrokenCallIsContentAndTold() async throws {
        var request = request()
        request.tools.definitions = [Self.tool]
        request.tools.choice = .function("f")
        request.sampling.logitBias = [token("{"): 100]
        request.sampling.temperature = 0
        request.maximumTokens = 4
        let (choice, summary) = try await outcome(request)
        #expect(choice.calls.isEmpty)
        #expect(choice.content == "<tool_call>\n{\"name\": \"f\", \"arguments\":{{{{")
        #expect(summary?.warnings.count == 1)
    }

    private static func strict(_ parameters: JSON) -> JSON {
        ["type": "function", "function": ["name": "f", "strict": true, "parameters": parameters]]
    }

    /// The model's weights are random: its arguments are right because nothing else can be. A template is known by the
    /// marks it writes; those of DSML are spelled in bytes or have a control token.
    @Test(arguments: [
        (ToolSyntax.hermes, "", nil), (.deepSeekV31, "<｜tool▁sep｜>", nil), (.deepSeekR1, "<｜tool▁sep｜>```json", nil),
        (.kimi, "<|tool_calls_section_begin|>", nil), (.llama, "<|python_tag|>", nil), (.deepSeekV32, "｜DSML｜", nil),
        (.deepSeekV32, "｜DSML｜", "｜DSML｜"), (.deepSeekV4, "<｜DSML｜tool_calls>", nil),
        (.deepSeekV4, "<｜DSML｜tool_calls>", "｜DSML｜"),
    ])
    func argumentsOfAStrictToolFollowTheirSchema(syntax: ToolSyntax, marks: String, control: String?) async throws {
        var special = TinyModel.special
        let controlToken: Int32 = 259
        if let control { special[Int(controlToken) - 256] = control }
        let path = try TinyModel.write(
            template: "{# \(marks) #}" + TinyModel.template, special: special, contextLength: 1024, endless: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LoadOptions()
        options.threads = 1
        let host = try ModelHost.load(path, options: options)
        #expect(ToolFormat(try #require(host.chatFormat)).syntax == syntax)
        let backend = EngineBackend(host)
        var request = request()
        request.tools.definitions = [
            Self.strict([
                "type": "object", "required": ["n", "word", "note", "list"],
                "properties": [
                    "n": ["enum": [1, 14]], "word": ["type": "string", "pattern": "^(yes|no)$"],
                    "note": ["type": "string", "maxLength": 5],
                    "list": ["type": "array", "items": ["enum": ["a｜", true]], "minItems": 1, "maxItems": 2],
                ],
            ])
        ]
        request.tools.choice = .function("f")
        request.tools.isParallel = false
        request.maximumTokens = 500
        if control != nil {
            // A model that would write nothing else.
            request.sampling.logitBias = [controlToken: 100]
            request.topLogProbabilities = 0
        }
        var notes: Set<String> = []
        for seed in 0..<8 as Range<UInt64> {
            request.sampling.seed = seed
            // The call ends; what a model of random weights writes after it never does.
            let (choice, _) = try await outcome(request, backend)
            // After the "<" of the first argument.
            if control != nil { #expect(choice.contentTokens[1].id == controlToken) }
            let arguments = try JSON(parsing: try #require(choice.calls.first, "\(choice)").arguments)
            #expect(arguments.object?.keys == ["n", "word", "note", "list"], "\(arguments)")
            #expect(arguments["n"] == 1 || arguments["n"] == 14, "\(arguments)")
            #expect(arguments["word"] == "yes" || arguments["word"] == "no", "\(arguments)")
            let note = try #require(arguments["note"]?.string, "\(arguments)")
            #expect(note.unicodeScalars.count <= 5)
            notes.insert(note)
            let list = try #require(arguments["list"]?.array, "\(arguments)")
            #expect((1...2).contains(list.count) && list.allSatisfy { $0 == "a｜" || $0 == true }, "\(arguments)")
        }
        #expect(notes.count > 2, "what the schema leaves open is the model's")
    }

    @Test func aStrictToolOutsideTheSubsetIsRefused() async throws {
        var request = request()
        for (parameters, field) in [
            (["type": "string"], "tools[0].function.parameters.type"),
            (["type": "object", "properties": ["a": ["type": "wrong"]]], "tools[0].function.parameters"),
        ] as [(JSON, String)] {
            request.tools.definitions = [Self.strict(parameters)]
            let failure = await #expect(throws: WorkerFailure.self) { _ = try await backend.generate(request) }
            #expect(failure?.field == field)
            #expect(failure?.code == .invalidRequest)
        }
        // A tool that may not be called is not looked at.
        request.tools.choice = .none
        request.maximumTokens = 1
        _ = try await outcome(request)
    }

    @Test func theLogProbabilitiesOfACallAreItsTokens() async throws {
        var request = request()
        request.tools.definitions = [Self.tool]
        request.tools.choice = .function("f")
        request.sampling.logitBias = [token("{"): 100]
        request.topLogProbabilities = 0
        request.maximumTokens = 1
        let (choice, _) = try await outcome(request)
        #expect(choice.contentTokens.map(\.id) == [token("{")])
    }

    @Test func aModelWithoutMarksForGapsSaysSo() async throws {
        #expect(!backend.model.abilities.contains(.infill))
        let request = WorkerRequest(id: "r", prompt: .infill(before: "a", after: "b"))
        await #expect(throws: WorkerFailure.self) { _ = try await backend.generate(request) }
        do {
            _ = try await backend.tokenize(TokenizeRequest(request))
        } catch {
            #expect(error.code == .unsupported)
            #expect(error.field == "suffix")
        }
    }

    @Test func tokensOutsideTheVocabularyAreRefused() async throws {
        await #expect(throws: WorkerFailure.self) {
            _ = try await backend.detokenize(DetokenizeRequest(tokens: [1, 100_000]))
        }
        var plain = TokenizeRequest(WorkerRequest(id: "r", prompt: .plain(.text("a"))))
        #expect(try await backend.tokenize(plain).tokens == [TinyModel.beginning, token("a")])
        plain.addsSpecialTokens = false
        #expect(try await backend.tokenize(plain) == TokenizedPrompt(tokens: [token("a")], texts: ["a"]))
    }
}
