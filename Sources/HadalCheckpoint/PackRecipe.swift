/// Which format each tensor of a packed checkpoint gets.
///
/// Vectors and routers stay as they are: they are small, and they decide. What every token passes and what few parameters
/// make (the table, the projection to the vocabulary, MLA's up-projections, and beside routed experts also attention and
/// shared experts) gets more bits than the rest, since in a mixture of experts nearly all bytes are the routed ones.
public struct PackRecipe: Sendable, Hashable {
    /// What people can ask for; FP8 (`f8_e4m3`) for directories alone.
    public static let formats: [TensorFormat] = [
        .q8_0, .q6_K, .q5_K, .q4_K, .q5_1, .q5_0, .q4_1, .q4_0, .mxfp4, .f16, .bf16, .f32,
    ]

    /// Of most matrices; nil: what each has, bfloat16 where GGUF has no such format.
    public var format: TensorFormat?
    /// Tensors whose name contains the text get the format; the first that fits counts.
    public var exceptions: [Exception]

    public struct Exception: Sendable, Hashable {
        public var name: String
        public var format: TensorFormat

        public init(name: String, format: TensorFormat) {
            self.name = name
            self.format = format
        }
    }

    public init(_ format: TensorFormat?, exceptions: [Exception] = []) {
        self.format = format
        self.exceptions = exceptions
    }

    /// - Parameter hasExperts: whether the model routes tokens to experts.
    public func format(of tensor: Tensor, hasExperts: Bool) -> TensorFormat {
        format(of: tensor.name, shape: tensor.shape, from: tensor.format, hasExperts: hasExperts)
    }

    /// The same for a tensor that is not there yet.
    public func format(
        of name: String, shape: [Int], from stored: TensorFormat, hasExperts: Bool
    ) -> TensorFormat {
        let columns = shape.last ?? 1
        if let exception = exceptions.first(where: { name.contains($0.name) }) {
            return fitted(exception.format, columns)
        }
        guard let format else { return stored.rawValue < 1000 ? stored : .bf16 }
        guard shape.count > 1, stored.hasRealValues, !Self.isRouter(name) else {
            // GGUF has no 8-bit floats.
            return stored.rawValue < 1000 ? stored : .f32
        }
        if format == .f8_E4M3 {
            // As in DeepSeek's own: all matrices but the table and the projection to the vocabulary.
            let isVocabulary = name.contains("embed_tokens.") || name.contains("lm_head.")
            return isVocabulary || shape.count > 2 ? .bf16 : .f8_E4M3
        }
        let needsMore = hasExperts ? !Self.isExpert(name) : Self.isSensitive(name)
        return fitted(needsMore ? Self.moreExact(format) : format, columns)
    }

    /// With more bits; formats of 8 bits and more stay.
    private static func moreExact(_ format: TensorFormat) -> TensorFormat {
        switch format {
        case .q4_K, .q5_K: .q6_K
        case .q6_K, .q4_0, .q4_1, .q5_0, .q5_1, .mxfp4: .q8_0
        default: format
        }
    }

    /// Rows have to be whole blocks.
    private func fitted(_ format: TensorFormat, _ columns: Int) -> TensorFormat {
        if columns % format.blockSize == 0 { return format }
        return columns % TensorFormat.q8_0.blockSize == 0 ? .q8_0 : .f16
    }

    public static func isExpert(_ name: String) -> Bool { name.contains("_exps.") || name.contains(".experts.") }

    public static func isRouter(_ name: String) -> Bool {
        name.contains("ffn_gate_inp") || name.hasSuffix("mlp.gate.weight")
    }

    private static func isSensitive(_ name: String) -> Bool {
        [
            "token_embd.", "embed_tokens.", "output.weight", "lm_head.", "kv_b_proj.", "attn_kv_b.", "attn_k_b.",
            "attn_v_b.",
        ].contains { name.contains($0) && !name.contains("attn_output.") }
    }
}
