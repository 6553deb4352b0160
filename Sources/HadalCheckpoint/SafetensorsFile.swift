import HadalJSON

/// A safetensors file: eight bytes of header length, a JSON header, the data
/// (https://github.com/huggingface/safetensors#format). As strict as the reference library: the tensors cover the data
/// without gap or overlap.
public struct SafetensorsFile: Sendable {
    public let path: String
    /// `__metadata__`, in the file's order.
    public let metadata: [(key: String, value: String)]
    /// In the order of their data. FP8 weights carry their `weight_scale_inv`, which is no tensor of its own then.
    public let tensors: [Tensor]

    /// The reference library's limit.
    static let headerLengthMax = 100_000_000
    /// A header nests two deep.
    static let headerDepthMax = 8

    public static func open(path: String) throws(CheckpointError) -> SafetensorsFile {
        try SafetensorsFile(FileOpener.plain.open(path))
    }

    /// The same from a file mapped already, or from memory.
    public static func parse(_ file: MappedFile) throws(CheckpointError) -> SafetensorsFile {
        try SafetensorsFile(file)
    }

    init(_ file: MappedFile) throws(CheckpointError) {
        let header = try SafetensorsHeader(file)
        path = file.path
        metadata = header.metadata
        tensors = try BlockScales.attach(header.tensors)
    }
}
