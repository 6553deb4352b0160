import ArgumentParser
import HadalCheckpoint
import HadalConfiguration
import HadalEngine
import HadalSecrets
import HadalTerminal
import HadalWorker
import Logging

struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run one model for a gateway, which may be on another machine.",
        discussion: """
            A gateway starts the workers on its own machine by itself. One on another machine is started there, and serves
            whoever shows a gateway's certificate of the same authority, and nobody else (docs/tls.md).

            Examples:
              hadal worker model.gguf --listen 0.0.0.0:7443 --certificates /etc/hadal/tls
              hadal worker model.gguf --socket /run/hadal/model.sock
              hadal worker model.gguf.enc --socket /run/hadal/model.sock --config /etc/hadal/hadal.yaml
            """)

    @Argument(help: "The model.") var model: String
    @OptionGroup var listening: WorkerListening
    @OptionGroup(title: "Engine") var engine: EngineSettings
    @Flag(help: "End when standard input ends: when the gateway that started this worker is gone.") var supervised =
        false
    @OptionGroup(title: "Encrypted models, and prefixes where secrets.encrypt has conversations")
    var secrets: Secrets.Options
    @Flag(
        help:
            "Take the keys from the first line of standard input, where a gateway writes them, not from a key service.")
    var keysOnStdin = false

    func validate() throws {
        guard !supervised || listening.socket != nil else {
            throw ValidationError("--supervised is for --socket: nobody supervises a worker from another machine")
        }
    }

    func run() async throws {
        startLogging()
        let logger = Logger(label: "worker")
        var load = engine.loadOptions
        if let keys = try await keys() {
            load.opener = FileOpener(keys: keys.models)
            load.engine.prefixStore?.key = keys.prefixes.map(PrefixKey.init)
        }
        load.warn = { logger.warning("\($0)") }
        var options = WorkerServer.Options()
        options.endsWithStandardInput = supervised
        let bar = ProgressBar("loading \(ModelFiles.name(of: model))")
        try await WorkerServer.run(
            model: model, address: try listening.address(), load: load, options: options, logger: logger
        ) { fraction in
            bar.update(fraction)
            if fraction >= 1 { bar.finish() }
        }
    }

    /// Nil where nothing needs any.
    private func keys() async throws -> WorkerKeys? {
        if keysOnStdin {
            guard let line = readLine() else {
                throw CommandFailure("--keys-on-stdin: standard input ended before a line of keys came")
            }
            return try WorkerKeys(line: line)
        }
        // Its gateway has none: what the configuration says of them holds for gateway and worker.
        guard !supervised else { return nil }
        let sealsPrefixes =
            try engine.prefixCacheDir != nil && secrets.data.settings().secrets.encrypt.contains(.conversations)
        let keys =
            sealsPrefixes
            ? try await secrets.openKeys()
            : try await secrets.keys(for: [model] + [engine.draftModel].compactMap { $0 })
        return try keys.map { keys in try WorkerKeys(keys, sealsPrefixes: sealsPrefixes) }
    }
}
