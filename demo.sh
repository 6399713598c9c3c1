#!/usr/bin/env bash
# Builds Vestsim and runs Vestby's housing programme to 2040: ends with the verdict for each year in a plain sentence and
# says where the results lie. Safe to run again. Usage: ./demo.sh [options of `vestsim run`]
set -euo pipefail
cd "$(dirname "$0")"
. .ci/packages.sh

# shellcheck disable=SC2086
need_packages $PACKAGES_BUILD
echo "Building ..." >&2
build_preset demo
mkdir -p out
echo "Simulating Vestby today and with the programme's homes; this takes a minute or two ..." >&2
exec build/demo/vestsim run scenarios/vestby/programme-2040.yaml -o out/programme-2040.h5 "$@"
