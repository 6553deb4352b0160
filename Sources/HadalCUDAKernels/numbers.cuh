// Numbers in float16, which both sides of a product have: the matrix units multiply it as fast as bfloat16, and it rounds
// activations eight times closer. What float16 lacks in range, rows get from a power of two of their own.
#pragma once
#include "machine.cuh"

// A row's power of two: it brings the row's largest number to 2^14 … 2^15, far from both ends of float16.
struct RowFactor {
    float factor, inverse;
};

HADAL_INLINE RowFactor row_factor(float peak) {
    int exponent = (int)(__float_as_uint(peak) >> 23) - 127;
    if (exponent == 128 || peak == 0.0f) return {1.0f, 1.0f};  // what is not finite stays so
    exponent = (exponent < -100 ? -100 : exponent) - 14;
    return {__uint_as_float((uint32_t)(127 + exponent) << 23), __uint_as_float((uint32_t)(127 - exponent) << 23)};
}

// MARK: formats of weights as pairs of float16, exactly: each value has at most 8 significant bits

// Bytes 2·half and 2·half + 1 of a word, each in the lower part of 16 bits with `upper`'s bytes above.
HADAL_INLINE uint32_t bytes_apart(uint32_t word, int half, uint32_t upper = 0) {
    return __byte_perm(word, upper, half ? 0x4342 : 0x4140);
}

// 0x6400 is 1024 and its last place 1: a byte is added to it as it is. An int8 with its sign turned is 128 more.
HADAL_INLINE uint32_t int8_pair(uint32_t word, int half) {
    return fused_half_pairs(bytes_apart(word ^ 0x80808080, half, 0x64646464), 0x3c003c00, 0xe480e480);
}

// Exponent and fraction are put where float16 has them; what is left is the difference of the biases, 8.
HADAL_INLINE uint32_t e4m3_pair(uint32_t word, int half) {
    uint32_t bytes = __byte_perm(word, 0, half ? 0x3424 : 0x1404);
    uint32_t bits = (bytes & 0x80008000) | (bytes >> 1 & 0x3f803f80);
    return fused_half_pairs(bits, 0x5c005c00, 0x80008000);
}

// Of two bytes that are apart (`bytes_apart`) the low or the high 4 bits: 0 to 15.
HADAL_INLINE uint32_t nibble_pair(uint32_t bytes, int isHigh) {
    uint32_t sizes = ((isHigh ? bytes >> 4 : bytes) & 0x000f000f) | 0x64006400;
    return fused_half_pairs(sizes, 0x3c003c00, 0xe400e400);
}

// The same bits as e2m1; the difference of the biases is 14.
HADAL_INLINE uint32_t e2m1_pair(uint32_t bytes, int isHigh) {
    uint32_t nibbles = isHigh ? bytes >> 4 : bytes;
    uint32_t bits = (nibbles & 0x00080008) << 12 | (nibbles & 0x00070007) << 9;
    return fused_half_pairs(bits, 0x74007400, 0x80008000);
}

// A power of two, as HadalKernels' hadal_e8m0_to_f32.
HADAL_INLINE float e8m0_to_float(uint8_t byte) {
    return __uint_as_float(byte == 255 ? 0x7fc00000u : byte == 0 ? 0x00400000u : (uint32_t)byte << 23);
}

HADAL_INLINE float e4m3_to_float(uint8_t byte) { return half_to_float((uint16_t)e4m3_pair(byte, 0)); }

// The number at `index` of member 0's rows of a weight: for the lookup of rows. `inputs` numbers a row.
HADAL_INLINE float weight_at(const hadal_cuda_weight &w, int64_t row, int column) {
    int64_t place = row * w.inputs + column, block = row * (w.inputs / 32) + column / 32;
    int within = column % 32;
    int64_t pair = block * 16 + within % 16;
    switch (w.format) {
    case HADAL_CUDA_F32: return ((const float *)w.values)[place];
    case HADAL_CUDA_F16: return half_to_float(((const uint16_t *)w.values)[place]);
    case HADAL_CUDA_Q8: return half_to_float(((const uint16_t *)w.scales)[block]) * (float)((const int8_t *)w.values)[place];
    case HADAL_CUDA_Q4: {
        int q = ((const uint8_t *)w.values)[pair] >> (within / 16 * 4) & 15;
        return fmaf(half_to_float(((const uint16_t *)w.scales)[block]), (float)q,
                    half_to_float(((const uint16_t *)w.minimums)[block]));
    }
    case HADAL_CUDA_FP8:
        return ((const float *)w.scales)[row / 128 * ((w.inputs + 127) / 128) + column / 128]
            * e4m3_to_float(((const uint8_t *)w.values)[place]);
    default: {
        uint32_t pairs = e2m1_pair(((const uint8_t *)w.values)[pair], within / 16);
        return e8m0_to_float(((const uint8_t *)w.scales)[block]) * half_to_float((uint16_t)pairs);
    }
    }
}
