import Foundation
import HadalCheckpoint

/// Writes a GGUF file with random weights in the shape of a published model.
public enum SyntheticCheckpoint {
    /// - Parameter format: of the matrices; vectors and routers stay float32.
    public static func write(
        _ shape: SyntheticShape, format: TensorFormat, to path: String, progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        var writer = GGUFWriter()
        for (key, value) in shape.metadata(format: format) { writer.metadata[key] = value }
        let tensors = shape.tensors
        let matrix = try RandomBlocks(format)
        let plain = try RandomBlocks(.f32)
        let total = Double(tensors.reduce(0) { $0 + $1.shape.reduce(1, *) })
        var done = 0.0
        for tensor in tensors {
            let count = tensor.shape.reduce(1, *)
            let isPlain = tensor.isVector || tensor.shape.last! % format.blockSize != 0
            try writer.add(tensor.name, format: isPlain ? .f32 : format, shape: tensor.shape) { emit in
                switch tensor.content {
                case .random: try (isPlain ? plain : matrix).emit(count, emit)
                case .ones: try emitValues(Array(repeating: 1, count: count), emit)
                case .zeros: try emitValues(Array(repeating: 0, count: count), emit)
                case .frequencyFactors:
                    try emitValues((0..<count).map { $0 < count / 2 ? 1 : 8 }, emit)
                }
                done += Double(count)
                progress(done / total)
            }
        }
        try writer.write(to: path)
    }

    private static func emitValues(_ values: [Float], _ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        try values.withUnsafeBytes(emit)
    }
}

/// A pool of quantized random blocks that tensors of any size are cut from. Speed depends on where bytes lie, not on
/// what they say, so pieces may repeat.
private struct RandomBlocks {
    private let bytes: [UInt8]
    private let format: TensorFormat

    init(_ format: TensorFormat) throws {
        self.format = format
        var generator = SeededGenerator(state: 0x4841_4441)
        // Sums of uniform numbers are near enough to normal; 0.02 is the usual initialisation.
        let values = (0..<(1 << 20)).map { _ in
            (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &generator) } * 0.0173
        }
        bytes = try Quantizer.quantize(values, as: format)
    }

    func emit(_ count: Int, _ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        var left = format.byteCount(elements: count)
        try bytes.withUnsafeBytes { pool in
            while left > 0 {
                let piece = min(left, pool.count)
                try emit(UnsafeRawBufferPointer(rebasing: pool[..<piece]))
                left -= piece
            }
        }
    }
}

private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
