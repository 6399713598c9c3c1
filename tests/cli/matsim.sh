#!/bin/bash
# import matsim and mobsim: a tiny scenario there and back, the same events for any threads, and what can go wrong.
. "$(dirname "$0")/lib.sh"

mkdir in
cat >in/network.xml <<'XML'
<network><nodes><node id="1" x="0" y="0"/><node id="2" x="100" y="0"/><node id="3" x="1100" y="0"/></nodes>
<links capperiod="01:00:00">
<link id="a" from="1" to="2" length="100" freespeed="10" capacity="600" permlanes="1" modes="car"/>
<link id="b" from="2" to="3" length="1000" freespeed="20" capacity="600" permlanes="1" modes="car,bike"/>
<link id="c" from="3" to="2" length="1000" freespeed="20" capacity="600" permlanes="1" modes="car"/>
</links></network>
XML
{
    echo '<plans>'
    for i in $(seq 1 60); do
        echo "<person id=\"$i\"><plan><act type=\"h\" link=\"a\" end_time=\"07:00\"/><leg mode=\"car\"><route>2</route></leg>"
        echo "<act type=\"w\" link=\"b\" dur=\"01:00\"/><leg mode=\"car\"><route>3</route></leg>"
        echo "<act type=\"s\" link=\"c\" dur=\"00:05\"/><leg mode=\"walk\" trav_time=\"00:30:00\"/><act type=\"h\" link=\"a\"/></plan></person>"
    done
    echo '</plans>'
} >in/plans.xml

for command in import mobsim; do
    expect 0 "$command" --help
    says out "usage: vestsim $command "
done
expect 0 import matsim in -o gmns
for words in "3 nodes, 3 links, 2.100 km" "60 persons, 180 legs: 120 driven, 60 teleported, 0 unusable" gmns; do says out "$words"; done
for file in config.csv node.csv link.csv plans.csv; do [ -s "gmns/$file" ] || fail "no $file"; done
[ -z "$(find . -name '*.part*')" ] || fail "a temporary file was left"

expect 0 mobsim in/network.xml --plans in/plans.xml --events one.xml.gz --threads 1
for words in "car                  120         120 " "walk                  60           0           0           0          60 " \
    "120 link events" "moved by force" "travel time"; do says out "$words"; done
grep -v '^wall' out >direct
expect 0 mobsim gmns --plans gmns/plans.csv --events csv.xml --threads 1
grep -v '^wall' out | cmp - direct || fail "the imported scenario gives other figures"
gzip -dc one.xml.gz >one.xml
cmp one.xml csv.xml || fail "the imported scenario gives other events"
grep -q '<event time="25201.0" type="entered link" vehicle="9" link="b" />' one.xml || fail "the first entry"
for threads in 2 3; do
    expect 0 mobsim gmns --plans gmns/plans.csv --events "t$threads.xml.gz" --threads "$threads"
    cmp one.xml.gz "t$threads.xml.gz" || fail "$threads threads give other events than one"
done
expect 0 mobsim gmns --plans gmns/plans.csv --end 07:03
says out "car                  120 "
python3 - out <<'PY' || fail "not every leg is accounted for"
import sys
for line in open(sys.argv[1]):
    words = line.split()
    if words and words[0] in ("car", "walk"):
        assert int(words[1]) == sum(map(int, words[2:])), line
PY
expect 0 mobsim gmns --plans gmns/plans.csv --scale 0.5
expect 0 import matsim in/network.xml -o alone
[ ! -e alone/plans.csv ] || fail "plans from nowhere"
expect 0 import matsim in/network.xml --plans in/plans.xml -o both
cmp both/plans.csv gmns/plans.csv || fail "--plans gives other plans"

expect_error 1 "FORMAT IN is missing" import
expect_error 1 "did you mean matsim?" import matsin in -o x
expect_error 1 "--output DIR is missing" import matsim in
expect_error 1 "--plans FILE is missing" mobsim gmns
expect_error 1 "give HH:MM" mobsim gmns --plans gmns/plans.csv --end 40:00
expect_error 1 "give HH:MM" mobsim gmns --plans gmns/plans.csv --end 7
expect_error 1 "above 0" mobsim gmns --plans gmns/plans.csv --scale 0
expect_error 1 "whole number" mobsim gmns --plans gmns/plans.csv --threads 0
expect_error 2 "none.xml: cannot be opened" mobsim none.xml --plans in/plans.xml
expect_error 2 "none.csv" mobsim gmns --plans none.csv
expect_error 2 "these are not MATSim plans" mobsim gmns --plans in/network.xml
expect_error 2 "cannot be written" mobsim gmns --plans gmns/plans.csv --events nowhere/e.xml
gzip -c in/plans.xml | head -c 200 >cut.xml.gz
expect_error 2 "cut.xml.gz:" mobsim gmns --plans cut.xml.gz
mkdir empty
expect_error 2 "network" import matsim empty -o x
cp in/network.xml in/my_network_a.xml
expect 0 import matsim in -o gmns # network.xml goes before others
mv in/network.xml in/my_network_b.xml
expect_error 1 "my_network_a.xml and my_network_b.xml" import matsim in -o x
[ ! -e x ] || fail "a folder was made for nothing"

# Plans that do not fit the network are counted, and the day goes on.
sed 's|<route>3</route>|<route>9</route>|' in/plans.xml >misfit.xml
expect 0 mobsim gmns --plans misfit.xml
says err "60 legs by road name a link or node that is not in the network, the first on line 3"
says out "car                  120          60           0           0           0          60"
