import Foundation
import Synchronization

/// A bar on standard error, drawn only on a terminal and at most ten times a second.
public final class ProgressBar: Sendable {
    private struct State {
        var drawn: ContinuousClock.Instant?
        var isFinished = false
    }

    private let label: String
    private let isVisible: Bool
    private let started = ContinuousClock.now
    private let state = Mutex(State())

    public init(label: String) {
        self.label = label
        isVisible = Terminal.isTerminal(STDERR_FILENO)
    }

    /// - Parameter fraction: 0…1.
    public func update(_ fraction: Double) {
        guard isVisible else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if state.isFinished { return }
            if let drawn = state.drawn, now - drawn < .milliseconds(100), fraction < 1 { return }
            state.drawn = now
            Terminal.write("\r" + line(min(max(fraction, 0), 1), now) + "\u{1B}[K", to: STDERR_FILENO)
        }
    }

    private func line(_ fraction: Double, _ now: ContinuousClock.Instant) -> String {
        let elapsed = (now - started) / .seconds(1)
        var end = String(format: " %3.0f %%", fraction * 100)
        if fraction > 0.02, fraction < 1, elapsed > 1 {
            end += String(format: ", %.0f s left", elapsed / fraction * (1 - fraction))
        }
        let room = max(10, min(40, Terminal.width(STDERR_FILENO) - label.columns - end.columns - 4))
        let filled = Int(fraction * Double(room))
        return label + " [" + String(repeating: "█", count: filled) + String(repeating: "·", count: room - filled) + "]"
            + end
    }

    /// Clears the line.
    public func finish() {
        guard isVisible else { return }
        state.withLock { state in
            if !state.isFinished, state.drawn != nil { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
            state.isFinished = true
        }
    }
}
