import Foundation
import HadalCheckpoint
import HadalJSON

/// A fixture's checkpoint as llama.cpp's converter would write it: other names, q and k reordered for interleaved
/// rotation, experts stacked, metadata instead of config.json.
struct GGUFConversion {
    /// The format of a matrix; F32 where its rows are no whole number of blocks.
    var format = TensorFormat.f32
    /// Stores the values that `format` leaves, in F32: what quantized kernels are compared with.
    var dequantizes = false
    /// MLA's up-projections by heads, as newer files have them.
    var splitsUpProjections = false
    var metadata: (inout GGUFMetadata) -> Void = { _ in }
    /// Tensors by their GGUF names; nil leaves one out.
    var tensor: (_ name: String, _ shape: [Int], _ values: [Float]) -> (shape: [Int], values: [Float])? = { ($1, $2) }

    static func architecture(_ type: String) -> String {
        switch type {
        case "deepseek_v2", "deepseek_v3": "deepseek2"
        case "xlm-roberta": "bert"
        default: type
        }
    }

    /// Vectors besides the checkpoint's own tensors.
    var extra: [String: [Float]] = [:]

    func write(_ folder: URL, to path: String) throws {
        let checkpoint = try Checkpoint.open(folder.path)
        let config = checkpoint.config!
        let architecture = Self.architecture(config["model_type"]!.string!)
        var writer = GGUFWriter()
        writer.metadata["general.architecture"] = .string(architecture)
        for (key, value) in Self.metadata(of: config) { writer.metadata["\(architecture).\(key)"] = value }
        metadata(&writer.metadata)
        for (name, values) in extra {
            try writer.add(name, format: .f32, shape: [values.count], bytes: Quantizer.quantize(values, as: .f32))
        }
        for (name, part) in try parts(checkpoint, config, architecture).sorted(by: { $0.key < $1.key }) {
            guard let (shape, values) = tensor(name, part.shape, part.values) else { continue }
            let fits = shape.count > 1 && !name.contains("gate_inp") && shape.last! % format.blockSize == 0
            let bytes = try Quantizer.quantize(values, as: fits ? format : .f32)
            if fits, dequantizes {
                let rounded = try Tensor(name: name, format: format, shape: shape, bytes: bytes).dequantized()
                try writer.add(name, format: .f32, shape: shape, bytes: Quantizer.quantize(rounded, as: .f32))
            } else {
                try writer.add(name, format: fits ? format : .f32, shape: shape, bytes: bytes)
            }
        }
        try writer.write(to: path)
    }

    private typealias Part = (shape: [Int], values: [Float])

    private func parts(_ checkpoint: Checkpoint, _ config: JSON, _ architecture: String) throws -> [String: Part] {
        var parts: [String: Part] = [:]
        for tensor in checkpoint.tensors.values {
            var (shape, values) = (tensor.shape, tensor.dequantized())
            let name = Self.name(tensor.name)
            if architecture == "llama" || architecture == "deepseek" {
                let heads =
                    name.contains("attn_q.")
                    ? config["num_attention_heads"]!.int!
                    : name.contains("attn_k.") ? config["num_key_value_heads"]!.int! : nil
                if let heads { values = Self.interleaved(values, rows: shape[0], heads: heads) }
            }
            if name == "position_embd.weight", config["model_type"]!.string == "xlm-roberta" {
                let skipped = config["pad_token_id"]!.int! + 1
                values = Array(values[(skipped * shape[1])...])
                shape[0] -= skipped
            }
            parts[name] = (shape, values)
        }
        stackExperts(&parts)
        if splitsUpProjections { split(&parts, config) }
        return parts
    }

    /// Rows `(head, half, i)` become `(head, i, half)`.
    private static func interleaved(_ values: [Float], rows: Int, heads: Int) -> [Float] {
        let columns = values.count / rows
        let pairs = rows / heads / 2
        return (0..<rows).flatMap { row in
            let (head, pair, half) = (row / (2 * pairs), row % (2 * pairs) / 2, row % 2)
            let from = (head * 2 + half) * pairs + pair
            return values[from * columns..<(from + 1) * columns]
        }
    }

