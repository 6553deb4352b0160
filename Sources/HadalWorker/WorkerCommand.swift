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
        let checkpoint = try Checkpoint.open(try ModelFiles.resolve(model))
        let backend: any WorkerBackend =
            if ModelLoader.isEncoder(checkpoint) {
                EncoderBackend(try EmbeddingHost(checkpoint, threads: load.threads))
            } else {
                EngineBackend(try ModelHost.load(checkpoint, options: load, progress: progress))
            }
        let server = WorkerServer(
            backend: backend, socket: socket, options: options, logger: logger,
            onReady: { FileHandle.standardOutput.write(Data("ready\n".utf8)) })
        try await server.run()
    }
}
