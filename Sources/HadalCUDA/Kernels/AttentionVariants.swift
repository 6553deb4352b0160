import HadalCUDAKernels

/// The same attention for different heads: which one depends on the model alone.
struct AttentionVariants: Sendable {
    /// Of keys and values.
    static let widthMax = Int(HADAL_CUDA_ATTENTION_WIDEST)
    private static let narrowMax = Int(HADAL_CUDA_ATTENTION_NARROW)

    struct Variant: Sendable {
        let kernel: CUDAKernel<hadal_attend>
        /// Query heads of one key head that a block computes together.
        let heads: Int
    }

    private let single: Variant
    private let grouped: Variant
    private let wide: Variant

    init(_ modules: CUDAModules) throws(CUDAError) {
        single = Variant(kernel: try modules.kernel("hadal_attend_1", threads: 256), heads: 1)
        grouped = Variant(kernel: try modules.kernel("hadal_attend_8", threads: 256), heads: 8)
        wide = Variant(
            kernel: try modules.kernel("hadal_attend_wide", threads: 256), heads: Int(HADAL_CUDA_ATTENTION_WIDE_HEADS))
    }

    /// - Parameters:
    ///   - group: query heads for each key head.
    ///   - width: of keys or values, whichever are wider.
    func chosen(group: Int, width: Int) -> Variant {
        precondition(width <= Self.widthMax)
        if width > Self.narrowMax { return wide }
        return group == 1 ? single : grouped
    }
}
