import ArgumentParser
import Foundation
import HadalGateway
import HadalWire
import HadalWorker
import Logging

struct BenchGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serve a model that answers at once, to measure what the gateway costs.",
        discussion: """
            Everything but the model is as in `hadal serve`. Any tool that makes load can be pointed at it;
            Benchmarks/gateway.py and Benchmarks/access.py do so. Without --data and --config nothing is kept and nothing
            configured, whatever the environment says.

            Examples:
              hadal bench gateway --listen 127.0.0.1:8000
              hadal bench gateway --data /tmp/bench --config limits.yaml
            """)

    @Option(help: "HOST:PORT to listen on.") var listen = "127.0.0.1:8000"
    @Option(help: "The worker's Unix socket, to be asked beside the gateway.") var socket: String?
    @OptionGroup var data: DataOption

    func run() async throws {
        startLogging()
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let socket = socket ?? directory.appendingPathComponent("worker.sock").path
        var model = ServedModel(name: "instant", reference: "instant")
        model.socket = socket
        var configuration = GatewayConfiguration(models: [model])
        if data.data != nil || data.config != nil { try configuration.apply(try data.settings()) }
        configuration.listen = try ListenAddress(parsing: listen)
        configuration.onReady = { address, _ in
            print("serving instant on http://\(address)")
            fflush(nil)
        }
        let (isListening, signal) = AsyncStream<Never>.makeStream()
        var options = WorkerServer.Options()
        options.handlesSignals = false
        let worker = WorkerServer(
            backend: InstantBackend(), address: .socket(socket), options: options, logger: Logger(label: "worker"),
            onReady: { _ in signal.finish() })
        try await withThrowingTaskGroup(of: Void.self) { [configuration] group in
            group.addTask {
                // Also where it cannot listen.
                defer { signal.finish() }
                try await worker.run()
            }
            for await _ in isListening {}
            group.addTask { try await Gateway.run(configuration: configuration) }
            // The gateway ends when it is told to; the worker with it.
            try await group.next()
            group.cancelAll()
        }
    }
}

/// Says three words without computing anything.
private struct InstantBackend: WorkerBackend {
    let model = WorkerModel(
        architecture: "instant", contextLength: 4096, vocabularySize: 3, parameters: 0, weightBytes: 0,
        fingerprint: "fp_instant", abilities: [.chat, .completion])

    func generate(_ request: WorkerRequest) async throws(WorkerFailure) -> AsyncStream<[WorkerEvent]> {
        let usage = Usage(promptTokens: 1, completionTokens: 3)
        let words = ["one", " two", " three"].enumerated().map { index, text in
            WorkerEvent.delta(
                GenerationDelta(part: .content, text: text, tokens: [GeneratedToken(id: Int32(index))]))
        }
        return AsyncStream { continuation in
            continuation.yield(words + [.finished(GenerationSummary(finish: .stop, usage: usage))])
            continuation.finish()
        }
    }

    func embed(_ request: EmbedRequest) async throws(WorkerFailure) -> Embeddings {
        throw WorkerFailure(.unsupported, "instant is no embedding model")
    }
}
