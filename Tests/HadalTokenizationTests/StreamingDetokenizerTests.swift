import HadalTokenization
import TestSupport
import Testing

/// A tokenizer whose tokens are given bytes.
private struct ByteTokenizer: Tokenizer {
    var pieces: [[UInt8]]
    var special: Set<Int32> = []
    var stripsLeadingSpace = false

    var vocabularySize: Int { pieces.count }
    var beginningOfText: Int32? { nil }
    var endOfText: Int32? { nil }
    var addsBeginningOfText: Bool { false }
    func encode(_ text: String, parsesSpecial: Bool) -> [Int32] { [] }
    func encode(_ text: String, unmasking masks: [Unicode.Scalar: Unicode.Scalar]) -> [Int32] { [] }
    var controlTexts: [String] { [] }
    func bytes(of token: Int32) -> [UInt8] { pieces[Int(token)] }
    func isSpecial(_ token: Int32) -> Bool { special.contains(token) }
    func id(of piece: String) -> Int32? { nil }
}

@Suite struct StreamingDetokenizerTests {
    private func parts(_ pieces: [[UInt8]], stripsLeadingSpace: Bool = false, continuesText: Bool = false) -> [String] {
        let tokenizer = ByteTokenizer(pieces: pieces, stripsLeadingSpace: stripsLeadingSpace)
        var detokenizer = StreamingDetokenizer(tokenizer, continuesText: continuesText)
        return pieces.indices.map { detokenizer.push(Int32($0)) } + [detokenizer.flush()]
    }

    @Test func aCharacterInPartsComesWhole() {
        #expect(parts([[0xE6, 0xB7], [0xB1], [0xF0], [0x9F], [0x98, 0x80, 0x21]]) == ["", "深", "", "", "😀!", ""])
    }

    @Test func aCharacterThatNeverEndsIsReplacedAtTheEnd() {
        #expect(parts([[0x61, 0xE6, 0xB7]]) == ["a", "\u{FFFD}"])
    }

    @Test func bytesThatCannotBecomeACharacterAreReplacedAtOnce() {
        #expect(
            parts([[0x80], [0xFF], [0xC0], [0xE6], [0x61]]) == [
                "\u{FFFD}", "\u{FFFD}", "\u{FFFD}", "", "\u{FFFD}a", "",
            ])
        // Overlong, surrogate, past the last scalar: wrong from the second byte on.
        #expect(
            parts([[0xE0, 0x80], [0xED, 0xA0], [0xF4, 0x90]]).joined() == String(repeating: "\u{FFFD}", count: 6))
    }

    /// Any bytes, cut anywhere, give what decoding the whole gives.
    @Test func cutsDoNotShow() {
        var random = SplitMix(state: 3)
        for _ in 0..<2_000 {
            let bytes = (0..<12).map { _ in
                [0x61, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE6, 0xED, 0xF0, 0xF4, 0xFF][Int(random.next() % 12)]
                    as UInt8
            }
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int(random.next() % 4))
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(parts(pieces).joined() == String(decoding: bytes, as: UTF8.self), "\(pieces)")
        }
    }

    @Test func theSpaceBeforeTheFirstWordIsDropped() {
        let words = [Array(" Once".utf8), Array(" upon".utf8)]
        #expect(parts(words, stripsLeadingSpace: true) == ["Once", " upon", ""])
        #expect(parts(words, stripsLeadingSpace: true, continuesText: true) == [" Once", " upon", ""])
        #expect(parts(words) == [" Once", " upon", ""])
    }

    @Test func whetherTheTextContinuesDependsOnThePrompt() throws {
        let tokenizer = try Fixtures.tokenizer("llama-prepend")
        let ids = tokenizer.encode("the", parsesSpecial: false)
        let beginning = try #require(tokenizer.id(of: "<s>"))
        func text(after prompt: [Int32]) -> String {
            var detokenizer = StreamingDetokenizer(tokenizer, after: prompt)
            return ids.map { detokenizer.push($0) }.joined() + detokenizer.flush()
        }
        #expect(text(after: [beginning]) == "the")
        #expect(text(after: [beginning] + ids) == " the")
    }

    @Test func controlTokensAreSkippedOrShown() {
        let tokenizer = ByteTokenizer(pieces: [Array("<s>".utf8), Array("hi".utf8)], special: [0])
        #expect(tokenizer.decode([0, 1], skipsSpecial: true) == "hi")
        #expect(tokenizer.decode([0, 1]) == "<s>hi")
        var some = StreamingDetokenizer(tokenizer, showing: [0])
        #expect(some.push(0) + some.push(1) == "<s>hi")
    }

    @Test(arguments: Fixtures.names)
    func streamedTextIsTheWholeText(name: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        for example in try Fixtures.cases(of: name) {
            var detokenizer = StreamingDetokenizer(tokenizer, skipsSpecial: false)
            var text = ""
            for id in example.ids {
                let part = detokenizer.push(id)
                #expect(!part.unicodeScalars.contains("\u{FFFD}") || example.text.unicodeScalars.contains("\u{FFFD}"))
                text += part
            }
            text += detokenizer.flush()
            #expect(sameBytes(text, tokenizer.decode(example.ids)))
        }
    }
}
