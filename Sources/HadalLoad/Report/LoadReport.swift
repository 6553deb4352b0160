import Foundation
import HadalReport

/// Results as a page to look at, to keep, or to show whoever signs for the system.
public enum LoadReport {
    public static func html(_ result: LoadResult) -> String {
        HTML.page(
            "Load test of \(result.model)",
            heading("Load test of \(result.model)", result) + cards(result) + plots(result) + times([("", result)])
                + objectives(result) + failures(result))
    }

    /// Of a ramp: what each load gave, and the last step in full.
    public static func html(_ steps: [Ramp.Step], of load: String) -> String {
        let last = steps[steps.count - 1].result
        func plot(_ title: String, _ y: @escaping (Double) -> String, _ value: (LoadResult) -> Double) -> String {
            Plot(
                title: title, lines: [.init(name: "", points: steps.map { ($0.load, value($0.result)) })],
                x: Text.number, y: y
            ).svg
        }
        return HTML.page(
            "Load ramp of \(last.model)",
            "<h1>Load ramp of \(HTML.escaped(last.model))</h1><p class=\"sub\">\(when(steps[0].result)), "
                + "\(Text.seconds(last.seconds)) a step</p><p>\(HTML.escaped(Ramp.conclusion(steps, of: load)))</p>"
                + HTML.table(Ramp.header(load), steps.map(Ramp.row))
                + "<div class=\"plots\"><div>" + plot("Tokens a second", Text.number) { $0.tokensPerSecond }
                + "</div><div>" + plot("Time to first token, p99", Text.seconds) { $0.distributions[.ttft]!.at(99) }
                + "</div></div>")
    }

    /// Two runs beside each other.
    public static func html(_ one: LoadResult, _ other: LoadResult, names: (String, String)) -> String {
        let comparison = Comparison(one, other)
        let rows = comparison.rows.map { row in
            [row.title, row.before, row.after, row.change]
        }
        return HTML.page(
            "\(names.0) and \(names.1)",
            "<h1>\(HTML.escaped(names.0)) → \(HTML.escaped(names.1))</h1>"
                + "<p class=\"sub\">\(when(one)) and \(when(other)); \(HTML.escaped(one.arrival)) and "
                + "\(HTML.escaped(other.arrival))</p>" + HTML.table(["", names.0, names.1, "change"], rows)
                + curves([(names.0, one), (names.1, other)]) + times([(names.0, one), (names.1, other)]))
    }

    // MARK: parts

    private static func heading(_ title: String, _ result: LoadResult) -> String {
        "<h1>\(HTML.escaped(title))</h1><p class=\"sub\">\(when(result)), \(HTML.escaped(result.arrival)), "
            + "\(Text.seconds(result.seconds)) measured</p>"
    }

    private static func when(_ result: LoadResult) -> String {
        result.started.formatted(.iso8601.dateSeparator(.dash).timeSeparator(.colon).dateTimeSeparator(.space))
    }

    private static func cards(_ result: LoadResult) -> String {
        func card(_ value: String, _ name: String, _ style: String = "") -> String {
            "<div class=\"card \(style)\"><b>\(HTML.escaped(value))</b><span>\(HTML.escaped(name))</span></div>"
        }
        let missed = result.verdicts.count { !$0.isMet }
        var cards = [
            card(Text.number(result.tokensPerSecond), "tokens/s"),
            card(Text.number(result.answersPerSecond), "answers/s"),
            card(seconds(result, .ttft, 99), "to the first token, p99"),
            card(seconds(result, .itl, 99), "between tokens, p99"),
            card(Text.percent(result.errorRate), "failed", result.failed > 0 ? "bad" : "good"),
        ]
        if let goodput = result.goodput { cards.append(card(Text.number(goodput), "answers/s within every limit")) }
        if !result.verdicts.isEmpty {
            cards.append(
                card(missed == 0 ? "met" : "\(missed) missed", "objectives", missed == 0 ? "good" : "bad"))
        }
        return "<div class=\"cards\">\(cards.joined())</div>"
    }

