import Foundation
import HadalCompute

/// Rotary position embeddings: the frequencies of each pair and YaRN's factors.
///
/// Sources: RoFormer (arXiv:2104.09864), position interpolation (arXiv:2306.15595), YaRN (arXiv:2309.00071), Llama 3.1's
/// frequency bands; formulas as in transformers' `modeling_rope_utils`.
struct RotaryEmbedding {
    /// `[pairs]`, radians for each position.
    let frequencies: [Float]
    /// Cosines and sines are multiplied by this.
    let magnitude: Float
    /// DeepSeek's factor on the softmax scale: `(0.1 · mscale_all_dim · ln(factor) + 1)²`, else 1.
    let scoreFactor: Float

    /// - Parameter pairs: half of the rotated width.
    /// - Parameter divisors: GGUF's `rope_freqs.weight`, which holds Llama 3.1's bands ready made.
    init(_ settings: Settings, pairs: Int, divisors: [Float]?, appliesScoreFactor: Bool) throws {
        let base = try RotaryEmbedding.base(settings)
        let plain = (0..<pairs).map { pow(base, -Double($0) / Double(pairs)) }
        if let divisors {
            guard divisors.count == pairs else {
                throw ModelError.misshapenTensor("rope_freqs.weight", shape: [divisors.count], expected: [pairs])
            }
            (frequencies, magnitude, scoreFactor) = (zip(plain, divisors).map { Float($0 / Double($1)) }, 1, 1)
            return
        }
        let kind = RotaryEmbedding.kind(settings)
        switch kind {
        case "default", "none":
            (frequencies, magnitude, scoreFactor) = (plain.map(Float.init), 1, 1)
        case "linear":
            let factor = try settings.double(RotaryEmbedding.field(settings, "factor", "factor"))
            (frequencies, magnitude, scoreFactor) = (plain.map { Float($0 / factor) }, 1, 1)
        case "llama3":
            frequencies = try RotaryEmbedding.llama3(plain, settings)
            (magnitude, scoreFactor) = (1, 1)
        case "yarn":
            let yarn = try Yarn(settings)
            frequencies = yarn.frequencies(plain, base: base)
            magnitude = Float(yarn.magnitude)
            scoreFactor = appliesScoreFactor ? Float(yarn.scoreFactor) : 1
        default:
            throw ModelError.invalidField("the rope type", found: "'\(kind)'", expected: "default, linear, llama3 or yarn")
        }
    }

    /// transformers 5 keeps all in `rope_parameters`, earlier ones in `rope_scaling` beside `rope_theta`.
    static func field(_ settings: Settings, _ config: String, _ gguf: String?) -> Settings.Field {
        let modern = Settings.Field("rope_parameters.\(config)", gguf.map { "rope.scaling.\($0)" })
        if settings.isGGUF || (try? settings.optionalDouble(modern)) ?? nil != nil || settings.string(modern) != nil {
            return modern
        }
        return Settings.Field("rope_scaling.\(config)", nil)
    }

    private static func base(_ settings: Settings) throws -> Double {
        let base =
            try settings.optionalDouble(.init("rope_parameters.rope_theta", "rope.freq_base"))
            ?? settings.optionalDouble(.init("rope_theta", nil)) ?? 10_000
        guard base > 1 else { throw ModelError.invalidField("rope_theta", found: "\(base)", expected: "more than 1") }
        return base
    }

    private static func kind(_ settings: Settings) -> String {
        for name in ["rope_parameters.rope_type", "rope_parameters.type", "rope_scaling.rope_type", "rope_scaling.type"] {
            if let kind = settings.string(.init(name, "rope.scaling.type")) { return kind }
        }
        return "default"
    }

    private static func llama3(_ plain: [Double], _ settings: Settings) throws -> [Float] {
        let factor = try settings.double(field(settings, "factor", "factor"))
        let low = try settings.double(field(settings, "low_freq_factor", "low_freq_factor"))
        let high = try settings.double(field(settings, "high_freq_factor", "high_freq_factor"))
        let context = try settings.double(
            field(settings, "original_max_position_embeddings", "original_context_length"))
        return plain.map { frequency in
            let length = 2 * Double.pi / frequency
            if length < context / high { return Float(frequency) }
            if length > context / low { return Float(frequency / factor) }
            let smooth = (context / length - low) / (high - low)
            return Float((1 - smooth) * frequency / factor + smooth * frequency)
        }
    }
}

/// YaRN: low frequencies are interpolated, high ones kept, those between blended.
private struct Yarn {
    let factor: Double
    let context: Double
    let betaFast: Double
    let betaSlow: Double
    let truncates: Bool
    let magnitude: Double
    let scoreFactor: Double

    init(_ settings: Settings) throws {
        func optional(_ config: String, _ gguf: String?) throws -> Double? {
            try settings.optionalDouble(RotaryEmbedding.field(settings, config, gguf))
        }
        factor = try settings.double(RotaryEmbedding.field(settings, "factor", "factor"))
        context = try settings.double(
            RotaryEmbedding.field(settings, "original_max_position_embeddings", "original_context_length"))
        betaFast = try optional("beta_fast", "yarn_beta_fast") ?? 32
        betaSlow = try optional("beta_slow", "yarn_beta_slow") ?? 1
        truncates = try settings.bool(.init("rope_parameters.truncate", nil), default: true)
        guard factor >= 1, context > 0 else {
            throw ModelError.invalidField("the YaRN factor", found: "\(factor)", expected: "1 or more")
        }
        // GGUF carries 0.1 × mscale_all_dim; the published DeepSeek models have mscale = mscale_all_dim.
        let multiplier = try optional("yarn_log_multiplier", "yarn_log_multiplier")
        let all = try optional("mscale_all_dim", nil) ?? multiplier.map { $0 * 10 }
        let own = try optional("mscale", nil) ?? all
        let factor = factor
        func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
        if let given = try optional("attention_factor", "attn_factor") {
            magnitude = given
        } else if let own, let all, own != 0, all != 0 {
            magnitude = scale(own) / scale(all)
        } else {
            magnitude = scale(1)
        }
        scoreFactor = all.map { scale($0) * scale($0) } ?? 1
    }

    func frequencies(_ plain: [Double], base: Double) -> [Float] {
        let pairs = plain.count
        func dimension(_ rotations: Double) -> Double {
            Double(2 * pairs) * log(context / (rotations * 2 * Double.pi)) / (2 * log(base))
        }
        var low = dimension(betaFast)
        var high = dimension(betaSlow)
        if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        low = max(low, 0)
        high = min(high, Double(2 * pairs - 1))
        if low == high { high += 0.001 }
        return plain.enumerated().map { index, frequency in
            let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
            return Float(frequency / factor * ramp + frequency * (1 - ramp))
        }
    }
}
