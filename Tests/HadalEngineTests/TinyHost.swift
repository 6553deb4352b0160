import Foundation
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalModels
import TestSupport

extension TinyModel {
    /// A model of its own with the same weights: an engine's model computes for nobody else meanwhile.
    static func model(maximumRows: Int, threads: Int = 1) throws -> any LanguageModel {
        let path = try write()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try ModelLoader.load(
            Checkpoint.open(path), device: CPUDevice(threads: threads), maximumRows: maximumRows)
    }

    /// A host of its own; the file is mapped, so it can go at once.
    static func host(
        template: String? = TinyModel.template, metadata: [String: GGUFValue] = [:], _ options: LoadOptions = .init()
    ) throws -> ModelHost {
        let path = try write(template: template, metadata: metadata)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = options
        options.threads = options.threads ?? 1
        return try ModelHost.load(path, options: options)
    }

    /// Blocks enough for 40 full contexts; the same for all tests that only generate.
    static let shared: ModelHost = {
        var options = LoadOptions()
        options.cacheBytes = 16 << 20
        // Small, so that prompts come in pieces.
        options.maximumRows = 48
        return try! host(options)
    }()
}

/// What a request gave, put together.
struct Answer: Sendable, Equatable {
    var text = ""
    var tokens: [Int32] = []
    var logProbabilities: [Float] = []
    var alternatives: [[TokenLogProbability]] = []
    var deltas: [String] = []
    var reason: GenerationEvent.FinishReason?
    var generated = 0
    var cached = 0

    /// What must be the same whether or not something was cached.
    var withoutCounts: Answer {
        var result = self
        result.cached = 0
        return result
    }

    init() {}

    init(_ events: AsyncStream<GenerationEvent>) async {
        for await event in events {
            switch event {
            case .delta(let text, let tokens):
                self.text += text
                deltas.append(text)
                self.tokens += tokens.map(\.id)
                logProbabilities += tokens.compactMap { $0.logProbability?.logProbability }
                alternatives += tokens.map(\.alternatives)
            case .finished(let summary):
                reason = summary.reason
                generated = summary.generatedTokens
                cached = summary.cachedTokens
            }
        }
    }
}

extension Engine {
    func answer(_ request: GenerationRequest) async throws -> Answer { await Answer(try submit(request)) }

    /// Of requests that come at the same time, by their places.
    func answers(_ requests: [GenerationRequest]) async throws -> [Int: Answer] {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await self.answer(request)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}

extension GenerationRequest {
    /// Greedy, and past the end of text, unless `change` says otherwise.
    static func test(
        _ prompt: [Int32], _ maximumTokens: Int, _ change: (inout GenerationRequest) -> Void = { _ in }
    ) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: maximumTokens)
        request.sampling.temperature = 0
        request.ignoresEndOfText = true
        change(&request)
        return request
    }
}

/// Random bytes as a prompt.
func prompt(_ count: Int, seed: UInt64) -> [Int32] {
    var random = SplitMix(state: seed)
    return [TinyModel.beginning] + (1..<max(count, 1)).map { _ in Int32.random(in: 32..<127, using: &random) }
}
