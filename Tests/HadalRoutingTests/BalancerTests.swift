import TestSupport
import Testing

@testable import HadalRouting

@Suite struct BalancerTests {
    private func prefix(_ number: Int, _ tokens: Int = 100) -> PrefixDigest {
        PrefixDigest(digest: UInt64(number), tokens: tokens)
    }

    @Test func theOneWithTheLeastToDoByItsWeightGetsTheWork() throws {
        let balancer = Balancer([Member("b"), Member("a", weight: 2)])
        let first = try balancer.place(Work(tokens: 100))
        let second = try balancer.place(Work(tokens: 60))
        let third = try balancer.place(Work(tokens: 20))
        let fourth = try balancer.place(Work(tokens: 1))
        // Loads by weight: 50 and 0; 50 and 60; 60 and 60, where it is nobody's turn and the name decides.
        #expect([first, second, third, fourth].map(\.member) == ["a", "b", "a", "a"])
    }

    @Test func oneRequestAfterTheOtherIsSharedByWeight() throws {
        let balancer = Balancer([Member("a", weight: 3), Member("b")])
        var counts: [String: Int] = [:]
        for _ in 0..<400 { counts[try balancer.place(Work(tokens: 100)).member, default: 0] += 1 }
        #expect(abs((counts["a"] ?? 0) - 300) <= 2, "\(counts)")
    }

    @Test func whoCameLaterHasNoClaimToWhatItMissed() throws {
        let balancer = Balancer([Member("a")])
        for _ in 0..<1000 { _ = try balancer.place(Work(tokens: 100)) }
        balancer.update([Member("a"), Member("b")])
        var counts: [String: Int] = [:]
        for _ in 0..<100 { counts[try balancer.place(Work(tokens: 100)).member, default: 0] += 1 }
        #expect(abs((counts["b"] ?? 0) - 50) <= 2, "\(counts)")
    }

    @Test func whoIsSetAsideGetsOnlyWhatNobodyElseCanHave() throws {
        let balancer = Balancer([Member("a", isSetAside: true), Member("b")])
        for _ in 0..<5 { #expect(try balancer.place(Work(tokens: 100)).member == "b") }
        // The other one is ejected, was tried, or is away.
        #expect(try balancer.place(Work(tokens: 100), excluding: ["b"]).member == "a")
        balancer.update([Member("a", isSetAside: true), Member("b", isDraining: true)])
        #expect(try balancer.place(Work(tokens: 100)).member == "a")
        balancer.update([Member("a"), Member("b")])
        #expect(Set(try (0..<4).map { _ in try balancer.place(Work(tokens: 100)).member }) == ["a", "b"])
    }

    @Test func limitsDrainingAndExclusionAreKept() throws {
        let balancer = Balancer([Member("a", concurrency: 1), Member("b", isDraining: true), Member("c")])
        let first = try balancer.place(Work(tokens: 10), excluding: ["c"])
        #expect(first.member == "a")
        #expect(throws: PlacementRefusal.busy) { try balancer.place(Work(tokens: 10), excluding: ["c"]) }
        #expect(throws: PlacementRefusal.noMember) { try balancer.place(Work(tokens: 10), excluding: ["a", "c"]) }
        first.finish()
        #expect(try balancer.place(Work(tokens: 10), excluding: ["c"]).member == "a")
        #expect(throws: PlacementRefusal.noMember) { try Balancer().place(Work(tokens: 1)) }
    }

    @Test func promptsThatBeginAlikeStayTogetherUntilTheBound() throws {
        let balancer = Balancer([Member("a"), Member("b")])
        let leases = try (0..<12).map { _ in try balancer.place(Work(tokens: 1000, prefixes: [prefix(1)])) }
        // 1000 n may be at most 1.25 × 1000 n / 2 + 4096: ten, but not eleven. Then the other knows the beginning too.
        #expect(leases.prefix(10).allSatisfy { $0.member == "a" })
        #expect(leases.dropFirst(10).allSatisfy { $0.member == "b" })
        #expect(leases.map(\.matchedTokens) == [0] + Array(repeating: 100, count: 9) + [0, 100])
    }

    @Test func theLongestBeginningThatIsKnownDecides() throws {
        let balancer = Balancer([Member("a"), Member("b")])
        let (short, long) = (prefix(1, 100), prefix(2, 200))
        #expect(try balancer.place(Work(tokens: 10, prefixes: [short, long])).member == "a")
        #expect(try balancer.place(Work(tokens: 10, prefixes: [short]), excluding: ["a"]).member == "b")
        let both = try balancer.place(Work(tokens: 10, prefixes: [short, long]))
        #expect(both.member == "a" && both.matchedTokens == 200)
        _ = try balancer.place(Work(tokens: 10, prefixes: [short]), excluding: ["a"])
        let other = try balancer.place(Work(tokens: 10, prefixes: [short, prefix(3, 200)]))
        #expect(other.member == "b" && other.matchedTokens == 100)
        let third = try balancer.place(Work(tokens: 10, prefixes: [short, long]), excluding: ["a"])
        #expect(third.member == "b" && third.matchedTokens == 100)
    }

    @Test func whoLeftAndCameBackKnowsNothing() throws {
        let balancer = Balancer([Member("a"), Member("b")])
        #expect(try balancer.place(Work(tokens: 10, prefixes: [prefix(1)])).member == "a")
        #expect(try balancer.place(Work(tokens: 10, prefixes: [prefix(1)])).matchedTokens == 100)
        balancer.update([Member("b")])
        balancer.update([Member("a"), Member("b")])
        #expect(try balancer.place(Work(tokens: 10, prefixes: [prefix(1)])).matchedTokens == 0)
    }

    @Test func beginningsThatWereNotUsedForLongestAreForgotten() throws {
        var settings = BalancerSettings()
        settings.prefixCapacity = 2
        let balancer = Balancer([Member("a")], settings: settings)
        func known(_ number: Int) throws -> Bool {
            try balancer.place(Work(tokens: 1, prefixes: [prefix(number)])).matchedTokens > 0
        }
        _ = try [1, 2].map { try known($0) }
        #expect(try known(1))
        #expect(try !known(3))
        #expect(try known(1))
        #expect(try !known(2))
        #expect(balancer.prefixCount == 2)
        settings.prefixCapacity = 1
        balancer.use(settings)
        #expect(try !known(3))
        #expect(balancer.prefixCount == 1)
    }

    @Test func theTableOfBeginningsIsWhatAListWouldBe() {
        var random = SplitMix(state: 7)
        var table = PrefixTable(capacity: 20)
        // Newest last.
        var list: [(prefix: Int, holder: Int)] = []
        for _ in 0..<5000 {
            let (number, holder) = (Int.random(in: 0..<40, using: &random), Int.random(in: 0..<5, using: &random))
            #expect(table.holder(of: prefix(number)) == list.first { $0.prefix == number }?.holder)
            table.remember(prefix(number), holder)
            list.removeAll { $0.prefix == number }
            list.append((number, holder))
            if list.count > 20 { list.removeFirst() }
            #expect(table.count == list.count)
        }
    }
}

@Suite struct LeaseTests {
    @Test func tokensComeBackAsTheyAreDoneAndOnceAtTheEnd() throws {
        let balancer = Balancer([Member("a")])
        let lease = try balancer.place(Work(tokens: 100))
        lease.progress(30)
        #expect(balancer.tokens(of: "a") == 70)
        lease.progress(-5)
        lease.progress(1000)
        #expect(balancer.tokens(of: "a") == 0)
        #expect(balancer.loads.first?.requests == 1)
        var other: [Lease] = [try balancer.place(Work(tokens: 50))]
        lease.finish()
        lease.finish()
        lease.progress(10)
        #expect(balancer.loads.first?.requests == 1)
        #expect(balancer.tokens(of: "a") == 50)
        other.removeAll()
        #expect(balancer.loads == [MemberLoad(member: Member("a"), tokens: 0, requests: 0, isGone: false)])
    }

