import Foundation
import HadalReport

/// A run for people, and for programs that read JUnit.
public enum EvalReport {
    /// For a terminal.
    public static func text(_ result: EvalResult, _ baseline: Baseline?) -> String {
        let width = result.scenarios.map(\.name.count).max() ?? 0
        var lines = result.scenarios.map { scenario in
            let name = scenario.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let f1 = scenario.macroF1.map { String(format: ", macro F1 %.2f", $0) } ?? ""
            return "\(name)  \(scenario.passed) of \(scenario.items.count)\(f1)"
        }
        lines.append("")
        lines.append("\(result.model): \(result.passed) of \(result.items) (\(percent(result.score)))" + open(result))
        if let baseline { lines.append(compared(baseline)) }
        return lines.joined(separator: "\n")
    }

    /// https://github.com/testmoapp/junitxml: a suite for each scenario, a case for each item.
    public static func junit(_ result: EvalResult) -> String {
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        xml += "<testsuites name=\"\(HTML.escaped(result.suite))\" tests=\"\(result.items)\" "
        xml += "failures=\"\(result.items - result.passed)\" time=\"\(seconds(result.seconds))\">\n"
        for scenario in result.scenarios {
            xml += "  <testsuite name=\"\(HTML.escaped(scenario.name))\" tests=\"\(scenario.items.count)\" "
            xml += "failures=\"\(scenario.items.count - scenario.passed)\">\n"
            for (index, item) in scenario.items.enumerated() {
                xml += "    <testcase classname=\"\(HTML.escaped(scenario.category))\" "
                xml += "name=\"\(HTML.escaped(scenario.name))[\(index)]\" time=\"\(seconds(item.seconds))\""
                if item.hasPassed {
                    xml += "/>\n"
                } else {
                    let problems = clean(item.problems.joined(separator: "; "))
                    xml +=
                        "><failure message=\"\(HTML.escaped(problems))\">\(HTML.escaped(clean(item.answer)))</failure></testcase>\n"
                }
            }
            xml += "  </testsuite>\n"
        }
        return xml + "</testsuites>\n"
    }

    public static func html(_ result: EvalResult, _ baseline: Baseline?) -> String {
        let title = "\(result.suite): \(result.model)"
        let rows = result.scenarios.map {
            [
                $0.name, $0.category, $0.language, "\($0.passed) of \($0.items.count)", percent($0.score),
                $0.macroF1.map { String(format: "%.2f", $0) } ?? "",
            ]
        }
        var body = "<h1>\(HTML.escaped(title))</h1><p class=\"sub\">\(result.started.formatted(.iso8601))</p>"
        body +=
            "<div class=\"cards\"><div class=\"card\"><b>\(percent(result.score))</b><span>\(result.passed) of \(result.items) passed\(HTML.escaped(open(result)))</span></div></div>"
        if let baseline { body += "<p>\(HTML.escaped(compared(baseline)))</p>" }
        body += HTML.table(["scenario", "category", "", "passed", "score", "macro F1"], rows)
        for scenario in result.scenarios {
            body += "<h2>\(HTML.escaped(scenario.name))</h2><p class=\"sub\">\(HTML.escaped(scenario.about))</p>"
            if !scenario.labels.isEmpty {
                let matrix = zip(scenario.labels, scenario.confusion).map { label, counts in
                    [label] + counts.map { "\($0)" }
                }
                body += HTML.table(["is ↓, said →"] + scenario.labels + ["none"], matrix)
            }
            for item in scenario.items {
                let verdict = item.hasPassed ? "passed" : item.problems.joined(separator: "; ")
                body += "<details><summary class=\"\(item.hasPassed ? "c2" : "c1")\">\(HTML.escaped(verdict))</summary>"
                body += "<pre>\(HTML.escaped(clean(item.answer)))</pre></details>"
            }
        }
        return HTML.page(title, body)
    }

    private static func compared(_ baseline: Baseline) -> String {
        "beside the run before: \(baseline.better.count) better, \(baseline.worse.count) worse of \(baseline.compared), "
            + String(format: "p = %.3f", baseline.pValue) + (baseline.isRegression ? ": a regression" : "")
            + (baseline.worse.isEmpty ? "" : "; worse: " + baseline.worse.joined(separator: ", "))
    }

    private static func open(_ result: EvalResult) -> String {
        let count = result.scenarios.flatMap(\.items).reduce(0) { $0 + $1.open.count }
        return count == 0 ? "" : ", \(count) not judged (--judge MODEL)"
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
    private static func seconds(_ value: Double) -> String { String(format: "%.3f", value) }

    /// XML has no control characters, whatever a model writes.
    private static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0.value >= 0x20 && $0.value != 0xFFFE && $0.value != 0xFFFF || $0 == "\n" || $0 == "\t"
                }))
    }
}
