// The arithmetic of every instruction set, in clang's portable vectors of 16 lanes. The file that includes this has set
//   KERNELS        the table's name            KERNELS_NAME   its name for people
//   TILE_ROWS      the most rows of a tile     TILE_PANELS    the most panels of a tile of several rows
//   IMPLIED_ZERO   what `dot_bytes` subtracts from each weight byte by itself
// and defined load_f16 (16 halves to float) and dot_bytes. One order of operations everywhere: tables agree to the bit.
#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE f32x16 splat(float v) { return (f32x16){v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v}; }
INLINE f32x16 load(const float *source) { return *(const f32x16u *)source; }
INLINE void store(float *target, f32x16 value) { *(f32x16u *)target = value; }
INLINE f32x16 fused(f32x16 a, f32x16 b, f32x16 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE f32x16 choose(i32x16 mask, f32x16 a, f32x16 b) {
    return (f32x16)((mask & (i32x16)a) | (~mask & (i32x16)b));
}

// Sums lanes in one fixed tree.
INLINE float sum16(f32x16 v) {
    float a[16];
    store(a, v);
    UNROLL for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; i++) a[i] += a[i + width];
    return a[0];
}

INLINE float max16(f32x16 v) {
    float a[16];
    store(a, v);
    UNROLL for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; i++) a[i] = a[i] > a[i + width] ? a[i] : a[i + width];
    return a[0];
}

// e^x to about 2 ulp: 2^n · e^r with |r| ≤ ln 2 / 2 and a polynomial of degree 6. Below -87 the result is 0.
INLINE f32x16 exponential(f32x16 x) {
    f32x16 bounded = __builtin_elementwise_min(__builtin_elementwise_max(x, splat(-87.3f)), splat(88.7f));
    f32x16 n = __builtin_elementwise_roundeven(bounded * splat(1.44269504088896341f));
    f32x16 r = fused(n, splat(-0.693359375f), bounded);
    r = fused(n, splat(2.12194440e-4f), r);
    f32x16 p = splat(1.9875691500e-4f);
    p = fused(p, r, splat(1.3981999507e-3f));
    p = fused(p, r, splat(8.3334519073e-3f));
    p = fused(p, r, splat(4.1665795894e-2f));
    p = fused(p, r, splat(1.6666665459e-1f));
    p = fused(p, r, splat(5.0000001201e-1f));
    p = fused(p * r, r, r + splat(1.0f));
    // 2^n in two factors, so that n = 128 does not overflow on the way.
    i32x16 whole = __builtin_convertvector(n, i32x16);
    i32x16 half = whole >> 1;
    f32x16 result = p * (f32x16)((half + 127) << 23) * (f32x16)((whole - half + 127) << 23);
    return choose(x < splat(-87.3f), splat(0), result);
}

#include "kernels_products.h"
#include "kernels_attention.h"
#include "kernels_rows.h"

// ---- the machine's limits ----

static int32_t peak_int8(int64_t rounds) {
    i32x16 sums[12] = {};
    u8x64 weights = (u8x64){} + (uint8_t)(rounds & 7);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < 12; i++) sums[i] = dot_bytes(sums[i], weights, (int32_t)rounds, true);
        __asm__ volatile("" : : : "memory");
    }
    int32_t total = 0;
    for (int i = 0; i < 12; i++) total += __builtin_reduce_add(sums[i]);
    return total;
}

static float peak_f32(int64_t rounds) {
    f32x16 sums[12] = {}, factor = splat(1.0f + (float)(rounds & 7) * 1e-7f);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < 12; i++) sums[i] = fused(sums[i], factor, factor);
        __asm__ volatile("" : : : "memory");
    }
    float total = 0;
    for (int i = 0; i < 12; i++) total += sum16(sums[i]);
    return total;
}

const hadal_kernels KERNELS = {
    .name = KERNELS_NAME,
    .tile_rows = TILE_ROWS,
    .multiply = multiply,
    .quantize = quantize,
    .attend = attend,
    .rms_norm = rms_norm,
    .layer_norm = layer_norm,
    .gated_silu = gated_silu,
    .gelu = gelu,
    .tanh = hyperbolic_tangent,
    .add = add,
    .scale_add = scale_add,
    .softmax = softmax,
    .sigmoid = sigmoid,
    .dot = dot,
    .peak_int8 = peak_int8,
    .peak_f32 = peak_f32,
};
