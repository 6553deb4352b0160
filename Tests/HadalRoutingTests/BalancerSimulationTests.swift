import TestSupport
import Testing

@testable import HadalRouting

/// Balancers under a random load, in which work takes the same time wherever it is done.
@Suite struct BalancerSimulationTests {
    private struct Running {
        var lease: Lease
        var end: Int
    }

    /// Places one piece of work in each step and holds it for some.
    ///
    /// - Parameter seen: each placement with its prefix and its tokens, while it is counted.
    private func simulate(
        _ balancer: Balancer, seed: UInt64, steps: Int, prefixes: Int,
        seen: (_ lease: Lease, _ prefix: Int, _ tokens: Int) throws -> Void
    ) throws {
        var random = SplitMix(state: seed)
        var running: [Running] = []
        for step in 0..<steps {
            running.removeAll { $0.end <= step }
            let tokens = Int.random(in: 100..<1000, using: &random)
            let prefix = prefixes > 0 ? Int.random(in: 0..<prefixes, using: &random) : -1
            let digests = prefix < 0 ? [] : [PrefixDigest(digest: UInt64(prefix), tokens: 50)]
            let lease = try balancer.place(Work(tokens: tokens, prefixes: digests))
            running.append(Running(lease: lease, end: step + Int.random(in: 10..<200, using: &random)))
            try seen(lease, prefix, tokens)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func theLoadFollowsWeights(_ seed: UInt64) throws {
        let weights = ["a": 1, "b": 2, "c": 5]
        let balancer = Balancer(weights.map { Member($0.key, weight: $0.value) })
        var tokens: [String: Int] = [:]
        try simulate(balancer, seed: seed, steps: 20_000, prefixes: 0) { tokens[$0.member, default: 0] += $2 }
        let all = Double(tokens.values.reduce(0, +))
        for (member, weight) in weights {
            let share = Double(tokens[member] ?? 0) / all
            #expect(abs(share - Double(weight) / 8) < 0.025, "\(member) has \(share)")
        }
        #expect(balancer.loads.allSatisfy { $0.tokens == 0 && $0.requests == 0 })
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func beginningsStayTogetherWithinTheBound(_ seed: UInt64) throws {
        let members = 8
        let balancer = Balancer((0..<members).map { Member("\($0)") })
        var (placed, known) = (0, 0)
        var last: [Int: String] = [:]
        try simulate(balancer, seed: seed, steps: 20_000, prefixes: 200) { lease, prefix, tokens in
            placed += 1
            defer { last[prefix] = lease.member }
            guard lease.matchedTokens > 0 else { return }
            known += 1
            #expect(last[prefix] == lease.member)
            let loads = balancer.loads
            let mine = loads.first { $0.member.id == lease.member }?.tokens ?? 0
            let mean = Double(loads.reduce(0) { $0 + $1.tokens }) / Double(members)
            #expect(mine == tokens || Double(mine) <= 1.25 * mean + 4096)
        }
        // By chance it would be one in eight.
        #expect(Double(known) / Double(placed) > 0.8, "\(known) of \(placed)")
    }

    @Test func oneBeginningForAllIsSpreadOverAll() throws {
        let balancer = Balancer((0..<4).map { Member("\($0)") })
        var tokens: [String: Int] = [:]
        try simulate(balancer, seed: 4, steps: 20_000, prefixes: 1) { lease, _, count in
            tokens[lease.member, default: 0] += count
        }
        let all = tokens.values.reduce(0, +)
        for member in balancer.loads.map(\.member.id) {
            #expect(Double(tokens[member] ?? 0) / Double(all) > 0.1, "\(tokens)")
        }
    }
}
