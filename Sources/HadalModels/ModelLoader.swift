import HadalCheckpoint
import HadalCompute

/// Chooses the architecture and loads its weights.
public enum ModelLoader {
    /// Hugging Face's `model_type` and GGUF's `general.architecture` of the causal models that can be run.
    static let architectures = [
        "llama", "qwen2", "qwen3", "deepseek", "deepseek2", "deepseek_v2", "deepseek_v3",
    ]

    /// - Parameter maximumRows: the most rows a step may have; scratch is allocated for them.
    /// - Parameter progress: called with 0…1 as layers are loaded.
    /// - Throws: `ModelError`, `CheckpointError` or `ComputeError`.
    public static func load(
        _ checkpoint: Checkpoint, device: any ComputeDevice, maximumRows: Int = 512,
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> any LanguageModel {
        precondition(maximumRows > 0)
        let settings = try Settings(checkpoint)
        let report = LoadProgress(progress)
        switch settings.architecture {
        case "llama", "qwen2", "qwen3", "deepseek":
            return try LlamaModel(checkpoint, settings, device: device, maximumRows: maximumRows, progress: report)
        case "deepseek2", "deepseek_v2", "deepseek_v3":
            return try DeepSeekModel(checkpoint, settings, device: device, maximumRows: maximumRows, progress: report)
        // DeepSeek-V3.2 and V4 go here, one file each.
        case "deepseek32", "deepseek_v32", "deepseek4", "deepseek_v4":
            throw ModelError.laterArchitecture(settings.architecture)
        default:
            throw ModelError.unknownArchitecture(settings.architecture)
        }
    }

    static let encoders = ["bert", "xlm-roberta"]

    /// Whether a checkpoint is a text encoder, which gives vectors instead of text.
    public static func isEncoder(_ checkpoint: Checkpoint) -> Bool {
        guard let settings = try? Settings(checkpoint) else { return false }
        return encoders.contains(settings.architecture)
    }

    /// - Throws: `ModelError`, `CheckpointError` or `ComputeError`.
    public static func loadEncoder(_ checkpoint: Checkpoint, device: any ComputeDevice) throws -> any TextEncoder {
        let settings = try Settings(checkpoint)
        guard encoders.contains(settings.architecture) else {
            throw ModelError.noEncoder(settings.architecture)
        }
        return try BertModel(checkpoint, settings, device: device)
    }
}

struct LoadProgress {
    private let report: (@Sendable (Double) -> Void)?

    init(_ report: (@Sendable (Double) -> Void)?) { self.report = report }

    func report(_ done: Int, of total: Int) { report?(Double(done) / Double(total)) }
}

extension Checkpoint {
    var parameterCount: Int { tensors.values.reduce(0) { $0 + $1.count } }
}
