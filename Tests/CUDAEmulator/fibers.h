// The threads of a block as fibers of one thread of the process: each has a stack, and runs until it has to wait for others.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace emulation {

struct Index {
    unsigned x = 0, y = 0, z = 0;
};

constexpr unsigned warp_width = 32;
constexpr unsigned threads_most = 1024;

// Where threads meet. Each waits until the generation has changed; whoever comes last changes it.
struct Meeting {
    unsigned arrived = 0;
    unsigned generation = 0;
    const char *kind = nullptr;
    const void *in[warp_width];
    void *out[warp_width];
};

// Runs `body` as `threads` threads of one block. Returns false where it failed; `message()` says how.
bool run_block(const std::string &kernel, unsigned threads, const std::function<void()> &body);

// What went wrong last.
const std::string &message();

// The rest may be called by a running thread only.

// Ends the launch with a message.
[[noreturn]] void fail(const std::string &what);

// Waits for the whole block: __syncthreads.
void meet_block();

// Waits for the 32 threads of the warp; the last to come calls `together` with what each brought and where its result goes.
void meet_warp(
    const char *kind, const void *in, void *out, void (*together)(const void *const *in, void *const *out));

// Copies that become visible when they are waited for: cp.async. Zeros where there is no source.
void copy_later(void *target, const void *source, unsigned bytes);
void commit_copies();
void wait_for_copies(unsigned groups_left);

extern Index thread_index, block_index, block_size, grid_size;

}  // namespace emulation
