import Foundation

/// How much may be asked. What is set for one key, user, tenant or model (`hadal limits`) comes before these defaults.
public struct LimitSettings: SettingsSection {
    public var key = Allowance()
    public var user = Allowance()
    public var tenant = Allowance()
    public var model = Allowance()
    public var prices: [Price] = []
    public var queueWait = Duration.seconds(10)
    /// By the tenants' names; 1 where there is none.
    public var tenantWeights: [String: Int] = [:]

    public init() { key.requestsPerMinute = 2000 }

    static let entries: [Entry<LimitSettings>] = [
        .group("key", \.key),
        .group("user", \.user),
        .group("tenant", \.tenant),
        .group("model", \.model),
        .groups(
            "prices", \.prices, .reload, example: "[{model: 'deepseek-*', prompt: 0.50, cached: 0.10, answer: 2}]",
            "What tokens cost, for budgets; the first whose pattern fits a model counts. A model without a price costs "
                + "nothing."),
        .setting(
            "queue_wait", \.queueWait, .duration(.zero...(.seconds(600)), example: "10s"), .reload,
            "How long a request over its limit may wait until it fits, before it gets 429."),
        .setting(
            "tenant_weights", \.tenantWeights,
            .map(
                to: .count(1...100, example: "3"), name: "tenants and whole numbers, 1 to 100", example: "{research: 3}"
            ),
            .reload,
            "How many turns a tenant has, of those that wait, for one of a tenant that is not named here."),
    ]

    /// What one key, user or tenant, or one model may take. nil: no limit.
    public struct Allowance: SettingsSection {
        public var requestsPerMinute: Int?
        public var tokensPerMinute: Int?
        public var concurrent: Int?
        public var tokensPerDay: Int?
        public var tokensPerMonth: Int?
        /// In the currency of the prices.
        public var costPerMonth: Decimal?

        public init() {}

        static let entries: [Entry<Allowance>] = [
            .setting(
                "requests_per_minute", \.requestsPerMinute, .optional(.count(0...maximum, example: "2000")), .reload,
                "Requests in a minute."),
            .setting(
                "tokens_per_minute", \.tokensPerMinute, .optional(.count(0...maximum, example: "100000")), .reload,
                "Tokens of prompts and answers in a minute."),
            .setting(
                "concurrent", \.concurrent, .optional(.count(0...maximum, example: "32")), .reload,
                "Requests at the same time."),
            .setting(
                "tokens_per_day", \.tokensPerDay, .optional(.count(0...maximum, example: "5000000")), .reload,
                "Tokens in a day (UTC)."),
            .setting(
                "tokens_per_month", \.tokensPerMonth, .optional(.count(0...maximum, example: "100000000")), .reload,
                "Tokens in a month (UTC)."),
            .setting(
                "cost_per_month", \.costPerMonth, .optional(.money), .reload,
                "Cost in a month (UTC), in the currency of the prices."),
        ]

        private static var maximum: Int { 1 << 53 }
    }

    /// Of a million tokens.
    public struct Price: SettingsSection {
        /// A model's name; one that ends in `*` stands for all that begin so.
        public var model = ""
        public var prompt = Decimal(0)
        /// Of prompts that are in the prefix cache; nil: as others.
        public var cached: Decimal?
        public var answer = Decimal(0)

        public init() {}

        static let entries: [Entry<Price>] = [
            .setting(
                "model", \.model, .text("model or pattern", example: "'deepseek-*'"), .reload,
                shownDefault: "must be given", "A model's name; one that ends in * stands for all that begin so."),
            .setting("prompt", \.prompt, .money, .reload, "Of a million tokens of prompts."),
            .setting(
                "cached", \.cached, .optional(.money), .reload, shownDefault: "as prompt",
                "Of a million tokens of prompts that were computed before."),
            .setting("answer", \.answer, .money, .reload, "Of a million tokens of answers."),
        ]

        func check(_ findings: inout Findings) {
            if model.isEmpty { findings.add("model", "no model is given", "write 'model: NAME' or 'model: \"*\"'") }
            if model.dropLast().contains("*") {
                findings.add("model", "a '*' may only stand at the end", "write the common beginning and a '*'")
            }
        }
    }
}
