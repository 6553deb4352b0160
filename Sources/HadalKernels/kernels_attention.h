// Part of kernels_body.h: attention over the paged cache.

INLINE float cached_factor(const uint8_t *row, int64_t width, int64_t index) {
    float factor;
    memcpy(&factor, row + width + index / HADAL_CACHE_GROUP * 4, 4);
    return factor;
}

// `index`: a multiple of 16; `width`: of the row.
INLINE f32x16 load_cached(const uint8_t *row, int64_t width, int64_t index, const hadal_cache_format format) {
    if (format == HADAL_CACHE_F32) return load((const float *)row + index);
    if (format == HADAL_CACHE_F16) return load_f16(row + index * 2);
    i8x16 values = *(const i8x16u *)(row + index);
    return __builtin_convertvector(values, f32x16) * splat(cached_factor(row, width, index));
}

INLINE float load_cached_one(const uint8_t *row, int64_t width, int64_t index, const hadal_cache_format format) {
    if (format == HADAL_CACHE_F32) return ((const float *)row)[index];
    if (format == HADAL_CACHE_F16) return hadal_f16_to_f32(((const uint16_t *)row)[index]);
    return (float)(int8_t)row[index] * cached_factor(row, width, index);
}

#define EVERY_OTHER(A, B, FIRST, STEP)                                                                            \
    __builtin_shufflevector(                                                                                      \
        A, B, FIRST(0, STEP), FIRST(1, STEP), FIRST(2, STEP), FIRST(3, STEP), FIRST(4, STEP), FIRST(5, STEP),     \
        FIRST(6, STEP), FIRST(7, STEP), 16 + FIRST(0, STEP), 16 + FIRST(1, STEP), 16 + FIRST(2, STEP),            \
        16 + FIRST(3, STEP), 16 + FIRST(4, STEP), 16 + FIRST(5, STEP), 16 + FIRST(6, STEP), 16 + FIRST(7, STEP))
// The i-th of the lanes that are first, or second, in their pair of runs of STEP lanes.
#define FIRST_RUN(I, STEP) ((I) / (STEP) * 2 * (STEP) + (I) % (STEP))
#define SECOND_RUN(I, STEP) (FIRST_RUN(I, STEP) + (STEP))
// Adds the two runs of STEP lanes of each pair: what is left of A, then of B.
#define FOLD(A, B, STEP) (EVERY_OTHER(A, B, FIRST_RUN, STEP) + EVERY_OTHER(A, B, SECOND_RUN, STEP))

// Lane i is sum16 of v[i], by the same tree.
INLINE f32x16 sum16_each(const f32x16 *v) {
    f32x16 a[8], b[4], c[2];
    UNROLL for (int i = 0; i < 8; i++) a[i] = FOLD(v[2 * i], v[2 * i + 1], 8);
    UNROLL for (int i = 0; i < 4; i++) b[i] = FOLD(a[2 * i], a[2 * i + 1], 4);
    UNROLL for (int i = 0; i < 2; i++) c[i] = FOLD(b[2 * i], b[2 * i + 1], 2);
    return FOLD(c[0], c[1], 1);
}

enum { CACHE_BLOCK = 32, HEADS_AT_ONCE = 4 };

