#!/usr/bin/env bash
# Installs Debian packages: Scripts/install-packages.sh WHAT-FOR PACKAGE...
set -euo pipefail
purpose=$1
shift
install=(apt-get install -y --no-install-recommends "$@")
if [ "$(id -u)" -eq 0 ]; then
    apt-get update -q && "${install[@]}"
elif command -v sudo >/dev/null; then
    sudo apt-get update -q && sudo "${install[@]}"
else
    echo "error: $purpose; as root: ${install[*]}" >&2
    exit 1
fi
