import Foundation
import HadalAudit
import HadalHTTP
import HadalJSON
import Logging
import ServiceLifecycle

/// What a server needs to take another one's place, and to give its own.
struct HandoverParts: Sendable {
    let listener: Listener
    let requests = RequestSwitch()
    let batches = BatchPause()
    /// nil: there is no place for it.
    let file: ServerFile?
    private let configuration: GatewayConfiguration
    private let inheritance: Inheritance?
    private let takeover = TakeoverState()

    init(_ configuration: GatewayConfiguration, _ inheritance: Inheritance?) {
        self.configuration = configuration
        self.inheritance = inheritance
        listener = inheritance?.listener ?? Listener()
        // Only a process of its own can be replaced by another one.
        file =
            configuration.handlesSignals
            ? configuration.dataDirectory.map { ServerFile(data: URL(fileURLWithPath: $0)) } : nil
    }

    /// Connections are accepted, or wait until this server is told that it may.
    func listens() {
        takeover.listens()
        if inheritance == nil { file?.serves() }
    }

    func services(
        runtime: RuntimeDirectory, stores: AccessStores, gate: RequestGate, audit: AuditRecorder?,
        served: [Deployment], controls: [WorkerControl], http: HTTPClients, pipeline: CurrentPipeline
    ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        let logger = configuration.logger
        if let inheritance {
            let relay = RelayServer(
                socket: runtime.relay, audit: audit, logger: logger, onReady: takeover.relays,
                respond: { [requests] request, connection in
                    await requests.respond(to: request, connection) {
                        await pipeline.now.respond(to: request, connection)
                    }
                })
            let takeover = Takeover(
                inheritance: inheritance, served: served, models: configuration.models, controls: controls,
                state: takeover, relay: runtime.relay, audit: audit, logger: logger,
                onServing: { [file] in file?.serves() })
            services += [.init(service: relay), .init(service: takeover)]
        }
        guard configuration.handlesSignals else { return services }
        let handover = Handover(
            configuration: configuration, runtime: runtime, listener: listener, requests: requests, batches: batches,
            audit: audit, limiter: stores.limiter, gate: gate, served: served, controls: controls, http: http,
            file: file, hasPredecessor: { [inheritance, takeover] in inheritance != nil && !takeover.isAlone })
        services.append(.init(service: handover, successTerminationBehavior: .gracefullyShutdownGroup))
        return services
    }
}
