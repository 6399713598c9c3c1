#!/bin/bash
# run on the toy town: the JSON, that show says the same, the default name, the log, the same bytes for any threads.
. "$(dirname "$0")/lib.sh"
python_or_skip

expect 0 run "$toy" "${short[@]}" --years 2030,2035 --seed 7 --threads 1 --format json -o one.h5
cp out run.json
python3 "$VESTSIM_SOURCE_DIR/tests/cli/json_keys.py" run.json one.h5 || fail "the JSON of run"
expect 0 show one.h5 --format json
python3 - run.json out <<'PY' || fail "show and run differ"
import json, sys
run, show = (json.load(open(p)) for p in sys.argv[1:])
assert run.pop("output") == "one.h5"
assert run == show, (run, show)
assert [y["year"] for y in run["years"]] == [2030, 2035] and run["seed"] == 7 and run["replications"] == 1
PY
expect 0 show one.h5
for words in 2030 2035 "seed 7" "Car traffic in centre (target), km" "public transport" one.h5; do says out "$words"; done

for threads in 2 3 8; do
    expect 0 run "$toy" "${short[@]}" --years 2030,2035 --seed 7 --threads "$threads" --quiet -o "t$threads.h5"
    grep -q -v '^warning: ' err && fail "--quiet is not quiet"
    cmp one.h5 "t$threads.h5" || fail "$threads threads give other bytes than one"
done
# The place of the files is not in the results either.
mkdir elsewhere
cp -r "$VESTSIM_SOURCE_DIR/scenarios/toy" elsewhere/
expect 0 run elsewhere/toy/toy.yaml "${short[@]}" --years 2030,2035 --seed 7 --quiet -o elsewhere/two.h5
cmp one.h5 elsewhere/two.h5 || fail "a copy of the scenario in another folder gives other bytes"
expect 0 run "$toy" "${short[@]}" --years 2030,2035 --seed 8 --quiet -o seed8.h5
cmp -s one.h5 seed8.h5 && fail "another seed gives the same bytes"

printf 'based_on: elsewhere/toy/toy.yaml\nyears: []\nmeasures: []\nprogramme: []\n' >today.yaml
expect 0 run today.yaml "${short[@]}" --format json
python3 -c 'import json,sys; d=json.load(open("out")); assert d["years"] == [] and d["output"] == "today.h5", d' ||
    fail "a run of today alone"
[ -s today.h5 ] || fail "the default name is not SCENARIO.h5 in this folder"
for words in "command  " "threads  " "host     " "--set" "wall     "; do
    grep -q -F -- "$words" today.log || fail "today.log lacks '$words'"
done
expect 0 show today.h5
[ -z "$(find . -name '*.tmp-*')" ] || fail "a temporary file was left"

# Not converged: results written and marked, printed, exit 3.
expect 3 run "$toy" "${short[@]}" --set convergence.iterations_max=1 --set convergence.gap_max_pct=0.001 --format json -o n.h5
says err "not converged"
python3 -c 'import json; assert json.load(open("out"))["converged"] is False' || fail "not marked in the JSON"
expect 0 show n.h5
says out "Not converged"

# Years before a measure starts are a fair question: what would today's prices give?
expect 0 check "$toy" --years 2025
expect 0 run "$toy" "${short[@]}" --years 2025 -o 2025.h5
