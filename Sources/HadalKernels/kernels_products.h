// Part of kernels_body.h: products of rows with weights, and the quantization of rows for them.

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

// The largest strip that begins where `rows` rows are left.
INLINE int64_t strip_rows(int64_t rows) { return rows >= TILE_ROWS ? TILE_ROWS : rows >= 2 ? 2 : 1; }

// Adds `count` blocks to the sums of a tile, of which a panel's are `target_stride` apart: exact integer sums within a
// block, then one fused multiply-add for the block (and one for its minimum). `ahead`: what to fetch from memory meanwhile, a
// block of each panel for each block that is computed; NULL: nothing.
#ifdef QUANTIZED_TILE
#include QUANTIZED_TILE
#else
INLINE void quantized_tile(
    const uint8_t *w, const int64_t panel_bytes, const uint8_t *strip, int64_t count, f32x16 *target,
    const int64_t target_stride, const bool begins, const uint8_t *ahead, const int rows, const int panels, const bool q4,
    const int block, const bool has_minimum)
{
    const int halves = 32 / block;
    const int groups = block / 4;
    const int64_t data_bytes = q4 ? 256 : 512;
    const int64_t block_bytes = data_bytes + halves * 32 * (has_minimum ? 2 : 1);
    f32x16 sums[8][8];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int p = 0; p < panels; p++) sums[r][p] = begins ? splat(0) : target[p * target_stride + r];
    for (int64_t b = 0; b < count; b++) {
        const int32_t *starts = (const int32_t *)strip;
        const float *factors = (const float *)strip + halves * rows;
        const float *shifts = factors + rows;
        const uint8_t *q = strip + 4 * rows * (1 + halves * (has_minimum ? 2 : 1));
        if (ahead) {
            UNROLL for (int p = 0; p < panels; p++) {
                UNROLL for (int line = 0; line < (q4 ? 5 : 9); line++) {
                    // Beside a chunk that is used again the next one has no room in the first level.
                    __builtin_prefetch(ahead + p * panel_bytes + line * 64, 0, 2);
                }
            }
            ahead += block_bytes;
        }
        UNROLL for (int half = 0; half < halves; half++) {
            i32x16 dots[8][8];
            UNROLL for (int r = 0; r < rows; r++)
                UNROLL for (int p = 0; p < panels; p++) dots[r][p] = (i32x16){} + starts[half * rows + r];
            UNROLL for (int g = 0; g < groups; g++) {
                const int group = half * groups + g;
                u8x64 bytes[8];
                UNROLL for (int p = 0; p < panels; p++) {
                    const uint8_t *source = w + p * panel_bytes;
                    if (q4) {
                        u8x64 both = *(const u8x64u *)(source + (group & 3) * 64);
                        bytes[p] = group < 4 ? both & 15 : (u8x64)((u16x32)both >> 4) & 15;
                    } else {
                        bytes[p] = *(const u8x64u *)(source + group * 64);
                    }
                }
                UNROLL for (int r = 0; r < rows; r++) {
                    int32_t four;
                    memcpy(&four, q + (group * rows + r) * 4, 4);
                    UNROLL for (int p = 0; p < panels; p++) dots[r][p] = dot_bytes(dots[r][p], bytes[p], four, q4);
                }
            }
            UNROLL for (int p = 0; p < panels; p++) {
                const uint8_t *source = w + p * panel_bytes + data_bytes + half * 32;
                f32x16 scale = load_f16(source);
                f32x16 minimum = has_minimum ? load_f16(source + halves * 32) : splat(0);
                UNROLL for (int r = 0; r < rows; r++) {
                    f32x16 dot = __builtin_convertvector(dots[r][p], f32x16);
                    sums[r][p] = fused(dot, scale * splat(factors[r]), sums[r][p]);
                    if (has_minimum) sums[r][p] = fused(minimum, splat(shifts[half * rows + r]), sums[r][p]);
                }
            }
        }
        w += block_bytes;
        strip += rows * hadal_strip_bytes(block, has_minimum);
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int p = 0; p < panels; p++) target[p * target_stride + r] = sums[r][p];
}
#endif

