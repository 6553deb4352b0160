import Foundation
import HadalClient
import HadalJSON
import HadalWire
import Testing

/// Our own client against a scripted model.
@Suite(.timeLimit(.minutes(15))) struct HadalClientTests {
    private static let question = ChatMessage(role: .user, content: "one two three")
    private static let tool: JSON = ["type": "function", "function": ["name": "get_weather"]]

    private static func call(_ messages: [ChatMessage] = [question]) -> ChatCall {
        ChatCall(model: "scripted", messages: messages)
    }

    private static func client(_ serving: Serving) -> HadalClient { HadalClient(URL(string: serving.base + "/")!) }

    @Test func answersComeWholeAndInPieces() async throws {
        try await Serving.run { serving in
            let client = Self.client(serving)
            #expect(try await client.models() == ["scripted"])
            var call = Self.call()
            call.thinks = true
            let whole = try await client.answer(call)
            #expect(whole.content == "one two three" && whole.reasoning == "Hm." && whole.finish == .stop)
            #expect(whole.usage == Usage(promptTokens: 3, completionTokens: 4, reasoningTokens: 1))
            var events: [ChatEvent] = []
            for try await event in client.events(call) { events.append(event) }
            #expect(
                events == [
                    .reasoning("Hm."), .content("one"), .content(" two"), .content(" three"), .finished(whole),
                ])
            call.maximumTokens = 2
            #expect(try await client.answer(call).finish == .length)
            #expect(try await client.completion(model: "scripted", prompt: "a b", suffix: "c") == "[a b|c]")
            #expect(try await client.embeddings(model: "scripted", ["abc", ""]) == [[3, 0.1, -2], [0, 0.1, -2]])
        }
    }

    @Test func callsGoBackWithTheirResults() async throws {
        try await Serving.run(ScriptedBackend(script: ScriptedBackend.agent)) { serving in
            let client = Self.client(serving)
            let question = ChatMessage(role: .user, content: "weather in Paris")
            var call = Self.call([question])
            call.tools = [Self.tool]
            var events: [ChatEvent] = []
            for try await event in client.events(call) { events.append(event) }
            guard case .finished(let answer) = events.last else {
                Issue.record("no end: \(events)")
                return
            }
            let wanted = try #require(answer.toolCalls.first)
            #expect(wanted.name == "get_weather" && wanted.arguments == #"{"city": "Paris"}"#)
            #expect(events.contains(.call(index: 0, id: wanted.id, name: "get_weather")))
            var result = ChatMessage(role: .tool, content: "sunny")
            result.toolCallID = wanted.id
            call.messages += [answer.message, result]
            #expect(try await client.answer(call).content == "It is sunny.")
        }
    }

    @Test func refusalsAreToldAndStreamsCanBeLeft() async throws {
        let endless = EndlessGeneration()
        try await Serving.run(ScriptedBackend(script: endless.script)) { serving in
            let client = Self.client(serving)
            await #expect {
                _ = try await client.answer(ChatCall(model: "other", messages: [Self.question]))
            } throws: { error in
                guard case HadalClientError.refused(404, _, "model_not_found") = error else { return false }
                return true
            }
            for try await event in client.events(Self.call()) {
                #expect(event == .content("word"))
                break
            }
            for await _ in endless.cancelled { break }
        }
        let nobody = HadalClient(URL(string: "http://127.0.0.1:1")!)
        await #expect {
            _ = try await nobody.models()
        } throws: { error in
            guard case HadalClientError.notReached = error else { return false }
            return true
        }
    }

    @Test func theTerminalTalksToAServer() async throws {
        try await Serving.run { serving in
            let whole = try await HadalProcess.talk(["chat", serving.base], "one two three")
            #expect(whole.output.contains("one two three"), "\(whole)")
            let other = try await HadalProcess.talk(["chat", serving.base, "--served", "x"], "hi")
            #expect(other.errors.contains("the server has no model x; it has scripted"), "\(other)")
        }
    }
}
