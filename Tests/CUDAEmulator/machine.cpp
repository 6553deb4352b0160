// The instructions of an NVIDIA GPU that kernels use, as the PTX ISA describes them.
#include "emulation.h"

#include <map>
#include <vector>

namespace emulation {

namespace {

std::map<std::string, Kernel> &kernels() {
    static std::map<std::string, Kernel> all;
    return all;
}

}  // namespace

Registration::Registration(const char *name, size_t argument_bytes, unsigned threads, void (*run)(const void *)) {
    kernels()[name] = {name, argument_bytes, threads, run};
}

const Kernel *kernel(const std::string &name) {
    auto found = kernels().find(name);
    return found == kernels().end() ? nullptr : &found->second;
}

void shuffle_together(const void *const *in, void *const *out) {
    for (unsigned lane = 0; lane < warp_width; lane++) {
        unsigned from = static_cast<const Shuffle *>(in[lane])->from;
        memcpy(out[lane], &static_cast<const Shuffle *>(in[from])->value, 4);
    }
}

}  // namespace emulation

using namespace emulation;

unsigned __match_any_sync(unsigned mask, int value) {
    need_whole_warp(mask);
    unsigned result;
    meet_warp("__match_any_sync", &value, &result, [](const void *const *in, void *const *out) {
        for (unsigned lane = 0; lane < warp_width; lane++) {
            unsigned same = 0;
            for (unsigned other = 0; other < warp_width; other++)
                same |= (unsigned)(*(const int *)in[lane] == *(const int *)in[other]) << other;
            *(unsigned *)out[lane] = same;
        }
    });
    return result;
}

static float compute_half(uint16_t half) {
    unsigned exponent = half >> 10 & 31, fraction = half & 1023;
    float size = exponent == 31 ? (fraction ? NAN : INFINITY)
        : exponent               ? ldexpf((float)(fraction + 1024), (int)exponent - 25)
                                 : ldexpf((float)fraction, -24);
    return half & 0x8000 ? -size : size;
}

float half_to_float(uint16_t half) {
    static const std::vector<float> all = [] {
        std::vector<float> all(65536);
        for (unsigned i = 0; i < 65536; i++) all[i] = compute_half((uint16_t)i);
        return all;
    }();
    return all[half];
}

// To the nearest, of two equally near ones the even.
uint16_t float_to_half(float value) {
    if (std::isnan(value)) return 0x7fff;
    uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    float size = fabsf(value);
    if (size >= 65520) return sign | 0x7c00;
    int exponent = size >= 0x1p-14f ? ilogbf(size) : -14;
    // Whole numbers of the last place; 2048 of them are the next exponent's 1024.
    int places = (int)rintf(ldexpf(size, 10 - exponent));
    if (places == 2048) {
        places = 1024;
        exponent++;
    }
    return (uint16_t)(sign | (places < 1024 ? places : (exponent + 15) << 10 | (places - 1024)));
}

// cvt.rn.f16x2.f32
uint32_t pack_halves(float low, float high) { return (uint32_t)float_to_half(high) << 16 | float_to_half(low); }

// fma.rn.f16x2: product and sum are exact in double precision for what kernels give it.
uint32_t fused_half_pairs(uint32_t a, uint32_t b, uint32_t c) {
    auto fused = [](uint32_t a, uint32_t b, uint32_t c) {
        double product = (double)half_to_float((uint16_t)a) * half_to_float((uint16_t)b);
        return (float)(product + half_to_float((uint16_t)c));
    };
    return pack_halves(fused(a, b, c), fused(a >> 16, b >> 16, c >> 16));
}

namespace {

struct Fragments {
    const uint32_t *a;
    uint32_t b[2];
    float *sums;
};

// Half `which` of a register of two float16 numbers.
float number(uint32_t pair, unsigned which) { return half_to_float((uint16_t)(which ? pair >> 16 : pair)); }

}  // namespace

// mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32, by the tables of the PTX ISA ("Matrix Fragments for mma.m16n8k16
// with floating point type"), for lane l, groupID = l >> 2, threadID_in_group = l % 4:
//   A, a0…a7: row = groupID for a0, a1, a4, a5, else groupID + 8; col = threadID_in_group * 2 + (i & 1), + 8 for i >= 4
//   B, b0…b3: row = threadID_in_group * 2 + (i & 1), + 8 for i >= 2; col = groupID
//   C, c0…c3: row = groupID, + 8 for i >= 2; col = threadID_in_group * 2 + (i & 1)
void multiply_tile(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    Fragments own{a, {b0, b1}, sums};
    meet_warp("mma", &own, nullptr, [](const void *const *in, void *const *) {
        float A[16][16], B[16][8];
        for (unsigned lane = 0; lane < 32; lane++) {
            const Fragments &from = *static_cast<const Fragments *>(in[lane]);
            unsigned group = lane >> 2, member = lane % 4;
            for (unsigned i = 0; i < 8; i++) {
                unsigned row = i == 0 || i == 1 || i == 4 || i == 5 ? group : group + 8;
                unsigned column = member * 2 + (i & 1) + (i >= 4 ? 8 : 0);
                A[row][column] = number(from.a[i / 2], i % 2);
            }
            for (unsigned i = 0; i < 4; i++)
                B[member * 2 + (i & 1) + (i >= 2 ? 8 : 0)][group] = number(from.b[i / 2], i % 2);
        }
        for (unsigned lane = 0; lane < 32; lane++) {
            const Fragments &to = *static_cast<const Fragments *>(in[lane]);
            unsigned group = lane >> 2, member = lane % 4;
            for (unsigned i = 0; i < 4; i++) {
                unsigned row = group + (i >= 2 ? 8 : 0), column = member * 2 + (i & 1);
                double sum = to.sums[i];
                for (unsigned k = 0; k < 16; k++) sum += (double)A[row][k] * B[k][column];
                to.sums[i] = (float)sum;
            }
        }
    });
}

// ldmatrix.sync.aligned.m8n8.x4: threads 8i … 8i + 7 hold the addresses of rows 0 … 7 of matrix i. Of row r thread 4r + j gets
// elements 2j and 2j + 1; with .trans, elements of column r.
static void load_matrices(uint32_t (&r)[4], const void *row, bool isTransposed) {
    if ((uintptr_t)row % 16) fail("ldmatrix of an address that is not aligned");
    const void *rows[warp_width];
    const void **target = rows;
    meet_warp("ldmatrix", row, target, [](const void *const *in, void *const *out) {
        for (unsigned lane = 0; lane < warp_width; lane++) memcpy(out[lane], in, warp_width * sizeof(void *));
    });
    for (unsigned matrix = 0; matrix < 4; matrix++) {
        uint16_t pair[2];
        for (unsigned i = 0; i < 2; i++) {
            unsigned across = threadIdx.x % 32 / 4, along = threadIdx.x % 4 * 2 + i;
            auto from = static_cast<const uint16_t *>(rows[8 * matrix + (isTransposed ? along : across)]);
            pair[i] = from[isTransposed ? across : along];
        }
        r[matrix] = (uint32_t)pair[1] << 16 | pair[0];
    }
}

void load_matrices(uint32_t (&r)[4], const void *row) { load_matrices(r, row, false); }
void load_matrices_transposed(uint32_t (&r)[4], const void *row) { load_matrices(r, row, true); }
