import HadalEngine
import HadalTerminal

/// Counts and times an answer while it comes, so that one that is stopped has its statistics too.
struct AnswerMeter {
    private let start = ContinuousClock.now
    private var first: ContinuousClock.Instant?
    private var last = ContinuousClock.now
    private var tokens = 0
    private var isFinished = false

    mutating func count(_ event: GenerationEvent) {
        switch event {
        case .delta(_, let new):
            guard !new.isEmpty else { return }
            last = .now
            first = first ?? last
            tokens += new.count
        case .finished: isFinished = true
        }
    }

    /// Of an answer that `finished` did not end, it says that it was stopped.
    var statistics: AnswerStatistics {
        AnswerStatistics(
            tokens: tokens, timeToFirstToken: first.map { $0 - start }, duration: last - start, wasStopped: !isFinished)
    }
}
