// Encoding. The 32-value formats and TQ2_0 follow ggml's reference, rounding included, so that their bytes can be
// compared; Q4_K, Q5_K and Q6_K look for the scales with the least squared error. With weights, of how much each value
// matters, all but Q8_0 look for the least weighted one.
#include <math.h>

#include "formats_internal.h"

// The value of largest magnitude, with its sign; the first of equals.
static float extreme(const float *values, int count) {
    float best = 0;
    for (int i = 0; i < count; i++)
        if (fabsf(values[i]) > fabsf(best)) best = values[i];
    return best;
}

static float inverse(float d) { return d == 0 ? 0 : 1 / d; }

// Weights where all values matter alike.
static const float alike[QK] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

// Truncation into 0…top; NaN (from infinite input) gives 0 and never undefined behaviour.
static uint8_t clipped(float value, int top) {
    if (!(value > 0)) return 0;
    return value >= (float)top ? (uint8_t)top : (uint8_t)value;
}

// Rounding to nearest into low…high, ties away from zero.
static int rounded(float value, int low, int high) {
    float whole = roundf(value);
    if (!(whole > (float)low)) return low;
    return whole < (float)high ? (int)whole : high;
}

void hadal_encode_q4_0(const float *values, uint8_t *block) {
    float d = extreme(values, QK) / -8, id = inverse(d);
    store_f16(block, d);
    for (int i = 0; i < 16; i++) {
        uint8_t low = clipped(values[i] * id + 8.5f, 15), high = clipped(values[i + 16] * id + 8.5f, 15);
        block[2 + i] = (uint8_t)(low | high << 4);
    }
}

void hadal_encode_q5_0(const float *values, uint8_t *block) {
    float d = extreme(values, QK) / -16, id = inverse(d);
    uint32_t fifth = 0;
    store_f16(block, d);
    for (int i = 0; i < 16; i++) {
        uint8_t low = clipped(values[i] * id + 16.5f, 31), high = clipped(values[i + 16] * id + 16.5f, 31);
        block[6 + i] = (uint8_t)((low & 0x0f) | high << 4);
        fifth |= (uint32_t)(low >> 4) << i | (uint32_t)(high >> 4) << (i + 16);
    }
    memcpy(block + 2, &fifth, sizeof fifth);
}

static void bounds(const float *values, int count, float *low, float *high) {
    *low = *high = values[0];
    for (int i = 1; i < count; i++) {
        if (values[i] < *low) *low = values[i];
        if (values[i] > *high) *high = values[i];
    }
}

void hadal_encode_q4_1(const float *values, uint8_t *block) {
    float min, max;
    bounds(values, QK, &min, &max);
    float d = (max - min) / 15, id = inverse(d);
    store_f16(block, d);
    store_f16(block + 2, min);
    for (int i = 0; i < 16; i++) {
        uint8_t low = clipped((values[i] - min) * id + 0.5f, 15);
        uint8_t high = clipped((values[i + 16] - min) * id + 0.5f, 15);
        block[4 + i] = (uint8_t)(low | high << 4);
    }
}

void hadal_encode_q5_1(const float *values, uint8_t *block) {
    float min, max;
    bounds(values, QK, &min, &max);
    float d = (max - min) / 31, id = inverse(d);
    uint32_t fifth = 0;
    store_f16(block, d);
    store_f16(block + 2, min);
    for (int i = 0; i < 16; i++) {
        uint8_t low = clipped((values[i] - min) * id + 0.5f, 31);
        uint8_t high = clipped((values[i + 16] - min) * id + 0.5f, 31);
        block[8 + i] = (uint8_t)((low & 0x0f) | high << 4);
        fifth |= (uint32_t)(low >> 4) << i | (uint32_t)(high >> 4) << (i + 16);
    }
    memcpy(block + 4, &fifth, sizeof fifth);
}

void hadal_encode_q8_0(const float *values, uint8_t *block) {
    float d = fabsf(extreme(values, QK)) / 127, id = inverse(d);
    store_f16(block, d);
    for (int i = 0; i < QK; i++) block[2 + i] = (uint8_t)(int8_t)rounded(values[i] * id, -128, 127);
}

// The nearest of E2M1's magnitudes, doubled ones 0 1 2 3 4 6 8 12, with the sign as the fourth bit; ties to the even code.
static uint8_t nearest_e2m1(float value) {
    static const float magnitude[8] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
    float size = fabsf(value);
    int code = 0;
    while (code < 7) {
        float middle = (magnitude[code] + magnitude[code + 1]) / 2;
        if (size < middle || (size == middle && code % 2 == 0)) break;
        code++;
    }
    return (uint8_t)(code | (value < 0 && code ? 8 : 0));
}

