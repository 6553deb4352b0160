import HadalCheckpoint
import HadalModels

/// In what a model's authors publish it.
public enum PublishedFormat: String, Sendable, Hashable {
    case bf16 = "BF16"
    /// Matrices in E4M3 with a factor for each 128×128 block.
    case fp8 = "FP8"
    /// Experts in MXFP4, other matrices in FP8.
    case fp4 = "FP4 + FP8"

    fileprivate func format(of name: String, _ shape: [Int]) -> TensorFormat {
        if shape.count < 2 { return name.hasSuffix("_bias") ? .f32 : .bf16 }
        if self == .fp4, PackRecipe.isExpert(name) { return .mxfp4 }
        return self == .bf16
            ? .bf16 : PackRecipe(.f8_E4M3).format(of: name, shape: shape, from: .bf16, hasExperts: false)
    }
}

extension ModelShape {
    /// Every tensor of the model under its name at Hugging Face, an expert's standing for all of its layer.
    func tensors(in format: PublishedFormat) -> [WeightTensor] {
        list.map { name, shape, copies in
            WeightTensor(name, shape, copies: copies, format: format.format(of: name, shape), layers: layers)
        }
    }

    private typealias Listed = (name: String, shape: [Int], copies: Int)

    private var list: [Listed] {
        var list: [Listed] = [("model.embed_tokens.weight", [vocabulary, hidden], 1)]
        for layer in 0..<layers + predictionLayers {
            let prefix = "model.layers.\(layer)."
            list += attention(of: layer).map { (prefix + "self_attn." + $0.0, $0.1, 1) }
            list += feedForward(of: layer).map { (prefix + "mlp." + $0.name, $0.shape, $0.copies) }
            list += [("input_layernorm", [hidden]), ("post_attention_layernorm", [hidden])]
                .map { (prefix + $0.0 + ".weight", $0.1, 1) }
            if case .compressed(let compressed) = attention { list += streams(prefix, compressed) }
            if layer >= layers { list += prediction(prefix) }
        }
        list.append(("model.norm.weight", [hidden], 1))
        if !tiesEmbeddings { list.append(("lm_head.weight", [vocabulary, hidden], 1)) }
        return list
    }

    private func attention(of layer: Int) -> [(String, [Int])] {
        switch attention {
        case .grouped(let heads, let keyValueHeads, let width, let hasBiases, let normsHeads):
            let parts = [("q", heads), ("k", keyValueHeads), ("v", keyValueHeads)].map { ($0.0, $0.1 * width) }
            return parts.map { ("\($0.0)_proj.weight", [$0.1, hidden]) }
                + (hasBiases ? parts.map { ("\($0.0)_proj.bias", [$0.1]) } : [])
                + (normsHeads ? ["q_norm.weight", "k_norm.weight"].map { ($0, [width]) } : [])
                + [("o_proj.weight", [hidden, heads * width])]
        case .latent(let latent): return self.latent(latent)
        case .compressed(let compressed): return self.compressed(compressed, layer)
        }
    }

    private func latent(_ c: Latent) -> [(String, [Int])] {
        let queries = c.heads * (c.nope + c.rope)
        let query: [(String, [Int])] =
            if let rank = c.queryRank {
                [
                    ("q_a_proj.weight", [rank, hidden]), ("q_a_layernorm.weight", [rank]),
                    ("q_b_proj.weight", [queries, rank]),
                ]
            } else {
                [("q_proj.weight", [queries, hidden])]
            }
        let indexer: [(String, [Int])] =
            if let own = c.indexer, let rank = c.queryRank {
                [
                    ("indexer.wq_b.weight", [own.heads * own.width, rank]),
                    ("indexer.wk.weight", [own.width, hidden]),
                    ("indexer.k_norm.weight", [own.width]), ("indexer.k_norm.bias", [own.width]),
                    ("indexer.weights_proj.weight", [own.heads, hidden]),
                ]
            } else {
                []
            }
        return query + indexer + [
            ("kv_a_proj_with_mqa.weight", [c.rank + c.rope, hidden]), ("kv_a_layernorm.weight", [c.rank]),
            ("kv_b_proj.weight", [c.heads * (c.nope + c.value), c.rank]),
            ("o_proj.weight", [hidden, c.heads * c.value]),
        ]
    }

    /// DeepSeek-V4 (`inference/model.py` of its repository): queries and outputs of low rank, one key that is the value
    /// too, gated pooling of positions, whose groups of 4 overlap and so have two halves.
    private func compressed(_ c: Compressed, _ layer: Int) -> [(String, [Int])] {
        func pooling(_ name: String, _ width: Int, _ ratio: Int) -> [(String, [Int])] {
            let outputs = width * (ratio == 4 ? 2 : 1)
            return [
                (name + ".wkv.weight", [outputs, hidden]), (name + ".wgate.weight", [outputs, hidden]),
                (name + ".ape", [ratio, outputs]), (name + ".norm.weight", [width]),
            ]
        }
        var list: [(String, [Int])] = [
            ("wq_a.weight", [c.queryRank, hidden]), ("q_norm.weight", [c.queryRank]),
            ("wq_b.weight", [c.heads * c.headWidth, c.queryRank]),
            ("wkv.weight", [c.headWidth, hidden]), ("kv_norm.weight", [c.headWidth]),
            ("wo_a.weight", [c.outputGroups * c.outputRank, c.heads * c.headWidth / c.outputGroups]),
            ("wo_b.weight", [hidden, c.outputGroups * c.outputRank]), ("attn_sink", [c.heads]),
        ]
        // What predicts sees the window alone.
        let ratio = layer < layers ? c.ratios[layer] : 0
        if ratio > 0 { list += pooling("compressor", c.headWidth, ratio) }
        if ratio == 4 {
            list += [
                ("indexer.wq_b.weight", [c.indexer.heads * c.indexer.width, c.queryRank]),
                ("indexer.weights_proj.weight", [c.indexer.heads, hidden]),
            ]
            list += pooling("indexer.compressor", c.indexer.width, ratio)
        }
        return list
    }

    /// How a layer of V4 mixes its copies of the hidden state, before attention and before experts.
    private func streams(_ prefix: String, _ c: Compressed) -> [Listed] {
        let mixes = (2 + c.streams) * c.streams
        return ["attn", "ffn"].flatMap { part in
            [
                ("\(prefix)hc_\(part)_fn", [mixes, c.streams * hidden], 1), ("\(prefix)hc_\(part)_base", [mixes], 1),
                ("\(prefix)hc_\(part)_scale", [3], 1),
            ]
        }
    }

    private func feedForward(of layer: Int) -> [Listed] {
        func gated(_ prefix: String, _ width: Int, copies: Int = 1) -> [Listed] {
            [("gate", [width, hidden]), ("up", [width, hidden]), ("down", [hidden, width])]
                .map { (prefix + $0.0 + "_proj.weight", $0.1, copies) }
        }
        guard let experts, layer >= experts.firstLayer else { return gated("", intermediate) }
        return [("gate.weight", [experts.count, hidden], 1)]
            + (experts.hasBias ? [("gate.e_score_correction_bias", [experts.count], 1)] : [])
            + gated("experts.*.", experts.width, copies: experts.count)
            + (experts.sharedWidth > 0 ? gated("shared_experts.", experts.sharedWidth) : [])
    }

    /// Table and projection are the model's own.
    private func prediction(_ prefix: String) -> [Listed] {
        [(prefix + "eh_proj.weight", [hidden, 2 * hidden], 1)]
            + ["enorm", "hnorm", "shared_head.norm"].map { (prefix + $0 + ".weight", [hidden], 1) }
    }
}
