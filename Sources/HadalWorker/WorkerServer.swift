import Foundation
import HadalCertificates
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import Logging
import ServiceLifecycle
import UnixSignals

/// One model behind a Unix socket, or a port for gateways: `POST /generate`, `/embed`, `/tokenize`, `/detokenize`,
/// `/profile`, `GET /model`, `GET /health`. It knows requests, not users.
public struct WorkerServer: Sendable {
    public struct Options: Sendable {
        /// How long running requests may go on after the signal to stop.
        public var grace: Duration = .seconds(30)
        /// Requests at the same time, the waiting ones included.
        public var requestsLimit = 1024
        public var bodyBytesLimit = 64 << 20
        /// Ends when standard input does, which is how a gateway's worker learns that the gateway is gone.
        public var endsWithStandardInput = false
        /// Stops when signalled (SIGTERM, SIGINT).
        public var handlesSignals = true

        public init() {}
    }

    private let backend: any WorkerBackend
    private let address: WorkerAddress
    private let options: Options
    private let logger: Logger
    private let digest: DigestComputation?
    private let onReady: @Sendable (_ port: Int?) -> Void
    private let gate: RequestGate
    private let bodies: RequestBodyReader

    /// - Parameters:
    ///   - digest: nil: the model has its digest, or none.
    ///   - onReady: called once requests are accepted, with the port where there is one.
    public init(
        backend: any WorkerBackend, address: WorkerAddress, options: Options = Options(), logger: Logger,
        digest: DigestComputation? = nil,
        onReady: @escaping @Sendable (_ port: Int?) -> Void = { _ in }
    ) {
        self.backend = backend
        self.address = address
        self.options = options
        self.logger = logger
        self.digest = digest
        self.onReady = onReady
        gate = RequestGate(limit: options.requestsLimit)
        bodies = RequestBodyReader(bytesLimit: options.bodyBytesLimit, depthLimit: 128)
    }

    /// Serves until told to stop, by a signal or by the surrounding service group, and running requests are done.
    /// - Throws: `CertificateError` where its certificates cannot be used; what the system says where it cannot listen.
    public func run() async throws {
        let keeper = try address.keeper(logger)
        let admission = keeper.map { _ in Admission(logger: logger) }
        let server = HTTPServer(
            address: address.bind, limits: address.limits(requests: options.requestsLimit),
            tls: keeper?.giveContext, refused: { client, reason in admission?.tell(client, reason) }, logger: logger,
            onReady: { listening in
                // Only the gateway's user may ask.
                if case .socket(let path) = address { chmod(path, 0o600) }
                onReady(listening?.port)
                digest?.begin()
            },
            respond: { request, connection in
                if let refusal = admission?.refusal(of: connection) { return refusal }
                return await respond(to: request, connection)
            })
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: server), .init(service: Drain(gate, grace: options.grace)),
        ]
        if let keeper { services.append(.init(service: keeper)) }
        if options.endsWithStandardInput {
            services.append(
                .init(service: StandardInputWatch(), successTerminationBehavior: .gracefullyShutdownGroup))
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: options.handlesSignals ? [.sigterm, .sigint] : [],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = options.grace + .seconds(5)
        defer { if case .socket(let path) = address { unlink(path) } }
        try await ServiceGroup(configuration: configuration).run()
        await backend.shutdown()
    }

    private func respond(to request: Request, _ connection: ClientConnection) async -> Response {
        do {
            switch (request.method, request.uri.path) {
            case (.get, "/health"):
                let health = WorkerHealth(
                    state: gate.isOpen ? .ready : .draining, running: gate.running, engine: backend.figures)
                return HTTPReply.json(health.json)
            case (.get, "/model"): return HTTPReply.json(model.json)
            case (.post, "/generate"): return try await generate(request, connection)
            case (.post, "/embed"): return try await embed(request, connection)
            case (.post, "/profile"): return try await profile(request, connection)
            case (.post, "/tokenize"):
                let job = try TokenizeRequest(try await bodies.json(request, connection))
                return HTTPReply.json(try await onOtherThreads { try await backend.tokenize(job) }.json)
            case (.post, "/detokenize"):
                let job = try DetokenizeRequest(try await bodies.json(request, connection))
                let text = try await onOtherThreads { try await backend.detokenize(job) }
                return HTTPReply.json(["text": .string(text)])
            default: throw WorkerFailure(.notFound, "no \(request.method) \(request.uri.path) here")
            }
        } catch {
            let failure = WorkerFailure(any: error)
            return HTTPReply.json(failure.json, status: failure.code.status)
        }
    }

    private var model: WorkerModel {
        var model = backend.model
        if let digest { model.digest = digest.value }
        return model
    }

    private func generate(_ request: Request, _ connection: ClientConnection) async throws -> Response {
        let pass = try gate.enter(for: connection)
        let job = try WorkerRequest(try await bodies.json(request, connection))
        let steps = try await onOtherThreads { () throws(WorkerFailure) in try await backend.generate(job) }
        return HTTPReply.events(to: connection) { reply in
            defer { pass.leave() }
            for await events in steps { await reply.send(events.map(\.serverSentEvent)) }
            // Cancellation ends the iteration early. Where the client is still there, it is told.
            if Task.isCancelled {
                let failure = WorkerFailure(.cancelled, "the worker is stopping")
                await reply.sendLast([WorkerEvent.failed(failure).serverSentEvent])
            }
        }
    }

    private func embed(_ request: Request, _ connection: ClientConnection) async throws -> Response {
        let pass = try gate.enter(for: connection)
        defer { pass.leave() }
        let job = try EmbedRequest(try await bodies.json(request, connection))
        let embeddings = try await connection.whileOpen { try await onOtherThreads { try await backend.embed(job) } }
        return HTTPReply.json(embeddings.json)
    }

    /// Ends early where the gateway goes away.
    private func profile(_ request: Request, _ connection: ClientConnection) async throws -> Response {
        let pass = try gate.enter(for: connection)
        defer { pass.leave() }
        let job = try ProfileRequest(try await bodies.json(request, connection))
        let profile = try await connection.whileOpen {
            try await onOtherThreads { () throws(WorkerFailure) in try await backend.profile(job) }
        }
        return HTTPReply.json(profile.json)
    }
}
