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
        if config?["do_sample"]?.bool == false { sampling.temperature = 0 }
        if config?["do_sample"]?.bool != false {
            if let value = config?["temperature"]?.double { sampling.temperature = Float(value) }
            if let value = config?["top_p"]?.double { sampling.topP = Float(value) }
            if let value = config?["top_k"]?.int { sampling.topK = value }
            if let value = config?["min_p"]?.double { sampling.minP = Float(value) }
            if let value = config?["typical_p"]?.double { sampling.typicalP = Float(value) }
        }
        if let value = config?["repetition_penalty"]?.double { sampling.repetitionPenalty = Float(value) }
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
