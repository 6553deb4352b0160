#!/usr/bin/env python3
"""Compiles Hadal's CUDA kernels with NVRTC, as the server does on a machine with a GPU; no GPU is needed.

usage: check-cuda-kernels.py [LIBRARY] [ARCHITECTURE…]     for example sm_80 sm_90a
       pip install nvidia-cuda-nvrtc-cu12 has the library, which is looked for in this Python's packages if none is named

Prints a line for each file and architecture: ok with its kernels' most registers and what they spill to memory, or the
compiler's log. Exit status 1 where one does not compile, warns, or spills more than 128 bytes a thread.
"""
import ctypes, glob, pathlib, re, site, sys

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "Sources/HadalCUDAKernels"
SPILL_MOST = 128


def find_library():
    for folder in site.getsitepackages() + [site.getusersitepackages()]:
        for name in glob.glob(folder + "/nvidia/**/libnvrtc.so.*", recursive=True):
            return name
    return "libnvrtc.so.12"


def compile_source(nvrtc, path, headers, architecture):
    """Whether it compiled, and the log."""
    program = ctypes.c_void_p()
    names = (ctypes.c_char_p * len(headers))(*[h.name.encode() for h in headers])
    texts = (ctypes.c_char_p * len(headers))(*[h.read_bytes() for h in headers])
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), path.read_bytes(), path.name.encode(), len(headers), texts, names)
    options = [f"--gpu-architecture={architecture}", "--std=c++17", "--fmad=false", "--ptxas-options=-v"]
    status = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*[o.encode() for o in options]))
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return status == 0, log.value.decode(errors="replace")


def report(path, architecture, compiled, log):
    """Prints the line; whether all is well."""
    spills = [int(n) for n in re.findall(r"(\d+) bytes spill stores", log)]
    registers = [int(n) for n in re.findall(r"Used (\d+) registers", log)]
    messages = "\n".join(line for line in log.splitlines() if "warning" in line or "error" in line)
    if not compiled or messages or max(spills, default=0) > SPILL_MOST:
        print(f"{path.name} {architecture}: failed\n{log if not compiled or messages else describe(log)}")
        return False
    print(f"{path.name} {architecture}: ok, up to {max(registers, default=0)} registers, {max(spills, default=0)} bytes spilled")
    return True


def describe(log):
    """A line for each kernel."""
    kernels = re.findall(r"'(hadal_\w+)'.*?(\d+) bytes spill stores.*?Used (\d+) registers", log, re.S)
    return "\n".join(f"  {name}: {registers} registers, {spilled} bytes spilled" for name, spilled, registers in kernels)


def main():
    arguments = sys.argv[1:]
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    verbose = "-v" in arguments
    arguments = [a for a in arguments if a != "-v"]
    library = arguments.pop(0) if arguments and not arguments[0].startswith("sm_") else find_library()
    try:
        nvrtc = ctypes.CDLL(library)
    except OSError as error:
        sys.exit(f"error: {error}\nhint: pip install nvidia-cuda-nvrtc-cu12, or name libnvrtc as the first argument")
    headers = sorted(SOURCES.glob("*.cuh")) + [SOURCES / "include/hadal_cuda.h"]
    isFine = True
    for path in sorted(SOURCES.glob("*.cu")):
        for architecture in arguments or ["sm_80", "sm_90a", "sm_100"]:
            compiled, log = compile_source(nvrtc, path, headers, architecture)
            isFine &= report(path, architecture, compiled, log)
            if verbose and compiled:
                print(describe(log))
    return 0 if isFine else 1


if __name__ == "__main__":
    sys.exit(main())
