import Foundation
import HadalJSON
import HadalWire
import HadalWorker
import NIOHTTP1
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import HadalGateway

/// Answers that their clients come back for.
@Suite(.timeLimit(.minutes(15))) struct ResumableTests {
    /// A model that says the next word when the test lets it.
    private final class Prompter: Sendable {
        private struct State {
            var questions = 0
            var streams: [AsyncStream<[WorkerEvent]>.Continuation] = []
            var isGivenUp = false
        }

        private let state = Mutex(State())

        var backend: ScriptedBackend {
            var backend = ScriptedBackend()
            backend.script = { [self] request throws(WorkerFailure) in
                let (stream, continuation) = AsyncStream<[WorkerEvent]>.makeStream()
                continuation.onTermination = { [self] termination in
                    if case .cancelled = termination { state.withLock { $0.isGivenUp = true } }
                }
                state.withLock { state in
                    state.questions += 1
                    state.streams.append(continuation)
                }
                return stream
            }
            return backend
        }

        var questions: Int { state.withLock(\.questions) }
        var isGivenUp: Bool { state.withLock(\.isGivenUp) }

        func say(_ word: String) {
            send([.delta(GenerationDelta(part: .content, text: word, tokens: [GeneratedToken(id: 1)]))])
        }

        func end() {
            send([.finished(GenerationSummary(finish: .stop, usage: Usage(promptTokens: 1, completionTokens: 2)))])
            state.withLock { for stream in $0.streams { stream.finish() } }
        }

        private func send(_ events: [WorkerEvent]) {
            state.withLock { for stream in $0.streams { stream.yield(events) } }
        }
    }

    private static let question = #"{"model":"scripted","messages":[{"role":"user","content":"one"}],"stream":true}"#

    private static func begin(_ serving: Serving, key: String) async throws -> RawConnection {
        let connection = try RawConnection(port: serving.port)
        await connection.send(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: \(key)\r\nContent-Length: \(question.utf8.count)\r\n\r\n\(question)"
        )
        return connection
    }

    private static func again(
        _ serving: Serving, key: String, after last: Int? = nil, _ body: String = question
    ) async throws -> Serving.Answer {
        let headers = [("idempotency-key", key)] + (last.map { [("last-event-id", String($0))] } ?? [])
        return try await serving.post("/v1/chat/completions", body, headers: headers)
    }

    /// The numbers of a stream's events, and what they say.
    private static func told(_ answer: Serving.Answer) throws -> [(id: Int, text: String)] {
        try answer.body.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { event in
            let match = try #require(event.wholeMatch(of: /id: (\d+)\ndata: (.*)/))
            let text = (try? JSON(parsing: String(match.2)))?["choices"]?[0]?["delta"]?["content"]?.string
            return (try #require(Int(match.1)), text ?? (match.2 == "[DONE]" ? "[DONE]" : ""))
        }
    }

    @Test func aStreamGoesOnWithoutItsClient() async throws {
        let prompter = Prompter()
        try await Serving.run(prompter.backend) { serving in
            let first = try await Self.begin(serving, key: "k1")
            #expect(await becomes { prompter.questions == 1 })
            prompter.say("Hello ")
            #expect(await first.read(until: "Hello ").contains("id: "))
            first.reset()
            prompter.say("again ")
            async let whole = Self.again(serving, key: "k1")
            prompter.say("world")
            prompter.end()
            let told = try Self.told(try await whole)
            #expect(told.map(\.text).joined() == "Hello again world[DONE]")
            #expect(told.map(\.id) == Array(1...told.count))
            #expect(try await whole.headers["x-hadal-resumed"] == ["true"])
            // Whoever has a part of it gets the rest.
            for last in 0...told.count {
                let rest = try Self.told(try await Self.again(serving, key: "k1", after: last))
                #expect(rest.map(\.id) == Array(told.map(\.id).dropFirst(last)))
                #expect(rest.map(\.text) == Array(told.map(\.text).dropFirst(last)))
            }
            #expect(prompter.questions == 1 && !prompter.isGivenUp)
        }
    }

    @Test func manyWhoAskTheSameShareOneAnswer() async throws {
        let prompter = Prompter()
        try await Serving.run(prompter.backend) { serving in
            let bodies = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await Self.again(serving, key: "same").body } }
                #expect(await becomes { prompter.questions == 1 })
                prompter.say("one")
                prompter.end()
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(bodies.count == 8 && Set(bodies).count == 1 && bodies[0].contains("one"))
            #expect(prompter.questions == 1)
        }
    }

    @Test func wholeAnswersAreGivenAgainToo() async throws {
        try await Serving.run { serving in
            let body = #"{"model":"scripted","messages":[{"role":"user","content":"one two"}]}"#
            let first = try await Self.again(serving, key: "w", body)
            let second = try await Self.again(serving, key: "w", body)
            #expect(first.status == 200 && first.body == second.body && !first.body.isEmpty)
            #expect(first.headers["x-hadal-resumed"] == [] && second.headers["x-hadal-resumed"] == ["true"])
            // Another key is another answer.
            let other = try await Self.again(serving, key: "v", body)
            #expect(other.json["id"] != first.json["id"])
            // The same key for something else is a mistake.
            let wrong = try await Self.again(serving, key: "w", body.replacing("two", with: "three"))
            #expect(wrong.status == 422 && wrong.errorCode == "idempotency_key_used")
        }
    }

    /// A server that knows nothing of the one before it draws the same tokens.
    @Test func aKeyDecidesTheSeed() async throws {
        let drawn = Mutex<[UInt64?]>([])
        var backend = ScriptedBackend()
        backend.script = { request throws(WorkerFailure) in
            drawn.withLock { $0.append(request.sampling.seed) }
            return try ScriptedBackend.echo(request)
        }
        let own = #"{"model":"scripted","messages":[{"role":"user","content":"one"}],"seed":17}"#
        for _ in 0..<2 {
            try await Serving.run(backend) { serving in
                let told = try Self.told(try await Self.again(serving, key: "s", after: 2))
                // All of it: who has a part has that of an answer whose events may have ended elsewhere.
                #expect(told.first?.id == 1 && told.map(\.text).joined().hasSuffix("[DONE]"))
                _ = try await Self.again(serving, key: "t")
                _ = try await Self.again(serving, key: "u", own)
            }
        }
        let seeds = drawn.withLock { $0 }
        #expect(seeds.count == 6 && Array(seeds.prefix(3)) == Array(seeds.suffix(3)))
        #expect(seeds[0] != nil && seeds[0] != seeds[1] && seeds[2] == 17)
    }

    @Test func anAnswerOutlivesItsServerByItsKey() async throws {
        let body = #"{"model":"guide","prompt":"A story: ","max_tokens":60,"temperature":1.5,"ignore_eos":true}"#
        let directory = try TemporaryDirectory()
        let texts = Mutex<[String?]>([])
        for _ in 0..<2 {
            let outcome = try await HadalProcess.serve("guide", ["--data", directory.file("data")]) { server in
                for key in ["k", "l"] {
                    let answer = try await server.serving.post(
                        "/v1/completions", body, headers: [("idempotency-key", key)])
                    texts.withLock { $0.append(answer.json["choices"]?[0]?["text"]?.string) }
                }
                let workers = server.workers
                kill(server.process, SIGKILL)
                for worker in workers { #expect(await ProcessEnd.wait(worker)) }
            }
            #expect(outcome.status == .signaled(9))
        }
        let told = texts.withLock { $0 }
        #expect(told[0] != nil && told[0] == told[2] && told[1] == told[3] && told[0] != told[1])
    }

    @Test func whatFailedMayBeAskedAgain() async throws {
        let count = Mutex(0)
        var backend = ScriptedBackend()
        backend.script = { request throws(WorkerFailure) in
            let isFirst = count.withLock { (count: inout Int) in
                count += 1
                return count == 1
            }
            if isFirst { throw WorkerFailure(.internal, "the kernel tripped") }
            return try ScriptedBackend.echo(request)
        }
        try await Serving.run(backend) { serving in
            #expect(try await Self.again(serving, key: "f").status == 500)
            let second = try await Self.again(serving, key: "f")
            #expect(second.status == 200 && second.headers["x-hadal-resumed"] == [])
        }
    }

    @Test func anAnswerThatNobodyComesBackForIsGivenUp() async throws {
        let prompter = Prompter()
        try await Serving.run(prompter.backend, configure: { $0.resume = .milliseconds(100) }) { serving in
            let first = try await Self.begin(serving, key: "k")
            #expect(await becomes { prompter.questions == 1 })
            prompter.say("Hello ")
            #expect(await first.read(until: "Hello ").contains("id: "))
            #expect(!prompter.isGivenUp)
            first.reset()
            #expect(await becomes { prompter.isGivenUp })
            // Nor is what came of it kept for ever.
            let asksAnew = try await becomes {
                let connection = try await Self.begin(serving, key: "k")
                defer { connection.reset() }
                return prompter.questions >= 2
            }
            #expect(asksAnew)
        }
    }

    @Test func keysAreChecked() async throws {
        try await Serving.run { serving in
            for key in ["", String(repeating: "k", count: 256), "a b", "schlüssel"] {
                let answer = try await Self.again(serving, key: key)
                #expect(answer.status == 400 && answer.errorCode == "bad_idempotency_key", "\(key)")
            }
            let answer = try await serving.post(
                "/v1/chat/completions", Self.question, headers: [("idempotency-key", "k"), ("last-event-id", "x")])
            #expect(answer.status == 400 && answer.errorCode == "bad_last_event_id")
            // Bad questions are refused as ever, and the key is free again.
            let bad = try await Self.again(serving, key: "b", #"{"model":"scripted","messages":7}"#)
            #expect(bad.status == 400 && bad.errorField == "messages")
            #expect(try await Self.again(serving, key: "b").status == 200)
        }
    }

    @Test func withoutTimeTheHeaderMeansNothing() async throws {
        try await Serving.run(configure: { $0.resume = .zero }) { serving in
            let first = try await Self.again(serving, key: "k")
            let second = try await Self.again(serving, key: "k")
            #expect(first.status == 200 && first.body != second.body && !first.body.contains("id: 1\n"))
        }
    }
}
