import HadalReleases
import Logging

/// Carries out what releases decide, with the workers of versions and the router of requests.
struct WorkerActuator: ReleaseActuator {
    let workers: VersionWorkers
    /// Whether a server before this one still answers with the same workers.
    let hasPredecessor: @Sendable () -> Bool
    /// Requests that go on for longer are cut off when their version's worker is stopped.
    let drainLimit: Duration
    let logger: Logger

    func prepare(_ version: ModelVersion) async throws { try await workers.start(version) }

    /// A worker is ready only when it has computed a text. One that is unloaded is loaded by who asks.
    func warm(_ version: ModelVersion) async throws { try await worker(version).usable() }

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
        let deadline = ContinuousClock.now + drainLimit
        try await isLeftAlone(until: deadline)
        guard let worker = workers.worker(VersionName(version)) else { return }
        guard try await worker.drain(limit: max(.zero, deadline - .now)) else {
            logger.warning(
                "requests of a version go on for longer than they may; they are cut off when its worker is stopped",
                metadata: ["version": "\(worker.name)", "limit": "\(drainLimit)"])
            return
        }
    }

    func stop(_ version: ModelVersion) async throws {
        try await isLeftAlone(until: .now + drainLimit)
        try await workers.stop(version)
    }

    /// Returns when no other server has answers of the same workers, or then.
    private func isLeftAlone(until deadline: ContinuousClock.Instant) async throws {
        while hasPredecessor(), .now < deadline { try await Task.sleep(for: .milliseconds(100)) }
    }

    private func worker(_ version: ModelVersion) throws -> VersionWorker {
        guard let worker = workers.worker(VersionName(version)) else {
            throw VersionProblem.stopped(VersionName(version))
        }
        return worker
    }
}
