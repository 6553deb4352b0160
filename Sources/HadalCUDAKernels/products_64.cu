// Products with weights for 64 rows a block: those of few blocks (products.cuh) and of many (tiles.cuh).
#include "tiles.cuh"

HADAL_KERNEL(hadal_product_64_rows, hadal_product, 256) {
    __shared__ float partial[partial_count<8>];
    RowTile tile = row_tile(a, 64);
    if (tile.member < 0) return;
    ProductJob<RoundedRows> job = product_job(a, tile, (int)blockIdx.x * 16);
    if (a.weight.format == HADAL_CUDA_F32) return multiply_float_rows(job, a.x, a.x_stride, 64);
    multiply_rows<8>(job, partial);
}

// Of F16 only: scales would need registers that 128 rows do not leave.
HADAL_KERNEL(hadal_product_wide_128_rows, hadal_product, 256) {
    __shared__ StageMemory<8> memory;
    RowTile tile = {0, (int)blockIdx.y * 128, a.rows};
    multiply_many<8, HalfTurn>(product_job(a, tile, (int)blockIdx.x * many_outputs), &memory);
}
