// The arithmetic of every instruction set, in clang's portable vectors of 16 lanes. The file that includes this has set
//   KERNELS        the table's name            KERNELS_NAME   its name for people
//   TILE_ROWS      the most rows of a tile     TILE_PANELS    the most panels of a tile of several rows
//   IMPLIED_ZERO   what `dot_bytes` subtracts from each weight byte by itself
// and defined load_f16 (16 halves to float) and dot_bytes. One order of operations everywhere: tables agree to the bit.
#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE f32x16 splat(float value) { return (f32x16){} + value; }
INLINE f32x16 load(const float *source) { return *(const f32x16u *)source; }
INLINE void store(float *target, f32x16 value) { *(f32x16u *)target = value; }
INLINE f32x16 fused(f32x16 a, f32x16 b, f32x16 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE f32x16 choose(i32x16 mask, f32x16 a, f32x16 b) {
    return (f32x16)((mask & (i32x16)a) | (~mask & (i32x16)b));
}

// Sums lanes in one fixed tree.
INLINE float sum16(f32x16 v) {
    float a[16];
    store(a, v);
    UNROLL for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; i++) a[i] += a[i + width];
    return a[0];
}

INLINE float max16(f32x16 v) {
    float a[16];
    store(a, v);
    UNROLL for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; i++) a[i] = a[i] > a[i + width] ? a[i] : a[i + width];
    return a[0];
}

// e^x to about 2 ulp: 2^n · e^r with |r| ≤ ln 2 / 2 and a polynomial of degree 6. Below -87 the result is 0.
INLINE f32x16 exponential(f32x16 x) {
    f32x16 bounded = __builtin_elementwise_min(__builtin_elementwise_max(x, splat(-87.3f)), splat(88.7f));
    f32x16 n = __builtin_elementwise_roundeven(bounded * splat(1.44269504088896341f));
    f32x16 r = fused(n, splat(-0.693359375f), bounded);
    r = fused(n, splat(2.12194440e-4f), r);
    f32x16 p = splat(1.9875691500e-4f);
    p = fused(p, r, splat(1.3981999507e-3f));
    p = fused(p, r, splat(8.3334519073e-3f));
    p = fused(p, r, splat(4.1665795894e-2f));
    p = fused(p, r, splat(1.6666665459e-1f));
    p = fused(p, r, splat(5.0000001201e-1f));
    p = fused(p * r, r, r + splat(1.0f));
    // 2^n in two factors, so that n = 128 does not overflow on the way.
    i32x16 whole = __builtin_convertvector(n, i32x16);
    i32x16 half = whole >> 1;
    f32x16 result = p * (f32x16)((half + 127) << 23) * (f32x16)((whole - half + 127) << 23);
    return choose(x < splat(-87.3f), splat(0), result);
}

// ---- matrix products ----

INLINE f32x16 load_panel(const uint8_t *source, const hadal_panel_kind kind) {
    switch (kind) {
    case HADAL_PANEL_F32: return load((const float *)source);
    case HADAL_PANEL_F16: return load_f16(source);
    case HADAL_PANEL_BF16:
        return (f32x16)(__builtin_convertvector(*(const u16x16u *)source, u32x16) << 16);
    default: {
        // e4m3 read as a float16 with the same mantissa is too small by 2^8, subnormals included.
        u16x16 wide = __builtin_convertvector(*(const u8x16u *)source, u16x16);
        u16x16 half = ((wide & 0x80) << 8) | ((wide & 0x7F) << 7);
        return load_f16((const uint8_t *)&half) * splat(256.0f);
    }
    }
}

INLINE int64_t value_bytes(const hadal_panel_kind kind) {
    return kind == HADAL_PANEL_F32 ? 4 : kind == HADAL_PANEL_F8 ? 1 : 2;
}

