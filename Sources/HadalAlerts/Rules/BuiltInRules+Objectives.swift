import Foundation

/// Alerts that tell how fast a promise is used up: the multi-window, multi-burn-rate alerts of Google's Site
/// Reliability Workbook, chapter 5 (Alerting on SLOs). At a burn rate of 1 all that may fail in 30 days has failed
/// after 30 days; at 14.4, 2 % of it fails within an hour, and at 6, 5 % within six hours. The short window makes an
/// alert end soon after its cause. The workbook's third pair looks back for three days: longer than is kept here.
extension BuiltInRules {
    private struct Burn {
        let name: String
        let rate: Double
        let level: AlertLevel
        let long: TimeInterval
        let short: TimeInterval
        let words: String

        static let all = [
            Burn(name: "FastBurn", rate: 14.4, level: .critical, long: 3600, short: 300, words: "an hour"),
            Burn(name: "SlowBurn", rate: 6, level: .serious, long: 21_600, short: 1800, words: "6 hours"),
        ]
    }

    static func objectives(_ limits: AlertLimits) -> [AlertRule] {
        var rules: [AlertRule] = []
        if let objective = limits.availability {
            let answers = Selector("hadal_generations_total", ["outcome": .isNot("cancelled")])
            rules += burns(
                "HadalRequests", objective, by: [], of: Selector("hadal_http_requests_total"),
                bad: Selector("hadal_http_requests_total", ["status": .hasPrefix("5")]),
                "of the requests failed, within")
            rules += burns(
                "HadalAnswers", objective, by: ["model"], of: answers,
                bad: Selector("hadal_generations_total", ["outcome": .is("failed")]),
                "of the answers of {model} failed, within")
        }
        if let latency = limits.latency {
            let bound = PromQL.number(latency.seconds)
            rules += burns(
                "HadalLatency", latency.share, by: ["model"], of: Selector("hadal_time_to_first_token_seconds_count"),
                good: Selector("hadal_time_to_first_token_seconds_bucket", ["le": .is(bound)]),
                "of the answers of {model} began later than after \(AlertUnit.seconds.text(latency.seconds)), within")
        }
        return rules
    }

    private static func burns(
        _ name: String, _ objective: Double, by labels: [String], of all: Selector, bad: Selector? = nil,
        good: Selector? = nil, _ words: String
    ) -> [AlertRule] {
        func share(_ window: TimeInterval) -> Query {
            let whole = Query.sum(.rate(all, over: window), by: labels)
            if let bad { return .sum(.rate(bad, over: window), by: labels) / whole }
            return 1 - .sum(.rate(good ?? all, over: window), by: labels) / whole
        }
        return Burn.all.map { burn in
            // Not 0.014400000000000012.
            let threshold = (burn.rate * (1 - objective) * 1e9).rounded() / 1e9
            return AlertRule(
                name + burn.name, share(burn.long), .above([burn.level: threshold]), confirmation: share(burn.short),
                guards: [.init(.sum(.increase(all, over: burn.long), by: labels), least: 20)], unit: .share,
                summary: AlertTemplate("{value} \(words) \(burn.words)."),
                advice: AlertTemplate(
                    "At \(PromQL.number(burn.rate)) times the rate that the objective of "
                        + "\(AlertUnit.share.text(objective)) in 30 days allows, what may fail in "
                        + "30 days is used up after \(AlertUnit.seconds.text(30 * 86_400 / burn.rate))."))
        }
    }
}
