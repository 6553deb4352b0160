// Runs every NEON kernel beside the scalar one on random inputs and compares the bits; products are also held against a
// double-precision sum of the dequantized weights. See Scripts/test-neon.sh.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "HadalKernels.h"

static const hadal_kernels *scalar, *neon;
static int failures, checks;
static uint64_t state = 1;

static uint64_t next_random(void) {  // SplitMix64
    uint64_t z = (state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

// -1...1
static float random_float(void) { return (float)((double)(next_random() >> 11) / (double)(1ull << 52) - 1); }

// One float further than asked, and handed out from the second: no kernel may count on aligned activations.
static float *random_floats(int64_t count) {
    float *values = malloc(sizeof(float) * (size_t)(count + 1));
    for (int64_t i = 0; i <= count; i++) values[i] = random_float();
    return values + 1;
}

static float *copy_floats(const float *values, int64_t count) {
    float *copy = random_floats(count);
    memcpy(copy, values, sizeof(float) * (size_t)count);
    return copy;
}

static void drop(float *values) { free(values - 1); }

static void same(const char *what, long detail, const void *a, const void *b, size_t bytes) {
    checks++;
    if (memcmp(a, b, bytes) == 0) return;
    failures++;
    fprintf(stderr, "FAILED %s (%ld): NEON and scalar differ\n", what, detail);
}

static const struct { const char *name; uint32_t format; int block_values, block_bytes, random_scale; } formats[] = {
    {"F32", HADAL_F32, 1, 4, 0}, {"F16", HADAL_F16, 1, 2, 0}, {"BF16", HADAL_BF16, 1, 2, 0},
    {"Q8_0", HADAL_Q8_0, 32, 34, 0}, {"Q4_0", HADAL_Q4_0, 32, 18, 0}, {"Q4_1", HADAL_Q4_1, 32, 20, 0},
    {"Q5_0", HADAL_Q5_0, 32, 22, 0}, {"Q5_1", HADAL_Q5_1, 32, 24, 0}, {"Q4_K", HADAL_Q4_K, 256, 144, 0},
    {"Q5_K", HADAL_Q5_K, 256, 176, 0}, {"Q6_K", HADAL_Q6_K, 256, 210, 0},
    // Not encoded here: random blocks whose float16 scales, at this offset, are tame.
    {"Q2_K", HADAL_Q2_K, 256, 84, 80}, {"Q3_K", HADAL_Q3_K, 256, 110, 108}, {"IQ4_XS", HADAL_IQ4_XS, 256, 136, 0},
};

static void encode(int which, const float *values, uint8_t *blocks, int64_t count) {
    if (hadal_quantize(formats[which].format, values, blocks, (size_t)count)) return;
    int64_t size = formats[which].block_bytes;
    for (int64_t i = 0; i < count / formats[which].block_values * size; i++) blocks[i] = (uint8_t)next_random();
    for (int64_t block = 0; block < count / formats[which].block_values; block++) {
        uint8_t *scale = blocks + block * size + formats[which].random_scale;
        scale[1] = 0x38;
        if (formats[which].format == HADAL_Q2_K) scale[3] = 0x38;
    }
}

static void compare_products(int which, int64_t outputs, int64_t inputs, int64_t rows) {
    uint32_t format = formats[which].format;
    hadal_weight weight;
    if (!hadal_weight_plan(format, outputs, inputs, &weight)) {
        fprintf(stderr, "FAILED %s: no panels for %ld inputs\n", formats[which].name, (long)inputs);
        failures++;
        return;
    }
    float *values = random_floats(outputs * inputs), *x = random_floats(rows * inputs), *bias = random_floats(outputs);
    uint8_t *blocks = malloc((size_t)(outputs * inputs / formats[which].block_values * formats[which].block_bytes));
    encode(which, values, blocks, outputs * inputs);
    hadal_dequantize(format, blocks, values, (size_t)(outputs * inputs));
    int64_t panels = (outputs + HADAL_LANES - 1) / HADAL_LANES;
    weight.data = aligned_alloc(64, (size_t)((weight.panel_bytes * panels + 63) / 64 * 64));
    hadal_weight_pack(format, blocks, &weight, 0, panels);

    float *start = random_floats(rows * outputs), *out[2];
    uint8_t *strips[2];
    const hadal_kernels *kernels[2] = {scalar, neon};
    bool quantized = weight.kind == HADAL_PANEL_Q8 || weight.kind == HADAL_PANEL_Q4;
    for (int side = 0; side < 2; side++) {
        strips[side] = quantized ? malloc((size_t)(rows * hadal_quantized_row_bytes(&weight))) : NULL;
        if (quantized) kernels[side]->quantize(&weight, x, inputs, rows, strips[side]);
        out[side] = copy_floats(start, rows * outputs);
        hadal_multiply_job job = {
            .weight = &weight, .x = x, .x_stride = inputs, .strips = strips[side],
            .rows = rows, .bias = bias, .accumulates = true, .out = out[side], .out_stride = outputs,
        };
        kernels[side]->multiply(&job, 0, panels);
    }
    same(formats[which].name, (long)(outputs * 10000 + inputs), out[0], out[1], (size_t)(rows * outputs) * 4);

    double error = 0, size = 0;  // of all products together: a single one may cancel to nearly nothing
    for (int64_t row = 0; row < rows; row++)
        for (int64_t output = 0; output < outputs; output++) {
            double sum = 0;
            for (int64_t i = 0; i < inputs; i++) sum += (double)x[row * inputs + i] * values[output * inputs + i];
            double found = (double)out[1][row * outputs + output] - bias[output] - start[row * outputs + output];
            error += (found - sum) * (found - sum);
            size += sum * sum;
        }
    checks += outputs > 1;
    if (outputs > 1 && !(sqrt(error / size) < (quantized ? 0.01 : 1e-5))) {
        failures++;
        fprintf(stderr, "FAILED %s: relative error %g\n", formats[which].name, sqrt(error / size));
    }
    for (int side = 0; side < 2; side++) {
        free(strips[side]);
        drop(out[side]);
    }
    drop(values), drop(x), drop(bias), drop(start);
    free(blocks), free(weight.data);
}

static void *cached_rows(const float *values, int64_t rows, int64_t width, hadal_cache_format format) {
    int64_t bytes = hadal_cached_row_bytes(width, format);
    uint8_t *cached = malloc((size_t)(rows * bytes));
    for (int64_t row = 0; row < rows; row++) hadal_cache_row(values + row * width, width, format, cached + row * bytes);
    return cached;
}

static void compare_attention(hadal_cache_format format, bool latent, int64_t query_heads, int64_t key_heads, int64_t key_width,
                              int64_t value_width) {
    enum { blocks = 4, length = 100 };
    int64_t cached = latent ? 0 : value_width;
    float *key_values = random_floats(blocks * key_heads * 32 * key_width);
    float *value_values = random_floats(blocks * key_heads * 32 * value_width);
    void *keys = cached_rows(key_values, blocks * key_heads * 32, key_width, format);
    void *values = latent ? NULL : cached_rows(value_values, blocks * key_heads * 32, value_width, format);
    int32_t positions[3] = {0, 45, length - 1}, table[blocks] = {3, 0, 2, 1};
    const int32_t *tables[3] = {table, table, table};
    float *queries = random_floats(3 * query_heads * key_width), *out[2];
    const hadal_kernels *kernels[2] = {scalar, neon};
    for (int side = 0; side < 2; side++) {
        out[side] = random_floats(3 * query_heads * value_width);
        hadal_attend_job job = {
            .cache = {keys, values, format, key_heads, key_width, cached}, .queries = queries,
            .query_stride = query_heads * key_width, .query_heads = query_heads, .value_width = value_width,
            .scale = 0.3f, .positions = positions, .block_tables = tables, .out = out[side],
            .out_stride = query_heads * value_width,
        };
        kernels[side]->attend(&job, 0, 3 * key_heads);
    }
    same("attend", (long)key_width, out[0], out[1], (size_t)(3 * query_heads * value_width) * 4);
    free(keys), free(values);
    drop(key_values), drop(value_values), drop(queries), drop(out[0]), drop(out[1]);
}

static void compare_rows(int64_t count) {
    float *x = random_floats(count), *y = random_floats(count), *z = random_floats(count);
    for (int64_t i = 0; i < count; i++) x[i] *= 30;
    const hadal_kernels *kernels[2] = {scalar, neon};
    float *results[10][2];
    static const char *const names[10] = {"rms_norm", "layer_norm", "gated_silu", "gelu",    "tanh",
                                          "add",      "scale_add",  "softmax",    "sigmoid", "dot"};
    for (int side = 0; side < 2; side++) {
        const hadal_kernels *k = kernels[side];
        for (int kind = 0; kind < 10; kind++) results[kind][side] = copy_floats(x, count);
        k->rms_norm(x, y, results[0][side], count, 1e-5f);
        k->layer_norm(x, y, z, results[1][side], count, 1e-5f);
        k->gated_silu(x, y, results[2][side], count);
        k->gelu(results[3][side], count);
        k->tanh(results[4][side], count);
        k->add(y, results[5][side], count);
        k->scale_add(y, 0.7f, results[6][side], count);
        k->softmax(results[7][side], count);
        k->sigmoid(results[8][side], count);
        results[9][side][0] = k->dot(x, y, count);
    }
    for (int kind = 0; kind < 10; kind++) {
        same(names[kind], (long)count, results[kind][0], results[kind][1], (size_t)count * 4);
        drop(results[kind][0]), drop(results[kind][1]);
    }
    drop(x), drop(y), drop(z);
}

int main(void) {
    scalar = hadal_kernels_for(HADAL_SCALAR);
    neon = hadal_kernels_for(HADAL_NEON);
    if (!scalar || !neon || !(hadal_cpu_features() & HADAL_HAS_NEON_DOT)) {
        fprintf(stderr, "error: no NEON kernels, or no dot-product instructions on this processor\n");
        return 1;
    }
    for (int which = 0; which < (int)(sizeof formats / sizeof formats[0]); which++) {
        int64_t step = formats[which].block_values;
        for (int64_t rows = 1; rows <= 9; rows += rows < 5 ? 1 : 4) {
            compare_products(which, 33, step < 32 ? 37 : step, rows);
            compare_products(which, 48, step < 32 ? 300 : 2 * step, rows);
        }
        compare_products(which, 1, step < 32 ? 1 : step, 1);
    }
    for (hadal_cache_format format = HADAL_CACHE_F32; format <= HADAL_CACHE_I8; format++) {
        compare_attention(format, false, 4, 2, 24, 24);
        compare_attention(format, false, 3, 3, 16, 20);
        compare_attention(format, false, 8, 1, 128, 128);
        compare_attention(format, true, 6, 1, 40, 32);
    }
    for (int64_t count = 1; count < 100; count += 1 + count / 8) compare_rows(count);
    printf("%d checks, %d failed\n", checks, failures);
    return failures != 0;
}
