#!/bin/bash
# The results file opens in xarray without glue, every group, both engines.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
[ -x "$python" ] || { echo "skipped: no $python"; exit 77; }
"$python" -c 'import xarray, netCDF4, h5netcdf' 2>/dev/null || { echo "skipped: no xarray, netCDF4, h5netcdf"; exit 77; }
expect 0 run "$toy" "${short[@]}" --quiet -o full.h5
printf 'based_on: %s\nyears: []\nmeasures: []\nprogramme: []\n' "$toy" >today.yaml
expect 0 run today.yaml "${short[@]}" --quiet -o today.h5
"$python" "$VESTSIM_SOURCE_DIR/tests/cli/xarray_groups.py" full.h5 today.h5 || fail "xarray cannot read the results"
