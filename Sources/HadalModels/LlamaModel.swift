import HadalCheckpoint
import HadalCompute

/// Llama, Qwen2, Qwen3 and DeepSeek-MoE (v1): grouped-query attention, RMS norms, gated MLPs or experts.
///
/// DeepSeek LLM and Coder and the R1 distills are models of this kind. Qwen2 adds biases to q, k and v; Qwen3 norms the
/// heads of q and k; DeepSeek-MoE (arXiv:2401.06066) replaces MLPs by experts.
final class LlamaModel: LanguageModel, @unchecked Sendable {
    struct Configuration {
        var hidden: Int
        var layers: Int
        var heads: Int
        var keyValueHeads: Int
        var headWidth: Int
        var intermediate: Int
        var epsilon: Float
        var context: Int
        var biasesQueries: Bool
        var normsHeads: Bool
        var layout: RotaryLayout
        var experts: ExpertSettings?
        var firstExpertLayer: Int

        init(_ settings: Settings) throws {
            try settings.require(.init("hidden_act", nil), isOneOf: ["silu", "swish"])
            try settings.require(.init("mlp_bias", nil), is: false)
            try settings.require(.init("use_sliding_window", nil), is: false)
            try settings.require(.init("moe_layer_freq", nil), is: 1)
            hidden = try settings.int(.init("hidden_size", "embedding_length"))
            layers = try settings.int(.init("num_hidden_layers", "block_count"), in: 1...1024)
            heads = try settings.int(.init("num_attention_heads", "attention.head_count"), in: 1...4096)
            keyValueHeads =
                try settings.optionalInt(.init("num_key_value_heads", "attention.head_count_kv"), in: 1...4096) ?? heads
            headWidth =
                try settings.optionalInt(.init("head_dim", "attention.key_length"), in: 1...4096) ?? hidden / heads
            intermediate = try settings.int(.init("intermediate_size", "feed_forward_length"))
            epsilon = Float(try settings.double(.init("rms_norm_eps", "attention.layer_norm_rms_epsilon")))
            context = try settings.int(.init("max_position_embeddings", "context_length"), in: 1...(1 << 26))
            biasesQueries = settings.architecture == "qwen2"
            normsHeads = settings.architecture == "qwen3"
            // llama.cpp's converter reorders q and k of Llama and DeepSeek-MoE so that pairs lie side by side.
            layout = settings.isGGUF && ["llama", "deepseek"].contains(settings.architecture) ? .interleaved : .halves
            experts = settings.architecture == "deepseek" ? try ExpertSettings(mixture: settings) : nil
            firstExpertLayer =
                try settings.optionalInt(.init("first_k_dense_replace", "leading_dense_block_count"), in: 0...1024) ?? 0
            try settings.require(.init(nil, "rope.dimension_count"), is: Double(headWidth))
            guard heads % keyValueHeads == 0 else {
                throw ModelError.invalidField(
                    settings.name(.init("num_key_value_heads", "attention.head_count_kv")), found: "\(keyValueHeads)",
                    expected: "a divisor of \(heads)")
            }
            guard headWidth % 2 == 0 else {
                throw ModelError.invalidField(
                    settings.name(.init("head_dim", "attention.key_length")), found: "\(headWidth)",
                    expected: "an even number")
            }
        }
    }

    private struct Layer {
        let attentionNorm: Buffer  // [hidden]
        let qkv: any LinearWeight  // [(heads + 2 · key heads) · head width, hidden]
        let qkvBias: Buffer?
        let queryNorm: Buffer?  // [head width]
        let keyNorm: Buffer?
        let output: any LinearWeight  // [hidden, heads · head width]
        let outputBias: Buffer?
        let feedForwardNorm: Buffer  // [hidden]
        let feedForward: FeedForward
    }

