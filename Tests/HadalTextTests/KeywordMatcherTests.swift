import HadalText
import TestSupport
import Testing

@Suite struct KeywordMatcherTests {
    private func found(_ keywords: [KeywordMatcher.Keyword], in text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        bytes.withUnsafeBufferPointer { buffer in
            KeywordMatcher(keywords).search(buffer) { match in
                let match = match.range.lowerBound..<match.range.upperBound
                found.append("\(match.lowerBound):" + String(decoding: bytes[match], as: UTF8.self))
            }
        }
        return found
    }

    private func found(_ keywords: [String], in text: String) -> [String] {
        found(keywords.map { .init($0) }, in: text)
    }

    @Test func overlappingAndNestedKeywordsAreAllFound() {
        #expect(found(["he", "she", "his", "hers"], in: "ushers") == ["1:she", "2:he", "2:hers"])
        #expect(found(["a", "aa"], in: "aaa") == ["0:a", "0:aa", "1:a", "1:aa", "2:a"])
        #expect(found(["bc", "abcd"], in: "abce abcd") == ["1:bc", "6:bc", "5:abcd"])
    }

    @Test func chineseKeywordsAreFoundAtCharacters() {
        #expect(found(["洗钱", "钱", "反洗钱法"], in: "依反洗钱法") == ["6:洗钱", "9:钱", "3:反洗钱法"])
        // 中 is E4 B8 AD, 临 E4 B8 B4: they share two of their bytes.
        #expect(found(["临时"], in: "中临时中") == ["3:临时"])
    }

    @Test func asciiLettersMatchInEitherCaseUnlessToldOtherwise() {
        #expect(found(["Bomb"], in: "BOMB bomb") == ["0:BOMB", "5:bomb"])
        let both: [KeywordMatcher.Keyword] = [.init("IT", isCaseSensitive: true), .init("it")]
        #expect(found(both, in: "it IT") == ["0:it", "3:IT", "3:IT"])
        // Only letters have two cases: '@' and '`', '[' and '{' differ by the same bit.
        #expect(found(["@["], in: "`{ @[") == ["3:@["])
    }

    @Test func wholeWordsDoNotLieWithinOthers() {
        let cat = [KeywordMatcher.Keyword("cat", isWholeWord: true)]
        #expect(found(cat, in: "cat, concatenate cats cat_1 cat") == ["0:cat", "28:cat"])
        #expect(found(cat, in: "猫cat猫") == ["3:cat"])
        #expect(found(cat, in: "écat caté ъcat") == [])
        #expect(found([.init("+86", isWholeWord: true)], in: "a+86 +861") == ["1:+86"])
    }

    @Test func keywordsThatAreGivenTwiceAreBothReported() {
        let matcher = KeywordMatcher([.init("a"), .init(""), .init("A")])
        var keywords: [Int] = []
        [UInt8]("a".utf8).withUnsafeBufferPointer { matcher.search($0) { keywords.append($0.keyword) } }
        #expect(keywords.sorted() == [0, 2])
        #expect(found([String](), in: "text") == [])
        #expect(found(["text"], in: "") == [])
    }

    @Test func aTextInPiecesGivesTheSameMatches() {
        let text = Array("ushers 反洗钱法 she".utf8)
        let matcher = KeywordMatcher(["he", "she", "hers", "洗钱", "反洗钱法律"].map { .init($0) })
        var whole: [KeywordMatcher.Match] = []
        text.withUnsafeBufferPointer { matcher.search($0) { whole.append($0) } }
        #expect(whole.count == 6)
        for cut in 0...text.count {
            var place = KeywordMatcher.Place()
            var pieces: [KeywordMatcher.Match] = []
            for end in [cut, text.count] {
                text[..<end].withUnsafeBufferPointer { matcher.search($0, from: &place) { pieces.append($0) } }
                #expect(place.offset == end)
            }
            #expect(pieces == whole, "cut at \(cut)")
        }
    }

    @Test func whatMayBeTheBeginningOfAMatchIsPending() {
        let matcher = KeywordMatcher(["abcd", "cde"].map { .init($0) })
        func pending(_ text: String) -> Int {
            var place = KeywordMatcher.Place()
            Array(text.utf8).withUnsafeBufferPointer { matcher.search($0, from: &place) { _ in } }
            return matcher.pendingBytes(at: place)
        }
        #expect(pending("xx") == 0)
        #expect(pending("xabc") == 3)
        #expect(pending("xabcd") == 4)
        #expect(pending("xabcde") == 3)
        #expect(pending("xbcd") == 2)
    }

    /// Against the obvious search, over texts of few letters, where everything overlaps.
    @Test func randomKeywordsAreFoundWhereTheyAre() {
        var random = SplitMix(state: 11)
        let letters = Array("abAB中丰é_ ")
        func word(_ lengths: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: lengths, using: &random)).map { _ in letters.randomElement(using: &random)! })
        }
        for _ in 0..<300 {
            let keywords = (0..<Int.random(in: 1...60, using: &random)).map { _ in word(1...5) }
            let text = word(0...80)
            var expected: Set<String> = []
            let lowered = Array(text.utf8).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            for keyword in keywords {
                let key = Array(keyword.lowercased().utf8)
                guard key.count <= lowered.count else { continue }
                for start in 0...(lowered.count - key.count) where lowered[start..<start + key.count].elementsEqual(key)
                {
                    expected.insert(
                        "\(start):" + String(decoding: Array(text.utf8)[start..<start + key.count], as: UTF8.self))
                }
            }
            #expect(Set(found(keywords, in: text)) == expected)
        }
    }

    @Test func manyKeywordsTakeLittleMemory() {
        var random = SplitMix(state: 5)
        let keywords = (0..<20_000).map { _ in
            String(
                String.UnicodeScalarView(
                    (0..<4).map { _ in
                        Unicode.Scalar(UInt32.random(in: 0x4E00...0x9FFF, using: &random))!
                    }))
        }
        let matcher = KeywordMatcher(keywords.map { .init($0) })
        let bytes = keywords.reduce(0) { $0 + $1.utf8.count }
        #expect(matcher.memorySize < 24 * bytes)
        var matches = 0
        let text = Array(keywords.joined(separator: " ").utf8)
        text.withUnsafeBufferPointer { text in matcher.search(text) { _ in matches += 1 } }
        #expect(matches >= keywords.count)
    }
}
