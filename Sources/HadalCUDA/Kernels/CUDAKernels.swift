import HadalCUDAKernels

/// The kernels of `hadal_cuda.h`.
struct CUDAKernels: Sendable {
    let embed: CUDAKernel<hadal_embed>
    let gather: CUDAKernel<hadal_gather>
    let rmsNorm: CUDAKernel<hadal_rms_norm>
    let layerNorm: CUDAKernel<hadal_layer_norm>
    let copy: CUDAKernel<hadal_copy>
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
    let product: RowVariants<hadal_product>
    let productPerHead: RowVariants<hadal_product_per_head>
    let route: CUDAKernel<hadal_route>
    let sortByExpert: CUDAKernel<hadal_sort_by_expert>
    let expertProduct: RowVariants<hadal_expert_product>
    let expertCombine: CUDAKernel<hadal_expert_combine>
    private let modules: CUDAModules

    init(_ modules: CUDAModules) throws(CUDAError) {
        self.modules = modules
        embed = try modules.kernel("hadal_embed", threads: 256)
        gather = try modules.kernel("hadal_gather", threads: 256)
        rmsNorm = try modules.kernel("hadal_rms_norm", threads: 256)
        layerNorm = try modules.kernel("hadal_layer_norm", threads: 256)
        copy = try modules.kernel("hadal_copy", threads: 256)
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
        roundRows = try modules.kernel("hadal_round_rows", threads: 256)
        product = try RowVariants("hadal_product", tiles: [1, 2, 4, 8], modules)
        productPerHead = try RowVariants("hadal_product_per_head", tiles: [1, 8], modules)
        route = try modules.kernel("hadal_route", threads: 32)
        sortByExpert = try modules.kernel("hadal_sort_by_expert", threads: 256)
        expertProduct = try RowVariants("hadal_expert_product", tiles: [1, 2, 4, 8], modules)
        expertCombine = try modules.kernel("hadal_expert_combine", threads: 256)
    }
}
