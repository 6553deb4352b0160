// Arm's NEON with the dot-product instructions (Armv8.2 and later).
#if defined(__aarch64__)
#include <arm_neon.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"
#include "vectors.h"

#define KERNELS hadal_kernels_neon
#define KERNELS_NAME "NEON"
#define TILE_ROWS 4
#define TILE_PANELS 1
#define IMPLIED_ZERO 128
#define PEAK_SUMS 6

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

static inline __attribute__((always_inline)) f32x16 load_f16(const uint8_t *source) {
    union { float32x4_t parts[4]; f32x16 whole; } result;
    for (int part = 0; part < 4; part++)
        result.parts[part] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(source + part * 8)));
    return result.whole;
}

static inline __attribute__((always_inline)) i32x16 dot_bytes(i32x16 sum, u8x64 weights, int32_t four, bool small) {
    union { u8x64 whole; uint8x16_t parts[4]; } w = {.whole = weights};
    union { i32x16 whole; int32x4_t parts[4]; } s = {.whole = sum};
    int8x16_t inputs = vreinterpretq_s8_s32(vdupq_n_s32(four));
    for (int part = 0; part < 4; part++) {
        uint8x16_t bytes = small ? w.parts[part] : veorq_u8(w.parts[part], vdupq_n_u8(0x80));
        s.parts[part] = vdotq_s32(s.parts[part], vreinterpretq_s8_u8(bytes), inputs);
    }
    return s.whole;
}

#include "kernels_body.h"
#pragma clang attribute pop
#endif
