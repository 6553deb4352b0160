// Decoding of the codebook formats (IQ1, IQ2, IQ3): super-blocks of 256 values, each group of eight or four of them an
// index into a grid (formats_grids.c), with signs apart.
#include "formats_internal.h"

static const float levels_iq2[4] = {8, 25, 43, 0};
static const float levels_iq3_xxs[8] = {4, 12, 20, 28, 36, 44, 52, 62};

// Seven signs are stored; the eighth makes their number even.
static inline uint8_t complete_signs(uint32_t seven) {
    seven &= 0x7f;
    return (uint8_t)(seven | (uint32_t)(__builtin_popcount(seven) & 1) << 7);
}

static inline float signed_by(float value, uint8_t signs, int bit) {
    return (signs >> bit) & 1 ? -value : value;
}

// Eight magnitudes of an IQ2 grid.
static inline void expand_iq2(float *values, uint16_t point, float factor, uint8_t signs) {
    for (int i = 0; i < 8; i++) values[i] = signed_by(factor * levels_iq2[(point >> (2 * i)) & 3], signs, i);
}

// Four magnitudes of an IQ3 grid; `first` is the place of their signs.
static inline void expand_iq3_xxs(float *values, uint16_t point, float factor, uint8_t signs, int first) {
    for (int i = 0; i < 4; i++)
        values[i] = signed_by(factor * levels_iq3_xxs[(point >> (3 * i)) & 7], signs, first + i);
}

static inline void expand_iq3_s(float *values, uint16_t point, float factor, uint8_t signs, int first) {
    for (int i = 0; i < 4; i++)
        values[i] = signed_by(factor * (float)(2 * ((point >> (3 * i)) & 7) + 1), signs, first + i);
}

// d: f16 | 8 parts of 32 values: 4 grid indices (bytes), then 4×7 signs and a 4-bit scale in one word
void hadal_decode_iq2_xxs(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *part = block + 2;
    for (int p = 0; p < 8; p++, part += 8) {
        uint32_t word = load_u32(part + 4);
        float factor = d * (0.5f + (float)(word >> 28)) * 0.25f;
        for (int g = 0; g < 4; g++, values += 8)
            expand_iq2(values, hadal_grid_iq2xxs[part[g]], factor, complete_signs(word >> (7 * g)));
    }
}

// d: f16 | 32 × (9-bit index, 7 signs) | 16 four-bit scales, one for two groups
void hadal_decode_iq2_xs(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *q = block + 2, *scales = block + 66;
    for (int g = 0; g < 32; g++, values += 8) {
        uint16_t code = load_u16(q + 2 * g);
        int scale = (scales[g / 4] >> (4 * ((g / 2) % 2))) & 0x0f;
        float factor = d * (0.5f + (float)scale) * 0.25f;
        expand_iq2(values, hadal_grid_iq2xs[code & 511], factor, complete_signs(code >> 9));
    }
}

// d: f16 | 32 low index bytes | 32 sign bytes | 8 bytes of two high index bits | 16 four-bit scales
void hadal_decode_iq2_s(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *q = block + 2, *signs = block + 34, *high = block + 66, *scales = block + 74;
    for (int g = 0; g < 32; g++, values += 8) {
        int index = q[g] | ((high[g / 4] >> (2 * (g % 4))) & 3) << 8;
        int scale = (scales[g / 4] >> (4 * ((g / 2) % 2))) & 0x0f;
        float factor = d * (0.5f + (float)scale) * 0.25f;
        expand_iq2(values, hadal_grid_iq2s[index], factor, signs[g]);
    }
}

// d: f16 | 64 grid indices | 8 words of 4×7 signs and a 4-bit scale
void hadal_decode_iq3_xxs(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *q = block + 2;
    for (int p = 0; p < 8; p++) {
        uint32_t word = load_u32(block + 66 + 4 * p);
        float factor = d * (0.5f + (float)(word >> 28)) * 0.5f;
        for (int g = 0; g < 4; g++, q += 2, values += 8) {
            uint8_t signs = complete_signs(word >> (7 * g));
            expand_iq3_xxs(values, hadal_grid_iq3xxs[q[0]], factor, signs, 0);
            expand_iq3_xxs(values + 4, hadal_grid_iq3xxs[q[1]], factor, signs, 4);
        }
    }
}

// d: f16 | 64 low index bytes | 64 ninth index bits | 32 sign bytes | 8 four-bit scales
void hadal_decode_iq3_s(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *q = block + 2, *high = block + 66, *signs = block + 74, *scales = block + 106;
    for (int g = 0; g < 64; g++, values += 4) {
        int index = q[g] | ((high[g / 8] >> (g % 8)) & 1) << 8;
        int scale = (scales[g / 16] >> (4 * ((g / 8) % 2))) & 0x0f;
        float factor = d * (float)(1 + 2 * scale);
        expand_iq3_s(values, hadal_grid_iq3s[index], factor, signs[g / 2], 4 * (g % 2));
    }
}

static inline void expand_iq1(float *values, int index, float factor, bool negative) {
    uint16_t point = hadal_grid_iq1[index];
    float delta = negative ? -0.125f : 0.125f;
    for (int i = 0; i < 8; i++) values[i] = factor * ((float)(((point >> (2 * i)) & 3) - 1) + delta);
}

// d: f16 | 32 low index bytes | 8 words: 4×3 high index bits, 3-bit scale, sign of the shift
void hadal_decode_iq1_s(const uint8_t *block, float *values) {
    float d = load_f16(block);
    const uint8_t *q = block + 2;
    for (int p = 0; p < 8; p++) {
        uint16_t word = load_u16(block + 34 + 2 * p);
        float factor = d * (float)(2 * ((word >> 12) & 7) + 1);
        for (int g = 0; g < 4; g++, values += 8)
            expand_iq1(values, *q++ | ((word >> (3 * g)) & 7) << 8, factor, word & 0x8000);
    }
}

// 32 low index bytes | 32 nibbles of three high index bits and a shift's sign | 4 words of 4×3-bit scales, whose top
// nibbles together are d: f16
void hadal_decode_iq1_m(const uint8_t *block, float *values) {
    const uint8_t *q = block, *high = block + 32, *packed = block + 48;
    uint16_t half = 0;
    for (int i = 0; i < 4; i++) half |= (uint16_t)((load_u16(packed + 2 * i) >> 12) << (4 * i));
    float d = f16_to_f32(half);
    for (int g = 0; g < 32; g++, values += 8) {
        int nibble = (high[g / 2] >> (4 * (g % 2))) & 0x0f;
        int scale = (load_u16(packed + 2 * (g / 8)) >> (3 * ((g / 2) % 4))) & 7;
        expand_iq1(values, q[g] | (nibble & 7) << 8, d * (float)(2 * scale + 1), nibble & 8);
    }
}
