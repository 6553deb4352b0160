import Foundation
import HadalJSON
import HadalWire
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamProbeTests {
    private func probe(
        _ fake: FakeServer, _ change: (inout UpstreamSettings) -> Void = { _ in }
    ) async throws -> (UpstreamCapabilities, WorkerModel, Usage) {
        let server = try await StubServer.start(fake.answer)
        do {
            let found = try await UpstreamProbe(settings(server.url, change), key: nil).run()
            try await found.client.shutdown()
            try await server.stop()
            return (found.client.capabilities, found.model, found.usage)
        } catch {
            try await server.stop()
            throw error
        }
    }

    @Test func aServerLikeVLLMIsFoundOut() async throws {
        let (can, model, usage) = try await probe(.vLLM)
        #expect(can.kind == .vLLM && can.version == "0.11.0" && can.contextLength == 4096)
        let absent = UpstreamFeature.allCases.filter { !can.can($0) }
        #expect(Set(absent) == [.embedding, .infill, .typicalP, .reasoning])
        #expect(can.guidedForm == .structuredOutputs && can.thinkingForm == .variables)
        #expect(model.abilities == [.chat, .completion] && model.contextLength == 4096)
        #expect(model.fingerprint.hasPrefix("up_") && usage.completionTokens > 10)
    }

    @Test func olderWordsOfVLLMAreFoundToo() async throws {
        var fake = FakeServer.vLLM
        fake.fields["structured_outputs"] = nil
        fake.fields["guided_regex"] = "string"
        fake.fields["guided_choice"] = "array"
        let (can, _, _) = try await probe(fake)
        #expect(can.guidedForm == .guided && can.can(.regex) && can.can(.choice) && !can.can(.grammar))
    }

    @Test func whatIsAcceptedAndIgnoredIsNotDeclared() async throws {
        var fake = FakeServer.vLLM
        fake.enforces = false
        fake.seedsHold = false
        fake.takesTokens = false
        fake.tellsUsageInStreams = false
        let (can, _, _) = try await probe(fake)
        for feature in [
            UpstreamFeature.jsonObject, .jsonSchema, .regex, .choice, .grammar, .tools, .requiredTools, .seeds,
            .tokenPrompts, .streamUsage, .continuousUsage,
        ] {
            #expect(!can.can(feature), "\(feature)")
        }
        #expect(can.guidedForm == nil)
        #expect(can.can(.chat) && can.can(.topK))
    }

    @Test func aServerThatIgnoresWhatItDoesNotKnowDoesNotKnowIt() async throws {
        let (can, model, _) = try await probe(.ollama)
        #expect(can.kind == .ollama && can.version == "0.12.1" && can.contextLength == 8192)
        for feature in [UpstreamFeature.topK, .minP, .repetitionPenalty, .stopTokens, .logitBias, .cacheSalt, .regex] {
            #expect(!can.can(feature), "\(feature)")
        }
        for feature in [UpstreamFeature.seeds, .infill, .jsonSchema, .jsonObject, .frequencyPenalty] {
            #expect(can.can(feature), "\(feature)")
        }
        #expect(can.thinkingForm == .effort)
        #expect(model.architecture == "llama" && model.parameters == 7_000_000_000 && model.digest == "abc")
    }

    @Test func aStrictServerKnowsWhatItAccepts() async throws {
        var fake = FakeServer(kind: .hadal, isStrict: true)
        fake.fields = [
            "top_k": "number", "continue_final_message": "bool", "add_generation_prompt": "bool",
            "stream_options": "object",
        ]
        let (can, _, _) = try await probe(fake)
        #expect(can.can(.topK) && can.can(.continuation) && !can.can(.minP) && !can.can(.seeds))
    }

    @Test func llamaCppListsItsSettings() async throws {
        var fake = FakeServer(kind: .llamaServer, owner: "llamacpp")
        fake.fields = ["grammar": "string"]
        fake.paths["/props"] = [
            "build_info": "b1-x",
            "default_generation_settings": [
                "n_ctx": 2048, "params": ["top_k": 40, "min_p": 0.1, "repeat_penalty": 1],
            ],
        ]
        fake.paths["/infill"] = ["content": "a + b"]
        let (can, _, _) = try await probe(fake)
        #expect(can.version == "b1-x" && can.contextLength == 2048)
        #expect(can.can(.topK) && can.can(.minP) && can.can(.repetitionPenalty) && !can.can(.typicalP))
        #expect(can.can(.infill) && can.can(.grammar) && can.can(.choice) && !can.can(.regex))
        #expect(can.guidedForm == .grammar)
    }

    @Test func kindsAreToldApart() async throws {
        let kinds: [(String, [String: JSON], UpstreamKind)] = [
            ("sglang", [:], .sgLang), ("me", [:], .llamaCppPython), ("deepseek", [:], .deepSeek),
            ("somebody", ["/version": ["version": "1"]], .vLLM),
            ("somebody", ["/api/version": ["version": "1"]], .ollama),
            ("somebody", ["/get_server_info": ["version": "1"]], .sgLang),
            ("somebody", ["/props": ["default_generation_settings": ["n_ctx": 9]]], .llamaServer),
            ("somebody", [:], .other),
        ]
        for (owner, paths, kind) in kinds {
            var fake = FakeServer(kind: kind, owner: owner)
            fake.paths = paths
            let (can, _, _) = try await probe(fake) { $0.contextLength = 77 }
            #expect(can.kind == kind && can.contextLength == 77)
        }
        let (can, _, _) = try await probe(FakeServer(kind: .other, owner: "vllm")) { $0.kind = .sgLang }
        #expect(can.kind == .sgLang)
    }

    @Test func reasoningIsSeen() async throws {
        var fake = FakeServer.vLLM
        fake.thinks = true
        #expect(try await probe(fake).0.can(.reasoning))
    }

    @Test func aModelThatIsNotThereIsSaidWithThoseThatAre() async throws {
        let error = await #expect(throws: UpstreamError.self) { try await probe(.vLLM) { $0.model = "other" } }
        #expect(error?.description.contains("there is m") == true)
    }

    @Test func anUnknownContextIsSaidWithTheFieldToSet() async throws {
        var fake = FakeServer(kind: .openAI, owner: "openai")
        fake.paths["/v1/models"] = ["data": [["id": "m", "owned_by": "openai"]]]
        let error = await #expect(throws: UpstreamError.self) { try await probe(fake) }
        #expect(error?.description.contains("context_length") == true)
    }

    @Test(arguments: [401, 429, 503])
    func aServerThatRefusesSaysNothingOfItself(_ status: Int) async throws {
        var fake = FakeServer.vLLM
        fake.status = status
        await #expect(throws: WorkerFailure.self) { try await probe(fake) }
    }

    @Test func aServerThatCanNothingIsOfNoUse() async throws {
        var fake = FakeServer(kind: .other)
        (fake.hasChat, fake.hasCompletion) = (false, false)
        let error = await #expect(throws: UpstreamError.self) { try await probe(fake) }
        #expect(error?.description.contains("cannot be used") == true)
    }

    @Test func anEncoderGivesVectorsOnly() async throws {
        var fake = FakeServer(kind: .other)
        (fake.hasChat, fake.hasCompletion) = (false, false)
        fake.paths["/v1/embeddings"] = ["data": [["index": 0, "embedding": [0.5, 1, 2]]]]
        let (can, model, _) = try await probe(fake)
        #expect(model.abilities == [.embedding] && model.embeddingDimensions == 3 && can.features == [.embedding])
    }
}
