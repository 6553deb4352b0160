// Products with a weight for each head (products.cuh), of float32 rows that are rounded as they are read.
#include "products.cuh"

template <int TILES> HADAL_INLINE void product_per_head(const hadal_product_per_head &a, float *partial) {
    __shared__ float factors[8 * TILES], inverses[8 * TILES];
    int first_row = (int)blockIdx.y * 8 * TILES, member = (int)blockIdx.z;
    int end = first_row + 8 * TILES < a.rows ? first_row + 8 * TILES : a.rows;
    const float *x = a.x + (int64_t)member * a.x_head_stride;
    bool isRounded = a.weight.format != HADAL_CUDA_F32;
    ProductOutput output = {
        a.out + (int64_t)member * a.out_head_stride, nullptr, isRounded ? factors : nullptr, first_row, a.out_stride, a.rows,
        a.weight.outputs, false};
    bool isAligned = (uint64_t)x % 16 == 0 && a.x_stride % 4 == 0;
    FloatRows rows = {x, a.x_stride, a.rows, a.weight.inputs, isAligned, inverses, first_row};
    ProductJob<FloatRows> job = {a.weight, member, (int)blockIdx.x * 16, rows, nullptr, first_row, output};
    if (!isRounded) return multiply_float_rows(job, x, a.x_stride, 8 * TILES);
    find_factors(x, a.x_stride, first_row, end, a.weight.inputs, factors, inverses);
    multiply_rows<TILES, HalfTurn>(job, partial);
}

HADAL_KERNEL(hadal_product_per_head_8_rows, hadal_product_per_head, 256) {
    __shared__ float partial[partial_count<1>];
    product_per_head<1>(a, partial);
}

HADAL_KERNEL(hadal_product_per_head_64_rows, hadal_product_per_head, 256) {
    __shared__ float partial[partial_count<8>];
    product_per_head<8>(a, partial);
}
