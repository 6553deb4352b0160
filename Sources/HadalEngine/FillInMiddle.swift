import HadalTokenization

/// The marks with which a model was trained to fill a gap between two texts.
public struct FillInMiddle: Sendable, Hashable {
    /// Before the text before the gap, before the text after it, and before what fills it.
    let marks: [Int32]
    /// Tokens that end the filling where a model writes on into another file.
    public let stopTokens: Set<Int32>

    /// DeepSeek-Coder, V2, V3 and R1; Qwen2.5-Coder; StarCoder; CodeLlama.
    private static let families = [
        ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"], ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
        ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"], ["▁<PRE>", "▁<SUF>", "▁<MID>"],
    ]
    private static let stops = [
        "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<｜fim▁begin｜>", "<|endoftext|>", "▁<EOT>",
    ]

    /// Nil where the vocabulary has no such marks.
    init?(_ tokenizer: any Tokenizer) {
        let found = FillInMiddle.families.lazy
            .map { family in family.compactMap { tokenizer.id(of: $0) } }
            .first { $0.count == 3 }
        guard let found else { return nil }
        marks = found
        stopTokens = Set(FillInMiddle.stops.compactMap { tokenizer.id(of: $0) })
    }
}

extension ModelHost {
    /// Nil where the model was not trained to fill gaps.
    public var fillInMiddle: FillInMiddle? { FillInMiddle(tokenizer) }

    /// Asks for the text between two texts.
    public func infillPrompt(before: String, after: String, _ marks: FillInMiddle) -> [Int32] {
        var tokens: [Int32] = []
        if tokenizer.addsBeginningOfText, let start = tokenizer.beginningOfText { tokens.append(start) }
        tokens.append(marks.marks[0])
        tokens += tokenizer.encode(before, parsesSpecial: false)
        tokens.append(marks.marks[1])
        tokens += tokenizer.encode(after, parsesSpecial: false)
        tokens.append(marks.marks[2])
        return tokens
    }
}
