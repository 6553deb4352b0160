// What the files of the number formats share; nothing outside them includes this.
#ifndef HADAL_FORMATS_INTERNAL_H
#define HADAL_FORMATS_INTERNAL_H

#include <string.h>

#include "hadal_formats.h"

enum { QK = 32, QK_K = 256 };  // values in a small block and in a super-block

static inline uint16_t load_u16(const uint8_t *bytes) {
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint32_t load_u32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// Conversions without branches, which compilers turn into vector code, and without subnormal operands, so that a thread
// that flushes those to zero reads the same numbers.
static inline float f16_to_f32(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t magnitude = half & 0x7fff;
    uint32_t normal = (magnitude << 13) + ((127 - 15) << 23);
    // 2^-14 + m·2^-24 is exact; what was added is taken away again.
    uint32_t small = bits_of_float(float_of_bits((113u << 23) + (magnitude << 13)) - float_of_bits(113u << 23));
    uint32_t large = (magnitude << 13) | 0x7f800000 | (magnitude > 0x7c00 ? 0x00400000 : 0);  // NaNs become quiet
    return float_of_bits(sign | (magnitude < 0x0400 ? small : magnitude < 0x7c00 ? normal : large));
}

static inline float bf16_to_f32(uint16_t brain) { return float_of_bits((uint32_t)brain << 16); }

// e4m3fn has half's shape with four exponent bits: bias 7, no infinities, NaN where all bits are set.
static inline float e4m3_to_f32(uint8_t byte) {
    uint32_t sign = (uint32_t)(byte & 0x80) << 24;
    uint32_t magnitude = byte & 0x7f;
    uint32_t normal = (magnitude << 20) + ((127 - 7) << 23);
    uint32_t small = bits_of_float(float_of_bits((121u << 23) + (magnitude << 20)) - float_of_bits(121u << 23));
    return float_of_bits(sign | (magnitude < 8 ? small : magnitude < 0x7f ? normal : 0x7ff00000));
}

static inline float e5m2_to_f32(uint8_t byte) { return f16_to_f32((uint16_t)(byte << 8)); }

static inline float load_f16(const uint8_t *bytes) { return f16_to_f32(load_u16(bytes)); }

static inline void store_f16(uint8_t *bytes, float value) {
    uint16_t half = hadal_f32_to_f16(value);
    memcpy(bytes, &half, sizeof half);
}

// The six-bit scales and minima of Q4_K and Q5_K: eight of each in twelve bytes.
static inline void scale_and_min(const uint8_t *packed, int index, uint8_t *scale, uint8_t *min) {
    if (index < 4) {
        *scale = packed[index] & 63;
        *min = packed[index + 4] & 63;
    } else {
        *scale = (uint8_t)((packed[index + 4] & 0x0f) | ((packed[index - 4] >> 6) << 4));
        *min = (uint8_t)((packed[index + 4] >> 4) | ((packed[index] >> 6) << 4));
    }
}

typedef void (*decode_block)(const uint8_t *block, float *values);
typedef void (*encode_block)(const float *values, uint8_t *block);
typedef void (*encode_weighted)(const float *values, const float *weights, uint8_t *block);

// One block each; the block's length in bytes and values is in formats.c.
void hadal_decode_q4_0(const uint8_t *, float *);
void hadal_decode_q4_1(const uint8_t *, float *);
void hadal_decode_q5_0(const uint8_t *, float *);
void hadal_decode_q5_1(const uint8_t *, float *);
void hadal_decode_q8_0(const uint8_t *, float *);
void hadal_decode_q8_1(const uint8_t *, float *);
void hadal_decode_q2_k(const uint8_t *, float *);
void hadal_decode_q3_k(const uint8_t *, float *);
void hadal_decode_q4_k(const uint8_t *, float *);
void hadal_decode_q5_k(const uint8_t *, float *);
void hadal_decode_q6_k(const uint8_t *, float *);
void hadal_decode_q8_k(const uint8_t *, float *);
void hadal_decode_iq1_s(const uint8_t *, float *);
void hadal_decode_iq1_m(const uint8_t *, float *);
void hadal_decode_iq2_xxs(const uint8_t *, float *);
void hadal_decode_iq2_xs(const uint8_t *, float *);
void hadal_decode_iq2_s(const uint8_t *, float *);
void hadal_decode_iq3_xxs(const uint8_t *, float *);
void hadal_decode_iq3_s(const uint8_t *, float *);
void hadal_decode_iq4_nl(const uint8_t *, float *);
void hadal_decode_iq4_xs(const uint8_t *, float *);
void hadal_decode_tq1_0(const uint8_t *, float *);
void hadal_decode_tq2_0(const uint8_t *, float *);
void hadal_decode_mxfp4(const uint8_t *, float *);

void hadal_encode_q4_0(const float *, uint8_t *);
void hadal_encode_q4_1(const float *, uint8_t *);
void hadal_encode_q5_0(const float *, uint8_t *);
void hadal_encode_q5_1(const float *, uint8_t *);
void hadal_encode_q8_0(const float *, uint8_t *);
void hadal_encode_mxfp4(const float *, uint8_t *);
void hadal_encode_q4_k(const float *, uint8_t *);
void hadal_encode_q5_k(const float *, uint8_t *);
void hadal_encode_q6_k(const float *, uint8_t *);
void hadal_encode_tq2_0(const float *, uint8_t *);

void hadal_encode_q4_0_weighted(const float *, const float *, uint8_t *);
void hadal_encode_q4_1_weighted(const float *, const float *, uint8_t *);
void hadal_encode_q5_0_weighted(const float *, const float *, uint8_t *);
void hadal_encode_q5_1_weighted(const float *, const float *, uint8_t *);
void hadal_encode_mxfp4_weighted(const float *, const float *, uint8_t *);
void hadal_encode_q4_k_weighted(const float *, const float *, uint8_t *);
void hadal_encode_q5_k_weighted(const float *, const float *, uint8_t *);
void hadal_encode_q6_k_weighted(const float *, const float *, uint8_t *);

extern const uint16_t hadal_grid_iq2xxs[256];
extern const uint16_t hadal_grid_iq2xs[512];
extern const uint16_t hadal_grid_iq2s[1024];
extern const uint16_t hadal_grid_iq3xxs[256];
extern const uint16_t hadal_grid_iq3s[512];
extern const uint16_t hadal_grid_iq1[2048];

#endif
