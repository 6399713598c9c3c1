#!/usr/bin/env bash
# Every build given gives the same results file on the toy town, also where the C library is kept from using FMA.
# Usage: builds.sh BUILD_FOLDER BUILD_FOLDER...
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
first=""
compare() { # name program
    "$2" run "$root/scenarios/toy/toy.yaml" -o "$folder/$1.h5" --threads 2 --quiet >/dev/null || [ $? -eq 3 ]
    if [ -z "$first" ]; then
        first="$1"
    elif cmp "$folder/$first.h5" "$folder/$1.h5"; then
        echo "same bytes: $1 and $first"
    else
        failed=1
    fi
}
for build in "$@"; do
    compare "$(basename "$build")" "$root/$build/vestsim"
done
export GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX2,-FMA
compare without-fma "$root/$1/vestsim"
exit "$failed"
