import HadalCUDAKernels

/// The kernels of `hadal_cuda.h`.
struct CUDAKernels: Sendable {
    let embed: CUDAKernel<hadal_embed>
    let gather: CUDAKernel<hadal_gather>
    let rmsNorm: CUDAKernel<hadal_rms_norm>
    let layerNorm: CUDAKernel<hadal_layer_norm>
    let copy: CUDAKernel<hadal_copy>
    let likeliest: CUDAKernel<hadal_likeliest>
    let gatedSiLU: CUDAKernel<hadal_gated_silu>
    let gelu: CUDAKernel<hadal_elements>
    let tanh: CUDAKernel<hadal_elements>
    let add: CUDAKernel<hadal_elements>
    let angles: CUDAKernel<hadal_angles>
    let rotate: CUDAKernel<hadal_rotate>
    let store: CUDAKernel<hadal_store>
    let attend: AttentionVariants
    let attendCombine: CUDAKernel<hadal_attend>
    let attendWithin: CUDAKernel<hadal_attend_within>
    let roundRows: CUDAKernel<hadal_round_rows>
    let product: ProductVariants<hadal_product>
    let productPerHead: ProductVariants<hadal_product_per_head>
    let route: CUDAKernel<hadal_route>
    let sortByExpert: CUDAKernel<hadal_sort_by_expert>
    let expertCombine: CUDAKernel<hadal_expert_combine>
    private let modules: CUDAModules

    init(_ modules: CUDAModules) throws(CUDAError) {
        self.modules = modules
        embed = try modules.kernel("hadal_embed", threads: 256)
        gather = try modules.kernel("hadal_gather", threads: 256)
        rmsNorm = try modules.kernel("hadal_rms_norm", threads: 256)
        layerNorm = try modules.kernel("hadal_layer_norm", threads: 256)
        copy = try modules.kernel("hadal_copy", threads: 256)
        likeliest = try modules.kernel("hadal_likeliest", threads: 256)
        gatedSiLU = try modules.kernel("hadal_gated_silu", threads: 256)
        gelu = try modules.kernel("hadal_gelu", threads: 256)
        tanh = try modules.kernel("hadal_tanh", threads: 256)
        add = try modules.kernel("hadal_add", threads: 256)
        angles = try modules.kernel("hadal_angles", threads: 256)
        rotate = try modules.kernel("hadal_rotate", threads: 256)
        store = try modules.kernel("hadal_store", threads: 128)
        attend = try AttentionVariants(modules)
        attendCombine = try modules.kernel("hadal_attend_combine", threads: 128)
        attendWithin = try modules.kernel("hadal_attend_within", threads: 256)
        roundRows = try modules.kernel("hadal_round_rows", threads: 1024)
        product = try ProductVariants("hadal_product", heights: [8, 32, 64], wide: [128, 64], modules)
        productPerHead = try ProductVariants("hadal_product_per_head", heights: [8, 64], modules)
        route = try modules.kernel("hadal_route", threads: 32)
        sortByExpert = try modules.kernel("hadal_sort_by_expert", threads: 256)
        expertCombine = try modules.kernel("hadal_expert_combine", threads: 256)
    }
}
