import Foundation
import HadalTerminal
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The editor in a real terminal: a probe program in a pseudo-terminal whose other end the tests hold.
@Suite("Line editor in a terminal")
struct LineEditorTests {
    private func probe(columns: Int = 40, rows: Int = 10, history: String? = nil) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(columns: columns, rows: rows)
        try terminal.start([PseudoTerminal.probe, "edit"] + (history.map { [$0] } ?? []))
        try terminal.expectScreen([">"], cursor: (0, 2))
        return terminal
    }

    @Test("what is typed comes back as text, and the terminal is put back between inputs")
    func typed() throws {
        let terminal = try probe()
        #expect(!terminal.isCooked)
        terminal.send("hello\r")
        try terminal.expect("got: \"hello\"\r\n")
        try terminal.expect("> ")
        terminal.send("\u{4}")
        try terminal.expect("end")
        #expect(try terminal.exit() == .code(0))
        #expect(terminal.isCooked)
    }

    @Test("Chinese, emoji and accents are edited as characters and drawn where they belong")
    func wide() throws {
        let terminal = try probe()
        terminal.send("深海🐟e\u{301}")
        try terminal.expectScreen(["> 深海🐟é"], cursor: (0, 9))
        terminal.send("\u{1B}[D\u{1B}[D\u{7F}")
        try terminal.expectScreen(["> 深🐟é"], cursor: (0, 4))
        terminal.send("水\r")
        try terminal.expect("got: \"深水🐟e\u{301}\"")
    }

    @Test("an input wider than the terminal wraps, a wide character never in the middle")
    func wraps() throws {
        let terminal = try probe(columns: 10)
        terminal.send("1234567深x")
        try terminal.expectScreen(["> 1234567", "深x"], cursor: (1, 3))
        terminal.send("\u{1}")
        try terminal.expectScreen(["> 1234567", "深x"], cursor: (0, 2))
        terminal.send("\u{B}")
        try terminal.expectScreen([">"], cursor: (0, 2))
        terminal.send("12345678")
        try terminal.expectScreen(["> 12345678"], cursor: (1, 0))
    }

    @Test("an input taller than the terminal shows the part around the cursor")
    func tall() throws {
        let terminal = try probe(columns: 20, rows: 3)
        terminal.send("a\u{1B}\rb\u{1B}\rc\u{1B}\rd")
        try terminal.expectScreen(["… b", "… c", "… d"], cursor: (2, 3))
        terminal.send("\u{1B}[A\u{1B}[A\u{1B}[A")
        try terminal.expectScreen(["> a", "… b", "… c"], cursor: (0, 3))
        terminal.send("\r")
        try terminal.expect("got: \"a\\nb\\nc\\nd\"")
    }

    @Test("pasted line feeds stay in the input")
    func paste() throws {
        let terminal = try probe()
        terminal.send("\u{1B}[200~one\rtwo\u{1B}[31m\r\n\u{1B}[201~")
        try terminal.expectScreen(["> one", "… two[31m", "…"], cursor: (2, 2))
        terminal.send("\r")
        try terminal.expect("got: \"one\\ntwo[31m\\n\"")
    }

    @Test("a backslash at the end and a block of quotes make further lines")
    func continued() throws {
        let terminal = try probe()
        terminal.send("one\\\rtwo\r")
        try terminal.expect("got: \"one\\ntwo\"")
        terminal.send("\"\"\"\rone\rtwo\r\"\"\"\r")
        try terminal.expect("got: \"one\\ntwo\"")
    }

    @Test("a new size is drawn at once")
    func resized() throws {
        let terminal = try probe(columns: 20)
        terminal.send("123456789")
        try terminal.expectScreen(["> 123456789"], cursor: (0, 11))
        terminal.resize(columns: 8, rows: 10)
        try terminal.expectScreen(["> 123456", "789"], cursor: (1, 3))
    }

    @Test("Ctrl-L clears the screen and keeps the input")
    func clears() throws {
        let terminal = try probe()
        terminal.send("one\r")
        try terminal.expect("got: ")
        terminal.send("two\u{C}")
        try terminal.expectScreen(["> two"], cursor: (0, 5))
    }

    @Test("Ctrl-C clears the input; on an empty one it interrupts")
    func interrupts() throws {
        let terminal = try probe()
        terminal.send("never sent")
        try terminal.expectScreen(["> never sent"])
        terminal.send("\u{3}")
        try terminal.expectScreen([">"], cursor: (0, 2))
        terminal.send("\u{3}")
        try terminal.expect("interrupted")
        terminal.send("on\r")
        try terminal.expect("got: \"on\"")
    }

    @Test("a lone Escape does not swallow the next key")
    func escape() throws {
        let terminal = try probe()
        terminal.send("a")
        try terminal.expectScreen(["> a"])
        terminal.send("\u{1B}")
        // Redrawn when the time for a sequence is over.
        try terminal.expect("> a")
        terminal.send("b\r")
        try terminal.expect("got: \"ab\"")
    }

    @Test("several inputs sent at once are read one after another")
    func ahead() throws {
        let terminal = try probe()
        terminal.send("one\rtwo\rthree\r")
        for word in ["one", "two", "three"] { try terminal.expect("got: \"\(word)\"") }
    }

    @Test("the history outlives the program, for its owner alone")
    func history() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("history").path
        let first = try probe(history: file)
        first.send("深海\r")
        try first.expect("got: ")
        first.send("two\u{1B}\rlines\r")
        try first.expect("got: ")
        try first.expect("> ")
        first.send("\u{4}")
        #expect(try first.exit() == .code(0))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "\"深海\"\n\"two\\nlines\"\n")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["history"])

        let second = try probe(history: file)
        second.send("draft\u{1B}[A")
        try second.expectScreen(["> two", "… lines"], cursor: (1, 7))
        second.send("\u{1B}[A\u{1B}[A")
        try second.expectScreen(["> 深海"], cursor: (0, 6))
        second.send("\u{1B}[B\u{1B}[B")
        try second.expectScreen(["> draft"], cursor: (0, 7))
    }

    @Test("a signal that ends the program finds the terminal put back", arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
    func killed(signal: Int32) throws {
        let terminal = try probe()
        terminal.send("half")
        try terminal.expectScreen(["> half"])
        #expect(!terminal.isCooked)
        terminal.kill(signal)
        #expect(try terminal.exit() == .signal(signal))
        #expect(terminal.isCooked)
    }

    @Test("an exit in the midst of an input puts the terminal back")
    func exits() throws {
        let terminal = try probe()
        terminal.send("exit\r")
        try terminal.expect("exiting> ")
        #expect(!terminal.isCooked)
        terminal.signal()
        #expect(try terminal.exit() == .code(3))
        #expect(terminal.isCooked)
    }

    @Test("a cancelled reader leaves the terminal usable, also for the next reader")
    func cancelled() throws {
        let terminal = try probe()
        terminal.send("cancel\r")
        try terminal.expect("cancelling> ")
        terminal.signal()
        try terminal.expect("cancelled")
        try terminal.expect("> ")
        terminal.send("on\r")
        try terminal.expect("got: \"on\"")
    }

    @Test("Ctrl-Z stops the program with the terminal put back; it goes on where it was")
    func suspended() throws {
        let terminal = try PseudoTerminal()
        try terminal.start(["/bin/sh", "-c", "set -m; \"$0\" edit; stty -a; fg", PseudoTerminal.probe])
        try terminal.expect("> ")
        terminal.send("half")
        try terminal.expect("half")
        terminal.send("\u{1A}")
        // Written by stty, which runs while the probe is stopped.
        try terminal.expect(" icanon")
        try terminal.expect("> half")
        terminal.send(" done\r")
        try terminal.expect("got: \"half done\"")
        try terminal.expect("> ")
        terminal.send("\u{4}")
        try terminal.expect("end")
    }

    @Test("a dumb terminal gets plain lines and no sequences")
    func dumb() throws {
        let terminal = try PseudoTerminal()
        try terminal.start([PseudoTerminal.probe, "edit"], environment: ["TERM": "dumb"])
        try terminal.expect("> ")
        #expect(terminal.isCooked)
        terminal.send("one\\\n")
        try terminal.expect("… ")
        terminal.send("two\n")
        try terminal.expect("got: \"one\\ntwo\"")
        terminal.send("\u{4}")
        try terminal.expect("end")
        #expect(try terminal.exit() == .code(0))
    }
}

