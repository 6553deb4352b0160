// clang's vector types of the kernels; the types ending in u may be read from any address.
#ifndef HADAL_VECTORS_H
#define HADAL_VECTORS_H

#include <stdint.h>

typedef float f32x16 __attribute__((vector_size(64)));
typedef float f32x16u __attribute__((vector_size(64), aligned(1), may_alias));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef uint16_t u16x16u __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint16_t u16x32 __attribute__((vector_size(64)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16u __attribute__((vector_size(16), aligned(1), may_alias));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef int8_t i8x16u __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint8_t u8x64 __attribute__((vector_size(64)));
typedef uint8_t u8x64u __attribute__((vector_size(64), aligned(1), may_alias));

#endif