INLINE void finish(const hadal_multiply_job *job, int64_t row, int64_t panel, f32x16 sum) {
    int64_t first = panel * HADAL_LANES;
    int64_t lanes = job->weight->outputs - first;
    float *out = job->out + row * job->out_stride + first;
    if (lanes >= HADAL_LANES) {
        if (job->bias) sum += load(job->bias + first);
        if (job->accumulates) sum += load(out);
        store(out, sum);
        return;
    }
    float values[HADAL_LANES];
    store(values, sum);
    for (int64_t lane = 0; lane < lanes; lane++) {
        float value = values[lane];
        if (job->bias) value += job->bias[first + lane];
        if (job->accumulates) value += out[lane];
        out[lane] = value;
    }
}

// Each output is one chain of fused multiply-adds over k; F8 restarts it for each block of 128 inputs, whose factor is
// applied to the block's sum.
INLINE void float_tile(
    const hadal_multiply_job *job, int64_t row, int64_t panel, const int rows, const int panels,
    const hadal_panel_kind kind)
{
    const hadal_weight *weight = job->weight;
    const int64_t step = value_bytes(kind) * HADAL_LANES;
    const uint8_t *w = weight->data + panel * weight->panel_bytes;
    const float *x = job->x + row * job->x_stride;
    f32x16 sums[8][8];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int p = 0; p < panels; p++) sums[r][p] = splat(0);
    if (kind != HADAL_PANEL_F8) {
        for (int64_t k = 0; k < weight->inputs; k++) {
            f32x16 values[8];
            UNROLL for (int p = 0; p < panels; p++)
                values[p] = load_panel(w + p * weight->panel_bytes + k * step, kind);
            UNROLL for (int r = 0; r < rows; r++) {
                f32x16 input = splat(x[r * job->x_stride + k]);
                UNROLL for (int p = 0; p < panels; p++) sums[r][p] = fused(values[p], input, sums[r][p]);
            }
        }
    } else {
        for (int64_t start = 0; start < weight->inputs; start += 128) {
            int64_t end = start + 128 < weight->inputs ? start + 128 : weight->inputs;
            f32x16 part[8][8];
            UNROLL for (int r = 0; r < rows; r++) UNROLL for (int p = 0; p < panels; p++) part[r][p] = splat(0);
            for (int64_t k = start; k < end; k++) {
                f32x16 values[8];
                UNROLL for (int p = 0; p < panels; p++)
                    values[p] = load_panel(w + p * weight->panel_bytes + k * step, kind);
                UNROLL for (int r = 0; r < rows; r++) {
                    f32x16 input = splat(x[r * job->x_stride + k]);
                    UNROLL for (int p = 0; p < panels; p++) part[r][p] = fused(values[p], input, part[r][p]);
                }
            }
            UNROLL for (int p = 0; p < panels; p++) {
                int64_t block = (panel + p) * HADAL_LANES / 128 * weight->block_scale_columns + start / 128;
                f32x16 factor = splat(weight->block_scale ? weight->block_scale[block] : 1.0f);
                UNROLL for (int r = 0; r < rows; r++) sums[r][p] = fused(part[r][p], factor, sums[r][p]);
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int p = 0; p < panels; p++) finish(job, row + r, panel + p, sums[r][p]);
}

// Exact integer sums within a block, then one fused multiply-add for the block (and one for its minimum).
INLINE void quantized_tile(
    const hadal_multiply_job *job, int64_t row, int64_t panel, const int rows, const int panels, const bool q4,
    const int block, const bool has_minimum)
{
    const hadal_weight *weight = job->weight;
    const int64_t inputs = weight->inputs;
    const int halves = 32 / block;
    const int64_t data_bytes = q4 ? 256 : 512;
    const int64_t block_bytes = data_bytes + halves * 32 * (has_minimum ? 2 : 1);
    const int32_t offset = (q4 ? 0 : IMPLIED_ZERO) - weight->zero;
    const uint8_t *w = weight->data + panel * weight->panel_bytes;
    const int8_t *x = job->quantized.values + row * inputs;
    const float *scales = job->quantized.scales + row * (inputs / 32);
    const int32_t *sums16 = job->quantized.sums + row * (inputs / 16);
    f32x16 sums[8][8];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int p = 0; p < panels; p++) sums[r][p] = splat(0);
    for (int64_t b = 0; b < inputs / 32; b++) {
        const uint8_t *blocks = w + b * block_bytes;
        if (rows == 1) {
            UNROLL for (int p = 0; p < panels; p++) {
                const uint8_t *ahead = blocks + p * weight->panel_bytes + 2048;
                UNROLL for (int line = 0; line < (q4 ? 5 : 9); line++) __builtin_prefetch(ahead + line * 64);
            }
        }
        UNROLL for (int half = 0; half < halves; half++) {
            i32x16 dots[8][8];
            int32_t total[8];
            UNROLL for (int r = 0; r < rows; r++) {
                const int32_t *pair = sums16 + r * (inputs / 16) + b * 2;
                total[r] = block == 32 ? pair[0] + pair[1] : pair[half];
                UNROLL for (int p = 0; p < panels; p++) dots[r][p] = (i32x16){} + offset * total[r];
            }
            const int groups = block / 4;
            UNROLL for (int g = 0; g < groups; g++) {
                const int group = half * groups + g;
                u8x64 bytes[8];
                UNROLL for (int p = 0; p < panels; p++) {
                    const uint8_t *source = blocks + p * weight->panel_bytes;
                    if (q4) {
                        u8x64 both = *(const u8x64u *)(source + (group & 3) * 64);
                        bytes[p] = group < 4 ? both & 15 : (u8x64)((u16x32)both >> 4) & 15;
                    } else {
                        bytes[p] = *(const u8x64u *)(source + group * 64);
                    }
                }
                UNROLL for (int r = 0; r < rows; r++) {
                    int32_t four;
                    memcpy(&four, x + r * inputs + b * 32 + group * 4, 4);
                    UNROLL for (int p = 0; p < panels; p++) dots[r][p] = dot_bytes(dots[r][p], bytes[p], four, q4);
                }
            }
            UNROLL for (int p = 0; p < panels; p++) {
                const uint8_t *source = blocks + p * weight->panel_bytes + data_bytes + half * 32;
                f32x16 scale = load_f16(source);
                f32x16 minimum = has_minimum ? load_f16(source + halves * 32) : splat(0);
                UNROLL for (int r = 0; r < rows; r++) {
                    float factor = scales[r * (inputs / 32) + b];
                    f32x16 dot = __builtin_convertvector(dots[r][p], f32x16);
                    sums[r][p] = fused(dot, scale * splat(factor), sums[r][p]);
                    if (has_minimum) sums[r][p] = fused(minimum, splat(factor * (float)total[r]), sums[r][p]);
                }
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int p = 0; p < panels; p++) finish(job, row + r, panel + p, sums[r][p]);
}

// Tiles of the constant sizes `rows × panels` over rows row..<row_end of the panels from `panel` on.
#define TILES(ROWS, PANELS, TILE, ...)                                                   \
    for (; row + (ROWS) <= job->rows; row += (ROWS)) TILE(job, row, panel, ROWS, PANELS, __VA_ARGS__);

#define WALK(SINGLE, TILE, ...)                                                          \
    for (int64_t panel = panel_begin; panel < panel_end;) {                              \
        int64_t left = panel_end - panel, row = 0;                                       \
        if (job->rows == 1 && left >= (SINGLE)) {                                        \
            TILE(job, 0, panel, 1, SINGLE, __VA_ARGS__);                                 \
            panel += (SINGLE);                                                           \
        } else if (job->rows > 1 && left >= TILE_PANELS) {                               \
            TILES(TILE_ROWS, TILE_PANELS, TILE, __VA_ARGS__)                             \
            TILES(2, TILE_PANELS, TILE, __VA_ARGS__)                                     \
            TILES(1, TILE_PANELS, TILE, __VA_ARGS__)                                     \
            panel += TILE_PANELS;                                                        \
        } else {                                                                         \
            TILES(TILE_ROWS, 1, TILE, __VA_ARGS__)                                       \
            TILES(1, 1, TILE, __VA_ARGS__)                                               \
            panel += 1;                                                                  \
        }                                                                                \
    }

static void multiply_f32(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, float_tile, HADAL_PANEL_F32)
}
static void multiply_f16(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, float_tile, HADAL_PANEL_F16)
}
static void multiply_bf16(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, float_tile, HADAL_PANEL_BF16)
}
static void multiply_f8(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, float_tile, HADAL_PANEL_F8)
}
static void multiply_q8(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, quantized_tile, false, 32, false)
}
static void multiply_q8_minimum(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, quantized_tile, false, 32, true)
}
static void multiply_q8_16(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, quantized_tile, false, 16, false)
}
static void multiply_q4(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, quantized_tile, true, 32, false)
}
static void multiply_q4_minimum(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, quantized_tile, true, 32, true)
}
static void multiply_q4_16(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, quantized_tile, true, 16, false)
}
static void multiply_q4_16_minimum(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end) {
    WALK(4, quantized_tile, true, 16, true)
}

