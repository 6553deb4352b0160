import Foundation

/// Prints an answer as it comes: reasoning dimmed, content plain. Control characters that a model writes never reach the
/// terminal, but for line breaks and tabs.
public final class AnswerPrinter {
    private let hasColours = Terminal.hasColours()
    private var isDimmed = false
    private var endsLine = true

    public init() {}

    public func reasoning(_ text: String) {
        guard !text.isEmpty else { return }
        if !isDimmed, hasColours {
            Terminal.write("\u{1B}[2m", to: STDOUT_FILENO)
        }
        isDimmed = true
        write(text)
    }

    public func content(_ text: String) {
        guard !text.isEmpty else { return }
        if isDimmed {
            if hasColours { Terminal.write("\u{1B}[0m", to: STDOUT_FILENO) }
            write(endsLine ? "\n" : "\n\n")
            isDimmed = false
        }
        write(text)
    }

    private func write(_ text: String) {
        let clean = AnswerPrinter.clean(text)
        guard !clean.isEmpty else { return }
        endsLine = clean.hasSuffix("\n")
        Terminal.write(clean, to: STDOUT_FILENO)
    }

    static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { scalar in
                    scalar == "\n" || scalar == "\t"
                        || !(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value))
                }))
    }

    /// Ends the answer; `statistics` goes to standard error where that is a terminal.
    public func finish(_ statistics: String) {
        if isDimmed, hasColours { Terminal.write("\u{1B}[0m", to: STDOUT_FILENO) }
        isDimmed = false
        if !endsLine { Terminal.write("\n", to: STDOUT_FILENO) }
        endsLine = true
        guard Terminal.isTerminal(STDERR_FILENO) else { return }
        let dimmed = Terminal.hasColours(STDERR_FILENO)
        Terminal.write((dimmed ? "\u{1B}[2m" : "") + statistics + (dimmed ? "\u{1B}[0m" : "") + "\n", to: STDERR_FILENO)
    }
}
