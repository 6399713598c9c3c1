#!/bin/bash
# Ctrl-C: exit 130, no results under the final name, no temporary file; an older file stays as it was.
. "$(dirname "$0")/lib.sh"

long=(--replications 1000 --set 'years=[2030,2031,2032,2033,2034,2035]')
interrupt() { # signal, file
    # env: a background job of a script has SIGINT ignored unless it is set back.
    env --default-signal=INT "$VESTSIM" run "$toy" "${long[@]}" -o "$2" >out 2>err &
    local pid=$! status
    sleep 1.5
    kill -0 "$pid" 2>/dev/null || fail "the run ended by itself before the signal"
    kill -"$1" "$pid"
    wait "$pid"
    status=$?
    [ "$status" -eq 130 ] || fail "exit status $status after SIG$1, expected 130"
    [ ! -s out ] || fail "something on standard output"
}
interrupt INT new.h5
[ ! -e new.h5 ] || fail "a results file after Ctrl-C"
interrupt TERM new.h5
[ ! -e new.h5 ] || fail "a results file after SIGTERM"
: >old.h5
interrupt INT old.h5
[ -e old.h5 ] && [ ! -s old.h5 ] || fail "the older file was changed"
[ -z "$(ls -A | grep -v -x -E 'out|err|old.h5')" ] || fail "a file was left: $(ls -A)"
