import HadalReleases
import Logging

/// Carries out what releases decide, with the workers of versions and the router of requests.
struct WorkerActuator: ReleaseActuator {
    let workers: VersionWorkers
    /// Requests that go on for longer are cut off when their version's worker is stopped.
    let drainLimit: Duration
    let logger: Logger

    func prepare(_ version: ModelVersion) async throws { try await workers.start(version) }

    /// A worker is ready only when it has computed a text.
    func warm(_ version: ModelVersion) async throws { try await worker(version).ready() }

    func verify(_ version: ModelVersion) async throws {
        let worker = try worker(version)
        // It is not unloaded meanwhile: a digest may take minutes.
        let uses = worker.deployment.members.map { $0.presence.use.begin() }
        defer { for use in uses { use.end() } }
        try await worker.ready()
        for member in worker.deployment.members {
            let check = VersionCheck(name: worker.name, deployment: member)
            try await check.compare(digest: version.content.digest)
            try await check.ask()
        }
    }

    func setTraffic(_ traffic: Traffic, of alias: String) async throws { workers.router.set(traffic, of: alias) }

    func drain(_ version: ModelVersion) async throws {
        guard let worker = workers.worker(VersionName(version)) else { return }
        guard try await worker.drain(limit: drainLimit) else {
            logger.warning(
                "requests of a version go on for longer than they may; they are cut off when its worker is stopped",
                metadata: ["version": "\(worker.name)", "limit": "\(drainLimit)"])
            return
        }
    }

    func stop(_ version: ModelVersion) async throws { try await workers.stop(version) }

    private func worker(_ version: ModelVersion) throws -> VersionWorker {
        guard let worker = workers.worker(VersionName(version)) else {
            throw VersionProblem.stopped(VersionName(version))
        }
        return worker
    }
}
