/// How alike two texts are, 0 to 1; 1 only of the same words in nearly the same order.
public enum TextSimilarity {
    /// The words that are looked at of each text, so that a long answer costs no more than a moment.
    public static let wordMax = 20_000

    /// Dice's coefficient over pairs of neighbouring words, counted as often as they occur (L. R. Dice, Measures of the
    /// amount of ecologic association between species, Ecology 26, 1945). Case and punctuation at words' ends count.
    public static func words(_ first: String, _ second: String) -> Double {
        if first == second { return 1 }
        let (left, right) = (pairs(first), pairs(second))
        let total = left.values.reduce(0, +) + right.values.reduce(0, +)
        guard total > 0 else { return 0 }
        let common = left.reduce(0) { $0 + min($1.value, right[$1.key] ?? 0) }
        return 2 * Double(common) / Double(total)
    }

    private static func pairs(_ text: String) -> [[Substring]: Int] {
        // A mark at both ends, so that a text of one word has pairs too.
        let words: [Substring] = [""] + text.split(whereSeparator: \.isWhitespace).prefix(wordMax) + [""]
        guard words.count > 2 else { return [:] }
        return Dictionary(zip(words, words.dropFirst()).map { ([$0, $1], 1) }, uniquingKeysWith: +)
    }
}
