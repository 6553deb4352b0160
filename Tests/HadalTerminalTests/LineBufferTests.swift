import HadalTerminal
import TestSupport
import Testing

@Suite("Line buffer")
struct LineBufferTests {
    /// A buffer written with `|` for the cursor.
    private func buffer(_ marked: String) -> LineBuffer {
        let parts = marked.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        var buffer = LineBuffer(parts.joined())
        buffer.moveToStart()
        while buffer.before != String(parts[0]), buffer.moveRight() {}
        return buffer
    }

    private func marked(_ buffer: LineBuffer) -> String { buffer.before + "|" + buffer.after }

    typealias Edit = @Sendable (inout LineBuffer) -> Void

    private static let edits: [(String, Edit, String)] = [
        ("a|b", { $0.insert("深🐟") }, "a深🐟|b"),
        ("|", { $0.insert("a\r\nb\rc\n\u{7}\u{1B}[0m\u{9B}\td\u{7F}") }, "a\nb\nc\n[0m\td|"),
        // Backspace and Delete take whole characters.
        ("深海🐟|x", { $0.deleteBackward() }, "深海|x"),
        ("👩‍👩‍👧|x", { $0.deleteBackward() }, "|x"),
        ("e\u{301}|x", { $0.deleteBackward() }, "|x"),
        ("🇩🇪🇨🇳|", { $0.deleteBackward() }, "🇩🇪|"),
        ("|深x", { $0.deleteForward() }, "|x"),
        ("a\n|b", { $0.deleteBackward() }, "a|b"),
        ("a|\nb", { $0.deleteForward() }, "a|b"),
        ("|a", { $0.deleteBackward() }, "|a"),
        ("a|", { $0.deleteForward() }, "a|"),
        // Moves.
        ("深|海", { $0.moveLeft() }, "|深海"),
        ("深|🐟a", { $0.moveRight() }, "深🐟|a"),
        ("|a", { $0.moveLeft() }, "|a"),
        ("a|", { $0.moveRight() }, "a|"),
        ("one  two|", { $0.moveWordLeft() }, "one  |two"),
        ("one  |two", { $0.moveWordLeft() }, "|one  two"),
        ("o|ne, two", { $0.moveWordRight() }, "one|, two"),
        ("one|, two_3 x", { $0.moveWordRight() }, "one, two_3| x"),
        ("深海 水|", { $0.moveWordLeft() }, "深海 |水"),
        ("a\nbc|d\ne", { $0.moveToLineStart() }, "a\n|bcd\ne"),
        ("a\nbc|d\ne", { $0.moveToLineEnd() }, "a\nbcd|\ne"),
        ("a\nbc|d\ne", { $0.moveToStart() }, "|a\nbcd\ne"),
        ("a\nbc|d\ne", { $0.moveToEnd() }, "a\nbcd\ne|"),
        // Removing more.
        ("one two|x", { $0.deleteWordLeft() }, "one |x"),
        ("a b/c.d  |", { $0.deleteBlankWordLeft() }, "a |"),
        ("a b/c.d|", { $0.deleteWordLeft() }, "a b/c.|"),
        ("x|, two y", { $0.deleteWordRight() }, "x| y"),
        ("a\nbc|d", { $0.deleteToLineStart() }, "a\n|d"),
        ("a\n|d", { $0.deleteToLineStart() }, "a|d"),
        ("a|bc\nd", { $0.deleteToLineEnd() }, "a|\nd"),
        ("a|\nd", { $0.deleteToLineEnd() }, "a|d"),
        ("|", { $0.deleteToLineEnd() }, "|"),
        ("|", { $0.deleteToLineStart() }, "|"),
        ("ab|cd", { $0.clear() }, "|"),
        // Up and down keep to the column, counted in cells.
        ("abcd\nef|gh", { _ = $0.moveUp() }, "ab|cd\nefgh"),
        ("深海\nab|cd", { _ = $0.moveUp() }, "深|海\nabcd"),
        ("深海\nabc|d", { _ = $0.moveUp() }, "深|海\nabcd"),
        ("a\nbcd|", { _ = $0.moveUp() }, "a|\nbcd"),
        ("ab|c\nd", { _ = $0.moveDown() }, "abc\nd|"),
        ("a|b\n\ncd", { _ = $0.moveDown() }, "ab\n|\ncd"),
        ("a|b", { _ = $0.moveUp() }, "a|b"),
        ("a|b", { _ = $0.moveDown() }, "a|b"),
    ]

