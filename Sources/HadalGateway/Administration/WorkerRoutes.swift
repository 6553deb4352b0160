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
            let worker = try knownWorker(call.name())
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

    func knownWorker(_ name: String) throws(ErrorObject) -> ServedWorkers.Worker {
        if let worker = workers?.worker(named: name) { return worker }
        let several = workers?.workers(of: name).joined(separator: ", ") ?? ""
        guard several.isEmpty else { throw unknown("the model has several workers; name one of \(several)") }
        let all = (workers?.all ?? []).prefix(20).map(\.name).joined(separator: ", ")
        throw unknown("no worker \"\(name.prefix(200))\" is here; there \(all.isEmpty ? "are none" : "is \(all)")")
    }

    private func unknown(_ problem: String) -> ErrorObject {
        .invalidRequest(problem, code: "not_found", status: 404)
    }
}

extension AdministrationRoute {
    static let workers: [AdministrationRoute] = [
        AdministrationRoute(.get, "workers", .observe { try $0.listWorkers($1, $2) }),
        AdministrationRoute(.post, "workers/*/restart", .observe { try await $0.restartWorker($1, $2) }),
        AdministrationRoute(
            .post, "workers/*/profile", .observe(endsWithClient: true) { try await $0.profileWorker($1, $2) }),
    ]
}
