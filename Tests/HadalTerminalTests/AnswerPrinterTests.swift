import Foundation
import HadalTerminal
import Synchronization
import Testing

/// A clock that goes on when told.
final class ManualClock: Sendable {
    private let time = Mutex(Duration.zero)
    var now: Duration { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

@Suite("Answer printer")
struct AnswerPrinterTests {
    enum Piece: Sendable {
        case reasoning(String)
        case content(String)
    }

    private func print(_ pieces: [Piece], on printer: inout AnswerPrinter) throws {
        for piece in pieces {
            switch piece {
            case .reasoning(let text): try printer.reasoning(text)
            case .content(let text): try printer.content(text)
            }
        }
    }

    /// What is written where no terminal is, to standard output and standard error.
    private func plain(
        _ pieces: [Piece], statistics: AnswerStatistics = Self.none
    ) throws -> (String, String) {
        let output = Pipe()
        let errors = Pipe()
        var printer = AnswerPrinter(
            output: Terminal(descriptor: output.fileHandleForWriting.fileDescriptor),
            statistics: Terminal(descriptor: errors.fileHandleForWriting.fileDescriptor))
        try print(pieces, on: &printer)
        try printer.finish(statistics)
        return try (text(output), text(errors))
    }

    private static let none = AnswerStatistics(tokens: 0, timeToFirstToken: nil, duration: .zero)

    private func text(_ pipe: Pipe) throws -> String {
        try pipe.fileHandleForWriting.close()
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    private static let answers: [([Piece], String)] = [
        ([], ""),
        ([.content("")], ""),
        ([.content("Hi"), .content(" 深海\n\n"), .content("done")], "Hi 深海\n\ndone\n"),
        ([.content("\n line\n")], "\n line\n"),
        (
            [.reasoning("\n"), .reasoning("\nhm"), .reasoning("m"), .content("\n"), .content("\nHi")],
            "Thinking:\nhmm\n\nHi\n"
        ),
        ([.reasoning("hm\n"), .content("Hi\n")], "Thinking:\nhm\n\nHi\n"),
        ([.reasoning("hm")], "Thinking:\nhm\n"),
        ([.reasoning("a"), .content("b"), .reasoning("c"), .content("d")], "Thinking:\na\n\nb\n\nThinking:\nc\n\nd\n"),
        // Controls go, also when cut across pieces; nothing printable is lost.
        ([.content("a\u{1B}"), .content("[31"), .content("mb\u{9B}"), .content("2Jc\r\n")], "a[31mb2Jc\n"),
        ([.reasoning("\u{1B}]52;c;"), .reasoning("aGk=\u{7}")], "Thinking:\n]52;c;aGk=\n"),
        ([.content("\u{1B}"), .reasoning("\u{7}")], ""),
    ]

    @Test("plain text where no terminal is", arguments: 0..<answers.count)
    func plain(index: Int) throws {
        let (pieces, expected) = Self.answers[index]
        let (output, errors) = try plain(pieces)
        #expect(output == expected)
        #expect(errors == "0 tokens\n")
    }

    @Test("the statistics go to standard error")
    func statistics() throws {
        let statistics = AnswerStatistics(
            tokens: 11, timeToFirstToken: .milliseconds(420), duration: .milliseconds(920))
        let (output, errors) = try plain([.content("Hi")], statistics: statistics)
        #expect(output == "Hi\n")
        #expect(errors == "11 tokens, 20.0 tokens/s, first token after 0.42 s\n")
    }

    @Test("a stopped answer has its last line ended in any case, for ^C stands there")
    func stopped() throws {
        let statistics = AnswerStatistics(tokens: 0, timeToFirstToken: nil, duration: .zero, wasStopped: true)
        #expect(try plain([], statistics: statistics) == ("\n", "0 tokens, stopped\n"))
    }

    @Test("statistics say what is known")
    func lines() {
        #expect(
            AnswerStatistics(tokens: 0, timeToFirstToken: nil, duration: .seconds(1), wasStopped: true).line
                == "0 tokens, stopped")
        #expect(
            AnswerStatistics(tokens: 1, timeToFirstToken: .seconds(1), duration: .seconds(1)).line
                == "1 token, first token after 1.00 s")
    }

    @Test("on a terminal the reasoning is dimmed, each piece for itself, and the content is not")
    func terminal() throws {
        let pseudo = try PseudoTerminal()
        let terminal = Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"])
        var printer = AnswerPrinter(output: terminal, statistics: terminal)
        try print([.reasoning("hm"), .reasoning("\u{1B}[0mm"), .content("Hi")], on: &printer)
        try printer.finish(AnswerStatistics(tokens: 1, timeToFirstToken: nil, duration: .seconds(1)))
        try pseudo.expect(
            "\u{1B}[2mThinking:\u{1B}[22m\r\n\u{1B}[2mhm\u{1B}[22m\u{1B}[2m[0mm\u{1B}[22m\r\n\r\nHi\r\n\u{1B}[2m1 token\u{1B}[22m\r\n"
        )
    }

    @Test("NO_COLOR is heeded")
    func colourless() throws {
        let pseudo = try PseudoTerminal()
        let terminal = Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm", "NO_COLOR": "1"])
        #expect(terminal.movesCursor)
        #expect(!terminal.wantsColour)
        #expect(!Terminal(descriptor: pseudo.slave, environment: ["TERM": "dumb"]).movesCursor)
        #expect(!Terminal(descriptor: pseudo.slave, environment: [:]).movesCursor)
        #expect(Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm", "NO_COLOR": ""]).wantsColour)
        var printer = AnswerPrinter(output: terminal, statistics: terminal)
        try print([.reasoning("hm"), .content("Hi")], on: &printer)
        try printer.finish(Self.none)
        try pseudo.expect("Thinking:\r\nhm\r\n\r\nHi\r\n0 tokens\r\n")
    }

    @Test("a terminal knows its size; what is none has the usual one")
    func size() throws {
        let pseudo = try PseudoTerminal(columns: 123, rows: 45)
        #expect(Terminal(descriptor: pseudo.slave).size == Terminal.Size(columns: 123, rows: 45))
        let pipe = Pipe()
        let other = Terminal(descriptor: pipe.fileHandleForWriting.fileDescriptor, environment: ["TERM": "xterm"])
        #expect(other.size == Terminal.Size(columns: 80, rows: 24))
        #expect(!other.isTerminal && !other.movesCursor && !other.wantsColour)
    }
}
