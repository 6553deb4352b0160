// The driver's functions for the device, its context and streams, and the emulator's own.
#include <cstring>

#include "device.h"
#include "include/cuda_emulator.h"

namespace emulation {

namespace {

bool isInitialized = false;
int context, stream_mark;  // their addresses are the handles

int cuInit(unsigned) {
    std::lock_guard<std::recursive_mutex> held(lock);
    isInitialized = true;
    return success;
}

int cuDriverGetVersion(int *version) {
    *version = 12090;
    return success;
}

int cuDeviceGetCount(int *count) {
    if (!isInitialized) return not_initialized;
    *count = 1;
    return success;
}

int cuDeviceGet(int *device, int ordinal) {
    if (!isInitialized) return not_initialized;
    if (ordinal != 0) return invalid_device;
    *device = 0;
    return success;
}

int cuDeviceGetName(char *name, int length, int) {
    if (length <= 0) return invalid_value;
    strncpy(name, "Hadal's emulated GPU", (size_t)length - 1);
    name[length - 1] = 0;
    return success;
}

int cuDeviceGetUuid(void *bytes, int) {
    memcpy(bytes, "hadal-emulated-0", 16);
    return success;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
    switch (attribute) {
    case 1: *value = 1024; break;         // threads of a block
    case 8: *value = 48 << 10; break;     // shared memory of a block
    case 10: *value = 32; break;          // threads of a warp
    case 13: *value = 1000000; break;     // clock, kHz
    case 16: *value = 4; break;           // multiprocessors
    case 36: *value = 1000000; break;     // memory's clock, kHz
    case 37: *value = 64; break;          // memory's width, bits
    case 38: *value = 1 << 20; break;     // second-level cache
    case 39: *value = 2048; break;        // threads of a multiprocessor
    case 41: *value = 1; break;           // unified addresses
    case 75: *value = 9; break;           // compute capability
    case 97: *value = 227 << 10; break;   // shared memory of a block that asks for more
    default: *value = 0;
    }
    return success;
}

int cuDeviceTotalMem(size_t *bytes, int) {
    *bytes = total_bytes();
    return success;
}

int cuDevicePrimaryCtxRetain(void **handle, int) {
    if (!isInitialized) return not_initialized;
    *handle = &context;
    return success;
}

int cuDevicePrimaryCtxRelease(int) { return success; }

int cuCtxSetCurrent(void *handle) {
    hasContext = handle == &context;
    return hasContext || !handle ? success : invalid_context;
}

int cuStreamCreate(void **stream, unsigned) {
    ENTER;
    *stream = &stream_mark;
    return success;
}

int cuStreamDestroy(void *) { return success; }

int cuStreamSynchronize(void *) {
    ENTER;
    return check_guards();
}

const char *name_of(int result) {
    switch (result) {
    case success: return "CUDA_SUCCESS";
    case invalid_value: return "CUDA_ERROR_INVALID_VALUE";
    case out_of_memory: return "CUDA_ERROR_OUT_OF_MEMORY";
    case not_initialized: return "CUDA_ERROR_NOT_INITIALIZED";
    case invalid_device: return "CUDA_ERROR_INVALID_DEVICE";
    case invalid_image: return "CUDA_ERROR_INVALID_IMAGE";
    case invalid_context: return "CUDA_ERROR_INVALID_CONTEXT";
    case invalid_handle: return "CUDA_ERROR_INVALID_HANDLE";
    case not_found: return "CUDA_ERROR_NOT_FOUND";
    case illegal_address: return "CUDA_ERROR_ILLEGAL_ADDRESS";
    case launch_failed: return "CUDA_ERROR_LAUNCH_FAILED";
    }
    return nullptr;
}

int cuGetErrorName(int result, const char **name) {
    *name = name_of(result);
    return *name ? success : invalid_value;
}

// The names again: what they mean is NVIDIA's text.
int cuGetErrorString(int result, const char **text) { return cuGetErrorName(result, text); }

}  // namespace

const std::vector<Symbol> driver_symbols = {
    {"cuInit", (void *)cuInit},
    {"cuDriverGetVersion", (void *)cuDriverGetVersion},
    {"cuDeviceGetCount", (void *)cuDeviceGetCount},
    {"cuDeviceGet", (void *)cuDeviceGet},
    {"cuDeviceGetName", (void *)cuDeviceGetName},
    {"cuDeviceGetUuid_v2", (void *)cuDeviceGetUuid},
    {"cuDeviceGetAttribute", (void *)cuDeviceGetAttribute},
    {"cuDeviceTotalMem_v2", (void *)cuDeviceTotalMem},
    {"cuDevicePrimaryCtxRetain", (void *)cuDevicePrimaryCtxRetain},
    {"cuDevicePrimaryCtxRelease_v2", (void *)cuDevicePrimaryCtxRelease},
    {"cuCtxSetCurrent", (void *)cuCtxSetCurrent},
    {"cuStreamCreate", (void *)cuStreamCreate},
    {"cuStreamDestroy_v2", (void *)cuStreamDestroy},
    {"cuStreamSynchronize", (void *)cuStreamSynchronize},
    {"cuGetErrorName", (void *)cuGetErrorName},
    {"cuGetErrorString", (void *)cuGetErrorString},
};

}  // namespace emulation

using namespace emulation;

void *cuda_emulator_symbol(const char *name) {
    for (auto symbols : {&driver_symbols, &launch_symbols, &memory_symbols, &compiler_symbols})
        for (const Symbol &symbol : *symbols)
            if (strcmp(symbol.name, name) == 0) return symbol.address;
    return nullptr;
}

void cuda_emulator_set_memory(size_t bytes) {
    std::lock_guard<std::recursive_mutex> held(lock);
    set_total_bytes(bytes);
}

const char *cuda_emulator_message(void) {
    static thread_local std::string copy;
    std::lock_guard<std::recursive_mutex> held(lock);
    copy = problem;
    return copy.c_str();
}

size_t cuda_emulator_allocated(void) {
    std::lock_guard<std::recursive_mutex> held(lock);
    return allocated_bytes();
}
