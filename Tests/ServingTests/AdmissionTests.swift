import HadalGateway
import HadalJSON
import HadalWire
import NIOHTTP1
import Synchronization
import Testing

/// What a client learns when a worker has no room, and what it cannot decide.
@Suite struct AdmissionTests {
    @Test func aFullQueueSaysWhenToComeBack() async throws {
        let backend = ScriptedBackend { _ throws(WorkerFailure) in
            throw WorkerFailure(.queueFull, "too many requests are waiting (4); try again in 7 s", retrySeconds: 7)
        }
        try await Serving.run(backend) { serving in
            for members in ["", #","stream":true"#] {
                let answer = try await serving.chat(members)
                #expect(answer.status == 429)
                #expect(answer.errorCode == "queue_full")
                #expect(answer.headers.first(name: "retry-after") == "7")
            }
        }
    }

    @Test func aDeadlineThatPassedIsNamed() async throws {
        let backend = ScriptedBackend { _ throws(WorkerFailure) in
            ScriptedBackend.stream([.failed(WorkerFailure(.deadlineExceeded, "too late"))])
        }
        try await Serving.run(backend) { serving in
            let whole = try await serving.chat("")
            #expect(whole.status == 503)
            #expect(whole.errorCode == "deadline_exceeded")
            #expect(whole.headers.first(name: "retry-after") != nil)
            #expect(try await serving.chat(#","stream":true"#).body.contains(#""code":"deadline_exceeded""#))
        }
    }

    @Test func theGatewayDecidesWhoseRequestItIs() async throws {
        let seen = Mutex<[WorkerRequest]>([])
        let backend = ScriptedBackend { request throws(WorkerFailure) in
            seen.withLock { $0.append(request) }
            return try ScriptedBackend.echo(request)
        }
        try await Serving.run(backend, configure: { $0.startSecondsMax = 30 }) { serving in
            for field in [#""tenant":"other""#, #""cache_salt":"other""#, #""priority":5"#, #""start_seconds":9"#] {
                let answer = try await serving.chat("," + field)
                #expect(answer.status == 400)
                #expect(answer.errorCode == "unknown_field")
            }
            #expect(try await serving.chat("").status == 200)
        }
        let requests = seen.withLock { $0 }
        #expect(requests.map(\.tenant) == [""])
        #expect(requests.map(\.startSeconds) == [30])
    }

    @Test func cachedTokensAreInTheUsage() async throws {
        let backend = ScriptedBackend { _ throws(WorkerFailure) in
            let usage = Usage(promptTokens: 100, cachedTokens: 64, completionTokens: 2)
            return ScriptedBackend.stream([.finished(GenerationSummary(finish: .stop, usage: usage))])
        }
        try await Serving.run(backend) { serving in
            let usage = try await serving.chat("").json["usage"]
            #expect(usage?["prompt_tokens_details"]?["cached_tokens"] == 64)
            #expect(usage?["prompt_cache_hit_tokens"] == 64)
            #expect(usage?["prompt_cache_miss_tokens"] == 36)
        }
    }

    @Test func theEnginesFiguresStandBesideTheHealth() async throws {
        var figures = EngineFigures()
        figures.sequencesWaiting = 3
        figures.cachedTokens = 1
        figures.promptTokens = 3
        let backend = ScriptedBackend(figures: figures)
        try await Serving.run(backend) { serving in
            let ready = try await serving.get("/health/ready")
            #expect(ready.status == 200)
            #expect(ready.json["engines"]?["scripted"]?["sequences_waiting"] == 3)
            #expect(ready.json["engines"]?["scripted"]?["hit_rate"] == 0.25)
        }
    }
}