// Products of `heads` queries with the keys of a block, 16 at a time: a key is converted once for all heads.
INLINE void score_heads(
    const float *queries, const uint8_t *keys, int64_t width, float (*scores)[CACHE_BLOCK], const int heads,
    const hadal_cache_format format)
{
    const int together = 16 / heads;
    const int64_t key_bytes = hadal_cached_row_bytes(width, format);
    for (int64_t first = 0; first < CACHE_BLOCK; first += together) {
        const uint8_t *key = keys + first * key_bytes;
        f32x16 sums[16];
        UNROLL for (int i = 0; i < 16; i++) sums[i] = splat(0);
        int64_t i = 0;
        for (; i + 16 <= width; i += 16) {
            f32x16 query[HEADS_AT_ONCE];
            UNROLL for (int h = 0; h < heads; h++) query[h] = load(queries + h * width + i);
            UNROLL for (int k = 0; k < together; k++) {
                f32x16 values = load_cached(key + k * key_bytes, width, i, format);
                UNROLL for (int h = 0; h < heads; h++)
                    sums[h * together + k] = fused(query[h], values, sums[h * together + k]);
            }
        }
        float totals[16];
        store(totals, sum16_each(sums));
        UNROLL for (int h = 0; h < heads; h++)
            for (int k = 0; k < together; k++) {
                float total = totals[h * together + k];
                for (int64_t rest = i; rest < width; rest++)
                    total = fmaf(
                        queries[h * width + rest], load_cached_one(key + k * key_bytes, width, rest, format), total);
                scores[h][first + k] = total;
            }
    }
}

// Adds the block's values, weighted by the scores, to `vectors` vectors of each head's output.
INLINE void add_values(
    float *out, int64_t width, const uint8_t *values, int64_t cached_width, int64_t count,
    float (*scores)[CACHE_BLOCK], int64_t column, const int heads, const int vectors, const hadal_cache_format format)
{
    const int64_t value_bytes = hadal_cached_row_bytes(cached_width, format);
    f32x16 sums[HEADS_AT_ONCE][4];
    UNROLL for (int h = 0; h < heads; h++)
        UNROLL for (int v = 0; v < vectors; v++) sums[h][v] = load(out + h * width + column + v * 16);
    for (int64_t i = 0; i < count; i++) {
        f32x16 value[4];
        UNROLL for (int v = 0; v < vectors; v++)
            value[v] = load_cached(values + i * value_bytes, cached_width, column + v * 16, format);
        UNROLL for (int h = 0; h < heads; h++)
            UNROLL for (int v = 0; v < vectors; v++)
                sums[h][v] = fused(splat(scores[h][i]), value[v], sums[h][v]);
    }
    UNROLL for (int h = 0; h < heads; h++)
        UNROLL for (int v = 0; v < vectors; v++) store(out + h * width + column + v * 16, sums[h][v]);
}

INLINE void scale_row(float *out, float factor, int64_t width) {
    for (int64_t i = 0; i < width; i++) out[i] *= factor;
}

// Turns a head's scores of a block into weights (online softmax): scales what came before when the maximum grows.
INLINE void weigh(float *scores, int64_t count, float scale, float *maximum, float *sum, float *out, int64_t width) {
    for (int64_t i = 0; i < CACHE_BLOCK; i++) scores[i] = i < count ? scores[i] * scale : -INFINITY;
    f32x16 low = load(scores), high = load(scores + 16);
    float largest = max16(__builtin_elementwise_max(low, high));
    if (largest > *maximum) {
        float shrink = 0;
        if (*maximum > -INFINITY) {
            float lanes[16];
            store(lanes, exponential(splat(*maximum - largest)));
            shrink = lanes[0];
        }
        scale_row(out, shrink, width);
        *sum *= shrink;
        *maximum = largest;
    }
    low = exponential(low - splat(*maximum));
    high = exponential(high - splat(*maximum));
    store(scores, low);
    store(scores + 16, high);
    *sum += sum16(low + high);
}