static void multiply(const hadal_multiply_job *job, int64_t begin, int64_t end) {
    const hadal_weight *weight = job->weight;
    switch (weight->kind) {
    case HADAL_PANEL_F32: multiply_f32(job, begin, end); break;
    case HADAL_PANEL_F16: multiply_f16(job, begin, end); break;
    case HADAL_PANEL_BF16: multiply_bf16(job, begin, end); break;
    case HADAL_PANEL_F8: multiply_f8(job, begin, end); break;
    case HADAL_PANEL_Q8:
        if (weight->block == 16) multiply_q8_16(job, begin, end);
        else if (weight->has_minimum) multiply_q8_minimum(job, begin, end);
        else multiply_q8(job, begin, end);
        break;
    case HADAL_PANEL_Q4:
        if (weight->block == 16 && weight->has_minimum) multiply_q4_16_minimum(job, begin, end);
        else if (weight->block == 16) multiply_q4_16(job, begin, end);
        else if (weight->has_minimum) multiply_q4_minimum(job, begin, end);
        else multiply_q4(job, begin, end);
        break;
    }
}

// Blocks of 32: the largest magnitude becomes 127; ties round to even.
static void quantize(const float *x, int64_t inputs, int8_t *values, float *scales, int32_t *sums) {
    for (int64_t b = 0; b < inputs / 32; b++) {
        f32x16 low = load(x + b * 32), high = load(x + b * 32 + 16);
        float largest = max16(__builtin_elementwise_max(__builtin_elementwise_abs(low), __builtin_elementwise_abs(high)));
        float inverse = largest > 0 ? 127.0f / largest : 0.0f;
        scales[b] = largest / 127.0f;
        i32x16 a = __builtin_convertvector(__builtin_elementwise_roundeven(low * splat(inverse)), i32x16);
        i32x16 c = __builtin_convertvector(__builtin_elementwise_roundeven(high * splat(inverse)), i32x16);
        *(i8x16u *)(values + b * 32) = __builtin_convertvector(a, i8x16);
        *(i8x16u *)(values + b * 32 + 16) = __builtin_convertvector(c, i8x16);
        sums[b * 2] = __builtin_reduce_add(a);
        sums[b * 2 + 1] = __builtin_reduce_add(c);
    }
}

