import ArgumentParser
import Foundation
import HadalConfiguration
import HadalEngine
import HadalGateway
import HadalJSON
import HadalLogs
import HadalNVML
import HadalSecrets
import HadalStore
import HadalUpstreams
import HadalWire
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve models over HTTP.",
        discussion: """
            Speaks the APIs of OpenAI, DeepSeek, Anthropic and Ollama. On loopback nobody needs a key until there is one
            (hadal keys create); a wider address is refused until then, unless --insecure is given. SIGHUP reads the
            configuration again.
            A model may be given another name: NAME=MODEL. Without a model the built-in one, guide, is served. A worker that
            runs on another machine (hadal worker --listen) is named by NAME=https://HOST:PORT.

            Examples:
              hadal serve
              hadal serve /models/DeepSeek-R1-Distill-Qwen-1.5B
              hadal serve chat=r1.gguf embed=/models/all-MiniLM-L6-v2 --listen 127.0.0.1:9000
              hadal serve r1.gguf --data /var/lib/hadal
              hadal serve big=https://gpu1.example.org:7443
              hadal serve --config /etc/hadal/hadal.yaml
              hadal serve r1.gguf --kv-cache 8GiB --prefix-cache-dir /var/cache/hadal --queue-timeout 30
            """)

    @Argument(help: "The models. Default: those of the configuration, or the built-in one.") var models: [String] = []
    @Option(help: "HOST:PORT to listen on. Default: 127.0.0.1:8000.") var listen: String?
    @OptionGroup var data: DataOption
    @Flag(help: "Listen on an address that others can reach although nobody needs a key.") var insecure = false
    @Option(
        help: ArgumentHelp(
            "How long a request may wait to be begun; then it gets 503. Default: as long as it takes.",
            valueName: "seconds"))
    var queueTimeout: Double?
    @OptionGroup(title: "Engine, of each model") var engine: EngineSettings

    func validate() throws {
        if let queueTimeout, !(0...WorkerRequest.startSecondsLimit).contains(queueTimeout) {
            throw ValidationError("--queue-timeout is from 0 to \(Int(WorkerRequest.startSecondsLimit)) seconds")
        }
    }

    func run() async throws {
        let (data, overrides) = (data, overrides)
        let watch = try usable { () throws(ConfigurationError) in
            try ConfigurationWatch { () throws(ConfigurationError) in try data.load(overrides) }
        }
        let settings = watch.current.settings
        startLogging(settings.log)
        let served = served(settings)
        var configuration = GatewayConfiguration(models: served)
        configuration.version = Version.current
        configuration.engineArguments = settings.engine.arguments
        try configuration.apply(settings)
        configuration.watch = watch
        configuration.onReload = { Logs.level = Logger.Level(rawValue: $0.log.level.rawValue) ?? Logs.level }
        try configuration.validate()
        configuration.encryption = try await EncryptionAtRest.open(settings.secrets, data: settings.dataURL)
        if settings.store.encryption, configuration.encryption == nil {
            throw SecretsError.notSetUp(path: settings.dataURL.appendingPathComponent("keys.json").path)
        }
        configuration.backup = try await ServerBackup(watch.current, logger: configuration.logger)
        if settings.alerts.enabled {
            _ = try settings.alerts.allRules()
            configuration.alerts = { [logger = configuration.logger] metrics, healing in
                try ServerAlerts(
                    settings.alerts, address: settings.listen, data: settings.dataURL, healing: healing, logger: logger,
                    metrics: metrics)
            }
        }
        configuration.traces = startTracing(settings.traces, configuration.logger)
        configuration.modelsDirectory = ModelStore().directory
        configuration.gpus = GPUMonitor()
        configuration.gpus?.warnOfCardsWithoutFigures(configuration.logger)
        configuration.store = ServerPatrol(
            settings, keys: configuration.encryption?.keys, logger: configuration.logger)
        for model in served where model.worker == nil && model.upstreams.isEmpty {
            _ = try ModelFiles.resolve(model.reference)
        }
        configuration.onLoading = LoadingBars().update
        let scheme = configuration.tls == nil ? "http" : "https"
        configuration.onReady = { address, models in
            // What stands for all addresses is none to ask.
            var example = address
            if ["0.0.0.0", "::"].contains(address.host) { example.host = "localhost" }
            Serve.announce("\(scheme)://\(example)", served, models)
        }
        try await Gateway.run(configuration: configuration)
    }

    /// What the command line says, before all else.
    private var overrides: [SettingOverride] {
        var overrides = engine.overrides
        if let listen { overrides.append(SettingOverride("listen", listen, option: "--listen")) }
        if insecure { overrides.append(SettingOverride("insecure", "true", option: "--insecure")) }
        if let queueTimeout {
            overrides.append(
                SettingOverride(
                    "server.queue_timeout", "\(Int(queueTimeout * 1000))ms", option: "--queue-timeout"))
        }
        return overrides
    }

    private func served(_ settings: HadalSettings) -> [ServedModel] {
        if !models.isEmpty || settings.models.isEmpty {
            return (models.isEmpty ? [BuiltInModel.name] : models).map { reference in
                var model = ServedModel(parsing: reference)
                model.workerArguments = settings.engine.arguments
                return model
            }
        }
        return settings.models.map { model in
            var served = ServedModel(parsing: model.model)
            if let name = model.name { served = ServedModel(name: name, reference: model.model) }
            if let upstream = ServedModel(upstreamsOf: model) { return upstream }
            if let worker = model.worker { return ServedModel(name: model.name ?? "", worker: worker) }
            served.workerArguments = settings.engine(for: model).arguments
            if let cpus = model.cpus { served.workerArguments += ["--cpus", "\(cpus)"] }
            served.memoryLimit = model.memoryLimit
            served.idleUnload = model.idleUnload
            served.replicas = model.replicas
            return served
        }
    }

    private static func announce(
        _ root: String, _ served: [ServedModel], _ models: [(name: String, model: WorkerModel)]
    ) {
        let shown = models.first
        let abilities = shown?.model.abilities ?? [.chat]
        let (path, input): (String, (String, JSON)) =
            if abilities.contains(.chat) {
                (
                    "chat/completions",
                    ("messages", .array([.object(.init([("role", .string("user")), ("content", .string("Hello!"))]))]))
                )
            } else if abilities.contains(.completion) {
                ("completions", ("prompt", .string("Once upon a time")))
            } else {
                ("embeddings", ("input", .string("Hello!")))
            }
        let body = JSON.object(.init([("model", .string(shown?.name ?? served[0].name)), input])).text
        print(
            """
            serving \(served.map(\.name).joined(separator: ", ")) on \(root); try

              curl \(root)/v1/\(path) -H 'Content-Type: application/json' -d '\(body.replacing("'", with: #"'\''"#))'

            """)
        fflush(nil)
    }
}