@Suite("Line editor without a terminal")
struct PlainInputTests {
    /// What the editor makes of an input given through a pipe, to its end.
    private func inputs(_ bytes: [UInt8]) async throws -> [LineInput] {
        let pipe = Pipe()
        let editor = LineEditor(
            input: Terminal(descriptor: pipe.fileHandleForReading.fileDescriptor),
            output: Terminal(descriptor: pipe.fileHandleForWriting.fileDescriptor))
        #expect(!editor.isInteractive)
        let writer = Thread {
            pipe.fileHandleForWriting.write(Data(bytes))
            try? pipe.fileHandleForWriting.close()
        }
        writer.start()
        var inputs: [LineInput] = []
        repeat { inputs.append(try await editor.read()) } while inputs.last != .endOfInput
        return inputs
    }

    @Test(
        "lines are read as they are",
        arguments: [
            ("", []),
            ("hi\n", ["hi"]),
            ("hi", ["hi"]),
            ("one\ntwo\r\nthree", ["one", "two", "three"]),
            ("\n\n", ["", ""]),
            ("one\\\ntwo\n", ["one\ntwo"]),
            ("\"\"\"\none\n\ntwo\n\"\"\"\nthree\n", ["one\n\ntwo", "three"]),
            ("\"\"\"one\ntwo", ["one\ntwo"]),
            ("深海 🐟\u{1B}[31m\u{7}\t!\n", ["深海 🐟[31m\t!"]),
        ])
    func lines(text: String, expected: [String]) async throws {
        #expect(try await inputs(Array(text.utf8)) == expected.map(LineInput.text) + [.endOfInput])
    }

    @Test("invalid UTF-8 is repaired")
    func invalid() async throws {
        #expect(try await inputs([0x61, 0xFF, 0x62, 0x0A]) == [.text("a\u{FFFD}b"), .endOfInput])
    }

    @Test("a line of the limit is read, a longer one is an error")
    func limit() async throws {
        let whole = [UInt8](repeating: 0x61, count: LineBuffer.byteLimit)
        #expect(try await inputs(whole + [0x0A]).first == .text(String(decoding: whole, as: UTF8.self)))
        await #expect(throws: TerminalError.inputTooLong(limitBytes: LineBuffer.byteLimit)) {
            try await inputs(whole + [0x61, 0x0A])
        }
    }

    @Test("a cancelled reader stops waiting")
    func cancelled() async throws {
        let pipe = Pipe()
        let editor = LineEditor(
            input: Terminal(descriptor: pipe.fileHandleForReading.fileDescriptor), output: Terminal(descriptor: 1))
        let task = Task { try await editor.read() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
