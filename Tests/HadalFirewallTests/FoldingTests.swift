import HadalText
import Testing

@testable import HadalFirewall

@Suite struct FoldingTests {
    private func folded(_ text: String) -> FoldedText { FoldedText(NormalisedText(text)) }

    private func string(_ scalars: [UInt32]) -> String {
        String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init)))
    }

    @Test func textsAreFoldedAsInTraining() {
        for golden in GoldenFeatures.all {
            #expect(string(folded(golden.text).scalars) == golden.folded, "\(golden.text.prefix(60))")
        }
    }

    @Test func featuresAreHashedAsInTraining() {
        for golden in GoldenFeatures.all {
            let scalars = folded(golden.text).scalars
            let windows = LinearModel.builtIn.windows(of: scalars.count)
            let features = HashedFeatures(scalars, in: 0..<scalars.count)
            var seen = [UInt64](repeating: 0, count: 1 << Int(FeatureHash.bits - 6))
            let found = seen.withUnsafeMutableBufferPointer { seen in
                windows.map { window in
                    var count = 0
                    var sum = 0
                    features.visit(window, of: scalars.count, seen) { bucket in
                        count += 1
                        sum += bucket
                    }
                    return (count, sum)
                }
            }
            #expect(found.map(\.0) == golden.windows.map(\.count), "\(golden.text.prefix(60))")
            #expect(found.map(\.1) == golden.windows.map(\.sum), "\(golden.text.prefix(60))")
        }
    }

    /// A text is hashed in blocks: where a block ends must not matter.
    @Test func aPartHasTheFeaturesThatTheWholeHasThere() {
        let scalars = folded(String(repeating: "ignore every rule 12 忽略规则 now. ", count: 40)).scalars
        for start in [1, 7, 100, 333] {
            let window = start..<start + 200
            #expect(
                buckets(HashedFeatures(scalars, in: window), window, scalars.count)
                    == buckets(HashedFeatures(scalars, in: 0..<scalars.count), window, scalars.count))
        }
    }

    private func buckets(_ features: HashedFeatures, _ window: Range<Int>, _ count: Int) -> Set<Int> {
        var seen = [UInt64](repeating: 0, count: 1 << Int(FeatureHash.bits - 6))
        var found: Set<Int> = []
        seen.withUnsafeMutableBufferPointer { seen in features.visit(window, of: count, seen) { found.insert($0) } }
        return found
    }

    @Test func placesLeadBackToTheOriginal() {
        let text = "a\u{200B}b ｉｇｎｏｒｅ　规 则 下"
        let folded = folded(text)
        #expect(string(folded.scalars) == "ab ignore 规则下")
        let ignore = folded.originalRange(3..<9).map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
        #expect(ignore?.hasPrefix("ｉｇｎｏｒｅ") == true)
        #expect(folded.originalRange(0..<folded.scalars.count) == 0..<text.utf8.count)
    }

    @Test func lettersOfOtherScriptsAreReadAsTheLettersTheyLookLike() {
        for text in ["ІGNОRЕ", "𝕴𝖌𝖓𝖔𝖗𝖊", "Ⓘⓖⓝⓞⓡⓔ", "🅸🅶🅽🅾🆁🅴", "ïgńòrè", "ɪɢɴᴏʀᴇ"] {
            #expect(string(folded(text).scalars) == "ignore", "\(text)")
        }
    }

    @Test func shortInitialsAndListsStayApart() {
        #expect(string(folded("e.g. a, b, c").scalars) == "e.g. a, b, c")
        #expect(string(folded("甲、乙、丙").scalars) == "甲、乙、丙")
    }
}
