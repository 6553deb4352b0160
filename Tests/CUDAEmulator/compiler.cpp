// NVRTC's functions. Nothing is compiled: what is checked is that a program's includes are there, and its "image" is the list
// of its kernels, which were compiled into the emulator from the same files.
#include <cstring>
#include <map>
#include <sstream>

#include "device.h"

namespace emulation {

namespace {

// Numbers of nvrtcResult.
enum : int { ok = 0, invalid_input = 3, invalid_program = 4, invalid_option = 5, compilation = 6 };

struct Program {
    std::string name, source, log, image;
    std::map<std::string, std::string> headers;

    // Appends what is wrong to the log.
    void check(const std::string &file, const std::string &text) {
        std::istringstream lines(text);
        std::string line;
        for (int number = 1; std::getline(lines, line); number++) {
            auto complain = [&](const std::string &what) {
                log += file + "(" + std::to_string(number) + "): error: " + what + "\n";
            };
            if (line.rfind("#error", 0) == 0 && file == name) complain(line);
            if (line.rfind("#include \"", 0) != 0) continue;
            std::string header = line.substr(10, line.find('"', 10) - 10);
            auto found = headers.find(header);
            if (found == headers.end()) {
                complain("could not open source file \"" + header + "\"");
            } else if (std::string body = std::move(found->second); !body.empty()) {
                found->second.clear();  // once
                check(header, body);
            }
        }
    }

    void find_kernels() {
        image = image_mark;
        const std::string begin = "\nHADAL_KERNEL(";
        for (size_t at = 0; (at = source.find(begin, at)) != std::string::npos;) {
            at += begin.size();
            image += source.substr(at, source.find(',', at) - at) + "\n";
        }
    }
};

int nvrtcVersion(int *major, int *minor) {
    *major = 12;
    *minor = 9;
    return ok;
}

int nvrtcCreateProgram(
    Program **program, const char *source, const char *name, int count, const char *const *headers,
    const char *const *names)
{
    if (!program || !source || count < 0) return invalid_input;
    auto made = new Program{name ? name : "default_program", source, "", "", {}};
    for (int i = 0; i < count; i++) made->headers[names[i]] = headers[i];
    *program = made;
    return ok;
}

int nvrtcDestroyProgram(Program **program) {
    if (!program || !*program) return invalid_program;
    delete *program;
    *program = nullptr;
    return ok;
}

int nvrtcCompileProgram(Program *program, int count, const char *const *options) {
    if (!program) return invalid_program;
    bool isForDevice = false;
    for (int i = 0; i < count; i++) {
        if (options[i][0] != '-') {
            program->log = std::string("nvrtc: error: invalid value for --option: ") + options[i] + "\n";
            return invalid_option;
        }
        isForDevice |= strstr(options[i], "=sm_") != nullptr;
    }
    program->check(program->name, program->source);
    if (!program->log.empty()) return compilation;
    if (isForDevice) program->find_kernels();
    return ok;
}

int nvrtcGetProgramLogSize(Program *program, size_t *bytes) {
    *bytes = program->log.size() + 1;
    return ok;
}

int nvrtcGetProgramLog(Program *program, char *log) {
    memcpy(log, program->log.c_str(), program->log.size() + 1);
    return ok;
}

// 0 where the architecture was a virtual one (compute_…).
int nvrtcGetCUBINSize(Program *program, size_t *bytes) {
    *bytes = program->image.empty() ? 0 : program->image.size() + 1;
    return ok;
}

int nvrtcGetCUBIN(Program *program, char *image) {
    memcpy(image, program->image.c_str(), program->image.size() + 1);
    return ok;
}

const char *nvrtcGetErrorString(int result) {
    switch (result) {
    case ok: return "NVRTC_SUCCESS";
    case invalid_input: return "NVRTC_ERROR_INVALID_INPUT";
    case invalid_program: return "NVRTC_ERROR_INVALID_PROGRAM";
    case invalid_option: return "NVRTC_ERROR_INVALID_OPTION";
    case compilation: return "NVRTC_ERROR_COMPILATION";
    }
    return "NVRTC_ERROR unknown";
}

}  // namespace

const std::vector<Symbol> compiler_symbols = {
    {"nvrtcVersion", (void *)nvrtcVersion},
    {"nvrtcCreateProgram", (void *)nvrtcCreateProgram},
    {"nvrtcDestroyProgram", (void *)nvrtcDestroyProgram},
    {"nvrtcCompileProgram", (void *)nvrtcCompileProgram},
    {"nvrtcGetProgramLogSize", (void *)nvrtcGetProgramLogSize},
    {"nvrtcGetProgramLog", (void *)nvrtcGetProgramLog},
    {"nvrtcGetCUBINSize", (void *)nvrtcGetCUBINSize},
    {"nvrtcGetCUBIN", (void *)nvrtcGetCUBIN},
    {"nvrtcGetPTXSize", (void *)nvrtcGetCUBINSize},
    {"nvrtcGetPTX", (void *)nvrtcGetCUBIN},
    {"nvrtcGetErrorString", (void *)nvrtcGetErrorString},
};

}  // namespace emulation
