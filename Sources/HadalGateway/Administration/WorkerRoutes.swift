import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// The workers: how they are, and replacing one.
extension Observation {
    func listWorkers(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "workers.view", by: requester)
        return AdministrationReply.list((workers?.all ?? []).map(\.json), hasMore: false)
    }

    /// Returns before the worker is replaced: its state tells when it is.
    func restartWorker(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let worker = try await call.administration.recorded(
            "workers.restart", target: call.name(), .manageOperations, by: requester
        ) {
            guard let worker = workers?.worker(named: call.name()) else {
                let several = workers?.workers(of: call.name()).joined(separator: ", ") ?? ""
                throw ErrorObject.invalidRequest(
                    several.isEmpty
                        ? "no worker \"\(call.name().prefix(200))\" is here; GET /admin/v1/workers lists them"
                        : "the model has several workers; name one of \(several)",
                    code: "not_found", status: 404)
            }
            guard let control = worker.control else {
                throw ErrorObject.invalidRequest(
                    "the worker of \"\(call.name())\" is not started here; restart it where it runs",
                    code: "not_started_here", status: 409)
            }
            guard control.status.state != .unloaded else {
                throw ErrorObject.invalidRequest(
                    "\"\(call.name())\" is unloaded; the next request starts a new worker", code: "unloaded",
                    status: 409)
            }
            control.tell(.restart)
            return worker
        }
        return HTTPReply.json(worker.json, status: 202)
    }
}

extension AdministrationRoute {
    static let workers: [AdministrationRoute] = [
        AdministrationRoute(.get, "workers", .observe { try $0.listWorkers($1, $2) }),
        AdministrationRoute(.post, "workers/*/restart", .observe { try await $0.restartWorker($1, $2) }),
    ]
}
