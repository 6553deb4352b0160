// Decoding of the "K" formats: super-blocks of 256 values whose parts have small integer scales of their own.
#include "formats_internal.h"

// 16 × (4-bit scale, 4-bit min) | 64 bytes of two bits | d, dmin: f16. value = d·scale·q - dmin·min, parts of 16
void hadal_decode_q2_k(const uint8_t *block, float *values) {
    const uint8_t *scales = block, *q = block + 16;
    float d = load_f16(block + 80), dmin = load_f16(block + 82);
    for (int half = 0; half < 2; half++, q += 32) {
        for (int plane = 0; plane < 4; plane++) {
            for (int part = 0; part < 2; part++) {
                uint8_t scale = *scales++;
                float factor = d * (float)(scale & 0x0f), min = dmin * (float)(scale >> 4);
                for (int i = 0; i < 16; i++)
                    *values++ = factor * (float)((q[16 * part + i] >> (2 * plane)) & 3) - min;
            }
        }
    }
}

// 32 bytes of third bits | 64 bytes of two bits | 12 bytes of 16 six-bit scales | d: f16. value = d·(scale-32)·(q-4)
void hadal_decode_q3_k(const uint8_t *block, float *values) {
    const uint8_t *high = block, *q = block + 32, *packed = block + 96;
    float d = load_f16(block + 108);
    int scales[16];
    for (int i = 0; i < 16; i++) {
        int low = i < 8 ? packed[i] & 0x0f : packed[i - 8] >> 4;
        scales[i] = (low | ((packed[8 + i % 4] >> (2 * (i / 4))) & 3) << 4) - 32;
    }
    for (int half = 0; half < 2; half++, q += 32) {
        for (int plane = 0; plane < 4; plane++) {
            for (int part = 0; part < 2; part++) {
                float factor = d * (float)scales[8 * half + 2 * plane + part];
                for (int i = 16 * part; i < 16 * part + 16; i++) {
                    int bit = (high[i] >> (4 * half + plane)) & 1;
                    *values++ = factor * (float)((((q[i] >> (2 * plane)) & 3) | bit << 2) - 4);
                }
            }
        }
    }
}

// d, dmin: f16 | 12 bytes of 8 scales and 8 minima | 128 bytes of nibbles. value = d·scale·q - dmin·min, parts of 32
void hadal_decode_q4_k(const uint8_t *block, float *values) {
    float d = load_f16(block), dmin = load_f16(block + 2);
    const uint8_t *q = block + 16;
    for (int part = 0; part < 8; part++) {
        uint8_t scale, min;
        scale_and_min(block + 4, part, &scale, &min);
        float factor = d * (float)scale, offset = dmin * (float)min;
        int shift = 4 * (part % 2);
        for (int i = 0; i < 32; i++) *values++ = factor * (float)((q[i] >> shift) & 0x0f) - offset;
        if (part % 2) q += 32;
    }
}

// As Q4_K with 32 bytes of fifth bits before the nibbles: bit `part` of byte i belongs to value i of that part.
void hadal_decode_q5_k(const uint8_t *block, float *values) {
    float d = load_f16(block), dmin = load_f16(block + 2);
    const uint8_t *high = block + 16, *q = block + 48;
    for (int part = 0; part < 8; part++) {
        uint8_t scale, min;
        scale_and_min(block + 4, part, &scale, &min);
        float factor = d * (float)scale, offset = dmin * (float)min;
        int shift = 4 * (part % 2);
        for (int i = 0; i < 32; i++)
            *values++ = factor * (float)(((q[i] >> shift) & 0x0f) | ((high[i] >> part) & 1) << 4) - offset;
        if (part % 2) q += 32;
    }
}

// 128 bytes of low nibbles | 64 bytes of high bit pairs | 16 int8 scales | d: f16. value = d·scale·(q-32), parts of 16
void hadal_decode_q6_k(const uint8_t *block, float *values) {
    const uint8_t *low = block, *high = block + 128;
    const int8_t *scales = (const int8_t *)block + 192;
    float d = load_f16(block + 208);
    for (int half = 0; half < 2; half++, low += 64, high += 32) {
        for (int plane = 0; plane < 4; plane++) {
            for (int part = 0; part < 2; part++) {
                float factor = d * (float)*scales++;
                for (int i = 16 * part; i < 16 * part + 16; i++) {
                    int nibble = (low[32 * (plane % 2) + i] >> (4 * (plane / 2))) & 0x0f;
                    *values++ = factor * (float)((nibble | ((high[i] >> (2 * plane)) & 3) << 4) - 32);
                }
            }
        }
    }
}

// d: f32 | 256 int8 | 16 int16 sums (for dot products only). value = d · q
void hadal_decode_q8_k(const uint8_t *block, float *values) {
    float d = float_of_bits(load_u32(block));
    const int8_t *q = (const int8_t *)block + 4;
    for (int i = 0; i < QK_K; i++) values[i] = d * (float)q[i];
}
