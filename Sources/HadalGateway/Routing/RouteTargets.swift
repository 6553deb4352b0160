import HadalRouting
import HadalUpstreams
import HadalWire
import Synchronization

/// The models that are served and versions of released ones, as targets with their workers, and how they are. It lives as
/// long as the server, whatever becomes of the routes.
final class RouteTargets: Sendable {
    let dispatcher = Dispatcher()
    private let served: Mutex<[String: Deployment]>
    private let ejection: Mutex<OutlierEjectionSettings>
    /// One at a time, so that what is seen last is what counts.
    private let updating = Mutex(())

    init(_ served: [Deployment], ejection: OutlierEjectionSettings) {
        self.served = Mutex([:])
        self.ejection = Mutex(ejection)
        for deployment in served { add(deployment) }
    }

    /// What is known of workers stays known.
    func use(_ ejection: OutlierEjectionSettings) {
        self.ejection.withLock { $0 = ejection }
        for deployment in served.withLock({ Array($0.values) }) { update(deployment) }
    }

    func add(_ deployment: Deployment) {
        served.withLock { $0[deployment.served] = deployment }
        update(deployment)
        for member in deployment.members {
            member.presence.whenChanged { [weak self, target = deployment.served] in
                guard let self, let deployment = self.deployment(target) else { return }
                update(deployment)
            }
        }
    }

    func remove(_ target: String) {
        updating.withLock { _ in
            served.withLock { $0[target] = nil }
            dispatcher.remove(target)
        }
    }

    /// A worker that is away gets nothing new.
    private func update(_ deployment: Deployment) {
        updating.withLock { _ in
            guard self.deployment(deployment.served) != nil else { return }
            var settings = TargetSettings()
            settings.ejection = ejection.withLock { $0 }
            settings.features = deployment.features
            settings.attempts = max(settings.attempts, deployment.members.count)
            let members = deployment.namedMembers.map { id, member in
                Member(id, isDraining: !member.presence.isUsable, isSetAside: member.presence.isSetAside)
            }
            dispatcher.update(deployment.served, members: members, settings: settings)
        }
    }

    func deployment(_ target: String) -> Deployment? { served.withLock { $0[target] } }

    func member(_ id: String, of target: String) -> Deployment? {
        deployment(target)?.namedMembers.first { $0.id == id }?.member
    }

    /// Returns once a worker has accepted the request; where it may go to several models, once the first token is there,
    /// so that what the client is told first is of the model that answers.
    /// - Throws: what the worker refuses; why nobody answers.
    func generate(
        _ job: Job, _ deployment: Deployment, for visit: Visit, countsPrompt: Bool
    ) async throws -> WorkerGeneration {
        guard deployment.route != nil || !deployment.replicas.isEmpty else {
            return try await deployment.generate(job, for: visit, countsPrompt: countsPrompt)
        }
        let steps = deployment.route?.steps ?? [PlanStep(deployment.served)]
        let call = RoutedCall(
            targets: self, steps: steps, job: job, name: deployment.name,
            features: deployment.route?.request.features ?? [])
        let opened = try await call.run(wait: deployment.presence.wait)
        return WorkerGeneration(
            job: job, deployment: opened.member, stream: opened.stream, model: opened.model, visit: visit,
            countsPrompt: countsPrompt, use: opened.use, attempt: opened.attempt, targets: self)
    }

    /// Another worker of the same model that goes on with what is left of a lost one's request; nil: none does at once.
    func successor(of lost: WorkerModel, _ target: String, takes job: Job) async throws -> RoutedCall.Opened? {
        guard let deployment = deployment(target), !deployment.replicas.isEmpty else { return nil }
        let call = RoutedCall(
            targets: self, steps: [PlanStep(target)], job: job, name: target, features: [], replaces: lost)
        do { return try await call.once() } catch {
            try Task.checkCancellation()
            return nil
        }
    }
}

extension Deployment {
    /// What requests may need that the model can do, as far as it is known; nil: everything is tried.
    fileprivate var features: Set<RouteFeature>? {
        guard let model = knownModel else { return nil }
        var features: Set<RouteFeature> = []
        if model.abilities.contains(.embedding) { features.insert(.embeddings) }
        if model.abilities.contains(.infill) { features.insert(.infill) }
        guard !model.abilities.isDisjoint(with: [.chat, .completion]) else { return features }
        guard let able = client.provenFeatures else {
            return features.union([.tools, .logprobs, .reasoning, .structuredOutput])
        }
        if able.contains(.tools) { features.insert(.tools) }
        if able.contains(.chatLogProbabilities) || able.contains(.completionLogProbabilities) {
            features.insert(.logprobs)
        }
        if able.contains(.reasoning) { features.insert(.reasoning) }
        if !able.isDisjoint(with: [.jsonObject, .jsonSchema, .regex, .choice, .grammar]) {
            features.insert(.structuredOutput)
        }
        return features
    }
}
