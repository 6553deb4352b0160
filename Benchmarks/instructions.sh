#!/usr/bin/env bash
# Counts what the hot kernels execute, which no neighbour on the machine changes, and compares with instructions.txt:
#   Benchmarks/instructions.sh            # fails where a count has grown by more than 2 %
#   Benchmarks/instructions.sh --record   # writes instructions.txt
# The AVX2 kernels, for valgrind knows no AVX-512; all kernels are compiled from one source. Wants clang and valgrind.
set -euo pipefail
cd "$(dirname "$0")"
K=../Sources/HadalKernels
program=$(mktemp)
trap 'rm -f "$program" "$program".*' EXIT
clang -O2 -ffp-contract=off -Wno-psabi -I$K/include -I$K instructions.c $K/kernels_avx2.c $K/cache.c $K/repack.c $K/formats*.c -lm -o "$program"

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

failed=0
report() {
    echo "# instructions of one call; $(clang --version | head -1)"
    for name in q8_0-rows-1 q8_0-rows-12 q4_0-rows-1 q4_0-rows-12 q4_k-rows-12 q6_k-rows-12 bf16-rows-12 quantize-rows-12 attend-f16 \
        attend-int8 rms-norm softmax gated-silu; do
        few=$(count $name 2) many=$(count $name 12)
        echo "$name $(((many - few) / 10))"
    done
}
if [ "${1:-}" = --record ]; then
    report > "$program.txt"
    mv "$program.txt" instructions.txt
    exec cat instructions.txt
fi
while read -r name now; do
    [ "$name" = "#" ] && continue
    before=$(awk -v name="$name" '$1 == name { print $2 }' instructions.txt)
    [ -n "$before" ] || { echo "$name: no count in instructions.txt; --record makes one"; failed=1; continue; }
    change=$(awk -v a="$before" -v b="$now" 'BEGIN { printf "%+.1f", 100 * (b - a) / a }')
    echo "$name: $now ($change %)"
    if awk -v c="$change" 'BEGIN { exit !(c > 2) }'; then failed=1; fi
done < <(report)
exit $failed
