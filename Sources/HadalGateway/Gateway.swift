import Foundation
import HadalAccess
import HadalAudit
import HadalCertificates
import HadalConfiguration
import HadalHTTP
import HadalNVML
import HadalUpstreams
import HadalWire
import Hummingbird
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals

/// `hadal serve`: HTTP for clients before workers that it starts and watches, or that run on other machines.
public enum Gateway {
    /// Serves until told to stop by a signal, the surrounding service group or cancellation; then running answers are
    /// finished within the grace, new ones refused, and the workers ended.
    /// - Throws: `GatewayError` where the configuration is wrong or a worker cannot start; what the system says where the
    ///   address cannot be listened on.
    public static func run(configuration: GatewayConfiguration) async throws {
        try configuration.validate()
        // Before an upgrade puts another one in its place.
        _ = Program.path
        let inheritance = try await Inheritance.receive(configuration)
        let runtime = try inheritance?.offer.runtime ?? RuntimeDirectory(configuration.runtimeDirectory)
        defer { if inheritance?.isAccepted ?? true { runtime.remove() } }
        let http = HTTPClients(connections: configuration.requestsLimit)
        do {
            try await serve(configuration, inheritance, runtime, http)
            try await http.shutdown()
        } catch {
            inheritance?.fail(error)
            try? await http.shutdown()
            throw error
        }
    }

    private static func serve(
        _ configuration: GatewayConfiguration, _ inheritance: Inheritance?, _ runtime: RuntimeDirectory,
        _ http: HTTPClients
    ) async throws {
        let provider = IdentityProviderClient()
        do {
            try await serve(configuration, inheritance, runtime, http, provider)
            try await provider.shutdown()
        } catch {
            try? await provider.shutdown()
            throw error
        }
    }

