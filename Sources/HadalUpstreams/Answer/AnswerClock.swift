import HadalWire
import Synchronization

/// Whether an answer has come to its end, so that who drops its stream gives up nothing.
final class AnswerEnd: Sendable {
    private let state = Mutex(false)
    private let whenReached: @Sendable () -> Void

    init(_ whenReached: @escaping @Sendable () -> Void) { self.whenReached = whenReached }

    var isReached: Bool { state.withLock { $0 } }

    func reach() {
        let isFirst = state.withLock { isReached in
            defer { isReached = true }
            return !isReached
        }
        if isFirst { whenReached() }
    }
}

/// When the tokens of an answer came.
struct AnswerClock: Sendable {
    let start: ContinuousClock.Instant
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?

    init(start: ContinuousClock.Instant) { self.start = start }

    mutating func note(_ event: WorkerEvent) {
        guard case .delta = event else { return }
        last = .now
        if first == nil { first = last }
    }

    var seconds: (first: Double, decode: Double) {
        guard let first, let last else { return (0, 0) }
        return ((first - start) / .seconds(1), (last - first) / .seconds(1))
    }
}