    @Test("each edit does what its key says", arguments: 0..<edits.count)
    func edit(index: Int) {
        let (start, edit, end) = Self.edits[index]
        var buffer = buffer(start)
        #expect(marked(buffer) == start)
        edit(&buffer)
        #expect(marked(buffer) == end)
    }

    @Test("what is removed is returned")
    func removed() {
        var words = LineBuffer("one 深海")
        #expect(words.deleteWordLeft() == "深海")
        #expect(words.deleteToLineStart() == "one ")
        #expect(words.deleteToLineStart() == "")
    }

    @Test("a mark typed behind a letter joins it, and Left passes both")
    func joins() {
        var accented = LineBuffer("ab")
        accented.moveLeft()
        accented.insert("\u{301}")
        #expect(marked(accented) == "a\u{301}|b")
        accented.moveLeft()
        #expect(marked(accented) == "|a\u{301}b")
    }

    @Test("the cursor never stands inside a character, also when an edit makes one")
    func settles() {
        // Removing the x brings the accent to the a.
        var accent = LineBuffer("ax\u{301}")
        accent.moveToStart()
        accent.moveRight()
        accent.insert("y")
        accent.deleteBackward()
        accent.deleteForward()
        #expect(accent.text == "a")
        var joined = LineBuffer("👩x\u{200D}👧")
        joined.moveToStart()
        joined.moveRight()
        joined.moveRight()
        joined.deleteBackward()
        #expect(joined.text.count == joined.before.count + joined.after.count)
        // A regional indicator before two others pairs them anew.
        var flags = LineBuffer("🇪🇨")
        flags.moveToStart()
        flags.insert("🇩")
        #expect(flags.text.count == flags.before.count + flags.after.count)
    }

    @Test("random edits keep text, cursor and limit consistent")
    func random() {
        var generator = SplitMix(state: 7)
        let pieces = [
            "a", " ", "\n", "深", "🐟", "\u{301}", "\u{200D}", "👩", "🇩", "🇪", "\u{FE0F}", "क", "\u{94D}", "ᄀ", "ᅡ",
            "\r\n", "\t",
        ]
        var buffer = LineBuffer()
        for step in 0..<5000 {
            switch generator.next() % 16 {
            case 0...6: buffer.insert(pieces[Int(generator.next() % UInt64(pieces.count))])
            case 7: buffer.deleteBackward()
            case 8: buffer.deleteForward()
            case 9: buffer.moveLeft()
            case 10: buffer.moveRight()
            case 11: buffer.moveWordLeft()
            case 12: _ = buffer.moveUp()
            case 13: _ = buffer.moveDown()
            case 14: buffer.deleteWordLeft()
            default: buffer.deleteToLineEnd()
            }
            #expect(
                buffer.text.count == buffer.before.count + buffer.after.count,
                "step \(step): \(buffer.before.debugDescription) \(buffer.after.debugDescription)")
            #expect(!buffer.text.utf8.contains(13))
        }
    }

    @Test("the limit holds, and what passes it changes nothing")
    func limit() {
        var full = LineBuffer(String(repeating: "a", count: LineBuffer.byteLimit - 1))
        #expect(full.insert("深") == false)
        #expect(full.text.utf8.count == LineBuffer.byteLimit - 1)
        #expect(full.insert("b") == true)
        #expect(full.insert("c") == false)
    }
}
