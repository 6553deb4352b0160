import HadalCUDAKernels
import HadalCheckpoint

/// How a matrix lies in the card's memory (`hadal_cuda_format`).
enum CUDAWeightFormat: Sendable, Hashable {
    case f32, f16, q8, q4, fp8, mxfp4

    /// Numbers that share a scale; of FP8 a side of the block.
    static let (block, side) = (32, Tensor.BlockScale.side)

    var code: Int32 {
        switch self {
        case .f32: Int32(HADAL_CUDA_F32.rawValue)
        case .f16: Int32(HADAL_CUDA_F16.rawValue)
        case .q8: Int32(HADAL_CUDA_Q8.rawValue)
        case .q4: Int32(HADAL_CUDA_Q4.rawValue)
        case .fp8: Int32(HADAL_CUDA_FP8.rawValue)
        case .mxfp4: Int32(HADAL_CUDA_MXFP4.rawValue)
        }
    }

    /// Fewer than 16 bits a number.
    var isQuantized: Bool { self != .f32 && self != .f16 }

    /// The one that keeps a tensor's numbers as they are, or, of what the kernels do not read, float16; float32 where the inputs are
    /// no whole registers of it. Bfloat16 becomes float16 too: the matrix units multiply either with either's like at one speed, and
    /// rows rounded to float16 are eight times closer than to bfloat16, whose error in a model's logits is 2 % (`WeightRange` tells
    /// what does not fit).
    init(_ tensor: Tensor) {
        let inputs = tensor.columns
        let exact: CUDAWeightFormat? =
            switch tensor.format {
            case .f32, .f64, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .bool: .f32
            // Panels are the processor's layout: their numbers are read one by one.
            case _ where tensor.layout == .panels: nil
            case .q8_0: .q8
            case .q4_0, .q4_1, .q4_K: .q4
            case .mxfp4: .mxfp4
            case .f8_E4M3: inputs % Self.block == 0 ? .fp8 : nil
            default: nil
            }
        self = exact ?? Self.widened(inputs)
    }

    /// For quantised matrices that have to be alike and are not.
    static func widened(_ inputs: Int) -> CUDAWeightFormat { inputs % 16 == 0 ? .f16 : .f32 }

    /// Whether matrices of so many outputs can follow one another in a weight.
    func canBeFollowed(outputs: Int) -> Bool { self != .fp8 || outputs % Self.side == 0 }

    /// Bytes of one output's numbers, of its scales, and of its minimums. FP8's scales are shared by outputs (`fp8ScaleBytes`).
    func rowBytes(_ inputs: Int) -> (values: Int, scales: Int, minimums: Int) {
        switch self {
        case .f32: (4 * inputs, 0, 0)
        case .f16: (2 * inputs, 0, 0)
        case .q8: (inputs, inputs / Self.block * 2, 0)
        case .q4: (inputs / 2, inputs / Self.block * 2, inputs / Self.block * 2)
        case .fp8: (inputs, 0, 0)
        case .mxfp4: (inputs / 2, inputs / Self.block, 0)
        }
    }

    /// Of one matrix, of all its outputs together.
    func scaleBytes(outputs: Int, inputs: Int) -> Int {
        self == .fp8 ? 4 * Self.fp8Scales(outputs: outputs, inputs: inputs) : outputs * rowBytes(inputs).scales
    }

    static func fp8Scales(outputs: Int, inputs: Int) -> Int {
        (outputs + side - 1) / side * ((inputs + side - 1) / side)
    }
}
