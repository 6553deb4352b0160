// The CPU device's arithmetic: one table of kernels for each instruction set, and the thread pool that drives them.
//
// Every kernel gives a row the same bits whatever other rows, threads or tile shapes take part, and the tables differ in
// speed alone: all are compiled from one source (kernels_body.h) with one order of operations.
#ifndef HADAL_CPU_H
#define HADAL_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- threads ----

typedef struct hadal_pool hadal_pool;
typedef void (*hadal_task)(void *context, int64_t begin, int64_t end);

// `threads` counts the caller; NULL when no thread could be started.
hadal_pool *hadal_pool_create(int threads);
void hadal_pool_destroy(hadal_pool *pool);
// Runs `task` over 0..<count in pieces of `grain`, on all threads, and waits. One caller at a time.
void hadal_pool_run(hadal_pool *pool, int64_t count, int64_t grain, hadal_task task, void *context);

// ---- weights ----

// Outputs in one panel: the lanes of a 512-bit register.
enum { HADAL_LANES = 16 };

typedef enum {
    HADAL_PANEL_F32, HADAL_PANEL_F16, HADAL_PANEL_BF16, HADAL_PANEL_F8,  // [panel][k][16]
    HADAL_PANEL_Q8, HADAL_PANEL_Q4,                                      // [panel][k / 32](values, scales, minima)
} hadal_panel_kind;

// A weight [outputs, inputs] repacked into panels of 16 outputs. A quantized value is `scale * (q - zero) + minimum`.
// One block of 32 inputs: Q8 has 8 groups of [16 outputs][4 inputs] bytes, Q4 has 4 such groups whose low halves are
// inputs 0..15 and whose high halves are inputs 16..31; then 32 / block float16 scales for each output, then as many
// minima where there are any.
typedef struct {
    hadal_panel_kind kind;
    int32_t block;  // quantized: inputs that share a scale, 32 or 16
    int32_t zero;
    bool has_minimum;
    int64_t inputs;
    int64_t outputs;
    int64_t panel_bytes;
    uint8_t *data;
    const float *block_scale;     // F8: a factor for each 128 × 128 block, or NULL
    int64_t block_scale_columns;
} hadal_weight;

// Says how `format` is repacked for `inputs` × `outputs`: fills all but `data`. False: not directly; widen it to float.
bool hadal_weight_plan(uint32_t format, int64_t outputs, int64_t inputs, hadal_weight *weight);
// Repacks panels begin..<end from ggml's blocks (or plain values), row-major; false for an MXFP4 scale beyond float16.
bool hadal_weight_pack(uint32_t format, const void *source, const hadal_weight *weight, int64_t begin, int64_t end);

// Values of one output, from its panel. Not for F8.
void hadal_weight_read(const hadal_weight *weight, int64_t output, float *values);

// ---- kernels ----

// Rows quantized for a weight, in blocks of 32 values to `factor * q`. Rows go in strips of R: as many of the table's
// `tile_rows` as there are, then of 2, then of 1, so that a tile reads what it needs of a block side by side:
//   int32 start[32 / block][R]   what makes up for the weight's zero: -zero * the sum of a scale's values
//   float factor[R]
//   float shift[32 / block][R]   only where the weight has minima: factor * the sum of the values
//   int8 q[8][R][4]
// Bytes that a row takes of a block, whatever strip it is in.
static inline int64_t hadal_strip_bytes(int block, bool has_minimum) {
    return 32 + 4 + 4 * (32 / block) * (has_minimum ? 2 : 1);
}

static inline int64_t hadal_quantized_row_bytes(const hadal_weight *weight) {
    return weight->inputs / 32 * hadal_strip_bytes(weight->block, weight->has_minimum);
}

typedef struct {
    const hadal_weight *weight;
    const float *x;  // [rows], `x_stride` apart; for float panels
    int64_t x_stride;
    const uint8_t *strips;  // the rows quantized for this weight; for quantized panels
    int64_t rows;
    const float *bias;  // [outputs] or NULL
    bool accumulates;
    float *out;  // [rows], `out_stride` apart
    int64_t out_stride;
} hadal_multiply_job;

