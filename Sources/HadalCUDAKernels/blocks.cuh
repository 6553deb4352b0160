// What a block of 256 threads counts together.
#pragma once
#include "machine.cuh"

// Exclusive sum over the block's 256 threads. `shared`: 9 numbers; the last is the sum of all.
HADAL_INLINE int sum_before(int value, int *shared) {
    int sum = value;
    for (unsigned distance = 1; distance < 32; distance *= 2) {
        int left = __shfl_up_sync(whole_warp, sum, distance);
        if (lane_index() >= (int)distance) sum += left;
    }
    __syncthreads();
    if (lane_index() == 31) shared[warp_index()] = sum;
    __syncthreads();
    int before = 0, all = 0;
    for (int warp = 0; warp < 8; warp++) {
        if (warp < warp_index()) before += shared[warp];
        all += shared[warp];
    }
    if (threadIdx.x == 0) shared[8] = all;
    __syncthreads();
    return before + sum - value;
}
