// Rows of the key-value cache as they are stored.
#include <math.h>
#include <string.h>

#include "hadal_cpu.h"
#include "hadal_formats.h"

static void store_i8(const float *values, int64_t width, uint8_t *row) {
    for (int64_t start = 0; start < width; start += HADAL_CACHE_GROUP) {
        int64_t end = start + HADAL_CACHE_GROUP < width ? start + HADAL_CACHE_GROUP : width;
        float peak = 0;
        for (int64_t i = start; i < end; i++) peak = fmaxf(peak, fabsf(values[i]));
        float factor = peak / 127, inverse = factor > 0 ? 1 / factor : 0;
        for (int64_t i = start; i < end; i++) {
            float whole = rintf(values[i] * inverse);
            // NaN becomes 0.
            row[i] = (uint8_t)(int8_t)(whole > 127 ? 127 : whole < -127 ? -127 : whole == whole ? (int)whole : 0);
        }
        memcpy(row + width + start / HADAL_CACHE_GROUP * 4, &factor, 4);
    }
}

void hadal_cache_row(const float *values, int64_t width, hadal_cache_format format, void *row) {
    switch (format) {
    case HADAL_CACHE_F32: memcpy(row, values, (size_t)width * 4); break;
    case HADAL_CACHE_F16: hadal_f32_to_f16_row(values, row, (size_t)width); break;
    case HADAL_CACHE_I8: store_i8(values, width, row); break;
    }
}
