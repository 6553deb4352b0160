import HadalEngine
import HadalModels
import HadalWire

/// What a worker computes before it says that it is ready.
enum WarmUp {
    static let id = "warm-up"

    /// Tokens from all over the vocabulary: different ones choose different experts.
    static func tokens(_ count: Int, vocabulary: Int) -> [Int32] {
        (0..<max(1, count)).map { Int32(clamping: $0 * vocabulary / max(1, count)) }
    }
}

extension EngineBackend {
    /// A prompt that goes through the kernels for many rows, then tokens one by one through those for few. Together they fill
    /// no block of the cache, so that nothing of it is kept.
    public func warmUp() async throws(WorkerFailure) {
        let answer = min(6, max(1, host.engine.contextLength / 2))
        let prompt = min(24, max(1, host.engine.contextLength - answer))
        var request = GenerationRequest(
            prompt: WarmUp.tokens(prompt, vocabulary: host.description.vocabularySize), maximumTokens: answer)
        request.ignoresEndOfText = true
        request.tenant = WarmUp.id
        do {
            for await event in try host.engine.submit(request) {
                if case .finished(let summary) = event, summary.reason == .cancelled { throw CancellationError() }
            }
        } catch {
            throw WorkerFailure(engine: error)
        }
    }
}
