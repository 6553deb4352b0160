// Decoding and encoding of rows in any number format.
#include "formats_internal.h"

typedef struct {
    size_t values, bytes;
    decode_block decode;
    encode_block encode;
} block_format;

// The formats that come in blocks.
static block_format blocks_of(uint32_t format) {
    switch (format) {
    case HADAL_Q4_0: return (block_format){QK, 18, hadal_decode_q4_0, hadal_encode_q4_0};
    case HADAL_Q4_1: return (block_format){QK, 20, hadal_decode_q4_1, hadal_encode_q4_1};
    case HADAL_Q5_0: return (block_format){QK, 22, hadal_decode_q5_0, hadal_encode_q5_0};
    case HADAL_Q5_1: return (block_format){QK, 24, hadal_decode_q5_1, hadal_encode_q5_1};
    case HADAL_Q8_0: return (block_format){QK, 34, hadal_decode_q8_0, hadal_encode_q8_0};
    case HADAL_Q8_1: return (block_format){QK, 36, hadal_decode_q8_1, NULL};
    case HADAL_IQ4_NL: return (block_format){QK, 18, hadal_decode_iq4_nl, NULL};
    case HADAL_MXFP4: return (block_format){QK, 17, hadal_decode_mxfp4, hadal_encode_mxfp4};
    case HADAL_Q2_K: return (block_format){QK_K, 84, hadal_decode_q2_k, NULL};
    case HADAL_Q3_K: return (block_format){QK_K, 110, hadal_decode_q3_k, NULL};
    case HADAL_Q4_K: return (block_format){QK_K, 144, hadal_decode_q4_k, hadal_encode_q4_k};
    case HADAL_Q5_K: return (block_format){QK_K, 176, hadal_decode_q5_k, hadal_encode_q5_k};
    case HADAL_Q6_K: return (block_format){QK_K, 210, hadal_decode_q6_k, hadal_encode_q6_k};
    case HADAL_Q8_K: return (block_format){QK_K, 292, hadal_decode_q8_k, NULL};
    case HADAL_IQ1_S: return (block_format){QK_K, 50, hadal_decode_iq1_s, NULL};
    case HADAL_IQ1_M: return (block_format){QK_K, 56, hadal_decode_iq1_m, NULL};
    case HADAL_IQ2_XXS: return (block_format){QK_K, 66, hadal_decode_iq2_xxs, NULL};
    case HADAL_IQ2_XS: return (block_format){QK_K, 74, hadal_decode_iq2_xs, NULL};
    case HADAL_IQ2_S: return (block_format){QK_K, 82, hadal_decode_iq2_s, NULL};
    case HADAL_IQ3_XXS: return (block_format){QK_K, 98, hadal_decode_iq3_xxs, NULL};
    case HADAL_IQ3_S: return (block_format){QK_K, 110, hadal_decode_iq3_s, NULL};
    case HADAL_IQ4_XS: return (block_format){QK_K, 136, hadal_decode_iq4_xs, NULL};
    case HADAL_TQ1_0: return (block_format){QK_K, 54, hadal_decode_tq1_0, NULL};
    case HADAL_TQ2_0: return (block_format){QK_K, 66, hadal_decode_tq2_0, hadal_encode_tq2_0};
    default: return (block_format){0, 0, NULL, NULL};
    }
}

// Numbers that stand alone: `type` is read from `bytes` at any alignment and put through `convert`.
#define EACH(type, convert)                                    \
    for (size_t i = 0; i < count; i++) {                       \
        type number;                                           \
        memcpy(&number, bytes + i * sizeof number, sizeof number); \
        values[i] = convert(number);                           \
    }                                                          \
    return true

static inline float truth(uint8_t byte) { return byte ? 1.0f : 0.0f; }

// The "finite, no negative zero" 8-bit floats: a bias larger by one, and one NaN, where -0 would be.
static float e4m3fnuz_to_f32(uint8_t byte) {
    if (byte == 0x80) return float_of_bits(0x7fc00000);
    float magnitude = f16_to_f32((uint16_t)((byte & 0x7f) << 7)) * 128.0f;
    return byte & 0x80 ? -magnitude : magnitude;
}

