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
        state.withLock { $0.workers.values }.flatMap { worker in
            worker.slots.isEmpty
                ? [ServedWorkers.Worker(name: worker.deployment.served, deployment: worker.deployment, control: nil)]
                : worker.slots.map {
                    ServedWorkers.Worker(name: $0.name, deployment: $0.deployment, control: $0.control)
                }
        }.sorted { $0.name < $1.name }
    }

    /// Those that are started here and wanted.
    var slots: [ModelWorkers.Slot] {
        state.withLock { $0.workers.values }.filter(\.isWanted).flatMap(\.slots).sorted { $0.name < $1.name }
    }

    /// What nobody has asked for ends with this process, not before.
    func leaveInherited() { state.withLock { $0.inherited = [:] } }

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
        for slot in inherited(of: name) { inheritance(of: slot)?.end() }
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
        let model = try ServedModel(name, version.content, configuration)
        let workers = model.workers.map { make($0.name, $0.model, version) }
        let deployment = Deployment.shared(by: workers.map(\.slot.deployment))
        if model.socket != nil {
            return VersionWorker(name, deployment, [], [RunningWorker(deployment: deployment, onReady: {})])
        }
        return VersionWorker(name, deployment, workers.map(\.slot), workers.map(\.supervisor))
    }

    private func make(_ name: String, _ model: ServedModel, _ version: ModelVersion) -> (
        slot: ModelWorkers.Slot, supervisor: WorkerSupervisor
    ) {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        let control = WorkerControl(
            socket: runtime.socket(version: number, start: 1), inheritance: inheritance(of: name))
        let place = WorkerPlace(model, socket: control.socket, tls: nil)
        let deployment = Deployment(
            name: version.alias, client: WorkerClient(http: http, place: place, model: version.alias),
            wait: configuration.workerWait, version: VersionName(version))
        let supervisor = WorkerSupervisor(
            model: model, deployment: deployment,
            socketOfStart: { [runtime] in runtime.socket(version: number, start: $0) }, http: http,
            configuration: configuration, control: control, crashes: configuration.crashReports, onReady: {})
        let slot = ModelWorkers.Slot(
            name: name, model: model, deployment: deployment, control: control, version: version)
        return (slot, supervisor)
    }

    /// It is given once.
    /// - Parameter worker: `chat@2`, or `chat@2#1` of several.
    private func inheritance(of worker: String) -> WorkerControl.Inheritance? {
        state.withLock { $0.inherited.removeValue(forKey: worker) }
    }

    private func inherited(of version: VersionName) -> [String] {
        state.withLock { $0.inherited.keys.filter { $0 == version.description || $0.hasPrefix("\(version)#") } }
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
