import HadalJSON
import Testing

@testable import HadalRouting

@Suite struct DispatchSimulationTests {
    private func settings() -> TargetSettings {
        var settings = TargetSettings()
        settings.breaker.maximumOpenTime = .seconds(20)
        settings.ejection.maximumEjectionTime = .seconds(60)
        return settings
    }

    private func calls(_ simulation: DispatchSimulation, _ member: String, _ seconds: Range<Int>) -> Int {
        seconds.reduce(0) { $0 + (simulation.calls[$1]?[member] ?? 0) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func aMemberThatFailsIsLeftOutAndComesBack(_ seed: UInt64) {
        var simulation = DispatchSimulation(seed: seed, outage: 60..<180, settings: settings())
        simulation.run(seconds: 400)
        // Every request has its answer, from others while the member failed.
        #expect(simulation.unanswered == 0)
        #expect(simulation.answered == 400 * DispatchSimulation.steps)
        // Twenty requests a second for five members: four a second for each.
        #expect(calls(simulation, "bad", 0..<60) > 150)
        #expect(calls(simulation, "bad", 61..<180) < 40)
        #expect(calls(simulation, "bad", 300..<400) > 250)
        #expect(calls(simulation, "b", 300..<400) > 250)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func secondCallsStayWithinTheirBudgetAndHelp(_ seed: UInt64) {
        var simulation = DispatchSimulation(seed: seed, outage: 0..<0, settings: settings())
        simulation.run(seconds: 300)
        let (requests, hedges) = (simulation.count("requests"), simulation.count("hedges"))
        #expect(requests == 300 * DispatchSimulation.steps)
        #expect(hedges * 20 <= requests)
        #expect(hedges > 20)
        #expect(simulation.count("hedges_won") > hedges / 2)
    }

    @Test func noLeaseIsLost() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            var simulation = DispatchSimulation(seed: seed, outage: 10..<40, settings: settings())
            simulation.run(seconds: 100)
            let status = try #require(simulation.dispatcher.status(of: "t", at: DispatchSimulation.time(0)))
            let members = try #require(status["members"]?.array)
            #expect(members.count == 5)
            #expect(members.allSatisfy { $0["requests"] == 0 && $0["outstanding_tokens"] == 0 })
            let ended = ["successes", "failures", "cancellations", "overloads"].map { simulation.count($0) }
            let begun = ["requests", "retries", "hedges"].map { simulation.count($0) }
            #expect(ended.reduce(0, +) == begun.reduce(0, +))
        }
    }

    @Test func theSameSeedGivesTheSameCalls() {
        let runs = (0..<2).map { _ in
            var simulation = DispatchSimulation(seed: 9, outage: 5..<20, settings: settings())
            simulation.run(seconds: 40)
            return simulation.calls
        }
        #expect(runs[0] == runs[1])
    }
}