    private func stackExperts(_ parts: inout [String: Part]) {
        let experts = parts.keys.filter { $0.contains(".experts.") }
        for first in experts where first.contains(".experts.0.") {
            let pieces = first.components(separatedBy: ".experts.0.")
            let members = (0..<experts.count).compactMap {
                parts.removeValue(forKey: "\(pieces[0]).experts.\($0).\(pieces[1])")
            }
            let name = pieces[1].replacingOccurrences(of: "_proj", with: "_exps")
            parts["\(pieces[0]).ffn_\(name)"] = ([members.count] + members[0].shape, members.flatMap(\.values))
        }
    }

    private func split(_ parts: inout [String: Part], _ config: JSON) {
        let heads = config["num_attention_heads"]!.int!
        let (nope, value) = (config["qk_nope_head_dim"]!.int!, config["v_head_dim"]!.int!)
        for name in parts.keys.filter({ $0.hasSuffix("attn_kv_b.weight") }) {
            let fused = parts.removeValue(forKey: name)!
            let rank = fused.shape[1]
            var keys: [Float] = []
            var values: [Float] = []
            for head in 0..<heads {
                let rows = (0..<nope + value).map { row in
                    fused.values[(head * (nope + value) + row) * rank..<(head * (nope + value) + row + 1) * rank]
                }
                for column in 0..<rank { keys += rows[..<nope].map { $0[$0.startIndex + column] } }
                values += rows[nope...].joined()
            }
            let base = name.dropLast("attn_kv_b.weight".count)
            parts[base + "attn_k_b.weight"] = ([heads, rank, nope], keys)
            parts[base + "attn_v_b.weight"] = ([heads, value, rank], values)
        }
    }

    private static let names: [(String, String)] = [
        ("model.embed_tokens.", "token_embd."), ("model.norm.", "output_norm."), ("lm_head.", "output."),
        ("model.layers.", "blk."), ("eh_proj.", "nextn.eh_proj."), ("enorm.", "nextn.enorm."),
        ("hnorm.", "nextn.hnorm."), ("shared_head.norm.", "nextn.shared_head_norm."), ("encoder.layer.", "blk."),
        ("embeddings.word_embeddings.", "token_embd."), ("embeddings.position_embeddings.", "position_embd."),
        ("embeddings.token_type_embeddings.", "token_types."), ("embeddings.LayerNorm.", "token_embd_norm."),
        ("attention.self.query.", "attn_q."), ("attention.self.key.", "attn_k."), ("attention.self.value.", "attn_v."),
        ("attention.output.dense.", "attn_output."), ("attention.output.LayerNorm.", "attn_output_norm."),
        ("intermediate.dense.", "ffn_up."), ("output.dense.", "ffn_down."), ("output.LayerNorm.", "layer_output_norm."),
        ("input_layernorm.", "attn_norm."), ("post_attention_layernorm.", "ffn_norm."),
        ("self_attn.q_proj.", "attn_q."), ("self_attn.k_proj.", "attn_k."), ("self_attn.v_proj.", "attn_v."),
        ("self_attn.o_proj.", "attn_output."), ("self_attn.q_norm.", "attn_q_norm."),
        ("self_attn.k_norm.", "attn_k_norm."),
        ("self_attn.q_a_proj.", "attn_q_a."), ("self_attn.q_a_layernorm.", "attn_q_a_norm."),
        ("self_attn.q_b_proj.", "attn_q_b."), ("self_attn.kv_a_proj_with_mqa.", "attn_kv_a_mqa."),
        ("self_attn.kv_a_layernorm.", "attn_kv_a_norm."), ("self_attn.kv_b_proj.", "attn_kv_b."),
        ("mlp.gate.e_score_correction_bias", "exp_probs_b.bias"), ("mlp.gate.", "ffn_gate_inp."),
        ("mlp.shared_experts.gate_proj.", "ffn_gate_shexp."), ("mlp.shared_experts.up_proj.", "ffn_up_shexp."),
        ("mlp.shared_experts.down_proj.", "ffn_down_shexp."), ("mlp.experts.", "experts."),
        ("mlp.gate_proj.", "ffn_gate."), ("mlp.up_proj.", "ffn_up."), ("mlp.down_proj.", "ffn_down."),
    ]

