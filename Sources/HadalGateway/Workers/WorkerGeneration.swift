import AsyncHTTPClient
import HadalWire
import NIOCore

/// A generation that a worker has accepted.
struct WorkerGeneration: Sendable {
    let body: HTTPClientResponse.Body
    let model: String
    let visit: Visit
    let countsPrompt: Bool

    /// Gives the deltas as they come, until the generation is finished.
    /// - Parameters:
    ///   - onStart: told how many tokens the prompt has, before any delta.
    ///   - body: tells whether it goes on. Where not, the generation ends, and what was used so far is its usage.
    /// - Throws: `WorkerFailure` where the worker gave up, `GatewayError.workerLost` where it broke off.
    func forEachDelta(
        onStart: (Int) async -> Void, _ body: (GenerationDelta) async -> Bool
    ) async throws -> GenerationSummary {
        var parser = ServerSentEventParser()
        // Who hangs up has used what came until then.
        var usage = Usage()
        defer { visit.meter(usage, countsPrompt: countsPrompt) }
        do {
            for try await bytes in self.body {
                for event in try parser.feed(bytes.readableBytesView) {
                    switch try WorkerEvent(event) {
                    case .started(let promptTokens):
                        usage.promptTokens = promptTokens
                        await onStart(promptTokens)
                    case .delta(let delta):
                        usage.completionTokens += delta.tokens.count
                        guard await body(delta) else {
                            return GenerationSummary(finish: .contentFilter, usage: usage)
                        }
                    case .finished(let summary):
                        usage = summary.usage
                        return summary
                    case .failed(let failure): throw failure
                    case nil: break
                    }
                }
            }
        } catch let failure as WorkerFailure {
            throw failure
        } catch {
            throw Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model)
        }
        throw Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model)
    }
}
