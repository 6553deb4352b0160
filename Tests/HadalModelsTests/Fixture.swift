import Foundation
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import TestSupport

/// The committed tiny models that `Scripts/make-reference.py` made.
enum Fixture {
    static let causal = [
        "llama-bf16", "llama-linear", "llama-bands", "llama-yarn", "qwen2", "qwen3-yarn", "deepseek-moe",
        "deepseek-v2-lite",
        "deepseek-v2", "deepseek-v3", "deepseek-v3-fp8",
    ]

    static func folder(_ name: String) -> URL {
        SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/\(name)")
    }

    /// The same weights under another config.json.
    static func withConfig<Result>(
        _ name: String, _ edit: (inout JSON.Object) -> Void, _ body: (Checkpoint) throws -> Result
    ) throws -> Result {
        try inTemporaryFolder { place in
            let source = folder(name)
            for file in ["model.safetensors", "modules.json", "1_Pooling"] {
                try? FileManager.default.copyItem(
                    at: source.appendingPathComponent(file), to: place.appendingPathComponent(file))
            }
            var config = try JSON(parsing: Data(contentsOf: source.appendingPathComponent("config.json"))).object!
            edit(&config)
            try Data(JSON.object(config).text.utf8).write(to: place.appendingPathComponent("config.json"))
            return try body(Checkpoint.open(place.path))
        }
    }

    /// The same weights as a GGUF file.
    static func asGGUF<Result>(
        _ name: String, _ conversion: GGUFConversion = GGUFConversion(), _ body: (Checkpoint) throws -> Result
    ) throws -> Result {
        try asGGUF(folder(name), conversion, body)
    }

    static func asGGUF<Result>(
        _ folder: URL, _ conversion: GGUFConversion, _ body: (Checkpoint) throws -> Result
    ) throws -> Result {
        try inTemporaryFolder { place in
            let path = place.appendingPathComponent("model.gguf").path
            try conversion.write(folder, to: path)
            return try body(Checkpoint.open(path))
        }
    }

    private static func inTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-models-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        return try body(place)
    }
}

func load(_ checkpoint: Checkpoint, _ set: InstructionSet? = nil, predictsFromLayers: Int? = nil) throws
    -> any LanguageModel
{
    try ModelLoader.load(
        checkpoint, device: CPUDevice(instructionSet: set ?? InstructionSet.available.last!, threads: 2),
        maximumRows: 128, predictsFromLayers: predictsFromLayers)
}
