import HadalJSON

@testable import HadalRouting

/// What tests of dispatchers share.
protocol DispatchTesting {}

extension DispatchTesting {
    func time(_ seconds: Double) -> ContinuousClock.Instant { RoutingFixtures.time(seconds) }

    var plan: [PlanStep] {
        [PlanStep("a", hedgeAfter: .fixed(.seconds(1)), timeout: .seconds(9)), PlanStep("b")]
    }

    /// Target `a` with members a1 and a2, `b` with b1.
    func dispatcher(_ change: (inout TargetSettings) -> Void = { _ in }) -> Dispatcher {
        let dispatcher = Dispatcher()
        var settings = TargetSettings()
        change(&settings)
        dispatcher.update("a", members: [Member("a1"), Member("a2")], settings: settings)
        dispatcher.update("b", members: [Member("b1")])
        return dispatcher
    }

    func begin(_ dispatcher: Dispatcher, needs features: Set<RouteFeature> = []) -> Dispatch {
        dispatcher.begin(plan, work: Work(tokens: 100), features: features)
    }

    func figure(_ dispatcher: Dispatcher, _ target: String, _ group: String, _ name: String) -> Int? {
        dispatcher.status(of: target, at: time(0))?[group]?[name]?.int
    }

    func member(_ dispatcher: Dispatcher, _ id: String, at seconds: Double) -> JSON? {
        dispatcher.status(of: String(id.prefix(1)), at: time(seconds))?["members"]?.array?.first {
            $0["member"]?.string == id
        }
    }
}
