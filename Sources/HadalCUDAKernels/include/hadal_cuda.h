/// What the host and the kernels agree on: one struct of arguments for each kernel, read by Swift, by NVRTC and by the emulator.
///
/// Every kernel takes exactly one such struct, by value. All sizes are numbers of elements unless they say bytes; all matrices
/// are row-major. `_stride` is the distance from one row to the next. Numbers are float32 where nothing else is said.
///
/// **Determinism.** What a kernel computes for a row has the same bits whatever other rows there are and however many: each sum
/// has one order, which depends on the shape of the weight or the position in the sequence alone. Kernels are compiled without
/// contraction (`--fmad=false`): products and sums are fused where the source says so, in every variant alike.
///
/// **Launches.** Beside each struct stands its kernel's grid (x, y, z) and its threads a block, which are exact. `/` rounds up.
/// Shared memory is static. A grid has no side of 0, and y and z are at most 65535.
#ifndef HADAL_CUDA_H
#define HADAL_CUDA_H

#ifdef __CUDACC_RTC__
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#else
#include <stdint.h>
#endif

/// How a matrix of weights lies in the card's memory.
enum hadal_cuda_format {
    /// `values`: float32 `[outputs, inputs]`.
    HADAL_CUDA_F32 = 0,
    /// `values`: float16 `[outputs, inputs]`; what was bfloat16 too, where it fits.
    HADAL_CUDA_F16 = 1,
    /// `values`: int8 `[outputs, inputs]`; `scales`: float16 `[outputs, inputs / 32]`. A weight is `scale · q`.
    HADAL_CUDA_Q8 = 2,
    /// `values`: 4 bits `[outputs, inputs / 2]`: of the 32 of a block byte i holds q[i] in its low and q[i + 16] in its high half;
    /// `scales`, `minimums`: float16 `[outputs, inputs / 32]`. A weight is `scale · q + minimum`, q from 0 to 15.
    HADAL_CUDA_Q4 = 3,
    /// `values`: e4m3 `[outputs, inputs]`; `scales`: float32 `[ceil(outputs / 128), ceil(inputs / 128)]`. The bytes of NaN
    /// (0x7f, 0xff) count as ±480.
    HADAL_CUDA_FP8 = 4,
    /// `values`: e2m1 `[outputs, inputs / 2]`, in the order of Q4's; `scales`: e8m0 (a power of two, bias 127)
    /// `[outputs, inputs / 32]`.
    HADAL_CUDA_MXFP4 = 5,
};

/// A matrix, or `count` of one format and shape, one after the other in `values`, `scales` and `minimums` each.
/// `inputs` is a multiple of 32 (of 16 for F16; any for F32); `outputs` may be any. FP8's members have whole blocks of 128 outputs.
/// `values` of all formats but F32 begin at a multiple of 16 bytes, also those of each member and row by what was said.
struct hadal_cuda_weight {
    const void *values;
    const void *scales;
    const void *minimums;
    int32_t format;
    int32_t count;
    int32_t outputs;
    int32_t inputs;
};

enum hadal_cuda_cache_format { HADAL_CUDA_CACHE_F32 = 0, HADAL_CUDA_CACHE_F16 = 1, HADAL_CUDA_CACHE_I8 = 2 };

/// Keys or values of one layer: `[block][key head][position in block, 32]`, a row of `width` numbers each; of I8 `width` bytes are
/// followed by a float32 factor for each 64 numbers (rows are `row_bytes` long).
struct hadal_cuda_cache {
    void *rows;
    int32_t format;
    int32_t heads;
    int32_t width;
    int32_t row_bytes;
};

/// The rows of a step: `[rows]` positions, where each row's block table begins in `blocks`, and token ids.
struct hadal_cuda_step {
    const int32_t *tokens;
    const int32_t *positions;
    const int32_t *table_starts;
    const int32_t *blocks;
    int32_t rows;
};

// MARK: rows.cu

/// `hadal_embed`: `out[r] = table[tokens[r]]`. Grid (rows), 256 threads.
struct hadal_embed {
    struct hadal_cuda_weight table;
    const int32_t *tokens;
    float *out;
    int32_t rows;
};

