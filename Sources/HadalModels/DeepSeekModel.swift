import HadalCheckpoint
import HadalCompute

/// DeepSeek-V2 (arXiv:2405.04434) and V3/R1 (arXiv:2412.19437): multi-head latent attention and experts.
///
/// The cache holds, for each position, the normed latent `c` and one rotated key part shared by all heads. The key and
/// value up-projections are absorbed: a head's score is `(W_UKᵀ q_nope) · c + q_rope · k_rope`, and its output
/// `W_UV (Σ p c)`. The absorbed form serves prefill too, so that a row's bits do not depend on how a prompt is cut.
final class DeepSeekModel: LanguageModel, @unchecked Sendable {
    struct Configuration {
        var hidden: Int
        var layers: Int
        var heads: Int
        var queryRank: Int?
        var rank: Int
        var nope: Int
        var rope: Int
        var value: Int
        var intermediate: Int
        var epsilon: Float
        var context: Int
        var layout: RotaryLayout
        var experts: ExpertSettings?
        var firstExpertLayer: Int

        init(_ settings: Settings) throws {
            try settings.require(.init("hidden_act", nil), isOneOf: ["silu", "swish"])
            hidden = try settings.int(.init("hidden_size", "embedding_length"))
            let blocks = try settings.int(.init("num_hidden_layers", "block_count"), in: 1...1024)
            // config.json does not count the layers for multi-token prediction among the others; GGUF does.
            layers = try blocks - (settings.optionalInt(.init(nil, "nextn_predict_layers"), in: 0...blocks - 1) ?? 0)
            heads = try settings.int(.init("num_attention_heads", "attention.head_count"), in: 1...4096)
            queryRank = try settings.optionalInt(.init("q_lora_rank", "attention.q_lora_rank"))
            rank = try settings.int(.init("kv_lora_rank", "attention.kv_lora_rank"))
            rope = try settings.int(.init("qk_rope_head_dim", "rope.dimension_count"), in: 2...4096)
            if settings.isGGUF {
                // Newer files describe MLA as one wide head and say the heads' own widths apart.
                let key =
                    try settings.optionalInt(.init(nil, "attention.key_length_mla"))
                    ?? settings.int(.init(nil, "attention.key_length"))
                guard key > rope else {
                    throw ModelError.invalidField("the key length", found: "\(key)", expected: "more than \(rope)")
                }
                nope = key - rope
                value =
                    try settings.optionalInt(.init(nil, "attention.value_length_mla"))
                    ?? settings.int(.init(nil, "attention.value_length"))
            } else {
                nope = try settings.int(.init("qk_nope_head_dim", nil))
                value = try settings.int(.init("v_head_dim", nil))
            }
            intermediate = try settings.int(.init("intermediate_size", "feed_forward_length"))
            epsilon = Float(try settings.double(.init("rms_norm_eps", "attention.layer_norm_rms_epsilon")))
            context = try settings.int(.init("max_position_embeddings", "context_length"), in: 1...(1 << 26))
            layout = try settings.bool(.init("rope_interleave", nil), default: true) ? .interleaved : .halves
            experts = try ExpertSettings(deepSeek: settings)
            firstExpertLayer =
                try settings.optionalInt(.init("first_k_dense_replace", "leading_dense_block_count"), in: 0...1024) ?? 0
            try settings.require(.init("moe_layer_freq", nil), is: 1)
            try settings.require(.init("attention_bias", nil), is: false)
            try settings.require(.init("mlp_bias", nil), is: false)
            guard rope % 2 == 0 else {
                throw ModelError.invalidField("qk_rope_head_dim", found: "\(rope)", expected: "an even number")
            }
        }
    }

