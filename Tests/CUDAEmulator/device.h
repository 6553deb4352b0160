// The emulated device: what driver.cpp and compiler.cpp share.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace emulation {

// Numbers of CUresult, as the CUDA Driver API's reference lists them.
enum Result : int {
    success = 0,
    invalid_value = 1,
    out_of_memory = 2,
    not_initialized = 3,
    invalid_device = 101,
    invalid_image = 200,
    invalid_context = 201,
    invalid_handle = 400,
    not_found = 500,
    illegal_address = 700,
    launch_failed = 719,
};

// One at a time is in here: the kernels' shared memory is static.
extern std::recursive_mutex lock;

// What failed last, for people.
extern std::string problem;

Result note(Result result, const std::string &what);

// Memory with a guard on both sides; fresh memory is NaN in every format.
Result allocate(uint64_t *address, size_t bytes);
Result release(uint64_t address);
// Whether all of it lies in one allocation.
bool is_allocated(uint64_t address, size_t bytes);
Result check_guards();
size_t allocated_bytes();
size_t total_bytes();
void set_total_bytes(size_t bytes);

// A module is the names of the kernels in one source. `image` begins with this.
constexpr char image_mark[] = "EMULATED CUBIN\n";

// The functions' addresses by name, of driver.cpp and of compiler.cpp.
struct Symbol {
    const char *name;
    void *address;
};
extern const std::vector<Symbol> driver_symbols, launch_symbols, memory_symbols, compiler_symbols;

// False where the calling thread has no context: most functions give `invalid_context` then.
extern thread_local bool hasContext;

// The beginning of a function that needs a context.
#define ENTER                                         \
    std::lock_guard<std::recursive_mutex> held(lock); \
    if (!hasContext) return invalid_context

}  // namespace emulation
