// What CUDA C++ has and C++ has not, for kernels that are compiled for the CPU.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "fibers.h"

#define __device__
#define __forceinline__ inline
#define HADAL_UNROLL
#define HADAL_UNROLL_BY_4
#define __restrict__ __restrict
// Blocks run one after the other, so that one of each is enough. The section's ends are known: it is spoilt before each block.
#define __shared__ static __attribute__((section("cuda_emulator_shared"), aligned(16)))

#define threadIdx emulation::thread_index
#define blockIdx emulation::block_index
#define blockDim emulation::block_size
#define gridDim emulation::grid_size

// `HADAL_KERNEL(name, struct, threads) { … a.field … }`
#define HADAL_KERNEL(name, arguments, threads)                                                              \
    static void name##_body(const struct arguments a);                                                      \
    static const emulation::Registration name##_registration(                                               \
        #name, sizeof(struct arguments), threads,                                                           \
        [](const void *values) { name##_body(*(const struct arguments *)values); });                        \
    static void name##_body(const struct arguments a)

namespace emulation {

struct Kernel {
    std::string name;
    size_t argument_bytes;
    unsigned threads;
    void (*run)(const void *arguments);
};

// Null where there is none of that name.
const Kernel *kernel(const std::string &name);

struct Registration {
    Registration(const char *name, size_t argument_bytes, unsigned threads, void (*run)(const void *));
};

inline void need_whole_warp(unsigned mask) {
    if (mask != 0xffffffffu) fail("a warp's operation for some of its threads");
}

// One word from the lane that each asks for.
struct Shuffle {
    uint32_t value;
    unsigned from;
};
void shuffle_together(const void *const *in, void *const *out);

template <class T> T shuffle(const char *kind, T value, unsigned from) {
    static_assert(sizeof(T) == 4);
    Shuffle in;
    memcpy(&in.value, &value, 4);
    in.from = from % warp_width;
    T result;
    meet_warp(kind, &in, &result, shuffle_together);
    return result;
}

}  // namespace emulation

struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

inline void __syncthreads() { emulation::meet_block(); }
inline void __syncwarp() { emulation::meet_warp("__syncwarp", nullptr, nullptr, nullptr); }

template <class T> T __shfl_sync(unsigned mask, T value, int lane) {
    emulation::need_whole_warp(mask);
    return emulation::shuffle("__shfl_sync", value, (unsigned)lane);
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int bits) {
    emulation::need_whole_warp(mask);
    return emulation::shuffle("__shfl_xor_sync", value, (threadIdx.x ^ (unsigned)bits));
}
// Lanes below `distance` keep their own.
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned distance) {
    emulation::need_whole_warp(mask);
    unsigned lane = threadIdx.x % emulation::warp_width;
    return emulation::shuffle("__shfl_up_sync", value, lane < distance ? lane : lane - distance);
}
unsigned __match_any_sync(unsigned mask, int value);

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline float __uint_as_float(unsigned bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
inline unsigned __float_as_uint(float value) {
    unsigned bits;
    memcpy(&bits, &value, 4);
    return bits;
}
inline float __expf(float x) { return expf(x); }

// Four of the eight bytes of b:a, chosen by the nibbles of the selector.
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selector) {
    uint64_t bytes = (uint64_t)b << 32 | a;
    unsigned result = 0;
    for (int i = 0; i < 4; i++) result |= (unsigned)(bytes >> ((selector >> (4 * i) & 7) * 8) & 255) << (8 * i);
    return result;
}

// Integer atomics: threads run one at a time.
inline int atomicAdd(int *place, int value) {
    int before = *place;
    *place += value;
    return before;
}

// ---- what machine.cuh does with PTX ----

float half_to_float(uint16_t half);
uint16_t float_to_half(float value);
uint32_t pack_halves(float low, float high);
uint32_t fused_half_pairs(uint32_t a, uint32_t b, uint32_t c);
void multiply_tile(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

void load_matrices(uint32_t (&r)[4], const void *row);
void load_matrices_transposed(uint32_t (&r)[4], const void *row);

template <class T> T load_streaming(const T *source) { return *source; }

inline void copy_async_16(void *shared, const void *source, bool exists) {
    emulation::copy_later(shared, exists ? source : nullptr, 16);
}
inline void commit_async() { emulation::commit_copies(); }
template <int left> void wait_async() { emulation::wait_for_copies(left); }