    struct Layer {
        let attentionNorm: Buffer  // [hidden]
        let queryDown: any LinearWeight  // [query rank, hidden], or the whole projection where there is no rank
        let queryNorm: Buffer?  // [query rank]
        let queryUp: (any LinearWeight)?  // [heads · (nope + rope), query rank]
        let latent: any LinearWeight  // [rank + rope, hidden]
        let latentNorm: Buffer  // [rank]
        let absorbedKeys: any StackedWeight  // heads × [rank, nope]
        let values: any StackedWeight  // heads × [value, rank]
        let output: any LinearWeight  // [hidden, heads · value]
        let feedForwardNorm: Buffer  // [hidden]
        let feedForward: FeedForward
    }

    let configuration: Configuration
    let device: any ComputeDevice
    let description: ModelDescription
    let maximumRows: Int
    private let layers: [Layer]
    let predictionLayer: PredictionLayer?
    let head: OutputHead
    private let frequencies: Buffer
    private let rotary: RotaryEmbedding
    private let scale: Float
    private let feedForward: FeedForwardRunner
    // Scratch, [maximumRows, …].
    let x: Buffer
    let normed: Buffer
    private let queryLatent: Buffer?
    private let queries: Buffer  // heads × (nope + rope)
    private let absorbed: Buffer  // heads × (rank + rope)
    private let latent: Buffer  // rank + rope
    private let attended: Buffer  // heads × rank
    private let outputs: Buffer  // heads × value

    /// - Parameter predictsFromLayers: as `ModelLoader.load` has it.
    init(_ weights: Weights, _ settings: Settings, maximumRows: Int, predictsFromLayers: Int?, progress: LoadProgress)
        throws
    {
        let c = try Configuration(settings)
        configuration = c
        let device = weights.device
        self.device = device
        self.maximumRows = maximumRows
        head = try OutputHead(weights, settings, hidden: c.hidden, epsilon: c.epsilon)
        rotary = try RotaryEmbedding(settings, pairs: c.rope / 2, divisors: nil, appliesScoreFactor: true)
        frequencies = try weights.vector(rotary.frequencies)
        scale = rotary.scoreFactor / Float(c.nope + c.rope).squareRoot()
        layers = try (0..<c.layers).map { index in
            progress.report(index, of: c.layers)
            return try DeepSeekModel.layer(index, weights, c)
        }
        let predicts = predictsFromLayers.map { c.layers >= $0 } ?? false
        predictionLayer = predicts ? try PredictionLayer(weights, c, maximumRows: maximumRows) : nil
        try weights.requireNothingLeft { name in
            OutputHead.leavesAside(name) || DeepSeekModel.predictsSeveralTokens(name, layers: c.layers)
                // Some GGUF files hold the up-projections twice.
                || name.hasSuffix("attn_k_b.weight") || name.hasSuffix("attn_v_b.weight")
        }
        description = ModelDescription(
            architecture: settings.architecture, vocabularySize: head.vocabulary, contextLength: c.context,
            parameters: weights.parameters, weightBytes: weights.bytes)
        func scratch(_ width: Int) throws -> Buffer { try device.allocate(rows: maximumRows, width: width) }
        x = try scratch(c.hidden)
        normed = try scratch(c.hidden)
        queryLatent = try c.queryRank.map(scratch)
        queries = try scratch(c.heads * (c.nope + c.rope))
        absorbed = try scratch(c.heads * (c.rank + c.rope))
        latent = try scratch(c.rank + c.rope)
        attended = try scratch(c.heads * c.rank)
        outputs = try scratch(c.heads * c.value)
        feedForward = try FeedForwardRunner(
            device, layers: (layers + [predictionLayer?.layer].compactMap { $0 }).map(\.feedForward), rows: maximumRows)
        progress.report(1, of: 1)
    }

    deinit {
        for buffer in [x, normed, queries, absorbed, latent, attended, outputs] { device.free(buffer) }
        if let queryLatent { device.free(queryLatent) }
        predictionLayer?.free(device)
        feedForward.free()
    }

    func cacheShape(blocks: Int, format: KVCacheShape.Format) -> KVCacheShape {
        KVCacheShape(
            layers: configuration.layers + (predictionLayer == nil ? 0 : 1), keyValueHeads: 1,
            keyWidth: configuration.rank + configuration.rope,
            valueWidth: 0, blocks: blocks, format: format)
    }

