import Synchronization

/// How far a long piece of work has come, on one line of standard error. Silent where that is no terminal.
///
/// Any thread may report at any rate: the line is redrawn at most ten times a second. The line goes when the bar is
/// finished or released.
public final class ProgressBar: Sendable {
    private struct State {
        var lastDrawn: Duration?
        var isFinished = false
    }

    private static let redrawInterval = Duration.milliseconds(100)
    /// Before this no rate and no time left are shown: they would only jump.
    private static let estimateAfter = Duration.seconds(1)

    private let label: String
    private let firstFraction: Double
    private let rate: (@Sendable (Double) -> String)?
    private let terminal: Terminal
    private let isShown: Bool
    private let now: @Sendable () -> Duration
    private let start: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - firstFraction: what was done before, 0…1: it says nothing of how fast the rest is.
    ///   - rate: says how fast it is; is given the fraction done in a second.
    ///   - now: time since any fixed moment.
    public init(
        _ label: String, startingAt firstFraction: Double = 0, rate: (@Sendable (Double) -> String)? = nil,
        terminal: Terminal = .standardError,
        now: @escaping @Sendable () -> Duration = ProgressBar.uptime
    ) {
        self.label = ControlFilter.cleanLine(label)
        self.firstFraction = firstFraction
        self.rate = rate
        self.terminal = terminal
        self.now = now
        start = now()
        isShown = terminal.movesCursor
        update(firstFraction)
    }

    deinit { finish() }

    /// Reports the fraction done, 0…1.
    public func update(_ fraction: Double) {
        guard isShown, fraction.isFinite else { return }
        let fraction = min(1, max(0, fraction))
        let time = now()
        state.withLock { state in
            if state.isFinished { return }
            if let last = state.lastDrawn, time - last < Self.redrawInterval { return }
            state.lastDrawn = time
            let (elapsed, done) = (time - start, fraction - firstFraction)
            let isKnown = elapsed >= Self.estimateAfter && done > 0 && fraction < 1
            let speed = done / (elapsed / .seconds(1))
            let line = ProgressLine(
                label: label, fraction: fraction, rate: isKnown ? rate?(speed) : nil,
                secondsLeft: isKnown ? (1 - fraction) / speed : nil)
            // One cell stays free: a full line would make some terminals wrap. A write that fails ends nothing.
            try? terminal.write("\r" + line.rendered(width: terminal.size.columns - 1) + "\u{1B}[K")
        }
    }

    /// Takes the line away; later reports do nothing.
    public func finish() {
        guard isShown else { return }
        state.withLock { state in
            if !state.isFinished { try? terminal.write("\r\u{1B}[K") }
            state.isFinished = true
        }
    }

    /// The clock progress bars use unless told otherwise.
    public static let uptime: @Sendable () -> Duration = {
        let start = ContinuousClock.now
        return { start.duration(to: .now) }
    }()
}