/// `hadal_gather`: `out[i] = x[indices[i]]`. Grid (rows), 256 threads.
struct hadal_gather {
    const float *x;
    const int32_t *indices;
    float *out;
    int32_t rows;
    int32_t width;
};

/// `hadal_rms_norm`: `groups` groups of `width` numbers from `offset` on in rows of `x_stride` and `out_stride`; may be in place.
/// Grid (rows · groups), 256 threads.
struct hadal_rms_norm {
    const float *x;
    const float *weight;
    float *out;
    int32_t rows;
    int32_t offset;
    int32_t groups;
    int32_t width;
    int32_t x_stride;
    int32_t out_stride;
    float epsilon;
};

/// `hadal_layer_norm`. Grid (rows), 256 threads.
struct hadal_layer_norm {
    const float *x;
    const float *weight;
    const float *bias;
    float *out;
    int32_t rows;
    int32_t width;
    float epsilon;
};

/// `hadal_likeliest`: the place of each row's largest number, the first among equals; 0 where there is none above −∞.
/// Grid (rows), 256 threads.
struct hadal_likeliest {
    const float *x;
    int32_t *out;
    int32_t rows;
    int32_t width;
};

/// `hadal_copy`: `width` columns. Grid (rows), 256 threads.
struct hadal_copy {
    const float *x;
    float *out;
    int32_t rows;
    int32_t width;
    int32_t x_stride;
    int32_t out_stride;
};

/// `hadal_gated_silu`: `out[r][i] = silu(x[r][i]) · x[r][width + i]`. Grid (rows · width / 256), 256 threads.
struct hadal_gated_silu {
    const float *x;
    float *out;
    int32_t rows;
    int32_t width;
};

/// `hadal_gelu`, `hadal_tanh` (in place, `x` null) and `hadal_add` (`out += x`), element by element.
/// Grid (count / 256), 256 threads.
struct hadal_elements {
    const float *x;
    float *out;
    int64_t count;
};

/// `hadal_angles`: `cosines`, `sines` `[rows, pairs]` of `float(position) · frequency`, each times `magnitude`; sine and cosine in
/// double precision. Grid (rows · pairs / 256), 256 threads.
struct hadal_angles {
    const int32_t *positions;
    const float *frequencies;
    float *cosines;
    float *sines;
    int32_t rows;
    int32_t pairs;
    float magnitude;
};

/// `hadal_rotate`: in place, `2 · pairs` numbers of each head, which begin at `x + row · row_stride + head · head_stride`; pairs are
/// `(2i, 2i + 1)` where `interleaved`, else `(i, i + pairs)`. Grid (rows · heads · pairs / 256), 256 threads.
struct hadal_rotate {
    float *x;
    const float *cosines;
    const float *sines;
    int32_t rows;
    int32_t heads;
    int32_t row_stride;
    int32_t head_stride;
    int32_t pairs;
    int32_t interleaved;
};

// MARK: cache.cu, attention.cu, grouped.cu, latent.cu

/// `hadal_store`: each row's `cache.heads × cache.width` numbers of `x` to its position. Grid (cache.heads, rows), 128 threads.
struct hadal_store {
    struct hadal_cuda_cache cache;
    struct hadal_cuda_step step;
    const float *x;
    int32_t x_stride;
};