    func forward(_ step: Step, cache: any KVCache, outputRows: [Int32]) -> Buffer {
        device.begin(step)
        device.embed(head.embedding, into: x)
        for (index, layer) in layers.enumerated() { run(layer, index, x, rows: step.rows, cache: cache) }
        return head.logits(x, outputRows: outputRows)
    }

    /// `x = layer(x)`.
    func run(_ layer: Layer, _ index: Int, _ x: Buffer, rows: Int, cache: any KVCache) {
        let epsilon = configuration.epsilon
        device.rmsNorm(x, rows: rows, offset: 0, groups: 1, weight: layer.attentionNorm, epsilon: epsilon, into: normed)
        attend(layer, index, rows: rows, cache: cache)
        device.multiply(
            outputs, rows: rows, by: layer.output, bias: nil, accumulates: true, into: x, as: .outputProjection)
        device.rmsNorm(
            x, rows: rows, offset: 0, groups: 1, weight: layer.feedForwardNorm, epsilon: epsilon, into: normed)
        feedForward.run(layer.feedForward, normed, rows: rows, into: x)
    }

    /// From `normed` to `outputs`.
    private func attend(_ layer: Layer, _ index: Int, rows: Int, cache: any KVCache) {
        let c = configuration
        let queryHead = c.nope + c.rope
        let keyWidth = c.rank + c.rope
        if let queryLatent, let queryNorm = layer.queryNorm, let queryUp = layer.queryUp {
            device.multiply(
                normed, rows: rows, by: layer.queryDown, bias: nil, accumulates: false, into: queryLatent, as: .latent)
            device.rmsNorm(
                queryLatent, rows: rows, offset: 0, groups: 1, weight: queryNorm, epsilon: c.epsilon, into: queryLatent)
            device.multiply(
                queryLatent, rows: rows, by: queryUp, bias: nil, accumulates: false, into: queries, as: .latent)
        } else {
            device.multiply(
                normed, rows: rows, by: layer.queryDown, bias: nil, accumulates: false, into: queries, as: .latent)
        }
        device.multiply(normed, rows: rows, by: layer.latent, bias: nil, accumulates: false, into: latent, as: .latent)
        device.rmsNorm(
            latent, rows: rows, offset: 0, groups: 1, weight: layer.latentNorm, epsilon: c.epsilon, into: latent)
        device.rotate(
            queries, rows: rows, heads: c.heads, stride: queryHead, offset: c.nope, frequencies: frequencies,
            magnitude: rotary.magnitude, layout: c.layout)
        device.rotate(
            latent, rows: rows, heads: 1, stride: keyWidth, offset: c.rank, frequencies: frequencies,
            magnitude: rotary.magnitude, layout: c.layout)
        device.store(keys: latent, keyOffset: 0, values: nil, valueOffset: 0, layer: index, into: cache)
        device.multiplyPerHead(
            queries, rows: rows, stride: queryHead, offset: 0, by: layer.absorbedKeys, into: absorbed,
            outStride: keyWidth, outOffset: 0)
        // Heads as rows: the rotated parts follow the absorbed ones.
        device.copy(
            Buffer(address: queries.address, rows: maximumRows * c.heads, width: queryHead), rows: rows * c.heads,
            from: c.nope, width: c.rope,
            into: Buffer(address: absorbed.address, rows: maximumRows * c.heads, width: keyWidth), to: c.rank)
        device.attend(
            absorbed, queryOffset: 0, layer: index, cache: cache,
            shape: AttentionShape(queryHeads: c.heads, valueWidth: c.rank, scale: scale), into: attended)
        device.multiplyPerHead(
            attended, rows: rows, stride: c.rank, offset: 0, by: layer.values, into: outputs, outStride: c.value,
            outOffset: 0)
    }
}

