/// Cuts text into the words that merging never crosses.
struct PreTokenizer: Sendable {
    var rules: [SplitRule]
    /// A space is put before a text that does not begin with one (GPT-2's `add_prefix_space`).
    var addsPrefixSpace = false

    /// Ends of the words of `text`, ascending, the last being `text.count`.
    func words(of text: Span<UInt8>) -> [Int] {
        guard text.count > 0 else { return [] }
        var cuts = [text.count]
        for rule in rules {
            var finer: [Int] = []
            finer.reserveCapacity(max(cuts.count, text.count / 6))
            var start = 0
            for end in cuts {
                rule.cut(text, from: start, to: end, into: &finer)
                start = end
            }
            cuts = finer
        }
        return cuts
    }
}

extension PreTokenizer {
    /// The names of `tokenizer.ggml.pre`, and those by which a folder with only a vocabulary and merges is told its
    /// pre-tokenizer. `nil` for an unknown one.
    init?(named name: String) {
        func rules(_ patterns: [String]) -> [SplitRule] { patterns.map { SplitRule(pattern: $0)! } }
        switch name {
        case "gpt-2", "gpt2": self.init(rules: [.gpt2])
        case "llama-bpe", "llama3", "llama-v3", "llama-3": self.init(rules: [.llama3(digits: 3)])
        case "qwen2", "deepseek-r1-qwen": self.init(rules: [.llama3(digits: 1)])
        case "deepseek-llm": self.init(rules: PreTokenizer.deepSeekLLM)
        case "deepseek-coder": self.init(rules: rules(PreTokenizer.deepSeekCoder))
        case "deepseek-v3", "deepseek-r1": self.init(rules: rules(PreTokenizer.deepSeekV3))
        default: return nil
        }
    }

    static let names = [
        "gpt-2", "llama-bpe", "qwen2", "deepseek-r1-qwen", "deepseek-llm", "deepseek-coder", "deepseek-v3",
    ]

    /// DeepSeek-V3, R1 and later.
    static let deepSeekV3 = [#"\p{N}{1,3}"#, "[一-龥぀-ゟ゠-ヿ]+", SplitRule.deepSeekV3Pattern]

    /// DeepSeek-Coder (V1).
    static let deepSeekCoder = [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, "[一-龥ࠀ-一가-퟿]+", #"\p{N}"#]

    /// DeepSeek-LLM (V1), MoE and V2.
    static let deepSeekLLM: [SplitRule] = {
        var letters = ScalarSet()
        for (first, last) in casedLetters { letters.insert(first...last) }
        return [
            SplitRule(pattern: #"[\r\n]"#)!,
            .run(prefix: .anySpace, set: letters, longest: .max),
            SplitRule(pattern: "\\s?[!-/:-~！-／：-～‘-‟\u{3000}-。]+")!,
            .trailingSpace,
            SplitRule(pattern: "[一-龥ࠀ-一가-퟿]+")!,
            SplitRule(pattern: #"\p{N}"#)!,
        ]
    }()

    /// The letters with case that its second expression lists (`\s?[A-Za-zµÀ-ÖØ-öø-ƺ…𞤀-𞥃]+`), as code points: written out,
    /// an editor that normalizes text would change the set.
    private static let casedLetters: [(UInt32, UInt32)] = [
        (0x41, 0x5A), (0x61, 0x7A), (0xB5, 0xB5), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x1BA), (0x1BC, 0x1BF),
        (0x1C4, 0x293), (0x295, 0x2AF), (0x370, 0x373), (0x376, 0x377), (0x37B, 0x37D), (0x37F, 0x37F),
        (0x386, 0x386), (0x388, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3F5), (0x3F7, 0x481),
        (0x48A, 0x52F), (0x531, 0x556), (0x10A0, 0x10C5), (0x13A0, 0x13F5), (0x13F8, 0x13FD), (0x1C90, 0x1CBA),
        (0x1CBD, 0x1CBF), (0x1D00, 0x1D2B), (0x1D6B, 0x1D77), (0x1D79, 0x1D9A), (0x1E00, 0x1F15), (0x1F18, 0x1F1D),
        (0x1F20, 0x1F45), (0x1F48, 0x1F4D), (0x1F50, 0x1F57), (0x1F59, 0x1F59), (0x1F5B, 0x1F5B), (0x1F5D, 0x1F5D),
        (0x1F5F, 0x1F7D), (0x1F80, 0x1FB4), (0x1FB6, 0x1FBC), (0x1FBE, 0x1FBE), (0x1FC2, 0x1FC4), (0x1FC6, 0x1FCC),
        (0x1FD0, 0x1FD3), (0x1FD6, 0x1FDB), (0x1FE0, 0x1FEC), (0x1FF2, 0x1FF4), (0x1FF6, 0x1FFC), (0x2102, 0x2102),
        (0x2107, 0x2107), (0x210A, 0x2113), (0x2115, 0x2115), (0x2119, 0x211D), (0x2124, 0x2124), (0x2126, 0x2126),
        (0x2128, 0x2128), (0x212A, 0x212D), (0x212F, 0x2134), (0x2139, 0x2139), (0x213C, 0x213F), (0x2145, 0x2149),
        (0x214E, 0x214E), (0x2183, 0x2184), (0x2C00, 0x2C7B), (0x2C7E, 0x2CE4), (0x2CEB, 0x2CEE), (0x2CF2, 0x2CF3),
        (0xA640, 0xA66D), (0xA680, 0xA69B), (0xA722, 0xA76F), (0xA771, 0xA787), (0xA78B, 0xA78E), (0xAB70, 0xABBF),
        (0xFB00, 0xFB06), (0xFB13, 0xFB17), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0x10400, 0x1044F),
        (0x104B0, 0x104D3), (0x104D8, 0x104FB), (0x10C80, 0x10CB2), (0x10CC0, 0x10CF2), (0x118A0, 0x118DF),
        (0x1E900, 0x1E943),
    ]
}