// OCP Microscaling Formats 1.0 takes the exponent of the largest value less that of the largest element (4 = 2^2), which
// cuts values from 6 to 8 times the scale off; the next exponent is taken where it leaves the smaller squared error.
static void encode_mxfp4(const float *values, const float *weights, uint8_t *block) {
    static const float magnitude[8] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
    float peak = fabsf(extreme(values, QK)), best = INFINITY;
    memset(block, 0, 17);
    if (!(peak > 0) || !isfinite(peak)) return;
    int floor_exponent = ilogbf(peak) - 2;
    for (int exponent = floor_exponent; exponent <= floor_exponent + 1; exponent++) {
        int stored = exponent + 127;
        if (stored < 0) stored = 0;
        if (stored > 254) stored = 254;
        float scale = ldexpf(1, stored - 127), error = 0;
        uint8_t codes[QK];
        for (int i = 0; i < QK; i++) {
            codes[i] = nearest_e2m1(values[i] / scale);
            float size = magnitude[codes[i] & 7] * scale;
            float difference = (codes[i] & 8 ? -size : size) - values[i];
            error += weights[i] * difference * difference;
        }
        if (!(error < best)) continue;
        best = error;
        block[0] = (uint8_t)stored;
        for (int i = 0; i < 16; i++) block[1 + i] = (uint8_t)(codes[i] | codes[i + 16] << 4);
    }
}

void hadal_encode_mxfp4(const float *values, uint8_t *block) { encode_mxfp4(values, alike, block); }
void hadal_encode_mxfp4_weighted(const float *values, const float *weights, uint8_t *block) {
    encode_mxfp4(values, weights, block);
}

void hadal_encode_tq2_0(const float *values, uint8_t *block) {
    float d = fabsf(extreme(values, QK_K)), id = inverse(d);
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < 32; i++) {
            uint8_t digits = 0;
            for (int plane = 0; plane < 4; plane++) {
                int digit = rounded(values[128 * half + 32 * plane + i] * id, -1, 1) + 1;
                digits |= (uint8_t)(digit << (2 * plane));
            }
            block[32 * half + i] = digits;
        }
    }
    store_f16(block + 64, d);
}

// Scale and offset with which q ∈ 0…top best gives `values` as scale·q - offset: a few grids around the full range, each
// solved for the least squared error. Where the format subtracts its offset, it is not negative (`subtracts`).
static void fit_affine(
    const float *values, const float *weights, int count, int top, bool subtracts, float *scale, float *offset) {
    float min, max;
    bounds(values, count, &min, &max);
    if (subtracts && min > 0) min = 0;
    *scale = 0;
    *offset = -min;
    if (!(max > min)) return;
    float best = INFINITY;
    for (int step = -8; step <= 8; step++) {
        float trial = ((float)top + 0.1f * (float)step) / (max - min);
        // value ≈ a·q + b: sums for the normal equations
        float sum = 0, sum_q = 0, sum_qq = 0, sum_x = 0, sum_qx = 0;
        uint8_t q[QK];
        for (int i = 0; i < count; i++) {
            float w = weights[i];
            q[i] = (uint8_t)rounded((values[i] - min) * trial, 0, top);
            sum += w;
            sum_q += w * q[i];
            sum_qq += w * q[i] * q[i];
            sum_x += w * values[i];
            sum_qx += w * values[i] * q[i];
        }
        if (!(sum_qq > 0)) continue;
        // Without offset where all q are equal, and where it would have the wrong sign.
        float determinant = sum * sum_qq - sum_q * sum_q, a = sum_qx / sum_qq, b = 0;
        if (determinant > 0 && (!subtracts || sum_qq * sum_x < sum_q * sum_qx)) {
            a = (sum * sum_qx - sum_q * sum_x) / determinant;
            b = (sum_qq * sum_x - sum_q * sum_qx) / determinant;
        }
        float error = 0;
        for (int i = 0; i < count; i++) {
            float difference = a * q[i] + b - values[i];
            error += weights[i] * difference * difference;
        }
        if (a > 0 && error < best) {
            best = error;
            *scale = a;
            *offset = -b;
        }
    }
}