extension DeepSeekModel {
    static func layer(_ index: Int, _ weights: Weights, _ c: Configuration) throws -> Layer {
        let hf = "model.layers.\(index)"
        let gguf = "blk.\(index)"
        func name(_ huggingFace: String, _ own: String) -> String {
            weights.name("\(hf).self_attn.\(huggingFace).weight", "\(gguf).\(own).weight")
        }
        let queryWidth = c.heads * (c.nope + c.rope)
        let (keys, values) = try upProjections(weights, name("kv_b_proj", "attn_kv_b"), gguf, c)
        return Layer(
            attentionNorm: try weights.vector(
                weights.name("\(hf).input_layernorm.weight", "\(gguf).attn_norm.weight"), c.hidden),
            queryDown: try c.queryRank.map { try weights.linear(name("q_a_proj", "attn_q_a"), $0, c.hidden) }
                ?? weights.linear(name("q_proj", "attn_q"), queryWidth, c.hidden),
            queryNorm: try c.queryRank.map { try weights.vector(name("q_a_layernorm", "attn_q_a_norm"), $0) },
            queryUp: try c.queryRank.map { try weights.linear(name("q_b_proj", "attn_q_b"), queryWidth, $0) },
            latent: try weights.linear(name("kv_a_proj_with_mqa", "attn_kv_a_mqa"), c.rank + c.rope, c.hidden),
            latentNorm: try weights.vector(name("kv_a_layernorm", "attn_kv_a_norm"), c.rank),
            absorbedKeys: keys, values: values,
            output: try weights.linear(name("o_proj", "attn_output"), c.hidden, c.heads * c.value),
            feedForwardNorm: try weights.vector(
                weights.name("\(hf).post_attention_layernorm.weight", "\(gguf).ffn_norm.weight"), c.hidden),
            feedForward: try FeedForward(
                weights, "\(hf).mlp", gguf, hidden: c.hidden, width: c.intermediate,
                experts: index >= c.firstExpertLayer ? c.experts : nil))
    }

    /// Whether a tensor belongs to the multi-token prediction layers, which follow the others. At most the first of them
    /// is used; the table and the projection that some files repeat there are the model's own.
    private static func predictsSeveralTokens(_ name: String, layers: Int) -> Bool {
        for prefix in ["model.layers.", "blk."] where name.hasPrefix(prefix) {
            return Int(name.dropFirst(prefix.count).prefix { $0 != "." }).map { $0 >= layers } ?? false
        }
        return false
    }

    /// `W_UKᵀ` and `W_UV` by heads: split already (newer GGUF files), or rows of one projection
    /// `[heads × (nope + value), rank]`.
    private static func upProjections(_ weights: Weights, _ fused: String, _ gguf: String, _ c: Configuration) throws
        -> (
            keys: any StackedWeight, values: any StackedWeight
        )
    {
        if weights.isGGUF, weights.find(fused) == nil {
            return (
                try weights.device.heads([
                    weights.tensor("\(gguf).attn_k_b.weight", [c.heads, c.rank, c.nope])
                ]),
                try weights.device.heads([
                    weights.tensor("\(gguf).attn_v_b.weight", [c.heads, c.value, c.rank])
                ])
            )
        }
        let both = try weights.tensor(fused, [c.heads * (c.nope + c.value), c.rank])
        return (try absorbedKeys(both, weights.device, c), try values(both, weights.device, c))
    }

    /// `W_UKᵀ`, in 16 bits where the checkpoint has 16.
    private static func absorbedKeys(_ both: Tensor, _ device: any ComputeDevice, _ c: Configuration) throws
        -> any StackedWeight
    {
        let numbers = both.dequantized()
        var keys = [Float](repeating: 0, count: c.heads * c.rank * c.nope)
        for head in 0..<c.heads {
            for row in 0..<c.nope {
                let from = (head * (c.nope + c.value) + row) * c.rank
                for column in 0..<c.rank { keys[(head * c.rank + column) * c.nope + row] = numbers[from + column] }
            }
        }
        guard both.format == .bf16 || both.format == .f16 else {
            return try device.stacked(keys, count: c.heads, outputs: c.rank, inputs: c.nope)
        }
        return try device.heads([
            Tensor(
                name: "\(both.name) (keys)", format: both.format, shape: [c.heads, c.rank, c.nope],
                bytes: Quantizer.quantize(keys, as: both.format))
        ])
    }

