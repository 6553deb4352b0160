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
}
