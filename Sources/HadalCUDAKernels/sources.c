#include "hadal_cuda_sources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// `#embed` has to stand in a line of its own, so each file has one here.
static const char hadal_cuda_h[] = {
#embed "include/hadal_cuda.h"
    , 0};
static const char machine_cuh[] = {
#embed "machine.cuh"
    , 0};
static const char numbers_cuh[] = {
#embed "numbers.cuh"
    , 0};
static const char weights_cuh[] = {
#embed "weights.cuh"
    , 0};
static const char activations_cuh[] = {
#embed "activations.cuh"
    , 0};
static const char blocks_cuh[] = {
#embed "blocks.cuh"
    , 0};
static const char products_cuh[] = {
#embed "products.cuh"
    , 0};
static const char tiles_cuh[] = {
#embed "tiles.cuh"
    , 0};
static const char attention_cuh[] = {
#embed "attention.cuh"
    , 0};
static const char rows_cu[] = {
#embed "rows.cu"
    , 0};
static const char cache_cu[] = {
#embed "cache.cu"
    , 0};
static const char attention_cu[] = {
#embed "attention.cu"
    , 0};
static const char grouped_cu[] = {
#embed "grouped.cu"
    , 0};
static const char latent_cu[] = {
#embed "latent.cu"
    , 0};
static const char products_cu[] = {
#embed "products.cu"
    , 0};
static const char products_64_cu[] = {
#embed "products_64.cu"
    , 0};
static const char products_wide_cu[] = {
#embed "products_wide.cu"
    , 0};
static const char heads_cu[] = {
#embed "heads.cu"
    , 0};
static const char experts_cu[] = {
#embed "experts.cu"
    , 0};

#define HEADER(NAME, TEXT) {NAME, TEXT, sizeof TEXT - 1, true}
#define KERNELS(NAME, TEXT) {NAME, TEXT, sizeof TEXT - 1, false}

static const struct hadal_cuda_source sources[] = {
    HEADER("hadal_cuda.h", hadal_cuda_h),
    HEADER("machine.cuh", machine_cuh),
    HEADER("numbers.cuh", numbers_cuh),
    HEADER("weights.cuh", weights_cuh),
    HEADER("activations.cuh", activations_cuh),
    HEADER("blocks.cuh", blocks_cuh),
    HEADER("products.cuh", products_cuh),
    HEADER("tiles.cuh", tiles_cuh),
    HEADER("attention.cuh", attention_cuh),
    KERNELS("rows.cu", rows_cu),
    KERNELS("cache.cu", cache_cu),
    KERNELS("attention.cu", attention_cu),
    KERNELS("grouped.cu", grouped_cu),
    KERNELS("latent.cu", latent_cu),
    KERNELS("products.cu", products_cu),
    KERNELS("products_64.cu", products_64_cu),
    KERNELS("products_wide.cu", products_wide_cu),
    KERNELS("heads.cu", heads_cu),
    KERNELS("experts.cu", experts_cu),
};

const struct hadal_cuda_source *hadal_cuda_sources(int *count) {
    *count = sizeof sources / sizeof sources[0];
    return sources;
}