// How a cached row is stored. I8: integers of -127…127, then a float32 factor for each 64 of them.
typedef enum { HADAL_CACHE_F32, HADAL_CACHE_F16, HADAL_CACHE_I8 } hadal_cache_format;
enum { HADAL_CACHE_GROUP = 64 };

static inline int64_t hadal_cached_row_bytes(int64_t width, hadal_cache_format format) {
    if (format == HADAL_CACHE_F32) return width * 4;
    if (format == HADAL_CACHE_F16) return width * 2;
    return width + (width + HADAL_CACHE_GROUP - 1) / HADAL_CACHE_GROUP * 4;
}

void hadal_cache_row(const float *values, int64_t width, hadal_cache_format format, void *row);

typedef struct {
    const void *keys;    // this layer: [blocks][key heads][32] rows of the key width
    const void *values;  // this layer: [blocks][key heads][32] rows of the cached value width; NULL: prefix of the keys
    hadal_cache_format format;
    int64_t key_heads;
    int64_t key_width;
    int64_t cached_value_width;
} hadal_cache_layer;

typedef struct {
    hadal_cache_layer cache;
    const float *queries;  // [rows], `query_stride` apart: [query heads][key width]
    int64_t query_stride;
    int64_t query_heads;
    int64_t value_width;
    float scale;
    const int32_t *positions;            // [rows]
    const int32_t *const *block_tables;  // [rows]: the row's sequence's
    float *out;                          // [rows], `out_stride` apart: [query heads][value width]
    int64_t out_stride;
} hadal_attend_job;

typedef struct {
    const char *name;
    int64_t tile_rows;
    void (*multiply)(const hadal_multiply_job *job, int64_t panel_begin, int64_t panel_end);
    // Quantizes rows into the strips that begin with the first of them.
    void (*quantize)(const hadal_weight *weight, const float *x, int64_t x_stride, int64_t rows, uint8_t *strips);
    // Work item = row * key_heads + key head.
    void (*attend)(const hadal_attend_job *job, int64_t item_begin, int64_t item_end);
    void (*rms_norm)(const float *x, const float *weight, float *out, int64_t count, float epsilon);
    void (*layer_norm)(const float *x, const float *weight, const float *bias, float *out, int64_t count, float epsilon);
    void (*gated_silu)(const float *gate, const float *up, float *out, int64_t count);
    void (*gelu)(float *x, int64_t count);
    void (*tanh)(float *x, int64_t count);
    void (*add)(const float *x, float *out, int64_t count);
    void (*scale_add)(const float *x, float factor, float *out, int64_t count);  // out += factor * x
    void (*softmax)(float *x, int64_t count);
    void (*sigmoid)(float *x, int64_t count);
    float (*dot)(const float *a, const float *b, int64_t count);
    // Arithmetic on registers alone, to measure the processor's limits: 12 × 128 operations (int8) and 12 × 32 (float32)
    // a round. The result only keeps the compiler from leaving it out.
    int32_t (*peak_int8)(int64_t rounds);
    float (*peak_f32)(int64_t rounds);
} hadal_kernels;

typedef enum { HADAL_SCALAR, HADAL_AVX2, HADAL_AVX512, HADAL_NEON } hadal_instruction_set;
// NULL where the kernels were not compiled for this architecture.
const hadal_kernels *hadal_kernels_for(hadal_instruction_set set);

// What the processor has, as bits.
enum { HADAL_HAS_AVX2 = 1, HADAL_HAS_AVX512 = 2, HADAL_HAS_AVX512_BF16 = 4, HADAL_HAS_NEON_DOT = 8 };
uint32_t hadal_cpu_features(void);

// Reads all of `memory` (64-byte aligned, a multiple of 256 bytes) as fast as one thread can, as the kernels do: several
// streams, prefetched, since one alone leaves part of the bus idle. The result is a checksum.
uint64_t hadal_probe_read(const void *memory, size_t bytes);

#endif
