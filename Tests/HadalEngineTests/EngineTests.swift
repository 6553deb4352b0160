import Foundation
import HadalBench
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTokenization
import TestSupport
import Testing

/// A small model with random weights, written for these tests.
private let tinyModel: String = {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-tiny-\(getpid()).gguf").path
    try! SyntheticCheckpoint.write(SyntheticShape.named("tiny")!, format: .f32, to: path)
    return path
}()

private func host(sequences: Int = 32, waiting: Int = 256, cacheBytes: Int = 64 << 20) throws -> ModelHost {
    var options = LoadOptions()
    options.maximumRows = 64
    options.cacheBytes = cacheBytes
    options.threads = 1
    options.limits.maximumSequences = sequences
    options.limits.maximumWaiting = waiting
    return try ModelHost.load(tinyModel, options: options)
}

private struct Answer: Sendable, Equatable {
    var text = ""
    var tokens: [Int32] = []
    var probabilities: [Float] = []
    var reason: GenerationEvent.FinishReason?
}

private func answer(_ host: ModelHost, _ request: GenerationRequest) async throws -> Answer {
    var result = Answer()
    for await event in try host.engine.submit(request) {
        switch event {
        case .delta(let text, let tokens):
            result.text += text
            result.tokens += tokens.map(\.id)
            result.probabilities += tokens.compactMap { $0.logProbability?.logProbability }
        case .finished(let summary): result.reason = summary.reason
        }
    }
    return result
}

private func request(_ index: Int, tokens: Int = 24) -> GenerationRequest {
    let prompt = (0..<(5 + index * 7 % 90)).map { Int32((index * 31 + $0 * 17) % 256) }
    var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
    request.sampling.temperature = index % 3 == 0 ? 0 : 1.2
    request.sampling.seed = UInt64(index)
    request.topLogProbabilities = 2
    request.ignoresEndOfText = true
    return request
}

@Suite struct EngineTests {
    @Test func anAnswerIsTheSameAloneAndAmongOthers() async throws {
        let host = try host()
        var alone: [Answer] = []
        for index in 0..<12 { alone.append(try await answer(host, request(index))) }
        let together = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for index in 0..<12 { group.addTask { (index, try await answer(host, request(index))) } }
            var answers = [Answer](repeating: Answer(), count: 12)
            for try await (index, answer) in group { answers[index] = answer }
            return answers
        }
        #expect(alone == together)
        #expect(alone.allSatisfy { $0.tokens.count == 24 && $0.reason == .length && $0.probabilities.count == 24 })
        #expect(host.engine.statistics.freeBlocks == host.engine.statistics.totalBlocks)
    }

    @Test func seedsDecide() async throws {
        let host = try host()
        var first = request(1)
        var second = request(1)
        second.sampling.seed = 99
        #expect(try await answer(host, first) == answer(host, first))
        #expect(try await answer(host, first).tokens != answer(host, second).tokens)
        first.sampling.temperature = 0
        second.sampling.temperature = 0
        #expect(try await answer(host, first) == answer(host, second))
    }

    @Test func generationEndsBeforeAStopText() async throws {
        let host = try host()
        let whole = try await answer(host, request(3, tokens: 40))
        let characters = Array(whole.text)
        // Over several tokens, and in the middle of them.
        let stop = String(characters[10..<14])
        var stopped = request(3, tokens: 40)
        stopped.stops = [stop, "never there"]
        let result = try await answer(host, stopped)
        #expect(result.reason == .stop)
        #expect(result.text == String(whole.text[..<whole.text.range(of: stop)!.lowerBound]))
    }

    @Test func stopTokensEndTheAnswer() async throws {
        let host = try host()
        let whole = try await answer(host, request(3))
        var stopped = request(3)
        stopped.stopTokens = [whole.tokens[5]]
        let result = try await answer(host, stopped)
        #expect(result.reason == .stop)
        #expect(result.tokens == Array(whole.tokens.prefix(while: { $0 != whole.tokens[5] })))
    }

    @Test func aConsumerThatLeavesFreesItsBlocks() async throws {
        let host = try host()
        for await event in try host.engine.submit(request(2, tokens: 400)) {
            if case .delta = event { break }
        }
        host.engine.drain()
        #expect(host.engine.statistics.freeBlocks == host.engine.statistics.totalBlocks)
        #expect(host.engine.statistics.generatedTokens < 400)
    }

    @Test func aDrainedEngineFinishesAndTakesNothingNew() async throws {
        let host = try host()
        let stream = try host.engine.submit(request(4))
        host.engine.drain()
        var reason: GenerationEvent.FinishReason?
        for await event in stream { if case .finished(let summary) = event { reason = summary.reason } }
        #expect(reason == .length)
        #expect(throws: EngineError.draining) { try host.engine.submit(request(5)) }
    }

    @Test func aFullQueueSaysSo() throws {
        let host = try host(sequences: 1, waiting: 2)
        var streams: [AsyncStream<GenerationEvent>] = []
        #expect(throws: EngineError.queueFull(limit: 2)) {
            for index in 0..<1000 { streams.append(try host.engine.submit(request(index, tokens: 400))) }
        }
    }

    @Test func wrongRequestsAreRefused() throws {
        let host = try host()
        func refused(_ change: (inout GenerationRequest) -> Void) -> EngineError? {
            var wrong = request(1)
            change(&wrong)
            do {
                _ = try host.engine.submit(wrong)
                return nil
            } catch { return error as? EngineError }
        }
        #expect(refused { $0.prompt = [] } == .emptyPrompt)
        #expect(refused { $0.prompt = [5000] } == .tokenOutOfRange(5000, vocabulary: 512))
        #expect(refused { $0.prompt = Array(repeating: 1, count: 2000) } != nil)
        #expect(refused { $0.maximumTokens = 0 } != nil)
        #expect(refused { $0.sampling.temperature = -.infinity } != nil)
        #expect(refused { $0.sampling.temperature = .nan } != nil)
        #expect(refused { $0.sampling.topP = 1.5 } != nil)
        #expect(refused { $0.sampling.logitBias = [600: 1] } == .tokenOutOfRange(600, vocabulary: 512))
    }

    @Test(.enabled(if: SharedData.root != nil, "needs ../shared/data"))
    func storiesAreToldWordForWord() async throws {
        let folder = try #require(SharedData.file("weights/stories260K"))
        let known = try JSON(parsing: Data(contentsOf: folder.appendingPathComponent("known-good-output.json")))
        let host = try ModelHost.load(folder.appendingPathComponent("stories260K.gguf").path)
        var request = GenerationRequest(prompt: host.textPrompt(""), maximumTokens: 199)
        request.sampling.temperature = 0
        #expect(try await answer(host, request).text == known["expected"]?.string)
    }
}

