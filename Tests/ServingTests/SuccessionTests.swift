import HadalJSON
import HadalWire
import Synchronization
import Testing

@testable import HadalGateway

/// What comes of a request whose worker is lost and has a successor.
@Suite(.timeLimit(.minutes(15))) struct SuccessionTests {
    /// How many requests a worker was asked.
    private final class Count: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock { (value: inout Int) in
                defer { value += 1 }
                return value
            }
        }
        var now: Int { value.withLock { $0 } }
    }

    private final class Seen: Sendable { let requests = Mutex<[WorkerRequest]>([]) }

    private static func delta(_ part: GenerationDelta.Part, _ text: String, _ ids: Int32...) -> WorkerEvent {
        .delta(GenerationDelta(part: part, text: text, tokens: ids.map { GeneratedToken(id: $0) }))
    }

    private static let answer: [WorkerEvent] = [
        .started(promptTokens: 3), delta(.reasoning, "", 1), delta(.reasoning, "Hm", 2, 3), delta(.content, "It ", 4),
        delta(.content, "is ", 5), delta(.call(index: 0, name: "look"), "", 6),
        delta(.call(index: 0, name: nil), "{\"a\":"),
        delta(.call(index: 0, name: nil), "1}", 7, 8),
        .finished(
            GenerationSummary(
                finish: .toolCalls, usage: Usage(promptTokens: 3, completionTokens: 8, reasoningTokens: 3))),
    ]
    private static let tools =
        #","tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}]"#

    /// Breaks off after so many events, the first time.
    private static func breaking(after events: Int, _ count: Count, _ seen: Seen) -> ScriptedBackend {
        var backend = ScriptedBackend()
        backend.script = { request throws(WorkerFailure) in
            seen.requests.withLock { $0.append(request) }
            return ScriptedBackend.stream(count.next() == 0 ? Array(answer.prefix(events)) : answer)
        }
        return backend
    }

    /// The pieces without what differs from answer to answer.
    private static func pieces(_ events: [String]) throws -> [JSON] {
        try events.filter { $0 != "[DONE]" }.compactMap { event in
            try JSON(parsing: event.replacing(/"call_00_\w+"/, with: "\"call\""))["choices"]?[0]?["delta"]
        }
    }

    @Test func nothingIsRepeatedOrMissingWhereverAStreamBreaks() async throws {
        var expected: [JSON] = []
        for events in (0...Self.answer.count).reversed() {
            let (count, seen) = (Count(), Seen())
            let got = try await Serving.run(
                Self.breaking(after: events, count, seen), configure: { $0.workerWait = .seconds(30) }
            ) { serving in
                try Self.pieces(try await serving.chat(#","stream":true\#(Self.tools)"#).events)
            }
            if events == Self.answer.count {
                expected = got
                #expect(count.now == 1)
                #expect(got.contains { $0["tool_calls"] != nil } && got.contains { $0["reasoning_content"] == "Hm" })
                continue
            }
            #expect(got == expected, "after \(events) events")
            let requests = seen.requests.withLock { $0 }
            #expect(requests.count == 2)
            // What came is what the successor begins with; all else is the same request.
            let tokens = Self.answer.prefix(events).flatMap { event -> [Int32] in
                if case .delta(let delta) = event { delta.tokens.map(\.id) } else { [] }
            }
            #expect(requests.last?.generated == tokens)
            var again = try #require(requests.last)
            again.generated = []
            if !tokens.isEmpty { again.startSeconds = requests.first?.startSeconds }
            #expect(again == requests.first)
        }
    }

    @Test func whatIsNotStreamedSurvivesToo() async throws {
        let (count, seen) = (Count(), Seen())
        try await Serving.run(
            Self.breaking(after: 5, count, seen), configure: { $0.workerWait = .seconds(30) }
        ) { serving in
            let answer = try await serving.chat(Self.tools)
            #expect(answer.status == 200)
            #expect(answer.json["choices"]?[0]?["message"]?["content"] == "It is ")
            #expect(answer.json["usage"]?["completion_tokens"] == 8)
        }
        #expect(count.now == 2)
    }

    @Test func aWorkerThatIsStoppingIsNotTheLast() async throws {
        let count = Count()
        var backend = ScriptedBackend()
        backend.script = { request throws(WorkerFailure) in
            switch count.next() {
            case 0: throw WorkerFailure(.draining, "it is stopping")
            case 1:
                return ScriptedBackend.stream(
                    Array(Self.answer.prefix(4)) + [.failed(WorkerFailure(.cancelled, "stopped"))])
            // Its successor was asked by others first.
            case 2: throw WorkerFailure(.queueFull, "full", retrySeconds: 0)
            default: return ScriptedBackend.stream(Self.answer)
            }
        }
        try await Serving.run(backend, configure: { $0.workerWait = .seconds(30) }) { serving in
            let answer = try await serving.chat(Self.tools)
            #expect(answer.json["usage"]?["completion_tokens"] == 8)
        }
        #expect(count.now == 4)
    }

    @Test func aRequestThatEndsEachWorkerIsGivenUp() async throws {
        let count = Count()
        var backend = ScriptedBackend()
        backend.script = { request throws(WorkerFailure) in
            _ = count.next()
            return ScriptedBackend.stream(Array(Self.answer.prefix(4)))
        }
        try await Serving.run(backend, configure: { $0.workerWait = .seconds(60) }) { serving in
            let answer = try await serving.chat(Self.tools)
            #expect(answer.status == 502 && answer.errorCode == "worker_lost")
        }
        #expect(count.now == 5)
    }

    @Test func anotherModelDoesNotGoOn() async throws {
        let clients = HTTPClients(connections: 1)
        let client = WorkerClient(http: clients, place: .socket("/nowhere"), model: "m")
        let deployment = Deployment(name: "m", client: client, wait: .seconds(60))
        let first = ScriptedBackend().model
        var other = first
        other.digest = "another"
        deployment.model = other
        let job = Job(request: WorkerRequest(id: "1", prompt: .plain(.text("a"))), hasOwnSeed: true)
        await #expect(throws: GatewayError.self) {
            _ = try await deployment.successor(of: first, takes: job, after: GatewayError.workerLost(model: "m"))
        }
        other = first
        other.fingerprint = "fp_another"
        deployment.model = other
        await #expect(throws: GatewayError.self) {
            _ = try await deployment.successor(of: first, takes: job, after: GatewayError.workerLost(model: "m"))
        }
        try await clients.shutdown()
    }
}

