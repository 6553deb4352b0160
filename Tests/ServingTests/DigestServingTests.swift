import Foundation
import HadalCheckpoint
import HadalEngine
import HadalWorker
import Logging
import TestSupport
import Testing

@testable import HadalGateway

/// How a gateway learns what pins a worker's model.
@Suite(.timeLimit(.minutes(15))) struct DigestServingTests {
    private static let logger: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    /// - Returns: the model's digest, opened and computed.
    private static func tiny() throws -> (opened: ModelDigest, known: String) {
        let path = try TinyModel.write()
        // The files stay open.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let opened = try ModelDigest(of: Checkpoint.open(path))
        return (opened, try opened.compute().digest)
    }

    @Test func aSmallModelsDigestIsThereAtOnce() throws {
        let (opened, known) = try Self.tiny()
        #expect(DigestComputation(opened, logger: Self.logger).value == known)
    }

    @Test func aBigModelsDigestIsLearntWhileTheWorkerServes() async throws {
        let (opened, known) = try Self.tiny()
        let digest = DigestComputation(opened, bytesAtOnce: 0, logger: Self.logger)
        #expect(digest.value == nil)
        let directory = try TemporaryDirectory()
        let socket = directory.file("worker.sock")
        var options = WorkerServer.Options()
        options.handlesSignals = false
        let (ready, signal) = AsyncStream<Void>.makeStream()
        let server = WorkerServer(
            backend: ScriptedBackend(), address: .socket(socket), options: options, logger: Self.logger,
            digest: digest, onReady: { _ in signal.yield() })
        let clients = HTTPClients(connections: 4)
        let deployment = Deployment(
            name: "scripted", client: WorkerClient(http: clients, place: .socket(socket), model: "scripted"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { signal.finish() }
                try await server.run()
            }
            for await _ in ready { break }
            deployment.model = try await deployment.client.describe()
            try await deployment.learnDigest()
            group.cancelAll()
        }
        #expect(deployment.digest == known)
        try await clients.shutdown()
    }
}
