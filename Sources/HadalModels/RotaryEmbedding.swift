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
        for name in ["partial_rotary_factor", "rope_parameters.partial_rotary_factor"] {
            try settings.require(.init(name, nil), is: 1)
        }
        let kind = try RotaryEmbedding.kind(settings)
        switch kind {
        case "default", "none":
            (frequencies, magnitude, scoreFactor) = (plain.map(Float.init), 1, 1)
        case "linear":
            let factor =
                try settings.optionalDouble(.init(nil, "rope.scale_linear")) ?? RotaryEmbedding.factor(settings)
            guard factor > 0 else {
                throw ModelError.invalidField("the rope factor", found: "\(factor)", expected: "more than 0")
            }
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
            throw ModelError.invalidField(
                "the rope type", found: "'\(kind)'", expected: "default, linear, llama3 or yarn")
        }
    }

    /// By how much the context is stretched.
    fileprivate static func factor(_ settings: Settings) throws -> Double {
        try settings.double(field(settings, "factor", "factor"))
    }

    /// The context that the model was trained for before it was stretched.
    fileprivate static func originalContext(_ settings: Settings) throws -> Double {
        try settings.optionalDouble(field(settings, "original_max_position_embeddings", "original_context_length"))
            ?? settings.double(.init("max_position_embeddings", "context_length"))
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

    private static func kind(_ settings: Settings) throws -> String {
        if settings.isGGUF {
            if let kind = settings.string(.init(nil, "rope.scaling.type")) { return kind }
            // Older files give a factor alone and mean linear scaling.
            let factors = try ["rope.scale_linear", "rope.scaling.factor"].compactMap {
                try settings.optionalDouble(.init(nil, $0))
            }
            return factors.contains { $0 != 0 && $0 != 1 } ? "linear" : "default"
        }
        for name in [
            "rope_parameters.rope_type", "rope_parameters.type", "rope_scaling.rope_type", "rope_scaling.type",
        ] {
            if let kind = settings.string(.init(name, nil)) { return kind }
        }
        return "default"
    }

    private static func llama3(_ plain: [Double], _ settings: Settings) throws -> [Float] {
        let factor = try factor(settings)
        let low = try settings.double(field(settings, "low_freq_factor", "low_freq_factor"))
        let high = try settings.double(field(settings, "high_freq_factor", "high_freq_factor"))
        let context = try originalContext(settings)
        guard factor > 0, low > 0, high > low else {
            throw ModelError.invalidField(
                "the llama3 rope scaling", found: "factor \(factor), bands \(low) and \(high)",
                expected: "a positive factor and low_freq_factor < high_freq_factor")
        }
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
        factor = try RotaryEmbedding.factor(settings)
        context = try RotaryEmbedding.originalContext(settings)
        betaFast = try optional("beta_fast", "yarn_beta_fast") ?? 32
        betaSlow = try optional("beta_slow", "yarn_beta_slow") ?? 1
        truncates = try settings.bool(
            .init("rope_parameters.truncate", nil),
            default: settings.bool(.init("rope_scaling.truncate", nil), default: true))
        guard factor >= 1, context > 0 else {
            throw ModelError.invalidField("the YaRN factor", found: "\(factor)", expected: "1 or more")
        }
        let factor = factor
        func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
        let own: Double?
        let all: Double?
        if settings.isGGUF {
            // GGUF carries 0.1 × mscale_all_dim alone; the published DeepSeek models have mscale = mscale_all_dim.
            all = try optional("", "yarn_log_multiplier").map { $0 * 10 }
            own = all
        } else {
            all = try optional("mscale_all_dim", nil)
            own = try optional("mscale", nil)
        }
        var magnitude = scale(1)
        if let own, let all, own != 0, all != 0 { magnitude = scale(own) / scale(all) }
        if settings.isGGUF {
            // A further factor on what YaRN asks for.
            magnitude *= try optional("", "attn_factor") ?? 1
        } else if let given = try optional("attention_factor", nil) {
            magnitude = given
        }
        self.magnitude = magnitude
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
