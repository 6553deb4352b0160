/// A model to serve.
public struct ModelSettings: SettingsSection {
    /// nil: after its file or directory.
    public var name: String?
    public var model = ""
    /// What differs from the engine options for all.
    public var engine = EngineOptions()

    public init() {}

    static let entries: [Entry<ModelSettings>] = [
        .setting(
            "name", \.name, .given(.text("name", example: "deepseek-r1")), .restart,
            shownDefault: "after its file or directory", "What requests call it."),
        .setting(
            "model", \.model, .model, .restart, shownDefault: "must be given",
            "A name (guide), a directory with config.json and safetensors, or a .gguf file. Paths begin with / or ./"),
        .group("engine", \.engine, fallback: "engine"),
    ]

    func check(_ findings: inout Findings) {
        if model.isEmpty { findings.add("model", "no model is given", "write 'model: /models/NAME'") }
    }
}
