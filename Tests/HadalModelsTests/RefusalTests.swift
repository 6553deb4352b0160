import Foundation
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import Testing

/// What is not understood is named, never guessed.
@Suite struct RefusalTests {
    struct Edit: Sendable, CustomTestStringConvertible {
        let fixture: String
        let path: [String]
        let value: JSON?
        /// What the message must hold.
        let says: [String]
        var testDescription: String { "\(fixture): \(path.joined(separator: ".")) = \(value?.text ?? "nothing")" }
    }

    static let edits: [Edit] = [
        Edit(fixture: "llama-bf16", path: ["model_type"], value: "mamba", says: ["mamba", "not known", "llama"]),
        Edit(fixture: "llama-bf16", path: ["model_type"], value: nil, says: ["no model"]),
        Edit(
            fixture: "llama-bf16", path: ["model_type"], value: "deepseek_v32", says: ["deepseek_v32", "follows later"]),
        Edit(
            fixture: "llama-bf16", path: ["model_type"], value: "deepseek_v4", says: ["deepseek_v4", "follows later"]),
        Edit(fixture: "llama-bf16", path: ["model_type"], value: "bert", says: ["encoder"]),
        Edit(fixture: "llama-bf16", path: ["hidden_act"], value: "gelu", says: ["hidden_act", "gelu", "silu"]),
        Edit(fixture: "llama-bf16", path: ["hidden_act"], value: 3, says: ["hidden_act"]),
        Edit(fixture: "llama-bf16", path: ["mlp_bias"], value: true, says: ["mlp_bias"]),
        Edit(fixture: "llama-bf16", path: ["num_hidden_layers"], value: nil, says: ["lacks num_hidden_layers"]),
        Edit(fixture: "llama-bf16", path: ["num_hidden_layers"], value: 3, says: ["lacks the tensor model.layers.2."]),
        Edit(fixture: "llama-bf16", path: ["num_hidden_layers"], value: 1, says: ["not known", "model.layers.1."]),
        Edit(fixture: "llama-bf16", path: ["num_hidden_layers"], value: -4, says: ["num_hidden_layers", "1 to"]),
        Edit(fixture: "llama-bf16", path: ["hidden_size"], value: 1.5, says: ["hidden_size", "whole number"]),
        Edit(fixture: "llama-bf16", path: ["hidden_size"], value: 64, says: ["model.embed_tokens.weight", "[64, 32]"]),
        Edit(fixture: "llama-bf16", path: ["vocab_size"], value: 70, says: ["model.embed_tokens.weight", "[70, 32]"]),
        Edit(
            fixture: "llama-bf16", path: ["num_key_value_heads"], value: 3,
            says: ["num_key_value_heads", "divisor of 4"]),
        Edit(
            fixture: "llama-bf16", path: ["intermediate_size"], value: 47, says: ["mlp.gate_proj.weight", "[48, 32]"]),
        Edit(
            fixture: "llama-bands", path: ["rope_parameters", "rope_type"], value: "longrope",
            says: ["longrope", "yarn"]),
        Edit(fixture: "llama-bands", path: ["rope_parameters", "factor"], value: nil, says: ["lacks rope", "factor"]),
        Edit(fixture: "llama-bands", path: ["rope_parameters", "high_freq_factor"], value: 1, says: ["llama3"]),
        Edit(
            fixture: "llama-bands", path: ["rope_parameters", "partial_rotary_factor"], value: 0.5,
            says: ["partial_rotary"]),
        Edit(
            fixture: "llama-bands", path: ["tie_word_embeddings"], value: false,
            says: ["lacks the tensor lm_head.weight"]),
        Edit(fixture: "qwen2", path: ["use_sliding_window"], value: true, says: ["use_sliding_window"]),
        Edit(fixture: "llama-bf16", path: ["model_type"], value: "qwen2", says: ["lacks the tensor", "q_proj.bias"]),
        Edit(fixture: "llama-bf16", path: ["model_type"], value: "qwen3", says: ["lacks the tensor", "q_norm"]),
        Edit(fixture: "qwen3-yarn", path: ["model_type"], value: "llama", says: ["4 tensors not known", "k_norm"]),
        Edit(fixture: "deepseek-moe", path: ["scoring_func"], value: "sigmoid", says: ["scoring_func", "softmax"]),
        Edit(fixture: "deepseek-moe", path: ["moe_layer_freq"], value: 2, says: ["moe_layer_freq"]),
        Edit(fixture: "deepseek-moe", path: ["n_routed_experts"], value: 9, says: ["mlp.gate.weight", "[8, 32]"]),
        Edit(fixture: "deepseek-v2", path: ["topk_method"], value: "lottery", says: ["topk_method", "lottery"]),
        Edit(fixture: "deepseek-v2", path: ["n_group"], value: 3, says: ["groups"]),
        Edit(
            fixture: "deepseek-v2", path: ["q_lora_rank"], value: nil,
            says: ["lacks the tensor", "self_attn.q_proj.weight"]),
        Edit(fixture: "deepseek-v3", path: ["scoring_func"], value: "softmax", says: ["scoring_func", "sigmoid"]),
        Edit(fixture: "deepseek-v3", path: ["qk_rope_head_dim"], value: 3, says: ["qk_rope_head_dim", "even"]),
        Edit(fixture: "deepseek-v3", path: ["kv_lora_rank"], value: 8, says: ["kv_b_proj", "[80, 8]"]),
    ]

