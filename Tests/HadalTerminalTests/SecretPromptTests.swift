import HadalTerminal
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("asking for a secret")
struct SecretPromptTests {
    @Test("what is typed is read and not shown, and the terminal is put back")
    func notShown() throws {
        let terminal = try PseudoTerminal()
        let before = try settings(terminal)
        try terminal.start([PseudoTerminal.probe, "secret"])
        try terminal.expect("secret: ")
        terminal.send("passwörd\n")
        try terminal.expect("bytes: 9")
        try terminal.expect("secret: ")
        terminal.send("\n")
        try terminal.expect("bytes: 0")
        try terminal.expect("secret: ")
        terminal.send("\u{4}")
        try terminal.expect("end")
        #expect(try terminal.exit() == .code(0))
        try terminal.expectScreen(["secret:", "bytes: 9", "secret:", "bytes: 0", "secret:", "end"])
        #expect(try settings(terminal) == before)
    }

    @Test("Ctrl-C ends the program at once, with the terminal as it was")
    func interrupted() throws {
        let terminal = try PseudoTerminal()
        let before = try settings(terminal)
        try terminal.start([PseudoTerminal.probe, "secret"])
        try terminal.expect("secret: ")
        terminal.send("half\u{3}")
        #expect(try terminal.exit() == .signal(SIGINT))
        #expect(try settings(terminal) == before)
    }

    @Test("without a terminal nothing can be asked")
    func noTerminal() throws {
        let file = open("/dev/null", O_RDWR)
        defer { close(file) }
        let prompt = SecretPrompt(input: Terminal(descriptor: file), output: Terminal(descriptor: file))
        #expect(throws: TerminalError.self) { try prompt.ask("secret: ") }
    }

    private func settings(_ terminal: PseudoTerminal) throws -> tcflag_t {
        var settings = termios()
        try #require(tcgetattr(terminal.slave, &settings) == 0)
        return settings.c_lflag
    }
}
