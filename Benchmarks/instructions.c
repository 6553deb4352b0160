// One kernel so many times, for Benchmarks/instructions.sh to count its instructions: `instructions CASE TIMES`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"

extern const hadal_kernels hadal_kernels_avx2;

enum { ROWS = 12, INPUTS = 512, OUTPUTS = 64, KEYS = 128, WIDTH = 64, HEADS = 4 };

static float *numbers(int64_t count) {
    float *values = malloc((size_t)count * sizeof *values);
    for (int64_t i = 0; i < count; i++) values[i] = (float)(rand() % 2001 - 1000) / 1000;
    return values;
}

static hadal_weight weight_in(uint32_t format, int64_t bits) {
    float *values = numbers(OUTPUTS * INPUTS);
    uint8_t *blocks = malloc((size_t)(OUTPUTS * INPUTS * bits / 8 + 4096));
    hadal_quantize(format, values, blocks, OUTPUTS * INPUTS);
    hadal_weight weight;
    hadal_weight_plan(format, OUTPUTS, INPUTS, &weight);
    weight.data = aligned_alloc(4096, (size_t)((OUTPUTS / HADAL_LANES * weight.panel_bytes + 8191) / 4096 * 4096));
    hadal_weight_pack(format, blocks, &weight, 0, OUTPUTS / HADAL_LANES);
    return weight;
}

static void multiply(uint32_t format, int64_t bits, int64_t rows, bool quantizes, int times) {
    hadal_weight weight = weight_in(format, bits);
    float *x = numbers(rows * INPUTS), *out = numbers(rows * OUTPUTS);
    bool is_quantized = weight.kind == HADAL_PANEL_Q8 || weight.kind == HADAL_PANEL_Q4;
    uint8_t *strips = malloc(is_quantized ? (size_t)(rows * hadal_quantized_row_bytes(&weight)) + 64 : 64);
    if (is_quantized) hadal_kernels_avx2.quantize(&weight, x, INPUTS, rows, strips);
    hadal_multiply_job job = {.weight = &weight, .x = x, .x_stride = INPUTS, .strips = strips, .rows = rows, .out = out,
                              .out_stride = OUTPUTS};
    for (int i = 0; i < times; i++) {
        if (quantizes) hadal_kernels_avx2.quantize(&weight, x, INPUTS, rows, strips);
        else hadal_kernels_avx2.multiply(&job, 0, OUTPUTS / HADAL_LANES);
    }
}

static void attend(hadal_cache_format format, int times) {
    int64_t row = hadal_cached_row_bytes(WIDTH, format), blocks = KEYS / 32;
    uint8_t *keys = malloc((size_t)(KEYS * row)), *values = malloc((size_t)(KEYS * row));
    for (int64_t i = 0; i < KEYS; i++) {
        hadal_cache_row(numbers(WIDTH), WIDTH, format, keys + i * row);
        hadal_cache_row(numbers(WIDTH), WIDTH, format, values + i * row);
    }
    int32_t table[KEYS / 32], position = KEYS - 1;
    for (int32_t i = 0; i < blocks; i++) table[i] = i;
    const int32_t *tables[1] = {table};
    float *queries = numbers(HEADS * WIDTH), *out = numbers(HEADS * WIDTH);
    hadal_attend_job job = {
        .cache = {.keys = keys, .values = values, .format = format, .key_heads = 1, .key_width = WIDTH, .cached_value_width = WIDTH},
        .queries = queries, .query_stride = HEADS * WIDTH, .query_heads = HEADS, .value_width = WIDTH, .scale = 0.125f,
        .positions = &position, .block_tables = tables, .out = out, .out_stride = HEADS * WIDTH};
    for (int i = 0; i < times; i++) hadal_kernels_avx2.attend(&job, 0, 1);
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    const char *name = arguments[1];
    int times = atoi(arguments[2]);
    float *x = numbers(4096), *weight = numbers(4096), *out = numbers(4096);
    if (!strcmp(name, "q8_0-rows-1")) multiply(HADAL_Q8_0, 9, 1, false, times);
    else if (!strcmp(name, "q8_0-rows-12")) multiply(HADAL_Q8_0, 9, ROWS, false, times);
    else if (!strcmp(name, "q4_0-rows-1")) multiply(HADAL_Q4_0, 9, 1, false, times);
    else if (!strcmp(name, "q4_0-rows-12")) multiply(HADAL_Q4_0, 9, ROWS, false, times);
    else if (!strcmp(name, "q4_k-rows-12")) multiply(HADAL_Q4_K, 9, ROWS, false, times);
    else if (!strcmp(name, "q6_k-rows-12")) multiply(HADAL_Q6_K, 9, ROWS, false, times);
    else if (!strcmp(name, "bf16-rows-12")) multiply(HADAL_BF16, 16, ROWS, false, times);
    else if (!strcmp(name, "quantize-rows-12")) multiply(HADAL_Q8_0, 9, ROWS, true, times);
    else if (!strcmp(name, "attend-f16")) attend(HADAL_CACHE_F16, times);
    else if (!strcmp(name, "attend-int8")) attend(HADAL_CACHE_I8, times);
    else if (!strcmp(name, "rms-norm")) for (int i = 0; i < times; i++) hadal_kernels_avx2.rms_norm(x, weight, out, 4096, 1e-6f);
    else if (!strcmp(name, "softmax")) for (int i = 0; i < times; i++) hadal_kernels_avx2.softmax(x, 4096);
    else if (!strcmp(name, "gated-silu")) for (int i = 0; i < times; i++) hadal_kernels_avx2.gated_silu(x, weight, out, 4096);
    else return 2;
}