// What stays in the caches while several rows are multiplied: CHUNK blocks of a tile's panels and of ROWS rows in the
// first level, GROUP panels' sums for ROWS rows in the second.
enum { CHUNK = 16, ROWS = 16 * TILE_ROWS, GROUP = 8 };

// Chunks of the inner dimension for ROWS rows and up to GROUP panels.
INLINE void quantized_group(
    const hadal_multiply_job *job, int64_t row, int64_t rows, int64_t panel, int64_t panels, const bool q4,
    const int block, const bool has_minimum)
{
    const hadal_weight *weight = job->weight;
    const int64_t blocks = weight->inputs / 32;
    const int64_t block_bytes = weight->panel_bytes / blocks;
    const int64_t row_block = hadal_strip_bytes(block, has_minimum);
    f32x16 sums[GROUP][ROWS];
    for (int64_t k = 0; k < blocks; k += CHUNK) {
        int64_t count = blocks - k < CHUNK ? blocks - k : CHUNK;
        for (int64_t p = 0; p < panels;) {
            const int64_t wide = p + TILE_PANELS <= panels ? TILE_PANELS : 1;
            const uint8_t *w = weight->data + (panel + p) * weight->panel_bytes + k * block_bytes;
            // The chunk after this one, fetched while the first strip is computed: few rows would wait for it else.
            const uint8_t *next = p + wide < panels ? w + wide * weight->panel_bytes
                : weight->data + panel * weight->panel_bytes + (k + CHUNK) * block_bytes;
            for (int64_t r = 0; r < rows;) {
                const int64_t high = strip_rows(rows - r);
                const uint8_t *strip = job->strips + ((row + r) * blocks + k * high) * row_block;
#define TILE(HIGH, WIDE)                                                                                       \
    quantized_tile(                                                                                            \
        w, weight->panel_bytes, strip, count, &sums[p][r], ROWS, k == 0, r == 0 ? next : NULL, HIGH, WIDE, q4, \
        block, has_minimum)
                if (wide == TILE_PANELS) {
                    if (high == TILE_ROWS) TILE(TILE_ROWS, TILE_PANELS);
                    else if (high == 2) TILE(2, TILE_PANELS);
                    else TILE(1, TILE_PANELS);
                } else {
                    if (high == TILE_ROWS) TILE(TILE_ROWS, 1);
                    else if (high == 2) TILE(2, 1);
                    else TILE(1, 1);
                }
#undef TILE
                r += high;
            }
            p += wide;
        }
    }
    for (int64_t r = 0; r < rows; r++)
        for (int64_t p = 0; p < panels; p++) finish(job, row + r, panel + p, sums[p][r]);
}

// One row streams the weights. Panels follow each other in memory, so that taking one after the other is one stream, which
// the processor fetches ahead better than we do: it reaches what plain reading does, 4 panels at once about half of it.
INLINE void quantized_row(
    const hadal_multiply_job *job, int64_t begin, int64_t end, const bool q4, const int block, const bool has_minimum)
{
    const hadal_weight *weight = job->weight;
    const int64_t blocks = weight->inputs / 32;
    for (int64_t panel = begin; panel < end; panel++) {
        const uint8_t *w = weight->data + panel * weight->panel_bytes;
        f32x16 sum;
        quantized_tile(w, weight->panel_bytes, job->strips, blocks, &sum, 1, true, NULL, 1, 1, q4, block, has_minimum);
        finish(job, 0, panel, sum);
    }
}

INLINE void quantized_product(
    const hadal_multiply_job *job, int64_t begin, int64_t end, const bool q4, const int block, const bool has_minimum)
{
    if (job->rows == 1) {
        quantized_row(job, begin, end, q4, block, has_minimum);
        return;
    }
    for (int64_t panel = begin; panel < end; panel += GROUP) {
        int64_t panels = end - panel < GROUP ? end - panel : GROUP;
        for (int64_t row = 0; row < job->rows; row += ROWS) {
            int64_t rows = job->rows - row < ROWS ? job->rows - row : ROWS;
            quantized_group(job, row, rows, panel, panels, q4, block, has_minimum);
        }
    }
}

