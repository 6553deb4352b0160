import Foundation
import HadalCheckpoint
import HadalEngine
import HadalModels
import Logging

extension WorkerServer {
    /// `hadal worker MODEL --socket PATH`: loads a model and serves it until told to stop.
    ///
    /// Once requests are accepted, one line, `ready`, goes to standard output, for whoever started the worker.
    /// - Throws: what loading says, in words for a person.
    public static func run(
        model: String, socket: String, load: LoadOptions = LoadOptions(), options: Options = Options(),
        logger: Logger, progress: (@Sendable (Double) -> Void)? = nil
    ) async throws {
        let server = WorkerServer(
            backend: try backend(model, load: load, progress: progress), socket: socket, options: options, logger: logger,
            onReady: { FileHandle.standardOutput.write(Data("ready\n".utf8)) })
        try await server.run()
    }

    private static func backend(
        _ model: String, load: LoadOptions, progress: (@Sendable (Double) -> Void)?
    ) throws -> any WorkerBackend {
        let checkpoint = try Checkpoint.open(ModelFiles.resolve(model))
        if ModelLoader.isEncoder(checkpoint) {
            return EmbeddingBackend(try EmbeddingHost(checkpoint, threads: load.threads), checkpoint: checkpoint)
        }
        return EngineBackend(try ModelHost.load(checkpoint, options: load, progress: progress))
    }
}
