/// One tensor of a checkpoint: a checked view into a memory-mapped file.
public struct Tensor: Sendable {
    public let name: String
    public let format: TensorFormat
    /// Outermost dimension first, as in PyTorch: a linear layer's weight is `[outputs, inputs]`.
    public let shape: [Int]
    /// Lies inside the mapping of `file`; its length is exactly what `format` and `shape` ask for.
    public let data: UnsafeRawBufferPointer
    /// Keeps the mapping alive.
    public let file: MappedFile
    /// DeepSeek's FP8 checkpoints: one float32 factor (`weight_scale_inv`) for each 128×128 block of the weight,
    /// shape `[⌈outputs/128⌉, ⌈inputs/128⌉]`.
    public let blockScale: BlockScale?

    public struct BlockScale: Sendable {
        public let rows: Int
        public let columns: Int
        public let values: [Float]
    }
}
