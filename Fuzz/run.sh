#!/bin/sh
# Builds the parsers with libFuzzer and AddressSanitizer and runs them.
#
#   Fuzz/run.sh                      each parser for 60 seconds
#   Fuzz/run.sh gguf 600             one parser for 600 seconds
#
# Inputs that crash are left in Fuzz/Corpus/PARSER/crash-…: fix the parser and commit the file; the tests of
# HadalCheckpoint and HadalTemplates run all of Fuzz/Corpus ever after. What the fuzzer learns meanwhile goes to .build/fuzz.
set -eu
cd "$(dirname "$0")/.."
build=$PWD/.build/fuzz
seconds=${2:-60}
mkdir -p "$build"

clang=${CLANG:-$(dirname "$(command -v swiftc)")/clang}
for source in Sources/HadalKernels/formats*.c; do
    "$clang" -std=gnu17 -O1 -g -ffp-contract=off -fsanitize=address,fuzzer-no-link \
        -ISources/HadalKernels/include -c "$source" -o "$build/$(basename "$source" .c).o"
done
printf 'module HadalKernels { umbrella header "%s/Sources/HadalKernels/include/HadalKernels.h" export * }\n' "$PWD" \
    > "$build/module.modulemap"

compile() { # MODULE
    swiftc -swift-version 6 -O -g -wmo -parse-as-library -sanitize=fuzzer,address -enable-upcoming-feature ExistentialAny \
        -enable-upcoming-feature MemberImportVisibility -I "$build" -module-name "$1" \
        -emit-module -emit-module-path "$build/$1.swiftmodule" -c -o "$build/$1.o" $(find Sources/"$1" -name '*.swift')
}
compile HadalJSON
compile HadalCheckpoint
compile HadalTemplates

for parser in ${1:-gguf safetensors json answer}; do
    name=$(echo "$parser" | tr a-z A-Z)
    swiftc -swift-version 6 -O -g -parse-as-library -sanitize=fuzzer,address -I "$build" -D "$name" \
        Fuzz/entry.swift Tests/HadalCheckpointTests/Fuzzing.swift Tests/HadalTemplatesTests/AnswerFuzzing.swift "$build"/*.o \
        -o "$build/fuzz-$parser" 2> "$build/link.log" || { cat "$build/link.log" >&2; exit 1; }
    mkdir -p "$build/corpus-$parser" "Fuzz/Corpus/$parser"
    seeds=$PWD/../shared/data/security/malformed/$parser
    [ -d "$seeds" ] || seeds=
    echo "$parser: $seconds seconds"
    "$build/fuzz-$parser" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -malloc_limit_mb=512 -print_final_stats=1 -print_funcs=0 -verbosity=0 \
        -artifact_prefix="Fuzz/Corpus/$parser/" "$build/corpus-$parser" "Fuzz/Corpus/$parser" ${seeds:+"$seeds"}
done
