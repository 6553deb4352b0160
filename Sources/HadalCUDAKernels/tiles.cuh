// Products of many rows: a block computes 128 outputs of 16 · TILES rows, the same bits as products.cuh.
//
// A warp has 32 outputs of 8 · TILES rows and does what there is 8 warps' work one after the other: all turns of warp 0, of
// warp 1 and so on, and adds their sums. Weights and rows come through shared memory in chunks of 32 inputs, of which two
// are under way while one is computed with. A chunk is 64 · 1024 · TILES
// operations from 2 (TILES + 8) KiB: 128 rows make it 2 to 3 times as fast as the second cache gives them.
#pragma once
#include "products.cuh"

constexpr int many_outputs = 128;

// The next chunk's first input in the order of warps' turns; `inputs` or more at the end.
HADAL_INLINE int next_chunk(int input, int inputs) {
    int turn = input / turn_inputs, next = input + 32;
    if (next % turn_inputs != 0 && next < inputs) return next;
    next = (turn + product_warps) * turn_inputs;
    if (next < inputs) return next;
    int warp = turn % product_warps + 1;
    return warp < product_warps ? warp * turn_inputs : inputs;
}

// Whether a chunk is the last of its turn, and of its warp's turns.
HADAL_INLINE bool ends_turn(int input, int inputs) { return (input + 32) % turn_inputs == 0 || input + 32 >= inputs; }
HADAL_INLINE bool ends_warp(int input, int inputs) {
    return ends_turn(input, inputs) && (input / turn_inputs + product_warps) * turn_inputs >= inputs;
}

template <int TILES, int CHUNK_BYTES> struct Stage {
    alignas(16) uint8_t weights[many_outputs][CHUNK_BYTES];
    alignas(16) uint8_t rows[16 * TILES][64];
};

constexpr int stage_count = 3;

// Room for the stages of any format: 36 KiB of 64 rows, 48 of 128.
template <int TILES> struct StageMemory {
    Stage<TILES, 64> stages[stage_count];
};

// A stage's rows, read as RoundedRows are.
struct StagedRows {
    const uint8_t (*chunks)[64];

    template <bool isNibbles> __device__ __forceinline__ uint4 chunk(int first_row) const {
        const uint8_t *row = chunks[first_row + lane_index() / 4];
        int t = lane_index() % 4;
        if (!isNibbles) return ((const uint4 *)row)[t];
        uint2 low = ((const uint2 *)row)[t], high = ((const uint2 *)row)[4 + t];
        return make_uint4(low.x, low.y, high.x, high.y);
    }
};

// Begins a chunk's copies. Nothing where the inputs are over, but a group all the same.
template <int TILES, int CHUNK_BYTES>
HADAL_INLINE void fetch(const ProductJob<RoundedRows> &job, int input, Stage<TILES, CHUNK_BYTES> &stage) {
    const hadal_cuda_weight &w = job.weight;
    if (input < w.inputs) {
        constexpr int pieces = CHUNK_BYTES / 16;
        for (int i = (int)threadIdx.x; i < many_outputs * pieces; i += 256) {
            int row = i / pieces, piece = i % pieces, output = job.first_output + row;
            // Of 16 inputs that are left in F16 only half the chunk is there.
            bool exists = output < w.outputs && input + 32 / pieces * piece < w.inputs;
            int64_t place = ((int64_t)job.member * w.outputs + (exists ? output : 0)) * w.inputs + input;
            const uint8_t *from = (const uint8_t *)w.values + place * CHUNK_BYTES / 32 + 16 * piece;
            copy_async_16(&stage.weights[row][16 * piece], from, exists);
        }
        for (int i = (int)threadIdx.x; i < 16 * TILES * 4; i += 256) {
            int row = i / 4, piece = i % 4;
            bool exists = job.first_row + row < job.rows.rows && input + 8 * piece < w.inputs;
            const uint16_t *from = job.rows.x + (int64_t)(exists ? job.first_row + row : 0) * job.rows.stride + input + 8 * piece;
            copy_async_16(&stage.rows[row][16 * piece], exists ? from : job.rows.x, exists);
        }
    }
    commit_async();
}