    let configuration: Configuration
    let device: any ComputeDevice
    let description: ModelDescription
    let maximumRows: Int
    private let embedding: any LinearWeight
    private let layers: [Layer]
    private let head: OutputHead
    private let frequencies: Buffer
    private let rotary: RotaryEmbedding
    private let feedForward: FeedForwardRunner
    // Scratch, [maximumRows, …].
    private let x: Buffer
    private let normed: Buffer
    private let qkv: Buffer
    private let attended: Buffer

    init(_ weights: Weights, _ settings: Settings, maximumRows: Int, progress: LoadProgress) throws {
        let c = try Configuration(settings)
        configuration = c
        let device = weights.device
        self.device = device
        self.maximumRows = maximumRows
        head = try OutputHead(weights, settings, hidden: c.hidden, epsilon: c.epsilon)
        embedding = head.embedding
        rotary = try RotaryEmbedding(
            settings, pairs: c.headWidth / 2, divisors: weights.find("rope_freqs.weight")?.dequantized(),
            appliesScoreFactor: false)
        frequencies = try weights.vector(rotary.frequencies)
        layers = try (0..<c.layers).map { index in
            progress.report(index, of: c.layers)
            return try LlamaModel.layer(index, weights, c)
        }
        try weights.requireNothingLeft { OutputHead.leavesAside($0) }
        description = ModelDescription(
            architecture: settings.architecture, vocabularySize: head.vocabulary, contextLength: c.context,
            parameters: weights.parameters, weightBytes: weights.bytes)
        let qWidth = c.heads * c.headWidth
        x = try device.allocate(rows: maximumRows, width: c.hidden)
        normed = try device.allocate(rows: maximumRows, width: c.hidden)
        qkv = try device.allocate(rows: maximumRows, width: qWidth + 2 * c.keyValueHeads * c.headWidth)
        attended = try device.allocate(rows: maximumRows, width: qWidth)
        feedForward = try FeedForwardRunner(device, layers: layers.map(\.feedForward), rows: maximumRows)
        progress.report(1, of: 1)
    }

    deinit {
        for buffer in [x, normed, qkv, attended] { device.free(buffer) }
        feedForward.free()
    }

    func cacheShape(blocks: Int, format: KVCacheShape.Format) -> KVCacheShape {
        KVCacheShape(
            layers: configuration.layers, keyValueHeads: configuration.keyValueHeads, keyWidth: configuration.headWidth,
            valueWidth: configuration.headWidth, blocks: blocks, format: format)
    }

    func forward(_ step: Step, cache: any KVCache, outputRows: [Int32]) -> Buffer {
        let c = configuration
        let rows = step.rows
        let keyStart = c.heads * c.headWidth
        let valueStart = keyStart + c.keyValueHeads * c.headWidth
        let shape = AttentionShape(
            queryHeads: c.heads, valueWidth: c.headWidth, scale: 1 / Float(c.headWidth).squareRoot())
        device.begin(step)
        device.embed(embedding, into: x)
        for (index, layer) in layers.enumerated() {
            device.rmsNorm(
                x, rows: rows, offset: 0, groups: 1, weight: layer.attentionNorm, epsilon: c.epsilon, into: normed)
            device.multiply(
                normed, rows: rows, by: layer.qkv, bias: layer.qkvBias, accumulates: false, into: qkv,
                as: .queryKeyValue)
            if let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm {
                device.rmsNorm(
                    qkv, rows: rows, offset: 0, groups: c.heads, weight: queryNorm, epsilon: c.epsilon, into: qkv)
                device.rmsNorm(
                    qkv, rows: rows, offset: keyStart, groups: c.keyValueHeads, weight: keyNorm, epsilon: c.epsilon,
                    into: qkv)
            }
            // Queries and keys lie side by side: one pass turns both.
            device.rotate(
                qkv, rows: rows, heads: c.heads + c.keyValueHeads, stride: c.headWidth, offset: 0,
                frequencies: frequencies, magnitude: rotary.magnitude, layout: c.layout)
            device.store(
                keys: qkv, keyOffset: keyStart, values: qkv, valueOffset: valueStart, layer: index, into: cache)
            device.attend(qkv, queryOffset: 0, layer: index, cache: cache, shape: shape, into: attended)
            device.multiply(
                attended, rows: rows, by: layer.output, bias: layer.outputBias, accumulates: true, into: x,
                as: .outputProjection)
            device.rmsNorm(
                x, rows: rows, offset: 0, groups: 1, weight: layer.feedForwardNorm, epsilon: c.epsilon, into: normed)
            feedForward.run(layer.feedForward, normed, rows: rows, into: x)
        }
        return head.logits(x, outputRows: outputRows)
    }
}

