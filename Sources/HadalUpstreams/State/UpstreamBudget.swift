import Foundation
import HadalJSON
import HadalWire

/// What an upstream was used for today and this month (UTC), and whether it may be used further. A value, which is
/// saved as JSON and loaded again.
///
/// A request that has begun is finished: at most those on their way go beyond a limit.
public struct UpstreamBudget: Sendable, Hashable {
    /// What was used within a day or a month.
    public struct Period: Sendable, Hashable {
        /// `2026-11-29` or `2026-11`; empty: nothing yet.
        public var name = ""
        public var requests = 0
        public var promptTokens = 0
        public var cachedTokens = 0
        public var completionTokens = 0
        public var money = Decimal()

        public init() {}

        public var tokens: Int { promptTokens + completionTokens }

        mutating func add(_ usage: Usage, _ cost: Decimal, requests: Int) {
            self.requests += requests
            promptTokens += max(usage.promptTokens, 0)
            cachedTokens += max(usage.cachedTokens, 0)
            completionTokens += max(usage.completionTokens, 0)
            money += cost
        }
    }

    public internal(set) var day = Period()
    public internal(set) var month = Period()

    public init() {}

    /// Adds an answer, finished or not.
    /// - Parameter requests: 0 where the request was counted already.
    public mutating func add(_ usage: Usage, _ prices: UpstreamPrices?, at date: Date, requests: Int = 1) {
        turn(to: date)
        let cost = prices?.cost(of: usage) ?? 0
        day.add(usage, cost, requests: requests)
        month.add(usage, cost, requests: requests)
    }

    /// What is used at a time: of another day or month, nothing.
    public func used(at date: Date) -> (day: Period, month: Period) {
        var copy = self
        copy.turn(to: date)
        return (copy.day, copy.month)
    }

    /// A clock that goes back does not give a spent budget anew.
    private mutating func turn(to date: Date) {
        let names = Self.names(of: date)
        if names.day > day.name {
            day = Period()
            day.name = names.day
        }
        if names.month > month.name {
            month = Period()
            month.name = names.month
        }
    }

    /// - Throws: `queueFull` with the time until it begins anew, where a limit is reached.
    public func check(_ settings: UpstreamSettings, at date: Date) throws(WorkerFailure) {
        let used = used(at: date)
        let limits = settings.budget
        if let spent = Self.spent(used.day, limits.day) {
            throw refusal(settings.name, "today", spent, Self.end(of: .day, date), date)
        }
        if let spent = Self.spent(used.month, limits.month) {
            throw refusal(settings.name, "this month", spent, Self.end(of: .month, date), date)
        }
    }

    private static func spent(_ used: Period, _ limit: UpstreamSettings.Budget.Limit) -> String? {
        if let tokens = limit.tokens, used.tokens >= tokens { return "\(tokens) tokens" }
        if let money = limit.money, used.money >= money { return "\(money)" }
        return nil
    }

    private func refusal(
        _ name: String, _ when: String, _ what: String, _ end: Date?, _ now: Date
    ) -> WorkerFailure {
        let seconds = end.map { Int($0.timeIntervalSince(now).rounded(.up)) }
        return WorkerFailure(
            .queueFull, "the budget of \(name) for \(when) (\(what)) is spent; it begins anew at midnight UTC",
            retrySeconds: seconds.map { max($0, 1) })
    }

    // MARK: calendar

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .gmt
        return calendar
    }()

    private static func names(of date: Date) -> (day: String, month: String) {
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        let year = padded(parts.year ?? 0, 4)
        let month = "\(year)-\(padded(parts.month ?? 0, 2))"
        return ("\(month)-\(padded(parts.day ?? 0, 2))", month)
    }

    private static func padded(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(count - text.count, 0)) + text
    }

    private static func end(of part: Calendar.Component, _ date: Date) -> Date? {
        calendar.dateInterval(of: part, for: date)?.end
    }
}
