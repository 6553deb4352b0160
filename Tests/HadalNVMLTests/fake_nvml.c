// An NVML for tests, ours, after the types and functions of NVIDIA's NVML API reference. Two cards: 0 tells everything, 1
// only what every card tells. Files in FAKE_DIRECTORY, looked for with each call, make it do otherwise:
//   init    the status, as a number, that nvmlInit_v2 returns
//   lost0, lost1    that card has fallen off the bus
//   gone1   that card is not counted any more
//   sliced0 card 0 is divided into slices (MIG)
//   old     the library is older than version 510: memory is told in the first form only
//   hang    a named pipe: card 0 tells its temperature when somebody has written to it
// Each nvmlInit_v2 adds a byte to the file `inits`, each question for a temperature one to `questions`.
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef FAKE_DIRECTORY
#error "-DFAKE_DIRECTORY=\"...\""
#endif

enum {
    SUCCESS = 0,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    FUNCTION_NOT_FOUND = 13,
    LOST = 15,
    ARGUMENT_VERSION_MISMATCH = 25,
};

typedef struct card *device;
typedef unsigned int number;
typedef unsigned long long wide;

typedef struct {
    number gpu;
    number memory;
} utilization;
_Static_assert(sizeof(utilization) == 8 && offsetof(utilization, memory) == 4, "nvmlUtilization_t");

typedef struct {
    wide total;
    wide free;
    wide used;
} memory;
_Static_assert(sizeof(memory) == 24 && offsetof(memory, free) == 8 && offsetof(memory, used) == 16, "nvmlMemory_t");

typedef struct {
    number version;
    wide total;
    wide reserved;
    wide free;
    wide used;
} memory_v2;
_Static_assert(sizeof(memory_v2) == 40, "nvmlMemory_v2_t");
_Static_assert(offsetof(memory_v2, total) == 8 && offsetof(memory_v2, reserved) == 16, "nvmlMemory_v2_t");
_Static_assert(offsetof(memory_v2, free) == 24 && offsetof(memory_v2, used) == 32, "nvmlMemory_v2_t");

typedef struct {
    char busIdLegacy[16];
    number domain;
    number bus;
    number device;
    number pciDeviceId;
    number pciSubSystemId;
    char busId[32];
} pci;
_Static_assert(sizeof(pci) == 68 && offsetof(pci, busId) == 36, "nvmlPciInfo_t");

// A card, or a slice of one.
struct card {
    number index;
    int is_slice;
};
static struct card cards[2] = {{0, 0}, {1, 0}};
static struct card slices[2] = {{0, 1}, {2, 1}};

static int there(const char *name) { return access(name, F_OK) == 0; }
#define THERE(name) there(FAKE_DIRECTORY "/" name)

static void note(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0) {
        (void)!write(file, ".", 1);
        close(file);
    }
}

static int check(device card) {
    if (card == NULL) return INVALID_ARGUMENT;
    return card->is_slice || card->index == 0 ? (THERE("lost0") ? LOST : SUCCESS) : (THERE("lost1") ? LOST : SUCCESS);
}

#define CHECK(card)                                                                                                    \
    do {                                                                                                               \
        int status = check(card);                                                                                      \
        if (status != SUCCESS) return status;                                                                          \
    } while (0)

// What slices and the plain card do not tell.
#define ONLY_FULL(card)                                                                                                \
    do {                                                                                                               \
        CHECK(card);                                                                                                   \
        if (card->is_slice || card->index == 1) return NOT_SUPPORTED;                                                  \
    } while (0)

static int text(const char *value, char *buffer, number length) {
    if (strlen(value) >= length) return INSUFFICIENT_SIZE;
    strcpy(buffer, value);
    return SUCCESS;
}

int nvmlInit_v2(void) {
    note(FAKE_DIRECTORY "/inits");
    FILE *file = fopen(FAKE_DIRECTORY "/init", "r");
    if (file == NULL) return SUCCESS;
    int status = SUCCESS;
    if (fscanf(file, "%d", &status) != 1) status = SUCCESS;
    fclose(file);
    return status;
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int status) { return status == 999 ? "Unknown Error" : "Another Error"; }

int nvmlSystemGetNVMLVersion(char *buffer, number length) { return text("12.550.54.15", buffer, length); }
int nvmlSystemGetDriverVersion(char *buffer, number length) { return text("550.54.15", buffer, length); }
int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    *version = 12040;
    return SUCCESS;
}

