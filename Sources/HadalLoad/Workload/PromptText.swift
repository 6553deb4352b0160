/// Texts of about so many tokens, of words of chance. Those of one number are always the same, so that prompts that share a
/// beginning share its tokens.
struct PromptText: Sendable {
    /// Words that tokenizers keep whole, so that lengths can be told beforehand.
    private static let words = """
        the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you \
        were all her she there would their we him been has when who will no more if out so up said what its about than into \
        them can only other time new some could these two may first then do any like my now over such our man me even most \
        made after also did many off before must well back through years where much your way down should because long each just \
        state those people too little good world make very year still see own work men day get here between life being under \
        three never know same last another while us house again place might go great part against right came old take used
        """.split(separator: " ").map(String.init)

    /// Tokens that a word is, beside those that every request has: measured (`Calibration`).
    var tokensPerWord = 1.0

    /// - Parameter number: which of them; texts of different numbers differ from their first words on.
    func text(tokens: Int, number: UInt64) -> String {
        var random = SeededGenerator(seed: number &* 0x2545_F491_4F6C_DD1D ^ 0x5851_F42D_4C95_7F2D)
        let count = max(1, Int((Double(tokens) / tokensPerWord).rounded()))
        var text = ""
        text.reserveCapacity(count * 5)
        for index in 0..<count {
            if index > 0 { text += " " }
            text += Self.words[Int(random.next() % UInt64(Self.words.count))]
        }
        return text
    }
}
