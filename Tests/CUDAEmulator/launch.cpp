// The driver's functions for modules and launches: blocks run one after the other.
#include <cstring>
#include <set>

#include "device.h"
#include "emulation.h"

// The kernels' `__shared__` variables lie between these.
extern "C" unsigned char __start_cuda_emulator_shared[], __stop_cuda_emulator_shared[];

namespace emulation {

namespace {

struct Module {
    std::set<std::string> kernels;
};

int cuModuleLoadData(void **handle, const void *image) {
    ENTER;
    std::string text = (const char *)image;
    if (text.rfind(image_mark, 0) != 0) return invalid_image;
    auto module = new Module;
    for (size_t at = sizeof image_mark - 1, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        module->kernels.insert(text.substr(at, end - at));
    *handle = module;
    return success;
}

int cuModuleUnload(void *handle) {
    ENTER;
    delete (Module *)handle;
    return success;
}

int cuModuleGetFunction(const Kernel **function, void *module, const char *name) {
    ENTER;
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
    ENTER;
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

}  // namespace

const std::vector<Symbol> launch_symbols = {
    {"cuModuleLoadData", (void *)cuModuleLoadData},
    {"cuModuleUnload", (void *)cuModuleUnload},
    {"cuModuleGetFunction", (void *)cuModuleGetFunction},
    {"cuLaunchKernel", (void *)cuLaunchKernel},
};

}  // namespace emulation
