#!/bin/bash
# compare: every difference and interval against values computed in Python from the files' replications; formats; what is refused and
# warned about; damaged files.
. "$(dirname "$0")/lib.sh"
python_or_skip
/usr/bin/python3 -c 'import h5py' 2>/dev/null || { echo "skipped: no h5py"; exit 77; }

small=(--set scale=0.3 --set convergence.gap_max_pct=100 --set convergence.share_change_max_point=100 --quiet)
expect 0 run "$toy" "${small[@]}" --replications 6 -o a.h5
expect 0 run "$toy" "${small[@]}" --replications 5 --set choice.car_cost_nok_per_km=2.4 -o "b,2.h5"
expect 0 run "$toy" "${small[@]}" --replications 1 --seed 9 -o one.h5

expect 0 compare a.h5 b,2.h5 one.h5 --format json
cp out ab.json
says err "b,2.h5 has 5 replications, a.h5 6: the first 5 are compared"
says err "one.h5 has seed 9, a.h5 1"
says err "differ today already"
expect 0 compare a.h5 b,2.h5 one.h5 --format csv
cp out ab.csv
/usr/bin/python3 "$VESTSIM_SOURCE_DIR/tests/cli/compare_values.py" ab.json ab.csv a.h5 "b,2.h5" one.h5 || fail "the values of compare"

LC_ALL=C expect 0 compare a.h5 b,2.h5 one.h5
says out "A   a.h5  (base)"
says out "2030: B against A, 5 pairs"
says out "2030: C against A, 1 pair (one pair gives no interval)"
says out "warning: one.h5 has seed 9"
says out "Traffic index, method from 2027"
grep -q $'\033' out && fail "colours in the output"
[ "$(awk '{ if (length($0) > w) w = length($0) } END { print w }' <(grep -v '^warning\|^Intervals\|^ *toy:' out))" -le 126 ] || fail "a table is too wide"

# a file against itself is equal in everything
expect 0 compare a.h5 a.h5 --format json
python3 -c 'import json
for y in json.load(open("out"))["years"]:
    for name, i in y["indicators"].items():
        assert i["differences"][0]["shown"] == "equal", name' || fail "a file differs from itself"

# bad input
expect_error 1 "is missing" compare a.h5
expect_error 1 "write text, csv or json" compare a.h5 a.h5 --format xml
expect_error 2 "nothing.h5" compare a.h5 nothing.h5
head -c 5000 a.h5 >cut.h5
expect_error 2 "cut.h5" compare a.h5 cut.h5
expect_error 2 "not an HDF5 file" compare "$toy" a.h5
expect 0 run "$toy" "${small[@]}" --replications 1 --years 2031 -o other.h5
expect_error 2 "no year after today in common" compare a.h5 other.h5
sed 's/^today_year: 2023/today_year: 2022/' "$toy" >"$work/town.yaml"
folder=$(dirname "$toy")
for name in network gtfs zones.csv places.csv areas.csv counts.csv flows.csv profiles.csv household_seed.csv margins.csv; do ln -s "$folder/$name" "$work/$name"; done
expect 0 run town.yaml "${small[@]}" --replications 1 -o before.h5
expect_error 2 "calls 2022 today" compare a.h5 before.h5
rm zones.csv
sed 's/^\([a-z]*\)nord,/\1nord,/; s/^//' "$folder/zones.csv" | sed '2s/^[^,]*/renamed/' >zones.csv
first=$(sed -n '2s/,.*//p' "$folder/zones.csv")
rm places.csv
sed "s/,$first,/,renamed,/" "$folder/places.csv" >places.csv
sed -i 's/^today_year: 2022/today_year: 2023/' town.yaml
expect 0 run town.yaml "${small[@]}" --replications 1 -o renamed.h5
expect_error 2 "has other zones" compare a.h5 renamed.h5
