import Foundation

/// A model to serve.
public struct ModelSettings: SettingsSection {
    /// nil: after its file or directory.
    public var name: String?
    public var model = ""
    /// Where a worker on another machine serves the model, instead of `model`.
    public var worker: URL?
    /// Another server that serves the model, instead of `model`.
    public var upstream = UpstreamModelSettings()
    /// Bytes.
    public var memoryLimit: Int?
    public var cpus: CPUList?
    public var idleUnload: Duration?
    /// Workers that this server starts for the model.
    public var replicas = 1
    public static let replicasRange = 1...64
    /// What differs from the engine options for all.
    public var engine = EngineOptions()

    public init() {}

    private static let memoryLimits = (1 << 20)...(1 << 50)
    private static let idleUnloads = Duration.seconds(1)...(.seconds(30 * 86_400))

    /// - Returns: nil where the text is none that the file may have.
    public static func memoryLimit(_ text: String) -> Int? {
        ByteText.parse(text).flatMap { memoryLimits.contains($0) ? $0 : nil }
    }

    /// The same.
    public static func idleUnload(_ text: String) -> Duration? {
        DurationText.parse(text).flatMap { idleUnloads.contains($0) ? $0 : nil }
    }

    static let entries: [Entry<ModelSettings>] = [
        .setting(
            "name", \.name, .given(.text("name", example: "deepseek-r1")), .restart,
            shownDefault: "after its file or directory", "What requests call it."),
        .setting(
            "model", \.model, .model, .restart, shownDefault: "must be given, or worker, or upstream",
            "A name (guide, or that of a pulled model), a directory with config.json and safetensors, or a .gguf file. Paths begin with / or ./"
        ),
        .setting(
            "worker", \.worker, .given(.url(example: "https://gpu1.example.org:7443")), .restart,
            shownDefault: "this server starts one",
            "Where a worker on another machine serves the model (hadal worker --listen), instead of model."),
        .setting(
            "replicas", \.replicas, .count(replicasRange, example: "2"), .restart,
            "Workers that this server starts for the model and shares its requests among. Each loads it for itself."),
        .group("upstream", \.upstream),
        .setting(
            "memory_limit", \.memoryLimit, .optional(.bytes(memoryLimits, example: "64GiB")), .restart,
            "Memory that the worker may take, mapped files included. Beyond it the worker is replaced, which its answers "
                + "outlive; beyond 110 % of it it is ended at once. none: as much as there is."),
        .setting(
            "cpus", \.cpus, .optional(.cpuList), .restart,
            "The processors that the worker may use, as lscpu numbers them. It has as many threads unless engine.threads says "
                + "otherwise. none: all."),
        .setting(
            "idle_unload", \.idleUnload, .optional(.duration(idleUnloads, example: "30m")), .restart,
            "The worker is stopped when nobody has used the model for so long. The next request starts it, and waits for it "
                + "up to workers.wait. none: it stays."),
        .group("engine", \.engine, fallback: "engine"),
    ]

    /// The name that it is served under; nil where none is given.
    var servedName: String? {
        if let name { return name }
        let last = URL(fileURLWithPath: model).standardizedFileURL.lastPathComponent
        let suffix = [".gguf", ".gguf.enc"].first { last.hasSuffix($0) }
        return model.isEmpty ? nil : String(last.dropLast(suffix?.count ?? 0))
    }

    func check(_ findings: inout Findings) {
        if replicas > 1, worker != nil || upstream.isGiven {
            findings.add("replicas", "this server starts no worker for the model", "remove it")
        }
        if upstream.isGiven { return checkUpstream(&findings) }
        guard let worker else {
            if model.isEmpty { findings.add("model", "no model is given", "write 'model: /models/NAME'") }
            return
        }
        if !model.isEmpty { findings.add("model", "worker is given as well", "keep one of them") }
        if name == nil { findings.add("name", "worker needs it", "write 'name: NAME'") }
        if worker.scheme != "https" { findings.add("worker", "plain HTTP protects nothing", "write https://HOST:PORT") }
        for (name, isGiven) in [
            ("memory_limit", memoryLimit != nil), ("cpus", cpus != nil), ("idle_unload", idleUnload != nil),
        ] where isGiven {
            findings.add(name, "the worker is started elsewhere", "remove it")
        }
        if !engine.arguments.isEmpty {
            findings.add(
                "engine", "the worker has engine options of its own", "remove it, and give them to hadal worker")
        }
    }

    private func checkUpstream(_ findings: inout Findings) {
        if !model.isEmpty { findings.add("model", "upstream is given as well", "keep one of them") }
        if worker != nil { findings.add("worker", "upstream is given as well", "keep one of them") }
        if name == nil { findings.add("name", "upstream needs it", "write 'name: NAME'") }
        if !engine.arguments.isEmpty { findings.add("engine", "the upstream has its own", "remove it") }
    }
}
