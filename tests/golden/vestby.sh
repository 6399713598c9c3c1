#!/usr/bin/env bash
# Vestby's base year is plausible before calibration (issue A): trips a person 2.4-3.0, car-driver share 50-70 %, afternoon
# peak hour 8-11 % of the day, relative gap under 1 %, stuck vehicles under 0.1 %. Prints counts against the model.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$VESTSIM" check "$VESTSIM_SOURCE_DIR/scenarios/vestby/programme-2040.yaml" >"$folder/check.txt"
"$VESTSIM" run "$VESTSIM_SOURCE_DIR/scenarios/vestby/today.yaml" -o "$folder/today.h5" --replications 2 --format json --quiet \
    >"$folder/today.json"
/usr/bin/python3 "$VESTSIM_SOURCE_DIR/tests/golden/vestby_plausible.py" "$folder/today.json" "$folder/today.h5"
