import HadalJSON

/// What changed from one run to another.
public struct Comparison: Sendable {
    public struct Row: Sendable {
        public var title: String
        public var before: String
        public var after: String
        /// After over before; nil: there is nothing to divide by.
        public var ratio: Double?

        public var change: String {
            guard let ratio else { return "–" }
            let percent = (ratio - 1) * 100
            return (percent >= 0 ? "+" : "−") + Text.number(abs(percent)) + " %"
        }
    }

    public let rows: [Row]

    public init(_ one: LoadResult, _ other: LoadResult) {
        func row(
            _ title: String, _ text: (Double) -> String, _ value: (LoadResult) -> Double
        ) -> Row {
            let (before, after) = (value(one), value(other))
            return Row(
                title: title, before: text(before), after: text(after), ratio: before > 0 ? after / before : nil)
        }
        var rows = [
            row("tokens/s", Text.number) { $0.tokensPerSecond },
            row("answers/s", Text.number) { $0.answersPerSecond },
            row("failed", Text.percent) { $0.errorRate },
        ]
        if one.goodput != nil, other.goodput != nil { rows.append(row("goodput", Text.number) { $0.goodput ?? 0 }) }
        for measure in Objective.Measure.allCases {
            for percentile in [50.0, 99] {
                rows.append(
                    row("\(measure.title), \(Text.percentile(percentile))", Text.seconds) {
                        $0.distributions[measure]?.at(percentile) ?? 0
                    })
            }
        }
        self.rows = rows
    }

    public var text: String {
        let all = [["", "before", "after", "change"]] + rows.map { [$0.title, $0.before, $0.after, $0.change] }
        return LoadResult.aligned(all).joined(separator: "\n")
    }

    public var json: JSON {
        .array(
            rows.map {
                .compact([
                    ("measure", .string($0.title)), ("before", .string($0.before)), ("after", .string($0.after)),
                    ("ratio", $0.ratio.map(JSON.double)),
                ])
            })
    }
}
