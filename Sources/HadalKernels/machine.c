// What this processor has, and how fast memory can be read.
#include "hadal_cpu.h"
#include "vectors.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

extern const hadal_kernels hadal_kernels_scalar;
#if defined(__x86_64__)
extern const hadal_kernels hadal_kernels_avx2, hadal_kernels_avx512;
#elif defined(__aarch64__)
extern const hadal_kernels hadal_kernels_neon;
#endif

const hadal_kernels *hadal_kernels_for(hadal_instruction_set set) {
    switch (set) {
    case HADAL_SCALAR: return &hadal_kernels_scalar;
#if defined(__x86_64__)
    case HADAL_AVX2: return &hadal_kernels_avx2;
    case HADAL_AVX512: return &hadal_kernels_avx512;
#elif defined(__aarch64__)
    case HADAL_NEON: return &hadal_kernels_neon;
#endif
    default: return 0;
    }
}

uint32_t hadal_cpu_features(void) {
    uint32_t features = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
        features |= HADAL_HAS_AVX2;
    if ((features & HADAL_HAS_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vnni"))
        features |= HADAL_HAS_AVX512;
    if (__builtin_cpu_supports("avx512bf16")) features |= HADAL_HAS_AVX512_BF16;
#elif defined(__aarch64__)
    if (getauxval(AT_HWCAP) & (1 << 20)) features |= HADAL_HAS_NEON_DOT;  // HWCAP_ASIMDDP
#endif
    return features;
}

uint64_t hadal_probe_read(const void *memory, size_t bytes) {
    typedef uint64_t u64x8 __attribute__((vector_size(64)));
    enum { STREAMS = 4, AHEAD = 2048 };
    const size_t part = bytes / STREAMS / 64 * 64;
    u64x8 sums[STREAMS] = {};
    for (size_t offset = 0; offset < part; offset += 64) {
        for (int stream = 0; stream < STREAMS; stream++) {
            const char *line = (const char *)memory + stream * part + offset;
            __builtin_prefetch(line + AHEAD);
            sums[stream] ^= *(const u64x8 *)line;
        }
    }
    u64x8 all = sums[0] ^ sums[1] ^ sums[2] ^ sums[3];
    return all[0] ^ all[1] ^ all[2] ^ all[3] ^ all[4] ^ all[5] ^ all[6] ^ all[7];
}
