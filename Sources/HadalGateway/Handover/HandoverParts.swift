import Foundation
import HadalAccess
import HadalAudit
import HadalHTTP
import HadalJSON
import Logging
import ServiceLifecycle

/// What a server needs to take another one's place, and to give its own.
struct HandoverParts: Sendable {
    let listener: Listener
    let requests = RequestSwitch()
    let batches = Pause()
    let releases = Pause()
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

    /// Whether a server before this one still finishes what it has.
    var hasPredecessor: @Sendable () -> Bool { { [inheritance, takeover] in inheritance != nil && !takeover.isAlone } }

    /// Connections are accepted, or wait until this server is told that it may.
    func listens() {
        takeover.listens()
        if inheritance == nil { file?.serves() }
    }

    /// What serves the server before this one. To be told to stop after the requests have ended.
    func takingServices(
        _ runtime: RuntimeDirectory, _ audit: AuditRecorder?, _ workers: ModelWorkers, _ versions: VersionWorkers,
        _ pipeline: CurrentPipeline
    ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        guard let inheritance else { return [] }
        let relay = RelayServer(
            socket: runtime.relay, audit: audit, logger: configuration.logger, onReady: takeover.relays,
            respond: { [requests] request, connection in
                await requests.respond(to: request, connection) {
                    await pipeline.now.respond(to: request, connection)
                }
            })
        let taking = Takeover(
            inheritance: inheritance, models: workers.slots, versions: versions, state: takeover,
            relay: runtime.relay, audit: audit, logger: configuration.logger,
            onServing: { [file] in file?.serves() })
        return [.init(service: relay), .init(service: taking)]
    }

    /// What gives this server's place to another one. To be told to stop before the requests are.
    func givingServices(
        _ runtime: RuntimeDirectory, _ limiter: Limiter, _ gate: RequestGate, _ audit: AuditRecorder?,
        _ workers: ModelWorkers, _ versions: VersionWorkers, _ http: HTTPClients, _ alerts: (any AlertKeeper)?
    ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        guard configuration.handlesSignals else { return [] }
        let handover = Handover(
            configuration: configuration, runtime: runtime, listener: listener, requests: requests, batches: batches,
            releases: releases, audit: audit, limiter: limiter, gate: gate, models: workers.slots, versions: versions,
            http: http, file: file, alerts: alerts,
            hasPredecessor: hasPredecessor,
            stopPredecessor: { [inheritance] in inheritance?.channel.send(["state": "stopping"]) })
        return [.init(service: handover, successTerminationBehavior: .gracefullyShutdownGroup)]
    }
}
