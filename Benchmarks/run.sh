#!/usr/bin/env bash
# Hadal beside llama.cpp on synthetic checkpoints: `make bench`, or for example
#   SHAPE=v2-lite FORMATS=q4_0 Benchmarks/run.sh --rounds 3 --batch 1,32
# The peer's Python environment is made once in .venv-peers (llama-cpp-python is compiled for this machine: ten minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
shape=${SHAPE:-r1-distill-qwen-1.5b}
place=${PLACE:-/tmp/hadal-bench}
python=${PEER_PYTHON:-.venv-peers/bin/python}

if [ ! -x "$python" ]; then
    python3 -m venv .venv-peers
    CMAKE_ARGS=-DGGML_NATIVE=ON .venv-peers/bin/pip install --quiet 'llama-cpp-python==0.3.36'
fi
mkdir -p "$place"
files=()
for format in ${FORMATS:-q8_0 q4_0}; do
    file=$place/$shape-$format.gguf
    [ -e "$file" ] || .build/release/hadal bench synth "$shape" "$file" --format "$format"
    files+=("$file")
done
grep -m1 'model name' /proc/cpuinfo
"$python" Benchmarks/compare-llama-cpp "${files[@]}" "$@"
