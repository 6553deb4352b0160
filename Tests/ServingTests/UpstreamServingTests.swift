import Foundation
import HadalConfiguration
import HadalJSON
import HadalUpstreams
import HadalWire
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import HadalGateway

/// A gateway whose model another gateway serves: real HTTP in between.
@Suite(.timeLimit(.minutes(15))) struct UpstreamServingTests {
    private static func run(
        _ backend: ScriptedBackend = ScriptedBackend(),
        _ change: @escaping @Sendable (inout UpstreamSettings, inout GatewayConfiguration) -> Void = { _, _ in },
        _ body: @escaping @Sendable (_ theirs: Serving, _ ours: Serving) async throws -> Void
    ) async throws {
        try await Serving.run(backend) { theirs in
            try await Serving.run(configure: { configuration in
                let url = URL(string: theirs.base + "/v1/")!
                var settings = UpstreamSettings(name: "ours", base: url, model: "scripted")
                configuration.workerWait = .seconds(30)
                change(&settings, &configuration)
                configuration.models = [ServedModel(upstream: settings)]
            }) { ours in
                try await body(theirs, ours)
            }
        }
    }

    private static func question(_ model: String, _ text: String, _ members: String = "") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(text)"}]\#(members)}"#
    }

    @Test func itAnswersAsTheOtherDoes() async throws {
        try await Self.run { theirs, ours in
            let path = "/v1/chat/completions"
            let whole = try await ours.post(path, Self.question("ours", "one two three"))
            #expect(whole.status == 200, "\(whole.body)")
            #expect(whole.json["choices"]?[0]?["message"]?["content"] == "one two three")
            #expect(whole.json["usage"]?["completion_tokens"] == 3)
            let stream = try await ours.post(path, Self.question("ours", "one two three", #","stream":true"#))
            let text = try stream.events.filter { $0 != "[DONE]" }.compactMap {
                try JSON(parsing: $0)["choices"]?[0]?["delta"]?["content"]?.string
            }
            #expect(text.joined() == "one two three" && text.filter { !$0.isEmpty }.count == 3)
            #expect(stream.events.last == "[DONE]")
            let ollama = try await ours.post("/api/chat", Self.question("ours", "one two", #","stream":false"#))
            #expect(ollama.json["message"]?["content"] == "one two")
            let message = try await ours.post(
                "/anthropic/v1/messages", Self.question("ours", "one two", #","max_tokens":9"#))
            #expect(message.json["content"]?[0]?["text"] == "one two")
            let vectors = try await ours.post("/v1/embeddings", #"{"model":"ours","input":["abc","de"]}"#)
            #expect(vectors.json["data"]?[1]?["embedding"]?[0]?.double == 2)
            // What it is called there is theirs alone.
            #expect(try await ours.post(path, Self.question("scripted", "x")).status == 404)
            let models = try await ours.get("/v1/models")
            #expect(models.json["data"]?[0]?["id"] == "ours")
        }
    }

    /// A server whose answers come when it is told.
    private final class Waiting: Sendable {
        private struct State {
            var begun: [AsyncStream<[WorkerEvent]>.Continuation] = []
            var isBroken = false
        }

        private let state = Mutex(State())

        var backend: ScriptedBackend {
            var backend = ScriptedBackend()
            backend.script = { [self] request throws(WorkerFailure) in
                // Small requests that find out what it can do.
                guard "\(request.prompt)".contains("held") else { return try ScriptedBackend.echo(request) }
                let (stream, continuation) = AsyncStream<[WorkerEvent]>.makeStream()
                let isBroken = state.withLock { state in
                    if !state.isBroken { state.begun.append(continuation) }
                    return state.isBroken
                }
                if isBroken { throw WorkerFailure(.internal, "the kernel tripped") }
                return stream
            }
            return backend
        }

        var begun: Int { state.withLock(\.begun.count) }

        func breaks() { state.withLock { $0.isBroken = true } }

        func answer() {
            let begun = state.withLock { state in
                defer { state.begun = [] }
                return state.begun
            }
            for answer in begun {
                answer.yield([
                    .delta(GenerationDelta(part: .content, text: "done", tokens: [GeneratedToken(id: 1)])),
                    .finished(
                        GenerationSummary(finish: .stop, usage: Usage(promptTokens: 1, completionTokens: 1))),
                ])
                answer.finish()
            }
        }
    }

    @Test func severalAddressesShareTheRequests() async throws {
        let (one, other) = (Waiting(), Waiting())
        let body = Self.question("ours", "held")
        // Without one there is no administration to tell how the upstreams are.
        let data = try TemporaryDirectory()
        try await Serving.run(one.backend) { first in
            try await Serving.run(other.backend) { second in
                try await Serving.run(configure: { configuration in
                    var model = ServedModel(name: "ours", reference: "both")
                    model.upstreams = [first, second].enumerated().map { index, theirs in
                        let url = URL(string: theirs.base + "/v1")!
                        return UpstreamSettings(name: "ours#\(index + 1)", base: url, model: "scripted")
                    }
                    configuration.models = [model]
                    configuration.workerWait = .seconds(30)
                    configuration.dataDirectory = data.path
                }) { ours in
                    // Each is tried out first, with fifty requests that the tests beside this one delay.
                    #expect(
                        try await becomes(within: .seconds(300)) {
                            let upstreams = try await ours.get("/admin/v1/upstreams").json["data"]?.array ?? []
                            return upstreams.count(where: { $0["reachable"] == true }) == 2
                        })
                    try await withThrowingTaskGroup(of: Int.self) { group in
                        for count in 1...8 {
                            group.addTask { try await ours.post("/v1/chat/completions", body).status }
                            // One after the other, so that each sees what the others have to do.
                            #expect(await becomes { one.begun + other.begun == count })
                        }
                        #expect(one.begun == 4 && other.begun == 4)
                        one.answer()
                        other.answer()
                        for try await status in group { #expect(status == 200) }
                    }
                    // Where one fails, the other answers.
                    one.breaks()
                    try await withThrowingTaskGroup(of: Int.self) { group in
                        for _ in 0..<8 { group.addTask { try await ours.post("/v1/chat/completions", body).status } }
                        #expect(await becomes { other.begun == 8 })
                        other.answer()
                        for try await status in group { #expect(status == 200) }
                    }
                }
            }
        }
    }

    @Test func everyKindThatCanBeConfiguredIsKnown() {
        let names = Set(UpstreamKindName.allCases.filter { $0 != .auto }.map(\.rawValue))
        #expect(names == Set(UpstreamKind.allCases.map(\.rawValue)))
    }

    @Test func whatTheOtherRefusesIsRefused() async throws {
        try await Self.run { theirs, ours in
            let words = Array(repeating: "w", count: 80).joined(separator: " ")
            let long = try await ours.post("/v1/chat/completions", Self.question("ours", words))
            #expect(long.status == 400, "\(long.body)")
        }
    }

    @Test func aBudgetIsKeptBeyondARestart() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.file("data")
        for start in 0..<2 {
            try await Self.run(ScriptedBackend()) { settings, configuration in
                configuration.dataDirectory = data
                // More than trying it out takes.
                settings.budget.day.tokens = 20_000
                settings.budget.month.tokens = start == 0 ? 30_000 : 1
            } _: { theirs, ours in
                let answer = try await ours.post("/v1/chat/completions", Self.question("ours", "one two"))
                if start == 0 {
                    #expect(answer.status == 200, "\(answer.body)")
                } else {
                    #expect(answer.status == 429 && answer.body.contains("budget"), "\(answer.body)")
                    #expect(answer.headers["retry-after"].first.flatMap { Int($0) } ?? 0 > 0)
                }
            }
        }
        let used = try #require(UpstreamLedger(data: URL(fileURLWithPath: data), upstream: "ours").load())
        #expect(used.used(at: Date()).day.tokens > 4)
    }

    @Test func aBrokenAnswerIsNotMadeUp() async throws {
        let breaks = Mutex(false)
        var backend = ScriptedBackend()
        backend.script = { request throws(WorkerFailure) in
            guard breaks.withLock({ $0 }) else { return try ScriptedBackend.echo(request) }
            return ScriptedBackend.stream([
                .delta(GenerationDelta(part: .content, text: "half", tokens: [GeneratedToken(id: 1)]))
            ])
        }
        try await Self.run(backend) { theirs, ours in
            #expect(try await ours.post("/v1/chat/completions", Self.question("ours", "one")).status == 200)
            breaks.withLock { $0 = true }
            let answer = try await ours.post("/v1/chat/completions", Self.question("ours", "one"))
            #expect(answer.status >= 500, "\(answer.body)")
            let stream = try await ours.post(
                "/v1/chat/completions", Self.question("ours", "one", #","stream":true"#))
            let last = try JSON(parsing: try #require(stream.events.last))
            #expect(last["error"] != nil, "\(stream.body)")
        }
    }

    @Test func anUpstreamThatIsNotThereIsWaitedFor() async throws {
        // Nobody listens there.
        var settings = UpstreamSettings(name: "ours", base: try #require(URL(string: "http://127.0.0.1:9")), model: "m")
        settings.timeouts.connect = .seconds(1)
        let model = UpstreamModel(settings, model: "ours", ledger: nil, logger: Notes().logger)
        await #expect(throws: (any Error).self) { _ = try await model.look() }
        await #expect(throws: GatewayError.self) { _ = try await model.describe() }
        await #expect(throws: GatewayError.self) { _ = try await model.probe() }
        let status = model.status()
        #expect(status["reachable"] == false && status["problem"]?.string?.contains("refused") == true)
        #expect(status["found"] == nil && status["day"]?["requests"] == 0)
        await model.end()
    }
}
