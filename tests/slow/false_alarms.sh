#!/bin/bash
# Slow (label `slow`, only with ctest -C slow): today against today of the toy town with PAIRS (200) disjoint pairs of seeds, five
# replications each. The verdict must be above ("exceeds") or strictly below in at most 5 % of them. Seeds share no draws here, so
# this is the statistics without the help of common random numbers. Environment also: JOBS (2) runs at a time, KEEP = folder
# whose finished runs are used again.
set -euo pipefail
: "${VESTSIM:?the program}" "${VESTSIM_SOURCE_DIR:?the root of the sources}"
pairs=${PAIRS:-200}
folder=${KEEP:-$(mktemp -d)}
[ -n "${KEEP:-}" ] || trap 'rm -rf "$folder"' EXIT
export folder VESTSIM VESTSIM_SOURCE_DIR
one() {
    [ -s "$folder/$1.h5" ] || "$VESTSIM" run "$VESTSIM_SOURCE_DIR/scenarios/toy/toy.yaml" --set 'years=[]' --set 'programme=[]' \
        --set 'measures=[]' --seed "$1" --replications 5 --threads 1 --quiet -o "$folder/$1.h5" >/dev/null || [ $? -eq 3 ]
}
export -f one
seq 1 $((2 * pairs)) | xargs -P "${JOBS:-2}" -I{} bash -c 'one {}'
for i in $(seq 1 2 $((2 * pairs))); do
    "$VESTSIM" compare "$folder/$i.h5" "$folder/$((i + 1)).h5" --format csv 2>/dev/null
done >"$folder/all.csv"
/usr/bin/python3 - "$folder/all.csv" "$pairs" <<'PY'
import csv, sys

rows = [r for r in csv.reader(open(sys.argv[1])) if r[0] == "2023"]
pairs, failed = int(sys.argv[2]), False
for indicator in ("car_km_sentrum", "cordon_cars", "car_km_resident"):
    shown = [r[-1] for r in rows if r[1] == indicator]
    assert len(shown) == pairs, (indicator, len(shown))
    alarms = shown.count("higher") + shown.count("lower")
    print(f"{indicator}: {shown.count('higher')} higher, {shown.count('lower')} lower of {pairs} pairs of seeds: {100 * alarms / pairs:.1f} %")
    failed = failed or alarms > 0.05 * pairs
sys.exit(failed)
PY
