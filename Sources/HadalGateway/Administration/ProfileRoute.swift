import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Where a worker's time and memory go while it serves.
extension Observation {
    /// Returns when the time is over. Ends early where nobody waits for it any more.
    func profileWorker(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery("seconds", "roofline")
        let seconds = try call.int("seconds", ProfileRequest.secondsRange) ?? 10
        let wantsRoofline = try call.text("roofline") == nil || call.flag("roofline")
        let profile = try await call.administration.recorded(
            "workers.profile", target: call.name(), .manageOperations, by: requester
        ) {
            let worker = try knownWorker(call.name())
            guard let client = worker.deployment.client as? WorkerClient else {
                throw refused(worker, "is another server's, which cannot be looked into", code: "not_ours")
            }
            guard worker.deployment.model != nil else {
                throw refused(worker, "is not up; GET /admin/v1/workers tells how it is", code: "not_up")
            }
            return try await client.profile(
                ProfileRequest(seconds: seconds, probeBytes: wantsRoofline ? worker.spareBytes : nil))
        }
        return HTTPReply.json(profile.json)
    }

    private func refused(_ worker: ServedWorkers.Worker, _ problem: String, code: String) -> ErrorObject {
        .invalidRequest("the worker of \"\(worker.name)\" \(problem)", code: code, status: 409)
    }
}

extension ServedWorkers.Worker {
    /// That it may take for a while without being ended for it.
    fileprivate var spareBytes: Int {
        guard let process = control?.status.process, let limit = process.command.memoryLimit else { return 1 << 40 }
        return max(0, limit - (process.life.memory?.resident ?? limit))
    }
}
