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
        /// What another server has left and no version has asked for yet, by the version's name.
        var inherited: [String: WorkerControl.Inheritance]
    }

    let router: ReleaseRouter
    private let configuration: GatewayConfiguration
    private let runtime: RuntimeDirectory
    private let http: HTTPClients
    private let targets: RouteTargets
    private let state: Mutex<State>
    private let begun: AsyncStream<VersionWorker>
    private let begin: AsyncStream<VersionWorker>.Continuation

    init(
        _ configuration: GatewayConfiguration, _ runtime: RuntimeDirectory, _ http: HTTPClients,
        _ router: ReleaseRouter, _ targets: RouteTargets, inherited: [String: WorkerControl.Inheritance] = [:]
    ) {
        state = Mutex(State(inherited: inherited))
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
        for left in state.withLock({ $0.inherited.values }) { left.end() }
    }

    /// For those who look after workers.
    var observed: [ServedWorkers.Worker] {
        state.withLock { $0.workers.values }.sorted { $0.deployment.served < $1.deployment.served }
            .map { ServedWorkers.Worker(name: $0.deployment.served, deployment: $0.deployment, control: $0.control) }
    }

    /// Those that are started here and wanted.
    var slots: [ModelWorkers.Slot] {
        state.withLock { $0.workers.values }.filter(\.isWanted).compactMap(\.slot).sorted { $0.name < $1.name }
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
        let name = VersionName(version)
        inheritance(of: name)?.end()
        guard let worker = worker(name) else { return }
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
        let model = try ServedModel(name, version.content, configuration)
        let control = WorkerControl(
            socket: runtime.socket(version: number, start: 1), inheritance: inheritance(of: name))
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
        let slot = ModelWorkers.Slot(
            name: deployment.served, model: model, deployment: deployment, control: control, version: version)
        return VersionWorker(name, deployment, slot, supervisor)
    }

    /// It is given once.
    private func inheritance(of name: VersionName) -> WorkerControl.Inheritance? {
        state.withLock { $0.inherited.removeValue(forKey: name.description) }
    }
}

extension ServedModel {
    /// What a version's worker serves.
    /// - Throws: `VersionProblem`; `ReleaseError` where its options are wrong.
    init(_ name: VersionName, _ content: VersionContent, _ configuration: GatewayConfiguration) throws {
        self.init(name: name.description, reference: content.model)
        guard Self.workerURL(reference) == nil else {
            throw VersionProblem.notStartedHere(name, model: reference)
        }
        socket = configuration.runningWorkers[reference]
        try VersionOptions.apply(content.options, others: configuration.engineArguments, to: &self)
    }
}
