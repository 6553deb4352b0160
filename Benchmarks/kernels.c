// Products of the CPU kernels alone, one thread, as a share of this processor's int8 peak: for tuning without a Swift build.
//
//   K=Sources/HadalKernels
//   cc -O3 -ffp-contract=off -I$K/include -I$K Benchmarks/kernels.c $K/kernels_avx512.c $K/repack.c $K/formats*.c -lm -o /tmp/kernels
//   /tmp/kernels [ROUNDS]
//
// For another instruction set: -DTABLE=hadal_kernels_avx2 and kernels_avx2.c.
// (clang, for the kernels' vectors.) Of each shape the best round counts; `check` changes when a result does.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"

#ifndef TABLE
#define TABLE hadal_kernels_avx512
#endif
extern const hadal_kernels TABLE;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double peak(const hadal_kernels *kernels) {
    double best = 0;
    for (int round = 0; round < 5; round++) {
        double start = seconds();
        kernels->peak_int8(4000000);
        double rate = 12.0 * 128 * 4e6 / (seconds() - start);
        if (rate > best) best = rate;
    }
    return best;
}

// A weight of random values in `format`, whose blocks are of `bytes` and begin with a scale.
static hadal_weight random_weight(uint32_t format, int64_t bytes, int64_t outputs, int64_t inputs) {
    int64_t blocks = outputs * inputs / 32;
    uint8_t *source = malloc((size_t)(blocks * bytes));
    for (int64_t i = 0; i < blocks * bytes; i++) source[i] = (uint8_t)rand();
    for (int64_t block = 0; block < blocks; block++) {
        uint16_t scale = (uint16_t)(0x2000 + (rand() & 0xFF));
        memcpy(source + block * bytes, &scale, 2);
    }
    hadal_weight weight;
    hadal_weight_plan(format, outputs, inputs, &weight);
    weight.data = aligned_alloc(4096, (size_t)((outputs / HADAL_LANES * weight.panel_bytes + 8191) / 4096 * 4096));
    hadal_weight_pack(format, source, &weight, 0, outputs / HADAL_LANES);
    free(source);
    return weight;
}

static void measure(const hadal_kernels *kernels, const char *name, hadal_weight weight, int64_t rows, int rounds, double limit) {
    float *x = malloc((size_t)(rows * weight.inputs) * 4), *out = malloc((size_t)(rows * weight.outputs) * 4);
    for (int64_t i = 0; i < rows * weight.inputs; i++) x[i] = (float)(rand() % 2001 - 1000) / 1000;
    uint8_t *strips = malloc((size_t)(rows * hadal_quantized_row_bytes(&weight)) + 64);
    hadal_multiply_job job = {.weight = &weight, .x = x, .x_stride = weight.inputs, .strips = strips, .rows = rows,
                              .out = out, .out_stride = weight.outputs};
    double product = 1e9, quantizing = 1e9;
    for (int round = 0; round < rounds; round++) {
        double start = seconds();
        kernels->quantize(&weight, x, weight.inputs, rows, strips);
        double middle = seconds();
        kernels->multiply(&job, 0, weight.outputs / HADAL_LANES);
        double end = seconds();
        if (middle - start < quantizing) quantizing = middle - start;
        if (end - middle < product) product = end - middle;
    }
    double sum = 0;
    for (int64_t i = 0; i < rows * weight.outputs; i++) sum += out[i] * (double)(i % 7 - 3);
    double operations = 2.0 * (double)rows * (double)weight.inputs * (double)weight.outputs;
    printf("%s  %3ld rows, %4ld × %4ld: %4.1f %% of the peak, quantizing rows %4.1f %% of that time, check %.6g\n", name, rows,
           weight.outputs, weight.inputs, 100 * operations / product / limit, 100 * quantizing / product, sum);
    free(x);
    free(out);
    free(strips);
}

int main(int count, char **arguments) {
    const hadal_kernels *kernels = &TABLE;
    int rounds = count > 1 ? atoi(arguments[1]) : 6;
    double limit = peak(kernels);
    printf("int8 peak of a thread: %.3f TOPS\n", limit / 1e12);
    // The feed-forward layers of R1-Distill-Qwen-1.5B.
    int64_t shapes[][2] = {{8960, 1536}, {1536, 8960}}, rows[] = {32, 512};
    for (int shape = 0; shape < 2; shape++) {
        hadal_weight q8 = random_weight(HADAL_Q8_0, 34, shapes[shape][0], shapes[shape][1]);
        hadal_weight q4 = random_weight(HADAL_Q4_0, 18, shapes[shape][0], shapes[shape][1]);
        for (int r = 0; r < 2; r++) {
            measure(kernels, "Q8_0", q8, rows[r], rounds, limit);
            measure(kernels, "Q4_0", q4, rows[r], rounds, limit);
        }
        free(q8.data);
        free(q4.data);
    }
}
