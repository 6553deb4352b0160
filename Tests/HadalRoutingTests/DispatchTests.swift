import HadalJSON
import Testing

@testable import HadalRouting

@Suite struct DispatchTests: DispatchTesting {
    @Test func whatFailsIsTriedElsewhereAlongThePlan() throws {
        let dispatcher = dispatcher()
        let dispatch = begin(dispatcher)
        var members: [String] = []
        for _ in 0..<3 {
            let attempt = try #require(dispatch.next(at: time(0)).attempt)
            #expect(attempt.timeout == (attempt.target == "a" ? .seconds(9) : nil))
            #expect(attempt.hedgeAfter == (attempt.target == "a" ? .seconds(1) : nil))
            members.append(attempt.member)
            attempt.finish(.failure, at: time(0))
        }
        #expect(members == ["a1", "a2", "b1"])
        let exhaustion = try #require(dispatch.next(at: time(0)).exhaustion)
        #expect(exhaustion.skips.map(\.target) == ["a", "b"])
        #expect(exhaustion.skips.map(\.reason) == [.attemptsSpent, .allTried])
        #expect(figure(dispatcher, "a", "counts", "requests") == 1)
        #expect(figure(dispatcher, "a", "counts", "retries") == 1)
        #expect(figure(dispatcher, "a", "counts", "failures") == 2)
    }

    @Test func targetsThatCannotDoItAreLeftOut() throws {
        let dispatcher = dispatcher { $0.features = [.tools] }
        #expect(try #require(begin(dispatcher, needs: [.tools]).next(at: time(0)).attempt).target == "a")
        let dispatch = begin(dispatcher, needs: [.tools, .infill])
        #expect(try #require(dispatch.next(at: time(0)).attempt).target == "b")
        #expect(dispatch.skips == [Dispatch.Skip(target: "a", reason: .lacks([.infill]))])
    }

    @Test func anUnknownOrEmptyTargetIsLeftOut() throws {
        let dispatcher = dispatcher()
        dispatcher.update("a", members: [])
        let dispatch = dispatcher.begin([PlanStep("gone"), PlanStep("a"), PlanStep("b")], work: Work(tokens: 1))
        #expect(try #require(dispatch.next(at: time(0)).attempt).member == "b1")
        #expect(dispatch.skips.map(\.reason) == [.unknownTarget, .noMembers])
        dispatcher.remove("b")
        #expect(begin(dispatcher).next(at: time(0)).exhaustion?.skips.map(\.reason) == [.noMembers, .unknownTarget])
    }

    @Test func anOpenCircuitCostsNoAttemptAndTellsWhenToComeBack() throws {
        let dispatcher = dispatcher()
        dispatcher.update("a", members: [Member("a1")])
        for _ in 0..<5 {
            let dispatch = dispatcher.begin([PlanStep("a")], work: Work(tokens: 1))
            try #require(dispatch.next(at: time(0)).attempt).finish(.failure, at: time(0))
        }
        let dispatch = begin(dispatcher)
        #expect(try #require(dispatch.next(at: time(1)).attempt).member == "b1")
        #expect(dispatch.skips.map(\.reason) == [.unavailable(until: time(5))])
        let exhaustion = dispatcher.begin([PlanStep("a")], work: Work(tokens: 1)).next(at: time(1)).exhaustion
        #expect(exhaustion?.retryAfter == .seconds(4))
        #expect(member(dispatcher, "a1", at: 1)?["state"] == "open")
        #expect(member(dispatcher, "a1", at: 1)?["remaining_ms"] == 4000)
        let probe = try #require(begin(dispatcher).next(at: time(5)).attempt)
        #expect(probe.isProbe && probe.member == "a1")
        #expect(member(dispatcher, "a1", at: 5)?["state"] == "half_open")
    }

    @Test func aProbeCountsWithItsFirstTokenAndADroppedOneMakesRoom() throws {
        let dispatcher = dispatcher { $0.breaker.probes = 1 }
        var settings = TargetSettings()
        settings.breaker.probes = 1
        dispatcher.update("a", members: [Member("a1")], settings: settings)
        for _ in 0..<5 {
            try #require(begin(dispatcher).next(at: time(0)).attempt).finish(.failure, at: time(0))
        }
        do {
            let dropped = try #require(begin(dispatcher).next(at: time(6)).attempt)
            #expect(dropped.isProbe)
            let other = try #require(begin(dispatcher).next(at: time(6)).attempt)
            #expect(other.member == "b1")
            withExtendedLifetime(dropped) {}
        }
        let probe = try #require(begin(dispatcher).next(at: time(6)).attempt)
        #expect(probe.isProbe)
        probe.firstToken(at: time(7))
        #expect(member(dispatcher, "a1", at: 7)?["state"] == "ready")
        let next = try #require(begin(dispatcher).next(at: time(7)).attempt)
        #expect(next.member == "a1" && !next.isProbe)
        probe.finish(.success, at: time(60))
        #expect(member(dispatcher, "a1", at: 60)?["state"] == "ready")
    }

