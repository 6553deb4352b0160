/// Stands in for libcuda and libnvrtc where there is no GPU: the same functions with the signatures and codes of NVIDIA's
/// reference, over main memory, and our kernels as the compiler of this machine compiled them. Anything runs at once, in order.
#ifndef CUDA_EMULATOR_H
#define CUDA_EMULATOR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The function of that name, or null: what `dlsym` gives of the libraries.
void *cuda_emulator_symbol(const char *name);

/// How much memory the device has, 8 GiB at first. What is allocated stays.
void cuda_emulator_set_memory(size_t bytes);

/// What a launch or a check of memory found wrong last, for people. It holds until the next failure.
const char *cuda_emulator_message(void);

/// Bytes that are allocated on the device.
size_t cuda_emulator_allocated(void);

#ifdef __cplusplus
}
#endif
#endif
