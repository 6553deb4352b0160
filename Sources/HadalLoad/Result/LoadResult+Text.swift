extension LoadResult {
    /// For a terminal.
    public var text: String {
        var lines = [
            "\(model), \(arrival): \(answered) answers in \(Text.seconds(seconds))"
                + (failed == 0 ? "" : ", \(failed) failed (\(Text.percent(errorRate)))"),
            "\(Text.number(tokensPerSecond)) tokens/s, \(Text.number(answersPerSecond)) answers/s; an answer: "
                + "\(Text.number(perAnswer(promptTokens))) tokens read (\(Text.percent(cachedShare)) from the cache), "
                + "\(Text.number(perAnswer(answerTokens))) written",
            "",
        ]
        let columns = ["", "mean"] + Distribution.named.map { Text.percentile($0) } + ["max"]
        var rows = [columns]
        for measure in Objective.Measure.allCases {
            guard let times = distributions[measure], times.count > 0 else { continue }
            rows.append(
                [measure.title, Text.seconds(times.mean)] + times.percentiles.map { Text.seconds($0.seconds) }
                    + [Text.seconds(times.most)])
        }
        lines += Self.aligned(rows)
        for (kind, count) in failures.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("failed: \(count) × \(kind)")
        }
        for verdict in verdicts {
            lines.append(
                "\(verdict.isMet ? "met" : "MISSED"): \(verdict.objective.text) (\(Text.seconds(verdict.measured)))")
        }
        if let goodput {
            lines.append(
                "goodput: \(Text.number(goodput)) answers/s within every limit "
                    + "(\(Text.percent(answersPerSecond > 0 ? goodput / answersPerSecond : 0)))")
        }
        return lines.joined(separator: "\n")
    }

    func perAnswer(_ tokens: Int) -> Double { answered == 0 ? 0 : Double(tokens) / Double(answered) }
    var cachedShare: Double { promptTokens == 0 ? 0 : Double(cachedTokens) / Double(promptTokens) }

    /// The first column to the left, the others to the right.
    static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ")
        }
    }
}