// ---- attention ----

INLINE f32x16 load_cached(const void *row, int64_t index, const bool is_f16) {
    return is_f16 ? load_f16((const uint8_t *)row + index * 2) : load((const float *)row + index);
}

INLINE float load_cached_one(const void *row, int64_t index, const bool is_f16) {
    if (!is_f16) return ((const float *)row)[index];
    return hadal_f16_to_f32(((const uint16_t *)row)[index]);
}

INLINE float dot_cached(const float *query, const void *key, int64_t width, const bool is_f16) {
    f32x16 sum = splat(0);
    int64_t i = 0;
    for (; i + 16 <= width; i += 16) sum = fused(load(query + i), load_cached(key, i, is_f16), sum);
    float total = sum16(sum);
    for (; i < width; i++) total = fmaf(query[i], load_cached_one(key, i, is_f16), total);
    return total;
}

INLINE void add_cached(float *out, float factor, const void *value, int64_t width, const bool is_f16) {
    int64_t i = 0;
    for (; i + 16 <= width; i += 16)
        store(out + i, fused(splat(factor), load_cached(value, i, is_f16), load(out + i)));
    for (; i < width; i++) out[i] = fmaf(factor, load_cached_one(value, i, is_f16), out[i]);
}

INLINE void scale_row(float *out, float factor, int64_t width) {
    for (int64_t i = 0; i < width; i++) out[i] *= factor;
}

