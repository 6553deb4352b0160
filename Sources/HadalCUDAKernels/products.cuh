// Products of rows with a weight, whose order of sums depends on the weight's shape alone.
//
// A block computes 16 outputs of 8 · TILES rows. Its 8 warps take the inputs in turns of 128: warp w has turns w, w + 8,
// w + 16 …, each a chain of products into the warp's own sums, and the 8 sums are added in the order of warps. With one
// row or 64 a row's numbers meet in the same order in the same instructions, so its bits are the same.
//
// Few rows: the weight is read once, each lane with up to 16 loads of a turn and the next under way (F16: 64 KiB in flight
// on a multiprocessor with two blocks), so that time is weight bytes over bandwidth. Many rows: `2 · rows · outputs · inputs`
// operations; a weight's fragment, once unpacked, serves 64 rows.
#pragma once
#include "activations.cuh"
#include "blocks.cuh"
#include "weights.cuh"

constexpr int product_warps = 8;

// Where results go. `bias` may be null, and `factors`, by which rows from `first_factor` on were scaled.
struct ProductOutput {
    float *out;
    const float *bias, *factors;
    int first_factor, stride, rows, outputs;
    bool accumulates;

    __device__ __forceinline__ void put(int row, int output, float value) const {
        if (row >= rows || output >= outputs) return;
        if (factors) value *= factors[row - first_factor];
        if (bias) value += bias[output];
        float *place = out + (int64_t)row * stride + output;
        *place = accumulates ? *place + value : value;
    }
};

// Rows of one member of a weight. There are none where `member` is -1.
struct RowTile {
    int member, first_row, end_row;
};

// The `wanted`-th tile of `height` rows, counted through the experts that have rows.
HADAL_INLINE RowTile find_tile(const int32_t *starts, int experts, int height, int wanted) {
    __shared__ RowTile found;
    __shared__ int shared[9];
    if (threadIdx.x == 0) found = {-1, 0, 0};
    int before = 0;
    for (int first = 0; first < experts; first += 256) {
        int expert = first + (int)threadIdx.x, begin = 0, end = 0;
        if (expert < experts) {
            begin = starts[expert];
            end = starts[expert + 1];
        }
        int tiles = (end - begin + height - 1) / height, own = before + sum_before(tiles, shared);
        before += shared[8];
        if (wanted >= own && wanted < own + tiles) found = {expert, begin + (wanted - own) * height, end};
    }
    __syncthreads();
    return found;
}

// What a block computes: outputs of one member for rows from `first_row` on. `minimum_sums`: the rows' sums, for Q4.
template <class Rows> struct ProductJob {
    const hadal_cuda_weight &weight;
    int member, first_output;
    Rows rows;
    const float *minimum_sums;
    int first_row;
    ProductOutput output;
};

// Sums of each warp `[warp][row][output]`; the distance of rows keeps the lanes' stores on different banks.
constexpr int partial_stride = 20;
template <int TILES> constexpr int partial_count = product_warps * 8 * TILES * partial_stride;

// A chunk's weights: fragments of 32 inputs, and what outputs g and g + 8 are scaled by.
struct ChunkWeights {
    Fragment first, second;
    float scales[2], minimums[2];
};

// sums += a chunk for 8 rows, x being their fragment. `part`: of formats scaled by blocks of 128, what the block has so far.
template <class Turn>
HADAL_INLINE void multiply_chunk(const ChunkWeights &weights, const uint4 &x, float (&sums)[4], float (&part)[4]) {
    if constexpr (Turn::scaling == 1) {
        float block[4] = {0, 0, 0, 0};
        multiply_tile(block, weights.first, x.x, x.y);
        multiply_tile(block, weights.second, x.z, x.w);
        for (int i = 0; i < 4; i++) sums[i] = fmaf(weights.scales[i / 2], block[i], sums[i]);
    } else {
        float(&target)[4] = Turn::scaling == 0 ? sums : part;
        multiply_tile(target, weights.first, x.x, x.y);
        multiply_tile(target, weights.second, x.z, x.w);
    }
}

// sums += minimums · the rows' sums of the chunk, of Q4.
template <class Rows>
HADAL_INLINE void add_minimums(
    const ChunkWeights &weights, const Rows &rows, const float *minimum_sums, int first_row, int start, float (&sums)[4])
{
    for (int i = 0; i < 2; i++) {
        int row = first_row + 2 * (lane_index() % 4) + i;
        float sum = row < rows.rows ? minimum_sums[(int64_t)row * (rows.inputs / 32) + start / 32] : 0.0f;
        for (int j = i; j < 4; j += 2) sums[j] = fmaf(weights.minimums[j / 2], sum, sums[j]);
    }
}

