#!/bin/bash
# A disk that fills while the results are written: exit 2, a message with a remedy, nothing left.
. "$(dirname "$0")/lib.sh"

(
    ulimit -f 8 || exit 77
    "$VESTSIM" run "$toy" "${short[@]}" --quiet -o limited.h5 >out 2>err
) 
status=$?
[ "$status" -eq 77 ] && { echo "skipped: no ulimit -f"; exit 77; }
[ "$status" -eq 2 ] || fail "exit status $status under a file size limit, expected 2"
says err "writing failed"
says err "free some room"
[ -z "$(ls -A | grep -v -x -E 'out|err')" ] || fail "a file was left: $(ls -A)"

# And a really full file system, where one can be mounted.
mkdir disk
if mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    trap 'umount "$work/disk"; rm -rf "$work"' EXIT
    expect_error 2 "No space left" run "$toy" "${short[@]}" -o disk/o.h5
    [ -z "$(ls -A disk)" ] || fail "a file was left on the full disk"
fi
exit 0
