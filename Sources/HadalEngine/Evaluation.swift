import Foundation
import HadalCompute
import HadalModels

/// Logits of given tokens, for `hadal logits` and perplexity: float32 cache, no sampling.
public enum Evaluation {
    /// - Returns: `[tokens, vocabulary]` row by row, or the last row alone.
    /// - Throws: `EngineError` about the tokens, `ComputeError` where there is no memory for the cache.
    public static func logits(_ model: any LanguageModel, tokens: [Int32], all: Bool) throws -> [[Float]] {
        var rows: [[Float]] = []
        try forEachRow(model, tokens: tokens, from: all ? 0 : tokens.count - 1) { _, row in rows.append(Array(row)) }
        return rows
    }

    /// Calls `body` with the logits after each token from position `first` on.
    static func forEachRow(
        _ model: any LanguageModel, tokens: [Int32], from first: Int, cacheFormat: KVCacheShape.Format = .f32,
        _ body: (_ position: Int, _ row: UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        guard !tokens.isEmpty else { throw EngineError.emptyPrompt }
        let vocabulary = model.description.vocabularySize
        if let token = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
            throw EngineError.tokenOutOfRange(token, vocabulary: vocabulary)
        }
        guard tokens.count <= model.description.contextLength else {
            throw EngineError.promptTooLong(tokens: tokens.count, limit: model.description.contextLength)
        }
        let blocks = BlockPool.blocks(forPositions: tokens.count)
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: cacheFormat))
        // Steps of 64 rows keep the logits of a large vocabulary small.
        let rowsPerStep = min(model.maximumRows, 64)
        for start in stride(from: 0, to: tokens.count, by: rowsPerStep) {
            let range = start..<min(start + rowsPerStep, tokens.count)
            var step = Step()
            step.tokens = Array(tokens[range])
            step.positions = range.map { Int32($0) }
            step.sequences = Array(repeating: 0, count: range.count)
            step.blockTables = [(0..<Int32(blocks)).map { $0 }]
            let wanted = range.clamped(to: first..<tokens.count)
            let output = model.forward(step, cache: cache, outputRows: wanted.map { Int32($0 - start) })
            guard !wanted.isEmpty else { continue }
            let values = model.device.read(output, rows: wanted.count)
            try values.withUnsafeBufferPointer { values in
                for (index, position) in wanted.enumerated() {
                    let row = index * vocabulary..<(index + 1) * vocabulary
                    try body(position, UnsafeBufferPointer(rebasing: values[row]))
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

    /// The text is cut into windows of `context` tokens. Each but the first begins `context − stride` tokens before the
    /// first one it scores, so that every token has that much before it, and each is scored once.
    ///
    /// - Parameters:
    ///   - tokens: of the text, with the token that begins a text where the model wants one.
    ///   - stride: tokens a window scores; nil: half of `context`. `context` for windows side by side.
    public static func measure(
        _ model: any LanguageModel, tokens: [Int32], context: Int, stride: Int? = nil,
        cacheFormat: KVCacheShape.Format = .f32,
        progress: (Double) -> Void = { _ in }
    ) throws -> Perplexity {
        guard tokens.count >= 2 else { throw EngineError.invalidText("the text has fewer than two tokens") }
        guard context >= 2, context <= model.description.contextLength else {
            throw EngineError.invalidParameter(
                "context", problem: "\(context) is not from 2 to \(model.description.contextLength)")
        }
        let stride = stride ?? context / 2
        guard stride >= 1, stride <= context else {
            throw EngineError.invalidParameter("stride", problem: "\(stride) is not from 1 to \(context)")
        }
        var losses: [Double] = []
        losses.reserveCapacity(tokens.count)
        // The first token has nothing before it.
        var scored = 1
        while scored < tokens.count {
            // A token is predicted by the one before it, which has to be in the window.
            let start = max(0, min(scored - 1, scored - (context - stride)))
            let end = min(start + context, tokens.count)
            try Evaluation.forEachRow(
                model, tokens: Array(tokens[start..<end]), from: scored - 1 - start, cacheFormat: cacheFormat
            ) { position, row in
                let target = start + position + 1
                guard target < end else { return }
                losses.append(LogitRow(row).logSumExp - Double(row[Int(tokens[target])]))
            }
            scored = end
            progress(Double(scored) / Double(tokens.count))
        }
        let count = Double(losses.count)
        let mean = losses.reduce(0, +) / count
        let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(count - 1, 1)
        return Perplexity(
            value: exp(mean), standardError: exp(mean) * (variance / count).squareRoot(),
            meanNegativeLogLikelihood: mean,
            tokens: losses.count)
    }
}