    private static func serve(
        _ configuration: GatewayConfiguration, _ inheritance: Inheritance?, _ runtime: RuntimeDirectory,
        _ http: HTTPClients, _ provider: IdentityProviderClient
    ) async throws {
        let logger = configuration.logger
        let stores = try AccessStores(
            dataDirectory: configuration.dataDirectory, encryption: configuration.encryption)
        let spaces = try TenantSpaces(
            directory: configuration.dataDirectory, encryption: configuration.encryption, logger: logger)
        let keeper = try configuration.tls.map { try CertificateKeeper($0, logger: logger) }
        let workerKeeper = try configuration.workerKeeper()
        let workers = ModelWorkers(
            configuration, runtime, http, tls: workerKeeper?.giveConfiguration,
            inherited: inheritance?.workers.ofModels ?? [:])
        let served = workers.served
        warnOfUnusableVariants(try spaces.space(of: Principal.defaultTenant), served, logger)
        let schedule = BatchSchedule(configuration.batchWindows)
        let gate = RequestGate(limit: configuration.requestsLimit)
        let watch = configuration.watch
        let audit = try AuditRecorder.open(configuration)
        let targets = RouteTargets(served, ejection: configuration.outlierEjection)
        let router = ReleaseRouter()
        let versions = VersionWorkers(
            configuration, runtime, http, router, targets, inherited: inheritance?.workers.ofVersions ?? [:])
        let handing = HandoverParts(configuration, inheritance)
        let releases = try configuration.dataDirectory.map {
            try Releases(
                data: URL(fileURLWithPath: $0), configuration, versions, audit: stores.kept?.audit,
                hasPredecessor: handing.hasPredecessor)
        }
        var sources = MetricsSources(
            version: configuration.version, served: served, gate: gate, audit: audit?.tellStatus,
            clientCertificate: keeper?.tellStatus, workerCertificate: workerKeeper?.tellStatus)
        sources.versions = { router.versions }
        sources.backup = configuration.backup
        sources.store = configuration.store
        sources.workers = workers.observed.with { versions.observed }
        sources.shares = { router.shares }
        if let gpus = configuration.gpus { sources.gpus = { await gpus.report() } }
        sources.directories = [("data", configuration.dataDirectory), ("models", configuration.modelsDirectory)]
            .compactMap { use, path in path.map { (use, $0) } }
        let metrics = GatewayMetrics(sources)
        let (shedding, allWorkers) = (Shedding(), workers.observed.with { versions.observed })
        let healing = ServerHealing(
            workers: allWorkers, shedding: shedding, releases: releases, audit: stores.kept?.audit, metrics: metrics,
            logger: logger)
        let alerts = try configuration.alerts?({ await metrics.text() }, healing)
        let parts = ServerParts(
            stores: stores, provider: provider, spaces: spaces, served: served, targets: targets, gate: gate,
            cache: ResponseCache(bytesLimit: configuration.content.cacheBytes),
            keptAnswers: configuration.resume > .zero ? KeptAnswers(time: configuration.resume) : nil, audit: audit,
            metrics: metrics, shedding: shedding, alerts: alerts, certificates: keeper?.tellStatus, watch: watch,
            workers: allWorkers, releases: releases)
        let pipeline = try CurrentPipeline(configuration) { configuration, previous in
            try Pipeline(configuration, parts, replacing: previous)
        }
        guard
            try configuration.listen.isLoopback || configuration.isInsecure
                || pipeline.now.authentication.access.hasCredentials
        else { throw GatewayError.wideAddress(configuration.listen.description) }
        watch?.whenReloaded { [configuration] loaded in
            var configuration = configuration
            try configuration.apply(loaded.settings)
            try pipeline.use(configuration)
            targets.use(configuration.outlierEjection)
            schedule.windows = configuration.batchWindows
            configuration.onReload(loaded.settings)
        }
        let start = Start(
            configuration,
            Readiness(served: served, routes: configuration.routes, releases: releases?.router))
        let server = HTTPServer(
            address: .hostname(configuration.listen.host, port: configuration.listen.port),
            listener: handing.listener, limits: configuration.connections, tls: keeper?.giveContext, logger: logger,
            onReady: { address in
                start.listens(on: address?.port)
                handing.listens()
            },
            respond: { request, connection in
                await handing.requests.respond(to: request, connection) {
                    await pipeline.now.respond(to: request, connection)
                }
            })
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        // Told to stop last, when all is written that is to be backed up.
        if let backup = configuration.backup { services.append(.init(service: backup)) }
        if let store = configuration.store { services.append(.init(service: store)) }
        if let alerts { services.append(.init(service: alerts)) }
        if let traces = configuration.traces { services.append(.init(service: traces)) }
        services += workers.services(configuration, onReady: start.workerIsReady).map { .init(service: $0) }
        services.append(.init(service: versions))
        // Told to stop in reverse order: first the requests end, then the listening, the record of them, then the workers.
        if let audit { services.append(.init(service: AuditKeeper(audit, acts: stores.kept?.audit, logger: logger))) }
        if let releases {
            services += [
                .init(
                    service: ReleaseKeeper(
                        controller: releases.controller, deployments: configuration.deployments,
                        pause: handing.releases, logger: logger)),
                .init(service: releases.shadows),
            ]
        }
        services += handing.takingServices(runtime, audit, workers, versions, pipeline)
        services += [
            .init(service: UsageWriter(limiter: stores.limiter, logger: logger)), .init(service: server),
            .init(service: Drain(gate, grace: configuration.grace)),
            .init(
                service: BatchRunners(
                    spaces: spaces, pipeline: pipeline, gate: gate, schedule: schedule, pause: handing.batches,
                    logger: logger)),
        ]
        services += handing.givingServices(runtime, stores.limiter, gate, audit, workers, versions, http, alerts)
        for keeper in [keeper, workerKeeper] { if let keeper { services.append(.init(service: keeper)) } }
        if let watch { services.append(.init(service: Reloader(watch: watch, logger: logger))) }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: configuration.handlesSignals ? [.sigterm, .sigint] : [],
            logger: logger)
        group.maximumGracefulShutdownDuration = configuration.grace + .seconds(20)
        try await ServiceGroup(configuration: group).run()
        handing.file?.remove()
        pipeline.now.authentication.access.kept?.control.flush()
        await workers.end()
    }

    private static func warnOfUnusableVariants(_ space: TenantSpace, _ served: [Deployment], _ logger: Logger) {
        let deployments = Deployments(served: served, variants: space.variants)
        for variant in space.variants.all where deployments.deployment(of: variant) == nil {
            logger.warning(
                "a variant cannot be used: its model is not served, or another has its name",
                metadata: ["variant": "\(variant.name.text)", "model": "\(variant.base)"])
        }
    }
}

/// Tells once when connections are accepted, and once when all models are ready too, but for those that others answer
/// for.
private final class Start: Sendable {
    private struct State {
        var address: ListenAddress?
        var isReady = false
    }

    private let configuration: GatewayConfiguration
    private let readiness: Readiness
    private let state = Mutex(State())

    init(_ configuration: GatewayConfiguration, _ readiness: Readiness) {
        self.configuration = configuration
        self.readiness = readiness
    }

    func listens(on port: Int?) {
        var address = configuration.listen
        if let port { address.port = port }
        state.withLock { [address] in $0.address = address }
        configuration.onListening(address)
        workerIsReady()
    }

    @Sendable func workerIsReady() {
        guard readiness.served.allSatisfy({ $0.knownModel != nil || readiness.isReplaced($0) }) else { return }
        let models = readiness.served.compactMap { served in served.knownModel.map { (served.name, $0) } }
        let address: ListenAddress? = state.withLock { state in
            guard !state.isReady, let address = state.address else { return nil }
            state.isReady = true
            return address
        }
        guard let address else { return }
        ServiceManager.tell("READY=1")
        configuration.onReady(address, models)
    }
}

extension AuditRecorder {
    fileprivate var tellStatus: @Sendable () -> AuditStatus { { self.trail.status } }
}

extension CertificateKeeper {
    fileprivate var tellStatus: @Sendable () -> CertificateStatus { { self.status } }
}