// The part that Q4_K and Q5_K share: two factors, twelve bytes of scales and minima, and the quantized values.
static void encode_affine_k(const float *values, const float *weights, int top, uint8_t *header, uint8_t q[QK_K]) {
    float scales[8], offsets[8], max_scale = 0, max_offset = 0;
    for (int part = 0; part < 8; part++) {
        const float *own = weights ? weights + QK * part : alike;
        fit_affine(values + QK * part, own, QK, top, true, &scales[part], &offsets[part]);
        if (scales[part] > max_scale) max_scale = scales[part];
        if (offsets[part] > max_offset) max_offset = offsets[part];
    }
    store_f16(header, max_scale / 63);
    store_f16(header + 2, max_offset / 63);
    // What is stored, not what was wished for, decides the rest.
    float d = load_f16(header), dmin = load_f16(header + 2), id = inverse(d), idmin = inverse(dmin);
    uint8_t *packed = header + 4;
    memset(packed, 0, 12);
    for (int part = 0; part < 8; part++) {
        uint8_t scale = (uint8_t)rounded(scales[part] * id, 0, 63);
        uint8_t min = (uint8_t)rounded(offsets[part] * idmin, 0, 63);
        if (part < 4) {
            packed[part] |= scale;
            packed[part + 4] |= min;
        } else {
            packed[part + 4] = (uint8_t)((scale & 0x0f) | (min & 0x0f) << 4);
            packed[part - 4] |= (uint8_t)(scale >> 4 << 6);
            packed[part] |= (uint8_t)(min >> 4 << 6);
        }
        float factor = inverse(d * (float)scale), offset = dmin * (float)min;
        for (int i = QK * part; i < QK * part + QK; i++)
            q[i] = (uint8_t)rounded((values[i] + offset) * factor, 0, top);
    }
}

void hadal_encode_q4_k_weighted(const float *values, const float *weights, uint8_t *block) {
    uint8_t q[QK_K];
    encode_affine_k(values, weights, 15, block, q);
    for (int pair = 0; pair < 4; pair++)
        for (int i = 0; i < 32; i++)
            block[16 + 32 * pair + i] = (uint8_t)(q[64 * pair + i] | q[64 * pair + 32 + i] << 4);
}

void hadal_encode_q5_k_weighted(const float *values, const float *weights, uint8_t *block) {
    uint8_t q[QK_K];
    encode_affine_k(values, weights, 31, block, q);
    memset(block + 16, 0, 32);
    for (int part = 0; part < 8; part++)
        for (int i = 0; i < 32; i++) block[16 + i] |= (uint8_t)(q[32 * part + i] >> 4 << part);
    for (int pair = 0; pair < 4; pair++)
        for (int i = 0; i < 32; i++)
            block[48 + 32 * pair + i] = (uint8_t)((q[64 * pair + i] & 0x0f) | q[64 * pair + 32 + i] << 4);
}

void hadal_encode_q4_k(const float *values, uint8_t *block) { hadal_encode_q4_k_weighted(values, NULL, block); }
void hadal_encode_q5_k(const float *values, uint8_t *block) { hadal_encode_q5_k_weighted(values, NULL, block); }

// The scale with which q ∈ -half ..< half best gives `values` as scale·q.
static float fit_symmetric(const float *values, const float *weights, int count, int half) {
    float peak = extreme(values, count);
    if (peak == 0) return 0;
    float best = -1, scale = peak / (float)-half;
    for (int step = -9; step <= 9; step++) {
        float trial = -((float)half + 0.1f * (float)step) / peak, sum_qx = 0, sum_qq = 0;
        for (int i = 0; i < count; i++) {
            float q = (float)rounded(values[i] * trial, -half, half - 1), wq = weights[i] * q;
            sum_qx += wq * values[i];
            sum_qq += wq * q;
        }
        // Σ(x - s·q)² is least at s = Σqx/Σqq, by (Σqx)²/Σqq.
        if (sum_qq > 0 && sum_qx * sum_qx / sum_qq > best) {
            best = sum_qx * sum_qx / sum_qq;
            scale = sum_qx / sum_qq;
        }
    }
    return scale;
}

void hadal_encode_q6_k_weighted(const float *values, const float *weights, uint8_t *block) {
    float scales[16];
    for (int part = 0; part < 16; part++)
        scales[part] = fit_symmetric(values + 16 * part, weights ? weights + 16 * part : alike, 16, 32);
    uint8_t *low = block, *high = block + 128;
    memset(block, 0, 192);
    store_f16(block + 208, extreme(scales, 16) / -128);
    float d = load_f16(block + 208), id = inverse(d);
    for (int part = 0; part < 16; part++) {
        int scale = rounded(scales[part] * id, -128, 127);
        block[192 + part] = (uint8_t)(int8_t)scale;
        float factor = inverse(d * (float)scale);
        int half = part / 8, plane = part % 8 / 2;
        for (int i = 0; i < 16; i++) {
            int q = rounded(values[16 * part + i] * factor, -32, 31) + 32, column = 16 * (part % 2) + i;
            low[64 * half + 32 * (plane % 2) + column] |= (uint8_t)((q & 0x0f) << (4 * (plane / 2)));
            high[32 * half + column] |= (uint8_t)(q >> 4 << (2 * plane));
        }
    }
}