    @Test(arguments: edits)
    func aWrongConfigurationIsNamed(_ edit: Edit) throws {
        try Fixture.withConfig(edit.fixture) { config in
            if edit.path.count == 1 {
                config[edit.path[0]] = edit.value
            } else {
                var inner = config[edit.path[0]]!.object!
                inner[edit.path[1]] = edit.value
                config[edit.path[0]] = .object(inner)
            }
        } _: { checkpoint in
            let error = #expect(throws: ModelError.self) { try load(checkpoint) }
            let message = error.map { "\($0)" } ?? ""
            for part in [checkpoint.path] + edit.says { #expect(message.contains(part), "\(message)") }
        }
    }

    @Test func everyTensorIsMissedByName() throws {
        for fixture in ["qwen3-yarn", "deepseek-v3"] {
            var names: [String] = []
            try Fixture.asGGUF(fixture) { names = $0.tensorOrder.filter { !$0.hasPrefix("blk.2") } }
            for name in names where name != "output.weight" {
                var conversion = GGUFConversion()
                conversion.tensor = { $0 == name ? nil : ($1, $2) }
                try Fixture.asGGUF(fixture, conversion) { checkpoint in
                    let error = #expect(throws: ModelError.self) { try load(checkpoint) }
                    // Without the fused projection its halves are looked for.
                    let missed = name.replacingOccurrences(of: "attn_kv_b", with: "attn_k_b")
                    #expect(error == .inCheckpoint(checkpoint.path, .missingTensor(missed)))
                }
            }
        }
    }

    @Test func aTensorThatNothingReadsIsRefused() throws {
        var conversion = GGUFConversion()
        conversion.extra["blk.1.attn_sinks.weight"] = [1, 2, 3, 4]
        try Fixture.asGGUF("qwen2", conversion) { checkpoint in
            let error = #expect(throws: ModelError.self) { try load(checkpoint) }
            #expect(
                error == .inCheckpoint(checkpoint.path, .unusedTensors(count: 1, first: "blk.1.attn_sinks.weight")))
        }
    }

    @Test func anEncoderIsNotAModelThatWrites() throws {
        let checkpoint = try Checkpoint.open(Fixture.folder("bert").path)
        #expect(throws: ModelError.inCheckpoint(checkpoint.path, .wrongKind(architecture: "bert", isEncoder: true))) {
            try load(checkpoint)
        }
        let causal = try Checkpoint.open(Fixture.folder("qwen2").path)
        #expect(throws: ModelError.inCheckpoint(causal.path, .wrongKind(architecture: "qwen2", isEncoder: false))) {
            try ModelLoader.loadEncoder(causal, device: CPUDevice())
        }
    }

    @Test func olderConfigurationsOfRotaryPositionsMeanTheSame() throws {
        for fixture in ["llama-linear", "llama-bands", "qwen3-yarn", "deepseek-v3"] {
            let reference = try ReferenceCase.folder(Fixture.folder(fixture)).last!
            try Fixture.withConfig(fixture) { config in
                var scaling = config["rope_parameters"]!.object!
                config["rope_parameters"] = nil
                config["rope_theta"] = scaling["rope_theta"]
                scaling["rope_theta"] = nil
                scaling["type"] = scaling["rope_type"]
                scaling["rope_type"] = nil
                config["rope_scaling"] = .object(scaling)
            } _: { checkpoint in
                let own = try logits(load(checkpoint), reference.tokens, chunk: 128)
                #expect(worstDifference(own, reference.logits) <= LogitsTests.limit, "\(fixture)")
            }
        }
    }
}
