/// How much each tenant was served while others wanted something too: virtual token counters (Sheng et al.: Fairness in
/// Serving Large Language Models, OSDI 2024). Who was served least comes next.
///
/// A tenant who comes back starts at the level of those who are there: nobody saves up credit by being away. Debts are
/// forgotten when all others have caught up, so that the ledger does not grow with the number of tenants ever seen.
package struct TenantLedger {
    private struct Account {
        var served = 0
        /// Requests waiting or running.
        var requests = 0
    }

    private var accounts: [String: Account] = [:]

    package init() {}

    package var count: Int { accounts.count }

    package func served(_ tenant: String) -> Int { accounts[tenant]?.served ?? 0 }

    /// The least that anybody who is there was served; nil where nobody is.
    private var level: Int? { accounts.values.lazy.filter { $0.requests > 0 }.map(\.served).min() }

    /// A request of the tenant came.
    package mutating func enter(_ tenant: String) {
        var account = accounts[tenant] ?? Account()
        if account.requests == 0, let level { account.served = max(account.served, level) }
        account.requests += 1
        accounts[tenant] = account
    }

    /// A request of the tenant is done.
    package mutating func leave(_ tenant: String) {
        precondition(accounts[tenant, default: Account()].requests > 0)
        accounts[tenant]!.requests -= 1
        guard accounts[tenant]!.requests == 0 else { return }
        let level = level ?? .max
        accounts = accounts.filter { $0.value.requests > 0 || $0.value.served > level }
    }

    package mutating func charge(_ tenant: String, _ tokens: Int) {
        precondition(accounts[tenant, default: Account()].requests > 0)
        accounts[tenant]!.served += tokens
    }
}

/// Divides what there is among those who want some.
package enum FairShares {
    /// Max-min fairness: who wants less than an equal part gets all of it, the rest is divided among the others alike.
    package static func divide(_ amount: Int, among demands: [Int]) -> [Int] {
        var shares = Array(repeating: 0, count: demands.count)
        var left = amount
        let order = demands.indices.sorted { (demands[$0], $0) < (demands[$1], $1) }
        for (done, index) in order.enumerated() {
            // Rounded up: who comes last gets what is left.
            let part = (left + demands.count - done - 1) / (demands.count - done)
            shares[index] = min(demands[index], part)
            left -= shares[index]
        }
        return shares
    }
}