enum { CACHE_BLOCK = 32 };

// One row and one key head: the query heads that share it walk the row's positions block by block, each with a running
// maximum, sum and weighted value (online softmax). The blocks' order and length are fixed, so is the result.
INLINE void attend_one(
    const hadal_attend_job *job, int64_t row, int64_t key_head, float *maxima, float *sums, const bool is_f16)
{
    const hadal_cache_layer *cache = &job->cache;
    const int64_t group = job->query_heads / cache->key_heads;
    const int64_t element = is_f16 ? 2 : 4;
    const int64_t value_width = job->value_width;
    const int64_t value_stride = cache->values ? cache->cached_value_width : cache->key_width;
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
        const uint8_t *keys = (const uint8_t *)cache->keys + block * cache->key_width * element;
        const uint8_t *values =
            cache->values ? (const uint8_t *)cache->values + block * value_stride * element : keys;
        for (int64_t h = 0; h < group; h++) {
            float scores[CACHE_BLOCK];
            for (int i = 0; i < CACHE_BLOCK; i++) scores[i] = -INFINITY;
            for (int64_t i = 0; i < count; i++)
                scores[i] = job->scale
                    * dot_cached(queries + h * cache->key_width, keys + i * cache->key_width * element, cache->key_width, is_f16);
            f32x16 low = load(scores), high = load(scores + 16);
            float largest = max16(__builtin_elementwise_max(low, high));
            if (largest > maxima[h]) {
                float shrink = 0;
                if (maxima[h] > -INFINITY) {
                    float lanes[16];
                    store(lanes, exponential(splat(maxima[h] - largest)));
                    shrink = lanes[0];
                }
                scale_row(out + h * value_width, shrink, value_width);
                sums[h] *= shrink;
                maxima[h] = largest;
            }
            low = exponential(low - splat(maxima[h]));
            high = exponential(high - splat(maxima[h]));
            store(scores, low);
            store(scores + 16, high);
            sums[h] += sum16(low + high);
            for (int64_t i = 0; i < count; i++)
                add_cached(out + h * value_width, scores[i], values + i * value_stride * element, value_width, is_f16);
        }
    }
    for (int64_t h = 0; h < group; h++) scale_row(out + h * value_width, 1.0f / sums[h], value_width);
}

static void attend(const hadal_attend_job *job, int64_t begin, int64_t end) {
    const int64_t group = job->query_heads / job->cache.key_heads;
    float maxima[group], sums[group];
    for (int64_t item = begin; item < end; item++) {
        int64_t row = item / job->cache.key_heads, head = item % job->cache.key_heads;
        if (job->cache.is_f16) attend_one(job, row, head, maxima, sums, true);
        else attend_one(job, row, head, maxima, sums, false);
    }
}

// ---- rows ----

static float dot(const float *a, const float *b, int64_t count) { return dot_cached(a, b, count, false); }

static void rms_norm(const float *x, const float *weight, float *out, int64_t count, float epsilon) {
    float scale = 1.0f / sqrtf(dot(x, x, count) / (float)count + epsilon);
    for (int64_t i = 0; i < count; i++) out[i] = weight[i] * (x[i] * scale);
}

static void layer_norm(
    const float *x, const float *weight, const float *bias, float *out, int64_t count, float epsilon)
{
    f32x16 sum = splat(0);
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) sum += load(x + i);
    float total = sum16(sum);
    for (; i < count; i++) total += x[i];
    float mean = total / (float)count;
    f32x16 squares = splat(0);
    for (i = 0; i + 16 <= count; i += 16) {
        f32x16 distance = load(x + i) - splat(mean);
        squares = fused(distance, distance, squares);
    }
    float variance = sum16(squares);
    for (; i < count; i++) variance = fmaf(x[i] - mean, x[i] - mean, variance);
    float scale = 1.0f / sqrtf(variance / (float)count + epsilon);
    for (i = 0; i < count; i++) out[i] = fmaf((x[i] - mean) * scale, weight[i], bias[i]);
}