// One block for `heads` heads of a row.
INLINE void attend_block(
    const hadal_attend_job *job, const float *queries, const uint8_t *keys, const uint8_t *values, int64_t cached_width,
    int64_t count, float *out, float *maxima, float *sums, const int heads, const hadal_cache_format format)
{
    const int64_t width = job->value_width, value_bytes = hadal_cached_row_bytes(cached_width, format);
    float scores[HEADS_AT_ONCE][CACHE_BLOCK];
    score_heads(queries, keys, job->cache.key_width, scores, heads, format);
    for (int h = 0; h < heads; h++) weigh(scores[h], count, job->scale, &maxima[h], &sums[h], out + h * width, width);
    int64_t column = 0;
    for (; column + 64 <= width; column += 64)
        add_values(out, width, values, cached_width, count, scores, column, heads, 4, format);
    for (; column + 16 <= width; column += 16)
        add_values(out, width, values, cached_width, count, scores, column, heads, 1, format);
    for (int h = 0; h < heads; h++)
        for (int64_t i = 0; i < count; i++)
            for (int64_t rest = column; rest < width; rest++) {
                float *place = out + h * width + rest;
                *place = fmaf(
                    scores[h][i], load_cached_one(values + i * value_bytes, cached_width, rest, format), *place);
            }
}

// One row and one key head: the query heads that share it walk the row's positions block by block, each with a running
// maximum, sum and weighted value. The blocks' order and length are fixed, so is the result.
INLINE void attend_one(
    const hadal_attend_job *job, int64_t row, int64_t key_head, float *maxima, float *sums,
    const hadal_cache_format format)
{
    const hadal_cache_layer *cache = &job->cache;
    const int64_t group = job->query_heads / cache->key_heads;
    const int64_t value_width = job->value_width;
    const int64_t cached_width = cache->values ? cache->cached_value_width : cache->key_width;
    const int64_t key_bytes = hadal_cached_row_bytes(cache->key_width, format);
    const int64_t value_bytes = hadal_cached_row_bytes(cached_width, format);
    const float *queries = job->queries + row * job->query_stride + key_head * group * cache->key_width;
    float *out = job->out + row * job->out_stride + key_head * group * value_width;
    for (int64_t h = 0; h < group; h++) {
        maxima[h] = -INFINITY;
        sums[h] = 0;
    }
    memset(out, 0, (size_t)(group * value_width) * sizeof(float));
    int64_t length = (int64_t)job->positions[row] + 1;
    for (int64_t start = 0; start < length; start += CACHE_BLOCK) {
        int64_t count = length - start < CACHE_BLOCK ? length - start : CACHE_BLOCK;
        int64_t block = ((int64_t)job->block_tables[row][start / CACHE_BLOCK] * cache->key_heads + key_head) * CACHE_BLOCK;
        const uint8_t *keys = (const uint8_t *)cache->keys + block * key_bytes;
        const uint8_t *values = cache->values ? (const uint8_t *)cache->values + block * value_bytes : keys;
        for (int64_t h = 0; h < group;) {
            const float *query = queries + h * cache->key_width;
            float *target = out + h * value_width;
#define BLOCK_FOR(HEADS)                                                                                          \
    attend_block(job, query, keys, values, cached_width, count, target, maxima + h, sums + h, HEADS, format);     \
    h += HEADS
            if (group - h >= 4) {
                BLOCK_FOR(4);
            } else if (group - h >= 2) {
                BLOCK_FOR(2);
            } else {
                BLOCK_FOR(1);
            }
#undef BLOCK_FOR
        }
    }
    for (int64_t h = 0; h < group; h++) scale_row(out + h * value_width, 1.0f / sums[h], value_width);
}

static void attend(const hadal_attend_job *job, int64_t begin, int64_t end) {
    const int64_t group = job->query_heads / job->cache.key_heads;
    float maxima[group], sums[group];
    for (int64_t item = begin; item < end; item++) {
        int64_t row = item / job->cache.key_heads, head = item % job->cache.key_heads;
        switch (job->cache.format) {
        case HADAL_CACHE_F32: attend_one(job, row, head, maxima, sums, HADAL_CACHE_F32); break;
        case HADAL_CACHE_F16: attend_one(job, row, head, maxima, sums, HADAL_CACHE_F16); break;
        case HADAL_CACHE_I8: attend_one(job, row, head, maxima, sums, HADAL_CACHE_I8); break;
        }
    }
}
