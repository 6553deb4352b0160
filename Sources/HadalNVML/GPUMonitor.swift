import Dispatch
import Foundation
import Synchronization

/// Figures of NVIDIA's cards for whoever asks, however often, and whatever the driver does: it is asked on a thread of its
/// own, at most once a second, and nobody waits for it longer than their patience. A driver that hangs takes that one
/// thread, and answers again when it goes on.
public final class GPUMonitor: Sendable {
    private struct State {
        var last = GPUReport()
        var taken: ContinuousClock.Instant?
        /// Since when the driver is being asked.
        var asked: ContinuousClock.Instant?
        var waiting: [Int: CheckedContinuation<GPUReport, Never>] = [:]
        var count = 0
    }

    private let library: String
    private let patience: Duration
    private let freshness: Duration
    private let queue = DispatchQueue(label: "hadal.nvml")
    private let state = Mutex(State())
    /// Held while the driver works. Only the queue's thread takes it.
    private let driver = Mutex(NVMLDriver())

    /// - Parameters:
    ///   - library: its path, or what the system looks for; empty or nil: `libnvidia-ml.so.1`.
    ///   - patience: how long who asks waits for the driver.
    ///   - freshness: how old an answer may be.
    public init(
        library: String? = ProcessInfo.processInfo.environment["HADAL_NVML_LIBRARY"], patience: Duration = .seconds(2),
        freshness: Duration = .seconds(1)
    ) {
        self.library = library.flatMap { $0.isEmpty ? nil : $0 } ?? "libnvidia-ml.so.1"
        self.patience = patience
        self.freshness = freshness
    }

    /// - Returns: where the driver does not answer in time, the cards that are known, each with the problem `silent`.
    public func report() async -> GPUReport {
        await withCheckedContinuation { continuation in
            let now = ContinuousClock.now
            let (answer, number, mustAsk): (GPUReport?, Int, Bool) = state.withLock { state in
                if let taken = state.taken, now - taken < freshness { return (state.last, 0, false) }
                if let asked = state.asked, now - asked >= patience {
                    return (silence(state.last, now - asked), 0, false)
                }
                state.count += 1
                state.waiting[state.count] = continuation
                defer { state.asked = state.asked ?? now }
                return (nil, state.count, state.asked == nil)
            }
            if let answer { return continuation.resume(returning: answer) }
            if mustAsk { queue.async { self.ask() } }
            Task {
                try? await Task.sleep(for: patience)
                giveUp(number)
            }
        }
    }

    private func giveUp(_ number: Int) {
        let (waiting, report) = state.withLock { state in
            (
                state.waiting.removeValue(forKey: number),
                silence(state.last, state.asked.map { .now - $0 } ?? patience)
            )
        }
        waiting?.resume(returning: report)
    }

    private func silence(_ last: GPUReport, _ time: Duration) -> GPUReport {
        let problem = NVMLError.silent(seconds: max(1, Int(time / .seconds(1))))
        var report = last
        report.problem = problem
        for index in report.cards.indices {
            report.cards[index].problem = problem
            report.cards[index].figures = GPUFigures()
            report.cards[index].slices = []
        }
        return report
    }

    /// On the queue.
    private func ask() {
        let report = driver.withLock { driver in driver.report(library) }
        let waiting = state.withLock { state in
            (state.last, state.taken, state.asked) = (report, .now, nil)
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(returning: report) }
    }
}