    private static func plots(_ result: LoadResult) -> String {
        let time = result.bins.map(\.time)
        func line(_ name: String, _ values: [Double?]) -> Plot.Line {
            Plot.Line(name: name, points: zip(time, values).compactMap { time, value in value.map { (time, $0) } })
        }
        func series(_ title: String, _ lines: [Plot.Line], _ y: @escaping (Double) -> String, limit: Double? = nil)
            -> String
        {
            "<div>" + Plot(title: title, lines: lines, x: Text.seconds, y: y, limit: limit).svg + "</div>"
        }
        let bins = result.bins
        return curves([("", result)])
            + "<h2>Over time</h2><div class=\"plots\">"
            + series("Tokens a second", [line("", bins.map(\.tokensPerSecond))], Text.number)
            + series(
                "Time to first token", [line("p50", bins.map(\.ttftMedian)), line("p99", bins.map(\.ttft99))],
                Text.seconds, limit: limit(result, .ttft))
            + series("Questions on their way", [line("", bins.map(\.inFlight))], Text.number)
            + series(
                "Answered and failed",
                [line("answered", bins.map { Double($0.answered) }), line("failed", bins.map { Double($0.failed) })],
                Text.number) + "</div>"
    }

    private static func curves(_ results: [(name: String, result: LoadResult)]) -> String {
        let plots = Objective.Measure.allCases.map { measure in
            let lines = results.enumerated().map { index, run in
                Plot.Line(
                    name: run.name,
                    // What is above all others has no place on an axis that never ends.
                    points: (run.result.distributions[measure]?.curve ?? []).filter { $0.percentile < 100 }
                        .map { ($0.percentile, $0.seconds) },
                    isDashed: index > 0)
            }
            return "<div>"
                + Plot(
                    title: "Seconds \(measure.title), by percentile", lines: lines, xAxis: .percentile,
                    x: { Text.percentile($0) }, y: Text.seconds,
                    limit: results.count == 1 ? limit(results[0].result, measure) : nil
                ).svg + "</div>"
        }
        return "<h2>Distribution</h2><div class=\"plots\">\(plots.joined())</div>"
    }

    private static func times(_ results: [(name: String, result: LoadResult)]) -> String {
        let header = [""] + ["mean"] + Distribution.named.map { Text.percentile($0) } + ["max"]
        let rows = Objective.Measure.allCases.flatMap { measure in
            results.compactMap { run -> [String]? in
                guard let times = run.result.distributions[measure], times.count > 0 else { return nil }
                return [measure.title + (run.name.isEmpty ? "" : ", " + run.name), Text.seconds(times.mean)]
                    + times.percentiles.map { Text.seconds($0.seconds) } + [Text.seconds(times.most)]
            }
        }
        return HTML.table(header, rows)
    }

    private static func objectives(_ result: LoadResult) -> String {
        guard !result.verdicts.isEmpty else { return "" }
        let rows = result.verdicts.map {
            [$0.objective.text, Text.seconds($0.measured), $0.isMet ? "met" : "missed"]
        }
        return "<h2>Objectives</h2>" + HTML.table(["objective", "measured", ""], rows)
    }

    private static func failures(_ result: LoadResult) -> String {
        guard !result.failures.isEmpty else { return "" }
        let rows = result.failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { [$0.key, "\($0.value)"] }
        return "<h2>Failures</h2>" + HTML.table(["", "questions"], rows)
    }

    private static func limit(_ result: LoadResult, _ measure: Objective.Measure) -> Double? {
        result.verdicts.first { $0.objective.measure == measure }?.objective.limit
    }

    private static func seconds(_ result: LoadResult, _ measure: Objective.Measure, _ percentile: Double) -> String {
        guard let times = result.distributions[measure], times.count > 0 else { return "–" }
        return Text.seconds(times.at(percentile))
    }
}
