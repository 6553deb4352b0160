import Foundation

/// Draws the next token from a row of logits.
///
/// The order is Hugging Face's: logit bias, repetition, frequency and presence penalties; then temperature, top-k, top-p,
/// min-p and typical sampling on what the one before left; then a draw. Temperature 0 takes the largest logit, the lowest
/// id among equals.
public struct Sampler: Sendable {
    private struct Candidate {
        var token: Int32
        /// Probability among all tokens after temperature.
        var probability: Double
    }

    public let parameters: SamplingParameters
    private var promptTokens: Set<Int32>
    private var generated: [Int32: Int] = [:]

    /// - Parameter prompt: counts for the repetition penalty.
    public init(_ parameters: SamplingParameters, prompt: some Swift.Sequence<Int32>) {
        self.parameters = parameters
        promptTokens = parameters.repetitionPenalty == 1 ? [] : Set(prompt)
    }

    private var countsTokens: Bool {
        parameters.repetitionPenalty != 1 || parameters.frequencyPenalty != 0 || parameters.presencePenalty != 0
    }

    /// - Parameters:
    ///   - logits: one for each token; penalties are applied in place.
    ///   - position: of the new token in its sequence.
    public mutating func sample(_ logits: UnsafeMutableBufferPointer<Float>, position: Int) -> Int32 {
        adjust(logits)
        let token = parameters.temperature == 0 ? Sampler.largest(logits) : draw(logits, position: position)
        if countsTokens { generated[token, default: 0] += 1 }
        return token
    }

    private func adjust(_ logits: UnsafeMutableBufferPointer<Float>) {
        for (token, bias) in parameters.logitBias { logits[Int(token)] += bias }
        guard countsTokens else { return }
        if parameters.repetitionPenalty != 1 {
            for token in promptTokens.union(generated.keys) {
                let logit = logits[Int(token)]
                logits[Int(token)] = logit > 0 ? logit / parameters.repetitionPenalty : logit * parameters.repetitionPenalty
            }
        }
        for (token, count) in generated {
            logits[Int(token)] -= parameters.frequencyPenalty * Float(count) + parameters.presencePenalty
        }
    }

    private static func largest(_ logits: UnsafeMutableBufferPointer<Float>) -> Int32 {
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        return Int32(best)
    }

    private func draw(_ logits: UnsafeMutableBufferPointer<Float>, position: Int) -> Int32 {
        var candidates = candidates(logits)
        keepBest(&candidates)
        keepTypical(&candidates)
        let total = candidates.reduce(0) { $0 + $1.probability }
        var rest = Randomness.uniform(seed: parameters.seed, position: position) * total
        for candidate in candidates {
            rest -= candidate.probability
            if rest < 0 { return candidate.token }
        }
        return candidates.last!.token
    }

    /// All tokens that are not e⁻⁴⁰ times less likely than the likeliest; in the order of their ids.
    private func candidates(_ logits: UnsafeMutableBufferPointer<Float>) -> [Candidate] {
        let largest = Double(logits[Int(Sampler.largest(logits))])
        let scale = 1 / Double(parameters.temperature)
        let floor = Float(largest - 40 / scale)
        var candidates: [Candidate] = []
        var total = 0.0
        for index in logits.indices where logits[index] >= floor {
            let probability = exp((Double(logits[index]) - largest) * scale)
            total += probability
            candidates.append(Candidate(token: Int32(index), probability: probability))
        }
        for index in candidates.indices { candidates[index].probability /= total }
        return candidates
    }

    /// Top-k, top-p, min-p: the likeliest first, the lower id first among equals.
    private func keepBest(_ candidates: inout [Candidate]) {
        let filters = parameters.topK > 0 || parameters.topP < 1 || parameters.minP > 0 || parameters.typicalP < 1
        guard filters else { return }
        candidates.sort { ($0.probability, $1.token) > ($1.probability, $0.token) }
        if parameters.topK > 0 { candidates.removeLast(max(0, candidates.count - parameters.topK)) }
        let total = candidates.reduce(0) { $0 + $1.probability }
        if parameters.topP < 1 {
            var sum = 0.0
            let kept = candidates.firstIndex { candidate in
                sum += candidate.probability / total
                return sum >= Double(parameters.topP)
            }
            if let kept { candidates.removeLast(candidates.count - kept - 1) }
        }
        if parameters.minP > 0 {
            let floor = candidates[0].probability * Double(parameters.minP)
            candidates.removeAll { $0.probability < floor }
        }
    }

    /// Locally typical sampling (arXiv:2202.00666): the tokens whose information is nearest to the entropy.
    private func keepTypical(_ candidates: inout [Candidate]) {
        guard parameters.typicalP < 1 else { return }
        let total = candidates.reduce(0) { $0 + $1.probability }
        let information = candidates.map { -log($0.probability / total) }
        let entropy = zip(candidates, information).reduce(0) { $0 + $1.0.probability / total * $1.1 }
        let order = candidates.indices.sorted {
            (abs(information[$0] - entropy), $0) < (abs(information[$1] - entropy), $1)
        }
        var sum = 0.0
        var kept: [Candidate] = []
        for index in order {
            kept.append(candidates[index])
            sum += candidates[index].probability / total
            if sum >= Double(parameters.typicalP) { break }
        }
        candidates = kept
    }

    /// Natural logarithms of the probabilities before bias, penalties and temperature.
    public static func logProbabilities(
        _ logits: UnsafeMutableBufferPointer<Float>, of token: Int32, top: Int
    ) -> (token: TokenLogProbability, top: [TokenLogProbability]) {
        let largest = Double(logits[Int(Sampler.largest(logits))])
        let normalizer = largest + log(logits.reduce(0.0) { $0 + exp(Double($1) - largest) })
        func entry(_ index: Int) -> TokenLogProbability {
            TokenLogProbability(token: Int32(index), logProbability: Float(Double(logits[index]) - normalizer))
        }
        var best: [Int] = []
        for index in logits.indices where top > 0 {
            if best.count == top, logits[index] <= logits[best[top - 1]] { continue }
            let place = best.firstIndex { logits[index] > logits[$0] } ?? best.count
            best.insert(index, at: place)
            if best.count > top { best.removeLast() }
        }
        return (entry(Int(token)), best.map(entry))
    }
}