int nvmlDeviceGetCount_v2(number *count) {
    *count = THERE("gone1") ? 1 : 2;
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(number index, device *card) {
    if (index > 1) return INVALID_ARGUMENT;
    *card = &cards[index];
    return check(*card);
}

int nvmlDeviceGetUUID(device card, char *buffer, number length) {
    CHECK(card);
    static const char *const uuids[] = {"GPU-00000000-0000-0000-0000-00000000000a", "GPU-00000000-0000-0000-0000-00000000000b"};
    static const char *const parts[] = {"MIG-00000000-0000-0000-0000-000000000001", "", "MIG-00000000-0000-0000-0000-000000000003"};
    return text(card->is_slice ? parts[card->index] : uuids[card->index], buffer, length);
}

int nvmlDeviceGetName(device card, char *buffer, number length) {
    CHECK(card);
    if (card->is_slice) return text("Fake H100 MIG 1g.10gb", buffer, length);
    return text(card->index == 0 ? "Fake H100" : "Fake \"1030\"", buffer, length);
}

int nvmlDeviceGetPciInfo_v3(device card, pci *info) {
    CHECK(card);
    memset(info, 0, sizeof *info);
    return text(card->index == 0 ? "00000000:41:00.0" : "00000000:C1:00.0", info->busId, sizeof info->busId);
}

int nvmlDeviceGetUtilizationRates(device card, utilization *value) {
    ONLY_FULL(card);
    // The driver cannot tell whose work it is that the card does.
    if (THERE("sliced0")) return NOT_SUPPORTED;
    value->gpu = 93;
    value->memory = 41;
    return SUCCESS;
}

int nvmlDeviceGetMemoryInfo_v2(device card, memory_v2 *value) {
    CHECK(card);
    if (THERE("old")) return FUNCTION_NOT_FOUND;
    if (value->version != (sizeof *value | 2 << 24)) return ARGUMENT_VERSION_MISMATCH;
    value->total = card->is_slice ? 10000000000 : 80000000000;
    value->reserved = 500000000;
    value->used = card->is_slice ? 1000000000 : 60000000000;
    value->free = value->total - value->reserved - value->used;
    return SUCCESS;
}

int nvmlDeviceGetMemoryInfo(device card, memory *value) {
    CHECK(card);
    value->total = card->is_slice ? 10000000000 : 80000000000;
    value->used = card->is_slice ? 1500000000 : 60500000000;
    value->free = value->total - value->used;
    return SUCCESS;
}

int nvmlDeviceGetTemperature(device card, number sensor, number *value) {
    CHECK(card);
    if (sensor != 0) return INVALID_ARGUMENT;
    note(FAKE_DIRECTORY "/questions");
    int pipe = card->index == 0 ? open(FAKE_DIRECTORY "/hang", O_RDONLY) : -1;
    if (pipe >= 0) {
        char byte;
        (void)!read(pipe, &byte, 1);
        close(pipe);
    }
    *value = card->index == 0 ? 71 : 86;
    return SUCCESS;
}

int nvmlDeviceGetPowerUsage(device card, number *value) {
    ONLY_FULL(card);
    *value = 612345;
    return SUCCESS;
}

int nvmlDeviceGetEnforcedPowerLimit(device card, number *value) {
    ONLY_FULL(card);
    *value = 700000;
    return SUCCESS;
}

int nvmlDeviceGetClockInfo(device card, number clock, number *value) {
    ONLY_FULL(card);
    if (clock != 1 && clock != 2) return INVALID_ARGUMENT;
    *value = clock == 1 ? 1980 : 2619;
    return SUCCESS;
}

// Idle, power cap, hardware thermal slowdown.
int nvmlDeviceGetCurrentClocksThrottleReasons(device card, wide *value) {
    ONLY_FULL(card);
    *value = 0x1 | 0x4 | 0x40;
    return SUCCESS;
}

int nvmlDeviceGetPcieThroughput(device card, number counter, number *value) {
    ONLY_FULL(card);
    if (counter > 1) return INVALID_ARGUMENT;
    *value = counter == 0 ? 1000 : 25000;
    return SUCCESS;
}

int nvmlDeviceGetTotalEccErrors(device card, number type, number counter, wide *value) {
    ONLY_FULL(card);
    if (type > 1 || counter != 0) return INVALID_ARGUMENT;
    *value = type == 0 ? 5000000000 : 2;
    return SUCCESS;
}

int nvmlDeviceGetMigMode(device card, number *current, number *pending) {
    ONLY_FULL(card);
    *current = THERE("sliced0");
    *pending = THERE("sliced0");
    return SUCCESS;
}

int nvmlDeviceGetMaxMigDeviceCount(device card, number *count) {
    ONLY_FULL(card);
    *count = THERE("sliced0") ? 7 : 0;
    return SUCCESS;
}

int nvmlDeviceGetMigDeviceHandleByIndex(device card, number index, device *slice) {
    ONLY_FULL(card);
    if (index != 0 && index != 2) return NOT_FOUND;
    *slice = &slices[index == 2];
    return SUCCESS;
}
