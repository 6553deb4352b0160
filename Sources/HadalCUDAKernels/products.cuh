// Products of rows with a weight, whose order of sums depends on the weight's shape alone.
//
// A block computes 16 outputs of 8 · TILES rows. Its 8 warps take the inputs in turns of 128: warp w has turns w, w + 8,
// w + 16 …, each a chain of products into the warp's own sums, and the 8 sums are added in the order of warps. With one
// row or 64 a row's numbers meet in the same order in the same instructions, so its bits are the same.
//
// Few rows: the weight is read once, each lane with up to 16 loads of a turn and the next under way (BF16: 64 KiB in flight
// on a multiprocessor with two blocks), so that time is weight bytes over bandwidth. Many rows: `2 · rows · outputs · inputs`
// operations; a weight's fragment, once unpacked, serves 64 rows.
#pragma once
#include "activations.cuh"
#include "weights.cuh"

constexpr int product_warps = 8;

// Where results go. `bias` may be null.
struct ProductOutput {
    float *out;
    const float *bias;
    int stride, rows, outputs;
    bool accumulates;

    __device__ __forceinline__ void put(int row, int output, float value) const {
        if (row >= rows || output >= outputs) return;
        if (bias) value += bias[output];
        float *place = out + (int64_t)row * stride + output;
        *place = accumulates ? *place + value : value;
    }
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

// 16 outputs of member `member` from `first_output` on, for 8 · TILES rows from `first_row` on. `partial`: shared memory.
template <int TILES, class Turn, class Rows>
HADAL_INLINE void multiply_rows(
    const hadal_cuda_weight &w, int member, int first_output, const Rows &rows, const float *minimum_sums, int first_row,
    const ProductOutput &output, float *partial)
{
    float sums[TILES][4] = {};
    WeightRows weight = Turn::rows(w, member, first_output);
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
                uint4 x = rows.template chunk<Turn::isNibbles>(first_row + 8 * tile, input);
                multiply_chunk<Turn>(weights, x, sums[tile], part[tile]);
                if constexpr (Turn::hasMinimums)
                    add_minimums(weights, rows, minimum_sums, first_row + 8 * tile, input, sums[tile]);
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
        output.put(first_row + row, first_output + o, total);
    }
}

// The same of a float32 weight and float32 rows, without rounding: a warp has two outputs, its lanes every 32nd input.
HADAL_INLINE void multiply_float_rows(
    const hadal_cuda_weight &w, int member, int first_output, const float *x, int64_t x_stride, int first_row, int row_count,
    const ProductOutput &output)
{
    for (int i = 0; i < 2; i++) {
        int o = first_output + 2 * warp_index() + i;
        if (o >= w.outputs) return;
        const float *weight = (const float *)w.values + ((int64_t)member * w.outputs + o) * w.inputs;
        for (int first = first_row; first < first_row + row_count && first < output.rows; first += 8) {
            float sums[8] = {};
            HADAL_UNROLL_BY_4
            for (int k = lane_index(); k < w.inputs; k += 32) {
                float value = weight[k];
                HADAL_UNROLL
                for (int r = 0; r < 8; r++)
                    if (first + r < output.rows) sums[r] = fmaf(value, x[(first + r) * x_stride + k], sums[r]);
            }
            for (int r = 0; r < 8; r++) {
                float total = sum_of_warp(sums[r]);
                if (lane_index() == 0) output.put(first + r, o, total);
            }
        }
    }
}

// By the weight's format.
template <int TILES, class Rows>
HADAL_INLINE void multiply_any(
    const hadal_cuda_weight &w, int member, int first_output, const Rows &rows, const float *minimum_sums, int first_row,
    const ProductOutput &output, float *partial)
{
#define WITH(Turn) \
    return multiply_rows<TILES, Turn>(w, member, first_output, rows, minimum_sums, first_row, output, partial)
    switch (w.format) {
    case HADAL_CUDA_BF16: WITH(Bfloat16Turn);
    case HADAL_CUDA_Q8: WITH(Q8Turn);
    case HADAL_CUDA_Q4: WITH(Q4Turn);
    case HADAL_CUDA_FP8: WITH(Fp8Turn);
    case HADAL_CUDA_MXFP4: WITH(Mxfp4Turn);
    }
#undef WITH
}
