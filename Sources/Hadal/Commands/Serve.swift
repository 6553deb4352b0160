import ArgumentParser
import Foundation
import HadalEngine
import HadalGateway
import HadalJSON
import HadalWire
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve models over HTTP.",
        discussion: """
            Speaks OpenAI's API. On loopback no key is needed; a wider address is refused unless --insecure is given.
            A model may be given another name: NAME=MODEL. Without a model the built-in one, guide, is served.

            Examples:
              hadal serve
              hadal serve /models/DeepSeek-R1-Distill-Qwen-1.5B
              hadal serve chat=r1.gguf embed=/models/all-MiniLM-L6-v2 --listen 127.0.0.1:9000
              hadal serve r1.gguf --data /var/lib/hadal
              hadal serve r1.gguf --kv-cache 8GiB --prefix-cache-dir /var/cache/hadal --queue-timeout 30
            """)

    @Argument(help: "The models.") var models = [BuiltInModel.name]
    @Option(help: "HOST:PORT to listen on.") var listen = "127.0.0.1:8000"
    @Option(help: "A configuration file: not there yet.") var config: String?
    @Option(
        help: ArgumentHelp(
            "Where files, batches and variants of models (/api/create) are kept; without it there are no files and batches, and variants end with the server.",
            valueName: "dir"))
    var data: String?
    @Flag(help: "Listen on an address that others can reach although nothing protects it.") var insecure = false
    @Option(
        help: ArgumentHelp(
            "How long a request may wait to be begun; then it gets 503. Default: as long as it takes.",
            valueName: "seconds"))
    var queueTimeout: Double?
    @OptionGroup(title: "Engine, of each model") var engine: EngineSettings

    func validate() throws {
        guard config == nil else {
            throw ValidationError("--config comes with a later version; options are given on the command line")
        }
        if let queueTimeout, !(0...WorkerRequest.startSecondsLimit).contains(queueTimeout) {
            throw ValidationError("--queue-timeout is from 0 to \(Int(WorkerRequest.startSecondsLimit)) seconds")
        }
    }

    func run() async throws {
        startLogging()
        let served = models.map { ServedModel(parsing: $0) }
        var configuration = GatewayConfiguration(models: served)
        configuration.listen = try ListenAddress(parsing: listen)
        configuration.isInsecure = insecure
        configuration.dataDirectory = data
        configuration.startSecondsMax = queueTimeout
        configuration.workerArguments = engine.arguments
        try configuration.validate()
        for model in served { _ = try ModelFiles.resolve(model.reference) }
        configuration.onReady = { address, models in Serve.announce(address, served, models) }
        try await Gateway.run(configuration: configuration)
    }

    private static func announce(_ address: ListenAddress, _ served: [ServedModel], _ models: [WorkerModel]) {
        let (path, input): (String, (String, JSON)) =
            if models[0].abilities.contains(.chat) {
                (
                    "chat/completions",
                    ("messages", .array([.object(.init([("role", .string("user")), ("content", .string("Hello!"))]))]))
                )
            } else if models[0].abilities.contains(.completion) {
                ("completions", ("prompt", .string("Once upon a time")))
            } else {
                ("embeddings", ("input", .string("Hello!")))
            }
        let body = JSON.object(.init([("model", .string(served[0].name)), input])).text
        print(
            """
            serving \(served.map(\.name).joined(separator: ", ")) on http://\(address); try

              curl http://\(address)/v1/\(path) -H 'Content-Type: application/json' -d '\(body.replacing("'", with: #"'\''"#))'

            """)
        fflush(nil)
    }
}

/// Logs go to standard error; `HADAL_LOG` sets the level.
func startLogging() {
    LoggingSystem.bootstrap { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel =
            ProcessInfo.processInfo.environment["HADAL_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        return handler
    }
}
