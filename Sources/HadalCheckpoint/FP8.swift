import Dispatch
import HadalJSON
import HadalKernels

/// DeepSeek-V3's FP8 (arXiv:2412.19437, section 3.3): matrices in E4M3 with a float32 factor for each 128×128 block. Only
/// safetensors files have it.
enum FP8 {
    static let factorsSuffix = "_scale_inv"

    /// For `config.json`, as DeepSeek's own checkpoints have it.
    static let configuration = JSON.object(
        .init([
            ("activation_scheme", .string("dynamic")), ("fmt", .string("e4m3")), ("quant_method", .string("fp8")),
            ("weight_block_size", .array([.int(128), .int(128)])),
        ]))

    /// - Parameter values: whole rows of a matrix, beginning at a block.
    /// - Returns: bytes as the values lie, and factors `[⌈rows/128⌉, ⌈columns/128⌉]`.
    static func quantize(_ values: [Float], columns: Int) -> (bytes: [UInt8], factors: [Float]) {
        let side = Tensor.BlockScale.side
        let rows = values.count / columns
        let bands = (rows + side - 1) / side
        let blocks = (columns + side - 1) / side
        var bytes = [UInt8](repeating: 0, count: values.count)
        var factors = [Float](repeating: 0, count: bands * blocks)
        values.withUnsafeBufferPointer { values in
            bytes.withUnsafeMutableBufferPointer { bytes in
                factors.withUnsafeMutableBufferPointer { factors in
                    nonisolated(unsafe) let (source, target, scales) = (
                        values.baseAddress!, bytes.baseAddress!, factors.baseAddress!
                    )
                    DispatchQueue.concurrentPerform(iterations: bands) { band in
                        let first = band * side * columns
                        hadal_quantize_e4m3_band(
                            source + first, min(side, rows - band * side), columns, side, target + first,
                            scales + band * blocks)
                    }
                }
            }
        }
        return (bytes, factors)
    }
}

extension Packer {
    /// All tensors in one safetensors file, under their own names.
    func writeFP8(to path: String, _ progress: ((Double) -> Void)?) throws {
        /// A matrix's factors, which are known when it has been written.
        final class Factors { var values: [Float] = [] }
        var writer = SafetensorsWriter()
        let total = Double(max(1, bytesBefore))
        var done = 0
        for part in parts {
            let tensor = part.tensor
            let factors = Factors()
            try writer.add(tensor.name, format: part.format, shape: tensor.shape) { emit in
                if part.format != .f8_E4M3 {
                    try convert(part, emit)
                } else if tensor.format == .f8_E4M3, let scale = tensor.blockScale {
                    try emit(tensor.data)
                    factors.values = scale.values
                } else {
                    for piece in try Packer.pieces(tensor) {
                        let (bytes, own) = FP8.quantize(piece.dequantized(), columns: tensor.columns)
                        try bytes.withUnsafeBytes(emit)
                        factors.values += own
                    }
                }
                done += tensor.data.count
                progress?(Double(done) / total)
            }
            guard part.format == .f8_E4M3, let shape = tensor.blockScaleShape else { continue }
            try writer.add(tensor.name + FP8.factorsSuffix, format: .f32, shape: shape) { emit in
                try factors.values.withUnsafeBytes(emit)
            }
        }
        try writer.write(to: path)
    }
}