/// Who waits for a worker.
@Suite(.timeLimit(.minutes(15))) struct WorkerPresenceTests {
    private let model = ScriptedBackend().model

    @Test func aModelCanBeUsedAsLongAsOneOfItsWorkersCan() async throws {
        let clients = HTTPClients(connections: 1)
        let workers = (0..<2).map { _ in
            Deployment(name: "m", client: WorkerClient(http: clients, place: .socket("/nowhere"), model: "m"))
        }
        let deployment = Deployment.shared(by: workers)
        #expect(!deployment.isUsable && deployment.stateName == "starting")
        workers[1].model = model
        #expect(deployment.isUsable && deployment.stateName == "ready")
        #expect(workers[1].presence.unload(afterIdle: .zero))
        #expect(deployment.isUsable && deployment.stateName == "unloaded")
        try await clients.shutdown()
    }

    @Test func nobodyWaitsForAWorkerThatWasNeverThere() async throws {
        #expect(try await WorkerPresence(wait: .seconds(60)).returned() == nil)
    }

    @Test func allWhoWaitGetTheNextOne() async throws {
        let presence = WorkerPresence(wait: .seconds(60))
        presence.model = model
        presence.model = nil
        #expect(presence.latest == model)
        let found = try await withThrowingTaskGroup(of: WorkerModel?.self) { group in
            for _ in 0..<8 { group.addTask { try await presence.returned() } }
            await Task.yield()
            presence.model = model
            return try await group.reduce(into: [WorkerModel?]()) { $0.append($1) }
        }
        #expect(found.count == 8 && found.allSatisfy { $0 == model })
    }

    @Test func whoIsAwayTooLongIsNotWaitedFor() async throws {
        let presence = WorkerPresence(wait: .milliseconds(50))
        presence.model = model
        presence.model = nil
        #expect(try await presence.returned() == nil)
        // Its time has run since it went, not since somebody asked.
        #expect(try await presence.returned() == nil)
        presence.model = model
        #expect(try await presence.returned() == model)
    }

    @Test func whoGivesUpWaitingEnds() async throws {
        let presence = WorkerPresence(wait: .seconds(3600))
        presence.model = model
        presence.model = nil
        let task = Task { try await presence.returned() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
