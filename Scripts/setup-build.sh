#!/usr/bin/env bash
# Installs what a build needs beside Swift: SQLite, in which users, keys and usage are kept, and zstd, by which bundles of models
# are compressed.
set -euo pipefail
cd "$(dirname "$0")/.."
missing=()
for library in sqlite3:libsqlite3-dev zstd:libzstd-dev; do
    echo "#include <${library%:*}.h>" | clang -E -x c - >/dev/null 2>&1 || missing+=("${library#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
    Scripts/install-packages.sh "building needs headers of SQLite and zstd" "${missing[@]}"
fi
