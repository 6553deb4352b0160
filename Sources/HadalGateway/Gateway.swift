import Foundation
import HadalHTTP
import HadalWire
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// `hadal serve`: HTTP for clients before workers that it starts and watches.
public enum Gateway {
    /// Serves until told to stop by a signal, the surrounding service group or cancellation; then running answers are
    /// finished within the grace, new ones refused, and the workers ended.
    /// - Throws: `GatewayError` where the configuration is wrong or a worker cannot start; what the system says where the
    ///   address cannot be listened on.
    public static func run(configuration: GatewayConfiguration) async throws {
        try configuration.validate()
        let runtime = try RuntimeDirectory(configuration.runtimeDirectory)
        defer { runtime.remove() }
        let http = HTTPClients(connections: configuration.requestsLimit)
        do {
            try await serve(configuration, runtime, http)
            try await http.shutdown()
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    private static func serve(
        _ configuration: GatewayConfiguration, _ runtime: RuntimeDirectory, _ http: HTTPClients
    ) async throws {
        let logger = configuration.logger
        let (stores, variants) = try openStores(configuration)
        let deployments = Deployments(
            served: configuration.models.enumerated().map { index, model in
                let socket = model.socket ?? runtime.socket(index)
                let client = WorkerClient(http: http, socket: socket, model: model.name)
                return Deployment(name: model.name, client: client)
            }, variants: variants)
        for variant in variants.all where deployments.deployment(of: variant) == nil {
            logger.warning(
                "a variant cannot be used: its model is not served, or another has its name",
                metadata: ["variant": "\(variant.name.text)", "model": "\(variant.base)"])
        }
        let gate = RequestGate(limit: configuration.requestsLimit)
        let jobs = JobMaker(startSecondsMax: configuration.startSecondsMax)
        let validation = Validation(configuration)
        let pipeline = Pipeline(
            hosts: HostCheck(configuration), gate: gate, validation: validation,
            deployments: deployments,
            generation: GenerationAnswer(jobs: jobs, keepAlive: configuration.keepAlive),
            embedding: EmbeddingAnswer(), tokens: TokenAnswer(),
            responses: ResponsesAnswer(jobs: jobs, keepAlive: configuration.keepAlive, store: ResponseStore()),
            files: FilesAnswer(stores: stores, bodies: validation.bodies),
            messages: MessagesAnswer(jobs: jobs, keepAlive: configuration.keepAlive),
            ollama: OllamaAnswer(deployments: deployments, jobs: jobs),
            variants: VariantAnswer(deployments: deployments, bodies: validation.bodies),
            information: InformationAnswer(deployments: deployments, gate: gate), logger: logger)
        let start = Start(configuration, deployments)
        let server = HTTPServer(
            address: .hostname(configuration.listen.host, port: configuration.listen.port), logger: logger,
            onReady: { address in start.listens(on: address?.port) },
            respond: { request, connection in await pipeline.respond(to: request, connection) })
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        for (index, model) in configuration.models.enumerated() {
            let deployment = deployments.served[index]
            let service: any Service =
                if model.socket != nil {
                    RunningWorker(deployment: deployment, onReady: start.workerIsReady)
                } else {
                    WorkerSupervisor(
                        model: model, deployment: deployment, socket: runtime.socket(index),
                        configuration: configuration, onReady: start.workerIsReady)
                }
            services.append(.init(service: service))
        }
        // Told to stop in reverse order: first the requests end, then the listening, then the workers.
        services += [.init(service: server), .init(service: Drain(gate, grace: configuration.grace))]
        if let stores {
            let runner = BatchRunner(
                batches: stores.batches, files: stores.files, pipeline: pipeline, gate: gate, logger: logger)
            services.append(.init(service: runner))
        }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: configuration.handlesSignals ? [.sigterm, .sigint] : [],
            logger: logger)
        group.maximumGracefulShutdownDuration = configuration.grace + .seconds(20)
        try await ServiceGroup(configuration: group).run()
    }
}

extension Gateway {
    /// What is kept on disk, where a directory for it was given.
    private static func openStores(
        _ configuration: GatewayConfiguration
    ) throws(GatewayError) -> (FilesAnswer.Stores?, VariantStore) {
        let logger = configuration.logger
        let data = configuration.dataDirectory.map { URL(fileURLWithPath: $0) }
        do {
            let variants = try VariantStore(data, logger: logger)
            guard let data else { return (nil, variants) }
            return (.init(files: try FileStore(data, logger: logger), batches: try BatchStore(data)), variants)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw .dataDirectory(path: data?.path ?? "", problem: error.localizedDescription)
        }
    }
}

/// Tells once when connections are accepted, and once when all models are ready too.
private final class Start: Sendable {
    private struct State {
        var address: ListenAddress?
        var isReady = false
    }

    private let configuration: GatewayConfiguration
    private let deployments: Deployments
    private let state = Mutex(State())

    init(_ configuration: GatewayConfiguration, _ deployments: Deployments) {
        self.configuration = configuration
        self.deployments = deployments
    }

    func listens(on port: Int?) {
        var address = configuration.listen
        if let port { address.port = port }
        state.withLock { [address] in $0.address = address }
        configuration.onListening(address)
        workerIsReady()
    }

    @Sendable func workerIsReady() {
        let models = deployments.served.compactMap(\.model)
        guard models.count == deployments.served.count else { return }
        let address: ListenAddress? = state.withLock { state in
            guard !state.isReady, let address = state.address else { return nil }
            state.isReady = true
            return address
        }
        if let address { configuration.onReady(address, models) }
    }
}
