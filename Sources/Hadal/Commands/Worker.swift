import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalConfiguration
import HadalEngine
import HadalSecrets
import HadalTerminal
import HadalWorker
import Logging
import Synchronization

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
    @Flag(
        name: .customLong("no-warm-up"),
        help: "Be ready as soon as the model is loaded, without computing a little with it first.")
    var skipsWarmUp = false
    @Option(
        help: ArgumentHelp(
            "The processors to use, for example 0-7,16-23; as many threads compute. Default: all.", valueName: "list"))
    var cpus: CPUList?
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
        // Before anything computes: threads have the processors of those that start them.
        try cpus.map { try CPUAffinity.confine(to: $0.numbers) }
        startLogging()
        // Where nobody reads the log any more, the gateway is gone, and what is to be kept is still written.
        if supervised { signal(SIGPIPE, SIG_IGN) }
        let logger = Logger(label: "worker")
        var load = engine.loadOptions
        let hasThreads = ProcessInfo.processInfo.environment["HADAL_THREADS"].map { !$0.isEmpty } ?? false
        if let cpus, load.threads == nil, !hasThreads { load.threads = cpus.numbers.count }
        if let keys = try await keys() {
            load.opener = FileOpener(keys: keys.models)
            load.engine.prefixStore?.key = keys.prefixes.map(PrefixKey.init)
        }
        load.warn = { logger.warning("\($0)") }
        var options = WorkerServer.Options()
        options.endsWithStandardInput = supervised
        try await WorkerServer.run(
            model: model, address: try listening.address(), load: load, options: options, warmsUp: !skipsWarmUp,
            logger: logger, progress: supervised ? Self.tellProgress() : showProgress())
    }

    private func showProgress() -> @Sendable (Double) -> Void {
        let bar = ProgressBar("loading \(ModelFiles.name(of: model))")
        return { fraction in
            bar.update(fraction)
            if fraction >= 1 { bar.finish() }
        }
    }

    /// A line for each percent, for the gateway: `loaded 42`.
    private static func tellProgress() -> @Sendable (Double) -> Void {
        let told = LastPercent()
        return { fraction in
            guard let percent = told.next(fraction) else { return }
            try? FileHandle.standardOutput.write(contentsOf: Data("loaded \(percent)\n".utf8))
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

/// What was told of a piece of work that any thread may report of.
private final class LastPercent: Sendable {
    private let last = Mutex(-1)

    /// - Returns: nil where it is no further than it was.
    func next(_ fraction: Double) -> Int? {
        guard fraction.isFinite else { return nil }
        let percent = Int(min(max(fraction, 0), 1) * 100)
        return last.withLock { last in
            guard percent > last else { return nil }
            last = percent
            return percent
        }
    }
}

extension CPUList: ExpressibleByArgument {
    public init?(argument: String) { self.init(parsing: argument) }
}
