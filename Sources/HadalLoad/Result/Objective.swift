/// What a service promises: of so many of its answers, a time is no longer than that.
public struct Objective: Sendable, Hashable {
    public enum Measure: String, Sendable, Hashable, CaseIterable {
        /// Time to first token.
        case ttft
        /// From one piece of an answer to the next.
        case itl
        /// Seconds for each token after the first, of an answer on average.
        case tpot
        /// The whole answer.
        case e2e

        public var title: String {
            switch self {
            case .ttft: "time to first token"
            case .itl: "between tokens"
            case .tpot: "per token"
            case .e2e: "whole answer"
            }
        }
    }

    public let measure: Measure
    /// 50 … 100
    public let percentile: Double
    /// seconds
    public let limit: Double

    public init(_ measure: Measure, percentile: Double, limit: Double) {
        (self.measure, self.percentile, self.limit) = (measure, percentile, limit)
    }

    /// `ttft.p99=2`, `e2e=30` (that is, all of them).
    public init(parsing text: String) throws(LoadError) {
        guard let match = text.wholeMatch(of: /([a-z0-9]+)(?:\.p(\d+(?:\.\d+)?))?=(\d+(?:\.\d+)?(?:e-\d+)?)/) else {
            throw .badObjective(text, problem: "not MEASURE.pPERCENTILE=SECONDS")
        }
        guard let measure = Measure(rawValue: String(match.1)) else {
            let known = Measure.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badObjective(text, problem: "no measure '\(match.1)'; there are \(known)")
        }
        let percentile = match.2.flatMap { Double($0) } ?? 100
        guard percentile > 0, percentile <= 100 else { throw .badObjective(text, problem: "no such percentile") }
        guard let limit = Double(match.3), limit > 0 else { throw .badObjective(text, problem: "no seconds") }
        self.init(measure, percentile: percentile, limit: limit)
    }

    public var text: String {
        measure.rawValue + (percentile == 100 ? "" : "." + Text.percentile(percentile)) + "=\(Text.number(limit))"
    }
}
