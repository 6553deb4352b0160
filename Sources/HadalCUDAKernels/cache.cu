// Rows of the key-value cache, in the bytes that HadalKernels' cache.c writes.
#include "machine.cuh"

// A group of 64 numbers as integers and their factor, by one warp: two numbers a lane.
HADAL_INLINE void store_group(const float *x, int width, int group, uint8_t *row) {
    int first = group * 64 + lane_index(), second = first + 32;
    float v = first < width ? x[first] : 0.0f, u = second < width ? x[second] : 0.0f;
    float peak = largest_of_warp(fmaxf(fabsf(v), fabsf(u)));
    float factor = peak / 127.0f, inverse = factor > 0 ? 1.0f / factor : 0.0f;
    for (int i = 0; i < 2; i++) {
        float whole = rintf((i ? u : v) * inverse);
        // NaN becomes 0.
        int q = whole > 127 ? 127 : whole < -127 ? -127 : whole == whole ? (int)whole : 0;
        if ((i ? second : first) < width) row[i ? second : first] = (uint8_t)(int8_t)q;
    }
    // Byte by byte: the row's end need not be aligned.
    if (lane_index() < 4)
        row[width + group * 4 + lane_index()] = (uint8_t)(__float_as_uint(factor) >> (8 * lane_index()));
}

// A block of 4 warps for each head of each row.
HADAL_KERNEL(hadal_store, hadal_store, 128) {
    int64_t row = blockIdx.y;
    int head = (int)blockIdx.x, position = a.step.positions[row];
    int block = a.step.blocks[a.step.table_starts[row] + position / 32];
    int64_t place = ((int64_t)block * a.cache.heads + head) * 32 + position % 32;
    uint8_t *target = (uint8_t *)a.cache.rows + place * a.cache.row_bytes;
    const float *x = a.x + row * a.x_stride + (int64_t)head * a.cache.width;
    if (a.cache.format == HADAL_CUDA_CACHE_I8) {
        for (int group = warp_index(); group * 64 < a.cache.width; group += 4) store_group(x, a.cache.width, group, target);
        return;
    }
    for (int i = (int)threadIdx.x; i < a.cache.width; i += 128) {
        if (a.cache.format == HADAL_CUDA_CACHE_F16) {
            ((uint16_t *)target)[i] = float_to_half(x[i]);
        } else {
            ((float *)target)[i] = x[i];
        }
    }
}
