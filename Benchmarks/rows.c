// Products of one row, as decoding one sequence has them, or of the few rows an expert has when many are decoded: bytes of weights a
// second with two threads beside plain reading of the same memory in the same second.
//
//   K=Sources/HadalKernels
//   cc -O3 -ffp-contract=off -I$K/include -I$K Benchmarks/rows.c $K/kernels_avx512.c $K/repack.c $K/formats*.c -lm -lpthread -o /tmp/rows
//   /tmp/rows OUTPUTS INPUTS q8_0|q4_0 [ROWS]
//
// For another instruction set: -DTABLE=hadal_kernels_avx2 and kernels_avx2.c.
// (clang, for the kernels' vectors.) 200 matrices in an order of chance, so that no cache holds them. Medians of 9 rounds.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"

#ifndef TABLE
#define TABLE hadal_kernels_avx512
#endif
extern const hadal_kernels TABLE;

enum { MATRICES = 200, THREADS = 2, ROUNDS = 9, PIECE = 8 };

static hadal_weight weights[MATRICES];
static int order[MATRICES];
static uint8_t *memory, *strips;
static size_t bytes;
static float *outputs[THREADS];
static pthread_barrier_t barrier;
static int multiplies;
static int64_t next, rows = 1;

static void read_plainly(int thread) {
    typedef uint64_t lanes __attribute__((vector_size(64)));
    const lanes *source = (const lanes *)(memory + bytes / THREADS * (size_t)thread);
    lanes sums[8] = {};
    for (size_t i = 0; i + 8 <= bytes / THREADS / 64; i += 8)
        for (int k = 0; k < 8; k++) sums[k] += source[i + (size_t)k];
    for (int k = 1; k < 8; k++) sums[0] += sums[k];
    __asm__ volatile("" : : "x"(sums[0][0]));
}

static void multiply(int thread) {
    int64_t panels = weights[0].outputs / HADAL_LANES, pieces = (panels + PIECE - 1) / PIECE;
    for (;;) {
        int64_t item = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
        if (item >= MATRICES * pieces) return;
        const hadal_weight *weight = &weights[order[item / pieces]];
        int64_t begin = item % pieces * PIECE, end = begin + PIECE < panels ? begin + PIECE : panels;
        hadal_multiply_job job = {.weight = weight, .x_stride = weight->inputs, .strips = strips, .rows = rows,
                                  .out = outputs[thread], .out_stride = weight->outputs};
        TABLE.multiply(&job, begin, end);
    }
}

static void work(int thread) { if (multiplies) multiply(thread); else read_plainly(thread); }

static void *second_thread(void *context) {
    for (;;) {
        pthread_barrier_wait(&barrier);
        work(1);
        pthread_barrier_wait(&barrier);
    }
    return context;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double bandwidth(int multiplying) {
    multiplies = multiplying;
    next = 0;
    double start = seconds();
    pthread_barrier_wait(&barrier);
    work(0);
    pthread_barrier_wait(&barrier);
    return (double)bytes / (seconds() - start) / 1e9;
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

int main(int count, char **arguments) {
    if (count < 4) return fprintf(stderr, "rows OUTPUTS INPUTS q8_0|q4_0 [ROWS]\n"), 2;
    int64_t height = atol(arguments[1]), inputs = atol(arguments[2]);
    if (count > 4 && (rows = atol(arguments[4])) < 1) return fprintf(stderr, "ROWS: 1 or more\n"), 2;
    int is_q4 = strcmp(arguments[3], "q4_0") == 0;
    uint32_t format = is_q4 ? 2 : 8;
    int64_t block = is_q4 ? 18 : 34, blocks = height * inputs / 32;

    uint8_t *source = malloc((size_t)(blocks * block));
    for (int64_t i = 0; i < blocks * block; i++) source[i] = (uint8_t)rand();
    for (int64_t b = 0; b < blocks; b++) {
        uint16_t scale = (uint16_t)(0x2000 + (rand() & 0xFF));
        memcpy(source + b * block, &scale, 2);
    }
    hadal_weight_plan(format, height, inputs, &weights[0]);
    size_t each = ((size_t)(height / HADAL_LANES * weights[0].panel_bytes) + 4095) / 4096 * 4096;
    bytes = each * MATRICES;
    memory = aligned_alloc(2 << 20, (bytes + (2 << 20) - 1) / (2 << 20) * (2 << 20));
    madvise(memory, bytes, MADV_HUGEPAGE);
    for (int m = 0; m < MATRICES; m++) {
        hadal_weight_plan(format, height, inputs, &weights[m]);
        weights[m].data = memory + (size_t)m * each;
        hadal_weight_pack(format, source, &weights[m], 0, height / HADAL_LANES);
        int other = rand() % (m + 1);
        order[m] = order[other];
        order[other] = m;
    }
    float *x = malloc((size_t)(rows * inputs) * 4);
    for (int64_t i = 0; i < rows * inputs; i++) x[i] = (float)(rand() % 2001 - 1000) / 1000;
    strips = malloc((size_t)(rows * hadal_quantized_row_bytes(&weights[0])) + 64);
    TABLE.quantize(&weights[0], x, inputs, rows, strips);
    for (int t = 0; t < THREADS; t++) outputs[t] = calloc((size_t)(rows * height), 4);

    pthread_barrier_init(&barrier, NULL, THREADS);
    pthread_t other;
    pthread_create(&other, NULL, second_thread, NULL);
    double plain[ROUNDS], product[ROUNDS], share[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        plain[round] = bandwidth(0);
        product[round] = bandwidth(1);
        share[round] = product[round] / plain[round];
    }
    qsort(plain, ROUNDS, sizeof *plain, ascending);
    qsort(product, ROUNDS, sizeof *product, ascending);
    qsort(share, ROUNDS, sizeof *share, ascending);
    printf("%s %ld x %ld: plain reading %.1f GB/s, %ld row(s) %.1f GB/s, share %.0f %% (%.0f to %.0f)\n", arguments[3], (long)height,
           (long)inputs, plain[ROUNDS / 2], (long)rows, product[ROUNDS / 2], 100 * share[ROUNDS / 2], 100 * share[0],
           100 * share[ROUNDS - 1]);
    return 0;
}
