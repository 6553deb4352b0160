// Decoding of the formats with blocks of 32 values, and of the ternary ones.
//
// The two halves of a nibble block hold values 0…15 (low nibbles) and 16…31 (high nibbles).
#include "formats_internal.h"

// d: f16 | 16 bytes of nibbles. value = d · (q - 8)
void hadal_decode_q4_0(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *q = block + 2;
    for (int i = 0; i < 16; i++) {
        values[i] = d * (float)((q[i] & 0x0f) - 8);
        values[i + 16] = d * (float)((q[i] >> 4) - 8);
    }
}

// d, m: f16 | 16 bytes of nibbles. value = d · q + m
void hadal_decode_q4_1(const uint8_t *block, float *values) {
    float d = load_f16(block), m = load_f16(block + 2);
    const uint8_t *q = block + 4;
    for (int i = 0; i < 16; i++) {
        values[i] = d * (float)(q[i] & 0x0f) + m;
        values[i + 16] = d * (float)(q[i] >> 4) + m;
    }
}

// d: f16 | 32 fifth bits | 16 bytes of nibbles. value = d · (q - 16)
void hadal_decode_q5_0(const uint8_t *block, float *values) {
    float d = load_f16(block);
    uint32_t high = load_u32(block + 2);
    const uint8_t *q = block + 6;
    for (int i = 0; i < 16; i++) {
        values[i] = d * (float)((int)((q[i] & 0x0f) | ((high >> i) & 1) << 4) - 16);
        values[i + 16] = d * (float)((int)((q[i] >> 4) | ((high >> (i + 16)) & 1) << 4) - 16);
    }
}

// d, m: f16 | 32 fifth bits | 16 bytes of nibbles. value = d · q + m
void hadal_decode_q5_1(const uint8_t *block, float *values) {
    float d = load_f16(block), m = load_f16(block + 2);
    uint32_t high = load_u32(block + 4);
    const uint8_t *q = block + 8;
    for (int i = 0; i < 16; i++) {
        values[i] = d * (float)((q[i] & 0x0f) | ((high >> i) & 1) << 4) + m;
        values[i + 16] = d * (float)((q[i] >> 4) | ((high >> (i + 16)) & 1) << 4) + m;
    }
}

// d: f16 | 32 int8. value = d · q
void hadal_decode_q8_0(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const int8_t *q = (const int8_t *)block + 2;
    for (int i = 0; i < 32; i++) values[i] = d * (float)q[i];
}

// d, sum: f16 | 32 int8. value = d · q (the sum serves dot products only)
void hadal_decode_q8_1(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const int8_t *q = (const int8_t *)block + 4;
    for (int i = 0; i < 32; i++) values[i] = d * (float)q[i];
}

static const int8_t iq4_levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// d: f16 | 16 bytes of nibbles. value = d · level[q]
void hadal_decode_iq4_nl(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *q = block + 2;
    for (int i = 0; i < 16; i++) {
        values[i] = d * (float)iq4_levels[q[i] & 0x0f];
        values[i + 16] = d * (float)iq4_levels[q[i] >> 4];
    }
}

// d: f16 | 8×2 high scale bits | 8×4 low scale bits | 128 bytes of nibbles. value = d · (scale - 32) · level[q]
void hadal_decode_iq4_xs(const uint8_t *block, float *values) {
    float d = load_f16(block);
    uint16_t high = load_u16(block + 2);
    const uint8_t *low = block + 4, *q = block + 8;
    for (int part = 0; part < 8; part++, q += 16, values += 32) {
        int scale = ((low[part / 2] >> (4 * (part % 2))) & 0x0f) | ((high >> (2 * part)) & 3) << 4;
        float factor = d * (float)(scale - 32);
        for (int i = 0; i < 16; i++) {
            values[i] = factor * (float)iq4_levels[q[i] & 0x0f];
            values[i + 16] = factor * (float)iq4_levels[q[i] >> 4];
        }
    }
}

// Twice the e2m1 values, so that they are whole; the factor is halved in turn.
static const int8_t e2m1_doubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// Exponent e8m0 | 16 bytes of nibbles. value = 2^(e-127) · e2m1[q]; OCP Microscaling Formats 1.0, MXFP4.
void hadal_decode_mxfp4(const uint8_t *block, float *values) {
    uint32_t exponent = block[0];
    float half = float_of_bits(exponent < 2 ? 0x00200000u << exponent : (exponent - 1) << 23);
    const uint8_t *q = block + 1;
    for (int i = 0; i < 16; i++) {
        values[i] = half * (float)e2m1_doubled[q[i] & 0x0f];
        values[i + 16] = half * (float)e2m1_doubled[q[i] >> 4];
    }
}

// Five ternary digits a byte as a fraction of 3^5; times 3^n modulo 256 brings digit n to the top.
static inline float trit(uint8_t byte, int digit) {
    static const uint8_t power[5] = {1, 3, 9, 27, 81};
    uint8_t shifted = (uint8_t)(byte * power[digit]);
    return (float)(((uint16_t)shifted * 3 >> 8) - 1);
}

// 48 bytes of five digits | 4 bytes of four digits | d: f16. value = d · (digit - 1)
void hadal_decode_tq1_0(const uint8_t *block, float *values) {
    float d = load_f16(block + 52);
    for (int digit = 0; digit < 5; digit++)
        for (int i = 0; i < 32; i++) values[32 * digit + i] = trit(block[i], digit) * d;
    for (int digit = 0; digit < 5; digit++)
        for (int i = 0; i < 16; i++) values[160 + 16 * digit + i] = trit(block[32 + i], digit) * d;
    for (int digit = 0; digit < 4; digit++)
        for (int i = 0; i < 4; i++) values[240 + 4 * digit + i] = trit(block[48 + i], digit) * d;
}

// 64 bytes of two-bit digits | d: f16. value = d · (q - 1)
void hadal_decode_tq2_0(const uint8_t *block, float *values) {
    float d = load_f16(block + 64);
    for (int half = 0; half < 2; half++)
        for (int plane = 0; plane < 4; plane++)
            for (int i = 0; i < 32; i++)
                *values++ = d * (float)(((block[32 * half + i] >> (2 * plane)) & 3) - 1);
}
