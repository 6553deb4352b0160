import HadalCheckpoint
import HadalJSON
import HadalTokenization

/// What a model's authors recommend: `generation_config.json`, or what GGUF metadata says.
public struct GenerationDefaults: Sendable {
    public var sampling = SamplingParameters()
    /// Tokens that end an answer.
    public var endTokens: Set<Int32> = []

    /// Texts of end-of-turn tokens of the model families that are run here.
    private static let turnEnds = [
        "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>", "<|endoftext|>", "<|EOT|>", "</s>",
    ]

    init(_ checkpoint: Checkpoint, tokenizer: any Tokenizer) {
        let config = checkpoint.generationConfig
        let gguf = checkpoint.gguf
        /// The same setting as `generation_config.json` and as GGUF's `general.sampling.…` name it.
        func setting(_ name: String, _ key: String) -> Double? {
            config?[name]?.double ?? gguf?.double("general.sampling.\(key)")
        }
        if let value = setting("repetition_penalty", "penalty_repeat") { sampling.repetitionPenalty = Float(value) }
        if config?["do_sample"]?.bool == false {
            sampling.temperature = 0
        } else {
            if let value = setting("temperature", "temp") { sampling.temperature = Float(value) }
            if let value = setting("top_p", "top_p") { sampling.topP = Float(value) }
            if let value = setting("top_k", "top_k").flatMap(Int.init(exactly:)) { sampling.topK = max(0, value) }
            if let value = setting("min_p", "min_p") { sampling.minP = Float(value) }
            if let value = config?["typical_p"]?.double { sampling.typicalP = Float(value) }
        }
        // Recommendations that cannot be followed are none.
        if (try? sampling.validate(vocabulary: tokenizer.vocabularySize)) == nil { sampling = SamplingParameters() }

        var ends: [Int] = []
        for source in [config?["eos_token_id"], checkpoint.config?["eos_token_id"]] {
            ends += source?.array?.compactMap(\.int) ?? source?.int.map { [$0] } ?? []
        }
        for key in ["eos", "eot", "eom"] {
            if let id = checkpoint.gguf?.int("tokenizer.ggml.\(key)_token_id") { ends.append(id) }
        }
        endTokens = Set(ends.compactMap { Int32(exactly: $0) })
        if let end = tokenizer.endOfText { endTokens.insert(end) }
        for text in GenerationDefaults.turnEnds {
            if let id = tokenizer.id(of: text), tokenizer.isSpecial(id) { endTokens.insert(id) }
        }
    }
}
