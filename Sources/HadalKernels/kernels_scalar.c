// What every processor can run; also the reference that the other tables must equal to the bit.
#include "hadal_cpu.h"
#include "hadal_formats.h"
#include "vectors.h"

#define KERNELS hadal_kernels_scalar
#define KERNELS_NAME "scalar"
#define TILE_ROWS 4
#define TILE_PANELS 1
#define IMPLIED_ZERO 0
#define PEAK_SUMS 1

static inline f32x16 load_f16(const uint8_t *source) {
    f32x16 result;
    for (int lane = 0; lane < 16; lane++) {
        uint16_t half;
        __builtin_memcpy(&half, source + lane * 2, 2);
        result[lane] = hadal_f16_to_f32(half);
    }
    return result;
}

static inline i32x16 dot_bytes(i32x16 sum, u8x64 weights, int32_t four, bool small) {
    (void)small;
    int8_t inputs[4];
    __builtin_memcpy(inputs, &four, 4);
    u32x16 words = (u32x16)weights;
    for (int i = 0; i < 4; i++) sum += (i32x16)((words >> (8 * i)) & 255) * inputs[i];
    return sum;
}

#include "kernels_body.h"
