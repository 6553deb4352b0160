// Part of kernels_body.h: what is done to single rows.

static float dot(const float *a, const float *b, int64_t count) {
    f32x16 sum = splat(0);
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) sum = fused(load(a + i), load(b + i), sum);
    float total = sum16(sum);
    for (; i < count; i++) total = fmaf(a[i], b[i], total);
    return total;
}

static void rms_norm(const float *x, const float *weight, float *out, int64_t count, float epsilon) {
    float scale = 1.0f / sqrtf(dot(x, x, count) / (float)count + epsilon);
    for (int64_t i = 0; i < count; i++) out[i] = weight[i] * (x[i] * scale);
}

static void layer_norm(
    const float *x, const float *weight, const float *bias, float *out, int64_t count, float epsilon)
{
    f32x16 sum = splat(0);
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) sum += load(x + i);
    float total = sum16(sum);
    for (; i < count; i++) total += x[i];
    float mean = total / (float)count;
    f32x16 squares = splat(0);
    for (i = 0; i + 16 <= count; i += 16) {
        f32x16 distance = load(x + i) - splat(mean);
        squares = fused(distance, distance, squares);
    }
    float variance = sum16(squares);
    for (; i < count; i++) variance = fmaf(x[i] - mean, x[i] - mean, variance);
    float scale = 1.0f / sqrtf(variance / (float)count + epsilon);
    for (i = 0; i < count; i++) out[i] = fmaf((x[i] - mean) * scale, weight[i], bias[i]);
}

// Applies `expression` of the vectors `v` (from x) and `u` (from y) to every element; a ragged end goes through a
// padded vector, so that an element's bits do not depend on where it stands.
#define EACH(OUT, X, Y, COUNT, EXPRESSION)                                               \
    for (int64_t i = 0; i < (COUNT); i += 16) {                                          \
        int64_t left = (COUNT) - i;                                                      \
        f32x16 v = splat(0), u = splat(0);                                               \
        if (left >= 16) {                                                                \
            v = load((X) + i);                                                           \
            u = load((Y) + i);                                                           \
            store((OUT) + i, EXPRESSION);                                                \
        } else {                                                                         \
            float padded[16] = {0};                                                      \
            memcpy(padded, (X) + i, (size_t)left * 4);                                   \
            v = load(padded);                                                            \
            memcpy(padded, (Y) + i, (size_t)left * 4);                                   \
            u = load(padded);                                                            \
            store(padded, EXPRESSION);                                                   \
            memcpy((OUT) + i, padded, (size_t)left * 4);                                 \
        }                                                                                \
    }

static void gated_silu(const float *gate, const float *up, float *out, int64_t count) {
    EACH(out, gate, up, count, v / (splat(1) + exponential(-v)) * u)
}

static void sigmoid(float *x, int64_t count) { EACH(x, x, x, count, splat(1) / (splat(1) + exponential(-v)) + u * splat(0)) }

static void add(const float *x, float *out, int64_t count) { EACH(out, x, out, count, v + u) }

static void scale_add(const float *x, float factor, float *out, int64_t count) {
    EACH(out, x, out, count, fused(v, splat(factor), u))
}

// Encoders only, where these are far from the bottleneck: the C library's functions.
static void gelu(float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) x[i] = 0.5f * x[i] * (1.0f + erff(x[i] * 0.70710678118654752f));
}

static void hyperbolic_tangent(float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) x[i] = tanhf(x[i]);
}

static void softmax(float *x, int64_t count) {
    float largest = x[0];
    for (int64_t i = 1; i < count; i++) largest = x[i] > largest ? x[i] : largest;
    EACH(x, x, x, count, exponential(v - splat(largest)) + u * splat(0))
    float total = 0;
    for (int64_t i = 0; i < count; i++) total += x[i];
    for (int64_t i = 0; i < count; i++) x[i] /= total;
}
