#!/bin/bash
# What people read on the terminal: both languages, with and without UTF-8, without colour, narrow enough for an e-mail.
. "$(dirname "$0")/lib.sh"
unset LC_ALL LC_MESSAGES LC_CTYPE LANG

widest() { /usr/bin/python3 -c 'import sys; print(max(len(l.rstrip("\n")) for l in open(sys.argv[1], encoding="utf-8") if not l.startswith(("Results", "Resultater", "merk", "warning"))))' "$1"; }
ascii_only() { ! LC_ALL=C grep -q '[^ -~]' "$1"; }
python_or_skip

expect 0 run "$toy" "${short[@]:2}" --replications 2 --years 2030,2035,2040 --lang nb -o a.h5
cp out run.txt
LC_ALL=nb_NO.UTF-8 expect 0 show a.h5
says out "Holder biltrafikken i sentrum seg på dagens nivå?"
says out "Innbyggernes reiser, %"
says out "█"
says out "--replications"
grep -q "ukjent" out && fail "an unknown interval is not a sentence"
grep -q -E '(▲|▼|=) [+−]?[0-9]+,[0-9] %' out || fail "changes have no arrow, or no decimal comma"
[ "$(widest out)" -le 78 ] || fail "a line is $(widest out) wide"
for year in 2030 2035 2040; do says out "$year"; done
grep -q $'\033' out && fail "colours in the output"

# Without UTF-8 the same words in ASCII letters; run prints what show prints.
LC_ALL=C expect 0 show a.h5 --lang nb
ascii_only out || fail "letters outside ASCII although the locale is not UTF-8"
says out "dagens nivaa?"
says out "####"
cmp -s out run.txt || fail "run and show print other texts"
LANG=en_GB.UTF-8 expect 0 show a.h5
says out "Does car traffic in the centre stay at today's level?"
says out "public transport"
LANG=nb_NO.UTF-8 LC_ALL=C expect 0 show a.h5
says out "Does car traffic"
LANG=nb_NO.UTF-8 expect 0 show a.h5 --lang en
says out "Does car traffic"
[ "$(widest out)" -le 78 ] || fail "a line is $(widest out) wide"

# The JSON knows no language.
LANG=nb_NO.UTF-8 expect 0 show a.h5 --format json
cp out nb.json
LC_ALL=C expect 0 show a.h5 --format json
cmp -s out nb.json || fail "the JSON depends on the locale"

# A single year; a name with every letter.
printf 'based_on: %s\ntitle: "Æøå «by» <&> 日本"\nyears: []\nmeasures: []\nprogramme: []\n' "$toy" >today.yaml
LANG=nb_NO.UTF-8 expect 0 run today.yaml "${short[@]}" --quiet -o today.h5
says out "Æøå «by» <&> 日本"
says out "ingen senere år"
LC_ALL=C expect 0 show today.h5
ascii_only out || fail "letters outside ASCII"
says out 'Aeoeaa "by" <&> ??'

# compare in both languages
expect 0 run "$toy" "${short[@]:2}" --replications 2 --years 2030 --set choice.car_cost_nok_per_km=5 -o b.h5 --quiet
LANG=nb_NO.UTF-8 expect 0 compare a.h5 b.h5
for words in "endring mot i dag, %" "Biltrafikk i sentrum (målet)" "ikke vist" "Gange og sykkel per innbygger, min" "2030: B mot A, 2 par" "(grunnlag)"; do says out "$words"; done
grep -q 'car_km_sentrum\|share_walk' out && fail "an indicator without a name that a planner would use"
[ "$(widest out)" -le 126 ] || fail "a line is $(widest out) wide"
LC_ALL=C expect 0 compare a.h5 b.h5 --lang nb
ascii_only out || fail "letters outside ASCII"

for command in "show a.h5" "compare a.h5 b.h5" "run $toy"; do
    # shellcheck disable=SC2086
    expect_error 1 "--lang 'de': give nb or en" $command --lang de
done
