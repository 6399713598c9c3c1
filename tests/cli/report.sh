#!/bin/bash
# vestsim report: the page of one and of two scenarios as a browser shows it, hostile names, and files it must refuse.
. "$(dirname "$0")/lib.sh"

pair=("${short[@]:2}" --replications 5)
expect 0 run "$toy" -o a.h5 --quiet "${pair[@]}"
expect 0 report a.h5 -o a.html
says out "a.html"
expect 0 report a.h5 --lang en -o en.html
grep -q '<html lang="nb">' a.html || fail "the page is Norwegian by default"
grep -q '<html lang="en">' en.html || fail "--lang en gives an English page"
[ "$(stat -c %s a.html)" -lt 2000000 ] || fail "the page of the toy town weighs over 2 MB"

# Names that a careless page would run or break on.
cp -r "$(dirname "$toy")" town
[ -x /usr/bin/python3 ] || { echo "skipped: no python3"; exit 77; }
/usr/bin/python3 - town <<'PY'
import re, sys
folder = sys.argv[1]
evil = '</script><script>document.title=1//"\'&\u00e6\u00f8\u00e5 <img src=x onerror=alert(1)>'
def edit(name, change):
    path = f"{folder}/{name}"
    text = open(path, encoding="utf-8").read()
    new = change(text)
    assert new != text, name
    open(path, "w", encoding="utf-8").write(new)
quoted = '"' + evil.replace('"', '""') + '"'
edit("toy.yaml", lambda t: re.sub(r"title: .*", "title: '" + evil.replace("'", "''") + "'", t, count=1))
edit("network/link.csv", lambda t: t.replace("Sorgata", quoted))
edit("zones.csv", lambda t: t.replace("Lilleby sentrum", quoted, 1))
edit("areas.csv", lambda t: t.replace("Gronn grense", quoted, 1))
PY
expect 0 run town/toy.yaml -o "b'<æ>.h5" --quiet "${pair[@]}" --set choice.car_cost_nok_per_km=6
expect 0 run "$toy" -o c.h5 --quiet "${short[@]:2}" --replications 6 --years 2030,2035 --set choice.car_cost_nok_per_km=3
expect 0 report a.h5 "b'<æ>.h5" c.h5 -o both.html
says err "c.h5 has 6 replications"
expect 0 compare a.h5 "b'<æ>.h5" c.h5 --format json
cp out both.json
expect 0 report "b'<æ>.h5" --lang en -o evil.html
grep -q '</script><script>document.title' both.html && fail "a name of the data ends the script element"

# Refused, with nothing half-written.
expect 0 run "$toy" -o other.h5 --quiet "${short[@]}" --years 2031
expect_error 2 "no year after today in common" report a.h5 other.h5 -o cut.html
head -c 3000 a.h5 >cut.h5
expect_error 2 "cut.h5" report cut.h5 -o cut.html
echo "no results" >text.h5
expect_error 2 "not an HDF5 file" report text.h5 -o cut.html
expect_error 2 "missing.h5" report a.h5 missing.h5 -o cut.html
expect_error 1 "--lang 'de': give nb or en" report a.h5 --lang de -o cut.html
expect_error 2 "no/cut.html" report a.h5 -o no/cut.html
[ ! -e cut.html ] && [ ! -e cut.html.part ] || fail "a failed report leaves a file"
head -c 60000 a.h5 >cut.h5  # long enough for HDF5 to look inside
"$VESTSIM" report cut.h5 -o cut.html >out 2>err; [ $? -eq 2 ] || fail "a truncated file must be refused with 2"

/usr/bin/python3 -c 'import selenium' 2>/dev/null || { echo "skipped the browser: no python3-selenium"; exit 0; }
command -v chromedriver >/dev/null || { echo "skipped the browser: no chromium-driver"; exit 0; }
/usr/bin/python3 "$VESTSIM_SOURCE_DIR/tests/bench/report_large.py" "$VESTSIM" a.h5 || fail "the page of a large network"
/usr/bin/python3 "$VESTSIM_SOURCE_DIR/tests/cli/report_page.py" a.h5 a.html en.html both.html evil.html both.json
