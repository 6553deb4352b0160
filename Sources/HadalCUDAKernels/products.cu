// Products with weights for up to 32 rows a block (products.cuh), and the rounding of rows before them.
#include "products.cuh"

// A block for each row.
HADAL_KERNEL(hadal_round_rows, hadal_round_rows, 1024) {
    __shared__ float shared[32];
    int64_t row = blockIdx.x;
    const float *x = a.x + (a.indices ? a.indices[row] : row) * a.x_stride;
    float peak = 0;
    for (int i = (int)threadIdx.x; i < a.width; i += 1024) peak = fmaxf(peak, fabsf(x[i]));
    RowFactor factor = row_factor(largest_of_block(peak, 32, shared));
    if (threadIdx.x == 0) a.factors[row] = factor.factor;
    for (int block = warp_index(); block * 32 < a.width; block += 32) {
        int i = block * 32 + lane_index();
        uint16_t rounded = i < a.width ? float_to_half(x[i] * factor.inverse) : 0;
        if (i < a.width) a.rounded[row * a.width + i] = rounded;
        if (!a.sums) continue;
        float sum = sum_of_warp(half_to_float(rounded));
        if (lane_index() == 0) a.sums[row * (a.width / 32) + block] = sum;
    }
}

template <int TILES> HADAL_INLINE void product(const hadal_product &a, float *partial) {
    RowTile tile = row_tile(a, 8 * TILES);
    if (tile.member < 0) return;
    ProductJob<RoundedRows> job = product_job(a, tile, (int)blockIdx.x * 16);
    if (a.weight.format == HADAL_CUDA_F32) return multiply_float_rows(job, a.x, a.x_stride, 8 * TILES);
    multiply_rows<TILES>(job, partial);
}

HADAL_KERNEL(hadal_product_8_rows, hadal_product, 256) {
    __shared__ float partial[partial_count<1>];
    product<1>(a, partial);
}

HADAL_KERNEL(hadal_product_32_rows, hadal_product, 256) {
    __shared__ float partial[partial_count<4>];
    product<4>(a, partial);
}
