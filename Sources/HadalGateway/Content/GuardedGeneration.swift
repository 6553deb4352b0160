import HadalWire

/// An answer on its way to the client: from a worker or the cache, through what is done with contents, to the record that it
/// leaves.
struct GuardedGeneration: Sendable {
    enum Source: Sendable {
        case worker(WorkerGeneration)
        case cache(CachedAnswer)

        /// - Parameters:
        ///   - onCrash: told each time that a worker ended under it.
        ///   - body: tells whether it goes on.
        func forEachDelta(
            onStart: (Int) async -> Void, onCrash: () -> Void, _ body: (GenerationDelta) async -> Bool
        ) async throws -> GenerationSummary {
            switch self {
            case .worker(let generation):
                return try await generation.forEachDelta(onStart: onStart, onCrash: onCrash, body)
            case .cache(let answer):
                await onStart(answer.summary.usage.promptTokens)
                for delta in answer.deltas {
                    guard await body(delta) else {
                        return GenerationSummary(finish: .contentFilter, usage: answer.summary.usage)
                    }
                }
                return answer.summary
            }
        }
    }

    let source: Source
    /// The model whose answer it is.
    let deployment: Deployment
    let plan: AnswerPlan
    /// As far as it is known before the answer.
    let exchange: Exchange
    let start: ContinuousClock.Instant
    /// Records and counts it, and keeps the answer.
    let finish: @Sendable (_ exchange: Exchange, _ answer: CachedAnswer?) async throws -> Void

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

    /// Gives what the client gets as it comes, until the answer is finished and recorded.
    /// - Parameter onStart: told how many tokens the prompt has, before any delta.
    /// - Throws: as the worker does; `GatewayError.notRecorded` where there is no answer without a record.
    func forEachDelta(
        onStart: (Int) async -> Void = { _ in }, _ body: (GenerationDelta) async -> Void
    ) async throws -> GenerationSummary {
        var exchange = exchange
        var inspection = AnswerInspection(plan, exchange.verdicts)
        var gathering = CachedAnswer.Gathering()
        var sent = plan.isIdle ? nil : Choice()
        var last = 0.0
        do {
            var summary = try await source.forEachDelta { promptTokens in
                exchange.usage.promptTokens = promptTokens
                await onStart(promptTokens)
            } onCrash: {
                exchange.crashes += 1
            } _: { delta in
                exchange.usage.completionTokens += delta.tokens.count
                let now = seconds
                if exchange.firstToken == nil { exchange.firstToken = now } else { exchange.gaps.append(now - last) }
                last = now
                exchange.answer.take(delta)
                gathering.take(delta)
                for passed in inspection.take(delta) {
                    sent?.append(passed)
                    await body(passed)
                }
                return inspection.block == nil
            }
            for passed in inspection.finish() {
                sent?.append(passed)
                await body(passed)
            }
            let answer = inspection.block == nil ? gathering.answer(summary) : nil
            exchange.timing = summary
            exchange.answer.choice.close(summary)
            if let message = inspection.block {
                exchange.outcome = .blocked
                summary.finish = .contentFilter
                summary.warnings.append(message)
            }
            if let sent, sent.content != exchange.answer.choice.content { exchange.answer.sent = sent.content }
            end(&exchange, inspection, summary.usage)
            try await finish(exchange, answer)
            return summary
        } catch GatewayError.notRecorded {
            // Nor is that recorded.
            throw GatewayError.notRecorded
        } catch {
            end(&exchange, inspection, exchange.usage)
            exchange.fail(error)
            // The client is told of the first error.
            try? await finish(exchange, nil)
            throw error
        }
    }

    /// Of the model whose answer it is.
    var fingerprint: String {
        if case .worker(let generation) = source { return generation.model.fingerprint }
        return deployment.knownModel?.fingerprint ?? ""
    }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    private func end(_ exchange: inout Exchange, _ inspection: AnswerInspection, _ usage: Usage) {
        exchange.verdicts = inspection.verdicts
        exchange.usage = usage
        exchange.total = seconds
    }
}
