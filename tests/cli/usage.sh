#!/bin/bash
# Help, version, and every way to get the command line wrong.
. "$(dirname "$0")/lib.sh"

expect 0 --help;        says out "usage: vestsim COMMAND"; says out "check"; says out "show"
[ ! -s err ] || fail "--help writes to standard error"
expect 0 -h
expect 0 help
expect 0 help run;      says out "usage: vestsim run SCENARIO.yaml"
expect 0 --version;     grep -q -E '^vestsim [0-9]+\.[0-9]+\.[0-9]+ \(.+\)$' out || fail "--version is one line"
for command in run check show query; do
    expect 0 "$command" --help
    says out "usage: vestsim $command "
    expect 0 "$command" -h
done
expect 0 run --help
for option in --output --threads --seed --replications --years --set --format --quiet mode_share ci_pct; do
    says out "$option"
done
expect 0 run --nonsense --help

expect_error 1 "no command given"
expect_error 1 "did you mean run?" rum "$toy"
expect_error 1 "unknown command 'simulate'" simulate
expect_error 1 "unknown option '--verbose'" --verbose
expect_error 1 "SCENARIO.yaml is missing" run
expect_error 1 "SCENARIO.yaml is missing" check
expect_error 1 "OUT.h5 is missing" show
expect_error 1 "one word too many" run "$toy" another.yaml
expect_error 1 "did you mean --threads?" run "$toy" --thread 2
expect_error 1 "--output needs a value" run "$toy" -o
expect_error 1 "given twice" run "$toy" -o a.h5 -o b.h5
expect_error 1 "text or json" run "$toy" --format xml
expect_error 1 "text or json" show a.h5 --format csv
expect_error 1 "whole number" run "$toy" --threads 0
expect_error 1 "whole number" run "$toy" --threads two
expect_error 1 "whole number" run "$toy" --seed -1
expect_error 1 "whole number" run "$toy" --seed 4294967296
expect_error 1 "whole number" run "$toy" --replications 0
expect_error 1 "2030,2040" run "$toy" --years 30
expect_error 1 "2030,2040" run "$toy" --years 2030,
expect_error 1 "2030,2040" run "$toy" --years ''
expect_error 1 "key=value" run "$toy" --set scale
expect_error 1 "key=value" check "$toy" --set =1
expect_error 1 "empty" run "$toy" -o ''

[ "$(ls -A | grep -v -E '^(out|err)$' | wc -l)" -eq 0 ] || fail "a file was left: $(ls -A)"