static float e5m2fnuz_to_f32(uint8_t byte) {
    if (byte == 0x80) return float_of_bits(0x7fc00000);
    int exponent = (byte >> 2) & 31;
    float fraction = (float)((byte & 3) | (exponent ? 4 : 0));
    float magnitude = fraction * float_of_bits((uint32_t)((exponent ? exponent : 1) - 18 + 127) << 23);
    return byte & 0x80 ? -magnitude : magnitude;
}

static bool decode_e2m1(const uint8_t *bytes, float *values, size_t count) {
    static const float levels[16] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0.0f, -0.5f, -1, -1.5f, -2, -3, -4, -6};
    for (size_t i = 0; i < count; i++) values[i] = levels[(bytes[i / 2] >> (4 * (i % 2))) & 0x0f];
    return true;
}

bool hadal_dequantize(uint32_t format, const void *source, float *restrict values, size_t count) {
    const uint8_t *restrict bytes = source;
    switch (format) {
    case HADAL_F32: memcpy(values, bytes, count * sizeof *values); return true;
    case HADAL_F16: EACH(uint16_t, f16_to_f32);
    case HADAL_BF16: EACH(uint16_t, bf16_to_f32);
    case HADAL_F64: EACH(double, (float));
    case HADAL_I8: EACH(int8_t, (float));
    case HADAL_I16: EACH(int16_t, (float));
    case HADAL_I32: EACH(int32_t, (float));
    case HADAL_I64: EACH(int64_t, (float));
    case HADAL_U8: EACH(uint8_t, (float));
    case HADAL_U16: EACH(uint16_t, (float));
    case HADAL_U32: EACH(uint32_t, (float));
    case HADAL_U64: EACH(uint64_t, (float));
    case HADAL_BOOL: EACH(uint8_t, truth);
    case HADAL_F8_E4M3: EACH(uint8_t, e4m3_to_f32);
    case HADAL_F8_E5M2: EACH(uint8_t, e5m2_to_f32);
    case HADAL_F8_E8M0: EACH(uint8_t, hadal_e8m0_to_f32);
    case HADAL_F8_E4M3FNUZ: EACH(uint8_t, e4m3fnuz_to_f32);
    case HADAL_F8_E5M2FNUZ: EACH(uint8_t, e5m2fnuz_to_f32);
    case HADAL_F4_E2M1: return decode_e2m1(bytes, values, count);
    default: break;
    }
    block_format block = blocks_of(format);
    if (!block.decode) return false;
    for (size_t i = 0; i < count; i += block.values, bytes += block.bytes) block.decode(bytes, values + i);
    return true;
}

bool hadal_quantize(uint32_t format, const float *values, void *destination, size_t count) {
    uint8_t *bytes = destination;
    switch (format) {
    case HADAL_F32: memcpy(bytes, values, count * sizeof *values); return true;
    case HADAL_F16: hadal_f32_to_f16_row(values, bytes, count); return true;
    case HADAL_BF16:
        for (size_t i = 0; i < count; i++) {
            uint16_t brain = hadal_f32_to_bf16(values[i]);
            memcpy(bytes + 2 * i, &brain, sizeof brain);
        }
        return true;
    default: break;
    }
    block_format block = blocks_of(format);
    if (!block.encode) return false;
    for (size_t i = 0; i < count; i += block.values, bytes += block.bytes) block.encode(values + i, bytes);
    return true;
}

static encode_weighted weighted(uint32_t format) {
    switch (format) {
    case HADAL_Q4_0: return hadal_encode_q4_0_weighted;
    case HADAL_Q4_1: return hadal_encode_q4_1_weighted;
    case HADAL_Q5_0: return hadal_encode_q5_0_weighted;
    case HADAL_Q5_1: return hadal_encode_q5_1_weighted;
    case HADAL_MXFP4: return hadal_encode_mxfp4_weighted;
    case HADAL_Q4_K: return hadal_encode_q4_k_weighted;
    case HADAL_Q5_K: return hadal_encode_q5_k_weighted;
    case HADAL_Q6_K: return hadal_encode_q6_k_weighted;
    default: return NULL;
    }
}

bool hadal_quantize_weighted(
    uint32_t format, const float *values, const float *weights, size_t columns, void *destination, size_t count) {
    encode_weighted encode = weighted(format);
    if (!encode) return hadal_quantize(format, values, destination, count);
    block_format block = blocks_of(format);
    uint8_t *bytes = destination;
    for (size_t i = 0; i < count; i += block.values, bytes += block.bytes) encode(values + i, weights + i % columns, bytes);
    return true;
}