    @Test func retriesAreAShareOfRequestsButAnotherTargetIsFree() throws {
        let dispatcher = dispatcher {
            $0.retry = RetryBudgetSettings(share: 0, perSecond: 0, capacity: 1, initial: 1)
            $0.breaker.consecutiveFailures = 100
            $0.ejection.consecutiveFailures = 100
        }
        var targets: [[String]] = []
        for _ in 0..<2 {
            let dispatch = begin(dispatcher)
            targets.append([])
            while let attempt = dispatch.next(at: time(0)).attempt {
                targets[targets.count - 1].append(attempt.target)
                attempt.finish(.failure, at: time(0))
            }
        }
        #expect(targets == [["a", "a", "b"], ["a", "b"]])
    }

    @Test func aBusyTargetIsPassedOver() throws {
        let dispatcher = dispatcher()
        dispatcher.update("a", members: [Member("a1", concurrency: 1)])
        let first = try #require(begin(dispatcher).next(at: time(0)).attempt)
        #expect(first.member == "a1")
        let dispatch = dispatcher.begin([PlanStep("a")], work: Work(tokens: 1))
        #expect(dispatch.next(at: time(0)).exhaustion?.isBusy == true)
        #expect(try #require(begin(dispatcher).next(at: time(0)).attempt).member == "b1")
        first.finish(.success, at: time(0))
        #expect(try #require(begin(dispatcher).next(at: time(0)).attempt).member == "a1")
    }

    @Test func anOverloadedMemberIsNotCalledBroken() throws {
        let dispatcher = dispatcher {
            $0.retry.initial = 100
            $0.retry.capacity = 100
        }
        for _ in 0..<20 {
            let dispatch = begin(dispatcher)
            try #require(dispatch.next(at: time(0)).attempt).finish(.overloaded, at: time(0))
            #expect(try #require(dispatch.next(at: time(0)).attempt).target == "a")
        }
        #expect(member(dispatcher, "a1", at: 0)?["state"] == "ready")
        #expect(figure(dispatcher, "a", "counts", "overloads") == 20)
    }

    @Test func aMemberThatCameBackIsAnother() throws {
        let dispatcher = dispatcher()
        dispatcher.update("a", members: [Member("a1")])
        let attempts = try (0..<5).map { _ in try #require(begin(dispatcher).next(at: time(0)).attempt) }
        dispatcher.update("a", members: [])
        dispatcher.update("a", members: [Member("a1")])
        for attempt in attempts { attempt.finish(.failure, at: time(0)) }
        #expect(member(dispatcher, "a1", at: 0)?["state"] == "ready")
        #expect(figure(dispatcher, "a", "counts", "failures") == 5)
    }

    @Test func aMemberThatWasStartedAnewMayBeAskedAgain() throws {
        let dispatcher = dispatcher()
        dispatcher.update("a", members: [Member("a1")])
        let dispatch = dispatcher.begin([PlanStep("a")], work: Work(tokens: 1))
        try #require(dispatch.next(at: time(0)).attempt).finish(.failure, at: time(0))
        dispatcher.update("a", members: [])
        dispatcher.update("a", members: [Member("a1")])
        #expect(try #require(dispatch.next(at: time(1)).attempt).member == "a1")
        #expect(dispatch.next(at: time(1)).exhaustion?.skips.map(\.reason) == [.attemptsSpent])
    }

    @Test func knowledgeIsKeptWhenSettingsChange() throws {
        let dispatcher = dispatcher()
        dispatcher.update("a", members: [Member("a1")])
        for _ in 0..<5 {
            try #require(begin(dispatcher).next(at: time(0)).attempt).finish(.failure, at: time(0))
        }
        var settings = TargetSettings()
        settings.attempts = 1
        dispatcher.update("a", members: [Member("a1", weight: 7), Member("a2")], settings: settings)
        #expect(member(dispatcher, "a1", at: 0)?["state"] == "open")
        #expect(member(dispatcher, "a1", at: 0)?["weight"] == 7)
        let dispatch = begin(dispatcher)
        try #require(dispatch.next(at: time(0)).attempt).finish(.failure, at: time(0))
        #expect(try #require(dispatch.next(at: time(0)).attempt).target == "b")
    }

    @Test func theListingShowsWhatMembersHaveToDo() throws {
        let dispatcher = dispatcher()
        dispatcher.update("a", members: [Member("a1", weight: 3, concurrency: 4), Member("a2", isDraining: true)])
        let attempt = try #require(begin(dispatcher).next(at: time(0)).attempt)
        attempt.progress(40)
        #expect(
            member(dispatcher, "a1", at: 0) == [
                "member": "a1", "state": "ready", "weight": 3, "concurrency": 4, "requests": 1,
                "outstanding_tokens": 60,
            ])
        #expect(member(dispatcher, "a2", at: 0)?["state"] == "draining")
        #expect(dispatcher.status(at: time(0)).array?.map { $0["target"]?.string } == ["a", "b"])
        dispatcher.update("a", members: [])
        #expect(member(dispatcher, "a1", at: 0)?["state"] == "gone")
        attempt.finish(.success, at: time(0))
        #expect(member(dispatcher, "a1", at: 0) == nil)
    }
}
