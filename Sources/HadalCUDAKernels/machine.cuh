// What kernels need of the machine beyond C++: the one file with instructions of a GPU. For the CPU the same names stand in
// Tests/CUDAEmulator/emulation.h, which is included before this.
#pragma once

#ifdef __CUDACC_RTC__
#include "hadal_cuda.h"

// The kernel `name`, which takes one struct of arguments `a` and is started with blocks of `threads`.
#define HADAL_KERNEL(name, arguments, threads) \
    extern "C" __global__ void __launch_bounds__(threads) name(const struct arguments a)

// Loops whose arrays are to be in registers.
#define HADAL_UNROLL _Pragma("unroll")
#define HADAL_UNROLL_BY_4 _Pragma("unroll 4")

static __device__ __forceinline__ float half_to_float(uint16_t half) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half));
    return value;
}

static __device__ __forceinline__ uint16_t float_to_half(float value) {
    uint16_t half;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
    return half;
}

// Two numbers as float16, `low` in the lower half.
static __device__ __forceinline__ uint32_t pack_halves(float low, float high) {
    uint32_t pair;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}

// a · b + c of two pairs of float16.
static __device__ __forceinline__ uint32_t fused_half_pairs(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t result;
    asm("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(result) : "r"(a), "r"(b), "r"(c));
    return result;
}

// sums += A · B for A of 16 × 16 and B of 16 × 8 float16, which the 32 lanes of a warp hold together. Lane l holds, with
// g = l / 4 and t = l % 4: of A the pairs (g, 2t), (g + 8, 2t), (g, 2t + 8), (g + 8, 2t + 8); of B those from (2t, g) and
// (2t + 8, g) down; of the sums (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
static __device__ __forceinline__ void multiply_tile(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Four matrices of 8 × 8 float16 from shared memory: lane l gives where row l % 8 of matrix l / 8 lies, and gets of each matrix
// the pair (l / 4, 2 · (l % 4)), or of its transpose.
static __device__ __forceinline__ void load_matrices(uint32_t (&r)[4], const void *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"((uint32_t)__cvta_generic_to_shared(row)) : "memory");
}

static __device__ __forceinline__ void load_matrices_transposed(uint32_t (&r)[4], const void *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"((uint32_t)__cvta_generic_to_shared(row)) : "memory");
}

// What is read once: it does not push other things out of the first cache.
static __device__ __forceinline__ uint4 load_streaming(const uint4 *source) {
    uint4 v;
    asm("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(source));
    return v;
}

static __device__ __forceinline__ uint2 load_streaming(const uint2 *source) {
    uint2 v;
    asm("ld.global.nc.L1::no_allocate.v2.u32 {%0, %1}, [%2];" : "=r"(v.x), "=r"(v.y) : "l"(source));
    return v;
}

static __device__ __forceinline__ uint32_t load_streaming(const uint32_t *source) {
    uint32_t v;
    asm("ld.global.nc.L1::no_allocate.u32 %0, [%1];" : "=r"(v) : "l"(source));
    return v;
}

// 16 bytes to shared memory, zeros where they do not exist. They are there after `wait_async` and a barrier.
static __device__ __forceinline__ void copy_async_16(void *shared, const void *source, bool exists) {
    uint32_t place = (uint32_t)__cvta_generic_to_shared(shared);
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(place), "l"(source), "r"(exists ? 16 : 0) : "memory");
}

static __device__ __forceinline__ void commit_async() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Until no more than the last `left` groups are under way.
template <int left> static __device__ __forceinline__ void wait_async() {
    asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}
#endif

#define HADAL_INLINE static __device__ __forceinline__

constexpr unsigned whole_warp = 0xffffffffu;

HADAL_INLINE int lane_index() { return (int)(threadIdx.x % 32); }
HADAL_INLINE int warp_index() { return (int)(threadIdx.x / 32); }

HADAL_INLINE float minus_infinity() { return __uint_as_float(0xff800000u); }

// Sums and maxima of a warp in one fixed tree; every lane has the result.
HADAL_INLINE float sum_of_warp(float value) {
    for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(whole_warp, value, distance);
    return value;
}

HADAL_INLINE float largest_of_warp(float value) {
    for (int distance = 16; distance > 0; distance /= 2)
        value = fmaxf(value, __shfl_xor_sync(whole_warp, value, distance));
    return value;
}

// Sum of a block of 256 threads: of each warp, then of the warps in order. `shared`: 8 numbers.
HADAL_INLINE float sum_of_block(float value, float *shared) {
    value = sum_of_warp(value);
    __syncthreads();  // what was read of the last sum
    if (lane_index() == 0) shared[warp_index()] = value;
    __syncthreads();
    float total = shared[0];
    for (int warp = 1; warp < 8; warp++) total += shared[warp];
    return total;
}

HADAL_INLINE float largest_of_block(float value, int warps, float *shared) {
    value = largest_of_warp(value);
    __syncthreads();
    if (lane_index() == 0) shared[warp_index()] = value;
    __syncthreads();
    for (int warp = 0; warp < warps; warp++) value = fmaxf(value, shared[warp]);
    return value;
}
