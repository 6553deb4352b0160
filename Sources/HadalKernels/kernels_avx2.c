// AVX2 with FMA and F16C: x86 from Haswell and Zen on.
#if defined(__x86_64__)
#include <immintrin.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"
#include "vectors.h"

#define KERNELS hadal_kernels_avx2
#define KERNELS_NAME "AVX2"
#define TILE_ROWS 6
#define TILE_PANELS 1
#define IMPLIED_ZERO 128
#define PEAK_SUMS 6
#define QUANTIZED_TILE "tile_avx2.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

static inline __attribute__((always_inline)) f32x16 load_f16(const uint8_t *source) {
    union { __m256 parts[2]; f32x16 whole; } result;
    result.parts[0] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)source));
    result.parts[1] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + 16)));
    return result.whole;
}

// Pairs of products are summed in 16 bits with saturation, so that whole bytes are made signed (128 subtracted) and their
// sign moved to the input: 2 × 128 × 127 fits.
static inline __attribute__((always_inline)) __m256i dot_signed(__m256i sum, __m256i magnitudes, __m256i weights, __m256i inputs) {
    __m256i pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(inputs, weights));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

static inline __attribute__((always_inline)) i32x16 dot_bytes(i32x16 sum, u8x64 weights, int32_t four, bool small) {
    (void)small;
    union { u8x64 whole; __m256i parts[2]; } w = {.whole = weights ^ 0x80};
    union { i32x16 whole; __m256i parts[2]; } s = {.whole = sum};
    for (int part = 0; part < 2; part++)
        s.parts[part] = dot_signed(s.parts[part], _mm256_abs_epi8(w.parts[part]), w.parts[part], _mm256_set1_epi32(four));
    return s.whole;
}

#include "kernels_body.h"
#pragma clang attribute pop
#endif
