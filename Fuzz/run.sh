#!/bin/sh
# Builds the parsers with libFuzzer and AddressSanitizer and runs them.
#
#   Fuzz/run.sh                      each parser for 60 seconds
#   Fuzz/run.sh gguf 600             one parser for 600 seconds
#
# gguf, safetensors, json and answer need nothing else. yaml (the configuration), address, token (JWT), keyset (JWK sets),
# header (of encrypted files) and keys (keys.json) are linked with the packages of a release build: `make build` first.
#
# Inputs that crash are left in Fuzz/Corpus/PARSER/crash-…: fix the parser and commit the file; the tests of its module run
# all of Fuzz/Corpus ever after. What the fuzzer learns meanwhile goes to .build/fuzz.
set -eu
cd "$(dirname "$0")/.."
build=$PWD/.build/fuzz
release=$PWD/.build/release
seconds=${2:-60}
mkdir -p "$build"
flags="-swift-version 6 -O -g -parse-as-library -sanitize=fuzzer,address -enable-upcoming-feature ExistentialAny \
    -enable-upcoming-feature MemberImportVisibility -I $build"

compile() { # MODULE FLAG...
    module=$1
    shift
    swiftc $flags "$@" -wmo -enable-testing -package-name hadal -module-name "$module" -emit-module \
        -emit-module-path "$build/$module.swiftmodule" -c -o "$build/$module.o" $(find Sources/"$module" -name '*.swift')
}

# The modules of packages, and all that they consist of.
packages() {
    [ -d "$release/Modules" ] || { echo "this parser needs the packages of a release build: run make build" >&2; exit 1; }
    package_flags="-I $release/Modules"
    for map in "$release"/*.build/module.modulemap .build/checkouts/*/Sources/*/module.modulemap \
        .build/checkouts/*/Sources/*/include/module.modulemap; do
        [ ! -f "$map" ] || package_flags="$package_flags -Xcc -fmodule-map-file=$map"
    done
    rm -f "$build/packages.a"
    for directory in "$release"/*.build; do
        case $(basename "$directory" .build) in
        Hadal | Hadal[A-OQ-Z]* | HadalPackage* | hadal* | *Tests | *TestKit | *TestUtils | *Testing | *-tool | TestSupport | \
            TerminalProbe | Performance* | generate* | NIO*Server | NIO*Client) ;;
        *) find "$directory" -name '*.o' -print0 | xargs -0 -r ar qcsP "$build/packages.a" ;;
        esac
    done
}

kernels() {
    clang=${CLANG:-$(dirname "$(command -v swiftc)")/clang}
    for source in Sources/HadalKernels/formats*.c; do
        "$clang" -std=gnu17 -O1 -g -ffp-contract=off -fsanitize=address,fuzzer-no-link \
            -ISources/HadalKernels/include -c "$source" -o "$build/$(basename "$source" .c).o"
    done
    printf 'module HadalKernels { umbrella header "%s/Sources/HadalKernels/include/HadalKernels.h" export * }\n' "$PWD" \
        > "$build/module.modulemap"
}

link() { # PARSER FILE...
    parser=$1
    shift
    swiftc $flags -D "$(echo "$parser" | tr a-z A-Z)" Fuzz/entry.swift "$@" -o "$build/fuzz-$parser" \
        2> "$build/link.log" || { cat "$build/link.log" >&2; exit 1; }
}

# Builds what a parser needs that is not there yet.
make() { # PARSER
    case $1 in
    gguf | safetensors | json | answer)
        [ -n "${has_files-}" ] || { kernels; compile HadalCheckpoint; compile HadalTemplates; has_files=yes; }
        link "$1" Tests/HadalCheckpointTests/Fuzzing.swift Tests/HadalTemplatesTests/AnswerFuzzing.swift \
            "$build"/formats*.o "$build"/HadalJSON.o "$build"/HadalCheckpoint.o "$build"/HadalTemplates.o
        return
        ;;
    yaml) module=HadalConfiguration source=Tests/HadalConfigurationTests/ConfigurationFuzzing.swift ;;
    address | token | keyset) module=HadalAccess source=Tests/HadalAccessTests/AccessFuzzing.swift ;;
    header | keys) module=HadalSecrets source=Tests/HadalSecretsTests/SecretsFuzzing.swift ;;
    *) echo "there is no parser '$1'" >&2; exit 1 ;;
    esac
    [ -n "${package_flags-}" ] || packages
    [ "${has_module-}" = "$module" ] || compile "$module" $package_flags
    has_module=$module
    link "$1" "$source" $package_flags "$build"/HadalJSON.o "$build/$module.o" -Xlinker --start-group \
        "$build/packages.a" -Xlinker --end-group -lsqlite3 -lz -lstdc++
}

compile HadalJSON
for parser in ${1:-gguf safetensors json answer yaml address token keyset header keys}; do
    make "$parser"
    mkdir -p "$build/corpus-$parser" "Fuzz/Corpus/$parser"
    seeds=$PWD/../shared/data/security/malformed/$parser
    [ -d "$seeds" ] || seeds=
    echo "$parser: $seconds seconds"
    "$build/fuzz-$parser" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -malloc_limit_mb=512 -print_final_stats=1 -print_funcs=0 -verbosity=0 \
        -artifact_prefix="Fuzz/Corpus/$parser/" "$build/corpus-$parser" "Fuzz/Corpus/$parser" ${seeds:+"$seeds"}
done
