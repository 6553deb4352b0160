// Part of kernels_products.h: `quantized_tile` for AVX2, with 8 outputs in a register. The portable one works on pairs of
// registers, which 16 of them do not hold for enough rows; and products of halves of bytes may be summed in 16 bits here.

INLINE __m256 half_f16(const uint8_t *source) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)source)); }

// What the portable tile does, for `parts` of a panel's two halves of 8 outputs, from `part` on.
INLINE void quantized_part(
    const uint8_t *w, const uint8_t *strip, int64_t count, float *target, const bool begins, const uint8_t *ahead,
    const int rows, const int part, const int parts, const bool q4, const int block, const bool has_minimum)
{
    const int halves = 32 / block, groups = block / 4;
    const int64_t data_bytes = q4 ? 256 : 512;
    const int64_t block_bytes = data_bytes + halves * 32 * (has_minimum ? 2 : 1);
    const __m256i ones = _mm256_set1_epi16(1), low = _mm256_set1_epi8(15), sign = _mm256_set1_epi8((char)0x80);
    __m256 sums[8][2];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int p = 0; p < parts; p++)
            sums[r][p] = begins ? _mm256_setzero_ps() : _mm256_loadu_ps(target + r * 16 + (part + p) * 8);
    for (int64_t b = 0; b < count; b++) {
        const int32_t *starts = (const int32_t *)strip;
        const float *factors = (const float *)strip + halves * rows;
        const float *shifts = factors + rows;
        const uint8_t *q = strip + 4 * rows * (1 + halves * (has_minimum ? 2 : 1));
        if (ahead) {
            UNROLL for (int line = 0; line < (q4 ? 5 : 9); line++) __builtin_prefetch(ahead + line * 64, 0, 2);
            ahead += block_bytes;
        }
        UNROLL for (int half = 0; half < halves; half++) {
            __m256i dots[8][2];
            UNROLL for (int r = 0; r < rows; r++)
                UNROLL for (int p = 0; p < parts; p++)
                    dots[r][p] = q4 ? _mm256_setzero_si256() : _mm256_set1_epi32(starts[half * rows + r]);
            UNROLL for (int g = 0; g < groups; g++) {
                const int group = half * groups + g;
                __m256i bytes[2], magnitudes[2];
                UNROLL for (int p = 0; p < parts; p++) {
                    const uint8_t *source = w + (q4 ? group & 3 : group) * 64 + (part + p) * 32;
                    __m256i loaded = _mm256_loadu_si256((const __m256i *)source);
                    if (q4) {
                        bytes[p] = _mm256_and_si256(group < 4 ? loaded : _mm256_srli_epi16(loaded, 4), low);
                    } else {
                        bytes[p] = _mm256_xor_si256(loaded, sign);
                        magnitudes[p] = _mm256_abs_epi8(bytes[p]);
                    }
                }
                UNROLL for (int r = 0; r < rows; r++) {
                    int32_t four;
                    memcpy(&four, q + (group * rows + r) * 4, 4);
                    __m256i input = _mm256_set1_epi32(four);
                    UNROLL for (int p = 0; p < parts; p++) {
                        // Of halves of bytes the products of a whole block fit in 16 bits: 8 × 2 × 15 × 127.
                        dots[r][p] = q4 ? _mm256_add_epi16(dots[r][p], _mm256_maddubs_epi16(bytes[p], input))
                                        : dot_signed(dots[r][p], magnitudes[p], bytes[p], input);
                    }
                }
            }
            UNROLL for (int p = 0; p < parts; p++) {
                const uint8_t *source = w + data_bytes + half * 32 + (part + p) * 16;
                __m256 scale = half_f16(source);
                __m256 minimum = has_minimum ? half_f16(source + halves * 32) : _mm256_setzero_ps();
                UNROLL for (int r = 0; r < rows; r++) {
                    __m256i whole = dots[r][p];
                    if (q4)
                        whole = _mm256_add_epi32(
                            _mm256_madd_epi16(whole, ones), _mm256_set1_epi32(starts[half * rows + r]));
                    __m256 factor = _mm256_mul_ps(scale, _mm256_set1_ps(factors[r]));
                    sums[r][p] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole), factor, sums[r][p]);
                    if (has_minimum)
                        sums[r][p] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(shifts[half * rows + r]), sums[r][p]);
                }
            }
        }
        w += block_bytes;
        strip += rows * hadal_strip_bytes(block, has_minimum);
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int p = 0; p < parts; p++) _mm256_storeu_ps(target + r * 16 + (part + p) * 8, sums[r][p]);
}

// Two rows keep both halves' sums in registers, so that weights are streamed once; more rows take one half after the other.
INLINE void quantized_tile(
    const uint8_t *w, const int64_t panel_bytes, const uint8_t *strip, int64_t count, f32x16 *target,
    const int64_t target_stride, const bool begins, const uint8_t *ahead, const int rows, const int panels, const bool q4,
    const int block, const bool has_minimum)
{
    (void)panel_bytes, (void)target_stride, (void)panels;  // TILE_PANELS is 1
    float *sums = (float *)target;
    if (rows <= 2) {
        quantized_part(w, strip, count, sums, begins, ahead, rows, 0, 2, q4, block, has_minimum);
    } else {
        quantized_part(w, strip, count, sums, begins, ahead, rows, 0, 1, q4, block, has_minimum);
        quantized_part(w, strip, count, sums, begins, NULL, rows, 1, 1, q4, block, has_minimum);
    }
}
