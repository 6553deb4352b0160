import HadalCertificates
import HadalConfiguration
import HadalHTTP
import HadalJSON

extension Pipeline {
    /// The steps as a configuration wants them, over workers, stores and places that outlive it.
    init(
        _ configuration: GatewayConfiguration, stores: AccessStores, provider: IdentityProviderClient,
        spaces: TenantSpaces, served: [Deployment], gate: RequestGate,
        replacing previous: Pipeline?, certificates: (@Sendable () -> CertificateStatus)?, watch: ConfigurationWatch?
    ) throws {
        let access = try AccessServices(
            configuration, stores, provider: provider, replacing: previous?.authentication.access)
        let authentication = Authentication(
            access: access, spaces: spaces, served: served, logger: configuration.logger)
        let jobs = JobMaker(startSecondsMax: configuration.startSecondsMax)
        let validation = Validation(configuration)
        let ollama = OllamaAnswer(jobs: jobs)
        self.init(
            hosts: HostCheck(configuration), authentication: authentication, gate: gate,
            limits: LimitStep(limiter: access.limiter), validation: validation,
            generation: GenerationAnswer(jobs: jobs, keepAlive: configuration.keepAlive),
            embedding: EmbeddingAnswer(), tokens: TokenAnswer(),
            responses: ResponsesAnswer(jobs: jobs, keepAlive: configuration.keepAlive),
            files: FilesAnswer(bodies: validation.bodies, logger: configuration.logger),
            messages: MessagesAnswer(jobs: jobs, keepAlive: configuration.keepAlive), ollama: ollama,
            variants: VariantAnswer(bodies: validation.bodies),
            information: InformationAnswer(served: served, gate: gate, ollama: ollama),
            administration: AdministrationAnswer(
                access: access, authentication: authentication, bodies: validation.bodies,
                certificates: certificates, configuration: watch.map(AdministrationAnswer.Configuration.init)),
            logger: configuration.logger)
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
