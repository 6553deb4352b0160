import Foundation
import HadalJSON

/// The configured routes. Made by `load`, which checks them.
public struct RouteTable: Sendable, Hashable {
    /// As configured.
    public let routes: [Route]
    /// The same as it was read.
    public let json: JSON
    private let byAlias: [String: Route]

    /// - Parameter routes: checked: names are known, there are no cycles, chains are not empty.
    init(checked routes: [Route], json: JSON = []) {
        self.routes = routes
        self.json = json
        byAlias = Dictionary(routes.map { ($0.alias, $0) }) { first, _ in first }
    }

    /// Without routes.
    public static let empty = RouteTable(checked: [])

    public func route(_ alias: String) -> Route? { byAlias[alias] }

    /// All that requests for `alias` may go to, by whichever rule, also by way of other aliases.
    public func targets(of alias: String) -> Set<String> {
        var (targets, aliases): (Set<String>, Set<String>) = ([], [])
        collect(alias, &targets, &aliases)
        return targets
    }

    private func collect(_ alias: String, _ targets: inout Set<String>, _ aliases: inout Set<String>) {
        guard let route = byAlias[alias], aliases.insert(alias).inserted else { return }
        for use in route.rules.map(\.use) + [route.fallback] {
            // One without a share gets no requests.
            for name in use.chain.joined().filter({ $0.weight > 0 }).map(\.target) {
                if name != alias, byAlias[name] != nil {
                    collect(name, &targets, &aliases)
                } else {
                    targets.insert(name)
                }
            }
        }
    }

    /// Where a request goes that asks for `alias`; nil where there is no such route.
    ///
    /// A function of its arguments alone, so that it can also be asked what would be.
    public func decide(_ alias: String, for request: RouteRequest, at time: Date) -> RouteDecision? {
        guard byAlias[alias] != nil else { return nil }
        var expansion = Expansion(
            table: self, request: request, time: time, decision: RouteDecision(alias: alias, plan: [], reasons: []))
        expansion.append(alias, hedgeAfter: nil, timeout: nil)
        return expansion.decision
    }
}

/// Follows aliases to their targets.
private struct Expansion {
    let table: RouteTable
    let request: RouteRequest
    let time: Date
    var decision: RouteDecision
    private var aliases: Set<String> = []
    private var targets: Set<String> = []

    init(table: RouteTable, request: RouteRequest, time: Date, decision: RouteDecision) {
        self.table = table
        self.request = request
        self.time = time
        self.decision = decision
    }

    /// Each alias once: a second time it could only add the same targets.
    mutating func append(_ alias: String, hedgeAfter: HedgeDelay?, timeout: Duration?) {
        guard let route = table.route(alias), aliases.insert(alias).inserted else { return }
        let (use, reason) = route.choose(for: request, at: time)
        decision.reasons.append(reason)
        for (place, group) in use.chain.enumerated() {
            let key = [alias, reason.rule ?? "", "\(place)", request.key(use.sticky)]
            for name in group.ordered(for: key) {
                let step = PlanStep(
                    name, hedgeAfter: use.hedgeAfter ?? hedgeAfter, timeout: use.timeout ?? timeout)
                if name != alias, table.route(name) != nil {
                    append(name, hedgeAfter: step.hedgeAfter, timeout: step.timeout)
                } else if targets.insert(name).inserted {
                    decision.plan.append(step)
                }
            }
        }
    }
}

extension Route {
    fileprivate func choose(for request: RouteRequest, at time: Date) -> (use: RouteUse, reason: RouteDecision.Reason) {
        var reason = RouteDecision.Reason(alias: alias, rule: nil, checks: [], passed: [])
        for rule in rules {
            let checks = rule.condition.check(request, at: time)
            if let failed = checks.last, !failed.holds {
                reason.passed.append(RouteDecision.Passed(rule: rule.name, check: failed))
                continue
            }
            reason.rule = rule.name
            reason.checks = checks
            return (rule.use, reason)
        }
        return (fallback, reason)
    }
}

extension RouteRequest {
    /// Callers that are no person stick by their tenant.
    fileprivate func key(_ sticky: Stickiness) -> String {
        switch sticky {
        case .request: "request \(id)"
        case .user: user.map { "user \(tenant) \($0)" } ?? "tenant \(tenant)"
        case .tenant: "tenant \(tenant)"
        }
    }
}
