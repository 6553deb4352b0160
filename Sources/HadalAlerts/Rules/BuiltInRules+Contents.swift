extension BuiltInRules {
    static var contents: [AlertRule] {
        [
            AlertRule(
                "HadalBlockBurst",
                .sum(
                    .increase(Selector("hadal_content_verdicts_total", ["action": .is("block")]), over: 600),
                    by: ["tenant"]),
                .above([.warning: 20, .serious: 100, .critical: 500]),
                summary: "About {value} questions or answers of the tenant {tenant} were blocked in 10 minutes.",
                advice: "An attack, or a rule that is too strict. `hadal audit` shows which."),
            AlertRule(
                "HadalRefusals",
                .sum(.increase(Selector("hadal_limit_refusals_total"), over: 600), by: ["tenant", "limit"]),
                .above([.warning: 100, .serious: 1000]), holds: 300,
                summary: "About {value} requests of {tenant} were refused in 10 minutes by the limit {limit}.",
                advice:
                    "A client that asks too fast, or a limit that is too low. `hadal limits` and `hadal usage` tell."),
        ]
    }
}
