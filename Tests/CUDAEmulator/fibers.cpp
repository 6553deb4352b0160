#include "fibers.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

// Saves the registers that a call must keep, changes the stack, and goes on there.
extern "C" void cuda_emulator_switch(void **from, void *to);

#if defined(__x86_64__)
__asm__(
    ".text\n.globl cuda_emulator_switch\n.type cuda_emulator_switch, @function\n"
    "cuda_emulator_switch:\n"
    "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
    "mov %rsp, (%rdi)\nmov %rsi, %rsp\n"
    "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n"
    ".size cuda_emulator_switch, . - cuda_emulator_switch\n");
constexpr int saved_words = 6;   // before the address to return to
constexpr int frame_words = 8;   // so that the stack is as after a call
#elif defined(__aarch64__)
__asm__(
    ".text\n.globl cuda_emulator_switch\n.type cuda_emulator_switch, %function\n"
    "cuda_emulator_switch:\n"
    "sub sp, sp, #160\n"
    "stp x30, x29, [sp]\nstp x19, x20, [sp, #16]\nstp x21, x22, [sp, #32]\nstp x23, x24, [sp, #48]\n"
    "stp x25, x26, [sp, #64]\nstp x27, x28, [sp, #80]\nstp d8, d9, [sp, #96]\nstp d10, d11, [sp, #112]\n"
    "stp d12, d13, [sp, #128]\nstp d14, d15, [sp, #144]\n"
    "mov x9, sp\nstr x9, [x0]\nmov sp, x1\n"
    "ldp x30, x29, [sp]\nldp x19, x20, [sp, #16]\nldp x21, x22, [sp, #32]\nldp x23, x24, [sp, #48]\n"
    "ldp x25, x26, [sp, #64]\nldp x27, x28, [sp, #80]\nldp d8, d9, [sp, #96]\nldp d10, d11, [sp, #112]\n"
    "ldp d12, d13, [sp, #128]\nldp d14, d15, [sp, #144]\n"
    "add sp, sp, #160\nret\n"
    ".size cuda_emulator_switch, . - cuda_emulator_switch\n");
constexpr int saved_words = 0;
constexpr int frame_words = 20;
#else
#error "the emulator knows x86-64 and aarch64"
#endif

namespace emulation {

Index thread_index, block_index, block_size, grid_size;

namespace {

constexpr size_t stack_bytes = 256 << 10;
constexpr size_t page_bytes = 64 << 10;  // the largest page of the machines we know

struct Copy {
    void *target;
    const void *source;
    unsigned bytes, group;
};

struct Fiber {
    void *stack = nullptr;  // where it was left
    const unsigned *awaited = nullptr;
    unsigned generation = 0;
    bool isDone = true;
    unsigned group = 0;
    std::vector<Copy> copies;