@Suite struct SamplerTests {
    private func draw(_ logits: [Float], _ change: (inout SamplingParameters) -> Void, position: Int = 0) -> Int32 {
        var parameters = SamplingParameters()
        change(&parameters)
        var sampler = Sampler(parameters, prompt: [0])
        var row = logits
        return row.withUnsafeMutableBufferPointer { sampler.sample($0, position: position) }
    }

    private func frequencies(_ logits: [Float], _ change: (inout SamplingParameters) -> Void) -> [Double] {
        var counts = [Double](repeating: 0, count: logits.count)
        for position in 0..<20_000 { counts[Int(draw(logits, change, position: position))] += 1 }
        return counts.map { $0 / 20_000 }
    }

    private let logits: [Float] = [1, 2, 3, 0.5, -1]

    @Test func drawsFollowTheSoftmax() {
        for temperature in [0.5, 1, 2] as [Float] {
            let weights = logits.map { exp(Double($0 / temperature)) }
            let total = weights.reduce(0, +)
            for (found, weight) in zip(frequencies(logits) { $0.temperature = temperature }, weights) {
                #expect(abs(found - weight / total) < 0.015)
            }
        }
    }

    @Test func filtersLeaveOutTheUnlikely() {
        // Probabilities: 0.23, 0.62 … of [1, 2, 3, 0.5, -1]: 0.083, 0.226, 0.614, 0.051, 0.011.
        #expect(frequencies(logits) { $0.topK = 2 }.filter { $0 > 0 }.count == 2)
        #expect(frequencies(logits) { $0.topP = 0.6 }[2] == 1)
        #expect(frequencies(logits) { $0.topP = 0.7 }.filter { $0 > 0 }.count == 2)
        #expect(frequencies(logits) { $0.minP = 0.1 }.filter { $0 > 0 }.count == 3)
        #expect(frequencies(logits) { $0.typicalP = 0.2 }.filter { $0 > 0 }.count == 1)
    }

    @Test func greedyTakesTheFirstOfEquals() {
        #expect(draw([1, 3, 3, 2]) { $0.temperature = 0 } == 1)
        #expect(draw([1, 3, 3, 2]) {
            $0.temperature = 0
            $0.logitBias = [3: 5]
        } == 3)
    }

    @Test func penaltiesLowerWhatWasSaid() {
        var parameters = SamplingParameters()
        parameters.temperature = 0
        parameters.presencePenalty = 0.6
        parameters.frequencyPenalty = 0.5
        var sampler = Sampler(parameters, prompt: [2])
        var drawn: [Int32] = []
        for position in 0..<4 {
            var row = logits
            drawn.append(row.withUnsafeMutableBufferPointer { sampler.sample($0, position: position) })
        }
        // 3 → 1.9 after one, so 2; then 2 → 0.9, so 1.9 again; then 1.4 … 1.
        #expect(drawn == [2, 1, 2, 2])
        #expect(draw([4, 3]) {
            $0.temperature = 0
            $0.repetitionPenalty = 2
        } == 1, "token 0 stood in the prompt")
    }

    @Test func logProbabilitiesAreOfTheRawDistribution() {
        var row = logits
        let report = row.withUnsafeMutableBufferPointer { Sampler.logProbabilities($0, of: 0, top: 3) }
        let total = logits.reduce(0.0) { $0 + exp(Double($1)) }
        #expect(abs(Double(report.token.logProbability) - (1 - log(total))) < 1e-5)
        #expect(report.top.map(\.token) == [2, 1, 0])
    }
}
