#!/usr/bin/env bash
# Compiles the kernels for 64-bit Arm and runs them under qemu-user beside the scalar ones: every result must have the
# same bits. Needs Debian's cross libraries and qemu, which it installs.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross)

if ! command -v qemu-aarch64 >/dev/null || ! command -v aarch64-linux-gnu-gcc >/dev/null; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "error: as root: apt-get install ${packages[*]}" >&2
        exit 1
    fi
    apt-get update -q
    apt-get install -q -y --no-install-recommends "${packages[@]}"
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# The flags of Package.swift.
clang --target=aarch64-linux-gnu --gcc-toolchain=/usr -fuse-ld=bfd -O3 -ffp-contract=off -Wall -Wextra -Werror \
    -I Sources/HadalKernels/include -I /usr/aarch64-linux-gnu/include -L /usr/aarch64-linux-gnu/lib \
    Sources/HadalKernels/*.c Scripts/neon/compare.c -o "$out/compare" -lm -lpthread
qemu-aarch64 -cpu max -L /usr/aarch64-linux-gnu "$out/compare"