void hadal_encode_q6_k(const float *values, uint8_t *block) { hadal_encode_q6_k_weighted(values, NULL, block); }

// The 32-value formats with weights: the scale is searched for, then what is stored of it decides the rest.

void hadal_encode_q4_0_weighted(const float *values, const float *weights, uint8_t *block) {
    store_f16(block, fit_symmetric(values, weights, QK, 8));
    float id = inverse(load_f16(block));
    for (int i = 0; i < 16; i++) {
        int low = rounded(values[i] * id, -8, 7) + 8, high = rounded(values[i + 16] * id, -8, 7) + 8;
        block[2 + i] = (uint8_t)(low | high << 4);
    }
}

void hadal_encode_q5_0_weighted(const float *values, const float *weights, uint8_t *block) {
    store_f16(block, fit_symmetric(values, weights, QK, 16));
    float id = inverse(load_f16(block));
    uint32_t fifth = 0;
    for (int i = 0; i < 16; i++) {
        int low = rounded(values[i] * id, -16, 15) + 16, high = rounded(values[i + 16] * id, -16, 15) + 16;
        block[6 + i] = (uint8_t)((low & 0x0f) | (high & 0x0f) << 4);
        fifth |= (uint32_t)(low >> 4) << i | (uint32_t)(high >> 4) << (i + 16);
    }
    memcpy(block + 2, &fifth, sizeof fifth);
}

static void encode_affine(const float *values, const float *weights, int top, uint8_t *header, uint8_t q[QK]) {
    float scale, offset;
    fit_affine(values, weights, QK, top, false, &scale, &offset);
    store_f16(header, scale);
    store_f16(header + 2, -offset);
    float id = inverse(load_f16(header)), min = load_f16(header + 2);
    for (int i = 0; i < QK; i++) q[i] = (uint8_t)rounded((values[i] - min) * id, 0, top);
}

void hadal_encode_q4_1_weighted(const float *values, const float *weights, uint8_t *block) {
    uint8_t q[QK];
    encode_affine(values, weights, 15, block, q);
    for (int i = 0; i < 16; i++) block[4 + i] = (uint8_t)(q[i] | q[i + 16] << 4);
}

void hadal_encode_q5_1_weighted(const float *values, const float *weights, uint8_t *block) {
    uint8_t q[QK];
    uint32_t fifth = 0;
    encode_affine(values, weights, 31, block, q);
    for (int i = 0; i < 16; i++) block[8 + i] = (uint8_t)((q[i] & 0x0f) | (q[i + 16] & 0x0f) << 4);
    for (int i = 0; i < QK; i++) fifth |= (uint32_t)(q[i] >> 4) << i;
    memcpy(block + 4, &fifth, sizeof fifth);
}

uint8_t hadal_f32_to_e4m3(float value) {
    uint8_t sign = signbit(value) ? 0x80 : 0;
    float size = fabsf(value);
    if (isnan(value)) return sign | 0x7f;
    if (size >= 448) return sign | 0x7e;
    // Below 2^-6 steps of 2^-9; above, three bits of mantissa.
    if (size < 0x1p-6f) return (uint8_t)(sign | (uint8_t)nearbyintf(size * 512));
    uint32_t bits = bits_of_float(size);
    bits += 0x7ffff + (bits >> 20 & 1);
    return (uint8_t)(sign | ((bits >> 20) - ((127 - 7) << 3)));
}

void hadal_quantize_e4m3_band(
    const float *values, size_t rows, size_t columns, size_t block, uint8_t *bytes, float *factors) {
    for (size_t first = 0; first < columns; first += block) {
        size_t end = first + block < columns ? first + block : columns;
        float peak = 0;
        for (size_t row = 0; row < rows; row++)
            for (size_t i = first; i < end; i++) peak = fmaxf(peak, fabsf(values[row * columns + i]));
        float factor = peak > 0 ? peak / 448 : 1;
        factors[first / block] = factor;
        for (size_t row = 0; row < rows; row++)
            for (size_t i = row * columns + first; i < row * columns + end; i++)
                bytes[i] = hadal_f32_to_e4m3(values[i] / factor);
    }
}
