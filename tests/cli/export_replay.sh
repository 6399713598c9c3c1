#!/bin/bash
# vestsim export --to matsim and --to omx: the day simulated again is the day of the results file; what is refused.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
"$python" -c 'import h5py, numpy' 2>/dev/null || { echo "skipped: no python3-h5py"; exit 77; }
cp -r "$(dirname "$toy")" town
sed -i 's#Sorgata#"S<ø>r \& ""gata"""#' town/network/link.csv # names that XML must not trip over
run=("${short[@]:2}" --replications 1 --set scale=0.5)
expect 0 run town/toy.yaml "${run[@]}" --quiet -o a.h5
same=(--scenario town/toy.yaml "${run[@]}" --quiet)
expect 0 export a.h5 --to matsim -o m "${same[@]}"
expect 0 export a.h5 --to omx -o m "${same[@]}"
expect 0 export a.h5 --to matsim -o again "${same[@]}" --threads 1
expect 0 export a.h5 --to omx -o again "${same[@]}" --threads 3
diff -r m again >out 2>err || fail "an export depends on the number of threads"
expect 0 export a.h5 --to omx -o one "${same[@]}" --year 2030
[ "$(ls one)" = skims-2030.omx ] || fail "--year 2030 wrote $(ls one)"
cmp m/skims-2030.omx one/skims-2030.omx || fail "--year changes the day"
expect 0 import matsim m/network-2030.xml.gz -o read
"$python" "$VESTSIM_SOURCE_DIR/tests/cli/export_replay_check.py" a.h5 m read "$VESTSIM" town/network ||
    fail "MATSim or OMX files are not the run"

# Refused, with nothing left.
expect_error 1 "needs --scenario" export a.h5 --to matsim -o no
expect_error 2 "'scale: 0.2' here, 'scale: 0.5' there" export a.h5 --to matsim -o no --scenario town/toy.yaml "${run[@]:0:${#run[@]}-2}"
expect_error 2 "missing.yaml" export a.h5 --to omx -o no --scenario missing.yaml
expect_error 2 "give --force" export a.h5 --to matsim -o m "${same[@]}"
expect_error 1 "--year 2031" export a.h5 --to omx -o no "${same[@]}" --year 2031
cp -r town other
sed -i 's/,0.258,/,0.300,/' other/network/link.csv # the same scenario on other roads
expect_error 2 "comes out differently" export a.h5 --to omx -o no --scenario other/toy.yaml "${run[@]}" --quiet --year 2023
[ ! -e no ] || fail "a refused export leaves a folder"
mkdir disk
if mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    trap 'umount "$work/disk"; rm -rf "$work"' EXIT
    for format in matsim omx; do
        "$VESTSIM" export a.h5 --to $format -o disk "${same[@]}" >out 2>err && fail "a full disk was not noticed"
        [ -z "$(find disk -name '*part*')" ] || fail "a full disk leaves $(ls disk)"
        rm -f disk/*
    done
fi
exit 0
