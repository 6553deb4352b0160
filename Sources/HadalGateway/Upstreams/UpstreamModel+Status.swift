import Foundation
import HadalAccess
import HadalJSON
import HadalUpstreams

/// How an upstream is, for those who look after it.
extension UpstreamModel {
    func status(at date: Date = Date(), now: ContinuousClock.Instant = .now) -> JSON {
        var members: [(String, JSON?)] = settings.status(budget, at: date).map { ($0.0, $0.1) }
        members += [
            ("reachable", .bool(problem == nil)), ("problem", problem.map(JSON.string)), ("found", upstream?.finding),
            ("breaker", upstream?.health.json(at: now)), ("errors", upstream?.errors.json),
            ("runningRequests", .int(Int64(upstream?.client.runningCount ?? 0))),
            ("requestsLimit", .int(Int64(settings.concurrency))),
        ]
        return .compact(members)
    }
}

extension UpstreamSettings {
    /// What is known of an upstream also while no server runs.
    public func status(_ budget: UpstreamBudget, at date: Date) -> [(String, JSON)] {
        let used = budget.used(at: date)
        return [
            ("name", .string(name)), ("url", .string(baseURL.absoluteString)), ("model", .string(model)),
            ("day", used.day.json(self.budget.day, hasPrices: prices != nil)),
            ("month", used.month.json(self.budget.month, hasPrices: prices != nil)),
        ]
    }
}

extension Upstream {
    fileprivate var finding: JSON {
        let can = client.capabilities
        func names(_ features: some Sequence<UpstreamFeature>) -> JSON {
            .array(features.map(\.rawValue).sorted().map(JSON.string))
        }
        return [
            "kind": .string(can.kind.rawValue), "version": .string(can.version),
            "contextLength": .int(Int64(can.contextLength)), "features": names(can.features),
            "missing": names(UpstreamFeature.allCases.filter { !can.can($0) }), "time": .time(probed),
            "isProbed": .bool(isProbed),
        ]
    }
}

extension UpstreamHealth {
    fileprivate func json(at now: ContinuousClock.Instant) -> JSON {
        var name = "closed"
        var seconds: Double?
        switch state(at: now) {
        case .healthy: break
        case .resting(let until):
            name = "open"
            seconds = (until - now) / .seconds(1)
        case .trying: name = "half_open"
        }
        return .compact([
            ("state", .string(name)), ("failures", .int(Int64(failures))), ("reason", problem.map(JSON.string)),
            ("retrySeconds", seconds.map(JSON.double)),
        ])
    }
}

extension UpstreamErrors {
    fileprivate var json: JSON {
        .compact([
            ("count", .int(Int64(count))), ("lastTime", last.map { .time($0.time) }),
            ("lastReason", last.map { .string($0.reason) }),
        ])
    }
}

extension UpstreamBudget.Period {
    /// Money is text: a double would lose parts of a cent.
    fileprivate func json(_ limit: UpstreamSettings.Budget.Limit, hasPrices: Bool) -> JSON {
        func left<Amount: SignedNumeric & Comparable>(_ limit: Amount?, _ used: Amount) -> Amount? {
            limit.map { max($0 - used, 0) }
        }
        func count(_ value: Int) -> JSON { .int(Int64(value)) }
        func amount(_ value: Decimal) -> JSON { .string("\(value)") }
        return .compact([
            ("requests", count(requests)), ("promptTokens", count(promptTokens)),
            ("cachedTokens", count(cachedTokens)), ("completionTokens", count(completionTokens)),
            ("tokensLimit", limit.tokens.map(count)), ("tokensLeft", left(limit.tokens, tokens).map(count)),
            ("money", hasPrices ? amount(money) : nil), ("moneyLimit", limit.money.map(amount)),
            ("moneyLeft", left(limit.money, money).map(amount)),
        ])
    }
}
