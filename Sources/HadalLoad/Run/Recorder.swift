import Histogram
import Synchronization

/// Gathers samples of many tasks. Gaps between tokens, of which there are most, go straight into a histogram.
final class Recorder: Sendable {
    private struct State {
        var samples: [Sample] = []
        var gaps = Histogram<UInt64>.ofDurations
        /// Tokens by the second in which they came.
        var tokens: [Double] = []
        var inFlight = 0
        var failures = 0
    }

    private let state = Mutex(State())

    struct Progress: Sendable {
        var answered: Int
        var failed: Int
        var inFlight: Int
        /// Of the second before.
        var tokensPerSecond: Double
    }

    func begin() { state.withLock { $0.inFlight += 1 } }

    /// - Parameter pieces: when they came.
    func end(_ sample: Sample, pieces: [Double]) {
        state.withLock { state in
            state.inFlight -= 1
            for (one, other) in zip(pieces, pieces.dropFirst()) {
                state.gaps.record(Histogram<UInt64>.microseconds(other - one))
            }
            let each = pieces.isEmpty ? 0 : Double(max(sample.answerTokens, pieces.count)) / Double(pieces.count)
            for time in pieces {
                let second = max(0, Int(time))
                while state.tokens.count <= second { state.tokens.append(0) }
                state.tokens[second] += each
            }
            if sample.failure != nil { state.failures += 1 }
            state.samples.append(sample)
        }
    }

    var inFlight: Int { state.withLock(\.inFlight) }

    /// - Parameter time: now.
    func progress(at time: Double) -> Progress {
        state.withLock { state in
            let second = Int(time) - 1
            return Progress(
                answered: state.samples.count - state.failures, failed: state.failures, inFlight: state.inFlight,
                tokensPerSecond: state.tokens.indices.contains(second) ? state.tokens[second] : 0)
        }
    }

    var all: (samples: [Sample], gaps: Histogram<UInt64>, tokens: [Double]) {
        state.withLock { ($0.samples, $0.gaps, $0.tokens) }
    }
}

extension Histogram<UInt64> {
    /// Microseconds to an hour, three digits.
    static var ofDurations: Histogram<UInt64> {
        Histogram(
            lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
    }

    static func microseconds(_ seconds: Double) -> UInt64 { UInt64(Swift.min(Swift.max(0, seconds), 3600) * 1e6) }
}
