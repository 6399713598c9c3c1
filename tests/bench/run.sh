#!/usr/bin/env bash
# Prints the speed of the kernels and of a whole run: link events/s, car routes/s, journeys/s, person-days/s and core.
# Not a test: figures depend on the machine. Usage: tests/bench/run.sh [BUILD_FOLDER], default build/fast
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build="${1:-$root/build/fast}"
for name in bench_mobsim bench_route bench_transit bench_people; do
    echo "== $name"
    "$build/tests/$name"
done
echo "== whole run: Vestby, one replication of today"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for threads in 1 2; do
    start=$(date +%s.%N)
    "$build/vestsim" run "$root/scenarios/vestby/today.yaml" -o "$folder/today.h5" --threads "$threads" --replications 1 --quiet \
        --format json >"$folder/today.json" || [ $? -eq 3 ]
    end=$(date +%s.%N)
    /usr/bin/python3 - "$folder/today.json" "$start" "$end" "$threads" <<'PY'
import json, sys
run = json.load(open(sys.argv[1]))
seconds, threads = float(sys.argv[3]) - float(sys.argv[2]), int(sys.argv[4])
persons = run["today"]["indicators"]["residents"]
print(f"{threads} thread(s): {seconds:.2f} s wall, {persons:.0f} residents, one converged day: "
      f"{persons / seconds / threads:.0f} person-days per second and core, loading and writing included")
PY
done
