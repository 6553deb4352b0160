#!/bin/bash
# Makes guide, or goes on with it: from where the last run here stopped (.guide/checkpoint.pt), else from the shipped
# guide.gguf; from nothing with FRESH=1. TOKENS (millions, earlier ones included) and DEVICE may be set.
set -euo pipefail
cd "$(dirname "$0")/.."
export TRANSFORMERS_VERBOSITY=error

python=.guide/venv/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv .guide/venv
    "$python" -m pip install --quiet -r Guide/requirements.txt
fi

if [ "${FRESH:-0}" = 1 ]; then
    rm -f .guide/checkpoint.pt
    "$python" Guide/tokenizer.py .guide
elif [ ! -f .guide/checkpoint.pt ]; then
    "$python" Guide/resume.py .guide
fi
"$python" Guide/train.py .guide --million-tokens "${TOKENS:-60}" --device "${DEVICE:-cpu}"
"$python" Guide/export.py .guide
"$python" Guide/evaluate.py .guide
