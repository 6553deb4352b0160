// Half, bfloat16 and 8-bit floats.
#include "formats_internal.h"

float hadal_f16_to_f32(uint16_t half) { return f16_to_f32(half); }

uint16_t hadal_f32_to_f16(float value) {
    uint32_t bits = bits_of_float(value);
    uint16_t sign = (uint16_t)((bits >> 16) & 0x8000);
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return (uint16_t)(sign | 0x7e00 | ((bits >> 13) & 0x3ff));  // NaN stays NaN
    if (bits >= 0x47800000) return (uint16_t)(sign | 0x7c00);                           // 65536 and above
    if (bits < 0x38800000) {
        // Below 2^-14: adding 0.5 leaves multiples of 2^-24 in the mantissa, rounded to nearest even by the addition.
        uint32_t rounded = bits_of_float(float_of_bits(bits) + 0.5f);
        return (uint16_t)(sign | (rounded - 0x3f000000));
    }
    bits += 0x0fff + ((bits >> 13) & 1);  // carries into the exponent where it must, up to infinity
    return (uint16_t)(sign | ((bits - ((127 - 15) << 23)) >> 13));
}

float hadal_bf16_to_f32(uint16_t brain) { return bf16_to_f32(brain); }

uint16_t hadal_f32_to_bf16(float value) {
    uint32_t bits = bits_of_float(value);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)((bits >> 16) | 64);  // quiet NaN
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float hadal_e4m3_to_f32(uint8_t byte) { return e4m3_to_f32(byte); }

float hadal_e5m2_to_f32(uint8_t byte) { return e5m2_to_f32(byte); }

float hadal_e8m0_to_f32(uint8_t byte) {
    if (byte == 255) return float_of_bits(0x7fc00000);
    return float_of_bits(byte == 0 ? 0x00400000 : (uint32_t)byte << 23);
}

void hadal_f16_to_f32_row(const void *halves, float *values, size_t count) {
    const uint8_t *bytes = halves;
    for (size_t i = 0; i < count; i++) values[i] = load_f16(bytes + 2 * i);
}

void hadal_f32_to_f16_row(const float *values, void *halves, size_t count) {
    uint8_t *bytes = halves;
    for (size_t i = 0; i < count; i++) store_f16(bytes + 2 * i, values[i]);
}

void hadal_scale_blocks(float *values, const float *factors, size_t columns, size_t block) {
    for (size_t start = 0; start < columns; start += block) {
        size_t end = columns - start < block ? columns : start + block;
        for (size_t i = start; i < end; i++) values[i] *= factors[start / block];
    }
}
