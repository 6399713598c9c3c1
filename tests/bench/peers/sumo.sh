#!/usr/bin/env bash
# Compares `vestsim mobsim` with SUMO's mesoscopic model (sumo --mesosim) on one town: the same network, the same routes, the
# same departures, the two programs in turn on the same machine. Not a test of speed: figures depend on the machine.
#
# Usage: tests/bench/peers/sumo.sh [--side N] [--trips N] [--seed N] [--repeats N]
#   default: 50 x 50 junctions (9 800 links), 200 000 trips, 3 repeats; --side 159 has 100 488 links.
# VESTSIM names the program (default build/fast/vestsim, else build/release/vestsim), PEERS_KEEP a folder that is kept.
# Needs python3 and Debian's sumo; without SUMO it says "skipped: sumo not found" and ends with 77.
#
# The same work: make_case.py gives SUMO the links that a MATSim leg drives (the leg starts at the end of its first link), so
# both move every vehicle over the same links; link events = links driven, counted by `vestsim mobsim`. Vehicles need 7.5 m
# in a queue, drive at the limit, and are moved on by force after 60 s (--time-to-teleport 60) in both. The script ends
# with 1 if a vehicle does not arrive or the counts of the two differ, and prints both mean trip times.
#
# Which seconds: reading is excluded.
#   vestsim  "wall" of mobsim: from the plans in memory to the result, laying out the network included.
#            "day" of mobsim: only moving the vehicles, as SUMO has its network and routes laid out when it starts to simulate.
#   SUMO     CPU of the process less that of a run with --scale 0, which reads network and routes and drives nobody.
#            Its own "Duration" is printed too: it leaves out the network but not the routes, which SUMO reads while it
#            simulates. (Loading all routes first, --route-steps 0, and taking away a run with --end 1 gives the same
#            seconds, from a longer run.)
# CPU, because on a busy machine the difference of two wall times means nothing; a thread's wall time is never less than its
# CPU, so the ratio printed errs against vestsim.
# SUMO runs with one thread, no output files and no statistics; a first run with statistics, not timed, gives the trip times.
# Of the repeats the smallest figure counts, for both; the load of the machine is printed.
#
# What SUMO does more: about two segments of 98 m a link here; separate queues at junctions when asked; vehicle types,
# devices, rerouting. What it does less: capacities of the MATSim file are not used (its own headways, about twice as high),
# no statistics by link are kept (vestsim keeps entries and travel times by 5 and 15 minutes).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
repeats=3
case_options=()

usage() {
    sed -n 's/^# Usage: /usage: /p' "$0" >&2
    exit 1
}
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case "$1" in
        --repeats) repeats=$2 ;;
        --side | --trips | --seed) case_options+=("$1" "$2") ;;
        *) usage ;;
    esac
    shift 2
done
for tool in sumo netconvert; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: $tool not found"
        exit 77
    fi
done
vestsim=${VESTSIM:-$root/build/fast/vestsim}
[ -n "${VESTSIM:-}" ] || [ -x "$vestsim" ] || vestsim=$root/build/release/vestsim
if ! [ -x "$vestsim" ]; then
    echo "no program $vestsim: build it (cmake --preset fast && cmake --build --preset fast) or set VESTSIM" >&2
    exit 1
fi
if ! "$vestsim" mobsim --help >/dev/null 2>&1; then
    echo "skipped: $vestsim has no command mobsim"
    exit 77
fi

if [ -n "${PEERS_KEEP:-}" ]; then
    folder=$PEERS_KEEP
    mkdir -p "$folder"
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
rm -f "$folder"/*.log "$folder"/*.cpu  # of an earlier run in a kept folder
export SUMO_HOME=${SUMO_HOME:-/usr/share/sumo}

# Runs a command with its output in a file and its CPU seconds (user, system) in FILE.cpu; shows the end of the output if
# the command fails.
TIMEFORMAT='%U %S'
quietly() {
    local file=$1
    shift
    if ! { time "$@" >"$file" 2>&1; } 2>"$file.cpu"; then
        echo "failed: $*" >&2
        tail -n 20 "$file" >&2
        exit 1
    fi
}
run_sumo() {
    local file=$1
    shift
    quietly "$file" sumo --mesosim -n "$folder/net.net.xml" -r "$folder/routes.rou.xml" --threads 1 --seed 1 --verbose --no-step-log \
        --time-to-teleport 60 --xml-validation never --xml-validation.net never "$@"
}
run_vestsim() {
    local file=$1
    shift
    quietly "$file" "$vestsim" mobsim "$folder/network.xml" --plans "$folder/plans.xml.gz" "$@"
}

load=$(cut -d ' ' -f 1 /proc/loadavg)
quietly "$folder/make.log" python3 "$here/make_case.py" "$folder" "${case_options[@]}"
# Never validate: the schema of the file's DOCTYPE is not shipped with SUMO.
quietly "$folder/netconvert.log" netconvert --xml-validation never --matsim-files "$folder/network.xml" --matsim.keep-length \
    -o "$folder/net.net.xml"
run_sumo "$folder/statistics_sumo.log" --duration-log.statistics
threads=(1)
[ "$(nproc)" -lt 2 ] || threads=(1 2)
for ((i = 1; i <= repeats; i++)); do
    run_sumo "$folder/sumo_$i.log"
    for t in "${threads[@]}"; do
        run_vestsim "$folder/vestsim_${t}_$i.log" --threads "$t"
    done
    run_sumo "$folder/read_sumo_$i.log" --scale 0
done
sumo --version | sed -n 1p
echo "load at the start and the end: $load, $(cut -d ' ' -f 1 /proc/loadavg) on $(nproc) cores"
python3 "$here/compare.py" "$folder"
