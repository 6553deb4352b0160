// Hadal's kernels, compiled for the CPU. Products and sums are fused only where the source says so, as on the GPU.
#pragma clang fp contract(off)
#include "emulation.h"

#include "../../Sources/HadalCUDAKernels/include/hadal_cuda.h"

#include "../../Sources/HadalCUDAKernels/rows.cu"
#include "../../Sources/HadalCUDAKernels/cache.cu"
#include "../../Sources/HadalCUDAKernels/attention.cu"
#include "../../Sources/HadalCUDAKernels/grouped.cu"
#include "../../Sources/HadalCUDAKernels/latent.cu"
#include "../../Sources/HadalCUDAKernels/products.cu"
#include "../../Sources/HadalCUDAKernels/products_64.cu"
#include "../../Sources/HadalCUDAKernels/products_wide.cu"
#include "../../Sources/HadalCUDAKernels/heads.cu"
#include "../../Sources/HadalCUDAKernels/experts.cu"
