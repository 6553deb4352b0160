import HadalJSON
import HadalWire
import Testing

/// Whatever the gateway and the worker say to each other arrives as it was meant.
@Suite struct WorkerProtocolTests {
    @Test func requestsSurvive() throws {
        var request = WorkerRequest(
            id: "r",
            prompt: .messages([["role": "user", "content": "深"]], variables: JSON.Object([("thinking", true)])))
        request.sampling.temperature = 0.6
        request.sampling.topP = 0.95
        request.sampling.topK = 40
        request.sampling.minP = 0.01
        request.sampling.typicalP = 0.9
        request.sampling.repetitionPenalty = 1.1
        request.sampling.frequencyPenalty = -1
        request.sampling.presencePenalty = 2
        request.sampling.logitBias = [7: -100, 3: 1.5]
        request.sampling.seed = .max
        request.stop.texts = ["\n\n", "。"]
        request.stop.tokens = [1, 2]
        request.stop.ignoresEndOfText = true
        request.maximumTokens = 100
        request.topLogProbabilities = 5
        request.tenant = "accounting"
        request.priority = -3
        request.startSeconds = 2.5
        #expect(try WorkerRequest(try JSON(parsing: request.json.text)) == request)
        for prompt in [PlainPrompt.text("a"), .tokens([1, 2, 3])] {
            let plain = WorkerRequest(id: "p", prompt: .plain(prompt))
            #expect(try WorkerRequest(try JSON(parsing: plain.json.text)) == plain)
        }
        let embed = EmbedRequest(id: "e", inputs: [.text("a"), .tokens([4])])
        #expect(try EmbedRequest(try JSON(parsing: embed.json.text)) == embed)
    }

    @Test func eventsSurvive() throws {
        let token = GeneratedToken(
            id: 5, chosen: .init(id: 5, bytes: [0xE6, 0xB7], logProbability: -0.25),
            alternatives: [.init(id: 6, bytes: [0x61], logProbability: -1.5)])
        let events: [WorkerEvent] = [
            .started(promptTokens: 7),
            .delta(GenerationDelta(part: .reasoning, text: "a\nb", tokens: [GeneratedToken(id: 1), token])),
            .delta(GenerationDelta(part: .content, text: "", tokens: [])),
            .delta(GenerationDelta(part: .call(index: 0, name: "f"), text: "", tokens: [])),
            .delta(GenerationDelta(part: .call(index: 1, name: nil), text: "{}", tokens: [])),
            .delta(GenerationDelta(part: .broken(index: 1, whole: "w"), text: "r", tokens: [])),
            .delta(GenerationDelta(part: .broken(index: nil, whole: nil), text: "r", tokens: [])),
            .finished(
                GenerationSummary(
                    finish: .length,
                    usage: Usage(promptTokens: 3, cachedTokens: 2, completionTokens: 9, reasoningTokens: 4),
                    firstTokenSeconds: 0.5, decodeSeconds: 2, warnings: ["w"])),
            .failed(WorkerFailure(.queueFull, "full", field: "x", retrySeconds: 9)),
        ]
        for event in events {
            var parser = ServerSentEventParser()
            let parsed = try parser.feed(Array(event.serverSentEvent.text.utf8))
            #expect(try WorkerEvent(#require(parsed.first)) == event)
        }
        #expect(try WorkerEvent(ServerSentEvent(name: "news", data: "{}")) == nil)
    }

    @Test func descriptionsSurvive() throws {
        let model = WorkerModel(
            architecture: "llama", contextLength: 2048, vocabularySize: 512, parameters: 260_000, weightBytes: 1 << 40,
            fingerprint: "fp", abilities: [.chat, .completion], embeddingDimensions: 384)
        #expect(try WorkerModel(model.json) == model)
        var health = WorkerHealth(state: .draining, running: 3)
        #expect(try WorkerHealth(health.json) == health)
        var figures = EngineFigures()
        figures.promptTokens = 25
        figures.cachedTokens = 75
        figures.storedBlocksDamaged = 1
        figures.secondsBetweenStarts = 0.25
        health.engine = figures
        #expect(try WorkerHealth(health.json) == health)
        #expect(health.json["engine"]?["hit_rate"] == 0.75)
        let embeddings = Embeddings(vectors: [.init([1, -0.5, .pi])], promptTokens: 2)
        #expect(try Embeddings(embeddings.json) == embeddings)
        #expect(embeddings.vectors[0].floats == [1, -0.5, .pi])
    }

    @Test func brokenMessagesAreErrors() {
        for text in [
            #"{}"#, #"{"id":"a"}"#, #"{"id":"a","text":1}"#, #"{"id":"a","tokens":[1.5]}"#,
            #"{"id":"a","text":"","x":1}"#,
        ] {
            #expect(throws: WireError.self) { try WorkerRequest(try JSON(parsing: text)) }
        }
        for data in ["", "[]", "{}", #"{"part":"content"}"#, #"{"part":"x","text":"","tokens":[]}"#] {
            #expect(throws: WireError.self) { try WorkerEvent(ServerSentEvent(name: "delta", data: data)) }
        }
    }
}
