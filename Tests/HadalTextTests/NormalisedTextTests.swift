import HadalText
import Testing

@Suite struct NormalisedTextTests {
    @Test(arguments: [
        ("１３８ＡＢＣ，（ｘ）", "138ABC,(x)"), ("a\u{00A0}b\u{3000}c\u{2009}d", "a b c d"),
        ("1\u{200B}3\u{200D}8\u{FEFF}0\u{2060}", "1380"), ("\u{202E}abc\u{202C}", "abc"),
        ("a\u{FE0F}b\u{E0101}c", "abc"),
        ("x\u{E0041}\u{E0042}\u{E007F}y", "xy"), ("١٢٣ ۴۵۶ ४५६ 𝟗𝟎", "123 456 456 90"), ("a\u{AD}b\u{3164}c", "abc"),
        ("1\u{2011}2\u{2212}3", "1-2-3"), ("a\u{2028}b\u{85}c", "a\nb\nc"), ("a﹫b﹒c", "a@b.c"),
        ("ABC 你好。—é", "ABC 你好。—é"), ("", ""), ("\u{200B}", ""),
    ])
    func disguisesAreTakenOff(text: String, expected: String) {
        #expect(NormalisedText(text).string == expected)
    }

    @Test func plainTextIsNotCopied() {
        let bytes = Array("Plain text, 中文也是。Ünïcode\n\t".utf8)
        let text = NormalisedText(utf8: bytes)
        #expect(text.isUnchanged)
        let isShared = bytes.withUnsafeBufferPointer { original in
            text.bytes.withUnsafeBufferPointer { $0.baseAddress == original.baseAddress }
        }
        #expect(isShared)
    }

    @Test func rangesLeadBackToTheOriginal() {
        let original = "号\u{200B}码：１\u{200D}３8\u{200B}。"
        let text = NormalisedText(original)
        #expect(text.string == "号码:138。")
        #expect(text.removedCharacters == 3)
        let start = "号码:".utf8.count
        let range = text.originalRange(start..<start + 3)
        #expect(String(decoding: text.original[range], as: UTF8.self) == "１\u{200D}３8")
        #expect(text.originalRange(0..<text.bytes.count) == 0..<original.utf8.count)
        #expect(text.originalOffset(of: text.bytes.count) == original.utf8.count)
    }

    /// Every character alone must lead back to the characters it was made from.
    @Test func everyCharacterOfALongTextLeadsBack() {
        let parts = ["a", "１", "中", "\u{3000}", "é", "😀", "𝟙", "，", " "]
        let hidden = ["\u{200B}", "", "\u{FE0F}", "\u{E0041}", ""]
        var original = ""
        for index in 0..<3000 { original += parts[index * 7 % parts.count] + hidden[index * 3 % hidden.count] }
        let text = NormalisedText(original)
        var place = 0
        for character in text.string.unicodeScalars {
            let length = UTF8.width(character)
            let range = text.originalRange(place..<place + length)
            let source = String(decoding: text.original[range], as: UTF8.self)
            #expect(NormalisedText(source).string == String(character))
            #expect(source.unicodeScalars.count == 1)
            place += length
        }
    }

    @Test func bytesThatAreNoTextStay() {
        for bytes: [UInt8] in [
            [0xEF], [0xEF, 0xBC], [0x41, 0xEF, 0xBC, 0x41], [0x80, 0xBF, 0xFF], [0xF3, 0xA0, 0x81], [0xE2, 0x80],
        ] {
            let text = NormalisedText(utf8: bytes)
            #expect(text.bytes == bytes)
            #expect(text.originalRange(0..<bytes.count) == 0..<bytes.count)
        }
    }

    /// A byte that begins no character does not hide the one after it.
    @Test func brokenBytesHideNothing() {
        let text = NormalisedText(utf8: [0xE4, 0xEF, 0xBC, 0x91, 0xF0, 0xE2, 0x80, 0x8B])
        #expect(text.bytes == [0xE4, 0x31, 0xF0])
    }
}
