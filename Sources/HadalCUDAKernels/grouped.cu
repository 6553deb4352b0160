// Attention with keys and values of float16 up to 128 wide, on the matrix units.
//
// A block has one key head, one piece of 256 positions and up to 16 queries: the heads that share the key head, of one row
// (decoding) or of several that follow each other (prefill), which then read each key and value once together. It walks 32
// positions at a time, of which the next are on their way to shared memory. A query's numbers do not depend on the others.
// Bytes: 4 · width a position; operations: 64 · width a position.
#include "numbers.cuh"

constexpr int grouped_queries = HADAL_CUDA_GROUPED_QUERIES, grouped_positions = 32;
constexpr int grouped_width = HADAL_CUDA_ATTENTION_NARROW;
// Rows are 16 bytes further apart than they are wide: eight of them lie on different banks.
constexpr int grouped_stride = grouped_width + 8;

struct GroupedMemory {
    alignas(16) uint16_t keys[2][grouped_positions][grouped_stride];
    alignas(16) uint16_t values[2][grouped_positions][grouped_stride];
    // Of the two halves of the inputs; a row's numbers are apart from the next row's by a bank.
    float scores[2][grouped_queries][grouped_positions + 1];
    alignas(16) uint16_t weights[grouped_queries][grouped_positions + 8];
    float shrinks[grouped_queries], factors[grouped_queries], inverses[grouped_queries];
};

// Queries `0 ..< count` of a run of rows of one sequence: query i is head i % group of row first_row + i / group.
struct QueryRun {
    int64_t first_row;
    int count, group, key_head, length;

    __device__ __forceinline__ int64_t row(int query) const { return first_row + query / group; }
    __device__ __forceinline__ int head(int query) const { return key_head * group + query % group; }
};

HADAL_INLINE void fetch_rows(
    const hadal_attend &a, const hadal_cuda_cache &cache, const QueryRun &run, int first, uint16_t (*target)[grouped_stride])
{
    int pieces = cache.width / 8;
    int64_t block = a.step.blocks[a.step.table_starts[run.first_row] + first / 32];
    const uint16_t *from = (const uint16_t *)cache.rows + (block * cache.heads + run.key_head) * 32 * cache.width;
    for (int i = (int)threadIdx.x; i < grouped_positions * pieces; i += 256) {
        int position = i / pieces, piece = i % pieces;
        copy_async_16(&target[position][8 * piece], from + position * cache.width + 8 * piece, first + position < run.length);
    }
}

