/// Prints one answer as it streams: the reasoning dimmed under a heading, then the content as it is. Where the output
/// is no terminal, the same without escape sequences.
///
/// Controls in what the model wrote never reach the terminal (`ControlFilter`). Every piece restores the terminal's
/// looks itself, so the program may end at any time.
public struct AnswerPrinter {
    private enum Part { case nothing, reasoning, content }

    private static let heading = "Thinking:"

    private let output: Terminal
    private let statistics: Terminal
    private var part = Part.nothing
    /// Nothing but line feeds came in this part, which would tear holes around the heading.
    private var dropsLineFeeds = false
    private var endsLine = true

    /// - Parameter statistics: where the last line goes.
    public init(output: Terminal = .standardOutput, statistics: Terminal = .standardError) {
        self.output = output
        self.statistics = statistics
    }

    /// Prints a piece of reasoning.
    /// - Throws: `TerminalError.system` when the output is closed; so do all others.
    public mutating func reasoning(_ delta: String) throws {
        var text = ControlFilter.clean(delta)
        guard !text.isEmpty else { return }
        var start = ""
        if part != .reasoning {
            if part == .content { start = endsLine ? "\n" : "\n\n" }
            start += dimmed(Self.heading, on: output) + "\n"
            part = .reasoning
            dropsLineFeeds = true
            endsLine = true
        }
        text = droppingLineFeeds(text)
        if !text.isEmpty { endsLine = text.last == "\n" }
        try output.write(start + dimmed(text, on: output))
    }

    /// Prints a piece of the answer itself.
    public mutating func content(_ delta: String) throws {
        var text = ControlFilter.clean(delta)
        guard !text.isEmpty else { return }
        if part == .reasoning {
            dropsLineFeeds = true
            text = droppingLineFeeds(text)
            // Line feeds alone do not yet end the reasoning.
            guard !text.isEmpty else { return }
            text = (endsLine ? "\n" : "\n\n") + text
        }
        part = .content
        endsLine = text.last == "\n"
        try output.write(text)
    }

    /// Ends the answer's last line, and writes the statistics, dimmed. The printer can then print the next.
    public mutating func finish(_ statistics: AnswerStatistics) throws {
        // Where Ctrl-C stopped the answer, the terminal has written ^C behind it.
        if !endsLine || statistics.wasStopped { try output.write("\n") }
        self = AnswerPrinter(output: output, statistics: self.statistics)
        try self.statistics.write(dimmed(statistics.line, on: self.statistics) + "\n")
    }

    private func dimmed(_ text: String, on terminal: Terminal) -> String {
        terminal.wantsColour && !text.isEmpty ? Style.dim(text) : text
    }

    private mutating func droppingLineFeeds(_ text: String) -> String {
        guard dropsLineFeeds else { return text }
        let rest = text.drop { $0 == "\n" }
        if !rest.isEmpty { dropsLineFeeds = false }
        return String(rest)
    }
}
