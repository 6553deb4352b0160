import HadalEngine
import TestSupport
import Testing

@Suite struct RequestQueueTests {
    private func order(_ entries: [(String, tenant: String, priority: Int, returns: Bool)], _ ledger: TenantLedger)
        -> String
    {
        var queue = RequestQueue<String>()
        for (index, entry) in entries.enumerated() {
            queue.add(entry.0, tenant: entry.tenant, priority: entry.priority, order: index, returns: entry.returns)
        }
        var order = ""
        while let next = queue.next(by: ledger) {
            let removed = queue.removeNext(by: ledger)
            #expect(removed == next)
            order += next
        }
        #expect(queue.isEmpty)
        return order
    }

    @Test func priorityThenReturningThenTheLeastServedThenArrival() {
        var ledger = TenantLedger()
        ledger.enter("x")
        ledger.enter("y")
        ledger.charge("x", 100)
        #expect(
            order(
                [
                    ("e", "x", 0, false), ("c", "y", 0, false), ("f", "x", 0, false), ("d", "y", 0, false),
                    ("b", "x", 0, true), ("a", "x", 1, false), ("g", "y", -1, true),
                ], ledger) == "abcdefg")
    }

    @Test func whatIsTakenOutIsGone() {
        var queue = RequestQueue<Int>()
        for number in 0..<10 { queue.add(number, tenant: "", priority: 0, order: number) }
        let removed = queue.remove { $0 % 3 == 0 }
        #expect(removed == [0, 3, 6, 9])
        #expect(queue.elements == [1, 2, 4, 5, 7, 8])
        let none = queue.remove { $0 > 100 }
        #expect(none == [])
        #expect(queue.count == 6)
    }

    /// A request may be cancelled by another thread while the cancelled ones are taken out: it is given back, or stays.
    @Test(arguments: 0..<24) func nothingIsLostWhereTheAnswerChanges(moment: Int) {
        var queue = RequestQueue<Int>()
        for number in 0..<8 { queue.add(number, tenant: "", priority: 0, order: number) }
        var asked = 0
        let removed = queue.remove { number in
            defer { asked += 1 }
            // From some moment on 2, 3 and 6 are cancelled, 6 was from the beginning.
            return number == 6 || asked >= moment && [2, 3].contains(number)
        }
        #expect(removed.contains(6))
        #expect((removed + queue.elements).sorted() == Array(0..<8))
    }

    /// One tenant asks for much more than the others; all get alike while they ask.
    @Test(arguments: 0..<4 as Range<UInt64>) func tenantsAreServedAlike(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var ledger = TenantLedger()
        var queue = RequestQueue<(tenant: String, tokens: Int)>()
        var arrivals = 0
        func add(_ tenant: String, _ tokens: Int) {
            ledger.enter(tenant)
            queue.add((tenant, tokens), tenant: tenant, priority: 0, order: arrivals)
            arrivals += 1
        }
        for _ in 0..<1000 {
            add("greedy", 100)
            add("a", Int.random(in: 1...1000, using: &random))
            add("b", Int.random(in: 1...50, using: &random))
        }
        var served: [String: Int] = [:]
        for _ in 0..<400 {
            let first = queue.removeNext(by: ledger)
            let next = try #require(first)
            ledger.charge(next.tenant, next.tokens)
            served[next.tenant, default: 0] += next.tokens
            ledger.leave(next.tenant)
        }
        let values = ["greedy", "a", "b"].map { served[$0, default: 0] }
        // As far apart as one request is long.
        #expect(values.max()! - values.min()! <= 1000, "seed \(seed): \(served)")
    }

    @Test func nobodySavesUpCredit() {
        var ledger = TenantLedger()
        ledger.enter("busy")
        ledger.charge("busy", 1_000_000)
        ledger.enter("late")
        #expect(ledger.served("late") == 1_000_000)
        // Coming and going does not lower a debt while others are there.
        ledger.charge("late", 50)
        ledger.leave("late")
        ledger.enter("late")
        #expect(ledger.served("late") == 1_000_050)
        ledger.leave("late")
        ledger.charge("busy", 100)
        ledger.leave("busy")
        // Nobody is there: there is nothing to compare with.
        #expect(ledger.count == 0)
        for number in 0..<1000 {
            ledger.enter("tenant \(number)")
            ledger.leave("tenant \(number)")
        }
        #expect(ledger.count == 0)
    }

    @Test func sharesAreFairAndComplete() {
        #expect(FairShares.divide(100, among: [200, 200]) == [50, 50])
        #expect(FairShares.divide(100, among: [10, 200, 200]) == [10, 45, 45])
        #expect(FairShares.divide(100, among: [10, 20, 30]) == [10, 20, 30])
        #expect(FairShares.divide(2, among: [5, 5, 5]).reduce(0, +) == 2)
        #expect(FairShares.divide(10, among: []) == [])
        var random = SplitMix(state: 1)
        for _ in 0..<500 {
            let demands = (0..<Int.random(in: 1...8, using: &random)).map { _ in Int.random(in: 1...50, using: &random)
            }
            let amount = Int.random(in: 0...200, using: &random)
            let shares = FairShares.divide(amount, among: demands)
            #expect(shares.reduce(0, +) == min(amount, demands.reduce(0, +)))
            #expect(zip(shares, demands).allSatisfy { $0 <= $1 })
            // Who does not get all it wants gets as much as anybody, but for the rest of a division.
            for (share, demand) in zip(shares, demands) where share < demand { #expect(share + 1 >= shares.max()!) }
        }
    }

    @Test func theTimeToRetryIsMeasured() throws {
        var rate = StartRate()
        let start = ContinuousClock.now
        #expect(rate.secondsBetweenStarts(now: start, arrival: start) == nil)
        // All came at once, and one starts every two seconds.
        for second in 1...100 { rate.record(start + .seconds(2 * second), arrival: start) }
        let seconds = try #require(rate.secondsBetweenStarts(now: start + .seconds(202), arrival: start))
        #expect(abs(seconds - 2) < 1e-9)
        // Nothing starts any more.
        let standstill = try #require(rate.secondsBetweenStarts(now: start + .seconds(1200), arrival: start))
        #expect(standstill > 30)
        // An hour without requests, and then some that start at once, say that there is room.
        for index in 0..<40 {
            let arrival = start + .seconds(4800 + 10 * index)
            rate.record(arrival, arrival: arrival)
        }
        #expect(rate.secondsBetweenStarts(now: start + .seconds(9000), arrival: nil) == 0)
        #expect(StartRate.retrySeconds(waiting: 10, secondsBetweenStarts: 0.25) == 3)
        #expect(StartRate.retrySeconds(waiting: 10, secondsBetweenStarts: 0) == 1)
        #expect(StartRate.retrySeconds(waiting: 256, secondsBetweenStarts: 1e9) == 600)
        #expect(StartRate.retrySeconds(waiting: 256, secondsBetweenStarts: .infinity) == 600)
    }
}
