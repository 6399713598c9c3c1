#!/usr/bin/env bash
# Every C file is as clang-format 14 lays it out (.clang-format). Skipped (77) where clang-format 14 is not installed.
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 1
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format not found: skipped"; exit 77; }
"$tool" --version | grep -q ' 14\.' || { echo "clang-format 14 wanted, found $("$tool" --version): skipped"; exit 77; }
find sim include tests -name '*.[ch]' -print0 | xargs -0 "$tool" --dry-run -Werror || { echo "run: clang-format -i on the files above"; exit 1; }
echo "format ok"
