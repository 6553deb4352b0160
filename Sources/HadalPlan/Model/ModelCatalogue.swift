/// Models that can be planned for and pulled by what is known of them.
public struct ModelCatalogue: Sendable {
    public let entries: [CatalogueModel]

    init(_ entries: [CatalogueModel]) { self.entries = entries }

    /// By name (`r1`, `R1-Distill-Qwen-7B`) or repository (`deepseek-ai/DeepSeek-R1`), in upper or lower case.
    public func find(_ reference: String) -> CatalogueModel? {
        let wanted = reference.lowercased()
        return entries.first { $0.name.lowercased() == wanted || $0.repository.lowercased() == wanted }
    }
}

/// DeepSeek's published models. The figures are those of the `config.json` in each repository at
/// huggingface.co/deepseek-ai; parameters, licences and sampling those of its model card.
extension ModelCatalogue {
    public static let published = ModelCatalogue(
        (llama + experts + latent + compressed).map { model in
            var model = model
            model.license = license(of: model.name)
            model.sampling = sampling(of: model.name)
            model.digests = PublishedDigests.all[model.repository]?.files ?? [:]
            model.digestsRevision = PublishedDigests.all[model.repository]?.revision
            return model
        })

    /// DeepSeek's own licence before R1, MIT since.
    private static func license(of name: String) -> String {
        let isOlder =
            ["llm-", "coder-", "moe-"].contains { name.hasPrefix($0) } || ["v2", "v2-lite", "v2.5"].contains(name)
        return isOlder ? "deepseek" : "mit"
    }

    /// From the cards' sections on usage: R1 and its distilled models (0.6, with 0.95 as it was evaluated), V3-0324
    /// (0.3), V3.2, V4. The others say nothing.
    private static func sampling(of name: String) -> CatalogueModel.Sampling? {
        switch name {
        case "v3": .init(temperature: 0.3, topP: nil)
        case "v3.2": .init(temperature: 1, topP: 0.95)
        case "v4-flash", "v4-pro": .init(temperature: 1, topP: 1)
        default: name.hasPrefix("r1") ? .init(temperature: 0.6, topP: 0.95) : nil
        }
    }

    private static let llama = [
        CatalogueModel(
            "llm-7b", "deepseek-ai/deepseek-llm-7b-chat", .bf16, 6.91,
            grouped("llama", 4096, 30, 11_008, heads: 32, of: 32, vocabulary: 102_400, context: 4096)),
        CatalogueModel(
            "llm-67b", "deepseek-ai/deepseek-llm-67b-chat", .bf16, 67.4,
            grouped("llama", 8192, 95, 22_016, heads: 64, of: 8, vocabulary: 102_400, context: 4096)),
        CatalogueModel(
            "coder-1.3b", "deepseek-ai/deepseek-coder-1.3b-instruct", .bf16, 1.35,
            grouped("llama", 2048, 24, 5504, heads: 16, of: 16, vocabulary: 32_256, context: 16_384)),
        CatalogueModel(
            "coder-6.7b", "deepseek-ai/deepseek-coder-6.7b-instruct", .bf16, 6.74,
            grouped("llama", 4096, 32, 11_008, heads: 32, of: 32, vocabulary: 32_256, context: 16_384)),
        CatalogueModel(
            "coder-33b", "deepseek-ai/deepseek-coder-33b-instruct", .bf16, 33.3,
            grouped("llama", 7168, 62, 19_200, heads: 56, of: 8, vocabulary: 32_256, context: 16_384)),
        CatalogueModel(
            "r1-distill-qwen-1.5b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", .bf16, 1.78,
            grouped("qwen2", 1536, 28, 8960, heads: 12, of: 2, vocabulary: 151_936, context: 131_072)),
        CatalogueModel(
            "r1-distill-qwen-7b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", .bf16, 7.62,
            grouped("qwen2", 3584, 28, 18_944, heads: 28, of: 4, vocabulary: 152_064, context: 131_072)),
        CatalogueModel(
            "r1-distill-llama-8b", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B", .bf16, 8.03,
            grouped("llama", 4096, 32, 14_336, heads: 32, of: 8, vocabulary: 128_256, context: 131_072)),
        CatalogueModel(
            "r1-distill-qwen-14b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B", .bf16, 14.8,
            grouped("qwen2", 5120, 48, 13_824, heads: 40, of: 8, vocabulary: 152_064, context: 131_072)),
        CatalogueModel(
            "r1-distill-qwen-32b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", .bf16, 32.8,
            grouped("qwen2", 5120, 64, 27_648, heads: 40, of: 8, vocabulary: 152_064, context: 131_072)),
        CatalogueModel(
            "r1-distill-llama-70b", "deepseek-ai/DeepSeek-R1-Distill-Llama-70B", .bf16, 70.6,
            grouped("llama", 8192, 80, 28_672, heads: 64, of: 8, vocabulary: 128_256, context: 131_072)),
        CatalogueModel(
            "r1-0528-qwen3-8b", "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", .bf16, 8.19,
            grouped("qwen3", 4096, 36, 12_288, heads: 32, of: 8, vocabulary: 151_936, context: 131_072)),
    ]

    private static func grouped(
        _ type: String, _ hidden: Int, _ layers: Int, _ intermediate: Int, heads: Int, of keyValueHeads: Int,
        vocabulary: Int, context: Int
    ) -> String {
        """
        {"model_type": "\(type)", "hidden_size": \(hidden), "num_hidden_layers": \(layers), "head_dim": 128,
         "intermediate_size": \(intermediate), "num_attention_heads": \(heads), "rms_norm_eps": 1e-6,
         "num_key_value_heads": \(keyValueHeads), "vocab_size": \(vocabulary), "max_position_embeddings": \(context)}
        """
    }

