import Foundation
import HadalGateway
import HadalJSON
import HadalRouting
import HadalWire
import HadalWorker
import Logging
import NIOHTTP1
import TestSupport

/// Scripted models, each with one worker or several, for a gateway that routes.
enum RoutedWorkers {
    /// A model that says its name. Its fingerprint is `fp_` and the name.
    static func named(_ name: String) -> ScriptedBackend { named(name, ScriptedBackend.says([name])) }

    /// The same with a script of its own.
    static func named(_ name: String, _ script: @escaping ScriptedBackend.Script) -> ScriptedBackend {
        var backend = ScriptedBackend()
        backend.model.fingerprint = "fp_" + name
        backend.model.digest = name
        backend.model.contextLength = 100_000
        backend.script = script
        return backend
    }

    /// Runs the workers for the time of `body`, which is told what a gateway is to serve.
    static func run<Value: Sendable>(
        _ models: [(name: String, workers: [ScriptedBackend])],
        _ body: @escaping @Sendable ([ServedModel]) async throws -> Value
    ) async throws -> Value {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ready, signal) = AsyncStream<Void>.makeStream()
        var options = WorkerServer.Options()
        options.handlesSignals = false
        var served: [ServedModel] = []
        var servers: [WorkerServer] = []
        for (index, model) in models.enumerated() {
            let sockets = model.workers.indices.map { directory.file("\(index)-\($0).sock") }
            servers += zip(model.workers, sockets).map { backend, socket in
                WorkerServer(
                    backend: backend, address: .socket(socket), options: options, logger: logger,
                    onReady: { _ in signal.yield() })
            }
            var one = ServedModel(name: model.name, reference: model.name)
            one.socket = sockets[0]
            one.furtherSockets = Array(sockets.dropFirst())
            served.append(one)
        }
        let (all, count) = (served, servers.count)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            for server in servers {
                group.addTask {
                    try await server.run()
                    return nil
                }
            }
            group.addTask {
                var seen = 0
                for await _ in ready {
                    seen += 1
                    if seen == count { break }
                }
                return try await body(all)
            }
            while let value = try await group.next() {
                guard let value else { continue }
                group.cancelAll()
                return value
            }
            throw CancellationError()
        }
    }

    /// A gateway before them.
    /// - Parameter routes: as JSON.
    static func serve<Value: Sendable>(
        _ models: [(name: String, workers: [ScriptedBackend])], routes: String = "[]",
        configure: @escaping @Sendable (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (Serving) async throws -> Value
    ) async throws -> Value {
        let table = try table(routes, models.map(\.name))
        return try await run(models) { served in
            try await Serving.run(
                configure: {
                    $0.models = served
                    $0.routes = table
                    configure(&$0)
                }, body)
        }
    }

    /// The same with keys and tenants.
    static func guarded(
        _ models: [(name: String, workers: [ScriptedBackend])], routes: String, tenants: [String] = [],
        configure: @escaping @Sendable (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (GuardedServing) async throws -> Void
    ) async throws {
        let table = try table(routes, models.map(\.name))
        try await run(models) { served in
            try await GuardedServing.run(tenants: tenants) {
                $0.models = served
                $0.routes = table
                configure(&$0)
            } _: { guarded in
                try await body(guarded)
            }
        }
    }

    private static func table(_ routes: String, _ models: [String]) throws -> RouteTable {
        try RouteTable.load(try JSON(parsing: routes), targets: Set(models))
    }
}

extension Serving {
    /// Asks `model` for an answer to a text.
    func ask(
        _ model: String, _ text: String = "one two", _ members: String = "", headers: [(String, String)] = []
    ) async throws -> Answer {
        try await post(
            "/v1/chat/completions",
            #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(text)"}]\#(members)}"#, headers: headers)
    }
}

extension Serving.Answer {
    /// The model that answered.
    var target: String? { headers["x-hadal-model"].first }
}