extension LlamaModel {
    private static func layer(_ index: Int, _ weights: Weights, _ c: Configuration) throws -> Layer {
        let hf = "model.layers.\(index)"
        let gguf = "blk.\(index)"
        let widths = [("q", c.heads), ("k", c.keyValueHeads), ("v", c.keyValueHeads)].map { ($0.0, $0.1 * c.headWidth) }
        func name(_ part: String, _ kind: String) -> String {
            weights.name(
                "\(hf).self_attn.\(part)_proj.\(kind)", "\(gguf).attn_\(part == "o" ? "output" : part).\(kind)")
        }
        let tensors = try widths.map { try weights.tensor(name($0.0, "weight"), [$0.1, c.hidden]) }
        let qkvBias = try weights.biases(widths.map { (name($0.0, "bias"), $0.1) })
        if c.biasesQueries, qkvBias == nil { throw ModelError.missingTensor(name("q", "bias")) }
        return Layer(
            attentionNorm: try weights.vector(
                weights.name("\(hf).input_layernorm.weight", "\(gguf).attn_norm.weight"), c.hidden),
            qkv: try weights.device.linear(tensors),
            qkvBias: qkvBias,
            queryNorm: c.normsHeads
                ? try weights.vector(
                    weights.name("\(hf).self_attn.q_norm.weight", "\(gguf).attn_q_norm.weight"), c.headWidth) : nil,
            keyNorm: c.normsHeads
                ? try weights.vector(
                    weights.name("\(hf).self_attn.k_norm.weight", "\(gguf).attn_k_norm.weight"), c.headWidth) : nil,
            output: try weights.linear(name("o", "weight"), c.hidden, c.heads * c.headWidth),
            outputBias: try weights.biases([(name("o", "bias"), c.hidden)]),
            feedForwardNorm: try weights.vector(
                weights.name("\(hf).post_attention_layernorm.weight", "\(gguf).ffn_norm.weight"), c.hidden),
            feedForward: try FeedForward(
                weights, "\(hf).mlp", gguf, hidden: c.hidden, width: c.intermediate,
                experts: index >= c.firstExpertLayer ? c.experts : nil))
    }
}

extension ExpertSettings {
    /// DeepSeek-MoE (v1): softmax over all experts, no groups.
    init(mixture settings: Settings) throws {
        try settings.require(.init("scoring_func", nil), isOneOf: ["softmax"])
        let width = try settings.int(.init("moe_intermediate_size", "expert_feed_forward_length"))
        self.init(
            routing: RoutingShape(
                experts: try settings.int(.init("n_routed_experts", "expert_count"), in: 1...65536),
                expertsPerToken: try settings.int(.init("num_experts_per_tok", "expert_used_count"), in: 1...256),
                scoring: .softmax,
                normalizes: try settings.bool(.init("norm_topk_prob", "expert_weights_norm"), default: false),
                scale: Float(try settings.optionalDouble(.init(nil, "expert_weights_scale")) ?? 1)),
            width: width,
            sharedWidth: width
                * (try settings.optionalInt(.init("n_shared_experts", "expert_shared_count"), in: 0...256) ?? 0),
            hasBias: false)
    }
}
