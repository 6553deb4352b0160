// The arithmetic of every instruction set, in clang's portable vectors of 16 lanes. The file that includes this has set
//   KERNELS        the table's name            KERNELS_NAME   its name for people
//   TILE_ROWS      the most rows of a tile     TILE_PANELS    the most panels of a tile of several rows
//   IMPLIED_ZERO   what `dot_bytes` subtracts from each weight byte by itself, but for small ones
//   PEAK_SUMS      f32x16 that registers hold: 12, 6 or 1
//   QUANTIZED_TILE optional: the file with this set's own `quantized_tile`
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

// The lanes moved down by COUNT, going round.
#define MOVED(V, COUNT)                                                                                            \
    __builtin_shufflevector(                                                                                      \
        V, V, (COUNT), (COUNT) + 1, (COUNT) + 2, (COUNT) + 3, (COUNT) + 4, (COUNT) + 5, (COUNT) + 6, (COUNT) + 7, \
        (COUNT) + 8, (COUNT) + 9, (COUNT) + 10, (COUNT) + 11, (COUNT) + 12, (COUNT) + 13, (COUNT) + 14, (COUNT) + 15)

// Sums lanes in one fixed tree.
INLINE float sum16(f32x16 v) {
    v += MOVED(v, 8);
    v += MOVED(v, 4);
    v += MOVED(v, 2);
    v += MOVED(v, 1);
    return v[0];
}

INLINE float max16(f32x16 v) {
    v = __builtin_elementwise_max(v, MOVED(v, 8));
    v = __builtin_elementwise_max(v, MOVED(v, 4));
    v = __builtin_elementwise_max(v, MOVED(v, 2));
    v = __builtin_elementwise_max(v, MOVED(v, 1));
    return v[0];
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

// Whole bytes. Lanes differ and inputs are read anew each round, as in kernels: equal products would be computed once.
static int32_t peak_int8(int64_t rounds) {
    int32_t inputs[12];
    for (int i = 0; i < 12; i++) inputs[i] = (int32_t)rounds * (i + 1);
    i32x16 sums[PEAK_SUMS] = {};
    u8x64 weights;
    for (int i = 0; i < 64; i++) weights[i] = (uint8_t)(rounds * i);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < 12; i++)
            sums[i % PEAK_SUMS] = dot_bytes(sums[i % PEAK_SUMS], weights, inputs[i], false);
        __asm__ volatile("" : : "r"(inputs) : "memory");
    }
    int32_t total = 0;
    for (int i = 0; i < PEAK_SUMS; i++) total += __builtin_reduce_add(sums[i]);
    return total;
}

static float peak_f32(int64_t rounds) {
    f32x16 sums[PEAK_SUMS] = {}, factor = splat(1.0f + (float)(rounds & 7) * 1e-7f);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < 12; i++) sums[i % PEAK_SUMS] = fused(sums[i % PEAK_SUMS], factor, factor);
        __asm__ volatile("" : : : "memory");
    }
    float total = 0;
    for (int i = 0; i < PEAK_SUMS; i++) total += sum16(sums[i]);
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
