import HadalAccess
import HadalHTTP
import HadalJSON
import HadalUpstreams
import HadalWire
import Hummingbird

/// The other servers that serve models: how they are, and finding out anew what they can do.
extension Observation {
    func listUpstreams(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "upstreams.view", by: requester)
        return AdministrationReply.list(upstreams.map { $0.client.status() }, hasMore: false)
    }

    /// Returns when it has been found out: about fifty small requests.
    func probeUpstream(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let name = call.name()
        let status = try await call.administration.recorded(
            "upstreams.probe", target: name, .manageOperations, by: requester
        ) {
            guard let client = upstreams.first(where: { $0.name == name })?.client else {
                throw ErrorObject.invalidRequest(
                    "no upstream serves \"\(name.prefix(200))\"; GET /admin/v1/upstreams lists them", code: "not_found",
                    status: 404)
            }
            guard client.upstream != nil else {
                let reason = client.problem.map { ": \($0)" } ?? ""
                throw refused(name, "has not been reached yet, and is tried out when it is\(reason)")
            }
            do {
                guard try await client.probe() else { throw refused(name, "is being tried out already") }
            } catch let error as UpstreamError {
                throw refused(name, "could not be tried out: \(error)")
            } catch let error as WorkerFailure {
                throw refused(name, "could not be tried out: \(error.message)")
            }
            if let model = client.upstream?.model { workers?.worker(named: name)?.deployment.presence.learn(model) }
            return client.status()
        }
        return HTTPReply.json(status)
    }

    private var upstreams: [(name: String, client: UpstreamModel)] {
        (workers?.all ?? []).compactMap { worker in
            (worker.deployment.client as? UpstreamModel).map { (worker.name, $0) }
        }
    }

    private func refused(_ name: String, _ problem: String) -> ErrorObject {
        .invalidRequest("the upstream of \"\(name)\" \(problem)", code: "upstream_not_probed", status: 409)
    }
}

extension AdministrationRoute {
    static let upstreams: [AdministrationRoute] = [
        AdministrationRoute(.get, "upstreams", .observe { try $0.listUpstreams($1, $2) }),
        AdministrationRoute(.post, "upstreams/*/probe", .observe { try await $0.probeUpstream($1, $2) }),
    ]
}
