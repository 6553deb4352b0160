// Attention of one row's query heads over positions, in float32, in one order: a warp walks up to 32 positions in batches,
// with a running maximum, sum and output of each head; then the block's 8 warps are put together in order.
#pragma once
#include "machine.cuh"

// Rows of cached keys or values. A lane has four numbers of each 128: neighbours where rows are `isAligned` (widths are
// multiples of 4), else every 32nd.
template <int FORMAT> struct CachedRows {
    const uint8_t *rows;
    int64_t row_bytes;
    int width;
    bool isAligned;

    __device__ __forceinline__ int index(int step, int i) const {
        return isAligned ? 128 * step + 4 * lane_index() + i : 128 * step + 32 * i + lane_index();
    }

    __device__ __forceinline__ float factor(const uint8_t *row, int group) const {
        const uint8_t *bytes = row + width + group * 4;
        if (isAligned) return *(const float *)bytes;
        return __uint_as_float(bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24);
    }

    __device__ __forceinline__ float one(const uint8_t *row, int at) const {
        if (at >= width) return 0.0f;
        if (FORMAT == HADAL_CUDA_CACHE_F32) return ((const float *)row)[at];
        if (FORMAT == HADAL_CUDA_CACHE_F16) return half_to_float(((const uint16_t *)row)[at]);
        return (float)(int8_t)row[at] * factor(row, at / 64);
    }

    __device__ __forceinline__ float4 four(int64_t position, int step) const {
        const uint8_t *row = rows + position * row_bytes;
        int at = index(step, 0);
        if (!isAligned) return make_float4(one(row, at), one(row, at + 32), one(row, at + 64), one(row, at + 96));
        if (at >= width) return make_float4(0, 0, 0, 0);
        if (FORMAT == HADAL_CUDA_CACHE_F32) return *(const float4 *)((const float *)row + at);
        if (FORMAT == HADAL_CUDA_CACHE_F16) {
            uint2 v = *(const uint2 *)((const uint16_t *)row + at);
            return make_float4(
                half_to_float((uint16_t)v.x), half_to_float((uint16_t)(v.x >> 16)), half_to_float((uint16_t)v.y),
                half_to_float((uint16_t)(v.y >> 16)));
        }
        uint32_t v = *(const uint32_t *)(row + at);
        float scale = factor(row, at / 64);
        return make_float4(
            (float)(int8_t)v * scale, (float)(int8_t)(v >> 8) * scale, (float)(int8_t)(v >> 16) * scale,
            (float)(int8_t)(v >> 24) * scale);
    }
};

// Sums of 16 numbers over the warp: lane l has that of number l / 2. Each step halves the numbers a lane still has.
HADAL_INLINE float sums_of_16(float (&v)[16]) {
    HADAL_UNROLL
    for (int count = 8, bit = 16; count > 0; count /= 2, bit /= 2)
        HADAL_UNROLL
        for (int i = 0; i < count; i++) {
            bool isUpper = lane_index() & bit;
            float kept = isUpper ? v[i + count] : v[i], sent = isUpper ? v[i] : v[i + count];
            v[i] = kept + __shfl_xor_sync(whole_warp, sent, bit);
        }
    return v[0] + __shfl_xor_sync(whole_warp, v[0], 1);
}

