import Foundation
import HadalRouting
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
    /// Where the model has several workers, all of them, the first one among them.
    private(set) var replicas: [Deployment] = []
    /// Where a request goes that asked for an alias; nil: the model was asked for by its own name.
    private(set) var route: RoutedPlan?
    /// Which version of a release it is; nil: a model that the server was started with.
    let version: VersionName?
    /// It is a version that somebody tries out, asking for it by its number: what it answers is no evidence of it.
    private(set) var isTrial = false
    /// Keeps a version's worker from being stopped before the request that it was chosen for has got to it.
    private var hold: ModelUse.Use?

    /// - Parameters:
    ///   - wait: how long the worker may be away until nobody waits for it any more.
    ///   - version: what it is served as, where it is a version of a release named `name`.
    init(name: String, client: any ModelClient, wait: Duration = .zero, version: VersionName? = nil) {
        self.name = name
        served = version?.description ?? name
        self.client = client
        self.version = version
        presence = WorkerPresence(wait: wait)
    }

    /// One model that several workers serve.
    /// - Parameter replicas: not empty, each alone.
    static func shared(by replicas: [Deployment]) -> Deployment {
        var deployment = replicas[0]
        if replicas.count > 1 { deployment.replicas = replicas }
        return deployment
    }

    /// Its workers, each alone.
    var members: [Deployment] { replicas.isEmpty ? [self] : replicas }

    /// What a worker tells of its model; nil while there is no worker that takes requests.
    var model: WorkerModel? {
        get { replicas.isEmpty ? presence.model : replicas.lazy.compactMap(\.presence.model).first }
        nonmutating set { presence.model = newValue }
    }

    /// The same also while a worker that was there is started anew.
    var knownModel: WorkerModel? {
        replicas.isEmpty ? presence.latest : model ?? replicas.lazy.compactMap(\.presence.latest).first
    }

    /// Whether requests get an answer from any of its workers, be it after the model was loaded for them.
    var isUsable: Bool { members.contains { $0.presence.isUsable } }

    var stateName: String { model != nil ? "ready" : isUsable ? "unloaded" : "starting" }

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

    /// The same as a target that a route chose.
    /// - Parameter alias: as the client asked.
    func routed(as alias: String, by plan: RoutedPlan) -> Deployment {
        var deployment = named(alias)
        deployment.route = plan
        return deployment
    }

    /// The same, used as long as somebody holds it.
    func held() -> Deployment {
        var deployment = self
        deployment.hold = presence.use.begin()
        return deployment
    }

    /// The same, tried out.
    func tried() -> Deployment {
        var deployment = self
        deployment.isTrial = true
        return deployment
    }

    /// The version that an answer says something of.
    var measuredVersion: VersionName? { isTrial ? nil : version }

    /// The name that limits, prices and rules know it by: versions come and go under one.
    var catalogName: String { version?.alias ?? served }

    /// The same under the same name, and no other target beside it.
    var pinned: Deployment {
        var deployment = self
        deployment.route = nil
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
    private let fixed: [Deployment]
    /// nil: there are no releases.
    private let released: ReleasedModels?
    /// What the tenant has made of them.
    let variants: VariantStore
    private let planner: RoutePlanner
    private let mayUse: @Sendable (String) -> Bool

    /// - Parameter mayUse: tells for a served model's or a variant's name whether it may be used. Others are as if they were
    ///   not there. For an alias its own name counts, whatever it leads to.
    init(
        served: [Deployment], released: ReleasedModels? = nil, variants: VariantStore, routes: RouteTable = .empty,
        mayUse: @escaping @Sendable (String) -> Bool = { _ in true }
    ) {
        fixed = served
        self.released = released
        self.variants = variants
        planner = RoutePlanner(table: routes, served: served, released: released)
        self.mayUse = mayUse
    }

    /// Of released models the versions that this asker gets.
    private var everything: [Deployment] {
        guard let released else { return fixed }
        return fixed + released.all.filter { released in !fixed.contains { $0.name == released.name } }
    }

    /// Whoever asks: what a rule leads to.
    func target(named name: String) -> Deployment? { planner.target(name) }

    var served: [Deployment] { everything.filter { mayUse($0.name) } }

    /// Aliases first; a model whose name is an alias as well is asked for by it.
    var all: [Deployment] {
        aliases + served.filter { planner.alias(named: $0.name) == nil } + variants.all.compactMap(deployment(of:))
    }

    private var aliases: [Deployment] {
        planner.table.routes.map(\.alias).filter(mayUse).compactMap(planner.example(of:))
    }

    /// - Returns: nil also where it may not be used.
    func alias(named name: String) -> String? { planner.alias(named: name).flatMap { mayUse($0) ? $0 : nil } }

    /// - Parameter name: with `:latest` or without, which is the same.
    func deployment(named name: String) throws(GatewayError) -> Deployment {
        if planner.alias(named: name) != nil {
            guard let example = alias(named: name).flatMap(planner.example(of:)) else { throw noSuchModel(name) }
            return example
        }
        if let deployment = served(named: name) { return deployment }
        guard let variant = variants.variant(named: name) else {
            // A version of it will be up.
            if let released, released.router.isKnown(name), mayUse(name) { throw .notReady(model: name) }
            throw noSuchModel(name)
        }
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

    /// - Returns: nil where the server was started without its model, or with another, or an alias, under its name.
    func deployment(of variant: ModelVariant) -> Deployment? {
        let name = variant.name.text
        guard anybodys(named: name) == nil, planner.alias(named: name) == nil, mayUse(name) || mayUse(variant.base)
        else { return nil }
        return everything.first { $0.name == variant.base }?.with(variant)
    }

    /// A version that is asked for by its number.
    /// - Returns: nil also where this asker may not: then the name is as unknown as any other.
    private func trial(named name: String) throws(GatewayError) -> Deployment? {
        guard let released, released.mayTry, let version = VersionName(ModelName.plain(name)),
            mayUse(version.alias), served(named: name) == nil
        else { return nil }
        if let deployment = released.router.trial(of: version) { return deployment }
        guard released.router.isKnown(version.alias) else { return nil }
        throw .versionNotUp(version.alias, number: version.number)
    }

    /// The error names some of those that are there.
    func noSuchModel(_ name: String) -> GatewayError { .noSuchModel(name, known: all.prefix(20).map(\.name)) }

    /// The deployment that can do what a request asks for, under the name that it has there.
    /// - Parameter request: what routes go by.
    func choose(_ call: Call, _ request: () -> RouteRequest) throws(GatewayError) -> Deployment {
        if planner.alias(named: call.model) != nil {
            guard let alias = alias(named: call.model) else { throw noSuchModel(call.model) }
            return try planner.choose(alias, call.model, call.ability, request())
        }
        let trial = try trial(named: call.model)
        let deployment = if let trial { trial } else { try deployment(named: call.model) }
        guard let model = deployment.knownModel else { throw .notReady(model: call.model) }
        if let ability = call.ability, !model.abilities.contains(ability) {
            throw .notAbleTo(model: call.model, ability: ability)
        }
        return deployment.named(call.model)
    }
}
