import Foundation
import HadalEngine
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
        let host = try ModelHost.load(model, options: load, progress: progress)
        let server = WorkerServer(
            backend: EngineBackend(host), socket: socket, options: options, logger: logger,
            onReady: { FileHandle.standardOutput.write(Data("ready\n".utf8)) })
        try await server.run()
    }
}