    @Test func whoLeftIsCountedUntilItsWorkIsDone() throws {
        let balancer = Balancer([Member("a")])
        let lease = try balancer.place(Work(tokens: 100))
        balancer.update([])
        #expect(balancer.loads == [MemberLoad(member: Member("a"), tokens: 100, requests: 1, isGone: true)])
        balancer.update([Member("a")])
        // It is another one of the same name.
        #expect(balancer.loads.map(\.tokens) == [0, 100])
        #expect(try balancer.place(Work(tokens: 1)).member == "a")
        lease.finish()
        #expect(balancer.loads.map(\.isGone) == [false])
        #expect(balancer.tokens(of: "a") == 0)
    }

    @Test func noneIsLostAmongManyTasks() async throws {
        let balancer = Balancer((0..<4).map { Member("\($0)") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var random = SplitMix(state: UInt64(task))
                    var held: [Lease] = []
                    for step in 0..<2000 {
                        let tokens = Int.random(in: 1..<500, using: &random)
                        let work = Work(tokens: tokens, prefixes: [PrefixDigest(digest: UInt64(tokens % 9), tokens: 1)])
                        if let lease = try? balancer.place(work) { held.append(lease) }
                        if task == 0, step % 50 == 0 {
                            balancer.update((0..<4).filter { $0 != step / 50 % 4 }.map { Member("\($0)") })
                        }
                        guard held.count > 10 else { continue }
                        let lease = held.remove(at: Int.random(in: 0..<held.count, using: &random))
                        if Bool.random(using: &random) { lease.progress(tokens) }
                        if Bool.random(using: &random) { lease.finish() }
                    }
                }
            }
            try await group.waitForAll()
        }
        balancer.update((0..<4).map { Member("\($0)") })
        #expect(balancer.loads.count == 4)
        #expect(balancer.loads.allSatisfy { $0.tokens == 0 && $0.requests == 0 })
    }
}