// One warp's work for HEADS query heads of widths up to 128 · STEPS, 16 / HEADS positions a batch.
template <int HEADS, int STEPS> struct Walk {
    static constexpr int batch = 16 / HEADS;
    float queries[HEADS][STEPS][4], out[HEADS][STEPS][4];
    // Of the head that this lane's score belongs to: lane / 2 / batch.
    float maximum, sum;

    // `heads` of HEADS are there, `stride` apart.
    template <class Keys> __device__ __forceinline__ void begin(const float *x, int stride, int heads, const Keys &keys) {
        HADAL_UNROLL
        for (int h = 0; h < HEADS; h++)
            HADAL_UNROLL
            for (int step = 0; step < STEPS; step++)
                HADAL_UNROLL
                for (int i = 0; i < 4; i++) {
                    int at = keys.index(step, i);
                    queries[h][step][i] = h < heads && at < keys.width ? x[(int64_t)h * stride + at] : 0.0f;
                    out[h][step][i] = 0.0f;
                }
        maximum = minus_infinity();
        sum = 0;
    }

    // Positions `first ..< first + count` of the rows, count > 0.
    template <class Keys> __device__ __forceinline__ void take(
        const Keys &keys, const Keys &values, int64_t first, int count, float scale)
    {
        for (int start = 0; start < count; start += batch) {
            float products[16];
            HADAL_UNROLL
            for (int p = 0; p < batch; p++) {
                HADAL_UNROLL
                for (int h = 0; h < HEADS; h++) products[h * batch + p] = 0;
                if (start + p >= count) continue;
                HADAL_UNROLL
                for (int step = 0; step < STEPS; step++) {
                    float4 key = keys.four(first + start + p, step);
                    HADAL_UNROLL
                    for (int h = 0; h < HEADS; h++) {
                        float &product = products[h * batch + p];
                        product = fmaf(queries[h][step][0], key.x, product);
                        product = fmaf(queries[h][step][1], key.y, product);
                        product = fmaf(queries[h][step][2], key.z, product);
                        product = fmaf(queries[h][step][3], key.w, product);
                    }
                }
            }
            float score = sums_of_16(products) * scale;
            if (start + lane_index() / 2 % batch >= count) score = minus_infinity();
            float largest = score;
            HADAL_UNROLL
            for (int bit = 2; bit < 2 * batch; bit *= 2)
                largest = fmaxf(largest, __shfl_xor_sync(whole_warp, largest, bit));
            largest = fmaxf(largest, maximum);
            float weight = __expf(score - largest), total = weight, shrink = __expf(maximum - largest);
            HADAL_UNROLL
            for (int bit = 2; bit < 2 * batch; bit *= 2) total += __shfl_xor_sync(whole_warp, total, bit);
            sum = fmaf(sum, shrink, total);
            maximum = largest;
            add_values(values, first + start, count - start, weight, shrink);
        }
    }

    template <class Values> __device__ __forceinline__ void add_values(
        const Values &values, int64_t first, int count, float weight, float shrink)
    {
        HADAL_UNROLL
        for (int h = 0; h < HEADS; h++) {
            float factor = __shfl_sync(whole_warp, shrink, 2 * h * batch);
            HADAL_UNROLL
            for (int step = 0; step < STEPS; step++)
                HADAL_UNROLL
                for (int i = 0; i < 4; i++) out[h][step][i] *= factor;
        }
        HADAL_UNROLL
        for (int p = 0; p < batch; p++) {
            if (p >= count) break;
            float weights[HEADS];
            HADAL_UNROLL
            for (int h = 0; h < HEADS; h++) weights[h] = __shfl_sync(whole_warp, weight, 2 * (h * batch + p));
            HADAL_UNROLL
            for (int step = 0; step < STEPS; step++) {
                float4 value = values.four(first + p, step);
                HADAL_UNROLL
                for (int h = 0; h < HEADS; h++) {
                    out[h][step][0] = fmaf(weights[h], value.x, out[h][step][0]);
                    out[h][step][1] = fmaf(weights[h], value.y, out[h][step][1]);
                    out[h][step][2] = fmaf(weights[h], value.z, out[h][step][2]);
                    out[h][step][3] = fmaf(weights[h], value.w, out[h][step][3]);
                }
            }
        }
    }
};

// What the 8 warps have, put together in their order.
template <int HEADS, int STEPS> struct Gathering {
    float maxima[8][HEADS], sums[8][HEADS], out[8][128 * STEPS];

    // Calls put(head, column, value) for each number and finish(head, maximum, sum) once a head, for the first `heads`.
    template <class Values, class Put, class Finish> __device__ __forceinline__ void gather(
        const Walk<HEADS, STEPS> &walk, const Values &values, int heads, Put put, Finish finish)
    {
        constexpr int lanes_a_head = 32 / HEADS;
        if (lane_index() % lanes_a_head == 0) {
            maxima[warp_index()][lane_index() / lanes_a_head] = walk.maximum;
            sums[warp_index()][lane_index() / lanes_a_head] = walk.sum;
        }
        HADAL_UNROLL
        for (int h = 0; h < HEADS; h++) {
            if (h >= heads) break;
            __syncthreads();
            for (int step = 0; step < STEPS; step++)
                for (int i = 0; i < 4; i++) out[warp_index()][values.index(step, i)] = walk.out[h][step][i];
            __syncthreads();
            float largest = maxima[0][h], factors[8], total = 0;
            for (int warp = 1; warp < 8; warp++) largest = fmaxf(largest, maxima[warp][h]);
            for (int warp = 0; warp < 8; warp++) {
                factors[warp] = __expf(maxima[warp][h] - largest);
                total = fmaf(sums[warp][h], factors[warp], total);
            }
            for (int column = (int)threadIdx.x; column < values.width; column += 256) {
                float value = 0;
                for (int warp = 0; warp < 8; warp++) value = fmaf(out[warp][column], factors[warp], value);
                put(h, column, value, total);
            }
            if (threadIdx.x == 0) finish(h, largest, total);
        }
    }
};
