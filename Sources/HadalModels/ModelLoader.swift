import HadalCheckpoint
import HadalCompute

/// Chooses the architecture and loads its weights.
public enum ModelLoader {
    /// Hugging Face's `model_type` and GGUF's `general.architecture` of what can be run.
    static let architectures = causal + encoders
    private static let causal = ["llama", "qwen2", "qwen3", "deepseek", "deepseek2", "deepseek_v2", "deepseek_v3"]
    private static let encoders = ["bert", "roberta", "xlm-roberta"]

    /// Whether a checkpoint makes embeddings (`loadEncoder`) rather than text (`load`).
    public static func isEncoder(_ checkpoint: Checkpoint) -> Bool {
        (try? Settings(checkpoint)).map { encoders.contains($0.architecture) } ?? false
    }

    /// - Parameter maximumRows: the most rows a step may have; scratch is allocated for them.
    /// - Parameter predictsFromLayers: the fewest layers of a model whose layer for multi-token prediction is loaded too, where
    ///   the checkpoint has one; nil: none is.
    /// - Parameter progress: called with 0…1 as layers are loaded.
    /// - Throws: `ModelError`, `CheckpointError` or `ComputeError`.
    public static func load(
        _ checkpoint: Checkpoint, device: any ComputeDevice, maximumRows: Int = 512, predictsFromLayers: Int? = nil,
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> any LanguageModel {
        precondition(maximumRows > 0)
        return try located(checkpoint, device: device) { settings, weights in
            let (experts, others) = weights.matrices
            try device.expect(experts: experts, others: others)
            let report = LoadProgress(progress)
            switch settings.architecture {
            case "llama", "qwen2", "qwen3", "deepseek":
                return try LlamaModel(weights, settings, maximumRows: maximumRows, progress: report)
            case "deepseek2", "deepseek_v2", "deepseek_v3":
                return try DeepSeekModel(
                    weights, settings, maximumRows: maximumRows, predictsFromLayers: predictsFromLayers,
                    progress: report)
            // DeepSeek-V3.2 and V4 go here, one file each.
            case "deepseek32", "deepseek_v32", "deepseek4", "deepseek_v4":
                throw ModelError.laterArchitecture(settings.architecture)
            case let name where encoders.contains(name):
                throw ModelError.wrongKind(architecture: name, isEncoder: true)
            default:
                throw ModelError.unknownArchitecture(settings.architecture)
            }
        }
    }

    /// - Parameter maximumRows: the most tokens that are computed together; a text cannot be longer. By default as many
    ///   as the model has positions, and at least 512.
    /// - Throws: `ModelError`, `CheckpointError` or `ComputeError`.
    public static func loadEncoder(
        _ checkpoint: Checkpoint, device: any ComputeDevice, maximumRows: Int? = nil,
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> any TextEncoder {
        precondition(maximumRows ?? 1 > 0)
        return try located(checkpoint, device: device) { settings, weights in
            guard encoders.contains(settings.architecture) else {
                throw causal.contains(settings.architecture)
                    ? ModelError.wrongKind(architecture: settings.architecture, isEncoder: false)
                    : ModelError.unknownArchitecture(settings.architecture)
            }
            let pooling = try Pooling(checkpoint, settings)
            return try BertEncoder(
                weights, settings, pooling: pooling, maximumRows: maximumRows, progress: LoadProgress(progress))
        }
    }

    /// Names the checkpoint in `body`'s errors.
    private static func located<Model>(
        _ checkpoint: Checkpoint, device: any ComputeDevice, _ body: (Settings, Weights) throws -> Model
    ) throws -> Model {
        do {
            return try body(Settings(checkpoint), Weights(checkpoint, device: device))
        } catch let error as ModelError {
            throw ModelError.inCheckpoint(checkpoint.path, error)
        }
    }
}

/// Reports how much of a model is loaded.
struct LoadProgress {
    private let report: (@Sendable (Double) -> Void)?

    init(_ report: (@Sendable (Double) -> Void)?) { self.report = report }

    func report(_ done: Int, of total: Int) { report?(Double(done) / Double(total)) }
}
