// Products with weights (products.cuh), for 8, 16, 32 or 64 rows a block, or many (tiles.cuh), and the rounding of rows before them.
#include "tiles.cuh"

// A block for each 2048 numbers of a row: 8 warps with 8 blocks of 32.
HADAL_KERNEL(hadal_round_rows, hadal_round_rows, 256) {
    int64_t row = blockIdx.y, from = a.indices ? a.indices[row] : row;
    for (int i = 0; i < 8; i++) {
        int column = (int)blockIdx.x * 2048 + (warp_index() * 8 + i) * 32 + lane_index();
        if (column - lane_index() >= a.width) return;
        float value = column < a.width ? a.x[from * a.x_stride + column] : 0.0f;
        uint32_t rounded = pack_bfloat16(value, 0.0f);
        if (column < a.width) a.rounded[row * a.width + column] = (uint16_t)rounded;
        if (!a.sums) continue;
        float sum = sum_of_warp(__uint_as_float(rounded << 16));
        if (lane_index() == 0) a.sums[row * (a.width / 32) + column / 32] = sum;
    }
}

template <int TILES> HADAL_INLINE void product(const hadal_product &a, float *partial) {
    int first_output = (int)blockIdx.x * 16, first_row = (int)blockIdx.y * 8 * TILES;
    ProductOutput output = {a.out, a.bias, a.out_stride, a.rows, a.weight.outputs, a.accumulates != 0};
    if (a.weight.format == HADAL_CUDA_F32)
        return multiply_float_rows(a.weight, 0, first_output, a.x, a.x_stride, first_row, 8 * TILES, output);
    RoundedRows rows = {a.rounded, a.rounded_stride, a.rows, a.weight.inputs};
    multiply_any<TILES>(a.weight, 0, first_output, rows, a.sums, first_row, output, partial);
}

HADAL_KERNEL(hadal_product_1, hadal_product, 256) {
    __shared__ float partial[partial_count<1>];
    product<1>(a, partial);
}

HADAL_KERNEL(hadal_product_2, hadal_product, 256) {
    __shared__ float partial[partial_count<2>];
    product<2>(a, partial);
}

HADAL_KERNEL(hadal_product_4, hadal_product, 256) {
    __shared__ float partial[partial_count<4>];
    product<4>(a, partial);
}

HADAL_KERNEL(hadal_product_8, hadal_product, 256) {
    __shared__ float partial[partial_count<8>];
    product<8>(a, partial);
}

HADAL_INLINE ManyJob many_job(const hadal_product &a, int rows_a_block) {
    RoundedRows rows = {a.rounded, a.rounded_stride, a.rows, a.weight.inputs};
    ProductOutput output = {a.out, a.bias, a.out_stride, a.rows, a.weight.outputs, a.accumulates != 0};
    return {a.weight, 0, (int)blockIdx.x * many_outputs, rows, a.sums, (int)blockIdx.y * rows_a_block, output};
}

HADAL_KERNEL(hadal_product_64_rows, hadal_product, 256) {
    __shared__ StageMemory<4> memory;
    multiply_64_rows(many_job(a, 64), memory);
}

// Of BF16 only: scales would need registers that 128 rows do not leave.
HADAL_KERNEL(hadal_product_128_rows, hadal_product, 256) {
    __shared__ StageMemory<8> memory;
    multiply_many<8, Bfloat16Turn>(many_job(a, 128), &memory);
}

template <int TILES> HADAL_INLINE void product_per_head(const hadal_product_per_head &a, float *partial) {
    int first_output = (int)blockIdx.x * 16, first_row = (int)blockIdx.y * 8 * TILES, member = (int)blockIdx.z;
    const float *x = a.x + (int64_t)member * a.x_head_stride;
    float *out = a.out + (int64_t)member * a.out_head_stride;
    ProductOutput output = {out, nullptr, a.out_stride, a.rows, a.weight.outputs, false};
    if (a.weight.format == HADAL_CUDA_F32)
        return multiply_float_rows(a.weight, member, first_output, x, a.x_stride, first_row, 8 * TILES, output);
    bool isAligned = (uint64_t)x % 16 == 0 && a.x_stride % 4 == 0;
    FloatRows rows = {x, a.x_stride, a.rows, a.weight.inputs, isAligned};
    multiply_rows<TILES, Bfloat16Turn>(a.weight, member, first_output, rows, nullptr, first_row, output, partial);
}

HADAL_KERNEL(hadal_product_per_head_1, hadal_product_per_head, 256) {
    __shared__ float partial[partial_count<1>];
    product_per_head<1>(a, partial);
}

HADAL_KERNEL(hadal_product_per_head_8, hadal_product_per_head, 256) {
    __shared__ float partial[partial_count<8>];
    product_per_head<8>(a, partial);
}
