import HadalKernels

/// Stores float32 values in the formats that checkpoints are written in.
///
/// F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 and TQ2_0 come out as ggml writes them, byte for byte. Q4_K, Q5_K, Q6_K
/// and MXFP4 are decoded by anybody, but their scales are searched for in our own way.
public enum Quantizer {
    public static let formats: [TensorFormat] = [
        .f32, .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .tq2_0, .q4_K, .q5_K, .q6_K,
        .mxfp4,
    ]

    /// - Parameter importance: how much errors in each column matter, one number for each of a row's values; formats of
    ///   less than 8 bits then take the scales with the least weighted squared error.
    /// - Throws: `CheckpointError.encoding` for other formats and where `values` are no whole number of blocks, or no whole
    ///   rows of them. The values of a row must be that, too; without `importance` only the caller knows the rows.
    public static func quantize(
        _ values: [Float], as format: TensorFormat, importance: [Float]? = nil
    ) throws(CheckpointError) -> [UInt8] {
        guard formats.contains(format) else { throw .encoding(format: format, problem: "cannot be written") }
        guard values.count % format.blockSize == 0 else {
            throw .encoding(format: format, problem: "\(values.count) values are no multiple of \(format.blockSize)")
        }
        if let columns = importance?.count,
            columns == 0 || columns % format.blockSize != 0 || values.count % columns != 0
        {
            throw .encoding(format: format, problem: "\(values.count) values are no rows of \(columns)")
        }
        let size = format.byteCount(elements: values.count)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            if let start = buffer.baseAddress {
                values.withUnsafeBufferPointer { quantize($0, as: format, importance: importance, into: start) }
            }
            initialized = size
        }
    }

    /// The same, where the format and the number of values are known to fit.
    static func quantize(
        _ values: UnsafeBufferPointer<Float>, as format: TensorFormat, importance: [Float]?,
        into target: UnsafeMutablePointer<UInt8>
    ) {
        precondition(formats.contains(format) && values.count % format.blockSize == 0)
        guard let start = values.baseAddress else { return }
        if let importance {
            precondition(values.count % importance.count == 0)
            hadal_quantize_weighted(format.rawValue, start, importance, importance.count, target, values.count)
        } else {
            hadal_quantize(format.rawValue, start, target, values.count)
        }
    }
}
