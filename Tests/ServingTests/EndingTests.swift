import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalHTTP
import HadalJSON
import HadalWire
import HadalWorker
import NIOHTTP1
import Synchronization
import Testing

/// Answers that end before they are done: the client goes, or the server stops.
@Suite(.timeLimit(.minutes(15))) struct EndingTests {
    private static func request(_ body: String) -> String {
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func body(_ members: String) -> String {
        #"{"model":"scripted","messages":[{"role":"user","content":"hi"}]\#(members)}"#
    }

    enum Leaving: CaseIterable { case finish, reset }

    @Test(arguments: [true, false], Leaving.allCases)
    func aClientThatLeavesStopsItsGeneration(streams: Bool, leaving: Leaving) async throws {
        let endless = EndlessGeneration()
        try await Serving.run(ScriptedBackend(script: endless.script)) { serving in
            let connection = try RawConnection(port: serving.port)
            await connection.send(Self.request(Self.body(#","stream":\#(streams)"#)))
            for await _ in endless.started { break }
            if streams { #expect(await connection.read(until: "word").contains("word")) }
            // The model says nothing more: no failing write is needed to notice.
            switch leaving {
            case .finish: connection.finish()
            case .reset: connection.reset()
            }
            for await _ in endless.cancelled { break }
        }
    }

    @Test func allChoicesOfAClientThatLeavesAreStopped() async throws {
        let endless = EndlessGeneration()
        try await Serving.run(ScriptedBackend(script: endless.script)) { serving in
            let connection = try RawConnection(port: serving.port)
            await connection.send(Self.request(Self.body(#","stream":true,"n":4"#)))
            var starts = endless.started.makeAsyncIterator()
            for _ in 0..<4 { _ = await starts.next() }
            connection.finish()
            var ends = endless.cancelled.makeAsyncIterator()
            for _ in 0..<4 { _ = await ends.next() }
        }
    }

    @Test func aBodyThatDoesNotComeIsNotWaitedFor() async throws {
        try await Serving.run(configure: { $0.bodyTimeLimit = .milliseconds(100) }) { serving in
            let connection = try RawConnection(port: serving.port)
            await connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
            // Answered, and then hung up on.
            let answer = await connection.read()
            #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.contains("body"))
            #expect(try await serving.get("/health/live").status == 200)
        }
    }

    @Test(arguments: ["/v1/chat/completions", "/v1/responses", "/anthropic/v1/messages", "/api/chat"])
    func aClientThatReadsSlowlyHoldsTheWorkBack(path: String) async throws {
        let piece = String(repeating: "x", count: 8192)
        let count = 20_000
        let given = Counter()
        let backend = ScriptedBackend { _ throws(WorkerFailure) in
            AsyncStream {
                let index = given.next()
                if index <= count { return [.said(piece)] }
                return index == count + 1 ? [.done(.stop)] : nil
            }
        }
        try await Serving.run(backend) { serving in
            let connection = try RawConnection(port: serving.port)
            let input = path == "/v1/responses" ? #""input":"hi""# : #""messages":[{"role":"user","content":"hi"}]"#
            let body =
                #"{"model":"scripted","stream":true,\#(input)\#(path.contains("anthropic") ? ",\"max_tokens\":9" : "")}"#
            await connection.send(
                "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await connection.read(until: "xxx").contains("200 OK"))
            // Time enough for all of it, were it not held back; the sockets between take some megabytes.
            for _ in 0..<300 { _ = try await serving.get("/v1/models") }
            #expect(given.value < count / 4, "\(given.value)")
            connection.finish()
        }
    }

    @Test func theWorkersPlacesAreFreeAgain() async throws {
        let endless = EndlessGeneration()
        var options = WorkerServer.Options()
        options.requestsLimit = 1
        try await Serving.run(ScriptedBackend(script: endless.script), worker: options) { serving in
            var ends = endless.cancelled.makeAsyncIterator()
            var starts = endless.started.makeAsyncIterator()
            for _ in 0..<5 {
                let connection = try RawConnection(port: serving.port)
                await connection.send(Self.request(Self.body(#","stream":true"#)))
                _ = await starts.next()
                // One at a time.
                let second = try await serving.post("/v1/chat/completions", Self.body(""))
                #expect(second.status == 429)
                #expect(second.errorCode == "queue_full")
                connection.finish()
                _ = await ends.next()
                try await serving.workerIsIdle()
            }
        }
    }

    @Test func aStoppingServerFinishesWhatRunsAndTakesNothingNew() async throws {
        let endless = EndlessGeneration()
        try await Serving.run(ScriptedBackend(script: endless.script)) { serving in
            let running = try RawConnection(port: serving.port)
            await running.send(Self.request(Self.body(#","stream":true"#)))
            for await _ in endless.started { break }
            await serving.stop()
            while try await serving.get("/health/ready").json["status"] != "draining" {}
            let late = try await serving.post("/v1/chat/completions", Self.body(""))
            #expect(late.status == 503)
            #expect(late.errorCode == "draining")
            #expect(late.headers.first(name: "connection") == "close")
            #expect(try await serving.get("/health/live").status == 200)
            await endless.finish()
            #expect(await running.read(until: "[DONE]").contains("[DONE]"))
            for await _ in serving.ended {}
            #expect(throws: POSIXError.self) { try RawConnection(port: serving.port) }
        }
    }

    @Test func whatRunsBeyondTheGraceIsToldSo() async throws {
        let endless = EndlessGeneration()
        try await Serving.run(
            ScriptedBackend(script: endless.script), configure: { $0.grace = .milliseconds(50) }
        ) { serving in
            let streaming = try RawConnection(port: serving.port)
            let waiting = try RawConnection(port: serving.port)
            await streaming.send(Self.request(Self.body(#","stream":true"#)))
            await waiting.send(Self.request(Self.body("")))
            var starts = endless.started.makeAsyncIterator()
            for _ in 0..<2 { _ = await starts.next() }
            await serving.stop()
            #expect(await streaming.read(until: "draining").contains(#""code":"draining""#))
            #expect(await waiting.read(until: "draining").hasPrefix("HTTP/1.1 503"))
            for await _ in serving.ended {}
        }
    }

    @Test func aGateThatIsClosedWaitsForThoseInside() async throws {
        let gate = RequestGate(limit: 2)
        let connection = ClientConnection()
        let first = try gate.enter(for: connection)
        gate.close()
        #expect(throws: RequestGate.Refusal.self) { try gate.enter(for: connection) }
        let waiting = Task { await gate.empty() }
        #expect(gate.running == 1)
        first.leave()
        first.leave()
        await waiting.value
        #expect(gate.running == 0)
    }

    @Test func aPassThatIsDroppedIsLeft() throws {
        let gate = RequestGate(limit: 1)
        do { _ = try gate.enter(for: ClientConnection()) }
        #expect(gate.running == 0)
        let pass = try gate.enter(for: ClientConnection())
        #expect(throws: RequestGate.Refusal.self) { try gate.enter(for: ClientConnection()) }
        pass.leave()
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
