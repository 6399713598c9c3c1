#!/bin/bash
# The shipped scenarios of Vestby: each says what it stands for, passes check, is named in the README, runs (a fiftieth of the
# travellers, one replication, the last year), and can be compared with growth.yaml.
. "$(dirname "$0")/lib.sh"
python_or_skip
vestby=$VESTSIM_SOURCE_DIR/scenarios/vestby
# A fiftieth of a bus is a place or two: places without limit, or some are left behind on every day.
small=(-r 1 --set scale=0.02 --set transit.bus_places=2000 --set transit.train_places=2000 --set convergence.iterations_max=15 --set convergence.gap_max_pct=100
    --set convergence.share_change_max_point=100 --quiet)
count=0
for file in "$vestby"/*.yaml; do
    name=$(basename "$file" .yaml)
    [ "$(sed -n '1,/^title:/p' "$file" | grep -c '^# ')" -ge 3 ] || fail "$name.yaml does not begin with a paragraph"
    grep -q -F "\`$name.yaml\`" "$vestby/README.md" || fail "README.md does not name $name.yaml"
    expect 0 check "$file"
    says out "no errors"
    years=(--years 2040)
    [ "$name" = today ] && years=()
    expect 0 run "$file" "${small[@]}" "${years[@]}" --format json -o "$name.h5"
    cp out "$name.json"
    count=$((count + 1))
done
[ $count -ge 12 ] || fail "only $count scenarios"
for name in plan programme-2040 parking cycle-town transit e6-junction freight-rail housing-low housing-high holiday-homes ageing; do
    expect 0 compare growth.h5 "$name.h5" --format json
done
# Frequencies, a bus lane, holiday homes and later margins: the same bytes with one thread and with two.
for name in transit holiday-homes ageing; do
    expect 0 run "$vestby/$name.yaml" "${small[@]}" --years 2040 --threads 1 -o one.h5
    expect 0 run "$vestby/$name.yaml" "${small[@]}" --years 2040 --threads 2 -o two.h5
    cmp -s one.h5 two.h5 || fail "$name.yaml: 2 threads gave other results than 1"
done
python3 - <<'PY' || fail "the scenarios' numbers"
import json, math
def of(name):
    return json.load(open(name + ".json"))["years"][0]["indicators"]
today = json.load(open("today.json"))["today"]["indicators"]
growth = of("growth")
names = ["growth", "plan", "programme-2040", "parking", "cycle-town", "transit", "e6-junction", "freight-rail", "housing-low",
         "housing-high", "holiday-homes", "ageing"]
for name in names:
    then = of(name)
    assert all(math.isfinite(v) for v in then.values()), name
    # the same homes and households wherever the programme is the same
    same = name not in ("housing-low", "housing-high", "holiday-homes", "ageing")
    assert (then["residents"] == growth["residents"]) == same, name
    assert then["dwellings"] > today["dwellings"], name
    assert (then["dwellings"] == growth["dwellings"]) == (same or name == "ageing"), name
assert of("housing-low")["dwellings"] < growth["dwellings"] < of("housing-high")["dwellings"]
assert of("ageing")["residents"] < growth["residents"]
assert of("holiday-homes")["dwellings"] > growth["dwellings"]
assert of("freight-rail")["co2_t"] < growth["co2_t"]
assert of("freight-rail")["vehicles"] < growth["vehicles"]
assert of("parking")["share_car_driver"] < growth["share_car_driver"]
assert of("plan")["share_car_driver"] <= growth["share_car_driver"]  # 1 275 trips: a few may move or none
assert of("cycle-town")["share_cycle"] > growth["share_cycle"]
assert of("transit")["share_pt"] > growth["share_pt"]
PY
