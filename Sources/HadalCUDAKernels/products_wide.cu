// Products with weights for many rows: 128 outputs of 64 rows a block (tiles.cuh).
#include "tiles.cuh"

HADAL_KERNEL(hadal_product_wide_64_rows, hadal_product, 256) {
    __shared__ StageMemory<4> memory;
    RowTile tile = row_tile(a, 64);
    if (tile.member < 0) return;
    ProductJob<RoundedRows> job = product_job(a, tile, (int)blockIdx.x * many_outputs);
    switch (a.weight.format) {
    case HADAL_CUDA_F16: return multiply_many<4, HalfTurn>(job, &memory);
    case HADAL_CUDA_Q8: return multiply_many<4, Q8Turn>(job, &memory);
    case HADAL_CUDA_Q4: return multiply_many<4, Q4Turn>(job, &memory);
    case HADAL_CUDA_FP8: return multiply_many<4, Fp8Turn>(job, &memory);
    case HADAL_CUDA_MXFP4: return multiply_many<4, Mxfp4Turn>(job, &memory);
    }
}
