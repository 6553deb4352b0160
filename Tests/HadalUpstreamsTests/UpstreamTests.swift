import Foundation
import HadalJSON
import HadalWire
import Logging
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamTests {
    private let model = WorkerModel(
        architecture: "x", contextLength: 4096, vocabularySize: 0, parameters: 0, weightBytes: 0, fingerprint: "f",
        abilities: [.chat])

    private func upstream(_ client: UpstreamClient) -> Upstream {
        Upstream(
            UpstreamProbe.Finding(client: client, model: model, usage: Usage()),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private static let prices = UpstreamPrices(input: 1, output: 10)
    private static let answered = StubServer.stream(answerChunks)

    @Test func whatAnAnswerUsedIsCounted() async throws {
        try await withClient(.all(.vLLM), { $0.prices = Self.prices }, answer: { _, _ in Self.answered }) {
            client, _ async throws in
            let upstream = upstream(client)
            for _ in 0..<2 { _ = try await all(try await upstream.generate(.toolQuestion())) }
            #expect(try await eventually { upstream.budget.day.requests == 2 })
            #expect(upstream.budget.day.promptTokens == 18 && upstream.budget.day.completionTokens == 8)
            #expect(upstream.budget.day.money == Decimal(string: "0.000098"))
        }
    }

    @Test func anAnswerThatIsDroppedIsCountedAsFarAsItCame() async throws {
        let piece = StubServer.chunk("data: \(chunk(#"{"content":"a"}"#))\n\n")
        let answer: StubServer.Answer = { _, _ in [.write(StubServer.streamHead), .write(piece), .hold] }
        try await withClient(answer: answer) { client, server async throws in
            let upstream = upstream(client)
            for try await event in try await upstream.generate(.question("Why is it so?")) {
                if case .delta = event { break }
            }
            #expect(try await eventually { server.abandoned == 1 && upstream.budget.day.requests == 1 })
            #expect(upstream.budget.day.completionTokens == 1 && upstream.budget.day.promptTokens > 0)
            #expect(upstream.health == UpstreamHealth())
        }
    }

    @Test func aSpentBudgetAsksNothing() async throws {
        let change: (inout UpstreamSettings) -> Void = { $0.budget.day.tokens = 10 }
        try await withClient(.all(.vLLM), change, answer: { _, _ in Self.answered }) { client, server async throws in
            let upstream = upstream(client)
            _ = try await all(try await upstream.generate(.toolQuestion()))
            #expect(try await eventually { upstream.budget.day.tokens == 13 })
            let failure = try await refusal { _ = try await upstream.generate(.toolQuestion()) }
            #expect(failure?.code == .queueFull && failure?.message.contains("budget") == true)
            #expect(server.requests.count == 1)
            #expect(try await eventually { client.runningCount == 0 })
        }
    }

    @Test func anUpstreamThatBreaksIsLeftAloneAndTriedAgain() async throws {
        let answer: StubServer.Answer = { _, count in count < 3 ? [.close] : Self.answered }
        try await withClient(answer: answer) { client, server async throws in
            let upstream = upstream(client)
            let start = ContinuousClock.now
            for _ in 0..<3 {
                let problem = try await loss { _ = try await upstream.generate(.toolQuestion(), at: start) }
                #expect(problem != nil)
            }
            let failure = try await refusal { _ = try await upstream.generate(.toolQuestion(), at: start) }
            #expect(failure?.code == .draining && server.requests.count == 3)
            let later = ContinuousClock.now + .seconds(5)
            _ = try await all(try await upstream.generate(.toolQuestion(), at: later))
            #expect(try await eventually { upstream.health == UpstreamHealth() })
        }
    }

    @Test func whatWentWrongIsCountedAndTold() async throws {
        let answer: StubServer.Answer = { _, count in
            count == 0 ? Self.answered : count == 1 ? StubServer.json(400, #"{"error":{"message":"wrong"}}"#) : [.close]
        }
        try await withClient(answer: answer) { client, _ async throws in
            let upstream = upstream(client)
            _ = try await all(try await upstream.generate(.toolQuestion()))
            _ = try await refusal { _ = try await upstream.generate(.toolQuestion()) }
            #expect(upstream.errors.count == 0 && upstream.errors.last == nil)
            _ = try await loss { _ = try await upstream.generate(.toolQuestion()) }
            #expect(upstream.errors.count == 1 && upstream.errors.last?.reason.isEmpty == false)
        }
    }

    @Test func whatItCanDoIsFoundOutAnew() async throws {
        let fake = FakeServer(kind: .llamaServer, owner: "llamacpp")
        try await withClient(.all(.vLLM).without(.topK), answer: fake.answer) { client, _ async throws in
            let upstream = upstream(client)
            #expect(!upstream.client.capabilities.can(.topK))
            #expect(try await upstream.probe())
            #expect(upstream.client.capabilities.kind == .llamaServer && upstream.model != model)
            #expect(upstream.budget.day.tokens > 0 && !upstream.isProbed)
        }
    }

    @Test func whatWasKnownHoldsOnWhereItCannotBeFoundOut() async throws {
        try await withClient(answer: { _, _ in [.close] }) { client, _ async throws in
            let upstream = upstream(client)
            #expect(try await loss { _ = try await upstream.probe() } != nil)
            #expect(upstream.model == model && upstream.client.capabilities.kind == .vLLM && !upstream.isProbed)
            #expect(upstream.errors.count == 1)
        }
    }

    @Test func aRefusalOfOursSaysNothingOfTheUpstream() async throws {
        try await withClient(.all(.vLLM).without(.tools), answer: { _, _ in [.close] }) { client, _ async throws in
            let upstream = upstream(client)
            for _ in 0..<2 { _ = try await loss { _ = try await upstream.generate(.question()) } }
            #expect(try await refusal { _ = try await upstream.generate(.toolQuestion()) }?.code == .unsupported)
            #expect(upstream.health.failures == 2)
        }
    }

    @Test func checksSeeWhetherItIsThere() async throws {
        let answer: StubServer.Answer = { _, count in
            count == 0 ? StubServer.json(503, "{}") : StubServer.json(200, #"{"data":[{"id":"m"}]}"#)
        }
        try await withClient(answer: answer) { client, server async throws in
            let upstream = upstream(client)
            await upstream.check()
            #expect(upstream.health.problem != nil)
            await upstream.check()
            #expect(upstream.health.problem == nil)
            #expect(server.requests.map(\.path) == ["/v1/models", "/v1/models"])
        }
    }
}