/// Attention over the cache. Positions are cut into pieces of `HADAL_CUDA_ATTENTION_PIECE`, counted from the sequence's beginning;
/// `hadal_attend_…` computes each piece's maximum, sum and unnormalised output, `hadal_attend_combine` puts them together in order.
///
/// Which one depends on shapes alone, of `group` query heads a key head: `hadal_attend_1` where group is 1 and `hadal_attend_8`
/// where it is more, for widths up to HADAL_CUDA_ATTENTION_NARROW; `hadal_attend_wide` up to HADAL_CUDA_ATTENTION_WIDEST. Grid
/// (keys.heads · (group / heads at once), pieces, rows), with 1, 8 and HADAL_CUDA_ATTENTION_WIDE_HEADS at once, 256 threads.
/// `hadal_attend_latent` instead where `values.rows` is null, there is one key head, keys are F16, their width is a multiple of 64
/// up to HADAL_CUDA_LATENT_WIDEST, and `value_width` is one of 16 up to HADAL_CUDA_LATENT_VALUES: queries and the softmax's weights
/// are rounded to float16. Grid (query_heads / HADAL_CUDA_LATENT_HEADS, pieces, rows), 256 threads.
///
/// `hadal_attend_grouped` instead of `hadal_attend_1` and `_8` where keys and values are F16, both widths multiples of 32 (up to
/// HADAL_CUDA_ATTENTION_NARROW), and group is up to HADAL_CUDA_GROUPED_QUERIES: rounded likewise. Rows n at a time, which are to be
/// of one sequence for the sake of speed: 1 where each row is a sequence of its own, up to HADAL_CUDA_GROUPED_QUERIES / group
/// rounded down in prefill; the bits are the same. Grid (keys.heads, pieces, step.rows / n), 256 threads.
///
/// `hadal_attend_combine`: grid (query_heads, rows), 128 threads.
#define HADAL_CUDA_ATTENTION_PIECE 256
#define HADAL_CUDA_GROUPED_QUERIES 16
#define HADAL_CUDA_LATENT_HEADS 16
#define HADAL_CUDA_LATENT_WIDEST 576
#define HADAL_CUDA_LATENT_VALUES 512
#define HADAL_CUDA_ATTENTION_NARROW 128
#define HADAL_CUDA_ATTENTION_WIDEST 640
#define HADAL_CUDA_ATTENTION_WIDE_HEADS 2

/// `queries`: `query_heads × keys.width` numbers a row; `out`: `query_heads × value_width`. Where `values.rows` is null the first
/// `value_width` numbers of each key are its value (MLA). `partials`: `[rows, query_heads, pieces, value_width + 2]`: the output,
/// the maximum and the sum. Nothing is read of a row's blocks and pieces beyond its position.
struct hadal_attend {
    struct hadal_cuda_cache keys;
    struct hadal_cuda_cache values;
    struct hadal_cuda_step step;
    const float *queries;
    float *partials;
    float *out;
    int32_t query_stride;
    int32_t out_stride;
    int32_t query_heads;
    int32_t value_width;
    int32_t pieces;
    float scale;
};

/// `hadal_attend_within`: `qkv` `[rows, 3, heads, head_width]`; row r attends to rows `starts[r] ..< starts[r] + lengths[r]`.
/// Heads are up to HADAL_CUDA_ATTENTION_WIDEST wide. Grid (heads, rows), 256 threads.
struct hadal_attend_within {
    const float *qkv;
    const int32_t *starts;
    const int32_t *lengths;
    float *out;
    int32_t rows;
    int32_t heads;
    int32_t head_width;
    float scale;
};

// MARK: products.cu, products_64.cu, products_wide.cu, heads.cu
//
// Rows and weights meet as float16 on the matrix units, and their sums are float32. Rows are scaled by a power of two each
// before they are rounded, so that they are in float16's range; what comes of them is scaled back. (Bfloat16 needs no factor,
// but its rounding is eight times coarser: the logits of whole models were 2 % off.)

/// `hadal_round_rows`: rows of `x`, each divided by its factor (`factors` `[rows]`, a power of two), as float16 `[rows, width]`,
/// and the sums of each 32 of the rounded numbers (`[rows, width / 32]`, for formats with minimums; null where not wanted).
/// `indices`: rows of `x` to take, or null. `rounded` begins at a multiple of 16 bytes. Grid (rows), 1024 threads.
struct hadal_round_rows {
    const float *x;
    const int32_t *indices;
    uint16_t *rounded;
    float *factors;
    float *sums;
    int32_t rows;
    int32_t width;
    int32_t x_stride;
};

