// AVX-512 with VNNI: Intel from Cascade Lake on, AMD from Zen 4 on.
#if defined(__x86_64__)
#include <immintrin.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"
#include "vectors.h"

#define KERNELS hadal_kernels_avx512
#define KERNELS_NAME "AVX-512 VNNI"
#define TILE_ROWS 6
#define TILE_PANELS 2
#define IMPLIED_ZERO 0
#define PEAK_SUMS 12

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c"))), apply_to = function)

static inline __attribute__((always_inline)) f32x16 load_f16(const uint8_t *source) {
    return (f32x16)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)source));
}

static inline __attribute__((always_inline)) i32x16 dot_bytes(i32x16 sum, u8x64 weights, int32_t four, bool small) {
    (void)small;
    return (i32x16)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)weights, _mm512_set1_epi32(four));
}

#include "kernels_body.h"
#pragma clang attribute pop
#endif
