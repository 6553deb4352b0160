#!/bin/bash
# Makes guide from nothing, or goes on where the last run stopped (.guide/checkpoint.pt). MINUTES and DEVICE may be set.
set -euo pipefail
cd "$(dirname "$0")/.."
export TRANSFORMERS_VERBOSITY=error

python=.guide/venv/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv .guide/venv
    extra=()
    [ "${DEVICE:-cpu}" = cpu ] && extra=(--extra-index-url https://download.pytorch.org/whl/cpu)
    "$python" -m pip install --quiet "${extra[@]}" -r Guide/requirements.txt
fi

[ -f .guide/tokenizer.json ] || "$python" Guide/tokenizer.py .guide
"$python" Guide/train.py .guide --minutes "${MINUTES:-150}" --device "${DEVICE:-cpu}"
"$python" Guide/export.py .guide
"$python" Guide/evaluate.py .guide
