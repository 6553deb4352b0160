import ArgumentParser
import HadalEngine
import HadalTerminal
import HadalWorker
import Logging

struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run one model behind a Unix socket, for a gateway.",
        discussion: """
            Example:
              hadal worker model.gguf --socket /run/hadal/model.sock
            """)

    @Argument(help: "The model.") var model: String
    @Option(help: "The socket to listen on.") var socket: String
    @OptionGroup(title: "Engine") var engine: EngineSettings
    @Flag(help: "End when standard input ends: when the gateway that started this worker is gone.") var supervised =
        false

    func run() async throws {
        startLogging()
        let logger = Logger(label: "worker")
        var load = engine.loadOptions
        load.warn = { logger.warning("\($0)") }
        var options = WorkerServer.Options()
        options.endsWithStandardInput = supervised
        let bar = ProgressBar("loading \(ModelFiles.name(of: model))")
        try await WorkerServer.run(
            model: model, socket: socket, load: load, options: options, logger: logger
        ) { fraction in
            bar.update(fraction)
            if fraction >= 1 { bar.finish() }
        }
    }
}
