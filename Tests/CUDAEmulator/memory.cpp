// The device's memory, and the driver's functions for it.
#include <cstdlib>
#include <cstring>
#include <map>

#include "device.h"

namespace emulation {

std::recursive_mutex lock;
std::string problem;
thread_local bool hasContext = false;

Result note(Result result, const std::string &what) {
    problem = what;
    return result;
}

namespace {

constexpr size_t alignment = 256;  // as the driver's
// A sanitizer finds what lies outside by itself, if nothing of ours is there.
#if __has_feature(address_sanitizer)
constexpr size_t guard = 0;
#else
constexpr size_t guard = alignment;
#endif
constexpr unsigned char guard_byte = 0xA5, fresh_byte = 0xFF;

std::map<uint64_t, size_t> allocations;
size_t total = (size_t)8 << 30, used = 0;

bool is_guarded(uint64_t address, size_t bytes) {
    const unsigned char *start = (const unsigned char *)address - guard, *end = (const unsigned char *)address + bytes;
    for (size_t i = 0; i < guard; i++)
        if (start[i] != guard_byte || end[i] != guard_byte) return false;
    return true;
}

Result check(uint64_t address, size_t bytes) {
    if (is_guarded(address, bytes)) return success;
    return note(
        illegal_address, "something was written outside of an allocation of " + std::to_string(bytes) + " bytes");
}

}  // namespace

size_t total_bytes() { return total; }
void set_total_bytes(size_t bytes) { total = bytes; }
size_t allocated_bytes() { return used; }

Result allocate(uint64_t *address, size_t bytes) {
    if (bytes == 0 || !address) return invalid_value;
    if (bytes > total || used > total - bytes) return out_of_memory;
    size_t whole = guard ? (bytes + 2 * guard + alignment - 1) / alignment * alignment : bytes;
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, whole) != 0) return out_of_memory;
    memset(memory, guard ? guard_byte : fresh_byte, whole);
    *address = (uint64_t)memory + guard;
    memset((void *)*address, fresh_byte, bytes);
    allocations[*address] = bytes;
    used += bytes;
    return success;
}

Result release(uint64_t address) {
    if (address == 0) return success;
    auto found = allocations.find(address);
    if (found == allocations.end()) return invalid_value;
    Result result = check(address, found->second);
    used -= found->second;
    allocations.erase(found);
    free((void *)(address - guard));
    return result;
}

bool is_allocated(uint64_t address, size_t bytes) {
    auto after = allocations.upper_bound(address);
    if (after == allocations.begin()) return false;
    auto [start, length] = *--after;
    return address - start <= length && bytes <= length - (address - start);
}

Result check_guards() {
    for (auto [address, bytes] : allocations)
        if (Result result = check(address, bytes)) return result;
    return success;
}

namespace {

int cuMemGetInfo(size_t *free_bytes, size_t *all) {
    ENTER;
    *free_bytes = total > used ? total - used : 0;
    *all = total;
    return success;
}

int cuMemAlloc(uint64_t *address, size_t bytes) {
    ENTER;
    return allocate(address, bytes);
}

int cuMemFree(uint64_t address) {
    ENTER;
    return release(address);
}

int cuMemHostAlloc(void **memory, size_t bytes, unsigned) {
    ENTER;
    if (bytes == 0) return invalid_value;
    return posix_memalign(memory, 4096, bytes) == 0 ? success : out_of_memory;
}

int cuMemFreeHost(void *memory) {
    ENTER;
    free(memory);
    return success;
}

int copy(void *target, const void *source, size_t bytes, uint64_t first, uint64_t second) {
    ENTER;
    for (uint64_t address : {first, second})
        if (address && bytes && !is_allocated(address, bytes))
            return note(invalid_value, "a copy of " + std::to_string(bytes) + " bytes outside of the device's memory");
    memmove(target, source, bytes);
    return success;
}

int cuMemcpyHtoDAsync(uint64_t target, const void *source, size_t bytes, void *) {
    return copy((void *)target, source, bytes, target, 0);
}

int cuMemcpyDtoHAsync(void *target, uint64_t source, size_t bytes, void *) {
    return copy(target, (const void *)source, bytes, source, 0);
}

int cuMemcpyDtoDAsync(uint64_t target, uint64_t source, size_t bytes, void *) {
    return copy((void *)target, (const void *)source, bytes, target, source);
}

int cuMemsetD8Async(uint64_t target, unsigned char value, size_t bytes, void *) {
    ENTER;
    if (bytes && !is_allocated(target, bytes)) return invalid_value;
    memset((void *)target, value, bytes);
    return success;
}

}  // namespace

const std::vector<Symbol> memory_symbols = {
    {"cuMemGetInfo_v2", (void *)cuMemGetInfo},
    {"cuMemAlloc_v2", (void *)cuMemAlloc},
    {"cuMemFree_v2", (void *)cuMemFree},
    {"cuMemHostAlloc", (void *)cuMemHostAlloc},
    {"cuMemFreeHost", (void *)cuMemFreeHost},
    {"cuMemcpyHtoDAsync_v2", (void *)cuMemcpyHtoDAsync},
    {"cuMemcpyDtoHAsync_v2", (void *)cuMemcpyDtoHAsync},
    {"cuMemcpyDtoDAsync_v2", (void *)cuMemcpyDtoDAsync},
    {"cuMemsetD8Async", (void *)cuMemsetD8Async},
};

}  // namespace emulation
