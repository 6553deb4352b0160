// The driver's functions for the device, modules and launches.
#include <cstring>
#include <set>

#include "device.h"
#include "emulation.h"
#include "include/cuda_emulator.h"

// The kernels' `__shared__` variables lie between these.
extern "C" unsigned char __start_cuda_emulator_shared[], __stop_cuda_emulator_shared[];

namespace emulation {

namespace {

bool isInitialized = false;
struct Module {
    std::set<std::string> kernels;
};
int context, stream_mark;  // their addresses are the handles

#define ENTER std::lock_guard<std::recursive_mutex> held(lock)
#define ENTER_CONTEXT \
    ENTER;            \
    if (!hasContext) return invalid_context

int cuInit(unsigned) {
    ENTER;
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
    ENTER_CONTEXT;
    *stream = &stream_mark;
    return success;
}

int cuStreamDestroy(void *) { return success; }

int cuStreamSynchronize(void *) {
    ENTER_CONTEXT;
    return check_guards();
}

int cuModuleLoadData(void **handle, const void *image) {
    ENTER_CONTEXT;
    std::string text = (const char *)image;
    if (text.rfind(image_mark, 0) != 0) return invalid_image;
    auto module = new Module;
    for (size_t at = sizeof image_mark - 1, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        module->kernels.insert(text.substr(at, end - at));
    *handle = module;
    return success;
}

int cuModuleUnload(void *handle) {
    ENTER_CONTEXT;
    delete (Module *)handle;
    return success;
}

int cuModuleGetFunction(const Kernel **function, void *module, const char *name) {
    ENTER_CONTEXT;
    *function = ((Module *)module)->kernels.count(name) ? kernel(name) : nullptr;
    return *function ? success : not_found;
}

__attribute__((no_sanitize("address"))) void spoil_shared_memory() {
    for (auto byte = __start_cuda_emulator_shared; byte < __stop_cuda_emulator_shared; byte++) *byte = 0xFF;
}

int cuLaunchKernel(
    const Kernel *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
    unsigned block_z, unsigned shared_bytes, void *, void **arguments, void **extra)
{
    ENTER_CONTEXT;
    if (!function) return invalid_handle;
    const std::string where = function->name + ": ";
    if (block_x != function->threads || block_y != 1 || block_z != 1)
        return note(
            invalid_value, where + std::to_string(block_x) + " threads a block instead of "
                + std::to_string(function->threads));
    if (!grid_x || !grid_y || !grid_z || grid_x > 0x7fffffffu || grid_y > 65535 || grid_z > 65535)
        return note(invalid_value, where + "a grid that no device takes");
    if (shared_bytes || extra || !arguments || !arguments[0]) return note(invalid_value, where + "wrong arguments");
    std::vector<uint64_t> copy((function->argument_bytes + 7) / 8);
    memcpy(copy.data(), arguments[0], function->argument_bytes);
    grid_size = {grid_x, grid_y, grid_z};
    block_size = {block_x, 1, 1};
    for (unsigned z = 0; z < grid_z; z++)
        for (unsigned y = 0; y < grid_y; y++)
            for (unsigned x = 0; x < grid_x; x++) {
                block_index = {x, y, z};
                spoil_shared_memory();
                if (!run_block(function->name, block_x, [&] { function->run(copy.data()); }))
                    return note(launch_failed, message());
            }
    return success;
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
    {"cuModuleLoadData", (void *)cuModuleLoadData},
    {"cuModuleUnload", (void *)cuModuleUnload},
    {"cuModuleGetFunction", (void *)cuModuleGetFunction},
    {"cuLaunchKernel", (void *)cuLaunchKernel},
    {"cuGetErrorName", (void *)cuGetErrorName},
    {"cuGetErrorString", (void *)cuGetErrorString},
};

}  // namespace emulation

using namespace emulation;

void *cuda_emulator_symbol(const char *name) {
    for (auto symbols : {&driver_symbols, &memory_symbols, &compiler_symbols})
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
