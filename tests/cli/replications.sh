#!/bin/bash
# Replications are added until the interval is as narrow as the scenario asks, or the limit is reached.
. "$(dirname "$0")/lib.sh"
python_or_skip

used() { python3 -c 'import json; d=json.load(open("out")); print(d["replications"], d["years"][0]["replications"])'; }
wide=(--set scale=0.2 --set replications=5 --set verdict.replications_max=7 --set convergence.gap_max_pct=100)

expect 0 run "$toy" "${wide[@]}" --set verdict.half_width_pct=100 --format json -o wide.h5
[ "$(used)" = "5 5" ] || fail "a wide interval was asked for, yet $(used) replications ran"
expect 0 run "$toy" "${wide[@]}" --set verdict.half_width_pct=0.0001 --format json -o narrow.h5
[ "$(used)" = "7 7" ] || fail "a narrow interval was asked for, yet $(used) replications ran"
expect 0 run "$toy" --set scale=0.2 --replications 2 --format json -o two.h5
[ "$(used)" = "2 2" ] || fail "--replications 2 ran $(used)"
python3 -c 'import json; assert json.load(open("out"))["years"][0]["verdict"] == "not_shown"' || fail "two pairs gave a verdict"
