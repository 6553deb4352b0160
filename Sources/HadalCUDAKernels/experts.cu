// Mixture of experts: who gets which row, and the sum of what they make of it.
#include "blocks.cuh"

struct Candidate {
    float value;
    int index;
};

// The larger; of equals the one of the lower index.
HADAL_INLINE Candidate better(Candidate a, Candidate b) {
    return b.value > a.value || (b.value == a.value && b.index < a.index) ? b : a;
}

// The first of the largest of `count` values in shared memory, for all lanes of a warp. 0 where none compares (NaN).
HADAL_INLINE int index_of_largest(const float *values, int count) {
    Candidate best = {minus_infinity(), 0};
    for (int i = lane_index(); i < count; i += 32) best = better(best, {values[i], i});
    for (int distance = 16; distance > 0; distance /= 2)
        best = better(
            best, {__shfl_xor_sync(whole_warp, best.value, distance), __shfl_xor_sync(whole_warp, best.index, distance)});
    return best.index;
}

// Removes a value from the choice, for the whole warp.
HADAL_INLINE void strike(float *values, int index) {
    __syncwarp();
    if (lane_index() == 0) values[index] = minus_infinity();
    __syncwarp();
}

// Experts outside the best groups cannot be chosen. A lane ranks every 32nd group.
HADAL_INLINE void keep_best_groups(const hadal_route &a, float *choice, float *ranks, uint8_t *kept) {
    int size = a.experts / a.groups;
    for (int group = lane_index(); group < a.groups; group += 32) {
        float best = minus_infinity(), second = minus_infinity();
        for (int i = group * size; i < (group + 1) * size; i++) {
            if (choice[i] > best) {
                second = best;
                best = choice[i];
            } else if (choice[i] > second) {
                second = choice[i];
            }
        }
        ranks[group] = a.group_rank == 0 || size == 1 ? best : best + second;
        kept[group] = 0;
    }
    __syncwarp();
    for (int i = 0; i < a.groups_per_token; i++) {
        int group = index_of_largest(ranks, a.groups);
        if (lane_index() == 0) kept[group] = 1;
        strike(ranks, group);
    }
    for (int i = lane_index(); i < a.experts; i += 32)
        if (!kept[i / size]) choice[i] = minus_infinity();
    __syncwarp();
}

// One warp for each row.
HADAL_KERNEL(hadal_route, hadal_route, 32) {
    __shared__ float scores[HADAL_CUDA_EXPERTS_MOST], choice[HADAL_CUDA_EXPERTS_MOST], ranks[HADAL_CUDA_EXPERTS_MOST];
    __shared__ uint8_t kept[HADAL_CUDA_EXPERTS_MOST];
    int64_t row = blockIdx.x;
    const float *logits = a.logits + row * a.experts;
    int lane = lane_index();
    float largest = minus_infinity(), total = 0;
    for (int i = lane; i < a.experts; i += 32) largest = fmaxf(largest, logits[i]);
    largest = largest_of_warp(largest);
    for (int i = lane; i < a.experts; i += 32) {
        scores[i] = a.scoring == 0 ? expf(logits[i] - largest) : 1.0f / (1.0f + expf(-logits[i]));
        total += scores[i];
    }
    total = sum_of_warp(total);
    for (int i = lane; i < a.experts; i += 32) {
        if (a.scoring == 0) scores[i] /= total;
        choice[i] = scores[i] + (a.bias ? a.bias[i] : 0.0f);
    }
    __syncwarp();
    if (a.groups > 1) keep_best_groups(a, choice, ranks, kept);
    int32_t *chosen = a.chosen + row * a.experts_per_token;
    float *weights = a.weights + row * a.experts_per_token;
    float sum = 0;
    for (int slot = 0; slot < a.experts_per_token; slot++) {
        int expert = index_of_largest(choice, a.experts);
        strike(choice, expert);
        sum += scores[expert];
        if (lane == 0) chosen[slot] = expert;
    }
    __syncwarp();
    for (int slot = lane; slot < a.experts_per_token; slot += 32) {
        float weight = scores[chosen[slot]];
        weights[slot] = (a.normalizes ? weight / (sum + 1e-20f) : weight) * a.scale;
    }
}

// A counting sort by one block. Each warp has a run of slots: it counts its own experts', gets to know where each of them
// begins, and places its slots 32 at a time, those of a lower lane first.
HADAL_KERNEL(hadal_sort_by_expert, hadal_sort_by_expert, 256) {
    __shared__ int next[8][HADAL_CUDA_EXPERTS_MOST], shared[9];
    for (int i = (int)threadIdx.x; i < 8 * a.experts; i += 256) next[i / a.experts][i % a.experts] = 0;
    __syncthreads();
    int lane = lane_index(), run = (a.slots + 255) / 256 * 32, begin = warp_index() * run;
    int end = begin + run < a.slots ? begin + run : a.slots;
    int *own = next[warp_index()];
    for (int slot = begin + lane; slot < end; slot += 32) atomicAdd(&own[a.chosen[slot]], 1);
    __syncthreads();
    int start = 0;
    for (int first = 0; first < a.experts; first += 256) {
        int expert = first + (int)threadIdx.x, count = 0;
        if (expert < a.experts)
            for (int warp = 0; warp < 8; warp++) count += next[warp][expert];
        int place = start + sum_before(count, shared);
        start += shared[8];
        if (expert < a.experts) {
            a.starts[expert] = place;
            for (int warp = 0; warp < 8; warp++) {
                int theirs = next[warp][expert];
                next[warp][expert] = place;
                place += theirs;
            }
        }
    }
    if (threadIdx.x == 0) a.starts[a.experts] = a.slots;
    __syncthreads();
    for (int first = begin; first < end; first += 32) {
        int slot = first + lane, expert = slot < end ? a.chosen[slot] : -1;
        unsigned same = __match_any_sync(whole_warp, expert);
        int before = __popc(same & ((1u << lane) - 1)), place = slot < end ? own[expert] + before : 0;
        __syncwarp();
        if (slot < end) {
            if (before == 0) own[expert] += __popc(same);
            a.order[place] = slot;
            a.places[slot] = place;
            a.source_rows[place] = slot / a.experts_per_token;
        }
        __syncwarp();
    }
}

HADAL_KERNEL(hadal_expert_combine, hadal_expert_combine, 256) {
    int64_t row = blockIdx.y;
    int column = (int)(blockIdx.x * 256 + threadIdx.x);
    if (column >= a.width) return;
    float *place = a.out + row * a.width + column, sum = *place;
    for (int64_t slot = row * a.experts_per_token; slot < (row + 1) * a.experts_per_token; slot++)
        sum = fmaf(a.weights[slot], a.x[(int64_t)a.places[slot] * a.width + column], sum);
    *place = sum;
}
