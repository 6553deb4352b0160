// Repacking of weights into the panels that the kernels stream.
#include <math.h>
#include <string.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"

// 32 values of one row: stored integers, and a scale and minimum for each half (or the first for all).
typedef struct {
    uint8_t values[32];
    float scales[2];
    float minima[2];
} unpacked;

static float half_at(const uint8_t *bytes) {
    uint16_t half;
    memcpy(&half, bytes, 2);
    return hadal_f16_to_f32(half);
}

static const int8_t nonlinear4[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
static const int8_t doubled_e2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

static void nibbles(const uint8_t *bytes, uint8_t *values) {
    for (int i = 0; i < 16; i++) {
        values[i] = bytes[i] & 15;
        values[i + 16] = bytes[i] >> 4;
    }
}

static void fifth_bits(const uint8_t *bytes, uint8_t *values) {
    uint32_t bits;
    memcpy(&bits, bytes, 4);
    for (int i = 0; i < 32; i++) values[i] |= (uint8_t)(((bits >> i) & 1) << 4);
}

static void look_up(const int8_t *table, uint8_t *values) {
    for (int i = 0; i < 32; i++) values[i] = (uint8_t)(table[values[i]] + 128);
}

// The 6-bit scale and minimum of sub-block j of Q4_K and Q5_K.
static void six_bit_pair(const uint8_t *s, int j, float *scale, float *minimum) {
    if (j < 4) {
        *scale = s[j] & 63;
        *minimum = s[j + 4] & 63;
    } else {
        *scale = (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
        *minimum = (s[j + 4] >> 4) | (s[j] >> 6) << 4;
    }
}

static void unpack_k(uint32_t format, const uint8_t *block, int sub, unpacked *out) {
    int half = sub / 4, quarter = sub % 4;  // of the 256 values: which 128, which 32 of them
    switch (format) {
    case HADAL_Q4_K:
    case HADAL_Q5_K: {
        const uint8_t *quants = block + (format == HADAL_Q4_K ? 16 : 48) + sub / 2 * 32;
        float scale, minimum;
        six_bit_pair(block + 4, sub, &scale, &minimum);
        out->scales[0] = half_at(block) * scale;
        out->minima[0] = -half_at(block + 2) * minimum;
        for (int i = 0; i < 32; i++) {
            out->values[i] = sub % 2 ? quants[i] >> 4 : quants[i] & 15;
            if (format == HADAL_Q5_K) out->values[i] |= (uint8_t)(((block[16 + i] >> sub) & 1) << 4);
        }
        break;
    }
    case HADAL_Q6_K: {
        const uint8_t *low = block + half * 64 + (quarter % 2) * 32, *high = block + 128 + half * 32;
        const int8_t *scales = (const int8_t *)block + 192 + half * 8 + quarter * 2;
        float d = half_at(block + 208);
        for (int i = 0; i < 32; i++) {
            int value = (quarter < 2 ? low[i] & 15 : low[i] >> 4) | ((high[i] >> (2 * quarter)) & 3) << 4;
            out->values[i] = (uint8_t)(value - 32 + 128);
        }
        for (int h = 0; h < 2; h++) out->scales[h] = d * scales[h];
        break;
    }
    case HADAL_Q3_K: {
        const uint8_t *quants = block + 32 + half * 32, *scales = block + 96;
        float d = half_at(block + 108);
        for (int i = 0; i < 32; i++)
            out->values[i] = (uint8_t)(((quants[i] >> (2 * quarter)) & 3) + (block[i] >> sub & 1) * 4);
        for (int h = 0; h < 2; h++) {
            int index = sub * 2 + h;
            int low = index < 8 ? scales[index] & 15 : scales[index - 8] >> 4;
            int high = scales[8 + index % 4] >> (2 * (index / 4)) & 3;
            out->scales[h] = d * (float)((low | high << 4) - 32);
        }
        break;
    }
    case HADAL_Q2_K: {
        const uint8_t *quants = block + 16 + half * 32, *scales = block + sub * 2;
        for (int i = 0; i < 32; i++) out->values[i] = (quants[i] >> (2 * quarter)) & 3;
        for (int h = 0; h < 2; h++) {
            out->scales[h] = half_at(block + 80) * (float)(scales[h] & 15);
            out->minima[h] = -half_at(block + 82) * (float)(scales[h] >> 4);
        }
        break;
    }
    default: {  // IQ4_XS
        uint16_t high;
        memcpy(&high, block + 2, 2);
        int scale = (block[4 + sub / 2] >> (4 * (sub % 2)) & 15) | (high >> (2 * sub) & 3) << 4;
        out->scales[0] = half_at(block) * (float)(scale - 32);
        nibbles(block + 8 + sub * 16, out->values);
        look_up(nonlinear4, out->values);
    }
    }
}

// Values index*32 … of a row of ggml blocks.
static void unpack(uint32_t format, const uint8_t *row, int64_t index, unpacked *out) {
    const uint8_t *b;
    switch (format) {
    case HADAL_Q8_0:
        b = row + index * 34;
        out->scales[0] = half_at(b);
        for (int i = 0; i < 32; i++) out->values[i] = b[2 + i] ^ 0x80;
        break;
    case HADAL_Q4_0:
        b = row + index * 18;
        out->scales[0] = half_at(b);
        nibbles(b + 2, out->values);
        break;
    case HADAL_Q4_1:
        b = row + index * 20;
        out->scales[0] = half_at(b);
        out->minima[0] = half_at(b + 2);
        nibbles(b + 4, out->values);
        break;
    case HADAL_Q5_0:
        b = row + index * 22;
        out->scales[0] = half_at(b);
        nibbles(b + 6, out->values);
        fifth_bits(b + 2, out->values);
        for (int i = 0; i < 32; i++) out->values[i] = (uint8_t)(out->values[i] - 16 + 128);
        break;
    case HADAL_Q5_1:
        b = row + index * 24;
        out->scales[0] = half_at(b);
        out->minima[0] = half_at(b + 2);
        nibbles(b + 8, out->values);
        fifth_bits(b + 4, out->values);
        break;
    case HADAL_IQ4_NL:
        b = row + index * 18;
        out->scales[0] = half_at(b);
        nibbles(b + 2, out->values);
        look_up(nonlinear4, out->values);
        break;
    case HADAL_MXFP4:
        b = row + index * 17;
        out->scales[0] = ldexpf(1.0f, (int)b[0] - 128);
        nibbles(b + 1, out->values);
        look_up(doubled_e2m1, out->values);
        break;
    case HADAL_Q4_K: unpack_k(format, row + index / 8 * 144, (int)(index % 8), out); break;
    case HADAL_Q5_K: unpack_k(format, row + index / 8 * 176, (int)(index % 8), out); break;
    case HADAL_Q6_K: unpack_k(format, row + index / 8 * 210, (int)(index % 8), out); break;
    case HADAL_Q3_K: unpack_k(format, row + index / 8 * 110, (int)(index % 8), out); break;
    case HADAL_Q2_K: unpack_k(format, row + index / 8 * 84, (int)(index % 8), out); break;
    case HADAL_IQ4_XS: unpack_k(format, row + index / 8 * 136, (int)(index % 8), out); break;
    }
}

// Bytes of `inputs` values of a row in the source, 0 for formats that are not packed directly.
static int64_t row_bytes(uint32_t format, int64_t inputs) {
    switch (format) {
    case HADAL_F32: return inputs * 4;
    case HADAL_F16: case HADAL_BF16: return inputs * 2;
    case HADAL_F8_E4M3: return inputs;
    case HADAL_Q8_0: return inputs / 32 * 34;
    case HADAL_Q4_0: case HADAL_IQ4_NL: return inputs / 32 * 18;
    case HADAL_Q4_1: return inputs / 32 * 20;
    case HADAL_Q5_0: return inputs / 32 * 22;
    case HADAL_Q5_1: return inputs / 32 * 24;
    case HADAL_MXFP4: return inputs / 32 * 17;
    case HADAL_Q4_K: return inputs / 256 * 144;
    case HADAL_Q5_K: return inputs / 256 * 176;
    case HADAL_Q6_K: return inputs / 256 * 210;
    case HADAL_Q3_K: return inputs / 256 * 110;
    case HADAL_Q2_K: return inputs / 256 * 84;
    case HADAL_IQ4_XS: return inputs / 256 * 136;
    default: return 0;
    }
}

bool hadal_weight_plan(uint32_t format, int64_t outputs, int64_t inputs, hadal_weight *weight) {
    *weight = (hadal_weight){.inputs = inputs, .outputs = outputs, .block = 32, .zero = 128, .kind = HADAL_PANEL_Q8};
    switch (format) {
    case HADAL_F32: weight->kind = HADAL_PANEL_F32; break;
    case HADAL_F16: weight->kind = HADAL_PANEL_F16; break;
    case HADAL_BF16: weight->kind = HADAL_PANEL_BF16; break;
    case HADAL_F8_E4M3: weight->kind = HADAL_PANEL_F8; break;
    case HADAL_Q8_0: case HADAL_Q5_0: case HADAL_IQ4_NL: case HADAL_IQ4_XS: case HADAL_MXFP4: break;
    case HADAL_Q5_1: case HADAL_Q5_K:
        weight->zero = 0;
        weight->has_minimum = true;
        break;
    case HADAL_Q6_K: weight->block = 16; break;
    case HADAL_Q4_0:
        weight->kind = HADAL_PANEL_Q4;
        weight->zero = 8;
        break;
    case HADAL_Q4_1: case HADAL_Q4_K:
        weight->kind = HADAL_PANEL_Q4;
        weight->zero = 0;
        weight->has_minimum = true;
        break;
    case HADAL_Q3_K:
        weight->kind = HADAL_PANEL_Q4;
        weight->zero = 4;
        weight->block = 16;
        break;
    case HADAL_Q2_K:
        weight->kind = HADAL_PANEL_Q4;
        weight->zero = 0;
        weight->block = 16;
        weight->has_minimum = true;
        break;
    default: return false;
    }
    switch (weight->kind) {
    case HADAL_PANEL_F32: weight->panel_bytes = inputs * HADAL_LANES * 4; break;
    case HADAL_PANEL_F16: case HADAL_PANEL_BF16: weight->panel_bytes = inputs * HADAL_LANES * 2; break;
    case HADAL_PANEL_F8: weight->panel_bytes = inputs * HADAL_LANES; break;
    default: {
        if (inputs % 32 != 0) return false;
        int64_t per_block = (weight->kind == HADAL_PANEL_Q4 ? 256 : 512)
            + 32 / weight->block * 2 * HADAL_LANES * (weight->has_minimum ? 2 : 1);
        weight->panel_bytes = inputs / 32 * per_block;
    }
    }
    return true;
}

static void pack_plain(const uint8_t *source, const hadal_weight *weight, int64_t panel, int64_t bytes) {
    uint8_t *target = weight->data + panel * weight->panel_bytes;
    for (int lane = 0; lane < HADAL_LANES; lane++) {
        int64_t row = panel * HADAL_LANES + lane;
        const uint8_t *values = row < weight->outputs ? source + row * weight->inputs * bytes : NULL;
        for (int64_t k = 0; k < weight->inputs; k++) {
            uint8_t *place = target + (k * HADAL_LANES + lane) * bytes;
            if (values) memcpy(place, values + k * bytes, (size_t)bytes);
            else memset(place, 0, (size_t)bytes);
        }
    }
}

static bool put_half(float value, uint8_t *place) {
    uint16_t half = hadal_f32_to_f16(value);
    memcpy(place, &half, 2);
    return (half & 0x7C00) != 0x7C00 && (value == 0 || half << 1 != 0);
}

static bool pack_blocks(uint32_t format, const uint8_t *source, const hadal_weight *weight, int64_t panel) {
    const int halves = 32 / weight->block;
    const int64_t data_bytes = weight->kind == HADAL_PANEL_Q4 ? 256 : 512;
    const int64_t block_bytes = weight->panel_bytes / (weight->inputs / 32);
    const int64_t stride = row_bytes(format, weight->inputs);
    uint8_t *target = weight->data + panel * weight->panel_bytes;
    bool fits = true;
    memset(target, 0, (size_t)weight->panel_bytes);
    for (int lane = 0; lane < HADAL_LANES && panel * HADAL_LANES + lane < weight->outputs; lane++) {
        const uint8_t *row = source + (panel * HADAL_LANES + lane) * stride;
        for (int64_t b = 0; b < weight->inputs / 32; b++) {
            unpacked from;
            unpack(format, row, b, &from);
            uint8_t *block = target + b * block_bytes;
            for (int i = 0; i < 32; i++) {
                int group = i / 4;
                if (weight->kind == HADAL_PANEL_Q8) block[group * 64 + lane * 4 + i % 4] = from.values[i];
                else block[(group & 3) * 64 + lane * 4 + i % 4] |= (uint8_t)(from.values[i] << (group < 4 ? 0 : 4));
            }
            for (int h = 0; h < halves; h++) {
                uint8_t *scales = block + data_bytes + h * 32 + lane * 2;
                bool exact = put_half(from.scales[h], scales);
                if (format == HADAL_MXFP4) fits &= exact;
                if (weight->has_minimum) put_half(from.minima[h], scales + halves * 32);
            }
        }
    }
    return fits;
}

bool hadal_weight_pack(uint32_t format, const void *source, const hadal_weight *weight, int64_t begin, int64_t end) {
    bool fits = true;
    for (int64_t panel = begin; panel < end; panel++) {
        switch (weight->kind) {
        case HADAL_PANEL_F32: pack_plain(source, weight, panel, 4); break;
        case HADAL_PANEL_F16: case HADAL_PANEL_BF16: pack_plain(source, weight, panel, 2); break;
        case HADAL_PANEL_F8: pack_plain(source, weight, panel, 1); break;
        default: fits &= pack_blocks(format, source, weight, panel);
        }
    }
    return fits;
}

void hadal_weight_read(const hadal_weight *weight, int64_t output, float *values) {
    const uint8_t *panel = weight->data + output / HADAL_LANES * weight->panel_bytes;
    const int64_t lane = output % HADAL_LANES;
    const int64_t data_bytes = weight->kind == HADAL_PANEL_Q4 ? 256 : 512;
    for (int64_t k = 0; k < weight->inputs; k++) {
        const int64_t place = k * HADAL_LANES + lane;
        switch (weight->kind) {
        case HADAL_PANEL_F32: memcpy(values + k, panel + place * 4, 4); break;
        case HADAL_PANEL_F16: values[k] = half_at(panel + place * 2); break;
        case HADAL_PANEL_BF16: {
            uint16_t high;
            memcpy(&high, panel + place * 2, 2);
            uint32_t bits = (uint32_t)high << 16;
            memcpy(values + k, &bits, 4);
            break;
        }
        case HADAL_PANEL_F8: values[k] = NAN; break;
        default: {
            const int halves = 32 / weight->block, i = (int)(k % 32), group = i / 4;
            const uint8_t *block = panel + k / 32 * (weight->panel_bytes / (weight->inputs / 32));
            const uint8_t *scale = block + data_bytes + i / weight->block * 32 + lane * 2;
            int q = weight->kind == HADAL_PANEL_Q8 ? block[group * 64 + lane * 4 + i % 4]
                : block[(group & 3) * 64 + lane * 4 + i % 4] >> (group < 4 ? 0 : 4) & 15;
            values[k] = half_at(scale) * (float)(q - weight->zero);
            if (weight->has_minimum) values[k] += half_at(scale + halves * 32);
        }
        }
    }
}