/// `hadal_product_…`: `out[r][o] = x[r] · weight[o] (+ bias[o]) (+ out[r][o] where accumulates)`. For F32 `x` is read as float32 from
/// `x`, else as float16 from `rounded` with `factors` (and `sums` for Q4). `rounded` begins at a multiple of 16 bytes and
/// `rounded_stride` is one of 8.
///
/// Where `starts` is not null (experts), rows `starts[m] ..< starts[m + 1]` are multiplied by member m of the weight; `rows` is the
/// number of all rows.
///
/// All variants compute the same bits, with 256 threads. Grid (outputs / HADAL_CUDA_PRODUCT_OUTPUTS, tiles), where tiles are
/// rows / height, or with `starts` min(rows, weight.count + rows / height rounded down):
/// - `hadal_product_8_rows`, `_32_rows`, `_64_rows`: that is the height. The least that takes all rows (with `starts` the mean
///   number a member), or the most.
/// - `hadal_product_wide_64_rows` (not for F32) and `hadal_product_wide_128_rows` (for F16, without `starts`) read less, for many
///   rows: HADAL_CUDA_WIDE_OUTPUTS instead; where that is a block for each multiprocessor.
#define HADAL_CUDA_PRODUCT_OUTPUTS 16
#define HADAL_CUDA_WIDE_OUTPUTS 128

struct hadal_product {
    struct hadal_cuda_weight weight;
    const float *x;
    const uint16_t *rounded;
    const float *factors;
    const float *sums;
    const float *bias;
    const int32_t *starts;
    float *out;
    int32_t rows;
    int32_t x_stride;
    int32_t rounded_stride;
    int32_t out_stride;
    int32_t accumulates;
};

/// `hadal_product_per_head`: with each of the `weight.count` members m: `out + r · out_stride + m · out_head_stride` from
/// `x + r · x_stride + m · x_head_stride`. `x` is float32 and rounded as it is read (not for F32). The weight is
/// F16 or F32. `hadal_product_per_head_8_rows` and `_64_rows`: grid as hadal_product's, and z is `weight.count`; 256 threads.
struct hadal_product_per_head {
    struct hadal_cuda_weight weight;
    const float *x;
    float *out;
    int32_t rows;
    int32_t x_stride;
    int32_t x_head_stride;
    int32_t out_stride;
    int32_t out_head_stride;
};

// MARK: experts.cu

/// Routed experts of a layer.
#define HADAL_CUDA_EXPERTS_MOST 1024

/// `hadal_route`: one block a row. `scoring`: 0 softmax, 1 sigmoid; `group_rank`: 0 best, 1 sum of the best two. Ties go to the lower
/// index. `chosen`, `weights`: `[rows, experts_per_token]`, best first, in which order they are summed. `logits` is left as it is.
/// Grid (rows), 32 threads.
struct hadal_route {
    float *logits;
    const float *bias;
    int32_t *chosen;
    float *weights;
    int32_t rows;
    int32_t experts;
    int32_t experts_per_token;
    int32_t scoring;
    int32_t groups;
    int32_t groups_per_token;
    int32_t group_rank;
    int32_t normalizes;
    float scale;
};

/// `hadal_sort_by_expert`: one block. Slots (`row · experts_per_token + k`) ordered by expert, stable: `order` `[slots]`; where each
/// expert's begin: `starts` `[experts + 1]`; where each slot went: `places` `[slots]`; each place's row: `source_rows` `[slots]`.
/// Grid (1), 256 threads.
struct hadal_sort_by_expert {
    const int32_t *chosen;
    int32_t *order;
    int32_t *starts;
    int32_t *places;
    int32_t *source_rows;
    int32_t slots;
    int32_t experts;
    int32_t experts_per_token;
};

/// `hadal_expert_combine`: `out[r] += Σ_k weights[r][k] · x[places[r · experts_per_token + k]]`, k in order.
/// Grid (width / 256, rows), 256 threads.
struct hadal_expert_combine {
    const float *x;
    const int32_t *places;
    const float *weights;
    float *out;
    int32_t rows;
    int32_t width;
    int32_t experts_per_token;
};

#endif
