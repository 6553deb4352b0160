/// A tensor of a synthetic checkpoint. `isVector` tensors (norms, biases, routers) stay float32, as converters keep them.
struct SyntheticTensor {
    enum Content { case random, ones, zeros, frequencyFactors }

    var name: String
    /// Outermost dimension first.
    var shape: [Int]
    var content = Content.random
    var isVector = false

    static func vector(_ name: String, _ count: Int, _ content: Content = .ones) -> SyntheticTensor {
        SyntheticTensor(name: name, shape: [count], content: content, isVector: true)
    }
}

extension SyntheticShape {
    /// Every tensor of the model by its GGUF name.
    var tensors: [SyntheticTensor] {
        var list = [SyntheticTensor(name: "token_embd.weight", shape: [vocabulary, hidden])]
        if name == "r1-distill-llama-8b" {
            list.append(.vector("rope_freqs.weight", 64, .frequencyFactors))
        }
        for layer in 0..<layers { list += block(layer) }
        list.append(.vector("output_norm.weight", hidden))
        list.append(SyntheticTensor(name: "output.weight", shape: [vocabulary, hidden]))
        return list
    }

    private func block(_ layer: Int) -> [SyntheticTensor] {
        let prefix = "blk.\(layer)."
        var list: [SyntheticTensor] = [.vector(prefix + "attn_norm.weight", hidden)]
        list += attentionTensors(prefix)
        list.append(.vector(prefix + "ffn_norm.weight", hidden))
        if let experts, layer >= experts.denseLayers {
            list += expertTensors(prefix, experts)
        } else {
            list += gatedTensors(prefix, "", intermediate)
        }
        return list
    }

    private func attentionTensors(_ prefix: String) -> [SyntheticTensor] {
        switch attention {
        case .grouped(let heads, let keyValueHeads, let width, let biases):
            var list: [SyntheticTensor] = []
            for (part, outputs) in [("q", heads * width), ("k", keyValueHeads * width), ("v", keyValueHeads * width)] {
                list.append(SyntheticTensor(name: prefix + "attn_\(part).weight", shape: [outputs, hidden]))
                if biases { list.append(.vector(prefix + "attn_\(part).bias", outputs, .zeros)) }
            }
            return list + [SyntheticTensor(name: prefix + "attn_output.weight", shape: [hidden, heads * width])]
        case .latent(let heads, let queryRank, let rank, let nope, let rope, let value):
            var list: [SyntheticTensor] = []
            if let queryRank {
                list = [
                    SyntheticTensor(name: prefix + "attn_q_a.weight", shape: [queryRank, hidden]),
                    .vector(prefix + "attn_q_a_norm.weight", queryRank),
                    SyntheticTensor(name: prefix + "attn_q_b.weight", shape: [heads * (nope + rope), queryRank]),
                ]
            } else {
                list = [SyntheticTensor(name: prefix + "attn_q.weight", shape: [heads * (nope + rope), hidden])]
            }
            return list + [
                SyntheticTensor(name: prefix + "attn_kv_a_mqa.weight", shape: [rank + rope, hidden]),
                .vector(prefix + "attn_kv_a_norm.weight", rank),
                SyntheticTensor(name: prefix + "attn_k_b.weight", shape: [heads, rank, nope]),
                SyntheticTensor(name: prefix + "attn_v_b.weight", shape: [heads, value, rank]),
                SyntheticTensor(name: prefix + "attn_output.weight", shape: [hidden, heads * value]),
            ]
        }
    }

    private func gatedTensors(_ prefix: String, _ suffix: String, _ width: Int) -> [SyntheticTensor] {
        [
            SyntheticTensor(name: prefix + "ffn_gate\(suffix).weight", shape: [width, hidden]),
            SyntheticTensor(name: prefix + "ffn_up\(suffix).weight", shape: [width, hidden]),
            SyntheticTensor(name: prefix + "ffn_down\(suffix).weight", shape: [hidden, width]),
        ]
    }

    private func expertTensors(_ prefix: String, _ experts: Experts) -> [SyntheticTensor] {
        var list = [
            SyntheticTensor(name: prefix + "ffn_gate_inp.weight", shape: [experts.count, hidden], isVector: true)
        ]
        if experts.sigmoid { list.append(.vector(prefix + "exp_probs_b.bias", experts.count, .zeros)) }
        list += [
            SyntheticTensor(name: prefix + "ffn_gate_exps.weight", shape: [experts.count, experts.width, hidden]),
            SyntheticTensor(name: prefix + "ffn_up_exps.weight", shape: [experts.count, experts.width, hidden]),
            SyntheticTensor(name: prefix + "ffn_down_exps.weight", shape: [experts.count, hidden, experts.width]),
        ]
        return list + gatedTensors(prefix, "_shexp", experts.shared * experts.width)
    }
}