// Applies `expression` of the vectors `v` (from x) and `u` (from y) to every element; a ragged end goes through a
// padded vector, so that an element's bits do not depend on where it stands.
#define EACH(OUT, X, Y, COUNT, EXPRESSION)                                               \
    for (int64_t i = 0; i < (COUNT); i += 16) {                                          \
        int64_t left = (COUNT) - i;                                                      \
        f32x16 v = splat(0), u = splat(0);                                               \
        if (left >= 16) {                                                                \
            v = load((X) + i);                                                           \
            u = load((Y) + i);                                                           \
            store((OUT) + i, EXPRESSION);                                                \
        } else {                                                                         \
            float padded[16] = {0};                                                      \
            memcpy(padded, (X) + i, (size_t)left * 4);                                   \
            v = load(padded);                                                            \
            memcpy(padded, (Y) + i, (size_t)left * 4);                                   \
            u = load(padded);                                                            \
            store(padded, EXPRESSION);                                                   \
            memcpy((OUT) + i, padded, (size_t)left * 4);                                 \
        }                                                                                \
    }

static void gated_silu(const float *gate, const float *up, float *out, int64_t count) {
    EACH(out, gate, up, count, v / (splat(1) + exponential(-v)) * u)
}

static void sigmoid(float *x, int64_t count) { EACH(x, x, x, count, splat(1) / (splat(1) + exponential(-v)) + u * splat(0)) }

static void add(const float *x, float *out, int64_t count) { EACH(out, x, out, count, v + u) }

static void scale_add(const float *x, float factor, float *out, int64_t count) {
    EACH(out, x, out, count, fused(v, splat(factor), u))
}

// Encoders only, where these are far from the bottleneck: the C library's functions.
static void gelu(float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) x[i] = 0.5f * x[i] * (1.0f + erff(x[i] * 0.70710678118654752f));
}

static void hyperbolic_tangent(float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) x[i] = tanhf(x[i]);
}

static void softmax(float *x, int64_t count) {
    float largest = x[0];
    for (int64_t i = 1; i < count; i++) largest = x[i] > largest ? x[i] : largest;
    EACH(x, x, x, count, exponential(v - splat(largest)) + u * splat(0))
    float total = 0;
    for (int64_t i = 0; i < count; i++) total += x[i];
    for (int64_t i = 0; i < count; i++) x[i] /= total;
}

static int32_t peak_int8(int64_t rounds) {
    i32x16 sums[12] = {};
    u8x64 weights = (u8x64){} + (uint8_t)(rounds & 7);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < 12; i++) sums[i] = dot_bytes(sums[i], weights, (int32_t)rounds, true);
        __asm__ volatile("" : : : "memory");
    }
    int32_t total = 0;
    for (int i = 0; i < 12; i++) total += __builtin_reduce_add(sums[i]);
    return total;
}

static float peak_f32(int64_t rounds) {
    f32x16 sums[12] = {}, factor = splat(1.0f + (float)(rounds & 7) * 1e-7f);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < 12; i++) sums[i] = fused(sums[i], factor, factor);
        __asm__ volatile("" : : : "memory");
    }
    float total = 0;
    for (int i = 0; i < 12; i++) total += sum16(sums[i]);
    return total;
}

const hadal_kernels KERNELS = {
    .name = KERNELS_NAME,
    .multiply = multiply,
    .quantize = quantize,
    .attend = attend,
    .rms_norm = rms_norm,
    .layer_norm = layer_norm,
    .gated_silu = gated_silu,
    .gelu = gelu,
    .tanh = hyperbolic_tangent,
    .add = add,
    .scale_add = scale_add,
    .softmax = softmax,
    .sigmoid = sigmoid,
    .dot = dot,
    .peak_int8 = peak_int8,
    .peak_f32 = peak_f32,
};
