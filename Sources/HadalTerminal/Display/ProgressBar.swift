import Synchronization

/// How far a long piece of work has come, on one line of standard error. Silent where that is no terminal.
///
/// Any thread may report at any rate: the line is redrawn at most ten times a second. The line goes when the bar is
/// finished or released.
public final class ProgressBar: Sendable {
    /// What becomes of the line.
    public enum Ending: Sendable {
        /// The line disappears.
        case clear
        /// The line stays, full, with the average rate.
        case complete
    }

    private struct State {
        var fraction = 0.0
        var lastDrawn: Duration?
        var rate = TransferRate()
        var isFinished = false
    }

    private static let redrawInterval = Duration.milliseconds(100)

    private let label: String
    private let totalBytes: Int64?
    private let terminal: Terminal
    private let isShown: Bool
    private let now: @Sendable () -> Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - totalBytes: where the work is moving bytes; then rate and time left are shown.
    ///   - doneBytes: bytes there before the work began (a resumed download); they do not count into the rate.
    ///   - now: time since any fixed moment.
    public init(
        _ label: String, totalBytes: Int64? = nil, doneBytes: Int64 = 0, terminal: Terminal = .standardError,
        now: @escaping @Sendable () -> Duration = ProgressBar.uptime
    ) {
        self.label = ControlFilter.cleanLine(label)
        self.totalBytes = totalBytes
        self.terminal = terminal
        self.now = now
        isShown = terminal.movesCursor
        guard isShown else { return }
        let start = now()
        state.withLock { state in
            if let totalBytes {
                state.fraction = Self.fraction(doneBytes, of: totalBytes)
                state.rate.add(bytes: doneBytes, at: start)
            }
            draw(&state, at: start)
        }
    }

    deinit { finish(.clear) }

    /// Reports the fraction done, 0…1.
    public func update(fraction: Double) {
        guard isShown else { return }
        let time = now()
        state.withLock { state in
            guard !state.isFinished, fraction.isFinite else { return }
            state.fraction = min(1, max(0, fraction))
            if let totalBytes { state.rate.add(bytes: Int64(state.fraction * Double(totalBytes)), at: time) }
            drawIfDue(&state, at: time)
        }
    }

    /// Reports the bytes done so far. Without `totalBytes` it shows nothing.
    public func update(bytes: Int64) {
        guard isShown, let totalBytes else { return }
        let time = now()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.fraction = Self.fraction(bytes, of: totalBytes)
            state.rate.add(bytes: bytes, at: time)
            drawIfDue(&state, at: time)
        }
    }

    /// Ends the bar; later reports do nothing.
    public func finish(_ ending: Ending = .clear) {
        guard isShown else { return }
        let time = now()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            switch ending {
            case .clear: try? terminal.write("\r\u{1B}[K")
            case .complete:
                state.fraction = 1
                if let totalBytes { state.rate.add(bytes: totalBytes, at: time) }
                let line = ProgressLine(
                    label: label, fraction: 1, bytesPerSecond: state.rate.average, totalBytes: totalBytes)
                try? terminal.write("\r" + line.rendered(width: terminal.width - 1) + "\u{1B}[K\n")
            }
        }
    }

    /// The clock progress bars use unless told otherwise.
    public static let uptime: @Sendable () -> Duration = {
        let start = ContinuousClock.now
        return { start.duration(to: .now) }
    }()

    private static func fraction(_ bytes: Int64, of total: Int64) -> Double {
        total > 0 ? min(1, max(0, Double(bytes) / Double(total))) : 1
    }

    private func drawIfDue(_ state: inout State, at time: Duration) {
        if let last = state.lastDrawn, time - last < Self.redrawInterval { return }
        draw(&state, at: time)
    }

    private func draw(_ state: inout State, at time: Duration) {
        state.lastDrawn = time
        let line = ProgressLine(
            label: label, fraction: state.fraction, bytesPerSecond: state.rate.recent, totalBytes: totalBytes)
        // One cell stays free: a full line would make some terminals wrap. A write that fails ends nothing.
        try? terminal.write("\r" + line.rendered(width: terminal.width - 1) + "\u{1B}[K")
    }
}
