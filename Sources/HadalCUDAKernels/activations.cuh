// Rows of activations as the other side of `multiply_tile`: 8 rows, of which lane l has row l / 4, in chunks of 32 inputs in
// the order of the weights' fragments (weights.cuh).
#pragma once
#include "numbers.cuh"

// Rows in float16, as hadal_round_rows made them; 16 bytes at a time.
struct RoundedRows {
    const uint16_t *x;
    int stride, rows, inputs;

    // The registers b0, b1 of the chunk's first product and of its second; zeros where there is nothing.
    template <bool isNibbles> __device__ __forceinline__ uint4 chunk(int first_row, int start) const {
        int row = first_row + lane_index() / 4, t = lane_index() % 4;
        if (row >= rows || start + 8 * t >= inputs) return make_uint4(0, 0, 0, 0);
        const uint16_t *from = x + (int64_t)row * stride + start;
        if (!isNibbles) return *(const uint4 *)(from + 8 * t);
        uint2 low = *(const uint2 *)(from + 4 * t), high = *(const uint2 *)(from + 16 + 4 * t);
        return make_uint4(low.x, low.y, high.x, high.y);
    }
};

// Rows in float32, rounded as they are read. `isAligned`: rows begin at multiples of 16 bytes. `inverses`: of the
// factors of the block's rows, the first of which is `first`.
struct FloatRows {
    const float *x;
    int stride, rows, inputs;
    bool isAligned;
    const float *inverses;
    int first;

    __device__ __forceinline__ uint2 four(const float *from, float scale) const {
        float4 v = isAligned ? *(const float4 *)from : make_float4(from[0], from[1], from[2], from[3]);
        return make_uint2(pack_halves(v.x * scale, v.y * scale), pack_halves(v.z * scale, v.w * scale));
    }

    template <bool isNibbles> __device__ __forceinline__ uint4 chunk(int first_row, int start) const {
        static_assert(!isNibbles, "of weights in float16 only");
        int row = first_row + lane_index() / 4, t = lane_index() % 4;
        if (row >= rows || start + 8 * t >= inputs) return make_uint4(0, 0, 0, 0);
        const float *from = x + (int64_t)row * stride + start + 8 * t;
        float scale = inverses[row - first];
        uint2 low = four(from, scale), high = four(from + 4, scale);
        return make_uint4(low.x, low.y, high.x, high.y);
    }
};

// The factors of a block's rows into shared memory, by its 8 warps.
HADAL_INLINE void find_factors(const float *x, int stride, int first, int end, int inputs, float *factors, float *inverses) {
    for (int row = first + warp_index(); row < end; row += 8) {
        float peak = 0;
        for (int i = lane_index(); i < inputs; i += 32) peak = fmaxf(peak, fabsf(x[(int64_t)row * stride + i]));
        peak = largest_of_warp(peak);
        RowFactor factor = row_factor(peak);
        if (lane_index() == 0) {
            factors[row - first] = factor.factor;
            inverses[row - first] = factor.inverse;
        }
    }
    __syncthreads();
}
