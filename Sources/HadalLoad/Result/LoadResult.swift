import Foundation
import Histogram

/// What a load test has measured.
public struct LoadResult: Sendable, Hashable {
    /// What happened in a part of the test, by when it happened.
    public struct Bin: Sendable, Hashable {
        /// Seconds from the test's begin to the bin's.
        public var time: Double
        public var answered: Int
        public var failed: Int
        public var tokensPerSecond: Double
        /// Questions on their way, on average.
        public var inFlight: Double
        /// Of questions asked in it; nil: none was answered.
        public var ttftMedian: Double?
        public var ttft99: Double?
    }

    public struct Verdict: Sendable, Hashable {
        public var objective: Objective
        /// seconds
        public var measured: Double
        public var isMet: Bool
    }

    public var model: String
    public var arrival: String
    public var started: Date
    /// Seconds that count.
    public var seconds: Double
    public var asked: Int
    public var answered: Int
    /// By kind.
    public var failures: [String: Int]
    public var promptTokens: Int
    public var cachedTokens: Int
    public var answerTokens: Int
    /// Within the time that counts.
    public var answersPerSecond: Double
    public var tokensPerSecond: Double
    public var distributions: [Objective.Measure: Distribution]
    public var verdicts: [Verdict]
    /// Answers a second that met every objective's limit, whatever the percentile; nil: there are no objectives.
    public var goodput: Double?
    public var bins: [Bin]

    public var failed: Int { failures.values.reduce(0, +) }
    /// Of questions whose outcome is known.
    public var errorRate: Double { asked == 0 ? 0 : Double(failed) / Double(asked) }

    /// - Parameters:
    ///   - until: when the last question was asked.
    init(
        model: String, _ options: LoadTest.Options, started: Date, until: Double,
        _ found: (samples: [Sample], gaps: Histogram<UInt64>, tokens: [Double])
    ) {
        let from = min(options.warmUpSeconds, until)
        let counted = found.samples.filter { $0.planned >= from || options.warmUpSeconds == 0 }
        let good = counted.filter { $0.failure == nil }
        let last = counted.map(\.end).max() ?? until
        // Where questions are counted, the time is that until the last answer; else what a steady state gives in between.
        let end = options.seconds == nil ? last : max(until, from)
        let seconds = max(end - from, 1e-9)
        self.model = model
        self.started = started
        self.seconds = seconds
        arrival = options.arrival.title
        asked = counted.count
        answered = good.count
        failures = Dictionary(grouping: counted.compactMap(\.failure)) { $0 }.mapValues(\.count)
        promptTokens = good.reduce(0) { $0 + $1.promptTokens }
        cachedTokens = good.reduce(0) { $0 + $1.cachedTokens }
        answerTokens = good.reduce(0) { $0 + $1.answerTokens }
        answersPerSecond = Double(good.count { $0.end <= end }) / seconds
        tokensPerSecond = Self.tokens(found.tokens, from, end) / seconds
        distributions = [
            .ttft: Distribution(good.compactMap(\.timeToFirstToken)), .itl: Distribution(found.gaps),
            .tpot: Distribution(good.compactMap(\.perToken)), .e2e: Distribution(good.map(\.endToEnd)),
        ]
        let measured = distributions
        verdicts = options.objectives.map { objective in
            let value = measured[objective.measure]!.at(objective.percentile)
            return Verdict(objective: objective, measured: value, isMet: !good.isEmpty && value <= objective.limit)
        }
        goodput =
            options.objectives.isEmpty
            ? nil
            : Double(good.count { $0.end <= end && $0.meets(options.objectives) }) / seconds
        bins = Self.bins(found.samples, found.tokens, end: max(last, end))
    }

    private static func tokens(_ bySecond: [Double], _ from: Double, _ end: Double) -> Double {
        bySecond.enumerated().reduce(0) { sum, second in
            let share = min(Double(second.offset + 1), end) - max(Double(second.offset), from)
            return sum + second.element * min(1, max(0, share))
        }
    }

    private static func bins(_ samples: [Sample], _ tokens: [Double], end: Double) -> [Bin] {
        let width = max(1, (end / 120).rounded(.up))
        return (0..<max(1, Int((end / width).rounded(.up)))).map { index in
            let (from, to) = (Double(index) * width, Double(index + 1) * width)
            let ended = samples.filter { $0.end >= from && $0.end < to }
            let times = samples.filter { $0.planned >= from && $0.planned < to }.compactMap(\.timeToFirstToken).sorted()
            let busy = samples.reduce(0) { $0 + max(0, min($1.end, to) - max($1.planned, from)) }
            let share = min(to, end) - from
            return Bin(
                time: from, answered: ended.count { $0.failure == nil }, failed: ended.count { $0.failure != nil },
                tokensPerSecond: share > 0 ? Self.tokens(tokens, from, min(to, end)) / share : 0,
                inFlight: share > 0 ? busy / share : 0,
                ttftMedian: times.isEmpty ? nil : times[times.count / 2],
                ttft99: times.isEmpty ? nil : times[min(times.count - 1, times.count * 99 / 100)])
        }
    }
}

extension Sample {
    /// Whether this one is within every limit.
    fileprivate func meets(_ objectives: [Objective]) -> Bool {
        objectives.allSatisfy { objective in
            let value: Double? =
                switch objective.measure {
                case .ttft: timeToFirstToken
                // Of the gaps of one answer, the average stands for it.
                case .itl, .tpot: perToken ?? 0
                case .e2e: endToEnd
                }
            return value.map { $0 <= objective.limit } ?? false
        }
    }
}
