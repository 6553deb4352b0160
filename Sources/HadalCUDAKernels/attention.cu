// Attention over the paged cache, and within encoders' sequences.
//
// Decoding is bound by the cache's bytes: each is read once for the heads that share it, HEADS at a time (the wide kernel's
// further heads find it in the second cache). Operations: 2 · positions · heads · (key width + value width).
#include "attention.cuh"

template <int FORMAT, int HEADS, int STEPS> HADAL_INLINE void attend(const hadal_attend &a, Gathering<HEADS, STEPS> &gathering) {
    int group = a.query_heads / a.keys.heads, parts = (group + HEADS - 1) / HEADS;
    int key_head = (int)blockIdx.x / parts, first_head = (int)blockIdx.x % parts * HEADS, piece = (int)blockIdx.y;
    int heads = group - first_head < HEADS ? group - first_head : HEADS;
    int64_t row = blockIdx.z, query_head = key_head * group + first_head;
    int length = a.step.positions[row] + 1, first = piece * HADAL_CUDA_ATTENTION_PIECE + 32 * warp_index();
    if (piece * HADAL_CUDA_ATTENTION_PIECE >= length) return;

    bool isAligned = a.keys.width % 4 == 0 && a.value_width % 4 == 0;
    CachedRows<FORMAT> keys = {(const uint8_t *)a.keys.rows, a.keys.row_bytes, a.keys.width, isAligned};
    CachedRows<FORMAT> values = keys;
    if (a.values.rows) values = {(const uint8_t *)a.values.rows, a.values.row_bytes, a.values.width, isAligned};

    Walk<HEADS, STEPS> walk;
    walk.begin(a.queries + row * a.query_stride + query_head * a.keys.width, a.keys.width, heads, keys);
    if (first < length) {
        int64_t block = a.step.blocks[a.step.table_starts[row] + first / 32];
        int count = length - first < 32 ? length - first : 32;
        walk.take(keys, values, (block * a.keys.heads + key_head) * 32, count, a.scale);
    }
    float *partials = a.partials + ((row * a.query_heads + query_head) * a.pieces + piece) * (a.value_width + 2);
    int64_t head_distance = (int64_t)a.pieces * (a.value_width + 2);
    CachedRows<FORMAT> columns = values;  // of MLA only the first are wanted
    columns.width = a.value_width;
    gathering.gather(
        walk, columns, heads,
        [&](int head, int column, float value, float) { partials[head * head_distance + column] = value; },
        [&](int head, float maximum, float sum) {
            partials[head * head_distance + a.value_width] = maximum;
            partials[head * head_distance + a.value_width + 1] = sum;
        });
}

template <int HEADS, int STEPS> HADAL_INLINE void attend_any(const hadal_attend &a, Gathering<HEADS, STEPS> &gathering) {
    switch (a.keys.format) {
    case HADAL_CUDA_CACHE_F32: return attend<HADAL_CUDA_CACHE_F32>(a, gathering);
    case HADAL_CUDA_CACHE_F16: return attend<HADAL_CUDA_CACHE_F16>(a, gathering);
    case HADAL_CUDA_CACHE_I8: return attend<HADAL_CUDA_CACHE_I8>(a, gathering);
    }
}

HADAL_KERNEL(hadal_attend_1, hadal_attend, 256) {
    __shared__ Gathering<1, 1> gathering;
    attend_any(a, gathering);
}

HADAL_KERNEL(hadal_attend_8, hadal_attend, 256) {
    __shared__ Gathering<8, 1> gathering;
    attend_any(a, gathering);
}

HADAL_KERNEL(hadal_attend_wide, hadal_attend, 256) {
    __shared__ Gathering<HADAL_CUDA_ATTENTION_WIDE_HEADS, 5> gathering;
    attend_any(a, gathering);
}

// A block for each head of each row.
HADAL_KERNEL(hadal_attend_combine, hadal_attend, 128) {
    int64_t row = blockIdx.y, head = blockIdx.x;
    int pieces = a.step.positions[row] / HADAL_CUDA_ATTENTION_PIECE + 1, width = a.value_width + 2;
    const float *partials = a.partials + (row * a.query_heads + head) * a.pieces * width;
    float largest = minus_infinity(), sum = 0;
    for (int piece = 0; piece < pieces; piece++) largest = fmaxf(largest, partials[piece * width + a.value_width]);
    for (int piece = 0; piece < pieces; piece++)
        sum = fmaf(partials[piece * width + width - 1], __expf(partials[piece * width + a.value_width] - largest), sum);
    for (int column = (int)threadIdx.x; column < a.value_width; column += 128) {
        float value = 0;
        for (int piece = 0; piece < pieces; piece++)
            value = fmaf(partials[piece * width + column], __expf(partials[piece * width + a.value_width] - largest), value);
        a.out[row * a.out_stride + head * a.value_width + column] = value / sum;
    }
}

template <int STEPS> HADAL_INLINE void attend_within(const hadal_attend_within &a, Gathering<1, STEPS> &gathering) {
    int64_t row = blockIdx.y, head = blockIdx.x, width = (int64_t)a.heads * a.head_width;
    int length = a.lengths[row];
    bool isAligned = a.head_width % 4 == 0;
    const uint8_t *rows = (const uint8_t *)(a.qkv + width + head * a.head_width);
    CachedRows<HADAL_CUDA_CACHE_F32> keys = {rows, 3 * width * 4, a.head_width, isAligned};
    CachedRows<HADAL_CUDA_CACHE_F32> values = {rows + width * 4, 3 * width * 4, a.head_width, isAligned};
    Walk<1, STEPS> walk;
    walk.begin(a.qkv + row * 3 * width + head * a.head_width, 0, 1, keys);
    for (int first = 32 * warp_index(); first < length; first += 256)
        walk.take(keys, values, a.starts[row] + first, length - first < 32 ? length - first : 32, a.scale);
    float *out = a.out + row * width + head * a.head_width;
    gathering.gather(
        walk, values, 1, [&](int, int column, float value, float sum) { out[column] = value / sum; },
        [](int, float, float) {});
}

// A block for each head of each row. Heads are up to 640 wide.
HADAL_KERNEL(hadal_attend_within, hadal_attend_within, 256) {
    __shared__ Gathering<1, 5> gathering;
    if (a.head_width <= 128) return attend_within<1>(a, (Gathering<1, 1> &)gathering);
    attend_within<5>(a, gathering);
}
