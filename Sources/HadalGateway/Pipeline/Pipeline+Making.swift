import HadalCertificates
import HadalConfiguration
import HadalHTTP
import HadalJSON

/// What lives as long as the server, whatever becomes of its configuration.
struct ServerParts: Sendable {
    let stores: AccessStores
    let provider: IdentityProviderClient
    let spaces: TenantSpaces
    let served: [Deployment]
    /// The same as targets of routes.
    let targets: RouteTargets
    let gate: RequestGate
    let cache: ResponseCache
    /// nil: none is kept.
    let keptAnswers: KeptAnswers?
    /// nil: nothing is recorded.
    let audit: AuditRecorder?
    let metrics: GatewayMetrics
    let shedding: Shedding
    /// nil: nobody looks at the metrics.
    var alerts: (any AlertKeeper)?
    /// nil: there is no TLS.
    let certificates: (@Sendable () -> CertificateStatus)?
    /// nil: the server was started without a configuration.
    let watch: ConfigurationWatch?
    let workers: ServedWorkers
    /// nil: there is no directory to keep them in.
    let releases: Releases?
}

extension Pipeline {
    /// The steps as a configuration wants them.
    init(_ configuration: GatewayConfiguration, _ parts: ServerParts, replacing previous: Pipeline?) throws {
        let access = try AccessServices(
            configuration, parts.stores, provider: parts.provider, replacing: previous?.authentication.access)
        let authentication = Authentication(
            access: access, spaces: parts.spaces, served: parts.served, releases: parts.releases?.router,
            routes: configuration.routes, logger: configuration.logger)
        let jobs = JobMaker(startSecondsMax: configuration.startSecondsMax)
        let validation = Validation(configuration)
        let ollama = OllamaAnswer(jobs: jobs)
        self.init(
            hosts: HostCheck(configuration), authentication: authentication, gate: parts.gate,
            limits: LimitStep(limiter: access.limiter, configuration: configuration.access.limits),
            shedding: parts.shedding, validation: validation,
            resumable: parts.keptAnswers.map { ResumableStep(answers: $0, keepAlive: configuration.keepAlive) },
            content: ContentStep(
                configuration: configuration.content, cache: parts.cache,
                reviews: ReviewDesk(parts.stores.reviews, logger: configuration.logger), audit: parts.audit,
                metrics: parts.metrics, served: parts.served, targets: parts.targets,
                releases: parts.releases?.observer),
            generation: GenerationAnswer(jobs: jobs, keepAlive: configuration.keepAlive),
            embedding: EmbeddingAnswer(), tokens: TokenAnswer(),
            responses: ResponsesAnswer(jobs: jobs, keepAlive: configuration.keepAlive),
            files: FilesAnswer(bodies: validation.bodies, logger: configuration.logger),
            messages: MessagesAnswer(jobs: jobs, keepAlive: configuration.keepAlive), ollama: ollama,
            variants: VariantAnswer(bodies: validation.bodies),
            information: InformationAnswer(
                readiness: Readiness(
                    served: parts.served, routes: configuration.routes, releases: parts.releases?.router),
                gate: parts.gate, ollama: ollama, metrics: parts.metrics),
            administration: AdministrationAnswer(
                access: access, authentication: authentication, bodies: validation.bodies,
                certificates: parts.certificates,
                configuration: parts.watch.map(AdministrationAnswer.Configuration.init), cache: parts.cache,
                audit: parts.audit, workers: parts.workers, releases: parts.releases,
                backup: configuration.backup, alerts: parts.alerts,
                routing: Routing(table: configuration.routes, targets: parts.targets)),
            metrics: parts.metrics, logger: configuration.logger)
    }
}

extension AdministrationAnswer.Configuration {
    init(_ watch: ConfigurationWatch) {
        self.init(
            effective: {
                .array(
                    watch.current.shown.map { setting in
                        [
                            "path": .string(setting.path), "value": setting.value,
                            "source": .string(setting.source.description),
                        ]
                    })
            },
            reload: {
                .array(
                    try watch.reload().map { change in
                        [
                            "path": .string(change.path), "old": change.old.map(JSON.string) ?? .null,
                            "new": change.new.map(JSON.string) ?? .null,
                            "needsRestart": .bool(change.change == .restart),
                        ]
                    })
            })
    }
}