// 16 outputs of 8 · TILES rows. `partial`: shared memory.
template <int TILES, class Turn, class Rows> HADAL_INLINE void multiply_rows(const ProductJob<Rows> &job, float *partial) {
    const hadal_cuda_weight &w = job.weight;
    const Rows &rows = job.rows;
    int first_row = job.first_row;
    float sums[TILES][4] = {};
    WeightRows weight = Turn::rows(w, job.member, job.first_output);
    int start = warp_index() * turn_inputs, step = product_warps * turn_inputs;
    Turn turn;
    if (start < w.inputs) turn.load(weight, start);
    for (; start < w.inputs; start += step) {
        Turn next = turn;
        if (start + step < w.inputs) next.load(weight, start + step);
        float part[TILES][4] = {};
        HADAL_UNROLL
        for (int chunk = 0; chunk < 4; chunk++) {
            int input = start + 32 * chunk;
            if (input >= w.inputs) break;
            ChunkWeights weights;
            turn.fragments(chunk, weights.first, weights.second);
            for (int i = 0; i < 2; i++) {
                if constexpr (Turn::scaling == 1) weights.scales[i] = turn.scale(chunk, i);
                if constexpr (Turn::hasMinimums) weights.minimums[i] = turn.minimum(chunk, i);
            }
            HADAL_UNROLL
            for (int tile = 0; tile < TILES; tile++) {
                if (first_row + 8 * tile >= rows.rows) break;
                uint4 x = rows.template chunk<Turn::isNibbles>(first_row + 8 * tile, input);
                multiply_chunk<Turn>(weights, x, sums[tile], part[tile]);
                if constexpr (Turn::hasMinimums)
                    add_minimums(weights, rows, job.minimum_sums, first_row + 8 * tile, input, sums[tile]);
            }
        }
        if constexpr (Turn::scaling == 2)
            for (int tile = 0; tile < TILES; tile++)
                for (int i = 0; i < 4; i++) sums[tile][i] = fmaf(turn.scale(0, 0), part[tile][i], sums[tile][i]);
        turn = next;
    }
    int g = lane_index() / 4, t = lane_index() % 4;
    for (int tile = 0; tile < TILES; tile++)
        for (int i = 0; i < 4; i++) {
            int row = warp_index() * 8 * TILES + 8 * tile + 2 * t + i % 2;
            partial[row * partial_stride + g + i / 2 * 8] = sums[tile][i];
        }
    __syncthreads();
    for (int place = (int)threadIdx.x; place < 8 * TILES * 16; place += 32 * product_warps) {
        int row = place / 16, o = place % 16;
        float total = partial[row * partial_stride + o];
        for (int warp = 1; warp < product_warps; warp++)
            total += partial[(warp * 8 * TILES + row) * partial_stride + o];
        job.output.put(first_row + row, job.first_output + o, total);
    }
}

// The same of a float32 weight and float32 rows, without rounding: a warp has two outputs, its lanes every 32nd input.
template <class Rows>
HADAL_INLINE void multiply_float_rows(const ProductJob<Rows> &job, const float *x, int64_t x_stride, int row_count) {
    const hadal_cuda_weight &w = job.weight;
    int end = job.first_row + row_count < job.output.rows ? job.first_row + row_count : job.output.rows;
    for (int i = 0; i < 2; i++) {
        int o = job.first_output + 2 * warp_index() + i;
        if (o >= w.outputs) return;
        const float *weight = (const float *)w.values + ((int64_t)job.member * w.outputs + o) * w.inputs;
        for (int first = job.first_row; first < end; first += 8) {
            float sums[8] = {};
            HADAL_UNROLL_BY_4
            for (int k = lane_index(); k < w.inputs; k += 32) {
                float value = weight[k];
                HADAL_UNROLL
                for (int r = 0; r < 8; r++)
                    if (first + r < end) sums[r] = fmaf(value, x[(first + r) * x_stride + k], sums[r]);
            }
            for (int r = 0; r < 8; r++) {
                float total = sum_of_warp(sums[r]);
                if (lane_index() == 0) job.output.put(first + r, o, total);
            }
        }
    }
}

// By the weight's format, which is not F32.
template <int TILES> HADAL_INLINE void multiply_rows(const ProductJob<RoundedRows> &job, float *partial) {
    switch (job.weight.format) {
    case HADAL_CUDA_F16: return multiply_rows<TILES, HalfTurn>(job, partial);
    case HADAL_CUDA_Q8: return multiply_rows<TILES, Q8Turn>(job, partial);
    case HADAL_CUDA_Q4: return multiply_rows<TILES, Q4Turn>(job, partial);
    case HADAL_CUDA_FP8: return multiply_rows<TILES, Fp8Turn>(job, partial);
    case HADAL_CUDA_MXFP4: return multiply_rows<TILES, Mxfp4Turn>(job, partial);
    }
}

HADAL_INLINE ProductJob<RoundedRows> product_job(const hadal_product &a, const RowTile &tile, int first_output) {
    RoundedRows rows = {a.rounded, a.rounded_stride, tile.end_row, a.weight.inputs};
    const float *factors = a.weight.format == HADAL_CUDA_F32 ? nullptr : a.factors;
    ProductOutput output = {a.out, a.bias, factors, 0, a.out_stride, tile.end_row, a.weight.outputs, a.accumulates != 0};
    return {a.weight, tile.member, first_output, rows, a.sums, tile.first_row, output};
}

HADAL_INLINE RowTile row_tile(const hadal_product &a, int height) {
    if (a.starts) return find_tile(a.starts, a.weight.count, height, (int)blockIdx.y);
    return {0, (int)blockIdx.y * height, a.rows};
}
