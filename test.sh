#!/usr/bin/env bash
# Installs what the tests need, builds every variant with warnings as errors and runs every test:
#   release (gcc): all tests · asan: all tests again under AddressSanitizer and UBSan · clang, fast, debug: the same results
#   as release, byte for byte · tsan (clang): the determinism tests without a report. Safe to run again.
# Usage: ./test.sh [quick]   quick = the release tests only
set -euo pipefail
cd "$(dirname "$0")"
. .ci/packages.sh
export VESTSIM_CASES="${VESTSIM_CASES:-$PWD/../shared/cases}"
export CTEST_OUTPUT_ON_FAILURE=1
jobs=$(nproc)
failed=""

step() {
    echo
    echo "== $*"
}

# shellcheck disable=SC2086
need_packages $PACKAGES_BUILD $PACKAGES_TEST

step "release (gcc): all tests"
build_preset release
ctest --test-dir build/release --output-on-failure -j "$jobs" || failed="$failed release"

if [ "${1:-}" != quick ]; then
    step "address and undefined-behaviour sanitizers: all tests but the lints"
    build_preset asan
    ctest --test-dir build/asan --output-on-failure -j "$jobs" -LE lint || failed="$failed asan"

    step "gcc, clang, debug and fast builds: same results, byte for byte"
    build_preset clang
    build_preset fast
    build_preset debug
    tests/determinism/builds.sh build/release build/clang build/fast build/debug || failed="$failed builds"

    step "thread sanitizer (clang): determinism tests and a planted race"
    build_preset tsan
    tests/determinism/tsan.sh build/tsan || failed="$failed tsan"
fi

echo
if [ -n "$failed" ]; then
    echo "FAILED:$failed"
    exit 1
fi
echo "All tests passed."
