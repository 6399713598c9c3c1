#!/bin/bash
# Bad input: exit 2, a message that names the file, nothing written, nothing simulated.
. "$(dirname "$0")/lib.sh"

cp -r "$VESTSIM_SOURCE_DIR/scenarios/toy" case
expect_error 2 "none.yaml" run none.yaml -o o.h5
expect_error 2 "none.yaml" check none.yaml
expect_error 2 "none.h5" show none.h5

printf 'title: [\n' >case/broken.yaml
expect_error 2 "broken.yaml:" run case/broken.yaml -o o.h5
printf 'based_on: toy.yaml\nscael: 0.5\n' >case/unknown.yaml
expect_error 2 "unknown.yaml:2" check case/unknown.yaml
expect_error 2 "scael" run case/unknown.yaml -o o.h5
printf 'based_on: toy.yaml\nscale: 0,5\n' >case/comma.yaml
expect_error 2 "comma.yaml:2" check case/comma.yaml
: >case/empty.yaml
expect_error 2 "empty.yaml" check case/empty.yaml
expect_error 2 "--set" check case/toy.yaml --set scale=2
expect_error 2 "--set" check case/toy.yaml --set no.such.key=2
expect_error 2 "20" run case/toy.yaml --years 2020 -o o.h5

# What one file says about another is checked before anything runs.
refer() { # words, lines of YAML
    printf 'based_on: toy.yaml\n%s\n' "$2" >case/refer.yaml
    expect_error 2 "$1" check case/refer.yaml
    expect_error 2 "refer.yaml:" run case/refer.yaml -o o.h5
}
refer "nowhere" 'programme: [{id: a, place: nowhere, dwelling: flat, homes: 1, from: 2025, to: 2026, parking_norm: 1, source: s}]'
refer "Ingengate" 'measures: [{kind: close_link, start_year: 2028, targets: [Ingengate], source: s}]'
refer "no-feed" 'measures: [{kind: transit, start_year: 2028, text: no-feed, source: s}]'
expect_error 2 "choice.work.profile_out" check case/toy.yaml --set choice.work.profile_out=nothing

for file in case/network/node.csv case/network/link.csv case/zones.csv case/places.csv case/counts.csv case/flows.csv \
    case/profiles.csv case/household_seed.csv case/margins.csv case/areas.csv; do
    mv "$file" kept
    expect_error 2 "$(basename "$file")" run case/toy.yaml -o o.h5
    : >"$file"
    expect_error 2 "$(basename "$file")" run case/toy.yaml -o o.h5
    mv kept "$file"
done

printf 'not a results file\n' >text.h5
expect_error 2 "text.h5" show text.h5
expect_error 2 "text.h5" run case/toy.yaml -o text.h5
grep -q 'not a results file' text.h5 || fail "a file that is no results file was overwritten"

# A place that cannot be written is refused before the simulation starts (and before the scenario is read).
expect_error 2 "is a folder" run case/toy.yaml -o case
expect_error 2 "mkdir -p" run case/toy.yaml -o none/o.h5
expect_error 2 "cannot write" run case/toy.yaml -o /proc/o.h5
expect_error 2 "cannot write" run none.yaml -o /proc/o.h5

[ -z "$(ls -A | grep -v -x -E 'out|err|case|text.h5')" ] || fail "a file was left: $(ls -A)"
expect 0 check case/toy.yaml
says out "Everything was read and checked"
[ ! -e toy.h5 ] || fail "check wrote a results file"
"$VESTSIM" check case/toy.yaml >/dev/full 2>err && fail "a full standard output is not noticed"
says err "standard output"
