import HadalAccess
import HadalAudit
import HadalConfiguration
import HadalJSON
import HadalWire
import NIOHTTP1
import Synchronization
import Testing

@testable import HadalGateway

/// Requests for an alias, over real HTTP and before workers that do as they are told.
@Suite(.timeLimit(.minutes(15))) struct RoutingServingTests {
    private static let chain = #"[{"alias":"chat","default":["small","large"]}]"#

    /// `small`, as it is told, before `large`.
    private static func serve(
        _ script: @escaping ScriptedBackend.Script, large: ScriptedBackend = RoutedWorkers.named("large"),
        routes: String = chain, _ body: @escaping @Sendable (Serving) async throws -> Void
    ) async throws {
        try await RoutedWorkers.serve(
            [("small", [RoutedWorkers.named("small", script)]), ("large", [large])], routes: routes, body)
    }

    private static func refusing(_ code: WorkerFailure.Code) -> ScriptedBackend.Script {
        { _ throws(WorkerFailure) in throw WorkerFailure(code, "not now", retrySeconds: 7) }
    }

    // MARK: rules

    @Test func theAnswerHasTheAliasAndTellsWhoGaveIt() async throws {
        try await Self.serve(ScriptedBackend.says(["small"])) { serving in
            let answer = try await serving.ask("chat")
            #expect(answer.status == 200 && answer.content == "small", "\(answer.body)")
            #expect(answer.json["model"] == "chat" && answer.target == "small")
            #expect(answer.json["system_fingerprint"] == "fp_small")
            // What is asked for by its own name is as it was.
            let direct = try await serving.ask("large")
            #expect(direct.content == "large" && direct.json["model"] == "large" && direct.target == nil)
            let ollama = try await serving.post(
                "/api/chat", #"{"model":"chat:latest","messages":[{"role":"user","content":"a"}],"stream":false}"#)
            #expect(ollama.json["message"]?["content"] == "small" && ollama.target == "small", "\(ollama.body)")
            let message = try await serving.post(
                "/anthropic/v1/messages", #"{"model":"chat","max_tokens":9,"messages":[{"role":"user","content":"a"}]}"#
            )
            #expect(message.json["content"]?[0]?["text"] == "small" && message.target == "small", "\(message.body)")
        }
    }

    @Test func promptsGoByTheirLengthAndByWhatTheyNeed() async throws {
        let routes = #"""
            [{"alias":"chat","rules":[
              {"name":"long","when":{"prompt_tokens":{"above":400}},"use":"large"},
              {"name":"tools","when":{"requires":["tools"]},"use":"large"},
              {"name":"short answers","when":{"output_tokens":{"below":5}},"use":"large"}],"default":"small"}]
            """#
        try await Self.serve(ScriptedBackend.says(["small"]), routes: routes) { (serving) async throws in
            let tools = #","tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}]"#
            #expect(try await serving.ask("chat").content == "small")
            #expect(try await serving.ask("chat", String(repeating: "word ", count: 800)).content == "large")
            #expect(try await serving.ask("chat", "a", tools).content == "large")
            #expect(try await serving.ask("chat", "a", #","max_tokens":4"#).content == "large")
            #expect(try await serving.ask("chat", "a", #","max_tokens":6"#).content == "small")
        }
    }

    @Test func tenantsGoTheirOwnWays() async throws {
        let routes =
            #"[{"alias":"chat","rules":[{"name":"bank","when":{"tenants":["bank"]},"use":"large"}],"default":"small"}]"#
        try await RoutedWorkers.guarded(
            [("small", [RoutedWorkers.named("small")]), ("large", [RoutedWorkers.named("large")])], routes: routes,
            tenants: ["bank"]
        ) { guarded in
            let (ours, theirs) = (try guarded.key(), try guarded.key(tenant: "bank"))
            #expect(try await guarded.chat(key: ours.secret, model: "chat").content == "small")
            #expect(try await guarded.chat(key: theirs.secret, model: "chat").content == "large")
        }
    }

    @Test func tagsOfTheRulesDecideTheRouteOnceMore() async throws {
        let routes =
            #"[{"alias":"chat","rules":[{"name":"law","when":{"tags":["legal"]},"use":"large"}],"default":"small"}]"#
        try await RoutedWorkers.serve(
            [("small", [RoutedWorkers.named("small")]), ("large", [RoutedWorkers.named("large")])], routes: routes,
            configure: {
                try! $0.useRules(
                    """
                      - id: law
                        applies: {direction: input}
                        when: {keywords: [lawsuit]}
                        action: tag
                        tags: [legal]
                    """)
            }
        ) { serving in
            #expect(try await serving.ask("chat", "about the weather").content == "small")
            let tagged = try await serving.ask("chat", "about the lawsuit")
            #expect(tagged.content == "large" && tagged.target == "large", "\(tagged.body)")
        }
    }

    @Test func theRecordNamesTheModelThatAnsweredAndWhy() async throws {
        try await RoutedWorkers.guarded(
            [
                ("small", [RoutedWorkers.named("small", Self.refusing(.internal))]),
                ("large", [RoutedWorkers.named("large")]),
            ], routes: Self.chain,
            configure: {
                var audit = AuditTrailConfiguration()
                audit.reserve = 0
                $0.audit = audit
                try! $0.set(TrailServing.keepAll)
            }
        ) { guarded in
            #expect(try await guarded.chat(key: nil, model: "chat").content == "large")
            let record = try #require(try guarded.records().last)
            #expect(record.model == "large" && record.modelDigest == "large")
            #expect(record.details?["route"]?["alias"] == "chat")
            #expect(record.details?["route"]?["plan"]?[0]?["target"] == "small")
            let scrape = try await guarded.send(.GET, "/metrics")
            let series = #"hadal_generations_total{tenant="default",model="large",outcome="ok"}"#
            #expect(scrape.value(series) == 1, "\(scrape.body)")
        }
    }

    // MARK: permission

    @Test func whoMayUseTheAliasGetsWhatItLeadsToAndNothingElse() async throws {
        try await RoutedWorkers.guarded(
            [("small", [RoutedWorkers.named("small")]), ("large", [RoutedWorkers.named("large")])], routes: Self.chain
        ) { guarded in
            let alias = try guarded.key(models: .only(["chat"])).secret
            let target = try guarded.key(models: .only(["small"])).secret
            #expect(try await guarded.chat(key: alias, model: "chat").content == "small")
            #expect(try await guarded.chat(key: alias, model: "small").status == 404)
            #expect(try await guarded.chat(key: target, model: "chat").status == 404)
            #expect(try await guarded.chat(key: target, model: "small").content == "small")
            #expect(try await guarded.send(.GET, "/v1/models", key: alias).names == ["chat"])
            #expect(try await guarded.send(.GET, "/v1/models", key: target).names == ["small"])
            #expect(try await guarded.send(.GET, "/v1/models/chat", key: target).status == 404)
            let tags = try await guarded.send(.GET, "/api/tags", key: alias)
            #expect(tags.json["models"]?.array?.compactMap { $0["name"]?.string } == ["chat"], "\(tags.body)")
            // A model of one's own must not be a way around the routes.
            let administrator = try guarded.key(["administrator"], models: .only(["chat", "mine"])).secret
            let made = try await guarded.send(
                .POST, "/api/create", ["model": "mine", "from": "chat", "stream": false], key: administrator)
            #expect(made.status == 400, "\(made.body)")
            let taken = try await guarded.send(
                .POST, "/api/create", ["model": "chat", "from": "small", "stream": false],
                key: try guarded.key(["administrator"]).secret)
            #expect(taken.status == 400, "\(taken.body)")
        }
    }

    @Test func theReasonsAreForThoseWhoSeeVerdicts() async throws {
        try await RoutedWorkers.guarded(
            [("small", [RoutedWorkers.named("small")])], routes: #"[{"alias":"chat","default":"small"}]"#
        ) { guarded in
            let user = try guarded.key().secret
            let auditor = try guarded.key(["user", "auditor"]).secret
            #expect(try await guarded.chat(key: user, model: "chat").headers["x-hadal-content"].isEmpty)
            let told = try await guarded.chat(key: auditor, model: "chat")
            #expect(told.headers["x-hadal-content"].first == "route=chat;rule=default", "\(told.headers)")
        }
    }

    // MARK: falling back

    @Test(arguments: [
        WorkerFailure.Code.queueFull, .draining, .internal, .deadlineExceeded, .cancelled, .forbidden,
    ])
    func whoRefusesIsNotTheLast(_ code: WorkerFailure.Code) async throws {
        try await Self.serve(Self.refusing(code)) { serving in
            let answer = try await serving.ask("chat")
            #expect(answer.content == "large" && answer.target == "large", "\(answer.body)")
            #expect(answer.json["model"] == "chat" && answer.json["system_fingerprint"] == "fp_large")
            let stream = try await serving.ask("chat", "one", #","stream":true"#)
            #expect(stream.target == "large" && stream.events.last == "[DONE]", "\(stream.body)")
            let first = try JSON(parsing: try #require(stream.events.first))
            #expect(first["system_fingerprint"] == "fp_large" && first["model"] == "chat")
        }
    }

    @Test func whoBreaksBeforeTheFirstTokenIsNotTheLast() async throws {
        for events in [[], [WorkerEvent.started(promptTokens: 3)], [.failed(WorkerFailure(.internal, "broken"))]] {
            try await Self.serve({ _ throws(WorkerFailure) in ScriptedBackend.stream(events) }) { serving in
                let answer = try await serving.ask("chat")
                #expect(answer.content == "large" && answer.status == 200, "\(answer.body)")
            }
        }
    }

    @Test func whoIsTooSlowIsNotTheLast() async throws {
        let (cancelled, report) = AsyncStream<Void>.makeStream()
        let routes = #"[{"alias":"chat","default":{"targets":["small","large"],"timeout":"3s"}}]"#
        try await Self.serve(Self.silent(report), routes: routes) { (serving) async throws in
            #expect(try await serving.ask("chat").content == "large")
            // What nobody waits for is not computed on.
            for await _ in cancelled { break }
        }
    }

    @Test func whatTheRequestIsWrongAboutIsTold() async throws {
        let asked = Asked()
        let large = RoutedWorkers.named("large", asked.noting(ScriptedBackend.says(["large"])))
        try await Self.serve(Self.refusing(.contextLengthExceeded), large: large) { serving in
            let answer = try await serving.ask("chat")
            #expect(answer.status == 400 && answer.errorCode == "context_length_exceeded", "\(answer.body)")
            #expect(asked.count == 0)
        }
    }

    @Test func afterTheFirstTokenTheAnswerStaysWithItsModel() async throws {
        let asked = Asked()
        let large = RoutedWorkers.named("large", asked.noting(ScriptedBackend.says(["large"])))
        try await Self.serve({ _ throws(WorkerFailure) in ScriptedBackend.stream([.said("half")]) }, large: large) {
            serving in
            let stream = try await serving.ask("chat", "one", #","stream":true"#)
            #expect(stream.body.contains("half") && stream.target == "small")
            let last = try JSON(parsing: try #require(stream.events.last))
            #expect(last["error"]?["code"] == "worker_lost", "\(stream.body)")
            #expect(try await serving.ask("chat").status == 502)
            #expect(asked.count == 0)
        }
    }

    @Test func whereAllRefuseTheLastOnesReasonIsTold() async throws {
        let large = RoutedWorkers.named("large", Self.refusing(.queueFull))
        try await Self.serve(Self.refusing(.internal), large: large) { serving in
            let answer = try await serving.ask("chat")
            #expect(answer.status == 429 && answer.headers["retry-after"].first == "7", "\(answer.body)")
        }
    }

    @Test func choicesOfOneAnswerAreOfOneModel() async throws {
        let asked = Asked()
        // Only the first is refused.
        let script: ScriptedBackend.Script = { request throws(WorkerFailure) in
            guard asked.take(request) > 0 else { throw WorkerFailure(.queueFull, "full") }
            return ScriptedBackend.stream([.said("small"), .done(.stop)])
        }
        try await Self.serve(script) { serving in
            let answer = try await serving.ask("chat", "one", #","n":3"#)
            let texts = answer.json["choices"]?.array?.compactMap { $0["message"]?["content"]?.string }
            #expect(texts == ["large", "large", "large"], "\(answer.body)")
        }
    }

    // MARK: hedging and breakers

    /// Accepts, and says nothing until it is told to end.
    private static func silent(_ report: AsyncStream<Void>.Continuation) -> ScriptedBackend.Script {
        { _ throws(WorkerFailure) in
            let (stream, continuation) = AsyncStream<[WorkerEvent]>.makeStream()
            continuation.onTermination = { if case .cancelled = $0 { report.yield() } }
            // Held, or the stream would end with it.
            silences.withLock { $0.append(continuation) }
            return stream
        }
    }

    private static let silences = Mutex<[AsyncStream<[WorkerEvent]>.Continuation]>([])

    @Test func theFasterOneAnswersAndTheOtherIsEnded() async throws {
        let (cancelled, report) = AsyncStream<Void>.makeStream()
        let asked = Asked()
        let (silent, quick) = (Self.silent(report), ScriptedBackend.says(["small"]))
        // Second calls are one in twenty requests at most, so that there is none before.
        let script: ScriptedBackend.Script = { request throws(WorkerFailure) in
            try asked.take(request) < 19 ? quick(request) : silent(request)
        }
        let routes = #"[{"alias":"chat","default":{"targets":["small","large"],"hedge_after":"50ms"}}]"#
        try await Self.serve(script, routes: routes) { serving in
            for _ in 0..<19 { #expect(try await serving.ask("chat").content == "small") }
            let answer = try await serving.ask("chat")
            #expect(answer.content == "large" && answer.target == "large", "\(answer.body)")
            // The loser costs nothing: the usage is that of one answer.
            #expect(answer.json["usage"]?["completion_tokens"] == 3)
            for await _ in cancelled { break }
            #expect(asked.count == 20)
        }
    }

    @Test func whoFailsAgainAndAgainIsLeftAloneForAWhile() async throws {
        let asked = Asked()
        let isBroken = Mutex(true)
        let script: ScriptedBackend.Script = { request throws(WorkerFailure) in
            asked.take(request)
            guard !isBroken.withLock({ $0 }) else { throw WorkerFailure(.internal, "broken") }
            return ScriptedBackend.stream([.said("small"), .done(.stop)])
        }
        try await RoutedWorkers.guarded(
            [("small", [RoutedWorkers.named("small", script)]), ("large", [RoutedWorkers.named("large")])],
            routes: Self.chain
        ) { guarded in
            @Sendable func ask() async throws -> String? { try await guarded.chat(key: nil, model: "chat").content }
            for _ in 0..<8 { #expect(try await ask() == "large") }
            #expect(asked.count == 5, "the circuit opens after five failures")
            let status = try await guarded.admin(.GET, "routes")
            let targets = status.json["targets"]?.array ?? []
            let small = targets.first { $0["target"] == "small" }
            #expect(["open", "ejected"].contains(small?["members"]?[0]?["state"]?.string), "\(status.body)")
            #expect(small?["counts"]?["failures"] == 5)
            isBroken.withLock { $0 = false }
            #expect(try await becomes { try await ask() == "small" })
            for _ in 0..<4 { #expect(try await becomes { try await ask() == "small" }) }
        }
    }
}
