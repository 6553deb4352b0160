import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalJSON
import HadalWorker
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// A gateway on a free port before a worker with a scripted model, both in this process, over real sockets.
struct Serving: Sendable {
    let port: Int
    /// The worker's.
    let socket: String
    /// Tells the gateway to stop, as SIGTERM would.
    var stop: @Sendable () async -> Void = {}
    /// Ends when the gateway has ended.
    var ended = AsyncStream<Never> { $0.finish() }

    var base: String { "http://127.0.0.1:\(port)" }

    static func run<Result: Sendable>(
        _ backend: ScriptedBackend = ScriptedBackend(), worker options: WorkerServer.Options = .init(),
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (Serving) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hadal-test-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let socket = directory.appendingPathComponent("worker.sock").path

        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (workerReady, workerSignal) = AsyncStream<Void>.makeStream()
        let (gatewayReady, gatewaySignal) = AsyncStream<Int>.makeStream()
        let (gatewayEnded, gatewayEnd) = AsyncStream<Never>.makeStream()
        var options = options
        options.handlesSignals = false
        let server = WorkerServer(
            backend: backend, address: .socket(socket), options: options, logger: logger,
            onReady: { _ in workerSignal.yield() })
        var model = ServedModel(name: "scripted", reference: "scripted")
        model.socket = socket
        var configuration = GatewayConfiguration(models: [model], logger: logger)
        configuration.listen = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.handlesSignals = false
        // Its worker has no successor.
        configuration.workerWait = .zero
        configuration.onReady = { address, _ in gatewaySignal.yield(address.port) }
        configure(&configuration)
        let finalConfiguration = configuration

        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { workerSignal.finish() }
                try await server.run()
                return nil
            }
            for await _ in workerReady { break }
            let gateway = ServiceGroup(services: [GatewayService(configuration: finalConfiguration)], logger: logger)
            group.addTask {
                defer {
                    gatewaySignal.finish()
                    gatewayEnd.finish()
                }
                try await gateway.run()
                return nil
            }
            group.addTask {
                for await port in gatewayReady {
                    let serving = Serving(
                        port: port, socket: socket, stop: { await gateway.triggerGracefulShutdown() },
                        ended: gatewayEnded)
                    return try await body(serving)
                }
                return nil
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    /// For all of them. By default a client has eight connections to a server, so that a test which streams on eight would
    /// wait with everything else until one has ended.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: String

        var json: JSON { (try? JSON(parsing: body)) ?? .null }
        var errorCode: String? { json["error"]?["code"]?.string }
        var errorField: String? { json["error"]?["param"]?.string }

        /// The data of a stream's events. Comments are none: how many signs of life come depends on how busy the machine is.
        var events: [String] {
            body.components(separatedBy: "\n\n").filter { !$0.isEmpty && !$0.hasPrefix(":") }
                .map { String($0.dropFirst("data: ".count)) }
        }
    }

    func get(_ path: String) async throws -> Answer { try await send(HTTPClientRequest(url: base + path)) }

    func post(
        _ path: String, _ body: String, type: String? = "application/json", headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        if let type { request.headers.add(name: "content-type", value: type) }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .bytes(ByteBuffer(string: body))
        return try await send(request)
    }

    func chat(_ members: String, _ messages: String = #"[{"role":"user","content":"one two three"}]"#) async throws
        -> Answer
    {
        try await post("/v1/chat/completions", #"{"model":"scripted","messages":\#(messages)\#(members)}"#)
    }

    /// Asks until the batch is as it should be; the suite's time limit ends a wait in vain.
    func batch(_ id: String, until isDone: (JSON) -> Bool) async throws -> JSON {
        while true {
            let batch = try await get("/v1/batches/\(id)").json
            if isDone(batch) { return batch }
        }
    }

    /// Returns once the worker has no request in progress any more.
    func workerIsIdle() async throws {
        let path = socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        while try await send(HTTPClientRequest(url: "http+unix://\(path)/health")).json["running"] != 0 {}
    }

    func send(_ request: HTTPClientRequest) async throws -> Answer {
        let response = try await Self.http.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 64 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }
}

private struct GatewayService: Service {
    let configuration: GatewayConfiguration

    func run() async throws { try await Gateway.run(configuration: configuration) }
}
