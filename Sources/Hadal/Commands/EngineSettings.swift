import ArgumentParser
import HadalCompute
import HadalConfiguration
import HadalEngine

/// How a worker's engine shares time and memory: options of `hadal worker`, which `hadal serve` passes on.
struct EngineSettings: ParsableArguments {
    @Option(help: "The most tokens of a prompt and its answer together. Default: what the model was trained for.")
    var context: Int?
    @Option(
        help: ArgumentHelp(
            "Memory for keys and values, for example 8GiB. Default: half of what is free, at most four full contexts.",
            valueName: "size"))
    var kvCache: ByteSize?
    @Option(
        help:
            "How keys and values are kept: f16, or int8 for half the memory and slightly other answers, or f32."
    )
    var kvFormat = KVCacheShape.Format.f16
    @Option(
        help: ArgumentHelp(
            "Where the model is computed: cpu, cuda (the first card), cuda:1, or cuda:UUID. Default: what HADAL_DEVICE says, else cpu.",
            valueName: "device"))
    var device: DeviceChoice?
    @Option(
        help: ArgumentHelp(
            "The most of a card's memory. Default: all that is free. Experts that do not fit are computed by the processor.",
            valueName: "size"))
    var gpuMemory: ByteSize?
    @Option(help: "Threads that compute. Default: one a core.") var threads: Int?
    @Option(help: ArgumentHelp("Requests computed at the same time.", valueName: "requests")) var batch = 32
    @Option(help: ArgumentHelp("Requests that may wait; one more is refused with 429.", valueName: "requests"))
    var queue = 256
    @Option(help: ArgumentHelp("Tokens computed in one step; takes memory.", valueName: "tokens")) var stepTokens = 512
    @Option(
        help: ArgumentHelp(
            "Tokens of prompts in a step in which other requests generate: fewer let these go on more evenly, more bring the first token sooner.",
            valueName: "tokens"))
    var promptTokensBesideDecode = 128
    @Flag(name: .customLong("no-prefix-cache"), help: "Do not reuse what texts that begin alike have in common.")
    var ignoresPrefixes = false
    @Option(
        help: ArgumentHelp(
            "Keep cached prefixes in this directory, so that they outlive a restart. Prompts can be read from it unless secrets.encrypt has conversations.",
            valueName: "directory"))
    var prefixCacheDir: String?
    @Option(help: ArgumentHelp("The most bytes there for each model.", valueName: "size"))
    var prefixCacheBytes = ByteSize(bytes: 4 << 30)

    @Option(
        help: ArgumentHelp(
            "Tokens guessed ahead of an answer, where that makes it faster: from the model's own layer for that or from what was said before. Answers stay the same. 0 guesses none.",
            valueName: "tokens"))
    var draftTokens = SpeculationOptions().draftsMax

    @Option(
        help: ArgumentHelp(
            "A smaller model with the same vocabulary that guesses ahead, for example a distill of 1.5B for one of 14B. Answers stay the same.",
            valueName: "model"))
    var draftModel: String?

    func validate() throws {
        guard (0...SpeculationOptions.draftsLimit).contains(draftTokens) else {
            throw ValidationError("--draft-tokens is from 0 to \(SpeculationOptions.draftsLimit)")
        }
        for (name, value) in numbers where value < 1 { throw ValidationError("\(name) must be at least 1") }
    }

    private var numbers: [(name: String, value: Int)] {
        [
            ("--context", context ?? 1), ("--threads", threads ?? 1), ("--batch", batch), ("--queue", queue),
            ("--step-tokens", stepTokens), ("--prompt-tokens-beside-decode", promptTokensBesideDecode),
        ]
    }

    /// What a model is loaded with.
    var loadOptions: LoadOptions {
        var load = LoadOptions()
        load.context = context
        load.cacheBytes = kvCache?.bytes
        load.cacheFormat = kvFormat
        load.device = device
        load.threads = threads
        load.cardBytes = gpuMemory?.bytes
        load.maximumRows = stepTokens
        load.engine.sequencesMax = batch
        load.engine.waitingMax = queue
        load.engine.promptRowsBesideDecode = promptTokensBesideDecode
        load.engine.reusesPrefixes = !ignoresPrefixes
        load.engine.speculation.draftsMax = draftTokens
        load.draftModel = draftModel
        load.engine.prefixStore = prefixCacheDir.map {
            PrefixStoreOptions(directory: $0, bytesMax: prefixCacheBytes.bytes)
        }
        return load
    }

    /// The same for the command line of a worker.
    var arguments: [String] {
        var arguments = [
            "--kv-format", kvFormat.rawValue, "--batch", "\(batch)", "--queue", "\(queue)", "--step-tokens",
            "\(stepTokens)",
            "--prompt-tokens-beside-decode", "\(promptTokensBesideDecode)", "--draft-tokens", "\(draftTokens)",
        ]
        if let context { arguments += ["--context", "\(context)"] }
        if let kvCache { arguments += ["--kv-cache", "\(kvCache)"] }
        if let device { arguments += ["--device", "\(device)"] }
        if let gpuMemory { arguments += ["--gpu-memory", "\(gpuMemory)"] }
        if let threads { arguments += ["--threads", "\(threads)"] }
        if let draftModel { arguments += ["--draft-model", draftModel] }
        if ignoresPrefixes { arguments.append("--no-prefix-cache") }
        if let prefixCacheDir {
            arguments += ["--prefix-cache-dir", prefixCacheDir, "--prefix-cache-bytes", "\(prefixCacheBytes)"]
        }
        return arguments
    }
}

extension EngineSettings {
    /// What stands on this process's command line, as settings; all else may be said elsewhere.
    var overrides: [SettingOverride] {
        var overrides: [SettingOverride] = []
        var rest = arguments[...]
        while let option = rest.popFirst() {
            let isFlag = option == "--no-prefix-cache"
            let value = isFlag ? "false" : rest.popFirst() ?? ""
            let isGiven = CommandLine.arguments.contains { $0 == option || $0.hasPrefix(option + "=") }
            guard isGiven else { continue }
            let setting = isFlag ? "prefix_cache" : option.dropFirst(2).replacing("-", with: "_")
            overrides.append(SettingOverride("engine.\(setting)", value, option: option))
        }
        return overrides
    }
}

extension KVCacheShape.Format: ExpressibleByArgument {}

extension DeviceChoice: ExpressibleByArgument {
    public init?(argument: String) {
        guard let choice = try? DeviceChoice(argument) else { return nil }
        self = choice
    }
}

/// A number of bytes as people write it: `1073741824`, `512MiB`, `8GiB`, `1.5TB`.
struct ByteSize: ExpressibleByArgument, CustomStringConvertible {
    var bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    private static let units: [(name: String, bytes: Double)] = [
        ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9),
        ("TB", 1e12), ("B", 1), ("K", 0x1p10), ("M", 0x1p20), ("G", 0x1p30), ("T", 0x1p40),
    ]

    init?(argument: String) {
        let unit = Self.units.first { argument.lowercased().hasSuffix($0.name.lowercased()) }
        let digits = argument.dropLast(unit?.name.count ?? 0)
        guard let number = Double(digits), number > 0, let bytes = Int(exactly: (number * (unit?.bytes ?? 1)).rounded())
        else { return nil }
        self.bytes = bytes
    }

    var description: String {
        for (name, size) in Self.units[..<4].reversed() where bytes % Int(size) == 0 && bytes > 0 {
            return "\(bytes / Int(size))\(name)"
        }
        return "\(bytes)"
    }
}
