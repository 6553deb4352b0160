// Attention over a latent cache (MLA) on the matrix units: one key of float16 for all heads, whose first numbers are its value.
//
// A block has 16 heads of one row and one piece of 256 positions, which it walks 16 at a time: the next 16 keys are on their way
// to shared memory while these are computed with, so each is read once for 16 heads, scores and values. Bytes: 1152 a
// position; operations: 2 · 16 · (576 + 512) a position, which the matrix units do in a tenth of the time.
#include "numbers.cuh"

constexpr int latent_heads = HADAL_CUDA_LATENT_HEADS, latent_width = HADAL_CUDA_LATENT_WIDEST, latent_positions = 16;
// Rows of keys are 16 bytes further apart than they are wide: eight of them lie on different banks.
constexpr int latent_stride = latent_width + 8;
// The inputs' products are split four ways, and the positions two ways, over 8 warps.
constexpr int latent_splits = 4;

struct LatentMemory {
    alignas(16) uint16_t keys[2][latent_positions][latent_stride];
    float scores[latent_splits][latent_heads][latent_positions];
    alignas(16) uint16_t weights[latent_heads][latent_positions];
    float shrinks[latent_heads], factors[latent_heads], inverses[latent_heads];
};

// Begins the copies of 16 positions' keys: zeros beyond `length`.
HADAL_INLINE void fetch_keys(const hadal_attend &a, int64_t row, int first, int length, uint16_t (*keys)[latent_stride]) {
    int pieces = a.keys.width / 8;
    if (first < length) {
        int64_t block = a.step.blocks[a.step.table_starts[row] + first / 32];
        const uint16_t *from = (const uint16_t *)a.keys.rows + (block * 32 + first % 32) * a.keys.width;
        for (int i = (int)threadIdx.x; i < latent_positions * pieces; i += 256) {
            int position = i / pieces, piece = i % pieces;
            copy_async_16(&keys[position][8 * piece], from + position * a.keys.width + 8 * piece, first + position < length);
        }
    }
    commit_async();
}

// A pair of a head's numbers as float16; zeros for a head that is not there.
HADAL_INLINE uint32_t query_pair(const float *queries, int head, int heads, int width, int at, const float *inverses) {
    if (head >= heads) return 0;
    const float *from = queries + (int64_t)head * width + at;
    return pack_halves(from[0] * inverses[head], from[1] * inverses[head]);
}

