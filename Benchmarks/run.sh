#!/usr/bin/env bash
# Hadal beside llama.cpp on one synthetic checkpoint, alternating, on this machine: `make bench` or
#   SHAPE=r1-distill-qwen-1.5b FORMATS="q8_0 q4_0" ROUNDS=5 Benchmarks/run.sh
# The peer's Python environment is made once in .venv-peers (llama-cpp-python is compiled for this machine: ten minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
hadal=.build/release/hadal
shape=${SHAPE:-r1-distill-qwen-1.5b}
rounds=${ROUNDS:-5}
threads=${HADAL_THREADS:-$(nproc)}
place=${PLACE:-/tmp/hadal-bench}
python=${PEER_PYTHON:-.venv-peers/bin/python}

if [ ! -x "$python" ]; then
    python3 -m venv .venv-peers
    CMAKE_ARGS=-DGGML_NATIVE=ON .venv-peers/bin/pip install --quiet 'llama-cpp-python==0.3.36'
fi
mkdir -p "$place"
export HADAL_THREADS=$threads

for format in ${FORMATS:-q8_0 q4_0}; do
    file=$place/$shape-$format.gguf
    [ -e "$file" ] || "$hadal" bench synth "$shape" "$file" --format "$format"
    echo "## $shape $format, $threads threads, $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2)"
    for ((round = 1; round <= rounds; round++)); do
        "$hadal" bench engine "$file" --prefill 512 --decode 64 --batch 1 --json
        "$python" Benchmarks/peer_llama_cpp.py "$file" --threads "$threads" --repeat 1
    done
done
