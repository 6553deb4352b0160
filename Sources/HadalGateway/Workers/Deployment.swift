import Foundation
import HadalWire

/// A model under its name, and the worker that serves it, as far as it is up.
struct Deployment: Sendable {
    private(set) var name: String
    /// The name that the server was started with, whatever it was asked by.
    let served: String
    let client: any ModelClient
    /// Seconds since 1970.
    private(set) var created = Int(Date().timeIntervalSince1970)
    /// nil: the model is as it was given.
    private(set) var variant: ModelVariant?
    let presence: WorkerPresence

    /// - Parameter wait: how long the worker may be away until nobody waits for it any more.
    init(name: String, client: any ModelClient, wait: Duration = .zero) {
        self.name = name
        served = name
        self.client = client
        presence = WorkerPresence(wait: wait)
    }

    /// What the worker tells of its model; nil while there is no worker that takes requests.
    var model: WorkerModel? {
        get { presence.model }
        nonmutating set { presence.model = newValue }
    }

    /// The same also while a worker that was there is started anew.
    var knownModel: WorkerModel? { presence.latest }

    var stateName: String { model != nil ? "ready" : presence.isUsable ? "unloaded" : "starting" }

    /// What pins the model's answers; nil while it is not known.
    var digest: String? { knownModel?.digest }

    /// The same worker with what the variant says.
    func with(_ variant: ModelVariant) -> Deployment {
        var deployment = self
        deployment.name = variant.name.text
        deployment.created = variant.created
        deployment.variant = variant
        return deployment
    }

    /// The same under the name that somebody asked for.
    func named(_ name: String) -> Deployment {
        var deployment = self
        deployment.name = name
        return deployment
    }

    /// A request with what the model has for it where it says nothing itself.
    func filled(_ request: WorkerRequest) -> WorkerRequest {
        var request = request
        variant?.defaults.fill(&request)
        return request
    }

    /// Of an answer that begins now.
    /// - Parameter kind: what its id begins with.
    func replyHead(_ kind: String, _ separator: String = "-") -> ReplyHead {
        ReplyHead(
            id: RequestID.make(kind, separator), created: Int(Date().timeIntervalSince1970), model: name,
            fingerprint: knownModel?.fingerprint ?? "")
    }
}

/// The models that somebody can ask.
struct Deployments: Sendable {
    /// Those that the server was started with.
    private let everything: [Deployment]
    /// What the tenant has made of them.
    let variants: VariantStore
    private let mayUse: @Sendable (String) -> Bool

    /// - Parameter mayUse: tells for a served model's or a variant's name whether it may be used. Others are as if they were
    ///   not there.
    init(served: [Deployment], variants: VariantStore, mayUse: @escaping @Sendable (String) -> Bool = { _ in true }) {
        everything = served
        self.variants = variants
        self.mayUse = mayUse
    }

    var served: [Deployment] { everything.filter { mayUse($0.name) } }

    var all: [Deployment] { served + variants.all.compactMap(deployment(of:)) }

    /// - Parameter name: with `:latest` or without, which is the same.
    func deployment(named name: String) throws(GatewayError) -> Deployment {
        if let deployment = served(named: name) { return deployment }
        guard let variant = variants.variant(named: name) else { throw noSuchModel(name) }
        guard let deployment = deployment(of: variant) else { throw .baseNotServed(name, base: variant.base) }
        return deployment
    }

    /// - Returns: nil also where it may not be used.
    func served(named name: String) -> Deployment? {
        anybodys(named: name).flatMap { mayUse($0.name) ? $0 : nil }
    }

    private func anybodys(named name: String) -> Deployment? {
        let plain = ModelName.plain(name)
        return everything.first { $0.name == name } ?? everything.first { ModelName.plain($0.name) == plain }
    }

    /// - Returns: nil where the server was started without its model, or with another under its name.
    func deployment(of variant: ModelVariant) -> Deployment? {
        guard anybodys(named: variant.name.text) == nil, mayUse(variant.name.text) || mayUse(variant.base) else {
            return nil
        }
        return everything.first { $0.name == variant.base }?.with(variant)
    }

    /// The error names some of those that are there.
    func noSuchModel(_ name: String) -> GatewayError { .noSuchModel(name, known: all.prefix(20).map(\.name)) }

    /// The deployment that can do what a request asks for, under the name that it has there.
    func choose(_ call: Call) throws(GatewayError) -> Deployment {
        let deployment = try deployment(named: call.model)
        guard let model = deployment.knownModel else { throw .notReady(model: call.model) }
        if let ability = call.ability, !model.abilities.contains(ability) {
            throw .notAbleTo(model: call.model, ability: ability)
        }
        return deployment.named(call.model)
    }
}
