import Synchronization

/// Prints one answer as it streams: the reasoning dimmed under a heading, then the content as it is. Where the output
/// is no terminal, the same without escape sequences.
///
/// Controls in what the model wrote never reach the terminal (`ControlFilter`). Every piece restores the terminal's
/// looks itself, so the program may end at any time.
public final class AnswerPrinter: Sendable {
    private enum Part { case nothing, reasoning, content }

    private struct State {
        var part = Part.nothing
        /// Nothing but line feeds came in this part, which would tear holes around the heading.
        var dropsLineFeeds = false
        var endsLine = true
    }

    private let output: Terminal
    private let statistics: Terminal
    private let showsReasoning: Bool
    private let heading: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - statistics: where the last line goes.
    ///   - heading: what stands over the reasoning.
    public init(
        output: Terminal = .standardOutput, statistics: Terminal = .standardError, showsReasoning: Bool = true,
        heading: String = "Thinking:"
    ) {
        self.output = output
        self.statistics = statistics
        self.showsReasoning = showsReasoning
        self.heading = heading
    }

    /// Prints a piece of reasoning.
    /// - Throws: `TerminalError.system` when the output is closed; so do all others.
    public func reasoning(_ delta: String) throws {
        guard showsReasoning else { return }
        try state.withLock { state in
            var text = ControlFilter.clean(delta)
            guard !text.isEmpty else { return }
            var start = ""
            if state.part != .reasoning {
                if state.part == .content { start = state.endsLine ? "\n" : "\n\n" }
                start += output.wantsColour ? Style.dim(heading) : heading
                start += "\n"
                state.part = .reasoning
                state.dropsLineFeeds = true
                state.endsLine = true
            }
            text = dropLineFeeds(text, &state)
            if !text.isEmpty { state.endsLine = text.last == "\n" }
            try output.write(start + (output.wantsColour && !text.isEmpty ? Style.dim(text) : text))
        }
    }

    /// Prints a piece of the answer itself.
    public func content(_ delta: String) throws {
        try state.withLock { state in
            var text = ControlFilter.clean(delta)
            guard !text.isEmpty else { return }
            if state.part == .reasoning {
                state.dropsLineFeeds = true
                text = dropLineFeeds(text, &state)
                // Line feeds alone do not yet end the reasoning.
                guard !text.isEmpty else { return }
                text = (state.endsLine ? "\n" : "\n\n") + text
            }
            state.part = .content
            state.endsLine = text.last == "\n"
            try output.write(text)
        }
    }

    /// Ends the answer's last line, and writes the statistics, dimmed, if given. The printer can then print the next.
    public func finish(_ statistics: AnswerStatistics? = nil) throws {
        try state.withLock { state in
            if !state.endsLine { try output.write("\n") }
            state = State()
        }
        if let statistics {
            let line = statistics.line
            try self.statistics.write((self.statistics.wantsColour ? Style.dim(line) : line) + "\n")
        }
    }

    private func dropLineFeeds(_ text: String, _ state: inout State) -> String {
        guard state.dropsLineFeeds else { return text }
        let rest = text.drop { $0 == "\n" }
        if !rest.isEmpty { state.dropsLineFeeds = false }
        return String(rest)
    }
}
