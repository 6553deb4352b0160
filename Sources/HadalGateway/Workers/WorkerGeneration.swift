import AsyncHTTPClient
import HadalWire
import NIOCore

/// A generation that a worker has accepted.
struct WorkerGeneration: Sendable {
    let body: HTTPClientResponse.Body
    let model: String
    let visit: Visit
    let countsPrompt: Bool

    /// Gathers the answer.
    /// - Parameter text: what its content begins with.
    /// - Throws: as `forEachDelta` does.
    func whole(after text: String = "") async throws -> (Choice, GenerationSummary) {
        var choice = Choice()
        choice.content = text
        let summary = try await forEachDelta { choice.append($0) }
        choice.close(summary)
        return (choice, summary)
    }

    /// Gives the deltas as they come, until the generation is finished.
    /// - Parameter onStart: told how many tokens the prompt has, before any delta.
    /// - Throws: `WorkerFailure` where the worker gave up, `GatewayError.workerLost` where it broke off.
    func forEachDelta(
        onStart: (Int) async -> Void = { _ in }, _ body: (GenerationDelta) async -> Void
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
                        await body(delta)
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
