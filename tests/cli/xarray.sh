#!/bin/bash
# The results file opens in xarray without glue, every group, both engines.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
[ -x "$python" ] || { echo "skipped: no $python"; exit 77; }
"$python" -c 'import xarray, netCDF4, h5netcdf, pandas' 2>/dev/null || { echo "skipped: no xarray, netCDF4, h5netcdf, pandas"; exit 77; }
expect 0 run "$toy" "${short[@]}" --quiet -o full.h5
printf 'based_on: %s\nyears: []\nmeasures: []\nprogramme: []\n' "$toy" >today.yaml
expect 0 run today.yaml "${short[@]}" --quiet -o today.h5
"$python" "$VESTSIM_SOURCE_DIR/tests/cli/xarray_groups.py" full.h5 today.h5 || fail "xarray cannot read the results"

# As a user would write it (README): one street's day.
"$python" - full.h5 <<'PY' || fail "the README's line on traffic does not work"
import sys
import xarray

vehicles = xarray.open_dataset(sys.argv[1], group="traffic")["vehicles"].sel(link="e11")
assert vehicles.dims == ("year", "class", "time"), vehicles.dims
assert float(vehicles.sel({"class": "car"}).sum()) > 0
assert vehicles.attrs["units"] == "1"
PY

# The tables of docs/formats.md are those of the file; the comparison must be able to fail, and --update must mend it.
tables=$VESTSIM_SOURCE_DIR/tests/lint/formats_tables.py
"$python" "$tables" full.h5 "$VESTSIM_SOURCE_DIR/docs/formats.md" >out 2>err || fail "docs/formats.md is not what is written"
sed 's/| float32 | km h-1 |/| float32 | m s-1 |/; /^### `\/areas`/,/^### `\/programme`/{/^### `\/programme`/!d}' \
    "$VESTSIM_SOURCE_DIR/docs/formats.md" >formats.md
"$python" "$tables" full.h5 formats.md >out 2>err && fail "a changed unit and a missing group were not seen"
says out "speed_kmh"
says out "/areas"
"$python" "$tables" full.h5 formats.md --update >out 2>err || fail "--update failed"
"$python" "$tables" full.h5 formats.md >out 2>err || fail "--update does not mend the tables"
