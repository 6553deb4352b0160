import Foundation
import HadalRouting
import HadalWire

/// Finds the models that a request for an alias goes to.
struct RoutePlanner: Sendable {
    let table: RouteTable
    let served: [Deployment]
    /// nil: there are no releases.
    let released: ReleasedModels?

    /// - Parameter name: with `:latest` or without, which is the same.
    func alias(named name: String) -> String? {
        if table.route(name) != nil { return name }
        guard !table.routes.isEmpty else { return nil }
        let plain = ModelName.plain(name)
        return table.routes.first { ModelName.plain($0.alias) == plain }?.alias
    }

    /// What lists show of an alias: the model that a request gets of which nothing is known.
    func example(of alias: String) -> Deployment? {
        let decision = table.decide(alias, for: RouteRequest(id: alias, tenant: ""), at: Date())
        return decision?.plan.lazy.compactMap { target($0.target) }.first?.named(alias)
    }

    /// The first model of the plan that is there, and the plan.
    /// - Parameters:
    ///   - name: as the client wrote the alias.
    ///   - ability: models that lack it are left out.
    func choose(
        _ alias: String, _ name: String, _ ability: WorkerModel.Ability?, _ request: RouteRequest
    ) throws(GatewayError) -> Deployment {
        guard let decision = table.decide(alias, for: request, at: Date()) else {
            throw .noSuchModel(name, known: [])
        }
        let found = decision.plan.map { ($0, target($0.target)) }.filter { _, target in
            guard let ability, let model = target?.knownModel else { return true }
            return model.abilities.contains(ability)
        }
        if let ability, found.isEmpty { throw .notAbleTo(model: name, ability: ability) }
        guard let first = found.lazy.compactMap(\.1).first(where: { $0.knownModel != nil }) else {
            throw .notReady(model: name)
        }
        // Of a released model it is one of its versions that is asked.
        let steps = found.map { step, target in
            var step = step
            step.target = target?.served ?? step.target
            return step
        }
        return first.routed(
            as: name,
            by: RoutedPlan(
                decision: decision, steps: steps, request: request, ability: ability, name: name, planner: self))
    }

    /// The model that a target's name stands for; of a released one the version that the asker gets.
    func target(_ name: String) -> Deployment? {
        served.first { $0.served == name } ?? released?.deployment(named: name)
    }
}

/// Where one request goes.
struct RoutedPlan: Sendable {
    let decision: RouteDecision
    /// Those of the decision that can do what is asked.
    let steps: [PlanStep]
    let request: RouteRequest
    fileprivate let ability: WorkerModel.Ability?
    fileprivate let name: String
    fileprivate let planner: RoutePlanner

    fileprivate init(
        decision: RouteDecision, steps: [PlanStep], request: RouteRequest, ability: WorkerModel.Ability?, name: String,
        planner: RoutePlanner
    ) {
        self.decision = decision
        self.steps = steps
        self.request = request
        self.ability = ability
        self.name = name
        self.planner = planner
    }

    /// The deployment that is chosen once it is known which tags the organisation's rules set.
    func chosen(with tags: Set<String>) throws(GatewayError) -> Deployment {
        var request = request
        request.tags = tags
        return try planner.choose(decision.alias, name, ability, request)
    }

    /// `route=chat;rule=long`, with those of the aliases that it led to: for a header.
    var summary: String {
        decision.reasons.map { "route=\($0.alias);rule=\($0.rule ?? "default")" }.joined(separator: ", ")
    }
}
