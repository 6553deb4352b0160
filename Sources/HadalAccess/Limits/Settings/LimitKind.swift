/// What can be limited. The raw value is its name in the configuration, in `limits` (SQLite), options and JSON.
public enum LimitKind: String, CaseIterable, Sendable, Hashable {
    /// A bucket of that many, full at first, filled evenly over a minute.
    case requestsPerMinute = "requests-per-minute"
    /// The same for tokens: all of the prompt, cached ones too, and all of the answer.
    case tokensPerMinute = "tokens-per-minute"
    /// Requests begun and not ended.
    case concurrentRequests = "concurrent-requests"
    /// Tokens from midnight to midnight, UTC.
    case tokensPerDay = "tokens-per-day"
    /// Tokens in a calendar month, UTC.
    case tokensPerMonth = "tokens-per-month"
    /// `Cost` in a calendar month, UTC.
    case costPerMonth = "cost-per-month"

    /// Values lie in `0...maximum`, so that no sum of theirs overflows. 0: nothing is let through.
    public var maximum: Int {
        switch self {
        case .requestsPerMinute, .tokensPerMinute: 1_000_000_000
        case .concurrentRequests: 1_000_000
        case .tokensPerDay, .tokensPerMonth: 1_000_000_000_000_000
        case .costPerMonth: 1_000_000_000 * Cost.unit
        }
    }

    public var expected: String {
        self == .costPerMonth
            ? "an amount from 0 to 1000000000, such as 250 or 12.5" : "a whole number from 0 to \(maximum)"
    }

    /// What stands in options and the configuration: a number, or `none`.
    /// - Returns: nil for `none`. Costs in billionths of a unit.
    /// - Throws: `LimitError.badValue`.
    public func value(parsing text: String) throws(LimitError) -> Int? {
        if text == "none" { return nil }
        let value: Int? =
            if self == .costPerMonth {
                Double(text).flatMap(Cost.init(units:))?.billionths
            } else {
                Int(text)
            }
        guard let value, (0...maximum).contains(value) else { throw .badValue(self, text) }
        return value
    }

    /// As `value(parsing:)` reads it.
    public func text(_ value: Int?) -> String {
        guard let value else { return "none" }
        return self == .costPerMonth ? Cost(billionths: value).description : String(value)
    }
}
