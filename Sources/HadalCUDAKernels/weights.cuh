// Weights of a turn as fragments of `multiply_tile`: 16 outputs of 128 inputs, in four chunks of 32 inputs, each for two
// products of 16. Which 16 inputs stand in which place of a fragment is free as long as the activations' are the same: lane
// l (g = l / 4, t = l % 4) holds, of outputs g and g + 8, inputs 8t … 8t + 7 of a chunk; of formats of 4 bits 4t … 4t + 3
// and 16 + 4t … 16 + 4t + 3, so that it loads whole words. The next turn's loads are under way while one is computed with.
#pragma once
#include "numbers.cuh"

constexpr int turn_inputs = 128;

// Two rows of one member of a weight, as a lane sees them.
struct WeightRows {
    const uint8_t *values[2];
    const uint8_t *scales[2];
    const uint8_t *minimums[2];
    bool exists[2];
    int inputs;
};

// `bits` of a value, `scale_bytes` of a block of 32.
HADAL_INLINE WeightRows rows_of(const hadal_cuda_weight &w, int member, int first_output, int bits, int scale_bytes) {
    WeightRows rows;
    rows.inputs = w.inputs;
    for (int i = 0; i < 2; i++) {
        int output = first_output + lane_index() / 4 + 8 * i;
        rows.exists[i] = output < w.outputs;
        int64_t row = (int64_t)member * w.outputs + (rows.exists[i] ? output : 0), block = row * (w.inputs / 32);
        rows.values[i] = (const uint8_t *)w.values + row * w.inputs * bits / 8;
        rows.scales[i] = (const uint8_t *)w.scales + block * scale_bytes;
        rows.minimums[i] = nullptr;
    }
    return rows;
}

// A word of each row and chunk; zeros where there is nothing.
template <class Word> struct TurnWords {
    typedef Word Type;
    Word words[4][2];

    // `bits` of a value.
    __device__ __forceinline__ void load(const WeightRows &rows, int start, int bits) {
        int t = lane_index() % 4;
        for (int chunk = 0; chunk < 4; chunk++)
            for (int i = 0; i < 2; i++) {
                int input = start + 32 * chunk;
                words[chunk][i] = Word();
                if (rows.exists[i] && input + 8 * t < rows.inputs)
                    words[chunk][i] = load_streaming((const Word *)(rows.values[i] + (int64_t)input * bits / 8) + t);
            }
    }
};

// Of a turn's four scales lane t of each four holds the one of chunk t.
HADAL_INLINE int own_block(int start) { return start / 32 + lane_index() % 4; }
HADAL_INLINE float of_chunk(float held, int chunk) {
    return __shfl_sync(whole_warp, held, (lane_index() & ~3) + chunk);
}

HADAL_INLINE float half_at(const uint8_t *halves, bool exists, int block, int inputs) {
    return exists && block < inputs / 32 ? half_to_float(((const uint16_t *)halves)[block]) : 0.0f;
}

typedef uint32_t Fragment[4];

// What makes two of a word's values a pair of float16: two bytes of it, or their low or high halves.
typedef uint32_t MakePair(uint32_t word, int which);

template <MakePair *PAIR> HADAL_INLINE void byte_fragments(const uint2 (&words)[2], Fragment &first, Fragment &second) {
    for (int i = 0; i < 2; i++) {
        first[i] = PAIR(words[i].x, 0);
        first[i + 2] = PAIR(words[i].x, 1);
        second[i] = PAIR(words[i].y, 0);
        second[i + 2] = PAIR(words[i].y, 1);
    }
}

template <MakePair *PAIR> HADAL_INLINE void nibble_fragments(const uint32_t (&words)[2], Fragment &first, Fragment &second) {
    for (int i = 0; i < 2; i++)
        for (int half = 0; half < 2; half++) {
            uint32_t bytes = bytes_apart(words[i], half);
            first[i + 2 * half] = PAIR(bytes, 0);
            second[i + 2 * half] = PAIR(bytes, 1);
        }
}

// MARK: the formats. `load` begins a turn's loads, `fragments` makes a chunk's two; `scaling`: 0 none, 1 of 32, 2 of 128.
// `scale_at`, `minimum_at`: of row i of the two, of a block of 32 inputs.

struct HalfTurn {
    static constexpr int scaling = 0;
    static constexpr bool isNibbles = false, hasMinimums = false;
    TurnWords<uint4> turn;

    static __device__ __forceinline__ WeightRows rows(const hadal_cuda_weight &w, int member, int first_output) {
        return rows_of(w, member, first_output, 16, 0);
    }
    __device__ __forceinline__ void load(const WeightRows &rows, int start) { turn.load(rows, start, 16); }
    __device__ __forceinline__ void fragments(int chunk, Fragment &first, Fragment &second) const {
        for (int i = 0; i < 2; i++) {
            uint4 words = turn.words[chunk][i];
            first[i] = words.x;
            first[i + 2] = words.y;
            second[i] = words.z;
            second[i + 2] = words.w;
        }
    }
};

