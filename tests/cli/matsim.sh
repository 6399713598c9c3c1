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

# Figures for programs.
expect 0 mobsim gmns --plans gmns/plans.csv --format json
python3 "$(dirname "$0")/mobsim_json.py" out || fail "the JSON is not as documented"
says out '"mode": "car", "legs": 120, "departed": 120, "arrived": 120, "stuck": 0,'
says out '"transit": null'
expect 0 mobsim gmns --plans gmns/plans.csv --format json --end 07:03
python3 "$(dirname "$0")/mobsim_json.py" out || fail "the JSON of a short day is not as documented"

# A bus line: the schedule there and back, persons on it, the same for any threads.
mkdir pt
cp in/network.xml pt
cat >pt/Town_transitSchedule.xml <<'XML'
<transitSchedule><transitStops><stopFacility id="s1" x="0" y="0" linkRefId="a"/>
<stopFacility id="s2" x="1100" y="0" linkRefId="b" name="End"/></transitStops>
<transitLine id="L"><transitRoute id="r"><transportMode>bus</transportMode>
<routeProfile><stop refId="s1" departureOffset="00:00:00"/><stop refId="s2" arrivalOffset="00:02:00"/></routeProfile>
<route><link refId="a"/><link refId="b"/></route><departures>
<departure id="1" departureTime="07:05:00" vehicleRefId="v1"/><departure id="2" departureTime="07:10:00" vehicleRefId="v2"/>
</departures></transitRoute></transitLine></transitSchedule>
XML
cat >pt/town_vehicles.xml <<'XML'
<vehicleDefinitions><vehicleType id="bus"><capacity><seats persons="2"/><standingRoom persons="0"/></capacity></vehicleType>
<vehicle id="v1" type="bus"/><vehicle id="v2" type="bus"/></vehicleDefinitions>
XML
{
    echo '<plans>'
    for i in 1 2 3 4 5; do
        echo "<person id=\"$i\"><plan><act type=\"h\" link=\"a\" end_time=\"07:00\"/><leg mode=\"pt\" trav_time=\"00:20\"><route>PT1===s1===L===r===s2</route></leg><act type=\"w\" link=\"b\"/></plan></person>"
    done
    echo '</plans>'
} >pt/plans.xml
expect 0 import matsim pt -o bus
says out "2 stops, 1 lines, 1 routes, 2 departures of 2 vehicles; 2 of them in the traffic"
says err "1 links that are closed to buses"
[ -z "$(find bus -name '*.part')" ] || fail "a temporary file was left"
expect 0 mobsim bus --plans bus/plans.csv --events bus.xml
for words in "2 of 2 departures ran, 2 to their last stop, 0 of them by the timetable" \
    "4 boardings, 4 denied for want of room, 1 left at stops"; do says out "$words"; done
says out "pt                     5           0           0           0           0           0           4           1"
grep -v '^wall' out >folder
expect 0 mobsim pt/network.xml --plans pt/plans.xml --schedule pt/Town_transitSchedule.xml --vehicles pt/town_vehicles.xml \
    --events xml.xml --threads 2
grep -v '^wall' out | cmp - folder || fail "the imported schedule gives other figures"
cmp bus.xml xml.xml || fail "the imported schedule gives other events"
expect 0 mobsim bus --plans bus/plans.csv --format json
python3 "$(dirname "$0")/mobsim_json.py" out || fail "the JSON with a schedule is not as documented"
rm -r bus/gtfs
expect 0 mobsim bus --plans bus/plans.csv
says err "5 legs name a line, but there is no schedule"
says out "pt                     5           0           0           0           5           0"
expect_error 1 "give --schedule FILE.xml" mobsim bus --plans bus/plans.csv --vehicles pt/town_vehicles.xml
expect_error 1 "give --schedule FILE" import matsim in/network.xml --vehicles pt/town_vehicles.xml -o x
expect_error 2 "this is not a MATSim transit schedule" mobsim bus --plans bus/plans.csv --schedule pt/plans.xml
expect_error 2 "none" mobsim bus --plans bus/plans.csv --schedule none
expect_error 1 "give text or json" mobsim bus --plans bus/plans.csv --format xml
head -c 300 pt/Town_transitSchedule.xml >pt/cut_schedule.xml
expect_error 2 "cut_schedule.xml:4: this is not well-formed XML" import matsim pt --schedule pt/cut_schedule.xml -o x
[ ! -e x ] || fail "a folder was made for nothing"

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

# What can be wrong with roads and times: counted, conserved, and every leg has one outcome.
checked_day() { # WORDS ARGUMENT...: a warning, and the JSON of the day
    local words="$1"
    shift
    expect 0 mobsim "$@" --format json
    python3 "$(dirname "$0")/mobsim_json.py" out || fail "$words: a vehicle or a leg was lost"
    [ -z "$words" ] || says err "$words"
}
sed '/id="b"/s/capacity="600"/capacity="0"/; /id="b"/s/length="1000"/length="1"/' in/my_network_a.xml >odd.xml
checked_day "1 links have a length, capacity, speed or number of lanes that cannot be simulated" odd.xml --plans in/plans.xml
says out '"arrived": 88, "stuck": 32,' # a vehicle an hour leaves the link for its second leg
sed 's/end_time="07:00"/end_time="40:00"/' in/plans.xml >late.xml
checked_day "" gmns --plans late.xml
says out '"mode": "car", "legs": 120, "departed": 0,'
sed 's/,drive,car,h,07:00:00,,,a,b,b,/,drive,car,h,07:00:00,,,a,c,c,/' gmns/plans.csv >gap.csv
cmp -s gap.csv gmns/plans.csv && fail "the plans were not changed"
checked_day "60 legs by road have a route with a gap, the first on line 2" gmns --plans gap.csv
says out '"unusable": 60'
printf 'ib_link_id,ob_link_id,type\na,b,forbidden\n' >gmns/movement.csv
checked_day "60 legs by road take a forbidden turn, the first on line 2" gmns --plans gmns/plans.csv
printf 'ib_link_id,ob_link_id,type\na,b,forbidden\n' >bus/movement.csv
checked_day "" bus --plans bus/plans.csv --schedule pt/Town_transitSchedule.xml --vehicles pt/town_vehicles.xml
says out '"run": 2, "completed": 2, "by_timetable": 2, "boardings": 4, "denied": 4,'
for what in Town_transitSchedule town_vehicles; do
    gzip -c "pt/$what.xml" | head -c 120 >cut.xml.gz
    if [ "$what" = town_vehicles ]; then
        expect_error 2 "cut.xml.gz" mobsim in/my_network_a.xml --plans pt/plans.xml --schedule pt/Town_transitSchedule.xml --vehicles cut.xml.gz
    else
        expect_error 2 "cut.xml.gz" mobsim in/my_network_a.xml --plans pt/plans.xml --schedule cut.xml.gz
    fi
done
