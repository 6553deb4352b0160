import HadalCheckpoint

extension SyntheticShape {
    /// GGUF metadata in the order converters write it, readable by Hadal and by llama.cpp.
    func metadata(format: TensorFormat) -> [(key: String, value: GGUFValue)] {
        var list: [(key: String, value: GGUFValue)] = [
            ("general.architecture", .string(architecture)),
            ("general.name", .string("synthetic \(name)")),
            ("\(architecture).block_count", .uint32(UInt32(layers))),
            ("\(architecture).context_length", .uint32(UInt32(context))),
            ("\(architecture).embedding_length", .uint32(UInt32(hidden))),
            ("\(architecture).feed_forward_length", .uint32(UInt32(intermediate))),
            ("\(architecture).rope.freq_base", .float32(Float(ropeBase))),
            ("\(architecture).attention.layer_norm_rms_epsilon", .float32(Float(epsilon))),
            ("\(architecture).vocab_size", .uint32(UInt32(vocabulary))),
        ]
        func add(_ key: String, _ value: GGUFValue) { list.append(("\(architecture).\(key)", value)) }
        switch attention {
        case .grouped(let heads, let keyValueHeads, let width, _):
            add("attention.head_count", .uint32(UInt32(heads)))
            add("attention.head_count_kv", .uint32(UInt32(keyValueHeads)))
            add("attention.key_length", .uint32(UInt32(width)))
            add("attention.value_length", .uint32(UInt32(width)))
            add("rope.dimension_count", .uint32(UInt32(width)))
        case .latent(let heads, let queryRank, let rank, let nope, let rope, let value):
            // llama.cpp sees MLA as attention with one key head of width rank + rope.
            add("attention.head_count", .uint32(UInt32(heads)))
            add("attention.head_count_kv", .uint32(1))
            if let queryRank { add("attention.q_lora_rank", .uint32(UInt32(queryRank))) }
            add("attention.kv_lora_rank", .uint32(UInt32(rank)))
            add("attention.key_length", .uint32(UInt32(rank + rope)))
            add("attention.value_length", .uint32(UInt32(rank)))
            add("attention.key_length_mla", .uint32(UInt32(nope + rope)))
            add("attention.value_length_mla", .uint32(UInt32(value)))
            add("rope.dimension_count", .uint32(UInt32(rope)))
        }
        if let experts {
            add("leading_dense_block_count", .uint32(UInt32(experts.denseLayers)))
            add("expert_count", .uint32(UInt32(experts.count)))
            add("expert_used_count", .uint32(UInt32(experts.perToken)))
            add("expert_shared_count", .uint32(UInt32(experts.shared)))
            add("expert_feed_forward_length", .uint32(UInt32(experts.width)))
            add("expert_weights_scale", .float32(Float(experts.scale)))
            add("expert_weights_norm", .bool(experts.normalizes))
            add("expert_gating_func", .uint32(experts.sigmoid ? 2 : 1))
            if experts.groups > 1 {
                add("expert_group_count", .uint32(UInt32(experts.groups)))
                add("expert_group_used_count", .uint32(UInt32(experts.groupsPerToken)))
            }
        }
        if let yarn {
            add("rope.scaling.type", .string("yarn"))
            add("rope.scaling.factor", .float32(Float(yarn.factor)))
            add("rope.scaling.original_context_length", .uint32(UInt32(yarn.context)))
            add("rope.scaling.yarn_log_multiplier", .float32(Float(yarn.logMultiplier)))
        }
        return list + tokenizerMetadata
    }

    /// A byte-level vocabulary of the right size: the 256 bytes, two merges (readers ask for some), then fillers.
    private var tokenizerMetadata: [(key: String, value: GGUFValue)] {
        var tokens = byteLevelAlphabet + ["th", "the", "<|end|>"]
        tokens += (tokens.count..<vocabulary).map { "<|filler_\($0)|>" }
        let types = tokens.indices.map { Int32($0 < 258 ? 1 : $0 == 258 ? 3 : 5) }
        return [
            ("tokenizer.ggml.model", .string("gpt2")),
            ("tokenizer.ggml.pre", .string(preTokenizer)),
            ("tokenizer.ggml.tokens", .strings(tokens)),
            ("tokenizer.ggml.token_type", .int32s(types)),
            ("tokenizer.ggml.merges", .strings(["t h", "th e"])),
            ("tokenizer.ggml.eos_token_id", .uint32(258)),
            ("tokenizer.ggml.add_bos_token", .bool(false)),
        ]
    }

    /// GPT-2's printable stand-ins for the bytes 0…255.
    private var byteLevelAlphabet: [String] {
        let printable = Set(33...126).union(161...172).union(174...255)
        var next: UInt32 = 256
        return (0..<256).map { byte in
            if printable.contains(byte) { return String(Unicode.Scalar(UInt8(byte))) }
            defer { next += 1 }
            return String(Unicode.Scalar(next)!)
        }
    }
}
