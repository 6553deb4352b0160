import HadalLoad
import HadalTerminal
import Synchronization

/// How a load test goes, on one line of standard error; silent where that is no terminal.
final class LoadStatus: Sendable {
    private let terminal = Terminal.standardError
    private let isShown: Bool
    private let label = Mutex("")

    init(isShown: Bool) { self.isShown = isShown && Terminal.standardError.movesCursor }

    /// A step, by what is written before its figures.
    @Sendable func begin(_ step: String) { label.withLock { $0 = step + ", " } }

    @Sendable func show(_ progress: LoadTest.Progress) {
        guard isShown else { return }
        let text =
            label.withLock { $0 }
            + "\(Int(progress.time)) s: \(progress.answered) answered, \(progress.failed) failed, "
            + "\(progress.inFlight) on their way, \(Int(progress.tokensPerSecond)) tokens/s"
        try? terminal.write("\r" + text.truncated(toDisplayWidth: terminal.size.columns - 1) + "\u{1B}[K")
    }

    func clear() { if isShown { try? terminal.write("\r\u{1B}[K") } }
}