    private static func name(_ huggingFace: String) -> String {
        names.reduce(huggingFace) { name, pair in
            // Whole parts only: "output.dense." is also the end of "attention.output.dense.".
            let range = name.range(of: pair.0)
            guard let range, range.lowerBound == name.startIndex || name[name.index(before: range.lowerBound)] == "."
            else {
                return name
            }
            return name.replacingCharacters(in: range, with: pair.1)
        }
    }

    private static func metadata(of config: JSON) -> [(String, GGUFValue)] {
        var result: [(String, GGUFValue)] = []
        func int(_ key: String, _ field: String) {
            if let value = config[field]?.int { result.append((key, .uint32(UInt32(value)))) }
        }
        func float(_ key: String, _ value: Double?) {
            if let value { result.append((key, .float32(Float(value)))) }
        }
        let isMLA = config["kv_lora_rank"] != nil
        int("block_count", "num_hidden_layers")
        int("embedding_length", "hidden_size")
        int("feed_forward_length", "intermediate_size")
        int("attention.head_count", "num_attention_heads")
        if config["model_type"]!.string == "xlm-roberta" {
            let unused = config["pad_token_id"]!.int! + 1
            result.append(("context_length", .uint32(UInt32(config["max_position_embeddings"]!.int! - unused))))
            result.append(("pooling_type", .uint32(2)))
        } else {
            int("context_length", "max_position_embeddings")
        }
        float("attention.layer_norm_rms_epsilon", config["rms_norm_eps"]?.double)
        float("attention.layer_norm_epsilon", config["layer_norm_eps"]?.double)
        if !isMLA {
            int("attention.head_count_kv", "num_key_value_heads")
            int("attention.key_length", "head_dim")
        } else {
            let rope = config["qk_rope_head_dim"]!.int!
            result.append(("attention.key_length", .uint32(UInt32(config["qk_nope_head_dim"]!.int! + rope))))
            int("attention.value_length", "v_head_dim")
            int("attention.q_lora_rank", "q_lora_rank")
            int("attention.kv_lora_rank", "kv_lora_rank")
            int("rope.dimension_count", "qk_rope_head_dim")
            int("expert_group_count", "n_group")
            int("expert_group_used_count", "topk_group")
            float("expert_weights_scale", config["routed_scaling_factor"]?.double)
        }
        if config["n_routed_experts"] != nil {
            int("expert_count", "n_routed_experts")
            int("expert_used_count", "num_experts_per_tok")
            int("expert_shared_count", "n_shared_experts")
            int("expert_feed_forward_length", "moe_intermediate_size")
            int("leading_dense_block_count", "first_k_dense_replace")
            if let flag = config["norm_topk_prob"]?.bool { result.append(("expert_weights_norm", .bool(flag))) }
            result.append(("expert_gating_func", .uint32(config["model_type"]!.string == "deepseek_v3" ? 2 : 1)))
        }
        let rope = config["rope_parameters"]
        float("rope.freq_base", rope?["rope_theta"]?.double)
        if let type = rope?["rope_type"]?.string, type == "linear" || type == "yarn" {
            result.append(("rope.scaling.type", .string(type)))
            float("rope.scaling.factor", rope?["factor"]?.double)
            if let context = rope?["original_max_position_embeddings"]?.int {
                result.append(("rope.scaling.original_context_length", .uint32(UInt32(context))))
            }
            float("rope.scaling.yarn_log_multiplier", rope?["mscale_all_dim"]?.double.map { 0.1 * $0 })
        }
        return result
    }
}
