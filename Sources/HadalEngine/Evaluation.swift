import Foundation
import HadalCompute
import HadalModels

/// Logits of given tokens, for `hadal logits` and perplexity: float32 cache, no sampling.
public enum Evaluation {
    /// - Returns: `[tokens, vocabulary]` row by row, or the last row alone.
    public static func logits(_ model: any LanguageModel, tokens: [Int32], all: Bool) throws -> [[Float]] {
        var rows: [[Float]] = []
        try forEachRow(model, tokens: tokens) { position, row in
            if all || position == tokens.count - 1 { rows.append(Array(row)) }
        }
        return rows
    }

    /// Calls `body` with the logits after each token.
    static func forEachRow(
        _ model: any LanguageModel, tokens: [Int32], _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        guard !tokens.isEmpty else { throw EngineError.emptyPrompt }
        let vocabulary = model.description.vocabularySize
        if let token = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
            throw EngineError.tokenOutOfRange(token, vocabulary: vocabulary)
        }
        guard tokens.count <= model.description.contextLength else {
            throw EngineError.promptTooLong(tokens: tokens.count, limit: model.description.contextLength)
        }
        let blocks = BlockAllocator.blocks(forPositions: tokens.count)
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: .f32))
        // Steps of 64 rows keep the logits of a large vocabulary small.
        let rowsPerStep = min(model.maximumRows, 64)
        for start in stride(from: 0, to: tokens.count, by: rowsPerStep) {
            let end = min(start + rowsPerStep, tokens.count)
            var step = Step()
            step.tokens = Array(tokens[start..<end])
            step.positions = (start..<end).map { Int32($0) }
            step.sequences = Array(repeating: 0, count: end - start)
            step.blockTables = [(0..<Int32(blocks)).map { $0 }]
            let output = model.forward(step, cache: cache, outputRows: (0..<Int32(end - start)).map { $0 })
            let values = model.device.read(output, rows: end - start)
            try values.withUnsafeBufferPointer { values in
                for row in 0..<end - start {
                    try body(
                        start + row,
                        UnsafeBufferPointer(rebasing: values[row * vocabulary..<(row + 1) * vocabulary]))
                }
            }
        }
    }
}

/// How surprised a model is by a text: `exp` of the mean negative log-likelihood of its tokens.
public struct Perplexity: Sendable {
    public let value: Double
    /// Of `value`, from the spread of the tokens' log-likelihoods.
    public let standardError: Double
    public let meanNegativeLogLikelihood: Double
    public let tokens: Int

    /// The text is cut into windows of `context` tokens; the first half of each window only gives context, but in the
    /// first window, so that each token is scored once.
    public static func measure(
        _ model: any LanguageModel, tokens: [Int32], context: Int, progress: (Double) -> Void = { _ in }
    ) throws -> Perplexity {
        guard tokens.count >= 2 else { throw EngineError.invalidText("the text has fewer than two tokens") }
        guard context >= 2, context <= model.description.contextLength else {
            throw EngineError.invalidParameter(
                "context", problem: "\(context) is not from 2 to \(model.description.contextLength)")
        }
        var losses: [Double] = []
        var scored = 1
        while scored < tokens.count {
            let start = max(0, scored - context / 2)
            let end = min(start + context, tokens.count)
            let window = Array(tokens[start..<end])
            try Evaluation.forEachRow(model, tokens: window) { position, row in
                let target = start + position + 1
                guard target >= scored, target < end else { return }
                let largest = Double(row.max()!)
                let normalizer = largest + log(row.reduce(0.0) { $0 + exp(Double($1) - largest) })
                losses.append(normalizer - Double(row[Int(tokens[target])]))
            }
            scored = end
            progress(Double(scored) / Double(tokens.count))
        }
        let count = Double(losses.count)
        let mean = losses.reduce(0, +) / count
        let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(count - 1, 1)
        return Perplexity(
            value: exp(mean), standardError: exp(mean) * (variance / count).squareRoot(), meanNegativeLogLikelihood: mean,
            tokens: losses.count)
    }
}