    private static let experts = [
        CatalogueModel(
            "moe-16b", "deepseek-ai/deepseek-moe-16b-chat", .bf16, 16.4,
            """
            {"model_type": "deepseek", "hidden_size": 2048, "num_hidden_layers": 28, "intermediate_size": 10944,
             "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 102400, "rms_norm_eps": 1e-6,
             "max_position_embeddings": 4096, "moe_intermediate_size": 1408, "n_routed_experts": 64,
             "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "scoring_func": "softmax"}
            """)
    ]

    private static let latent =
        [
            ("v2-lite", "DeepSeek-V2-Lite-Chat"), ("coder-v2-lite", "DeepSeek-Coder-V2-Lite-Instruct"),
        ].map { CatalogueModel($0.0, "deepseek-ai/\($0.1)", .bf16, 15.7, v2Lite) }
        + [("v2", "DeepSeek-V2-Chat"), ("v2.5", "DeepSeek-V2.5"), ("coder-v2", "DeepSeek-Coder-V2-Instruct")]
        .map { CatalogueModel($0.0, "deepseek-ai/\($0.1)", .bf16, 236, v2) }
        + [
            ("v3", "DeepSeek-V3-0324"), ("v3.1", "DeepSeek-V3.1"), ("r1", "DeepSeek-R1"),
            ("r1-0528", "DeepSeek-R1-0528"),
        ]
        .map { CatalogueModel($0.0, "deepseek-ai/\($0.1)", .fp8, 671, v3(type: "deepseek_v3")) }
        + [
            CatalogueModel(
                "v3.2", "deepseek-ai/DeepSeek-V3.2", .fp8, 671,
                v3(
                    type: "deepseek_v32",
                    #""index_n_heads": 64, "index_head_dim": 128, "index_topk": 2048, "#))
        ]

    private static let v2Lite = """
        {"model_type": "deepseek_v2", "hidden_size": 2048, "num_hidden_layers": 27, "intermediate_size": 10944,
         "num_attention_heads": 16, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
         "v_head_dim": 128, "vocab_size": 102400, "rms_norm_eps": 1e-6, "max_position_embeddings": 163840,
         "moe_intermediate_size": 1408, "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6,
         "first_k_dense_replace": 1, "topk_method": "greedy", "scoring_func": "softmax"}
        """

    private static let v2 = """
        {"model_type": "deepseek_v2", "hidden_size": 5120, "num_hidden_layers": 60, "intermediate_size": 12288,
         "num_attention_heads": 128, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
         "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 102400, "rms_norm_eps": 1e-6,
         "max_position_embeddings": 163840, "moe_intermediate_size": 1536, "n_routed_experts": 160,
         "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "n_group": 8, "topk_group": 3,
         "topk_method": "group_limited_greedy", "scoring_func": "softmax"}
        """

    private static func v3(type: String, _ further: String = "") -> String {
        """
        {"model_type": "\(type)", "hidden_size": 7168, "num_hidden_layers": 61, "intermediate_size": 18432,
         "num_attention_heads": 128, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
         "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 129280, "rms_norm_eps": 1e-6,
         "max_position_embeddings": 163840, "moe_intermediate_size": 2048, "n_routed_experts": 256,
         "n_shared_experts": 1, "num_experts_per_tok": 8, "first_k_dense_replace": 3, "n_group": 8, "topk_group": 4,
         "topk_method": "noaux_tc", "scoring_func": "sigmoid", "norm_topk_prob": true, \(further)
         "num_nextn_predict_layers": 1}
        """
    }

    private static let compressed = [
        CatalogueModel(
            "v4-flash", "deepseek-ai/DeepSeek-V4-Flash", .fp4, 284,
            v4(
                4096, layers: 43, heads: 64, queryRank: 1024, groups: 8, experts: 256, width: 2048, chosen: 512,
                ratios: [0, 0] + Array(repeating: [4, 128], count: 20).joined() + [4])),
        CatalogueModel(
            "v4-pro", "deepseek-ai/DeepSeek-V4-Pro", .fp4, 1600,
            v4(
                7168, layers: 61, heads: 128, queryRank: 1536, groups: 16, experts: 384, width: 3072, chosen: 1024,
                ratios: [128, 128] + Array(repeating: [4, 128], count: 29).joined() + [4])),
    ]

    private static func v4(
        _ hidden: Int, layers: Int, heads: Int, queryRank: Int, groups: Int, experts: Int, width: Int, chosen: Int,
        ratios: [Int]
    ) -> String {
        """
        {"model_type": "deepseek_v4", "hidden_size": \(hidden), "num_hidden_layers": \(layers),
         "num_attention_heads": \(heads), "head_dim": 512, "q_lora_rank": \(queryRank), "o_lora_rank": 1024,
         "o_groups": \(groups), "sliding_window": 128, "compress_ratios": \(ratios), "index_n_heads": 64,
         "index_head_dim": 128, "index_topk": \(chosen), "hc_mult": 4, "vocab_size": 129280,
         "max_position_embeddings": 1048576, "moe_intermediate_size": \(width), "n_routed_experts": \(experts),
         "n_shared_experts": 1, "num_experts_per_tok": 6, "num_nextn_predict_layers": 1}
        """
    }
}
