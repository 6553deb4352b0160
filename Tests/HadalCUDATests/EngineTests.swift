import HadalCheckpoint
import HadalEngine
import HadalModels
import TestSupport
import Testing

/// The engine over the emulated card.
@Suite struct EngineTests {
    /// Tokens that only have to be the likeliest come from the card alone; with others in the batch, or with
    /// probabilities to report, all logits come. Both are the same tokens.
    @Test func theLikeliestTokensAreTheSameHoweverTheyAreFound() async throws {
        let checkpoint = try Checkpoint.open(TestModels.guide)
        var options = LoadOptions()
        (options.cacheBytes, options.maximumRows) = (16 << 20, 64)
        let host = try ModelHost(
            checkpoint: checkpoint,
            model: ModelLoader.load(checkpoint, device: EmulatedCard.device(), maximumRows: 64),
            tokenizer: ModelFiles.tokenizer(of: checkpoint), options: options)
        func request(_ change: (inout GenerationRequest) -> Void = { _ in }) -> GenerationRequest {
            var request = GenerationRequest(prompt: [1, 17, 300, 42, 5, 99], maximumTokens: 12)
            request.sampling.temperature = 0
            request.ignoresEndOfText = true
            change(&request)
            return request
        }
        func tokens(_ request: GenerationRequest) async throws -> [Int32] {
            var tokens: [Int32] = []
            for await event in try host.engine.submit(request) {
                if case .delta(_, let own) = event { tokens += own.map(\.id) }
            }
            return tokens
        }
        let alone = try await tokens(request())
        #expect(alone.count == 12)
        #expect(try await tokens(request { $0.topLogProbabilities = 1 }) == alone)
        #expect(try await tokens(request { $0.sampling.logitBias = [alone[0]: -100] }) != alone)
        async let sampled = tokens(request { $0.sampling.temperature = 1 })
        async let greedy = tokens(request())
        let (_, among) = try await (sampled, greedy)
        #expect(among == alone)
    }
}
