import Foundation
import HadalJSON
import HadalWire
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamClientTests {
    private static let answered = StubServer.stream(answerChunks)

    @Test func anAnswerComesAsAWorkersEvents() async throws {
        try await withClient(answer: { _, _ in Self.answered }) { client, server async throws in
            let events = try await all(try await client.generate(.toolQuestion()))
            #expect(events.count == 10)
            guard case .finished(let summary) = events.last else {
                Issue.record("it is finished")
                return
            }
            #expect(summary.finish == .toolCalls && summary.usage.promptTokens == 9)
            #expect(summary.firstTokenSeconds > 0 && summary.decodeSeconds >= 0)
            #expect(server.requests.map(\.path) == ["/v1/chat/completions"])
            #expect(server.requests[0].json == .object(try WorkerRequest.toolQuestion().call(client.capabilities).body))
        }
    }

    @Test func theKeyIsShown() async throws {
        try await withClient(key: UpstreamKey("sk-1"), answer: { _, _ in Self.answered }) {
            client, server async throws in
            _ = try await all(try await client.generate(.toolQuestion()))
            #expect(server.requests[0].headers["authorization"] == ["Bearer sk-1"])
        }
    }

    /// Who has an answer may ask again at once, also where one thing is asked at a time.
    @Test func aPlaceIsFreeWithTheAnswersEndAndItsConnectionIsUsedAgain() async throws {
        try await withClient(.all(.vLLM), { $0.concurrency = 1 }, answer: { _, _ in Self.answered }) {
            client, server async throws in
            for _ in 0..<20 {
                for try await event in try await client.generate(.toolQuestion()) {
                    // As the gateway does: what comes after the end is not waited for.
                    if case .finished = event { break }
                }
            }
            #expect(server.requests.count == 20 && server.connections == 1)
        }
    }

    @Test func whatCannotBeDoneIsRefusedBeforeAnythingIsSent() async throws {
        try await withClient(.all(.vLLM).without(.seeds), answer: { _, _ in Self.answered }) {
            client, server async throws in
            var request = WorkerRequest.toolQuestion()
            request.sampling.seed = 1
            let failure = try await refusal { [request] in _ = try await client.generate(request) }
            #expect(failure?.code == .unsupported && failure?.field == "seed")
            #expect(server.requests.isEmpty && client.runningCount == 0)
            _ = try await all(try await client.generate(request, hasOwnSeed: false))
        }
    }

    @Test func statusesAreFailures() async throws {
        let statuses = [400, 401, 402, 404, 408, 413, 429, 500, 503]
        let answer: StubServer.Answer = { _, count in
            StubServer.json(statuses[count], #"{"error":{"message":"no"}}"#, headers: "retry-after: 7\r\n")
        }
        try await withClient(answer: answer) { client, _ async throws in
            for status in statuses {
                let failure = try await refusal { _ = try await client.generate(.question()) }
                let expected = UpstreamFailures(upstream: "up", secrets: []).failure(
                    status: status, body: ["error": ["message": "no"]], retryAfter: "7", now: Date())
                #expect(failure == expected)
            }
            #expect(try await eventually { client.runningCount == 0 })
        }
    }

    @Test func aRefusalThatIsNoJSONIsAFailureToo() async throws {
        let html = "<html>Bad Gateway</html>"
        let answer: StubServer.Answer = { _, _ in
            [.write("HTTP/1.1 502 Bad\r\ncontent-type: text/html\r\ncontent-length: \(html.count)\r\n\r\n\(html)")]
        }
        try await withClient(answer: answer) { client, _ async throws in
            #expect(try await refusal { _ = try await client.generate(.question()) }?.code == .internal)
        }
    }

    @Test func redirectionsAreNotFollowed() async throws {
        let answer: StubServer.Answer = { request, _ in
            request.path == "/elsewhere"
                ? Self.answered : StubServer.json(307, "{}", headers: "location: /elsewhere\r\n")
        }
        try await withClient(key: UpstreamKey("sk-1"), answer: answer) { client, server async throws in
            #expect(try await refusal { _ = try await client.generate(.question()) }?.code == .internal)
            #expect(server.requests.count == 1)
        }
    }

    // MARK: broken streams

    /// As llama_cpp.server refuses what is too long.
    @Test func aStreamWithoutAWordIsAskedWhy() async throws {
        let answer: StubServer.Answer = { request, count in
            if count == 0 { return [.write(StubServer.streamHead + "0\r\n\r\n")] }
            return StubServer.json(
                400, #"{"error":{"message":"too long","code":"context_length_exceeded","param":"messages"}}"#)
        }
        try await withClient(.all(.llamaCppPython), answer: answer) { client, server async throws in
            let events = try await all(try await client.generate(.question()))
            guard case .failed(let failure) = events.last else {
                Issue.record("\(events)")
                return
            }
            #expect(failure.code == .contextLengthExceeded)
            #expect(server.requests.count == 2 && server.requests[1].json?["stream"] == false)
            #expect(server.requests[1].json?["max_tokens"] == 1)
            #expect(try await eventually { client.runningCount == 0 })
        }
        // Others say at once what is wrong: their streams were lost.
        try await withClient(.all(.vLLM), answer: answer) { client, server async throws in
            let problem = try await loss { _ = try await all(try await client.generate(.question())) }
            #expect(problem != nil && server.requests.count == 1)
        }
    }

    @Test(arguments: [(UpstreamKind.llamaCppPython, "/openapi.json"), (.vLLM, "/v1/models")])
    func itIsAskedForWhatItAnswersBesideItsWork(kind: UpstreamKind, path: String) async throws {
        try await withClient(.all(kind), answer: { _, _ in StubServer.json(200, "{}") }) {
            client, server async throws in
            try await client.look()
            #expect(server.requests.map(\.path) == [path])
        }
    }

    /// The whole answer cut after each byte, or after bytes drawn at random: it is complete, or it was lost.
    @Test func aStreamThatIsCutAnywhereIsLostOrComplete() async throws {
        let wire =
            StubServer.streamHead + answerChunks.map { StubServer.chunk("data: \($0)\n\n") }.joined() + "0\r\n\r\n"
        let bytes = Array(wire.utf8)
        // From where on the text is complete.
        let end = try #require(wire.range(of: "\"finish_reason\":\"tool_calls\"")?.upperBound)
        let complete = wire[..<end].utf8.count
        var random = SplitMix(state: 5)
        let cuts = (0..<120).map { _ in Int.random(in: 0..<bytes.count, using: &random) } + [0, 1, complete - 1]
        let answer: StubServer.Answer = { _, count in
            // Cut within a character it is no text; the stub writes what is left of it.
            let text = String(decoding: bytes[..<cuts[count]], as: UTF8.self)
            return text.isEmpty ? [.close] : [.write(text), .wait(.milliseconds(1)), .close]
        }
        try await withClient(answer: answer) { client, _ async throws in
            for cut in cuts {
                do {
                    let events = try await all(try await client.generate(.toolQuestion()))
                    guard case .finished = events.last else {
                        Issue.record("neither finished nor lost, cut at \(cut)")
                        continue
                    }
                    #expect(cut >= complete, "finished although it was cut at \(cut)")
                } catch UpstreamError.lost {
                    #expect(cut <= complete + 200, "lost although the answer was there, cut at \(cut)")
                }
            }
            #expect(try await eventually { client.runningCount == 0 })
        }
    }

    /// The same bytes in other pieces give the same events.
    @Test func itDoesNotMatterWhereTheBytesAreCut() async throws {
        let wire = Array(
            (StubServer.streamHead + answerChunks.map { StubServer.chunk("data: \($0)\n\n") }.joined()
                + "0\r\n\r\n").unicodeScalars)
        let answer: StubServer.Answer = { _, count in
            var random = SplitMix(state: UInt64(count))
            var steps: [StubServer.Step] = []
            var rest = wire[...]
            while !rest.isEmpty {
                let piece = rest.prefix(.random(in: 1...60, using: &random))
                rest = rest.dropFirst(piece.count)
                var text = ""
                text.unicodeScalars.append(contentsOf: piece)
                steps.append(.write(text))
                if Bool.random(using: &random) { steps.append(.wait(.microseconds(50))) }
            }
            return steps
        }
        try await withClient(answer: answer) { client, _ async throws in
            var first: [WorkerEvent]?
            for _ in 0..<20 {
                var events = try await all(try await client.generate(.toolQuestion()))
                guard case .finished(var summary) = events.popLast() else {
                    Issue.record("it is not finished")
                    return
                }
                (summary.firstTokenSeconds, summary.decodeSeconds) = (0, 0)
                events.append(.finished(summary))
                #expect(first ?? events == events)
                first = events
            }
        }
    }

    @Test func whatIsNoStreamIsLost() async throws {
        let answers: [[StubServer.Step]] = [
            StubServer.json(200, #"{"choices":[]}"#), StubServer.stream(["no JSON"]), StubServer.stream([]),
            StubServer.stream([chunk(#"{"content":"a"}"#)]), [.write("HTTP/1.1 200 OK\r\n\r\n"), .close],
            [.write("nonsense\r\n\r\n"), .close], [.close],
            [.write(StubServer.streamHead + "zz\r\n"), .hold],
            [.write(StubServer.streamHead), .write(StubServer.chunk("data: \u{FFFD}{\n\n")), .hold],
        ]
        try await withClient(answer: { _, count in answers[count] }) { client, _ async throws in
            for index in answers.indices {
                let problem = try await loss { _ = try await all(try await client.generate(.question())) }
                #expect(problem != nil, "answer \(index)")
            }
            #expect(try await eventually { client.runningCount == 0 })
        }
    }

    @Test func nobodyListeningIsALoss() async throws {
        let server = try await StubServer.start { _, _ in [] }
        let url = server.url
        try await server.stop()
        let client = try UpstreamClient(settings(url), key: nil, capabilities: .all(.vLLM))
        #expect(try await loss { _ = try await client.generate(.question()) } != nil)
        try await client.shutdown()
    }

    @Test func anErrorWithinTheStreamIsTheLastEvent() async throws {
        let chunks = [chunk(#"{"content":"a"}"#), #"{"error":{"message":"boom"}}"#, chunk(#"{"content":"b"}"#)]
        try await withClient(answer: { _, _ in StubServer.stream(chunks) }) { client, _ async throws in
            let events = try await all(try await client.generate(.question()))
            guard case .failed(let failure) = events.last else {
                Issue.record("it fails")
                return
            }
            #expect(events.count == 3 && failure.message.contains("boom"))
        }
    }

    // MARK: silence

    @Test(
        arguments: [
            [.hold], [.write("HTTP/1.1 200 OK\r\ncontent-type: text/ev"), .hold],
            [.write(StubServer.streamHead), .hold],
            [.write("HTTP/1.1 500 No\r\ncontent-length: 5\r\n\r\n"), .hold],
        ] as [[StubServer.Step]])
    func whoIsSilentBeforeTheFirstByteIsLost(_ steps: [StubServer.Step]) async throws {
        let change: (inout UpstreamSettings) -> Void = {
            $0.timeouts.firstByte = .milliseconds(200)
            $0.timeouts.betweenEvents = .milliseconds(200)
        }
        try await withClient(.all(.vLLM), change, answer: { _, _ in steps }) { client, server async throws in
            do {
                _ = try await all(try await client.generate(.question()))
                Issue.record("nothing came")
            } catch UpstreamError.lost(_, let problem) {
                #expect(problem.contains("nothing came"))
            } catch let failure as WorkerFailure {
                #expect(failure.code == .internal)
            }
            // Nobody waits there any more.
            #expect(try await eventually { server.abandoned == 1 })
        }
    }

    @Test func whoFallsSilentIsLostAndWhoKeepsAliveIsNot() async throws {
        let piece = StubServer.chunk("data: \(chunk(#"{"content":"a"}"#))\n\n")
        let alive: [StubServer.Step] = (0..<8).flatMap { _ -> [StubServer.Step] in
            [.write(StubServer.chunk(": keep-alive\n\n")), .wait(.milliseconds(300))]
        }
        let end = ["data: \(chunk("{}", finish: "stop"))\n\n", "data: [DONE]\n\n"].map {
            StubServer.Step.write(StubServer.chunk($0))
        }
        let answer: StubServer.Answer = { _, count in
            [.write(StubServer.streamHead), .write(piece)]
                + (count == 0 ? [.hold] : alive + end + [.write("0\r\n\r\n")])
        }
        let change: (inout UpstreamSettings) -> Void = { $0.timeouts.betweenEvents = .milliseconds(1500) }
        try await withClient(.all(.vLLM), change, answer: answer) { client, _ async throws in
            #expect(try await loss { _ = try await all(try await client.generate(.question())) } != nil)
            #expect(try await all(try await client.generate(.question())).count == 3)
        }
    }

    @Test func anEndThatIsNotFollowedByTheStreamsEndIsAnEnd() async throws {
        let change: (inout UpstreamSettings) -> Void = { $0.timeouts.betweenEvents = .milliseconds(200) }
        let stalls: [StubServer.Step] = [
            .write(StubServer.streamHead),
            .write(StubServer.chunk("data: \(chunk(#"{"content":"a"}"#, finish: "stop"))\n\n")), .hold,
        ]
        try await withClient(.all(.vLLM), change, answer: { _, _ in stalls }) { client, _ async throws in
            let events = try await all(try await client.generate(.question()))
            guard case .finished = events.last else {
                Issue.record("it is finished")
                return
            }
        }
    }

    // MARK: going away

    @Test func droppingTheStreamEndsTheRequest() async throws {
        let first = StubServer.chunk("data: \(chunk(#"{"content":"a"}"#))\n\n")
        let answer: StubServer.Answer = { _, _ in [.write(StubServer.streamHead), .write(first), .hold] }
        try await withClient(answer: answer) { client, server async throws in
            for try await event in try await client.generate(.question()) {
                if case .delta = event { break }
            }
            #expect(try await eventually { server.abandoned == 1 })
            // Also where nobody ever reads it.
            _ = try await client.generate(.question())
            #expect(try await eventually { server.abandoned == 2 && client.runningCount == 0 })
        }
    }

    @Test func whoGoesWhileItWaitsEndsTheRequest() async throws {
        try await withClient(answer: { _, _ in [.hold] }) { client, server async throws in
            let task = Task { try await client.generate(.question()) }
            #expect(try await eventually { server.requests.count == 1 })
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await eventually { server.abandoned == 1 && client.runningCount == 0 })
        }
    }

    @Test func moreThanItMayTakeIsRefused() async throws {
        try await withClient(.all(.vLLM), { $0.concurrency = 2 }, answer: { _, _ in [.hold] }) {
            client, server async throws in
            let tasks = (0..<2).map { _ in Task { try await client.generate(.question()) } }
            #expect(try await eventually { server.requests.count == 2 })
            #expect(try await refusal { _ = try await client.generate(.question()) }?.code == .queueFull)
            for task in tasks { task.cancel() }
            #expect(try await eventually { client.runningCount == 0 })
        }
    }
}
