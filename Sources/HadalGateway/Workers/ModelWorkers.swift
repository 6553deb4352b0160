import Foundation
import HadalReleases
import HadalUpstreams
import Logging
import NIOSSL
import ServiceLifecycle

/// The workers of all models that are served, and other servers in their place.
struct ModelWorkers: Sendable {
    /// One of them.
    struct Slot: Sendable {
        /// The model's where it has one worker, `r1#1`, `r1#2` where it has several; `chat@2` of a version.
        var name: String
        var model: ServedModel
        /// The worker alone.
        var deployment: Deployment
        /// Of its worker, if it is started here.
        var control: WorkerControl
        /// Of a release; nil: it is one of the configuration's models.
        var version: ModelVersion?
    }

    let slots: [Slot]
    private let runtime: RuntimeDirectory
    private let http: HTTPClients
    /// In the order of the configuration's models.
    let served: [Deployment]

    init(
        _ configuration: GatewayConfiguration, _ runtime: RuntimeDirectory, _ http: HTTPClients,
        tls: (@Sendable () -> TLSConfiguration)?, inherited: [String: WorkerControl.Inheritance] = [:]
    ) {
        var slots: [Slot] = []
        served = configuration.models.map { model in
            let alone = model.workers.map { name, model in
                let control = WorkerControl(
                    socket: runtime.socket(slots.count, start: 1), inheritance: inherited[name])
                let client: any ModelClient
                if let upstream = model.upstreams.first {
                    let ledger = configuration.dataDirectory.map {
                        UpstreamLedger(data: URL(fileURLWithPath: $0), upstream: upstream.name)
                    }
                    client = UpstreamModel(upstream, model: model.name, ledger: ledger, logger: configuration.logger)
                } else {
                    let place = WorkerPlace(model, socket: control.socket, tls: tls)
                    client = WorkerClient(http: http, place: place, model: model.name)
                }
                let deployment = Deployment(name: model.name, client: client, wait: configuration.workerWait)
                slots.append(Slot(name: name, model: model, deployment: deployment, control: control))
                return deployment
            }
            return Deployment.shared(by: alone)
        }
        self.slots = slots
        self.runtime = runtime
        self.http = http
    }

    /// For those who look after them.
    var observed: ServedWorkers {
        ServedWorkers(
            all: slots.map { slot in
                ServedWorkers.Worker(
                    name: slot.name, deployment: slot.deployment,
                    control: slot.model.isStartedHere ? slot.control : nil)
            })
    }

    /// What keeps them running.
    func services(_ configuration: GatewayConfiguration, onReady: @escaping @Sendable () -> Void) -> [any Service] {
        let crashes = configuration.crashReports
        return slots.enumerated().map { index, slot -> any Service in
            if slot.model.socket != nil { return RunningWorker(deployment: slot.deployment, onReady: onReady) }
            if slot.model.worker != nil || !slot.model.upstreams.isEmpty {
                return RemoteWorker(
                    model: slot.model, deployment: slot.deployment, logger: configuration.logger, onReady: onReady)
            }
            return WorkerSupervisor(
                model: slot.model, deployment: slot.deployment,
                socketOfStart: { [runtime] in runtime.socket(index, start: $0) }, http: http,
                configuration: configuration, control: slot.control, crashes: crashes, onReady: onReady)
        }
    }

    /// When nobody asks them any more.
    func end() async { for slot in slots { await slot.deployment.client.end() } }
}

extension GatewayConfiguration {
    /// nil: there is no place for them.
    var crashReports: CrashReports? {
        dataDirectory.map { CrashReports(data: URL(fileURLWithPath: $0, isDirectory: true)) }
    }
}

extension ServedModel {
    /// Whether the gateway starts its worker.
    var isStartedHere: Bool { socket == nil && worker == nil && upstreams.isEmpty }

    /// The model once for each of its workers, with the worker's name.
    var workers: [(name: String, model: ServedModel)] {
        var models = Array(repeating: self, count: isStartedHere ? max(replicas, 1) : 1)
        models += upstreams.dropFirst().map { upstream in
            var model = self
            model.upstreams = [upstream]
            return model
        }
        models += furtherSockets.map { socket in
            var model = self
            model.socket = socket
            return model
        }
        return models.enumerated().map { (models.count == 1 ? name : "\(name)#\($0 + 1)", $1) }
    }
}
