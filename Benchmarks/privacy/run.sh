#!/bin/sh
# Builds the measuring program of HadalPrivacy apart from the server, in seconds, and runs it (see main.swift).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${TMPDIR:-/tmp}/hadal-privacy-benchmark
mkdir -p "$build/Sources"
for target in HadalJSON HadalText HadalPrivacy; do ln -sfn "$here/../../Sources/$target" "$build/Sources/$target"; done
ln -sfn "$here" "$build/Sources/Measure"
cat > "$build/Package.swift" <<'SWIFT'
// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "measure",
    targets: [
        .target(name: "HadalJSON"), .target(name: "HadalText"),
        .target(name: "HadalPrivacy", dependencies: ["HadalJSON", "HadalText"]),
        .executableTarget(
            name: "Measure", dependencies: ["HadalPrivacy", "HadalText", "HadalJSON"], exclude: ["run.sh"]),
    ])
SWIFT
swift build --package-path "$build" -c release -j 1 --quiet
HADAL_SHARED_DATA=${HADAL_SHARED_DATA:-$here/../../../shared/data}
export HADAL_SHARED_DATA
exec "$build/.build/release/Measure" "$@"
