#!/bin/bash
# vestsim export: every format is opened again and compared with the results file; hostile names; what is refused.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
[ -x "$python" ] || { echo "skipped: no $python"; exit 77; }
"$python" -c 'import h5py, numpy' 2>/dev/null || { echo "skipped: no python3-h5py"; exit 77; }
check=$VESTSIM_SOURCE_DIR/tests/cli/export_check.py

# Names that a careless writer breaks on: quotes, commas, line ends, markup, letters beyond ASCII.
cp -r "$(dirname "$toy")" town
"$python" - town <<'PY'
import re, sys
folder = sys.argv[1]
evil = '</script>,"it\'s" & <b>\u00e6\u00f8\u00e5</b>;\nnext line \\ %s {{x}}'
quoted = '"' + evil.replace('"', '""') + '"'
def edit(name, change):
    text = open(f"{folder}/{name}", encoding="utf-8").read()
    new = change(text)
    assert new != text, name
    open(f"{folder}/{name}", "w", encoding="utf-8").write(new)
edit("toy.yaml", lambda t: re.sub(r"title: .*", "title: 'A \"town\" </script> \u00e6\u00f8\u00e5'", t, count=1))
edit("network/link.csv", lambda t: t.replace("Sorgata", quoted))
edit("places.csv", lambda t: t.replace("leisure_sentrum,", '"leisure, ""\u00f8""\nsentrum",', 1))
PY
half=("${short[@]:2}" --replications 2 --set scale=0.5)
expect 0 run town/toy.yaml "${half[@]}" --quiet -o a.h5

has_gdal=1
formats="geojson csv"
"$VESTSIM" export a.h5 --to gpkg -o probe >out 2>err
case $? in
    0) formats="gpkg $formats" ;;
    1) says err "libgdal-dev"; has_gdal=0; echo "skipped gpkg: built without GDAL"; [ ! -e probe ] || fail "refused, but a folder" ;;
    *) fail "export --to gpkg" ;;
esac
for format in $formats; do
    expect 0 export a.h5 --to "$format" -o all
    expect 0 export a.h5 --to "$format" -o again
    expect 0 export a.h5 --to "$format" -o one --year 2030
done
diff -r all again >out 2>err || fail "an export differs from itself"
"$python" "$check" a.h5 all one || fail "an export is not what the results file says"
[ -z "$(find . -name '*.part*')" ] || fail "a part was left"
if [ "$has_gdal" -eq 1 ] && command -v ogrinfo >/dev/null; then
    ogrinfo -so all/links.gpkg links >out 2>err || fail "ogrinfo cannot open links.gpkg"
    says out "Feature Count: 140"
    says out "speed_kmh_pm: Real"
    says out "vehicles_day=vehicles of all classes entering the link, 00:00 to 24:00 [1]"
    ogrinfo -so all/links.geojson >out 2>err || fail "ogrinfo cannot open links.geojson"
    ogrinfo -q -where "year = 2030 AND name LIKE '%æøå%'" all/links.gpkg links >out 2>err || fail "ogrinfo -where"
    says out "LINESTRING"
else
    echo "skipped ogrinfo: not installed (gdal-bin) or built without GDAL"
fi

# A plane of its own has no degrees: GeoJSON refuses, the others write metres.
sed -i 's/EPSG:4326/local/' town/network/config.csv
if "$VESTSIM" run town/toy.yaml "${half[@]}" --quiet -o local.h5 >out 2>err; then
    expect_error 2 "--to gpkg" export local.h5 --to geojson -o plane
    [ ! -e plane ] || fail "a refused export leaves a folder"
    expect 0 export local.h5 --to csv -o plane
    [ "$has_gdal" -eq 0 ] || expect 0 export local.h5 --to gpkg -o plane
fi

# Refused, with nothing changed or left.
expect_error 1 "--to 'gpgk', did you mean gpkg?" export a.h5 --to gpgk -o no
expect_error 1 "--to is missing" export a.h5 -o no
expect_error 1 "-o DIR is missing" export a.h5 --to csv
expect_error 1 "--year 1999" export a.h5 --to csv -o no --year 1999
cp all/trips.csv kept.csv
expect_error 2 "give --force" export a.h5 --to csv -o all
cmp -s all/trips.csv kept.csv || fail "a refused export changed a file"
expect 0 export a.h5 --to csv -o all --force
echo "no results" >text.h5
expect_error 2 "not an HDF5 file" export text.h5 --to csv -o no
expect_error 2 "missing.h5" export missing.h5 --to csv -o no
size=$(stat -c %s a.h5)
for part in 3000 60000 $((size / 2)) $((size - 100)); do
    head -c "$part" a.h5 >cut.h5
    expect_error 2 "cut.h5" export cut.h5 --to geojson -o no
