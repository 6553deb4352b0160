import Foundation

/// A model to serve.
public struct ModelSettings: SettingsSection {
    /// nil: after its file or directory.
    public var name: String?
    public var model = ""
    /// Where a worker on another machine serves the model, instead of `model`.
    public var worker: URL?
    /// What differs from the engine options for all.
    public var engine = EngineOptions()

    public init() {}

    static let entries: [Entry<ModelSettings>] = [
        .setting(
            "name", \.name, .given(.text("name", example: "deepseek-r1")), .restart,
            shownDefault: "after its file or directory", "What requests call it."),
        .setting(
            "model", \.model, .model, .restart, shownDefault: "must be given, or worker",
            "A name (guide), a directory with config.json and safetensors, or a .gguf file. Paths begin with / or ./"),
        .setting(
            "worker", \.worker, .given(.url(example: "https://gpu1.example.org:7443")), .restart,
            shownDefault: "this server starts one",
            "Where a worker on another machine serves the model (hadal worker --listen), instead of model."),
        .group("engine", \.engine, fallback: "engine"),
    ]

    func check(_ findings: inout Findings) {
        guard let worker else {
            if model.isEmpty { findings.add("model", "no model is given", "write 'model: /models/NAME'") }
            return
        }
        if !model.isEmpty { findings.add("model", "worker is given as well", "keep one of them") }
        if name == nil { findings.add("name", "worker needs it", "write 'name: NAME'") }
        if worker.scheme != "https" { findings.add("worker", "plain HTTP protects nothing", "write https://HOST:PORT") }
        if !engine.arguments.isEmpty {
            findings.add(
                "engine", "the worker has engine options of its own", "remove it, and give them to hadal worker")
        }
    }
}