HADAL_KERNEL(hadal_attend_latent, hadal_attend, 256) {
    __shared__ LatentMemory memory;
    int first_head = (int)blockIdx.x * latent_heads, piece = (int)blockIdx.y, width = a.keys.width;
    int heads = a.query_heads - first_head < latent_heads ? a.query_heads - first_head : latent_heads;
    int64_t row = blockIdx.z;
    int length = a.step.positions[row] + 1, begin = piece * HADAL_CUDA_ATTENTION_PIECE;
    int end = begin + HADAL_CUDA_ATTENTION_PIECE < length ? begin + HADAL_CUDA_ATTENTION_PIECE : length;
    if (begin >= length) return;
    fetch_keys(a, row, begin, length, memory.keys[0]);

    const float *queries = a.queries + row * a.query_stride + (int64_t)first_head * width;
    for (int head = warp_index(); head < heads; head += 8) {
        float peak = 0;
        for (int i = lane_index(); i < width; i += 32) peak = fmaxf(peak, fabsf(queries[(int64_t)head * width + i]));
        RowFactor factor = row_factor(largest_of_warp(peak));
        if (lane_index() == 0) {
            memory.factors[head] = factor.factor;
            memory.inverses[head] = factor.inverse;
        }
    }
    __syncthreads();

    // This warp's quarter of the queries' inputs, 16 at a time.
    int g = lane_index() / 4, t = lane_index() % 4, split = warp_index() % latent_splits, half = warp_index() / latent_splits;
    int steps = width / 16 / latent_splits, first_input = split * steps * 16;
    constexpr int steps_most = latent_width / 16 / latent_splits;
    uint32_t query[steps_most][4];
    HADAL_UNROLL
    for (int step = 0; step < steps_most; step++)
        for (int i = 0; i < 4; i++) {
            int at = first_input + 16 * step + 2 * t + i / 2 * 8;
            query[step][i] = step < steps ? query_pair(queries, g + i % 2 * 8, heads, width, at, memory.inverses) : 0;
        }

    // Of this thread's head and position of 16, and of the warp's 64 columns of values.
    int own_head = (int)threadIdx.x / latent_positions, own_position = (int)threadIdx.x % latent_positions;
    float maximum = minus_infinity(), sum = 0, out[8][4] = {};
    float scale = own_head < heads ? a.scale * memory.factors[own_head] : 0.0f;

    for (int first = begin, stage = 0; first < end; first += latent_positions, stage ^= 1) {
        wait_async<0>();
        __syncthreads();
        fetch_keys(a, row, first + latent_positions < end ? first + latent_positions : length, length, memory.keys[stage ^ 1]);
        const uint16_t(*keys)[latent_stride] = memory.keys[stage];

        // 8 positions of this warp's half; a load has 32 inputs of them.
        float products[4] = {0, 0, 0, 0};
        HADAL_UNROLL
        for (int step = 0; step < steps_most; step++) {
            if (step >= steps) break;
            uint32_t pairs[4];
            int column = first_input + 16 * step + lane_index() / 8 % 2 * 8;
            load_matrices(pairs, &keys[8 * half + lane_index() % 8][column]);
            multiply_tile(products, query[step], pairs[0], pairs[1]);
        }
        for (int i = 0; i < 4; i++) memory.scores[split][g + i / 2 * 8][8 * half + 2 * t + i % 2] = products[i];
        __syncthreads();

        float score = memory.scores[0][own_head][own_position];
        for (int i = 1; i < latent_splits; i++) score += memory.scores[i][own_head][own_position];
        score = first + own_position < length ? score * scale : minus_infinity();
        float largest = score;
        for (int bit = 8; bit > 0; bit /= 2) largest = fmaxf(largest, __shfl_xor_sync(whole_warp, largest, bit));
        largest = fmaxf(largest, maximum);
        uint16_t weight = float_to_half(__expf(score - largest));
        float total = half_to_float(weight), shrink = __expf(maximum - largest);
        for (int bit = 8; bit > 0; bit /= 2) total += __shfl_xor_sync(whole_warp, total, bit);
        sum = fmaf(sum, shrink, total);
        maximum = largest;
        memory.weights[own_head][own_position] = weight;
        if (own_position == 0) memory.shrinks[own_head] = shrink;
        __syncthreads();

        uint32_t weights[4];
        for (int i = 0; i < 4; i++) weights[i] = *(const uint32_t *)&memory.weights[g + i % 2 * 8][2 * t + i / 2 * 8];
        float shrinks[2] = {memory.shrinks[g], memory.shrinks[g + 8]};
        HADAL_UNROLL
        for (int tile = 0; tile < 8; tile += 2) {
            int column = 64 * warp_index() + 8 * tile;
            if (column >= a.value_width) break;
            // Positions 0 … 7 and 8 … 15 of 8 columns, then of the next 8.
            uint32_t pairs[4];
            load_matrices_transposed(pairs, &keys[lane_index() % 16][column + lane_index() / 16 * 8]);
            for (int i = 0; i < 8; i++) out[tile + i / 4][i % 4] *= shrinks[i % 4 / 2];
            multiply_tile(out[tile], weights, pairs[0], pairs[1]);
            multiply_tile(out[tile + 1], weights, pairs[2], pairs[3]);
        }
    }

    int64_t distance = (int64_t)a.pieces * (a.value_width + 2);
    float *partials = a.partials + (row * a.query_heads + first_head) * distance + (int64_t)piece * (a.value_width + 2);
    HADAL_UNROLL
    for (int tile = 0; tile < 8; tile++)
        for (int i = 0; i < 4; i++) {
            int head = g + i / 2 * 8, column = 64 * warp_index() + 8 * tile + 2 * t + i % 2;
            if (head < heads && column < a.value_width) partials[head * distance + column] = out[tile][i];
        }
    if (own_position == 0 && own_head < heads) {
        partials[own_head * distance + a.value_width] = maximum;
        partials[own_head * distance + a.value_width + 1] = sum;
    }
}