HADAL_INLINE void attend_run(const hadal_attend &a, const QueryRun &run, int piece, GroupedMemory &memory) {
    int width = a.keys.width, begin = piece * HADAL_CUDA_ATTENTION_PIECE;
    int end = begin + HADAL_CUDA_ATTENTION_PIECE < run.length ? begin + HADAL_CUDA_ATTENTION_PIECE : run.length;
    if (begin >= run.length) return;
    __syncthreads();  // what is still read of the last run
    fetch_rows(a, a.keys, run, begin, memory.keys[0]);
    fetch_rows(a, a.values, run, begin, memory.values[0]);
    commit_async();

    auto query_at = [&](int query) { return a.queries + run.row(query) * a.query_stride + (int64_t)run.head(query) * width; };
    for (int query = warp_index(); query < run.count; query += 8) {
        const float *from = query_at(query);
        float peak = 0;
        for (int i = lane_index(); i < width; i += 32) peak = fmaxf(peak, fabsf(from[i]));
        RowFactor factor = row_factor(largest_of_warp(peak));
        if (lane_index() == 0) {
            memory.factors[query] = factor.factor;
            memory.inverses[query] = factor.inverse;
        }
    }
    __syncthreads();

    // This warp's half of the inputs, 16 at a time, and its 8 of 32 positions.
    int g = lane_index() / 4, t = lane_index() % 4, split = warp_index() % 2, part = warp_index() / 2;
    int steps = width / 32, first_input = split * steps * 16;
    constexpr int steps_most = grouped_width / 32;
    uint32_t queries[steps_most][4];
    HADAL_UNROLL
    for (int step = 0; step < steps_most; step++)
        for (int i = 0; i < 4; i++) {
            int query = g + i % 2 * 8, at = first_input + 16 * step + 2 * t + i / 2 * 8;
            queries[step][i] = 0;
            if (step >= steps || query >= run.count) continue;
            const float *from = query_at(query) + at;
            queries[step][i] = pack_halves(from[0] * memory.inverses[query], from[1] * memory.inverses[query]);
        }

    // Of this thread's query and two of 32 positions, and of the warp's 16 columns of values.
    int own = (int)threadIdx.x / 16, own_position = (int)threadIdx.x % 16;
    int own_length = own < run.count ? a.step.positions[run.row(own)] + 1 : 0;
    float scale = own < run.count ? a.scale * memory.factors[own] : 0.0f;
    float maximum = minus_infinity(), sum = 0, out[2][4] = {};

    for (int first = begin, stage = 0; first < end; first += grouped_positions, stage ^= 1) {
        wait_async<0>();
        __syncthreads();
        if (first + grouped_positions < end) {
            fetch_rows(a, a.keys, run, first + grouped_positions, memory.keys[stage ^ 1]);
            fetch_rows(a, a.values, run, first + grouped_positions, memory.values[stage ^ 1]);
        }
        commit_async();

        float products[4] = {0, 0, 0, 0};
        HADAL_UNROLL
        for (int step = 0; step < steps_most; step++) {
            if (step >= steps) break;
            uint32_t pairs[4];
            int column = first_input + 16 * step + lane_index() / 8 % 2 * 8;
            load_matrices(pairs, &memory.keys[stage][8 * part + lane_index() % 8][column]);
            multiply_tile(products, queries[step], pairs[0], pairs[1]);
        }
        for (int i = 0; i < 4; i++) memory.scores[split][g + i / 2 * 8][8 * part + 2 * t + i % 2] = products[i];
        __syncthreads();

        // A position that the query does not see weighs nothing, and changes nothing where there are no others.
        float scores[2], largest = maximum;
        for (int i = 0; i < 2; i++) {
            int at = own_position + 16 * i;
            float product = memory.scores[0][own][at] + memory.scores[1][own][at];
            scores[i] = first + at < own_length ? product * scale : minus_infinity();
            largest = fmaxf(largest, scores[i]);
        }
        for (int bit = 8; bit > 0; bit /= 2) largest = fmaxf(largest, __shfl_xor_sync(whole_warp, largest, bit));
        bool seesAny = largest > minus_infinity();
        float total = 0, shrink = seesAny ? __expf(maximum - largest) : 1.0f;
        for (int i = 0; i < 2; i++) {
            uint16_t weight = float_to_half(seesAny ? __expf(scores[i] - largest) : 0.0f);
            memory.weights[own][own_position + 16 * i] = weight;
            total += half_to_float(weight);
        }
        for (int bit = 8; bit > 0; bit /= 2) total += __shfl_xor_sync(whole_warp, total, bit);
        sum = fmaf(sum, shrink, total);
        maximum = largest;
        if (own_position == 0) memory.shrinks[own] = shrink;
        __syncthreads();

        int column = 16 * warp_index();
        if (column >= a.value_width) continue;
        float shrinks[2] = {memory.shrinks[g], memory.shrinks[g + 8]};
        for (int i = 0; i < 8; i++) out[i / 4][i % 4] *= shrinks[i % 4 / 2];
        HADAL_UNROLL
        for (int step = 0; step < 2; step++) {
            uint32_t weights[4], pairs[4];
            for (int i = 0; i < 4; i++)
                weights[i] = *(const uint32_t *)&memory.weights[g + i % 2 * 8][16 * step + 2 * t + i / 2 * 8];
            // Positions 0 … 7 and 8 … 15 of 8 columns, then of the next 8.
            load_matrices_transposed(
                pairs, &memory.values[stage][16 * step + lane_index() % 16][column + lane_index() / 16 * 8]);
            multiply_tile(out[0], weights, pairs[0], pairs[1]);
            multiply_tile(out[1], weights, pairs[2], pairs[3]);
        }
    }

    // Rows before whose position the piece begins have no such piece.
    int64_t distance = a.value_width + 2;
    auto partial = [&](int query) {
        return a.partials + ((run.row(query) * a.query_heads + run.head(query)) * a.pieces + piece) * distance;
    };
    for (int i = 0; i < 8; i++) {
        int query = g + i % 4 / 2 * 8, column = 16 * warp_index() + i / 4 * 8 + 2 * t + i % 2;
        if (query < run.count && column < a.value_width && a.step.positions[run.row(query)] >= begin)
            partial(query)[column] = out[i / 4][i % 4];
    }
    if (own_position == 0 && own_length > begin) {
        partial(own)[a.value_width] = maximum;
        partial(own)[a.value_width + 1] = sum;
    }
}

HADAL_KERNEL(hadal_attend_grouped, hadal_attend, 256) {
    __shared__ GroupedMemory memory;
    int rows = (int)((a.step.rows + gridDim.z - 1) / gridDim.z), first = (int)blockIdx.z * rows;
    int end = first + rows < a.step.rows ? first + rows : a.step.rows;
    QueryRun run = {0, 0, a.query_heads / a.keys.heads, (int)blockIdx.x, 0};
    while (first < end) {
        // Rows of the same sequence are computed together.
        int next = first, longest = 0;
        for (; next < end && a.step.table_starts[next] == a.step.table_starts[first]; next++)
            longest = a.step.positions[next] + 1 > longest ? a.step.positions[next] + 1 : longest;
        run.first_row = first;
        run.count = (next - first) * run.group;
        run.length = longest;
        attend_run(a, run, (int)blockIdx.y, memory);
        first = next;
    }
}
