import HadalGateway
import HadalJSON
import HadalRouting
import HadalWire
import NIOHTTP1
import Testing

/// Models that several workers serve.
@Suite(.timeLimit(.minutes(15))) struct ReplicaServingTests {
    private static func word(_ text: String, _ id: Int32) -> WorkerEvent {
        .delta(GenerationDelta(part: .content, text: text, tokens: [GeneratedToken(id: id)]))
    }

    private static let answer: [WorkerEvent] = [
        .started(promptTokens: 3), word("a ", 1), word("b ", 2), word("c", 3),
        .finished(GenerationSummary(finish: .stop, usage: Usage(promptTokens: 3, completionTokens: 3))),
    ]

    /// Two workers of one model, which tell what they were asked.
    private static func serve(
        _ script: @escaping ScriptedBackend.Script,
        _ body: @escaping @Sendable (Serving, _ first: Asked, _ second: Asked) async throws -> Void
    ) async throws {
        let (first, second) = (Asked(), Asked())
        let workers = [first, second].map { RoutedWorkers.named("twin", $0.noting(script)) }
        try await RoutedWorkers.serve([("twin", workers)]) { serving in
            // Both must be there.
            #expect(
                try await becomes {
                    _ = try await serving.ask("twin")
                    return first.count > 0 && second.count > 0
                })
            try await body(serving, first, second)
        }
    }

    @Test func theyShareRequestsAndAreOneModelToClients() async throws {
        try await Self.serve({ _ throws(WorkerFailure) in ScriptedBackend.stream(Self.answer) }) {
            serving, first, second in
            let before = (first.count, second.count)
            for _ in 0..<6 {
                let answer = try await serving.ask("twin")
                #expect(answer.content == "a b c" && answer.json["model"] == "twin" && answer.target == nil)
            }
            #expect((first.count - before.0, second.count - before.1) == (3, 3))
            #expect(try await serving.get("/v1/models").names == ["twin"])
        }
    }

    @Test func promptsThatBeginAlikeGoToTheWorkerThatKnowsThem() async throws {
        try await Self.serve({ _ throws(WorkerFailure) in ScriptedBackend.stream(Self.answer) }) {
            serving, first, second in
            let text = String(repeating: "the same beginning ", count: 60)
            let before = (first.count, second.count)
            for end in 0..<6 { _ = try await serving.ask("twin", text + "\(end)") }
            let counts = [first.count - before.0, second.count - before.1].sorted()
            #expect(counts == [0, 6])
        }
    }

    @Test func theOtherOneGoesOnAtOnce() async throws {
        // Whoever is asked is lost in mid-answer; nobody comes back.
        let all = Asked()
        try await Self.serve({ request throws(WorkerFailure) in
            let isLost = ScriptedBackend.text(of: request) == "lose" && request.generated.isEmpty
            all.take(request)
            return ScriptedBackend.stream(isLost ? Array(Self.answer.prefix(3)) : Self.answer)
        }) { serving, first, second in
            let stream = try await serving.ask("twin", "lose", #","stream":true"#)
            let text = try stream.events.filter { $0 != "[DONE]" }.compactMap {
                try JSON(parsing: $0)["choices"]?[0]?["delta"]?["content"]?.string
            }
            #expect(text.joined() == "a b c" && stream.events.last == "[DONE]", "\(stream.body)")
            #expect(all.all.last?.generated == [1, 2])
            let whole = try await serving.ask("twin", "lose")
            #expect(whole.content == "a b c" && whole.json["usage"]?["completion_tokens"] == 3, "\(whole.body)")
        }
    }

    @Test func whoIsFullIsNotTheLast() async throws {
        let full = RoutedWorkers.named("twin") { _ throws(WorkerFailure) in
            throw WorkerFailure(.queueFull, "full", retrySeconds: 3)
        }
        try await RoutedWorkers.serve([("twin", [full, RoutedWorkers.named("twin")])]) { serving in
            let isThere = try await becomes { try await serving.ask("twin").content == "twin" }
            #expect(isThere)
            for _ in 0..<4 {
                let answer = try await serving.ask("twin")
                #expect(answer.content == "twin", "\(answer.body)")
            }
        }
        try await RoutedWorkers.serve([("twin", [full, full])]) { serving in
            let answer = try await serving.ask("twin")
            #expect(answer.status == 429 && answer.headers["retry-after"].first == "3", "\(answer.body)")
        }
    }

    @Test func whoDoesWorseThanTheOtherIsLeftOut() async throws {
        let (failed, answered) = (Asked(), Asked())
        let broken = failed.noting { _ throws(WorkerFailure) in throw WorkerFailure(.internal, "broken") }
        let workers = [
            RoutedWorkers.named("twin", broken),
            RoutedWorkers.named("twin", answered.noting(ScriptedBackend.says(["twin"]))),
        ]
        try await RoutedWorkers.guarded(
            [("twin", workers)], routes: "[]",
            configure: {
                // Fewer than the five failures after which its circuit would open.
                $0.outlierEjection.consecutiveFailures = 2
                $0.outlierEjection.ejectionTime = .seconds(300)
            }
        ) { guarded in
            let isLeftOut = try await becomes {
                _ = try await guarded.chat(key: nil, model: "twin")
                return failed.count == 2 && answered.count > 0
            }
            #expect(isLeftOut)
            for _ in 0..<10 { #expect(try await guarded.chat(key: nil, model: "twin").content == "twin") }
            #expect(failed.count == 2)
            let status = try await guarded.admin(.GET, "routes")
            let members = status.json["targets"]?[0]?["members"]?.array ?? []
            let states = members.compactMap { $0["state"]?.string }
            #expect(states.sorted() == ["ejected", "ready"], "\(status.body)")
            #expect(members.contains { $0["ejected_for"] == "consecutive_failures" })
        }
    }

    @Test func embeddingsAreOfEither() async throws {
        let twins = [RoutedWorkers.named("twin"), RoutedWorkers.named("twin")]
        try await RoutedWorkers.serve([("twin", twins)]) { serving in
            for _ in 0..<4 {
                let vectors = try await serving.post("/v1/embeddings", #"{"model":"twin","input":["abc"]}"#)
                #expect(vectors.json["data"]?[0]?["embedding"]?[0]?.double == 3, "\(vectors.body)")
            }
        }
    }
}
