import HadalJSON
import HadalTokenization
import TestSupport
import Testing

@Suite struct MergingTests {
    /// Byte-pair encoding as it is defined, over characters of the byte alphabet: merge the lowest rank, leftmost first.
    struct NaiveEncoder {
        var ranks: [String: Int] = [:]

        init(_ json: JSON) {
            for (rank, merge) in json["model"]!["merges"]!.array!.enumerated() {
                ranks["\(merge[0]!.string!) \(merge[1]!.string!)"] = rank
            }
        }

        func pieces(of word: String) -> [String] {
            var symbols = word.unicodeScalars.map { String($0) }
            while symbols.count > 1 {
                let candidates = (0..<symbols.count - 1).compactMap { place in
                    ranks["\(symbols[place]) \(symbols[place + 1])"].map { (rank: $0, place: place) }
                }
                guard let best = candidates.min(by: { ($0.rank, $0.place) < ($1.rank, $1.place) }) else { break }
                symbols.replaceSubrange(
                    best.place...best.place + 1, with: [symbols[best.place] + symbols[best.place + 1]])
            }
            return symbols
        }
    }

    /// Words short enough for the array and long enough for the heap.
    @Test(arguments: [1, 2, 3, 12, 39, 40, 41, 42, 100, 300])
    func wordsAreMergedByRankFromTheLeft(length: Int) throws {
        let tokenizer = try Fixtures.tokenizer("deepseek-v3")
        let json = try Fixtures.json("deepseek-v3")
        let naive = NaiveEncoder(json)
        var random = SplitMix(state: UInt64(length))
        for _ in 0..<(length > 50 ? 4 : 40) {
            let letters = Array("aeinrsthmodcl")
            let word = String((0..<length).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
            let expected = naive.pieces(of: word).map { Int32(json["model"]!["vocab"]![$0]!.int!) }
            #expect(tokenizer.encode(word, parsesSpecial: false) == expected, "\(word)")
        }
    }

    /// One long run must not take time quadratic in its length: sixteen times the text, far less than 256 times the time.
    @Test(arguments: Fixtures.names, ["a", "模", " ", "\n", "<", "e\u{301}", "\u{301}", "a "])
    func timeIsLinearInTheText(name: String, unit: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        func time(_ count: Int) -> Duration {
            let text = String(repeating: unit, count: count)
            return ContinuousClock().measure { _ = tokenizer.encode(text, parsesSpecial: true) }
        }
        let short = (0..<3).map { _ in time(1_000) }.min()!
        let long = time(16_000)
        #expect(long < short * 100 + .milliseconds(20), "\(short) and \(long)")
    }
}
