import HadalCompute

/// What a scheduler needs to know of a model.
public struct ModelDescription: Sendable {
    /// `deepseek_v3`, `llama`, …: Hugging Face's `model_type`.
    public var architecture: String
    public var vocabularySize: Int
    public var contextLength: Int
    public var parameters: Int
    /// Bytes of weights held by the device.
    public var weightBytes: Int
}

/// A causal language model on a device: one file per architecture implements it.
public protocol LanguageModel: AnyObject, Sendable {
    var description: ModelDescription { get }
    var device: any ComputeDevice { get }
    /// The most rows a step may have; scratch buffers are allocated for them when the model loads.
    var maximumRows: Int { get }
    /// The cache this model needs, for `blocks` blocks.
    func cacheShape(blocks: Int, format: KVCacheShape.Format) -> KVCacheShape
    /// Computes one step: stores the rows' keys and values in `cache`, and gives the float32 logits of the rows named in
    /// `outputRows`, `[outputRows.count, vocabularySize]`, as a buffer that is valid until the next call.
    func forward(_ step: Step, cache: any KVCache, outputRows: [Int32]) -> Buffer
    /// Nil where the checkpoint has no layer for it, or it was not loaded.
    var predictor: (any TokenPredictor)? { get }
}

extension LanguageModel {
    public var predictor: (any TokenPredictor)? { nil }
}

/// Guesses a token further on than the model itself sees, at the cost of one layer: multi-token prediction
/// (arXiv:2412.19437, section 2.2).
public protocol TokenPredictor: AnyObject, Sendable {
    /// Computes one step of the prediction layer, whose keys and values are the last layer of `cache`.
    ///
    /// - Parameters:
    ///   - step: a row's position is that of the hidden state, its token the one that follows there.
    ///   - source: where the hidden states are: what came before this call, as it left them.
    ///   - sourceRows: of each row, in `source`.
    /// - Returns: logits of the token after the row's own, `[outputRows.count, vocabularySize]`, valid until the next call.
    func predict(
        _ step: Step, from source: PredictionSource, sourceRows: [Int32], cache: any KVCache, outputRows: [Int32]
    ) -> Buffer
}

public enum PredictionSource: Sendable {
    /// The last call of the model's `forward`.
    case model
    /// The last call of `predict`: a guess that builds on a guess.
    case prediction
}
