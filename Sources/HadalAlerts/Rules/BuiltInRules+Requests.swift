extension BuiltInRules {
    static func requests(_ limits: AlertLimits) -> [AlertRule] {
        [errors, answers] + (limits.firstToken.map { [firstToken($0)] } ?? [])
            + (limits.queueWait.map { [queueWait($0)] } ?? [])
    }

    private static func firstToken(_ limit: Double) -> AlertRule {
        AlertRule(
            "HadalFirstToken", .quantile(0.99, of: "hadal_time_to_first_token_seconds", by: ["model"], over: 300),
            .of(limit: limit), holds: 300, unit: .seconds,
            summary: "1 in 100 answers of {model} begins only after {value}.",
            advice: AlertTemplate(
                "`hadal workers list` shows who waits. Fewer long prompts at once, more workers, or a smaller model "
                    + "help; docs/workers.md says how."))
    }

    private static func queueWait(_ limit: Double) -> AlertRule {
        AlertRule(
            "HadalQueueWait", .quantile(0.99, of: "hadal_queue_seconds", by: ["model"], over: 300), .of(limit: limit),
            holds: 300, unit: .seconds, summary: "1 in 100 requests for {model} waits for {value} before it is begun.",
            advice: AlertTemplate(
                "More is asked than is computed. Limits (docs/limits.md) share out what there is; more workers "
                    + "(models[].replicas) make more."))
    }

    private static var errors: AlertRule {
        let all = Selector("hadal_http_requests_total")
        let failed = Selector("hadal_http_requests_total", ["status": .hasPrefix("5")])
        return AlertRule(
            "HadalErrors", .sum(.rate(failed, over: 300), by: []) / .sum(.rate(all, over: 300), by: []),
            .above([.warning: 0.05, .serious: 0.1, .critical: 0.25]),
            guards: [.init(.sum(.increase(all, over: 300), by: []), least: 10)], holds: 300, unit: .share,
            summary: "{value} of the requests fail.",
            advice: "They end with a status of 500 or more; the server's log says why each one did.")
    }

    /// Streams have status 200 however they end.
    private static var answers: AlertRule {
        let all = Selector("hadal_generations_total", ["outcome": .isNot("cancelled")])
        let failed = Selector("hadal_generations_total", ["outcome": .is("failed")])
        return AlertRule(
            "HadalAnswersFail",
            .sum(.rate(failed, over: 300), by: ["model"]) / .sum(.rate(all, over: 300), by: ["model"]),
            .above([.warning: 0.05, .serious: 0.1, .critical: 0.25]),
            guards: [.init(.sum(.increase(all, over: 300), by: ["model"]), least: 10)], holds: 300, unit: .share,
            summary: "{value} of the answers of {model} fail.",
            advice: "Streams among them, which began well. The server's log says why each one did.")
    }
}
