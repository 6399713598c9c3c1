#!/usr/bin/env bash
# ThreadSanitizer (clang, with the OpenMP tool libarcher) reports nothing on the parallel tests and a toy run, and does
# report a race planted on purpose. Usage: tsan.sh BUILD_FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build="$root/$1"
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1 exitcode=66"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if "$build/tests/planted_race" >"$folder/race.log" 2>&1; then
    echo "the planted race was not reported: ThreadSanitizer proves nothing here"
    exit 1
fi
grep -q "data race" "$folder/race.log" || { cat "$folder/race.log"; exit 1; }
echo "planted race: reported"
ctest --test-dir "$build" --output-on-failure -L tsan
"$build/vestsim" run "$root/scenarios/toy/toy.yaml" -o "$folder/toy.h5" --threads 3 --quiet >/dev/null || [ $? -eq 3 ]
"$build/vestsim" ceiling "$root/scenarios/toy/toy.yaml" --threads 3 -r 3 --max 60 --set scale=0.3 --quiet >/dev/null || [ $? -eq 3 ]
echo "toy run with 3 threads: no report"
