import Foundation
import HadalCheckpoint
import HadalEngine
import HadalModels
import Logging

extension WorkerServer {
    /// `hadal worker MODEL`: loads a model and serves it until told to stop.
    ///
    /// Once it has warmed up and requests are accepted, one line goes to standard output, for whoever started the worker:
    /// `ready`, on a port `ready on port PORT`.
    /// - Throws: what loading or its certificates say, in words for a person.
    public static func run(
        model: String, address: WorkerAddress, load: LoadOptions = LoadOptions(), options: Options = Options(),
        warmsUp: Bool = true, logger: Logger, progress: (@Sendable (Double) -> Void)? = nil
    ) async throws {
        // What is wrong with its certificates is told before minutes of loading.
        _ = try address.keeper(logger)
        let (backend, digest) = try open(model, load, progress)
        if warmsUp {
            let time = try await ContinuousClock().measure { try await backend.warmUp() }
            logger.info("warmed up", metadata: ["model": "\(model)", "seconds": "\(time / .seconds(1))"])
        }
        let server = WorkerServer(
            backend: backend, address: address, options: options, logger: logger,
            digest: DigestComputation(digest, logger: logger),
            onReady: { port in
                let place = port.map { " on port \($0)" } ?? ""
                try? FileHandle.standardOutput.write(contentsOf: Data("ready\(place)\n".utf8))
            })
        try await server.run()
    }

    /// The checkpoint, which may take as much memory as the model, goes when the model is loaded.
    private static func open(
        _ model: String, _ options: LoadOptions, _ progress: (@Sendable (Double) -> Void)?
    ) throws -> (any WorkerBackend, ModelDigest) {
        let checkpoint = try Checkpoint.open(try ModelFiles.resolve(model), opener: options.opener)
        // Of the files as they are now, whatever replaces them.
        let digest = try ModelDigest(of: checkpoint)
        let backend: any WorkerBackend =
            ModelLoader.isEncoder(checkpoint)
            ? EncoderBackend(try EmbeddingHost(checkpoint, options: options))
            : EngineBackend(try ModelHost.load(checkpoint, options: options, progress: progress))
        return (backend, digest)
    }
}
