import AsyncHTTPClient
import Foundation
import HadalClient
import Hummingbird
import Synchronization
import Testing

@testable import HadalLoad

/// Against a real server, which answers as it is told.
@Suite(.timeLimit(.minutes(15)))
struct LoadTestTests {
    /// - Parameter answer: the words of an answer by the number of its question, each with seconds before it; nil: status 503.
    private func serving(
        _ answer: @escaping @Sendable (_ number: Int, _ body: String) -> [(String, Double)]?,
        _ body: (HadalClient) async throws -> Void
    ) async throws {
        let count = Mutex(0)
        let router = Router()
        router.post("/v1/chat/completions") { request, _ in
            let text = String(buffer: try await request.body.collect(upTo: 1 << 24))
            let usage = #""usage":{"prompt_tokens":\#(text.split(separator: " ").count),"completion_tokens":"#
            guard text.contains(#""stream":true"#) else {
                return Response(
                    status: .ok,
                    body: .init(
                        byteBuffer: ByteBuffer(
                            string: #"{"choices":[{"message":{"content":"a"},"finish_reason":"length"}],"# + usage
                                + "1}}")))
            }
            let number = count.withLock { count in
                count += 1
                return count - 1
            }
            guard let words = answer(number, text) else { return Response(status: .serviceUnavailable) }
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    for (word, delay) in words {
                        if delay > 0 { try await Task.sleep(for: .seconds(delay)) }
                        try await writer.write(
                            ByteBuffer(string: "data: {\"choices\":[{\"delta\":{\"content\":\"\(word)\"}}]}\n\n"))
                    }
                    try await writer.write(
                        ByteBuffer(string: "data: {\"choices\":[],\(usage)\(words.count)}}\n\ndata: [DONE]\n\n"))
                    try await writer.finish(nil)
                })
        }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress!.port!) })
        var settings = HTTPClient.Configuration()
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1000
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let first = try #require(await ports.first { _ in true })
            do { try await body(HadalClient(URL(string: "http://127.0.0.1:\(first)")!, http: http)) } catch {
                try await http.shutdown()
                throw error
            }
            try await http.shutdown()
            group.cancelAll()
        }
    }

    @Test func aClosedLoadAsksAsManyAsItIsTold() async throws {
        let most = Mutex((now: 0, most: 0))
        try await serving { number, _ in
            most.withLock { $0.most = max($0.most, number) }
            return number == 7 ? nil : [("one", 0.01), (" two", 0.01), (" three", 0)]
        } _: { client in
            var options = LoadTest.Options(.closed(clients: 3), Workload())
            options.questionsMax = 20
            let result = try await LoadTest(client, model: "m", options).run()
            #expect((result.asked, result.answered, result.failures) == (20, 19, ["status 503": 1]))
            #expect(result.answerTokens == 57 && result.distributions[.itl]?.count == 38)
            #expect(result.distributions[.ttft]!.least >= 0.01)
            #expect(result.distributions[.e2e]!.least >= 0.02)
            #expect(result.tokensPerSecond > 0 && result.answersPerSecond > 0)
        }
    }

    /// Prompts have about the tokens that they are to have, whatever the server's words are: here one and a half tokens.
    @Test func promptsAreAsLongAsTheyAreSaid() async throws {
        let words = Mutex<[Int]>([])
        try await serving { _, body in
            words.withLock { $0.append(body.split(separator: " ").count) }
            return [("one", 0)]
        } _: { client in
            var workload = Workload()
            workload.prompt = .init(500)
            var options = LoadTest.Options(.closed(clients: 1), workload)
            options.questionsMax = 3
            _ = try await LoadTest(client, model: "m", options).run()
            #expect(words.withLock { $0 }.allSatisfy { abs($0 - 500) < 20 })
        }
    }

    /// An open load goes on asking while the server stands still, and its times count from when a question was to be asked.
    @Test func aStallIsSeenByAllWhoCameMeanwhile() async throws {
        let begun = ContinuousClock.now
        let stall = Mutex<ContinuousClock.Instant?>(nil)
        try await serving { number, _ in
            // From the 20th question on nobody is answered for a second.
            let end = stall.withLock { end in
                if number == 20, end == nil { end = .now + .seconds(1) }
                return end
            }
            return [("one", end.map { max(0, ($0 - .now) / .seconds(1)) } ?? 0)]
        } _: { client in
            var options = LoadTest.Options(.open(rate: 100, burstiness: 1000), Workload())
            options.questionsMax = 200
            let result = try await LoadTest(client, model: "m", options).run()
            #expect(result.answered == 200)
            // Half of them came within the stall, and those at its begin waited for all of it.
            let ttft = result.distributions[.ttft]!
            #expect(ttft.most > 0.9 && ttft.at(75) > 0.2)
        }
        #expect(ContinuousClock.now - begun < .seconds(120))
    }

    @Test func conversationsGoOn() async throws {
        let sizes = Mutex<[Int]>([])
        try await serving { _, body in
            sizes.withLock { $0.append(body.components(separatedBy: "\"role\"").count - 1) }
            return [("fine", 0)]
        } _: { client in
            var workload = Workload()
            workload.turns = 3
            workload.prompt = .init(4)
            var options = LoadTest.Options(.closed(clients: 1), workload)
            options.questionsMax = 7
            let result = try await LoadTest(client, model: "m", options).run()
            #expect(result.answered == 7)
            #expect(sizes.withLock { $0 } == [1, 3, 5, 1, 3, 5, 1])
        }
    }

    @Test func aTraceIsAskedAsItWas() async throws {
        try await serving { _, _ in
            [("one", 0)]
        } _: { client in
            let lines = (0..<5).map { "{\"timestamp\": \($0 * 1000), \"input_length\": 20, \"output_length\": 6}" }
            var options = LoadTest.Options(.trace, Workload())
            options.trace = try LoadTrace(text: lines.joined(separator: "\n"), file: "t")
            options.traceSpeed = 10
            let result = try await LoadTest(client, model: "m", options).run()
            #expect(result.answered == 5 && result.seconds >= 0.4)
        }
    }

    /// What is under way when the time is over counts as not finished, and what was measured until then is told.
    @Test func itEndsWhenItIsTo() async throws {
        try await serving { _, _ in
            [("one", 0), ("never", 3600)]
        } _: { client in
            var options = LoadTest.Options(.closed(clients: 2), Workload())
            (options.seconds, options.drainSeconds) = (0.5, 0)
            let result = try await LoadTest(client, model: "m", options).run()
            #expect(result.answered == 0 && result.failures == [Failure.unfinished: 2])
            options.seconds = 3600
            let (beats, beat) = AsyncStream<Void>.makeStream()
            let long = LoadTest(client, model: "m", options)
            let test = Task { try await long.run { _ in beat.yield() } }
            _ = await beats.first { true }
            test.cancel()
            let broken = try await test.value
            #expect(broken.answered == 0 && broken.failures == [Failure.unfinished: 2])
        }
    }

    @Test func aServerThatIsNotThereIsToldAtOnce() async throws {
        let client = HadalClient(URL(string: "http://127.0.0.1:1")!)
        await #expect(throws: LoadError.self) {
            try await LoadTest(client, model: "m", .init(.closed(clients: 1), Workload())).run()
        }
    }
}
