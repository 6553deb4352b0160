#ifndef HADAL_CUDA_SOURCES_H
#define HADAL_CUDA_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

/// One file of the kernels' CUDA C++, as part of the binary, for NVRTC. `text` ends with a zero that `size` does not count.
struct hadal_cuda_source {
    const char *name;
    const char *text;
    size_t size;
    /// Included by others; else it has kernels of its own.
    bool isHeader;
};

const struct hadal_cuda_source *hadal_cuda_sources(int *count);

#endif
