import Foundation
import HadalCheckpoint
import HadalModels

/// A model to plan for: one that lies on disk, or one of the catalogue.
public struct PlannedModel: Sendable {
    public let name: String
    /// Its repository or path.
    public let place: String
    public let isOnDisk: Bool
    public let shape: ModelShape
    /// As it lies there or is published.
    public let weights: ModelWeights
    /// `BF16`, `FP8`, `Q8_0`: what most of it has.
    public let format: String
    /// Whether it can be packed in FP8, which only directories of safetensors can.
    let takesFP8: Bool

    public init(_ checkpoint: Checkpoint, name: String) throws {
        self.name = name
        place = checkpoint.path
        isOnDisk = true
        shape = try ModelShape(checkpoint)
        weights = ModelWeights(checkpoint, shape: shape)
        format = Self.title(weights.mainFormat)
        takesFP8 = checkpoint.gguf == nil
    }

    public init(_ model: CatalogueModel) throws {
        name = model.name
        place = model.repository
        isOnDisk = false
        shape = try model.shape()
        weights = ModelWeights(shape, in: model.published)
        format = model.published.rawValue
        takesFP8 = true
    }

    /// FP8 has the name by which people know it.
    static func title(_ format: TensorFormat) -> String { format == .f8_E4M3 ? "FP8" : format.name }

    /// What Hadal cannot do with it yet; nil where it runs.
    var obstacle: String? {
        switch shape.attention {
        case .compressed: "Hadal has no graph of DeepSeek-V4 yet: memory and speed are those of its design"
        case .latent(let latent) where latent.indexer != nil:
            "Hadal has no graph of DeepSeek-V3.2 yet: memory and speed are those of its design"
        case .latent, .grouped: nil
        }
    }
}
