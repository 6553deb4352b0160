import HadalAccess
import HadalHTTP
import HadalJSON
import HadalReleases
import HadalWire
import Hummingbird

/// Rollouts: from one version to another.
extension Observation {
    /// Newest first.
    func listReleases(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery("alias", "limit", "after")
        try call.administration.checkMayLook(.viewOperations, at: "releases.view", by: requester)
        let store = try known().store
        let limit = try call.int("limit", 1...ReleaseStore.pageMax - 1) ?? 100
        let before = try call.int("after", 1...Int.max).map(Int64.init)
        let found = try store.rollouts(alias: call.text("alias"), before: before, limit: limit + 1)
        return AdministrationReply.list(
            try found.prefix(limit).map { try shape($0, store) }, hasMore: found.count > limit)
    }

    /// With what was measured so far, and how much of the candidate is loaded while it is.
    func showRelease(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "releases.view", by: requester)
        let releases = try known()
        let rollout = try releases.store.rollout(try call.rollout())
        var members = try shape(rollout, releases.store).object ?? JSON.Object()
        let verdicts = try await releases.controller.verdicts(rollout.id)
        if !verdicts.isEmpty { members["verdicts"] = .array(verdicts.map(ReleaseShapes.verdict)) }
        let windows = try await releases.controller.windows(rollout.id)
        if !windows.isEmpty {
            members["requests"] = .array(windows.map { ReleaseShapes.requests($0.window, version: $0.version) })
        }
        let candidate = VersionName(rollout.alias, rollout.candidate)
        members["loaded"] = workers?.worker(named: candidate.description)?.loaded.map(JSON.double)
        members["shadow"] = try await releases.controller.shadowSummary(rollout.id).map(ReleaseShapes.shadow)
        return HTTPReply.json(.object(members))
    }

    /// What happened, newest first.
    func releaseEvents(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery("limit", "after")
        try call.administration.checkMayLook(.viewOperations, at: "releases.view", by: requester)
        let store = try known().store
        let limit = try call.int("limit", 1...ReleaseStore.pageMax - 1) ?? 100
        let before = try call.int("after", 1...Int.max).map(Int64.init)
        let found = try store.events(rollout: try call.rollout(), before: before, limit: limit + 1)
        return AdministrationReply.list(found.prefix(limit).map(ReleaseShapes.event), hasMore: found.count > limit)
    }

    /// Tests of business metrics, and confusion matrices of the labelled set.
    func releaseResults(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "releases.view", by: requester)
        let controller = try known().controller
        let id = try call.rollout()
        let matrices = try await controller.confusion(id).sorted { $0.key < $1.key }.filter { $0.value.total > 0 }
        return HTTPReply.json([
            "metrics": .array(try await controller.results(id).map(ReleaseShapes.result)),
            "confusion": .array(matrices.map { ReleaseShapes.confusion($0.value, version: $0.key) }),
        ])
    }

    /// Returns when it is decided and written; what it needs is then done beside.
    func startRelease(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let releases = try known()
        guard var object = call.body?.object, let alias = object["alias"]?.string else {
            throw WireError.missing(field: "alias")
        }
        object["alias"] = nil
        let body = JSON.object(object)
        let rollout = try await call.administration.recorded(
            "releases.start", target: alias, .manageReleases, by: requester
        ) {
            let (candidate, plan, note) = try ReleaseShapes.newRollout(body)
            return try await releases.controller.start(
                alias, to: candidate, plan, note: note, by: ReleasePerson(requester))
        }
        return HTTPReply.json(try shape(rollout, releases.store), status: 202)
    }

    /// By another person than the one who asked for it, and with the digest of what they have looked at.
    func approveRelease(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        var fields = try call.fields()
        let digest = try fields.requiredString("digest")
        try fields.finish()
        return try await change("releases.approve", requester, call) { controller, id, person in
            guard requester.principal.userID != nil else {
                throw ErrorObject(
                    status: 403, type: "permission_error", code: "person_needed",
                    message: "a rollout is approved by a person: log in, or use a key that acts for a user")
            }
            return try await controller.approve(id, digest: digest, by: person)
        }
    }

    private func change(
        _ action: String, _ requester: Requester, _ call: AdministrationCall,
        _ act: (ReleaseController, Int64, ReleasePerson) async throws -> Rollout
    ) async throws -> Response {
        let releases = try known()
        let id = try call.rollout()
        let rollout = try await call.administration.recorded(
            action, target: "rollout:\(id)", .manageReleases, by: requester
        ) {
            try await act(releases.controller, id, ReleasePerson(requester))
        }
        return HTTPReply.json(try shape(rollout, releases.store), status: 202)
    }

    enum Decision: String, CaseIterable { case promote, abort, finish, refuse }

    /// `{"why": …}`
    func decide(_ decision: Decision, _ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        var fields = try call.fields()
        let why = try fields.string("why") ?? ""
        try fields.finish()
        return try await change("releases.\(decision.rawValue)", requester, call) { controller, id, person in
            switch decision {
            case .promote: try await controller.promote(id, why: why, by: person)
            case .abort: try await controller.abort(id, why: why, by: person)
            case .finish: try await controller.finish(id, why: why, by: person)
            case .refuse: try await controller.refuse(id, why: why, by: person)
            }
        }
    }
}

extension AdministrationCall {
    func rollout() throws(ReleaseError) -> Int64 {
        guard let id = Int64(name()), id > 0 else {
            throw .invalid(field: "id", problem: "must be the number of a rollout; GET /admin/v1/releases lists them")
        }
        return id
    }
}

extension AdministrationRoute {
    static let releases: [AdministrationRoute] =
        [
            AdministrationRoute(.get, "releases", .observe { try $0.listReleases($1, $2) }),
            AdministrationRoute(.post, "releases", .observe(body: true) { try await $0.startRelease($1, $2) }),
            AdministrationRoute(.get, "releases/*", .observe { try await $0.showRelease($1, $2) }),
            AdministrationRoute(.get, "releases/*/events", .observe { try $0.releaseEvents($1, $2) }),
            AdministrationRoute(.get, "releases/*/results", .observe { try await $0.releaseResults($1, $2) }),
            AdministrationRoute(
                .post, "releases/*/approve", .observe(body: true) { try await $0.approveRelease($1, $2) }),
            AdministrationRoute(
                .post, "releases/*/labels", .observe(body: true) { try await $0.labelRelease($1, $2) }),
            AdministrationRoute(.post, "feedback", .observe(body: true) { try await $0.giveFeedback($1, $2) }),
        ]
        + Observation.Decision.allCases.map { decision in
            AdministrationRoute(
                .post, "releases/*/\(decision.rawValue)",
                .observe(body: true) { try await $0.decide(decision, $1, $2) })
        }
}
