// Number formats of checkpoints: decoding to float32 and encoding from it, in portable C.
//
// The layouts are those of ggml's GGUF files and of the OCP 8-bit and microscaling formats. Decoding rounds exactly as
// ggml's reference does (a product and a sum are never fused), so that results can be compared bit for bit.
#ifndef HADAL_FORMATS_H
#define HADAL_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Checkpoints are little endian and are used in place: this code needs a little-endian machine."
#endif

// Numbers below 1000 are ggml's, as in GGUF files; the others are safetensors' own. Same values as Swift's TensorFormat.
typedef enum {
    HADAL_F32 = 0, HADAL_F16 = 1, HADAL_Q4_0 = 2, HADAL_Q4_1 = 3, HADAL_Q5_0 = 6, HADAL_Q5_1 = 7, HADAL_Q8_0 = 8,
    HADAL_Q8_1 = 9, HADAL_Q2_K = 10, HADAL_Q3_K = 11, HADAL_Q4_K = 12, HADAL_Q5_K = 13, HADAL_Q6_K = 14,
    HADAL_Q8_K = 15, HADAL_IQ2_XXS = 16, HADAL_IQ2_XS = 17, HADAL_IQ3_XXS = 18, HADAL_IQ1_S = 19, HADAL_IQ4_NL = 20,
    HADAL_IQ3_S = 21, HADAL_IQ2_S = 22, HADAL_IQ4_XS = 23, HADAL_I8 = 24, HADAL_I16 = 25, HADAL_I32 = 26,
    HADAL_I64 = 27, HADAL_F64 = 28, HADAL_IQ1_M = 29, HADAL_BF16 = 30, HADAL_TQ1_0 = 34, HADAL_TQ2_0 = 35,
    HADAL_MXFP4 = 39,
    HADAL_F8_E4M3 = 1000, HADAL_F8_E5M2 = 1001, HADAL_U8 = 1002, HADAL_U16 = 1003, HADAL_U32 = 1004, HADAL_U64 = 1005,
    HADAL_BOOL = 1006, HADAL_F8_E8M0 = 1007, HADAL_F4_E2M1 = 1008, HADAL_F8_E4M3FNUZ = 1009, HADAL_F8_E5M2FNUZ = 1010,
} hadal_format;

// Single values. Conversions to the narrower format round to nearest, ties to even; overflow gives infinity.
float hadal_f16_to_f32(uint16_t half);
uint16_t hadal_f32_to_f16(float value);
float hadal_bf16_to_f32(uint16_t brain);
uint16_t hadal_f32_to_bf16(float value);
float hadal_e4m3_to_f32(uint8_t byte);  // e4m3fn: no infinities, NaN is S.1111.111
float hadal_e5m2_to_f32(uint8_t byte);
float hadal_e8m0_to_f32(uint8_t byte);  // 2^(byte - 127), 255 is NaN

// Rows of values; source and destination need no alignment beyond the element's own in `values`.
void hadal_f16_to_f32_row(const void *halves, float *values, size_t count);
void hadal_f32_to_f16_row(const float *values, void *halves, size_t count);

// Decodes `count` values, a multiple of the format's block length. False: the format has no decoding.
bool hadal_dequantize(uint32_t format, const void *blocks, float *restrict values, size_t count);

// Encodes `count` values, a multiple of the format's block length: F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 and
// TQ2_0 as ggml's reference does, bit for bit; Q4_K, Q5_K and Q6_K by a search of our own. False: no encoding.
bool hadal_quantize(uint32_t format, const float *values, void *blocks, size_t count);

// The same for rows of `columns` values, a multiple of the format's block length, whose errors matter as much as
// `weights` [columns] say: the least weighted squared error is searched for. Formats of 8 bits and more take no notice.
bool hadal_quantize_weighted(
    uint32_t format, const float *values, const float *weights, size_t columns, void *blocks, size_t count);

uint8_t hadal_f32_to_e4m3(float value);  // to nearest, ties to even; beyond 448 is 448

// DeepSeek's FP8: a band of at most `block` rows in E4M3. `factors` [⌈columns/block⌉] take the largest magnitude of each
// block over 448.
void hadal_quantize_e4m3_band(
    const float *values, size_t rows, size_t columns, size_t block, uint8_t *bytes, float *factors);

// DeepSeek's FP8: multiplies the values [columns] of one row by the factors of its 128-column blocks.
void hadal_scale_blocks(float *values, const float *factors, size_t columns, size_t block);

#endif