    /// `W_UV`: rows of `both` as they are, but where a head's rows do not end with a block of factors.
    private static func values(_ both: Tensor, _ device: any ComputeDevice, _ c: Configuration) throws
        -> any StackedWeight
    {
        let side = Tensor.BlockScale.side
        let parts = (0..<c.heads).map { head in
            (head * (c.nope + c.value) + c.nope)..<(head + 1) * (c.nope + c.value)
        }
        if both.blockScale == nil || (c.nope % side == 0 && c.value % side == 0) {
            return try device.heads(parts.map { try both.slice($0) })
        }
        let numbers = both.dequantized()
        return try device.stacked(
            parts.flatMap { numbers[$0.lowerBound * c.rank..<$0.upperBound * c.rank] }, count: c.heads,
            outputs: c.value,
            inputs: c.rank)
    }
}

extension ExpertSettings {
    /// V2: softmax, with `group_limited_greedy` groups ranked by their best expert. V3: sigmoid with a correction bias,
    /// groups ranked by the sum of their best two. Nil for a model without experts.
    init?(deepSeek settings: Settings) throws {
        guard let experts = try settings.optionalInt(.init("n_routed_experts", "expert_count"), in: 1...65536) else {
            return nil
        }
        let isSigmoid: Bool
        if settings.isGGUF {
            let function = try settings.optionalInt(.init(nil, "expert_gating_func"), in: 1...2) ?? 1
            isSigmoid = function == 2
        } else {
            isSigmoid = settings.architecture != "deepseek_v2"
            try settings.require(.init("scoring_func", nil), isOneOf: [isSigmoid ? "sigmoid" : "softmax"])
            try settings.require(
                .init("topk_method", nil), isOneOf: isSigmoid ? ["noaux_tc"] : ["greedy", "group_limited_greedy"])
        }
        let isGrouped =
            isSigmoid || settings.isGGUF || settings.string(.init("topk_method", nil)) == "group_limited_greedy"
        let groups = try settings.optionalInt(.init("n_group", "expert_group_count"), in: 1...4096) ?? 1
        let width = try settings.int(.init("moe_intermediate_size", "expert_feed_forward_length"))
        let normalizes = try settings.bool(.init("norm_topk_prob", "expert_weights_norm"), default: false)
        var scale = try settings.optionalDouble(.init("routed_scaling_factor", "expert_weights_scale")) ?? 1
        // V2's own code scales only weights that it has not normalised; in every published V2 they are not.
        if settings.architecture == "deepseek_v2", normalizes { scale = 1 }
        self.init(
            routing: RoutingShape(
                experts: experts,
                expertsPerToken: try settings.int(.init("num_experts_per_tok", "expert_used_count"), in: 1...256),
                scoring: isSigmoid ? .sigmoid : .softmax, groups: isGrouped ? groups : 1,
                groupsPerToken: try settings.optionalInt(.init("topk_group", "expert_group_used_count"), in: 1...4096)
                    ?? 1,
                groupRank: isSigmoid ? .sumOfBestTwo : .best, normalizes: normalizes,
                scale: Float(scale == 0 ? 1 : scale)),
            width: width,
            sharedWidth: width
                * (try settings.optionalInt(.init("n_shared_experts", "expert_shared_count"), in: 0...256) ?? 0),
            hasBias: isSigmoid)
        guard experts % routing.groups == 0, routing.groupsPerToken <= routing.groups,
            routing.expertsPerToken <= experts / routing.groups * routing.groupsPerToken
        else {
            throw ModelError.invalidField(
                "the experts' groups", found: "\(routing.groupsPerToken) of \(routing.groups)",
                expected: "groups that divide \(experts) experts and hold \(routing.expertsPerToken) of them")
        }
    }
}
