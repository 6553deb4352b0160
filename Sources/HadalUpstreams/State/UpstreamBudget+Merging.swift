import Foundation

extension UpstreamBudget {
    /// This, which several processes have written, with what one of them has used since it wrote last.
    /// - Parameters:
    ///   - own: what that process has counted.
    ///   - before: the same when it wrote last; nil: it has not, and began with nothing.
    public func adding(_ own: UpstreamBudget, since before: UpstreamBudget?) -> UpstreamBudget {
        var sum = self
        sum.day = day.adding(own.day, since: before?.day)
        sum.month = month.adding(own.month, since: before?.month)
        return sum
    }
}

extension UpstreamBudget.Period {
    fileprivate func adding(_ own: Self, since before: Self?) -> Self {
        // What was used in a period that is over here counts no more.
        guard own.name >= name else { return self }
        var sum = own.name == name ? self : Self()
        sum.name = own.name
        let before = before?.name == own.name ? before ?? Self() : Self()
        sum.requests += own.requests - before.requests
        sum.promptTokens += own.promptTokens - before.promptTokens
        sum.cachedTokens += own.cachedTokens - before.cachedTokens
        sum.completionTokens += own.completionTokens - before.completionTokens
        sum.money += own.money - before.money
        return sum
    }
}