done
"$python" - a.h5 <<'PY'
import shutil, sys
import h5py
shutil.copy(sys.argv[1], "newer.h5")
with h5py.File("newer.h5", "r+") as f:
    del f.attrs["format_version"]
    f.attrs["format_version"] = "2.0"
shutil.copy(sys.argv[1], "old.h5")
with h5py.File("old.h5", "r+") as f:
    del f["persons"], f["households"]
shutil.copy(sys.argv[1], "short.h5")
with h5py.File("short.h5", "r+") as f:
    value = f["trips/mode"][:-1]
    del f["trips/mode"]
    f["trips/mode"] = value
    del f["network/links/to_ix"]
    f["network/links/to_ix"] = [4000000000] * len(f["network/links/link"])
with h5py.File("foreign.h5", "w") as f:
    f["x"] = 1
PY
expect_error 2 "2.0" export newer.h5 --to csv -o no
expect_error 2 "format before 1.2" export old.h5 --to csv -o no
expect_error 2 "/trips has columns that do not fit together" export short.h5 --to csv -o no
expect_error 2 "/network/links does not fit" export short.h5 --to geojson -o no
expect_error 2 "foreign.h5" export foreign.h5 --to csv -o no
[ ! -e no ] || fail "a refused export leaves a folder"
# Datasets gone, of another type, shape or content: a message and 2, or an export; never a crash. (Bytes changed in the heaps of
# variable-length texts are another matter: HDF5 1.10.8 itself crashes on them, in H5HG_read.)
"$python" - a.h5 "$VESTSIM" <<'PY' || fail "a spoilt file crashes the export"
import random, shutil, subprocess, sys
import h5py, numpy
names = []
with h5py.File(sys.argv[1], "r") as f:
    f.visititems(lambda n, o: names.append(n) if isinstance(o, h5py.Dataset) and n.split("/")[0] in
                 ("network", "traffic", "places", "zones", "households", "persons", "trips") else None)
draw = random.Random(1)
seen = {}
for i in range(80):
    shutil.copy(sys.argv[1], "spoilt.h5")
    name = names[i % len(names)]
    with h5py.File("spoilt.h5", "r+") as f:
        text = h5py.check_string_dtype(f[name].dtype) is not None
        value = f[name].asstr()[:] if text else f[name][:]
        del f[name]
        how = draw.choice(("gone", "scalar", "shorter", "flat", "type", "huge", "group"))
        if how == "group":
            f.create_group(name)
        elif how == "scalar":
            f[name] = "x" if text else 1
        elif how == "shorter":
            f[name] = value[:-1].tolist() if text else value[:-1]
        elif how == "flat":
            f[name] = value.ravel()[:5].tolist() if text else value.reshape(1, -1)
        elif how == "type":
            f[name] = numpy.arange(len(value)) if text else [str(v) for v in numpy.asarray(value).ravel()[:50]]
        elif how == "huge":
            f[name] = ["\u00f8" * 500] * len(value) if text else numpy.full(value.shape, draw.choice((numpy.nan, 1e300, -1e18, 7e9)))
    run = subprocess.run([sys.argv[2], "export", "spoilt.h5", "--to", ("csv", "geojson")[i % 2], "-o", "spoilt", "--force"],
                         capture_output=True, timeout=60)
    seen[run.returncode] = seen.get(run.returncode, 0) + 1
    assert run.returncode in (0, 2), (name, how, run.returncode, run.stderr[-500:])
    assert run.returncode == 0 or run.stderr.count(b"vestsim: error:") == 1, run.stderr
assert seen.get(2, 0) > 30, seen
PY
# A disk that fills.
(ulimit -f 8 || exit 77; "$VESTSIM" export a.h5 --to csv -o full >out 2>err)
case $? in
    77) echo "skipped: no ulimit -f" ;;
    2) says err "cannot be written"; [ ! -e full ] || fail "a full disk leaves $(ls -A full)" ;;
    *) fail "export on a full disk must end with 2" ;;
esac
exit 0