    bool canRun() const { return !isDone && (!awaited || *awaited != generation); }
};

Fiber fibers[threads_most];
Meeting block_meeting, warp_meetings[threads_most / warp_width];
void *main_stack;
unsigned current, threads;
std::string kernel_name, last_message;
bool hasFailed;
const std::function<void()> *block_body;

char *stacks() {
    static char *memory = [] {
        void *all = mmap(
            nullptr, threads_most * stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (all == MAP_FAILED) abort();
        // A stack that runs over ends the process instead of spoiling its neighbour.
        for (unsigned i = 0; i < threads_most; i++) mprotect((char *)all + i * stack_bytes, page_bytes, PROT_NONE);
        return (char *)all;
    }();
    return memory;
}

void go_to(void **from, unsigned next) {
    current = next;
    thread_index.x = next;
    fibers[next].awaited = nullptr;
    cuda_emulator_switch(from, fibers[next].stack);
}

// Lets another thread run; `from` is where this one is left.
void leave(void **from) {
    bool areSomeLeft = false;
    for (unsigned i = 1; i <= threads; i++) {
        unsigned next = (current + i) % threads;
        areSomeLeft |= !fibers[next].isDone;
        if (!fibers[next].canRun()) continue;
        if (next == current) {
            fibers[next].awaited = nullptr;
            return;
        }
        return go_to(from, next);
    }
    if (areSomeLeft && !hasFailed) {
        hasFailed = true;
        unsigned waiting = 0;
        for (unsigned i = 0; i < threads; i++) waiting += !fibers[i].isDone;
        last_message = kernel_name + ": " + std::to_string(waiting) + " of " + std::to_string(threads)
            + " threads wait where the others never come";
    }
    cuda_emulator_switch(from, main_stack);
}

void wait_for(Meeting &meeting) {
    Fiber &self = fibers[current];
    self.awaited = &meeting.generation;
    self.generation = meeting.generation;
    leave(&self.stack);
}

void begin_fiber() {
    (*block_body)();
    fibers[current].isDone = true;
    leave(&fibers[current].stack);
    __builtin_unreachable();
}

}  // namespace

const std::string &message() { return last_message; }

bool run_block(const std::string &kernel, unsigned count, const std::function<void()> &body) {
    threads = count;
    kernel_name = kernel;
    hasFailed = false;
    block_body = &body;
    block_meeting = Meeting();
    for (auto &meeting : warp_meetings) meeting = Meeting();
    for (unsigned i = 0; i < threads; i++) {
        void **top = (void **)(stacks() + (i + 1) * stack_bytes);
#if __has_feature(address_sanitizer)
        // The last block's threads never came back from where they ended.
        __asan_unpoison_memory_region((char *)top - 16384, 16384);
#endif
        fibers[i].stack = top - frame_words;
        memset(fibers[i].stack, 0, frame_words * sizeof(void *));
        ((void **)fibers[i].stack)[saved_words] = (void *)begin_fiber;
        fibers[i].isDone = false;
        fibers[i].awaited = nullptr;
        fibers[i].group = 0;
        fibers[i].copies.clear();
    }
    go_to(&main_stack, 0);
    return !hasFailed;
}

void fail(const std::string &what) {
    hasFailed = true;
    last_message = kernel_name + ": " + what;
    void *nowhere;
    cuda_emulator_switch(&nowhere, main_stack);
    __builtin_unreachable();
}

void meet_block() {
    if (++block_meeting.arrived < threads) return wait_for(block_meeting);
    block_meeting.arrived = 0;
    block_meeting.generation++;
}

void meet_warp(const char *kind, const void *in, void *out, void (*together)(const void *const *, void *const *)) {
    Meeting &meeting = warp_meetings[current / warp_width];
    if (meeting.arrived == 0) meeting.kind = kind;
    if (strcmp(meeting.kind, kind) != 0)
        fail(std::string("threads of a warp are at ") + meeting.kind + " and at " + kind + " at the same time");
    meeting.in[current % warp_width] = in;
    meeting.out[current % warp_width] = out;
    if (++meeting.arrived < warp_width) return wait_for(meeting);
    if (together) together(meeting.in, meeting.out);
    meeting.arrived = 0;
    meeting.generation++;
}

void copy_later(void *target, const void *source, unsigned bytes) {
    if ((uintptr_t)target % bytes || (uintptr_t)source % bytes)
        fail("cp.async of addresses that are not aligned");
    fibers[current].copies.push_back({target, source, bytes, fibers[current].group});
}

void commit_copies() { fibers[current].group++; }

void wait_for_copies(unsigned groups_left) {
    Fiber &self = fibers[current];
    size_t done = 0;
    for (; done < self.copies.size() && self.copies[done].group + groups_left < self.group; done++) {
        const Copy &copy = self.copies[done];
        if (copy.source) {
            memcpy(copy.target, copy.source, copy.bytes);
        } else {
            memset(copy.target, 0, copy.bytes);
        }
    }
    self.copies.erase(self.copies.begin(), self.copies.begin() + (long)done);
}

}  // namespace emulation
