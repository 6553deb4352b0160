import HadalTerminal
import Testing

@Suite("Line session")
struct LineSessionTests {
    /// The action of the last of several keys.
    @discardableResult
    private func apply(_ keys: [Key], to session: inout LineSession) -> LineSession.Action? {
        var action: LineSession.Action?
        for key in keys { action = session.apply(key) }
        return action
    }

    @Test(
        "Enter sends, or makes a further line",
        arguments: [
            ([.text("hi"), .enter], "hi"),
            ([.enter], ""),
            ([.text("a"), .newline, .text("b"), .enter], "a\nb"),
            ([.text("a\\"), .enter, .text("b"), .enter], "a\nb"),
            ([.text("a\\b"), .enter], "a\\b"),
            // Only at the end, where it is typed.
            ([.text("a\\"), .left, .enter], "a\\"),
            ([.paste("a\nb"), .enter], "a\nb"),
            ([.text("\"\"\"one"), .enter, .text("two"), .enter, .text("\"\"\""), .enter], "one\ntwo"),
            ([.text("\"\"\"one\"\"\""), .enter], "one"),
            ([.text("  \"\"\""), .enter, .text("\"\"\" "), .enter], ""),
            ([.text("\"\"\""), .enter, .text("a\\"), .enter, .text("\"\"\""), .enter], "a\\"),
            ([.text("say \"\"\"x"), .enter], "say \"\"\"x"),
            ([.text("a"), .tab, .text("b"), .enter], "a\tb"),
        ] as [([Key], String)])
    func enter(keys: [Key], text: String) {
        var session = LineSession()
        #expect(apply(keys, to: &session) == .finish(.text(text)))
    }

    @Test("up and down go through the lines, then the history, and back to what was being written")
    func history() {
        var session = LineSession(history: ["first", "two\nlines"])
        apply([.text("draft"), .up], to: &session)
        #expect(session.buffer.text == "two\nlines")
        apply([.up], to: &session)
        #expect(session.buffer.before == "two")
        apply([.up], to: &session)
        #expect(session.buffer.text == "first")
        #expect(session.apply(.up) == .bell)
        apply([.down], to: &session)
        #expect(session.buffer.text == "two\nlines")
        apply([.control("n")], to: &session)
        #expect(session.buffer.text == "draft")
        #expect(session.apply(.control("n")) == .bell)
    }

    @Test("an entry of the history can be changed and sent without changing the history")
    func edited() {
        var session = LineSession(history: ["first"])
        #expect(apply([.up, .text("!"), .enter], to: &session) == .finish(.text("first!")))
    }

    @Test("up and down keep to the column they began in")
    func column() {
        var session = LineSession()
        apply([.paste("abcdef\nx\nabcdef"), .left, .left], to: &session)
        apply([.up, .up], to: &session)
        #expect(session.buffer.before == "abcd")
        apply([.right, .down, .down], to: &session)
        #expect(session.buffer.before == "abcdef\nx\nabcde")
    }

    @Test("Ctrl-C clears, then interrupts; Ctrl-D deletes, then ends")
    func controls() {
        var session = LineSession(history: ["old"])
        apply([.up, .text("x")], to: &session)
        #expect(session.apply(.control("c")) == .redraw)
        #expect(session.buffer.isEmpty)
        #expect(session.apply(.control("c")) == .finish(.interrupted))
        // Back at the end of the history.
        apply([.up], to: &session)
        #expect(session.buffer.text == "old")
        apply([.home, .control("d")], to: &session)
        #expect(session.buffer.text == "ld")
        apply([.control("c")], to: &session)
        #expect(session.apply(.control("d")) == .finish(.endOfInput))
    }

    @Test("what was removed last can be brought back")
    func yank() {
        var session = LineSession()
        apply([.text("one two"), .control("w"), .home, .control("y")], to: &session)
        #expect(session.buffer.text == "twoone ")
        apply([.control("e"), .control("u"), .control("y"), .control("y")], to: &session)
        #expect(session.buffer.text == "twoone twoone ")
    }

    @Test("keys that can do nothing ring the bell; unknown ones do nothing")
    func bell() {
        var session = LineSession()
        for key in [Key.backspace, .delete, .left, .right, .wordLeft, .up, .down, .control("k"), .control("w")] {
            let action = session.apply(key)
            #expect(action == .bell, "\(key)")
        }
        #expect(session.apply(.escape) == .redraw)
        #expect(session.apply(.control("t")) == .redraw)
        #expect(session.apply(.control("l")) == .clearScreen)
        #expect(session.apply(.control("z")) == .suspend)
        #expect(session.buffer.isEmpty)
    }

    @Test("at the end of the input what is there counts")
    func end() {
        var empty = LineSession()
        #expect(empty.end() == .endOfInput)
        var open = LineSession()
        apply([.text("\"\"\""), .enter, .text("one"), .enter], to: &open)
        #expect(open.end() == .text("one"))
    }
}

@Suite("Line layout")
struct LineLayoutTests {
    private func layout(_ before: String, _ after: String = "", width: Int) -> LineLayout {
        var buffer = LineBuffer(before + after)
        while buffer.before != before, buffer.moveLeft() {}
        return LineLayout(of: buffer, prompt: "> ", continuation: ". ", width: width)
    }

    private func rows(_ layout: LineLayout) -> [String] { layout.rows.map { $0.prompt + $0.text } }

    @Test("lines carry their prompts, long ones wrap")
    func wraps() {
        let wrapped = layout("abcdef\ngh", "i", width: 6)
        #expect(rows(wrapped) == ["> abcd", "ef", ". ghi"])
        #expect((wrapped.cursorRow, wrapped.cursorColumn) == (2, 4))
    }

    @Test("behind a full row the cursor stands on the next")
    func full() {
        let end = layout("abcd", width: 6)
        #expect(rows(end) == ["> abcd", ""])
        #expect((end.cursorRow, end.cursorColumn) == (1, 0))
        let middle = layout("abcd", "e", width: 6)
        #expect(rows(middle) == ["> abcd", "e"])
        #expect((middle.cursorRow, middle.cursorColumn) == (1, 0))
        #expect(rows(layout("", "abcd", width: 6)) == ["> abcd"])
    }

    @Test("wide characters are never cut, tabs become spaces")
    func wide() {
        let wide = layout("abc深", width: 6)
        #expect(rows(wide) == ["> abc", "深"])
        #expect((wide.cursorRow, wide.cursorColumn) == (1, 2))
        #expect(rows(layout("\ta", width: 10)) == [">     a"])
    }

    @Test("a terminal narrower than the prompt does not stop the editor")
    func narrow() {
        for width in 0...4 { #expect(layout("深海abc", "\t🐟", width: width).rows.count > 1) }
    }

    @Test("what is shown always holds the cursor")
    func visible() {
        let buffer = layout("a\nb\nc", "\nd\ne", width: 10)
        #expect(buffer.visibleRows(height: 10) == 0..<5)
        #expect(buffer.visibleRows(height: 3) == 0..<3)
        #expect(buffer.visibleRows(height: 2) == 1..<3)
        #expect(buffer.visibleRows(height: 1) == 2..<3)
        #expect(buffer.visibleRows(height: 0) == 2..<3)
    }
}
