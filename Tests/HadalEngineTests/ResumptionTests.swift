import HadalEngine
import HadalGrammar
import TestSupport
import Testing

/// Requests that another engine has begun.
@Suite struct ResumptionTests {
    private struct Delta: Equatable {
        var text: String
        var tokens: [Int32]
    }

    private static let engine = TinyModel.shared.engine

    private static func requests() throws -> [GenerationRequest] {
        var requests: [GenerationRequest] = []
        for seed in 0..<4 as Range<UInt64> {
            requests.append(.test(prompt(40, seed: seed), 40) { $0.sampling.seed = seed })
            requests.append(
                .test(prompt(30, seed: seed), 45) {
                    $0.sampling.temperature = 1.2
                    $0.sampling.seed = seed
                    $0.sampling.repetitionPenalty = 1.3
                    $0.sampling.frequencyPenalty = 0.4
                    $0.sampling.presencePenalty = 0.2
                })
            // Half a stop string is held back.
            requests.append(
                .test(prompt(10, seed: seed), 60) {
                    $0.sampling.temperature = 1
                    $0.sampling.seed = seed
                    $0.stops = ["ab", "e ", "zq", "  "]
                })
            var request = GenerationRequest(prompt: prompt(20, seed: seed), maximumTokens: 60)
            request.sampling.seed = seed
            request.constraint = GenerationConstraint(
                try TinyModel.shared.constraints.constraint(.regex("[a-f]{3,9}\\\\.[0-9]+é?")), start: .now)
            requests.append(request)
        }
        return requests
    }

    private static func deltas(
        _ request: GenerationRequest
    ) async throws -> (deltas: [Delta], summary: GenerationEvent.Summary) {
        var deltas: [Delta] = []
        for await event in try engine.submit(request) {
            switch event {
            case .delta(let text, let tokens): deltas.append(Delta(text: text, tokens: tokens.map(\.id)))
            case .finished(let summary): return (deltas, summary)
            }
        }
        throw CancellationError()
    }

    @Test func theSameDeltasComeAfterAnyOfThem() async throws {
        for (index, request) in try Self.requests().enumerated() {
            let whole = try await Self.deltas(request)
            for count in 0...whole.deltas.count {
                var rest = request
                rest.generated = whole.deltas.prefix(count).flatMap(\.tokens)
                let again = try await Self.deltas(rest)
                #expect(again.deltas == whole.deltas, "request \(index) after \(count) deltas")
                #expect(again.summary.reason == whole.summary.reason && again.summary.stop == whole.summary.stop)
                #expect(again.summary.generatedTokens == whole.summary.generatedTokens)
                #expect(again.summary.promptTokens == whole.summary.promptTokens)
                #expect(again.summary.cachedTokens <= whole.summary.promptTokens)
            }
        }
    }

    @Test func whatWasGeneratedMustBePossible() throws {
        var request = GenerationRequest.test(prompt(10, seed: 1), 4)
        request.generated = [70, 71, 72, 73, 74]
        #expect(throws: EngineError.self) { try Self.engine.submit(request) }
        request.generated = [Int32(TinyModel.vocabulary)]
        #expect(throws: EngineError.self) { try Self.engine.submit(request) }
        request.generated = [-1]
        #expect(throws: EngineError.self) { try Self.engine.submit(request) }
    }

    @Test func whatWasBegunIsTakenIntoAFullQueue() async throws {
        let model = GatedModel(try TinyModel.model(maximumRows: 48))
        var options = EngineOptions()
        options.sequencesMax = 1
        options.waitingMax = 1
        let engine = try Engine(
            model: model, tokenizer: TinyModel.shared.tokenizer, blocks: 20, endTokens: [], options: options)
        let running = try engine.submit(.test(prompt(5, seed: 1), 6))
        model.allow(1)
        await model.reachesGate()
        let waiting = try engine.submit(.test(prompt(5, seed: 2), 2))
        var begun = GenerationRequest.test(prompt(5, seed: 3), 3)
        #expect(throws: EngineError.self) { try engine.submit(begun) }
        begun.generated = [70]
        let rest = try engine.submit(begun)
        model.allow(100)
        #expect(await Answer(rest).generated == 3)
        #expect(await Answer(running).generated == 6)
        #expect(await Answer(waiting).generated == 2)
    }
}
