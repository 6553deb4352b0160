import Foundation
import HadalEngine
import HadalModels
import TestSupport
import Testing

@Suite struct EvaluationTests {
    private let model = try! TinyModel.model(maximumRows: 48)

    @Test func theLastRowIsTheLastOfAll() throws {
        let tokens = prompt(130, seed: 1)
        let all = try Evaluation.logits(model, tokens: tokens, all: true)
        #expect(all.count == 130)
        #expect(try Evaluation.logits(model, tokens: tokens, all: false) == [all[129]])
        #expect(try Evaluation.logits(model, tokens: Array(tokens[..<65]), all: false) == [all[64]])
    }

    /// The mean of −log p over all tokens but the first, straight from the logits of each token's window.
    private func loss(_ tokens: [Int32], context: Int, stride: Int) throws -> [Double] {
        try (1..<tokens.count).map { target in
            // Windows end at context, context + stride, …
            let end = target < context ? context : context + (target - context) / stride * stride + stride
            let start = target < context ? 0 : min(end - stride - (context - stride), end - stride - 1)
            let row = try Evaluation.logits(model, tokens: Array(tokens[start..<target]), all: false)[0]
            let normalizer = log(row.reduce(0) { $0 + exp(Double($1)) })
            return normalizer - Double(row[Int(tokens[target])])
        }
    }

    @Test(arguments: [(64, 32), (64, 63), (64, 64), (40, 1), (200, 100)])
    func perplexityIsTheExponentialOfTheMeanLoss(context: Int, stride: Int) throws {
        let tokens = prompt(100, seed: 3)
        let losses = try loss(tokens, context: context, stride: stride)
        let mean = losses.reduce(0, +) / Double(losses.count)
        let result = try Perplexity.measure(model, tokens: tokens, context: context, stride: stride)
        #expect(result.tokens == 99)
        #expect(abs(result.meanNegativeLogLikelihood - mean) < 1e-5)
        #expect(abs(result.value - exp(mean)) < 1e-4 * exp(mean))
        let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 98
        #expect(abs(result.standardError - exp(mean) * (variance / 99).squareRoot()) < 1e-3 * result.standardError)
    }

    @Test func whatCannotBeMeasuredIsRefused() {
        #expect(throws: EngineError.self) { try Perplexity.measure(model, tokens: [1], context: 64) }
        #expect(throws: EngineError.self) { try Perplexity.measure(model, tokens: [1, 2], context: 1) }
        #expect(throws: EngineError.self) { try Perplexity.measure(model, tokens: [1, 2], context: 100_000) }
        #expect(throws: EngineError.self) { try Perplexity.measure(model, tokens: [1, 2], context: 64, stride: 65) }
        #expect(throws: EngineError.emptyPrompt) { try Evaluation.logits(model, tokens: [], all: true) }
        #expect(throws: EngineError.tokenOutOfRange(-1, vocabulary: TinyModel.vocabulary)) {
            try Evaluation.logits(model, tokens: [-1], all: true)
        }
        #expect(throws: EngineError.promptTooLong(tokens: 257, limit: 256)) {
            try Evaluation.logits(model, tokens: prompt(257, seed: 1), all: true)
        }
    }
}