// Tiles of the constant sizes ROWS × PANELS over the rows from `row` on.
#define TILES(ROWS, PANELS, TILE, ...)                                                   \
    for (; row + (ROWS) <= job->rows; row += (ROWS)) TILE(job, row, panel, ROWS, PANELS, __VA_ARGS__);

#define WALK(SINGLE, TILE, ...)                                                          \
    for (int64_t panel = begin; panel < end;) {                                          \
        int64_t left = end - panel, row = 0;                                             \
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

INLINE void float_product(const hadal_multiply_job *job, int64_t begin, int64_t end, const hadal_panel_kind kind) {
    WALK(4, float_tile, kind)
}

static void multiply(const hadal_multiply_job *job, int64_t begin, int64_t end) {
    const hadal_weight *weight = job->weight;
    switch (weight->kind) {
    case HADAL_PANEL_F32: float_product(job, begin, end, HADAL_PANEL_F32); break;
    case HADAL_PANEL_F16: float_product(job, begin, end, HADAL_PANEL_F16); break;
    case HADAL_PANEL_BF16: float_product(job, begin, end, HADAL_PANEL_BF16); break;
    case HADAL_PANEL_F8: float_product(job, begin, end, HADAL_PANEL_F8); break;
    case HADAL_PANEL_Q8:
        if (weight->block == 16) quantized_product(job, begin, end, false, 16, false);
        else if (weight->has_minimum) quantized_product(job, begin, end, false, 32, true);
        else quantized_product(job, begin, end, false, 32, false);
        break;
    case HADAL_PANEL_Q4:
        if (weight->block == 16 && weight->has_minimum) quantized_product(job, begin, end, true, 16, true);
        else if (weight->block == 16) quantized_product(job, begin, end, true, 16, false);
        else if (weight->has_minimum) quantized_product(job, begin, end, true, 32, true);
        else quantized_product(job, begin, end, true, 32, false);
        break;
    }
}

// The largest magnitude of a block becomes 127; ties round to even.
static void quantize(const hadal_weight *weight, const float *x, int64_t x_stride, int64_t rows, uint8_t *strips) {
    const int64_t blocks = weight->inputs / 32;
    const int64_t row_block = hadal_strip_bytes(weight->block, weight->has_minimum);
    const int halves = 32 / weight->block;
    const int32_t offset = (weight->kind == HADAL_PANEL_Q4 ? 0 : IMPLIED_ZERO) - weight->zero;
    for (int64_t row = 0; row < rows;) {
        const int64_t high = strip_rows(rows - row);
        for (int64_t b = 0; b < blocks; b++) {
            uint8_t *strip = strips + (row * blocks + b * high) * row_block;
            int32_t *starts = (int32_t *)strip;
            float *factors = (float *)strip + halves * high;
            float *shifts = factors + high;
            int32_t *q = (int32_t *)strip + high * (1 + halves * (weight->has_minimum ? 2 : 1));
            for (int64_t r = 0; r < high; r++) {
                const float *values = x + (row + r) * x_stride + b * 32;
                f32x16 low = load(values), high16 = load(values + 16);
                float largest =
                    max16(__builtin_elementwise_max(__builtin_elementwise_abs(low), __builtin_elementwise_abs(high16)));
                float inverse = largest > 0 ? 127.0f / largest : 0.0f;
                factors[r] = largest / 127.0f;
                i32x16 parts[2] = {
                    __builtin_convertvector(__builtin_elementwise_roundeven(low * splat(inverse)), i32x16),
                    __builtin_convertvector(__builtin_elementwise_roundeven(high16 * splat(inverse)), i32x16),
                };
                int32_t sums[2] = {__builtin_reduce_add(parts[0]), __builtin_reduce_add(parts[1])};
                if (halves == 1) sums[0] += sums[1];
                for (int half = 0; half < halves; half++) {
                    starts[half * high + r] = offset * sums[half];
                    if (weight->has_minimum) shifts[half * high + r] = factors[r] * (float)sums[half];
                }
                for (int part = 0; part < 2; part++) {
                    int32_t words[4];
                    *(i8x16u *)words = __builtin_convertvector(parts[part], i8x16);
                    for (int g = 0; g < 4; g++) q[(part * 4 + g) * high + r] = words[g];
                }
            }
        }
        row += high;
    }
}
