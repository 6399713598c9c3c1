#!/bin/bash
# The Python package in analysis/: its own tests, on results of the program under test.
: "${VESTSIM:?the program}" "${VESTSIM_SOURCE_DIR:?the root of the sources}"
python=/usr/bin/python3
"$python" -c 'import h5py, pandas, matplotlib, pytest' 2>/dev/null || { echo "skipped: no h5py, pandas, matplotlib, pytest"; exit 77; }
export PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR="${TMPDIR:-/tmp}"
exec "$python" -m pytest -q -p no:cacheprovider -W error::UserWarning "$VESTSIM_SOURCE_DIR/analysis/tests"
