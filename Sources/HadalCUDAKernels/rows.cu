// What is done to single rows: reading and writing them once is all there is to the time.
#include "numbers.cuh"

// MARK: lookup and copies; a block for each row

HADAL_KERNEL(hadal_embed, hadal_embed, 256) {
    int64_t row = blockIdx.x;
    int token = a.tokens[row];
    for (int i = (int)threadIdx.x; i < a.table.inputs; i += 256)
        a.out[row * a.table.inputs + i] = weight_at(a.table, token, i);
}

HADAL_KERNEL(hadal_gather, hadal_gather, 256) {
    int64_t row = blockIdx.x, from = a.indices[row];
    for (int i = (int)threadIdx.x; i < a.width; i += 256) a.out[row * a.width + i] = a.x[from * a.width + i];
}

HADAL_KERNEL(hadal_copy, hadal_copy, 256) {
    int64_t row = blockIdx.x;
    for (int i = (int)threadIdx.x; i < a.width; i += 256) a.out[row * a.out_stride + i] = a.x[row * a.x_stride + i];
}

// MARK: norms; a block for each group

HADAL_KERNEL(hadal_rms_norm, hadal_rms_norm, 256) {
    __shared__ float shared[8];
    int64_t row = blockIdx.x / a.groups;
    int start = a.offset + (int)(blockIdx.x % a.groups) * a.width;
    const float *x = a.x + row * a.x_stride + start;
    float *out = a.out + row * a.out_stride + start;
    float sum = 0;
    for (int i = (int)threadIdx.x; i < a.width; i += 256) sum = fmaf(x[i], x[i], sum);
    float scale = 1.0f / sqrtf(sum_of_block(sum, shared) / (float)a.width + a.epsilon);
    for (int i = (int)threadIdx.x; i < a.width; i += 256) out[i] = a.weight[i] * (x[i] * scale);
}

HADAL_KERNEL(hadal_layer_norm, hadal_layer_norm, 256) {
    __shared__ float shared[8];
    const float *x = a.x + (int64_t)blockIdx.x * a.width;
    float *out = a.out + (int64_t)blockIdx.x * a.width;
    float sum = 0, squares = 0;
    for (int i = (int)threadIdx.x; i < a.width; i += 256) sum += x[i];
    float mean = sum_of_block(sum, shared) / (float)a.width;
    for (int i = (int)threadIdx.x; i < a.width; i += 256) squares = fmaf(x[i] - mean, x[i] - mean, squares);
    float scale = 1.0f / sqrtf(sum_of_block(squares, shared) / (float)a.width + a.epsilon);
    for (int i = (int)threadIdx.x; i < a.width; i += 256) out[i] = fmaf((x[i] - mean) * scale, a.weight[i], a.bias[i]);
}

// MARK: element by element

HADAL_KERNEL(hadal_gated_silu, hadal_gated_silu, 256) {
    int64_t place = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (place >= (int64_t)a.rows * a.width) return;
    int64_t row = place / a.width;
    float gate = a.x[place + row * a.width], up = a.x[place + (row + 1) * a.width];
    a.out[place] = gate / (1.0f + expf(-gate)) * up;
}

HADAL_KERNEL(hadal_gelu, hadal_elements, 256) {
    int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i >= a.count) return;
    float x = a.out[i];
    a.out[i] = 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
}

HADAL_KERNEL(hadal_tanh, hadal_elements, 256) {
    int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i < a.count) a.out[i] = tanhf(a.out[i]);
}

HADAL_KERNEL(hadal_add, hadal_elements, 256) {
    int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i < a.count) a.out[i] += a.x[i];
}

// MARK: the next token

HADAL_KERNEL(hadal_likeliest, hadal_likeliest, 256) {
    __shared__ float largest[256];
    __shared__ int places[256];
    const float *x = a.x + (int64_t)blockIdx.x * a.width;
    int lane = (int)threadIdx.x, place = a.width;
    float best = minus_infinity();
    for (int i = lane; i < a.width; i += 256)
        if (x[i] > best) best = x[i], place = i;
    largest[lane] = best;
    places[lane] = place;
    for (int half = 128; half > 0; half /= 2) {
        __syncthreads();
        if (lane >= half) continue;
        float other = largest[lane + half];
        if (other > largest[lane] || (other == largest[lane] && places[lane + half] < places[lane])) {
            largest[lane] = other;
            places[lane] = places[lane + half];
        }
    }
    if (lane == 0) a.out[blockIdx.x] = places[0] < a.width ? places[0] : 0;
}

// MARK: rotary positions

HADAL_KERNEL(hadal_angles, hadal_angles, 256) {
    int64_t place = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (place >= (int64_t)a.rows * a.pairs) return;
    // The product is rounded to float32 first, as the CPU's and transformers' are.
    double angle = (double)((float)a.positions[place / a.pairs] * a.frequencies[place % a.pairs]);
    a.cosines[place] = (float)cos(angle) * a.magnitude;
    a.sines[place] = (float)sin(angle) * a.magnitude;
}

HADAL_KERNEL(hadal_rotate, hadal_rotate, 256) {
    int64_t place = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (place >= (int64_t)a.rows * a.heads * a.pairs) return;
    int pair = (int)(place % a.pairs), head = (int)(place / a.pairs % a.heads);
    int64_t row = place / a.pairs / a.heads;
    float cosine = a.cosines[row * a.pairs + pair], sine = a.sines[row * a.pairs + pair];
    float *x = a.x + row * a.row_stride + (int64_t)head * a.head_stride;
    float *first = a.interleaved ? x + 2 * pair : x + pair;
    float *second = a.interleaved ? first + 1 : first + a.pairs;
    float p = *first, q = *second;
    *first = p * cosine - q * sine;
    *second = q * cosine + p * sine;
}
