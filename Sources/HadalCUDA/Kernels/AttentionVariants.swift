import HadalCUDAKernels
import HadalCompute

/// The same attention for different heads: which one depends on the model alone.
struct AttentionVariants: Sendable {
    /// Of keys and values.
    static let widthMax = Int(HADAL_CUDA_ATTENTION_WIDEST)
    private static let narrowMax = Int(HADAL_CUDA_ATTENTION_NARROW)

    struct Variant: Sendable {
        let kernel: CUDAKernel<hadal_attend>
        /// Query heads of one key head that a block computes together.
        var heads: Int
        /// And rows, which does not change their bits.
        var rows = 1
    }

    private let single: Variant
    private let several: Variant
    private let wide: Variant
    /// On the matrix units, with queries and the softmax's weights as float16.
    private let latent: Variant
    private let grouped: Variant

    init(_ modules: CUDAModules) throws(CUDAError) {
        single = Variant(kernel: try modules.kernel("hadal_attend_1", threads: 256), heads: 1)
        several = Variant(kernel: try modules.kernel("hadal_attend_8", threads: 256), heads: 8)
        wide = Variant(
            kernel: try modules.kernel("hadal_attend_wide", threads: 256), heads: Int(HADAL_CUDA_ATTENTION_WIDE_HEADS))
        latent = Variant(
            kernel: try modules.kernel("hadal_attend_latent", threads: 256), heads: Int(HADAL_CUDA_LATENT_HEADS))
        grouped = Variant(kernel: try modules.kernel("hadal_attend_grouped", threads: 256), heads: 1)
    }

    /// - Parameters:
    ///   - group: query heads for each key head.
    ///   - rows: of a sequence in this step.
    ///   - isExact: whether nothing may be rounded.
    func chosen(_ cache: KVCacheShape, valueWidth: Int, group: Int, rows: Int, isExact: Bool) -> Variant {
        if !isExact, takesLatent(cache, valueWidth: valueWidth) { return latent }
        let width = max(cache.keyWidth, valueWidth)
        precondition(width <= Self.widthMax)
        if width > Self.narrowMax { return wide }
        if !isExact, takesGroups(cache, group) {
            var variant = grouped
            variant.heads = group
            variant.rows = max(1, min(rows, Self.queriesMax / group))
            return variant
        }
        return group == 1 ? single : several
    }

    private static let queriesMax = Int(HADAL_CUDA_GROUPED_QUERIES)

    private func takesGroups(_ cache: KVCacheShape, _ group: Int) -> Bool {
        cache.valueWidth > 0 && cache.format == .f16 && cache.keyWidth % 32 == 0 && cache.valueWidth % 32 == 0
            && group <= Self.queriesMax
    }

    private func takesLatent(_ cache: KVCacheShape, valueWidth: Int) -> Bool {
        cache.valueWidth == 0 && cache.keyValueHeads == 1 && cache.format == .f16
            && cache.keyWidth % 64 == 0 && cache.keyWidth <= Int(HADAL_CUDA_LATENT_WIDEST)
            && valueWidth % 16 == 0 && valueWidth <= Int(HADAL_CUDA_LATENT_VALUES)
    }
}
