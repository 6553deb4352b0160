import HadalJSON
import Testing

@testable import HadalRouting

@Suite struct HedgingTests: DispatchTesting {
    @Test func aSecondCallGoesToAnotherMemberOnceAndWithinTheBudget() throws {
        let dispatcher = dispatcher {
            $0.hedge.budget = RetryBudgetSettings(share: 0.5, perSecond: 0, capacity: 9, initial: 0)
        }
        let dispatch = begin(dispatcher)
        let first = try #require(dispatch.next(at: time(0)).attempt)
        // Half a second call is none.
        #expect(dispatch.hedge(at: time(1)) == nil)
        let other = begin(dispatcher)
        let second = try #require(other.next(at: time(1)).attempt)
        let hedge = try #require(dispatch.hedge(at: time(1)))
        #expect(hedge.isHedge && hedge.target == "a" && hedge.member != first.member && hedge.hedgeAfter == nil)
        #expect(dispatch.hedge(at: time(1)) == nil)
        #expect(other.hedge(at: time(1)) == nil)
        hedge.firstToken(at: time(1))
        hedge.finish(.success, at: time(2))
        first.finish(.cancelled, at: time(2))
        second.finish(.success, at: time(2))
        #expect(figure(dispatcher, "a", "counts", "hedges") == 1)
        #expect(figure(dispatcher, "a", "counts", "hedges_won") == 1)
    }

    @Test func whereNobodyElseIsLeftASecondCallGoesToTheNextTarget() throws {
        let dispatcher = dispatcher { $0.hedge.budget.initial = 1 }
        dispatcher.update("a", members: [Member("a1")])
        let dispatch = begin(dispatcher)
        let first = try #require(dispatch.next(at: time(0)).attempt)
        let hedge = try #require(dispatch.hedge(at: time(1)))
        #expect(hedge.member == "b1")
        hedge.finish(.failure, at: time(1))
        first.finish(.failure, at: time(1))
        #expect(dispatch.next(at: time(1)).exhaustion?.skips.map(\.reason) == [.allTried, .allTried])
    }

    @Test func aSecondCallThatNobodyCanHaveCostsNothing() throws {
        let dispatcher = dispatcher { $0.hedge.budget.initial = 1 }
        let plan = [PlanStep("b")]
        var settings = TargetSettings()
        settings.hedge.budget.initial = 1
        dispatcher.update("c", members: [Member("c1")], settings: settings)
        let dispatch = dispatcher.begin([PlanStep("c")] + plan, work: Work(tokens: 1))
        let attempt = try #require(dispatch.next(at: time(0)).attempt)
        dispatcher.remove("b")
        #expect(dispatch.hedge(at: time(0)) == nil)
        dispatcher.update("c", members: [Member("c1"), Member("c2")], settings: settings)
        #expect(dispatch.hedge(at: time(0))?.member == "c2")
        attempt.finish(.success, at: time(0))
    }

    @Test func slowCallsThatWereGivenUpCountForPercentiles() throws {
        let dispatcher = dispatcher()
        for (end, outcome) in [(0.5, Outcome.cancelled), (4, .cancelled), (4, .failure)] {
            let attempt = try #require(begin(dispatcher).next(at: time(0)).attempt)
            attempt.finish(outcome, at: time(end))
        }
        // Two of four seconds; the client that left early says nothing.
        let status = try #require(dispatcher.status(of: "a", at: time(5)))
        let median = try #require(status["first_token_ms"]?["p50"]?.int)
        #expect(abs(median - 4000) < 100, "\(median)")
    }
}
