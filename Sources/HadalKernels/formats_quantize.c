// Encoding. The 32-value formats and TQ2_0 follow ggml's reference, rounding included, so that their bytes can be
// compared; Q4_K, Q5_K and Q6_K look for the scales with the least squared error.
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
void hadal_encode_mxfp4(const float *values, uint8_t *block) {
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
            error += difference * difference;
        }
        if (!(error < best)) continue;
        best = error;
        block[0] = (uint8_t)stored;
        for (int i = 0; i < 16; i++) block[1 + i] = (uint8_t)(codes[i] | codes[i + 16] << 4);
    }
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

// Scale and offset with which q ∈ 0…top best gives `values` as scale·q - offset (offset ≥ 0): a few grids around the
// full range, each solved for the least squared error.
static void fit_affine(const float *values, int count, int top, float *scale, float *offset) {
    float min, max;
    bounds(values, count, &min, &max);
    if (min > 0) min = 0;  // the formats subtract a non-negative offset
    *scale = 0;
    *offset = -min;
    if (!(max > min)) return;
    float best = INFINITY;
    for (int step = -8; step <= 8; step++) {
        float trial = ((float)top + 0.1f * (float)step) / (max - min);
        // value ≈ a·q + b: sums for the normal equations
        float sum_q = 0, sum_qq = 0, sum_x = 0, sum_qx = 0;
        uint8_t q[QK];
        for (int i = 0; i < count; i++) {
            q[i] = (uint8_t)rounded((values[i] - min) * trial, 0, top);
            sum_q += q[i];
            sum_qq += (float)q[i] * q[i];
            sum_x += values[i];
            sum_qx += values[i] * q[i];
        }
        if (!(sum_qq > 0)) continue;
        // Without offset where all q are equal, and where it would have the wrong sign.
        float determinant = (float)count * sum_qq - sum_q * sum_q, a = sum_qx / sum_qq, b = 0;
        if (determinant > 0 && sum_qq * sum_x < sum_q * sum_qx) {
            a = ((float)count * sum_qx - sum_q * sum_x) / determinant;
            b = (sum_qq * sum_x - sum_q * sum_qx) / determinant;
        }
        float error = 0;
        for (int i = 0; i < count; i++) {
            float difference = a * q[i] + b - values[i];
            error += difference * difference;
        }
        if (a > 0 && error < best) {
            best = error;
            *scale = a;
            *offset = -b;
        }
    }
}

// The part that Q4_K and Q5_K share: two factors, twelve bytes of scales and minima, and the quantized values.
static void encode_affine_k(const float *values, int top, uint8_t *header, uint8_t q[QK_K]) {
    float scales[8], offsets[8], max_scale = 0, max_offset = 0;
    for (int part = 0; part < 8; part++) {
        fit_affine(values + QK * part, QK, top, &scales[part], &offsets[part]);
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

void hadal_encode_q4_k(const float *values, uint8_t *block) {
    uint8_t q[QK_K];
    encode_affine_k(values, 15, block, q);
    for (int pair = 0; pair < 4; pair++)
        for (int i = 0; i < 32; i++)
            block[16 + 32 * pair + i] = (uint8_t)(q[64 * pair + i] | q[64 * pair + 32 + i] << 4);
}

void hadal_encode_q5_k(const float *values, uint8_t *block) {
    uint8_t q[QK_K];
    encode_affine_k(values, 31, block, q);
    memset(block + 16, 0, 32);
    for (int part = 0; part < 8; part++)
        for (int i = 0; i < 32; i++) block[16 + i] |= (uint8_t)(q[32 * part + i] >> 4 << part);
    for (int pair = 0; pair < 4; pair++)
        for (int i = 0; i < 32; i++)
            block[48 + 32 * pair + i] = (uint8_t)((q[64 * pair + i] & 0x0f) | q[64 * pair + 32 + i] << 4);
}

// The scale with which q ∈ -32…31 best gives sixteen values as scale·q.
static float fit_symmetric(const float *values, int count) {
    float peak = extreme(values, count);
    if (peak == 0) return 0;
    float best = -1, scale = peak / -32;
    for (int step = -9; step <= 9; step++) {
        float trial = -(32 + 0.1f * (float)step) / peak, sum_qx = 0, sum_qq = 0;
        for (int i = 0; i < count; i++) {
            float q = (float)rounded(values[i] * trial, -32, 31);
            sum_qx += q * values[i];
            sum_qq += q * q;
        }
        // Σ(x - s·q)² is least at s = Σqx/Σqq, by (Σqx)²/Σqq.
        if (sum_qq > 0 && sum_qx * sum_qx / sum_qq > best) {
            best = sum_qx * sum_qx / sum_qq;
            scale = sum_qx / sum_qq;
        }
    }
    return scale;
}

void hadal_encode_q6_k(const float *values, uint8_t *block) {
    float scales[16];
    for (int part = 0; part < 16; part++) scales[part] = fit_symmetric(values + 16 * part, 16);
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