struct Q8Turn {
    static constexpr int scaling = 1;
    static constexpr bool isNibbles = false, hasMinimums = false;
    TurnWords<uint2> turn;
    float scales[2];

    static __device__ __forceinline__ WeightRows rows(const hadal_cuda_weight &w, int member, int first_output) {
        return rows_of(w, member, first_output, 8, 2);
    }
    __device__ __forceinline__ void load(const WeightRows &rows, int start) {
        turn.load(rows, start, 8);
        for (int i = 0; i < 2; i++) scales[i] = scale_at(rows, i, own_block(start));
    }
    static __device__ __forceinline__ float scale_at(const WeightRows &rows, int i, int block) {
        return half_at(rows.scales[i], rows.exists[i], block, rows.inputs);
    }
    __device__ __forceinline__ float scale(int chunk, int i) const { return of_chunk(scales[i], chunk); }
    __device__ __forceinline__ void fragments(int chunk, Fragment &first, Fragment &second) const {
        byte_fragments<int8_pair>(turn.words[chunk], first, second);
    }
};

struct Q4Turn {
    static constexpr int scaling = 1;
    static constexpr bool isNibbles = true, hasMinimums = true;
    TurnWords<uint32_t> turn;
    float scales[2], minimums[2];

    static __device__ __forceinline__ WeightRows rows(const hadal_cuda_weight &w, int member, int first_output) {
        WeightRows rows = rows_of(w, member, first_output, 4, 2);
        for (int i = 0; i < 2; i++)
            rows.minimums[i] = (const uint8_t *)w.minimums + (rows.scales[i] - (const uint8_t *)w.scales);
        return rows;
    }
    __device__ __forceinline__ void load(const WeightRows &rows, int start) {
        turn.load(rows, start, 4);
        for (int i = 0; i < 2; i++) {
            scales[i] = scale_at(rows, i, own_block(start));
            minimums[i] = minimum_at(rows, i, own_block(start));
        }
    }
    static __device__ __forceinline__ float scale_at(const WeightRows &rows, int i, int block) {
        return half_at(rows.scales[i], rows.exists[i], block, rows.inputs);
    }
    static __device__ __forceinline__ float minimum_at(const WeightRows &rows, int i, int block) {
        return half_at(rows.minimums[i], rows.exists[i], block, rows.inputs);
    }
    __device__ __forceinline__ float scale(int chunk, int i) const { return of_chunk(scales[i], chunk); }
    __device__ __forceinline__ float minimum(int chunk, int i) const { return of_chunk(minimums[i], chunk); }
    __device__ __forceinline__ void fragments(int chunk, Fragment &first, Fragment &second) const {
        nibble_fragments<nibble_pair>(turn.words[chunk], first, second);
    }
};

struct Mxfp4Turn {
    static constexpr int scaling = 1;
    static constexpr bool isNibbles = true, hasMinimums = false;
    TurnWords<uint32_t> turn;
    float scales[2];

    static __device__ __forceinline__ WeightRows rows(const hadal_cuda_weight &w, int member, int first_output) {
        return rows_of(w, member, first_output, 4, 1);
    }
    __device__ __forceinline__ void load(const WeightRows &rows, int start) {
        turn.load(rows, start, 4);
        for (int i = 0; i < 2; i++) scales[i] = scale_at(rows, i, own_block(start));
    }
    static __device__ __forceinline__ float scale_at(const WeightRows &rows, int i, int block) {
        return rows.exists[i] && block < rows.inputs / 32 ? e8m0_to_float(rows.scales[i][block]) : 0.0f;
    }
    __device__ __forceinline__ float scale(int chunk, int i) const { return of_chunk(scales[i], chunk); }
    __device__ __forceinline__ void fragments(int chunk, Fragment &first, Fragment &second) const {
        nibble_fragments<e2m1_pair>(turn.words[chunk], first, second);
    }
};

struct Fp8Turn {
    static constexpr int scaling = 2;
    static constexpr bool isNibbles = false, hasMinimums = false;
    TurnWords<uint2> turn;
    float factor;

    // The 16 outputs lie in one block of 128, whose scales `scales[0]` points at.
    static __device__ __forceinline__ WeightRows rows(const hadal_cuda_weight &w, int member, int first_output) {
        WeightRows rows = rows_of(w, member, first_output, 8, 0);
        int64_t block = (int64_t)member * ((w.outputs + 127) / 128) + first_output / 128;
        rows.scales[0] = (const uint8_t *)((const float *)w.scales + block * ((w.inputs + 127) / 128));
        return rows;
    }
    __device__ __forceinline__ void load(const WeightRows &rows, int start) {
        turn.load(rows, start, 8);
        factor = scale_at(rows, 0, start / 32);
    }
    static __device__ __forceinline__ float scale_at(const WeightRows &rows, int, int block) {
        return ((const float *)rows.scales[0])[block / 4];
    }
    __device__ __forceinline__ float scale(int, int) const { return factor; }
    __device__ __forceinline__ void fragments(int chunk, Fragment &first, Fragment &second) const {
        byte_fragments<e4m3_pair>(turn.words[chunk], first, second);
    }
};
