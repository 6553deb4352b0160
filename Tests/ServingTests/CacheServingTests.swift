import HadalAccess
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalWire
import NIOHTTP1
import Testing

/// Answers that are given again.
@Suite(.timeLimit(.minutes(15))) struct CacheServingTests {
    private static func backend(_ asked: Asked) -> ScriptedBackend {
        var backend = asked.backend()
        backend.model.digest = String(repeating: "a", count: 64)
        return backend
    }

    private static func cached(_ configuration: inout GatewayConfiguration) {
        try! configuration.set {
            $0.content.cache.lifetime = .seconds(600)
            $0.content.privacy.request.action = .mask
        }
    }

    private static func message(_ text: String) -> String { #"[{"role":"user","content":"\#(text)"}]"# }

    @Test func theSameQuestionIsAnsweredOnceAndTheStreamIsTheSame() async throws {
        let asked = Asked()
        try await Serving.run(Self.backend(asked), configure: Self.cached) { serving in
            let first = try await serving.chat(#","temperature":0"#)
            let second = try await serving.chat(#","temperature":0"#)
            let stream = try await serving.chat(#","temperature":0,"stream":true"#)
            #expect(first.headers.first(name: "x-hadal-cache") == "miss")
            #expect(second.headers.first(name: "x-hadal-cache") == "hit")
            #expect(stream.headers.first(name: "x-hadal-cache") == "hit")
            #expect(first.content == "one two three" && second.content == first.content)
            #expect(stream.streamed == first.content && stream.streamedFinish == "stop")
            #expect(first.json["usage"] == second.json["usage"])
        }
        #expect(asked.all.count == 1)
    }

    @Test func whatIsLeftToChanceIsAskedAnew() async throws {
        let asked = Asked()
        try await Serving.run(Self.backend(asked), configure: Self.cached) { serving in
            for _ in 0..<2 {
                let answer = try await serving.chat(#","temperature":0.7"#)
                #expect(answer.headers.first(name: "x-hadal-cache") == nil)
            }
            for _ in 0..<2 { _ = try await serving.chat(#","temperature":0.7,"seed":7"#) }
        }
        #expect(asked.all.count == 3)
    }

    @Test func aClientCanAskForANewAnswer() async throws {
        let asked = Asked()
        try await Serving.run(Self.backend(asked), configure: Self.cached) { serving in
            let body = #"{"model":"scripted","temperature":0,"messages":\#(Self.message("again"))}"#
            _ = try await serving.post("/v1/chat/completions", body)
            for header in [("x-hadal-cache", "bypass"), ("cache-control", "no-store")] {
                let answer = try await serving.post("/v1/chat/completions", body, headers: [header])
                #expect(answer.headers.first(name: "x-hadal-cache") == "bypass")
            }
        }
        #expect(asked.all.count == 3)
    }

    /// What is kept has placeholders, so that one person's data never reach another.
    @Test func anAnswerIsRestoredWithTheValuesOfWhoAsks() async throws {
        let asked = Asked()
        try await Serving.run(Self.backend(asked), configure: Self.cached) { serving in
            let first = try await serving.chat(#","temperature":0"#, Self.message("write to anna@example.org"))
            let second = try await serving.chat(#","temperature":0"#, Self.message("write to bob@example.org"))
            #expect(first.content == "write to anna@example.org")
            #expect(second.content == "write to bob@example.org")
            #expect(second.headers.first(name: "x-hadal-cache") == "hit")
        }
        #expect(asked.texts == ["write to [EMAIL_1]"])
    }

    @Test func aTenantGetsNoOthersAnswers() async throws {
        let asked = Asked()
        try await GuardedServing.run(Self.backend(asked), tenants: ["clinic"], configure: Self.cached) { guarded in
            for tenant in [nil, "clinic", nil, "clinic"] {
                let key = try guarded.key(tenant: tenant).secret
                let answer = try await guarded.chat(key: key, [("temperature", 0)])
                #expect(answer.status == 200, "\(answer.body)")
            }
        }
        #expect(asked.all.count == 2)
    }

    @Test func aSimilarQuestionIsAnsweredWhereThatIsConfigured() async throws {
        let asked = Asked()
        try await Serving.run(Self.backend(asked)) {
            try! $0.set {
                $0.content.cache.lifetime = .seconds(600)
                $0.content.cache.semanticModel = "scripted"
                $0.content.cache.similarity = 99
            }
        } _: { serving in
            // The scripted model's vectors follow the length of the text.
            _ = try await serving.chat(#","temperature":0"#, Self.message("which trains go to Bern today please"))
            let similar = try await serving.chat(
                #","temperature":0"#, Self.message("which trains go to Bern today, please"))
            #expect(similar.headers.first(name: "x-hadal-cache") == "similar", "\(similar.headers)")
            #expect(similar.content == "which trains go to Bern today please")
            let other = try await serving.chat(#","temperature":0"#, Self.message("no"))
            #expect(other.headers.first(name: "x-hadal-cache") == "miss")
        }
        #expect(asked.all.count == 2)
    }
}
