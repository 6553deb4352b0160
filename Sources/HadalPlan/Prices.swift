/// What the machines cost, in whatever money.
public struct Prices: Sendable, Hashable {
    /// Of what one replica runs on, with all its accelerators.
    public var machine: Double
    public var years: Double
    /// Of the same, drawn all day: idle machines take less.
    public var watts: Double
    public var kilowattHour: Double
    /// Under the load; the rest of the day brings no tokens.
    public var hoursPerDay: Double
    /// Of a million tokens elsewhere: of prompts, and of answers.
    public var cloudPrompt: Double?
    public var cloudAnswer: Double?

    /// - Throws: `PlanError` about what is out of range.
    public init(
        machine: Double, years: Double = 4, watts: Double = 0, kilowattHour: Double = 0, hoursPerDay: Double = 24,
        cloudPrompt: Double? = nil, cloudAnswer: Double? = nil
    ) throws(PlanError) {
        self.machine = machine
        self.years = years
        self.watts = watts
        self.kilowattHour = kilowattHour
        self.hoursPerDay = hoursPerDay
        self.cloudPrompt = cloudPrompt ?? cloudAnswer
        self.cloudAnswer = cloudAnswer
        let limits: [(String, Double, ClosedRange<Double>)] = [
            ("--machine-price", machine, 0...1e12), ("--years", years, 0.1...30), ("--watts", watts, 0...1e6),
            ("--power-price", kilowattHour, 0...1e6), ("--hours-per-day", hoursPerDay, 0.1...24),
            ("--cloud-price", cloudAnswer ?? 0, 0...1e9), ("--cloud-prompt-price", cloudPrompt ?? 0, 0...1e9),
        ]
        for (option, value, range) in limits where !range.contains(value) {
            throw .outOfRange(
                option: option, found: "\(value)", expected: "from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}

/// What a load costs on machines of one's own, beside a cloud.
public struct Cost: Sendable, Hashable {
    /// Machines, written off evenly, and power.
    public var perMonth: Double
    /// Of a million tokens, prompts and answers alike.
    public var perMillion: Double
    /// The same where replicas give all they can.
    public var perMillionFull: Double
    public var cloudPerMonth: Double?
    public var cloudPerMillion: Double?

    private static let hoursPerMonth = 365.0 * 24 / 12

    init(_ prices: Prices, load: Load, replicas: Int, capacity: Double) {
        let hourly = prices.machine / (prices.years * 365 * 24) + prices.watts / 1000 * prices.kilowattHour
        perMonth = Double(replicas) * hourly * Self.hoursPerMonth
        let minutes = Self.hoursPerMonth * 60 * prices.hoursPerDay / 24
        /// Millions of tokens a month.
        func millions(_ answersPerMinute: Double) -> Double {
            answersPerMinute * minutes * Double(load.promptTokens + load.answerTokens) / 1e6
        }
        perMillion = perMonth / millions(load.answersPerMinute)
        perMillionFull = perMonth / millions(capacity * Double(replicas) * Efficiency.utilization)
        if let prompt = prices.cloudPrompt, let answer = prices.cloudAnswer {
            let each = (Double(load.promptTokens) * prompt + Double(load.answerTokens) * answer) / 1e6
            cloudPerMonth = each * load.answersPerMinute * minutes
            cloudPerMillion = each * 1e6 / Double(load.promptTokens + load.answerTokens)
        }
    }
}
