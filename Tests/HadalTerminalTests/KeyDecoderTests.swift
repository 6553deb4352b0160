import HadalTerminal
import TestSupport
import Testing

@Suite("Key decoder")
struct KeyDecoderTests {
    private static let sequences: [(String, [Key])] = [
        ("abc", [.text("abc")]),
        ("深🐟é", [.text("深🐟é")]),
        ("\r", [.enter]), ("\n", [.enter]), ("\t", [.tab]),
        ("\u{1B}\r", [.newline]), ("\u{1B}\n", [.newline]), ("\u{1B}[13;2u", [.newline]),
        ("\u{1B}[27;2;13~", [.newline]),
        ("\u{1B}[13u", [.enter]), ("\u{1B}OM", [.enter]),
        ("\u{7F}", [.backspace]), ("\u{8}", [.backspace]), ("\u{1B}[3~", [.delete]),
        ("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", [.up, .down, .right, .left]),
        ("\u{1B}OA\u{1B}OB\u{1B}OC\u{1B}OD", [.up, .down, .right, .left]),
        ("\u{1B}[H\u{1B}[F\u{1B}OH\u{1B}OF", [.home, .end, .home, .end]),
        ("\u{1B}[1~\u{1B}[4~\u{1B}[7~\u{1B}[8~", [.home, .end, .home, .end]),
        ("\u{1B}[1;5C\u{1B}[1;5D\u{1B}[1;3C\u{1B}[1;3D", [.wordRight, .wordLeft, .wordRight, .wordLeft]),
        ("\u{1B}[1;2C", [.right]),
        ("\u{1B}b\u{1B}f\u{1B}d\u{1B}\u{7F}", [.wordLeft, .wordRight, .deleteWordRight, .deleteWordLeft]),
        ("\u{1B}[3;5~", [.deleteWordRight]),
        ("\u{1}\u{5}\u{B}\u{1A}", [.control("a"), .control("e"), .control("k"), .control("z")]),
        ("\u{1B}[99;5u", [.control("c")]),
        // Unknown ones are swallowed whole.
        ("\u{1B}[5~x\u{1B}[?1;2cy\u{1B}[15;7~", [.text("xy")]),
        ("\u{1B}[99999999999999999999~x", [.text("x")]),
        ("\u{1B}[;;;;A", [.up]),
        ("\u{1B}xa", [.text("a")]),
        // A sequence broken off by another key.
        ("\u{1B}[1\rx", [.enter, .text("x")]),
        ("\u{1B}[1\u{1B}[A", [.up]),
        ("\u{1B}\u{1B}[A", [.escape, .up]),
        // Pasted text, also with what looks like keys.
        ("\u{1B}[200~a\rb\u{1B}[Ac\u{3}\u{1B}[201~d", [.paste("a\rb\u{1B}[Ac\u{3}"), .text("d")]),
        ("\u{1B}[200~\u{1B}[201~", [.paste("")]),
        ("\u{1B}[200~~\u{1B}[201\u{1B}[201~", [.paste("~\u{1B}[201")]),
        ("\u{1B}[201~x", [.text("x")]),
    ]

    @Test("bytes mean keys, at once or one by one", arguments: 0..<sequences.count)
    func decode(index: Int) {
        let (text, keys) = Self.sequences[index]
        var whole = KeyDecoder()
        #expect(whole.decode(text.utf8) == keys)
        #expect(!whole.isWaiting)
        var single = KeyDecoder()
        var joined: [Key] = []
        for byte in text.utf8 {
            for key in single.decode([byte]) {
                if case .text(let new) = key, case .text(let old)? = joined.last {
                    joined[joined.count - 1] = .text(old + new)
                } else {
                    joined.append(key)
                }
            }
        }
        var expected: [Key] = []
        for key in keys {
            if case .text(let new) = key, case .text(let old)? = expected.last {
                expected[expected.count - 1] = .text(old + new)
            } else {
                expected.append(key)
            }
        }
        #expect(joined == expected)
    }

    @Test("a lone ESC is the Escape key once nothing follows")
    func escape() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B]).isEmpty)
        #expect(decoder.isWaiting)
        #expect(decoder.flush() == [.escape])
        #expect(!decoder.isWaiting)
        #expect(decoder.decode("[A".utf8) == [.text("[A")])
    }

    @Test(
        "broken UTF-8 becomes replacement characters and swallows nothing",
        arguments: [
            ([0xFF, 0x61], "\u{FFFD}a"), ([0xE6, 0xB7, 0x61], "\u{FFFD}a"), ([0x80], "\u{FFFD}"),
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"), ([0xE6, 0xE6, 0xB7, 0xB1], "\u{FFFD}深"),
        ] as [([UInt8], String)])
    func broken(bytes: [UInt8], text: String) {
        var decoder = KeyDecoder()
        #expect(decoder.decode(bytes) == [.text(text)])
    }

    @Test("an unfinished character is given up when nothing follows")
    func unfinished() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0xE6, 0xB7]).isEmpty)
        #expect(decoder.flush() == [.text("\u{FFFD}")])
    }

    @Test("an endless sequence or paste keeps memory bounded and loses no text")
    func bounded() {
        var decoder = KeyDecoder()
        #expect(
            decoder.decode([0x1B, 0x5B] + [UInt8](repeating: 0x31, count: 100_000) + [0x41, 0x78]) == [.up, .text("x")])

        let text = String(repeating: "深海🐟\u{1B}[20", count: 200_000)
        let keys = decoder.decode("\u{1B}[200~\(text)\u{1B}[201~".utf8)
        #expect(keys.count > 2)
        var pasted = ""
        for key in keys {
            guard case .paste(let piece) = key else {
                Issue.record("\(key)")
                continue
            }
            #expect(piece.utf8.count <= KeyDecoder.pastePieceBytes + 8)
            pasted += piece
        }
        #expect(pasted == text)
    }

    @Test("random bytes never stop the decoder")
    func random() {
        var generator = SplitMix(state: 11)
        var decoder = KeyDecoder()
        for _ in 0..<20_000 {
            let bytes = (0..<generator.next() % 12).map { _ in
                // Half of them from what sequences are made of.
                generator.next() % 2 == 0
                    ? UInt8(truncatingIfNeeded: generator.next())
                    : "\u{1B}[O;~0123AuM\r".utf8.randomElement(using: &generator)!
            }
            _ = decoder.decode(bytes)
            if generator.next() % 8 == 0 { _ = decoder.flush() }
        }
        _ = decoder.decode("\u{1B}[201~".utf8)
        _ = decoder.flush()
        #expect(decoder.decode("a".utf8) == [.text("a")])
    }
}
