#!/usr/bin/env bash
# The day-to-day loop on Vestby with so many more visitors and in-commuters that its streets are near their limit (the base
# year itself has so little congestion that it rests after three days): relative gap below 0.5 % within 30 days from free
# flow and within 15 from the times of the replication before (other people), and then mode shares that differ by less than
# 0.1 point over the last five days.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$VESTSIM" run "$VESTSIM_SOURCE_DIR/scenarios/vestby/today.yaml" -o "$folder/full.h5" --replications 2 --quiet --format json \
    --set convergence.gap_max_pct=0.5 --set convergence.iterations_max=30 \
    --set people.visitors=40000 --set people.in_commuters=20000 >"$folder/full.json"
/usr/bin/python3 - "$folder/full.json" "$folder/full.h5" <<'PY'
import json, sys
import h5py

full = json.load(open(sys.argv[1]))["today"]["indicators"]
with h5py.File(sys.argv[2]) as f:
    gap, share = f["convergence/gap_pct"][0], f["convergence/mode_share_pct"][0]
failures = 0

def check(good, words):
    global failures
    failures += not good
    print(("ok   " if good else "FAIL ") + words)

check(full["delay_h"] > 300, f"congested: {full['delay_h']:.0f} vehicle-hours of delay")
check(full["gap_pct"] < 0.5, f"relative gap of everybody at the end: {full['gap_pct']:.3f} %")
for start, replication, limit in (("cold", 0, 30), ("warm", 1, 15)):
    days = int((share[replication].sum(axis=1) > 0).sum())
    below = next((d + 1 for d in range(1, days) if gap[replication, d] <= 0.5), 99)
    check(below <= limit, f"{start} start: gap below 0.5 % on day {below} (limit {limit}), at rest on day {days}")
    last = share[replication, max(0, days - 5):days]
    swing = float((last.max(axis=0) - last.min(axis=0)).max())
    check(swing < 0.1, f"{start} start: mode shares of the last {len(last)} days differ by {swing:.3f} points")
sys.exit(failures > 0)
PY
