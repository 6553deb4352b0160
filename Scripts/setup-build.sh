#!/usr/bin/env bash
# Installs what a build needs beside Swift: SQLite, in which users, keys and usage are kept.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! echo '#include <sqlite3.h>' | clang -E -x c - >/dev/null 2>&1; then
    Scripts/install-packages.sh "building needs SQLite's header" libsqlite3-dev
fi
