import Foundation
import TestSupport
import Testing

/// The real `hadal chat` in a terminal.
@Suite("hadal chat")
struct ChatCommandTests {
    @Test("Ctrl-C stops one answer after the other and not the program; Ctrl-D ends it")
    func interrupts() throws {
        // Answers as long as the context, which no test waits for.
        let model = try TinyModel.write(contextLength: 1 << 17, endless: true)
        defer { try? FileManager.default.removeItem(atPath: model) }
        let home = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: home) }

        let terminal = try PseudoTerminal(columns: 80, rows: 24)
        try terminal.start(
            [
                PseudoTerminal.program("hadal"), "chat", model, "--max-tokens", "1000000", "--top-k", "20", "--seed",
                "1",
            ],
            environment: ["TERM": "xterm", "NO_COLOR": "1", "HOME": home])
        for question in ["one", "two", "three"] {
            try terminal.expect("\u{1B}[?2004h")
            try terminal.expect("> ")
            terminal.send(question + "\r")
            try terminal.expect("\u{1B}[?2004l")
            try terminal.expectOutput(bytes: 100)
            terminal.send("\u{3}")
            try terminal.expect(" tokens/s, ")
            try terminal.expect(", stopped\r\n")
        }
        try terminal.expect("> ")
        terminal.send("\u{1B}[A\u{1B}[A")
        try terminal.expect("> two")
        // On an empty input it ends nothing either.
        terminal.send("\u{3}\u{3}")
        try terminal.expect("Ctrl-D ends the conversation.")
        try terminal.expect("> ")
        terminal.send("\u{4}")
        #expect(try terminal.exit() == .code(0))
        #expect(terminal.isCooked)
    }

    @Test("piped questions are answered without escape sequences")
    func piped() throws {
        let model = try TinyModel.write(endless: true)
        defer { try? FileManager.default.removeItem(atPath: model) }
        let program = Process()
        program.executableURL = URL(fileURLWithPath: PseudoTerminal.program("hadal"))
        program.arguments = ["chat", model, "--max-tokens", "8", "--top-k", "20", "--seed", "1"]
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        program.standardInput = input
        program.standardOutput = output
        program.standardError = errors
        try program.run()
        try input.fileHandleForWriting.write(contentsOf: Data("深海\\\nsecond line\n\nanother\n".utf8))
        try input.fileHandleForWriting.close()
        let answers = try output.fileHandleForReading.readToEnd() ?? Data()
        let statistics = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        program.waitUntilExit()
        #expect(program.terminationStatus == 0)
        #expect(!answers.contains(0x1B) && answers.last == UInt8(ascii: "\n"))
        #expect(!statistics.contains("\u{1B}") && statistics.split(separator: "\n").count == 2)
    }
}
