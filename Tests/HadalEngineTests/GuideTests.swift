import Foundation
import HadalEngine
import HadalJSON
import HadalModels
import Testing

/// The model that comes with Hadal, on real trained weights: what matters in its answers, not their letters.
@Suite struct GuideTests {
    private static let host = Result { try ModelHost.load(BuiltInModel.name) }

    private struct Reply {
        var content = ""
        var reasoning = ""
        var reason: GenerationEvent.FinishReason?
    }

    private func ask(
        _ question: String, thinking: Bool = false, host: ModelHost? = nil
    ) async throws -> Reply {
        let host = try host ?? Self.host.get()
        let message = JSON.object(.init([("role", .string("user")), ("content", .string(question))]))
        let prompt = try host.chatPrompt(messages: [message], variables: .init([("thinking", .bool(thinking))]))
        var request = GenerationRequest(prompt: prompt.tokens, maximumTokens: 200)
        request.sampling = host.defaults.sampling
        var reply = Reply()
        for await event in try host.answer(prompt, request) {
            switch event {
            case .delta(let reasoning, let content, _):
                reply.content += content
                reply.reasoning += reasoning
            case .finished(let summary): reply.reason = summary.reason
            }
        }
        return reply
    }

    @Test func itIsFoundAndDecodesGreedily() throws {
        let host = try Self.host.get()
        #expect(host.name == "guide" && host.description.architecture == "deepseek2")
        // A seventh layer would take more than its guesses bring.
        #expect(host.model.predictor == nil)
        #expect(host.defaults.sampling.temperature == 0)
        #expect(host.engine.contextLength == 2048)
        let path = try #require(BuiltInModel.path())
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        #expect(size <= 16_000_000)
        #expect(BuiltInModel.path(executable: URL(fileURLWithPath: "/nowhere/bin/hadal")) == nil)
    }

    /// Questions and what an answer has to say.
    private static let questions: [(ask: String, says: [String])] = [
        ("How do I change the port of the server?", ["--listen"]),
        ("How can I see all commands?", ["hadal --help"]),
        ("Does Hadal use the GPU?", ["--device cuda"]),
        ("How do I pull a model?", ["hadal pull"]),
        ("Who are you?", ["guide", "small"]),
        ("Hello!", ["guide"]),
        ("What does --max-tokens do?", ["--max-tokens", "answer"]),
        ("Can Hadal quantize a model?", ["hadal pack"]),
        ("What is the default port?", ["127.0.0.1:8000"]),
        ("How do I run the tests?", ["make test"]),
        ("怎样运行测试？", ["make test"]),
        ("Is Qwen3 supported?", ["Yes"]),
        ("What is the weather in Paris?", ["do not know"]),
        ("Which API does Hadal speak?", ["OpenAI", "Anthropic", "Ollama"]),
        ("What is 3 + 4?", ["7"]),
    ]

    @Test func itAnswersQuestionsAboutHadal() async throws {
        for (question, words) in Self.questions {
            let reply = try await ask(question)
            for word in words { #expect(reply.content.contains(word), "\(question) \(reply.content)") }
            #expect(reply.reason == .stop, "\(question)")
        }
    }

    @Test func itThinksWhereItIsAskedTo() async throws {
        let reply = try await ask("What is 3 + 4?", thinking: true)
        #expect(reply.reasoning.contains("3+4=7"), "\(reply.reasoning)")
        #expect(reply.content.contains("7"))
    }

    /// The layer for multi-token prediction was trained: many of its guesses are right, and none changes an answer.
    @Test func guessesOfItsOwnAreOftenRightAndNeverSeen() async throws {
        var options = LoadOptions()
        options.engine.speculation = .off
        let plain = try ModelHost.load(BuiltInModel.name, options: options)
        options.engine.speculation = SpeculationOptions()
        options.engine.speculation.usesLookup = false
        options.engine.speculation.predictorLayersMin = 0
        let guessing = try ModelHost.load(BuiltInModel.name, options: options)
        for (question, _) in Self.questions {
            let (one, other) = try await (ask(question, host: plain), ask(question, host: guessing))
            #expect(one.content == other.content && one.reasoning == other.reasoning)
        }
        await guessing.engine.drain()
        let found = guessing.engine.statistics.speculation
        #expect(plain.engine.statistics.speculation.predictor.drafted == 0)
        #expect(found.predictor.drafted > 0 && 4 * found.predictor.accepted > found.predictor.drafted, "\(found)")
    }
}
