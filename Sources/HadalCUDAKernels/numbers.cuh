// Formats of weights as pairs of bfloat16, exactly: each value has at most 8 significant bits.
#pragma once
#include "machine.cuh"

HADAL_INLINE float bfloat16_to_float(uint16_t bits) { return __uint_as_float((uint32_t)bits << 16); }

// Bytes 2·half and 2·half + 1 of a word, each in the lower part of 16 bits.
HADAL_INLINE uint32_t bytes_apart(uint32_t word, int half) { return __byte_perm(word, 0, half ? 0x4342 : 0x4140); }

// 0x4300 is 128 and its last place 1: the 7 low bits of a byte are added to it as they are. A byte's sign is worth 128 more
// to be taken away.
HADAL_INLINE uint32_t int8_pair(uint32_t word, int half) {
    uint32_t bytes = bytes_apart(word, half);
    uint32_t sizes = (bytes & 0x007f007f) | 0x43004300, zeros = (bytes & 0x00800080) | 0xc300c300;
    return fused_bfloat16_pairs(sizes, 0x3f803f80, zeros);
}

// Exponent and fraction are put where bfloat16 has them; what is left is the difference of the biases, 120.
HADAL_INLINE uint32_t e4m3_pair(uint32_t word, int half) {
    uint32_t bytes = __byte_perm(word, 0, half ? 0x3424 : 0x1404);
    uint32_t bits = (bytes & 0x80008000) | (bytes >> 4 & 0x07f007f0);
    return fused_bfloat16_pairs(bits, 0x7b807b80, 0x80008000);
}

// Of two bytes that are apart (`bytes_apart`) the low or the high 4 bits: 0 to 15.
HADAL_INLINE uint32_t nibble_pair(uint32_t bytes, int isHigh) {
    uint32_t sizes = ((isHigh ? bytes >> 4 : bytes) & 0x000f000f) | 0x43004300;
    return fused_bfloat16_pairs(sizes, 0x3f803f80, 0xc300c300);
}

// The same bits as e2m1; the difference of the biases is 126.
HADAL_INLINE uint32_t e2m1_pair(uint32_t bytes, int isHigh) {
    uint32_t nibbles = isHigh ? bytes >> 4 : bytes;
    uint32_t bits = (nibbles & 0x00080008) << 12 | (nibbles & 0x00070007) << 6;
    return fused_bfloat16_pairs(bits, 0x7e807e80, 0x80008000);
}

// A power of two, as HadalKernels' hadal_e8m0_to_f32.
HADAL_INLINE float e8m0_to_float(uint8_t byte) {
    return __uint_as_float(byte == 255 ? 0x7fc00000u : byte == 0 ? 0x00400000u : (uint32_t)byte << 23);
}

HADAL_INLINE float e4m3_to_float(uint8_t byte) { return __uint_as_float(e4m3_pair(byte, 0) << 16); }

// The number at `index` of member 0's rows of a weight: for the lookup of rows. `inputs` numbers a row.
HADAL_INLINE float weight_at(const hadal_cuda_weight &w, int64_t row, int column) {
    int64_t place = row * w.inputs + column, block = row * (w.inputs / 32) + column / 32;
    int within = column % 32;
    int64_t pair = block * 16 + within % 16;
    switch (w.format) {
    case HADAL_CUDA_F32: return ((const float *)w.values)[place];
    case HADAL_CUDA_BF16: return bfloat16_to_float(((const uint16_t *)w.values)[place]);
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
        return e8m0_to_float(((const uint8_t *)w.scales)[block]) * __uint_as_float(pairs << 16);
    }
    }
}