template <int TILES, class Turn> HADAL_INLINE void multiply_many(const ProductJob<RoundedRows> &job, void *memory) {
    using Word = typename decltype(Turn::turn)::Type;
    auto stage = (Stage<TILES, 4 * sizeof(Word)> *)memory;
    int inputs = job.weight.inputs, outputs_at = warp_index() % 4 * 32, rows_at = warp_index() / 4 * 8 * TILES;
    float totals[2][TILES][4] = {}, sums[2][TILES][4] = {}, part[2][TILES][4] = {};
    WeightRows weight[2];
    for (int m = 0; m < 2; m++) weight[m] = Turn::rows(job.weight, job.member, job.first_output + outputs_at + 16 * m);

    int ahead = 0;
    for (int i = 0; i < stage_count - 1; i++) {
        fetch(job, ahead, stage[i]);
        if (ahead < inputs) ahead = next_chunk(ahead, inputs);
    }
    int index = 0;
    bool isFirst = true;
    for (int input = 0; input < inputs; input = next_chunk(input, inputs)) {
        wait_async<stage_count - 2>();
        __syncthreads();
        fetch(job, ahead, stage[(index + stage_count - 1) % stage_count]);
        if (ahead < inputs) ahead = next_chunk(ahead, inputs);
        const auto &now = stage[index];
        index = (index + 1) % stage_count;

        ChunkWeights weights[2];
        HADAL_UNROLL
        for (int m = 0; m < 2; m++) {
            Turn turn;
            for (int i = 0; i < 2; i++) {
                const uint8_t *row = now.weights[outputs_at + 16 * m + 8 * i + lane_index() / 4];
                turn.turn.words[0][i] = ((const Word *)row)[lane_index() % 4];
                if constexpr (Turn::scaling == 1) weights[m].scales[i] = Turn::scale_at(weight[m], i, input / 32);
                if constexpr (Turn::hasMinimums) weights[m].minimums[i] = Turn::minimum_at(weight[m], i, input / 32);
            }
            turn.fragments(0, weights[m].first, weights[m].second);
        }
        HADAL_UNROLL
        for (int tile = 0; tile < TILES; tile++) {
            uint4 x = StagedRows{now.rows}.template chunk<Turn::isNibbles>(rows_at + 8 * tile);
            HADAL_UNROLL
            for (int m = 0; m < 2; m++) {
                multiply_chunk<Turn>(weights[m], x, sums[m][tile], part[m][tile]);
                if constexpr (Turn::hasMinimums)
                    add_minimums(
                        weights[m], job.rows, job.minimum_sums, job.first_row + rows_at + 8 * tile, input, sums[m][tile]);
            }
        }
        bool endsTurn = ends_turn(input, inputs), endsWarp = ends_warp(input, inputs);
        HADAL_UNROLL
        for (int m = 0; m < 2; m++) {
            float scale = 0;
            if constexpr (Turn::scaling == 2) scale = Turn::scale_at(weight[m], 0, input / 32);
            HADAL_UNROLL
            for (int i = 0; i < 4 * TILES; i++) {
                float &sum = sums[m][i / 4][i % 4], &total = totals[m][i / 4][i % 4], &block = part[m][i / 4][i % 4];
                if (Turn::scaling == 2 && endsTurn) {
                    sum = fmaf(scale, block, sum);
                    block = 0;
                }
                if (endsWarp) {
                    total = isFirst ? sum : total + sum;
                    sum = 0;
                }
            }
        }
        if (endsWarp) isFirst = false;
    }
    bool hasIdleWarps = inputs <= (product_warps - 1) * turn_inputs;  // whose zeros are added too: -0 becomes 0
    HADAL_UNROLL
    for (int m = 0; m < 2; m++)
        HADAL_UNROLL
        for (int tile = 0; tile < TILES; tile++)
            HADAL_UNROLL
            for (int i = 0; i < 4; i++) {
                float total = totals[m][tile][i];
                job.output.put(
                    job.first_row + rows_at + 8 * tile + 2 * (lane_index() % 4) + i % 2,
                    job.first_output + outputs_at + 16 * m + lane_index() / 4 + i / 2 * 8, hasIdleWarps ? total + 0.0f : total);
            }
}
