import HadalAccess
import HadalHTTP
import HadalJSON
import HadalReleases
import HadalWire
import Hummingbird

/// Names behind which versions of a model take each other's place.
extension Observation {
    func listDeployments(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.administration.checkMayLook(.viewOperations, at: "deployments.view", by: requester)
        let store = try known().store
        return try call.page(try store.deployments(), id: \.alias) { try deployment($0, store) }
    }

    func showDeployment(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "deployments.view", by: requester)
        let store = try known().store
        let alias = call.name()
        var members = try deployment(try store.deployment(alias), store).object ?? JSON.Object()
        members["versions"] = .array(try store.versions(alias).map(ReleaseShapes.version))
        return HTTPReply.json(.object(members))
    }

    func createDeployment(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let releases = try known()
        var fields = try call.fields()
        let name = try fields.requiredString("alias")
        let settings = fields.value("settings")
        try fields.finish()
        try await call.administration.recorded("deployments.create", target: name, .manageReleases, by: requester) {
            let alias = try ModelName(name, at: "alias").text
            guard !releases.taken.contains(alias) else {
                throw ErrorObject.invalidRequest(
                    "\"\(alias)\" is a model that this server was started with; give the deployment another name",
                    field: "alias", code: "conflict", status: 409)
            }
            guard try !releases.store.deployments().contains(where: { $0.alias == alias }) else {
                throw ErrorObject.invalidRequest(
                    "there is a deployment \(alias) already", field: "alias", code: "conflict", status: 409)
            }
            try await releases.controller.configure(
                alias, try ReleaseShapes.settings(settings ?? [:]), by: ReleasePerson(requester))
        }
        return AdministrationReply.created(
            try deployment(try releases.store.deployment(ModelName.plain(name)), releases.store))
    }

    /// All settings: those that are not given are as they are by themselves.
    func configureDeployment(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let releases = try known()
        let alias = call.name()
        try await call.administration.recorded("deployments.configure", target: alias, .manageReleases, by: requester) {
            _ = try releases.store.deployment(alias)
            try await releases.controller.configure(
                alias, try ReleaseShapes.settings(call.body ?? .null), by: ReleasePerson(requester))
        }
        return HTTPReply.json(try deployment(try releases.store.deployment(alias), releases.store))
    }

    func addVersion(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let releases = try known()
        let version = try await call.administration.recorded(
            "deployments.addVersion", target: call.name(), .manageReleases, by: requester
        ) {
            let (content, note) = try ReleaseShapes.newVersion(call.body ?? .null)
            try VersionOptions.check(content.options)
            return try await releases.controller.addVersion(
                call.name(), content, note: note, by: ReleasePerson(requester))
        }
        return AdministrationReply.created(ReleaseShapes.version(version))
    }

    /// Returns when it is decided: the rollout that comes of it tells how far it is.
    func rollBack(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let releases = try known()
        var fields = try call.fields()
        let version = try fields.int("version", in: 1...Int.max)
        let why = try fields.string("why") ?? ""
        try fields.finish()
        let rollout = try await call.administration.recorded(
            "releases.rollBack", target: call.name(), .rollBack, by: requester
        ) {
            try await releases.controller.rollBack(call.name(), to: version, why: why, by: ReleasePerson(requester))
        }
        return HTTPReply.json(try shape(rollout, releases.store), status: 202)
    }

    private func deployment(_ deployment: ReleaseDeployment, _ store: ReleaseStore) throws -> JSON {
        var members = ReleaseShapes.deployment(deployment).object ?? JSON.Object()
        members["rollout"] = try store.rollout(of: deployment.alias).map { try shape($0, store) }
        return .object(members)
    }
}

extension Observation {
    /// - Throws: where there are no releases.
    func known() throws -> Releases {
        guard let releases else {
            throw ErrorObject.invalidRequest(
                "releases need a place to be kept: start the server with --data DIR", code: "not_implemented",
                status: 501)
        }
        return releases
    }

    /// A rollout with what is yet to be done for it.
    func shape(_ rollout: Rollout, _ store: ReleaseStore) throws -> JSON {
        ReleaseShapes.rollout(rollout, pending: rollout.state.isOver ? [] : try store.pending(rollout.alias))
    }
}

extension ReleasePerson {
    /// The same person by session and by key.
    init(_ requester: Requester) {
        let principal = requester.principal
        self.init(id: principal.userID ?? principal.id, name: principal.name)
    }
}

extension AdministrationRoute {
    static let deployments: [AdministrationRoute] = [
        AdministrationRoute(.get, "deployments", .observe { try $0.listDeployments($1, $2) }),
        AdministrationRoute(.post, "deployments", .observe(body: true) { try await $0.createDeployment($1, $2) }),
        AdministrationRoute(.get, "deployments/*", .observe { try $0.showDeployment($1, $2) }),
        AdministrationRoute(
            .post, "deployments/*/settings", .observe(body: true) { try await $0.configureDeployment($1, $2) }),
        AdministrationRoute(.post, "deployments/*/versions", .observe(body: true) { try await $0.addVersion($1, $2) }),
        AdministrationRoute(.post, "deployments/*/rollback", .observe(body: true) { try await $0.rollBack($1, $2) }),
    ]
}
