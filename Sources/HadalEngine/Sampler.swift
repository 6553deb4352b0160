import Foundation

/// Draws the next token from a row of logits.
///
/// The order is Hugging Face's and vLLM's:
/// 1. logit bias, then repetition, frequency and presence penalties;
/// 2. temperature; 0 takes the largest logit, the lowest id among equals;
/// 3. top-k, top-p, min-p and typical sampling, each on what the one before left;
/// 4. a draw with the random number of (seed, position).
public struct Sampler: Sendable {
    /// Lower temperatures are taken for 0: the difference of two logits divided by them is out of range.
    public static let temperatureMin: Float = 1e-5

    public let parameters: SamplingParameters
    /// Tokens of the prompt and the output, for the repetition penalty.
    private var seen: Set<Int32>
    private var generated: [Int32: Int] = [:]

    /// - Parameter prompt: counts for the repetition penalty.
    public init(_ parameters: SamplingParameters, prompt: some Swift.Sequence<Int32>) {
        self.parameters = parameters
        seen = parameters.repetitionPenalty == 1 ? [] : Set(prompt)
    }

    /// - Parameters:
    ///   - logits: one for each token; bias and penalties are applied in place.
    ///   - position: of the new token in its sequence.
    public mutating func sample(_ logits: UnsafeMutableBufferPointer<Float>, position: Int) -> Int32 {
        adjust(logits)
        let token = draw(LogitRow(UnsafeBufferPointer(logits)), position: position)
        count(token)
        return token
    }

    /// A token of the output, for the penalties of those after it.
    mutating func count(_ token: Int32) {
        if parameters.repetitionPenalty != 1 { seen.insert(token) }
        if parameters.frequencyPenalty != 0 || parameters.presencePenalty != 0 { generated[token, default: 0] += 1 }
    }

    private func adjust(_ logits: UnsafeMutableBufferPointer<Float>) {
        for (token, bias) in parameters.logitBias { logits[Int(token)] += bias }
        for token in seen {
            let logit = logits[Int(token)]
            logits[Int(token)] = logit > 0 ? logit / parameters.repetitionPenalty : logit * parameters.repetitionPenalty
        }
        for (token, count) in generated {
            logits[Int(token)] -= parameters.frequencyPenalty * Float(count) + parameters.presencePenalty
        }
    }

    private func draw(_ row: LogitRow, position: Int) -> Int32 {
        guard parameters.temperature >= Sampler.temperatureMin, row.largest.isFinite else {
            return Int32(row.largestIndex)
        }
        let scale = 1 / parameters.temperature
        let number = Randomness.uniform(seed: parameters.seed, position: position)
        let isFiltered = parameters.topK > 0 || parameters.topP < 1 || parameters.minP > 0 || parameters.typicalP < 1
        guard isFiltered else { return Int32(row.index(atFraction: number, scale: scale)) }
        return kept(row, scale: scale).token(atFraction: number)
    }

    /// The tokens that the filters leave. Weights are probabilities relative to the likeliest token's.
    private func kept(_ row: LogitRow, scale: Float) -> Candidates {
        let vocabulary = row.values.count
        // Only what can pass is looked at: tokens below the floor cannot.
        var floor = -Float.infinity
        var total = 0.0
        if parameters.topK > 0 {
            floor = row.floor(ofLargest: min(parameters.topK, vocabulary))
        } else if parameters.topP < 1 {
            total = row.exponentialSums(scale: scale).total
            // All tokens of less than this weight together have no more than 1 − p.
            let weight = (1 - Double(parameters.topP)) * total / Double(vocabulary)
            floor = row.largest + Float(log(weight) / Double(scale)) - 0.01 * parameters.temperature
        } else if parameters.minP > 0 {
            floor = row.largest + Float(log(Double(parameters.minP)) / Double(scale)) - 0.01 * parameters.temperature
        }
        var items: [Candidates.Candidate] = []
        row.forEach(atLeast: floor) { index, value in
            let weight = exp(Double((value - row.largest) * scale))
            items.append(.init(token: Int32(index), key: value, weight: weight))
        }
        var candidates = Candidates(items)
        if parameters.topK > 0 {
            candidates.keep(largest: parameters.topK)
            total = candidates.weight
        }
        if parameters.topP < 1 { candidates.keep(weight: Double(parameters.topP) * total) }
        if parameters.minP > 0 { candidates.removeAll { $0.weight < Double(parameters.minP) } }
        if parameters.typicalP < 1 { keepTypical(&candidates, largest: row.largest, scale: scale) }
        return candidates
    }

    /// Locally typical sampling (arXiv:2202.00666): the tokens whose information is nearest to the entropy.
    private func keepTypical(_ candidates: inout Candidates, largest: Float, scale: Float) {
        candidates.removeAll { $0.weight == 0 }
        let total = candidates.weight
        let logTotal = Float(log(total))
        func information(_ candidate: Candidates.Candidate) -> Float { logTotal - (candidate.key - largest) * scale }
        let entropy = Float(candidates.items.reduce(0) { $0 + $1.weight * Double(information($1)) } / total)
        candidates.rank { -abs(information($0) - entropy) }
        candidates.keep(weight: Double(parameters.typicalP) * total)
    }

    /// Natural logarithms of the probabilities before bias, penalties and temperature.
    public static func logProbabilities(
        _ logits: UnsafeBufferPointer<Float>, of token: Int32, top: Int
    ) -> (token: TokenLogProbability, top: [TokenLogProbability]) {
        let row = LogitRow(logits)
        let normalizer = row.logSumExp
        func entry(_ token: Int32) -> TokenLogProbability {
            TokenLogProbability(token: token, logProbability: Float(Double(logits[Int(token)]) - normalizer))
        }
        guard top > 0 else { return (entry(token), []) }
        var items: [Candidates.Candidate] = []
        row.forEach(atLeast: row.floor(ofLargest: top)) { index, value in
            items.append(.init(token: Int32(index), key: value, weight: 1))
        }
        var best = Candidates(items)
        best.keep(largest: top)
        return (entry(token), best.items.sorted { $0.precedes($1) }.map { entry($0.token) })
    }
}
