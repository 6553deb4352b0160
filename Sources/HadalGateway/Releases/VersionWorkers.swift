import Foundation
import HadalReleases
import ServiceLifecycle
import Synchronization

/// The workers of versions, which come and go while the server runs. What is started is a target from then on.
final class VersionWorkers: Service {
    private struct State {
        var workers: [VersionName: VersionWorker] = [:]
        /// Starts, so that no two workers have the same socket.
        var count = 0
    }

    let router: ReleaseRouter
    private let configuration: GatewayConfiguration
    private let runtime: RuntimeDirectory
    private let http: HTTPClients
    private let targets: RouteTargets
    private let state = Mutex(State())
    private let begun: AsyncStream<VersionWorker>
    private let begin: AsyncStream<VersionWorker>.Continuation

    init(
        _ configuration: GatewayConfiguration, _ runtime: RuntimeDirectory, _ http: HTTPClients,
        _ router: ReleaseRouter,
        _ targets: RouteTargets
    ) {
        self.configuration = configuration
        self.runtime = runtime
        self.http = http
        self.router = router
        self.targets = targets
        (begun, begin) = AsyncStream.makeStream()
    }

    /// Supervises them until it is told to stop; then ends them all.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await worker in self.begun { group.addTask { await worker.run() } }
                group.cancelAll()
            }
        }
    }

    /// For those who look after workers.
    var observed: [ServedWorkers.Worker] {
        state.withLock { $0.workers.values }.sorted { $0.deployment.served < $1.deployment.served }
            .map { ServedWorkers.Worker(name: $0.deployment.served, deployment: $0.deployment, control: $0.control) }
    }

    func worker(_ name: VersionName) -> VersionWorker? { state.withLock { $0.workers[name] } }

    /// Starts a version's worker; nothing where it runs.
    func start(_ version: ModelVersion) async throws {
        let name = VersionName(version)
        if let known = worker(name) {
            if known.isWanted { return }
            // One that could not start, or that somebody began to stop and gave up.
            try await known.stop()
            remove(known)
        }
        let worker = try make(version, name)
        state.withLock { $0.workers[name] = worker }
        router.add(worker.deployment, as: name)
        targets.add(worker.deployment)
        begin.yield(worker)
    }

    /// Ends a version's worker; nothing where it does not run.
    func stop(_ version: ModelVersion) async throws {
        guard let worker = worker(VersionName(version)) else { return }
        try await worker.stop()
        remove(worker)
    }

    private func remove(_ worker: VersionWorker) {
        router.remove(worker.name)
        targets.remove(worker.deployment.served)
        state.withLock { $0.workers[worker.name] = nil }
    }

    private func make(_ version: ModelVersion, _ name: VersionName) throws -> VersionWorker {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        var model = ServedModel(name: name.description, reference: version.content.model)
        guard ServedModel.workerURL(model.reference) == nil else {
            throw VersionProblem.notStartedHere(name, model: model.reference)
        }
        model.socket = configuration.runningWorkers[model.reference]
        try VersionOptions.apply(version.content.options, others: configuration.engineArguments, to: &model)
        let control = WorkerControl(socket: runtime.socket(version: number, start: 1))
        let place = WorkerPlace(model, socket: control.socket, tls: nil)
        let deployment = Deployment(
            name: name.alias, client: WorkerClient(http: http, place: place, model: name.alias),
            wait: configuration.workerWait, version: name)
        if model.socket != nil {
            return VersionWorker(name, deployment, nil, RunningWorker(deployment: deployment, onReady: {}))
        }
        let supervisor = WorkerSupervisor(
            model: model, deployment: deployment,
            socketOfStart: { [runtime] in runtime.socket(version: number, start: $0) }, http: http,
            configuration: configuration, control: control, crashes: configuration.crashReports, onReady: {})
        return VersionWorker(name, deployment, control, supervisor)
    }
}
