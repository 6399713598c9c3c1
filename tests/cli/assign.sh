#!/bin/bash
# import tntp and assign: a problem of two routes from files to the answer, and mistakes.
. "$(dirname "$0")/lib.sh"

mkdir two
printf '%s\n' '<NUMBER OF ZONES> 2' '<NUMBER OF NODES> 4' '<FIRST THRU NODE> 3' '<NUMBER OF LINKS> 4' '<END OF METADATA>' \
    '~ init term capacity length time b power ;' '1 3 1000 1 10 0.15 4 ;' '3 2 1000 1 10 0.15 4 ;' \
    '1 4 1000 1 10 0.15 4 ;' '4 2 1000 1 10 0.15 4 ;' >two/Two_net.tntp
printf '%s\n' '<NUMBER OF ZONES> 2' '<TOTAL OD FLOW> 3000' '<END OF METADATA>' 'Origin 1' '2 : 3000;' >two/Two_trips.tntp

expect 0 import tntp two -o gmns
grep -q '2 zones, 4 nodes, 4 links; 3000' out || fail "counts of import"
for file in config.csv node.csv link.csv demand.csv; do
    [ -s gmns/$file ] || fail "$file is missing"
done
expect 0 assign gmns -o flows.csv --threads 2 --gap 1e-12
grep -q '^relative gap' out || fail "no relative gap"
[ "$(grep -cE ',1(500|499.9999|500.0000)[0-9]*,' flows.csv)" -eq 4 ] || fail "flows are not 1500 each"
expect 0 assign gmns --format json
/usr/bin/python3 -c 'import json,sys; r=json.load(open("out")); sys.exit(not (r["converged"] and r["demand"]==3000))' ||
    fail "json"
expect 0 assign gmns --cost queue --period-h 2 --gap 0.5 --format json
/usr/bin/python3 -c 'import json,sys; r=json.load(open("out")); sys.exit(r["arrived"] != 3000)' || fail "queue json"
expect 0 assign gmns --cost queue --queue point --gap 0.2
grep -q '^gap by day   0' out || fail "no gap by day"
expect 0 assign gmns --cost queue --queue point --departure-choice 6.4,3.9,15.21 --arrive-at 08:00 --gap 0.5 --format json
/usr/bin/python3 -c 'import json,sys
r=json.load(open("out"))
sys.exit(not (r["arrived"]==3000 and r["total_cost"]>0 and r["gap_of"]=="cost" and len(r["day_gaps"])==r["days"]))' ||
    fail "departures json"
expect 3 assign gmns --iterations 1 --gap 1e-12 -o marked.csv
[ -s marked.csv ] || fail "flows are written even if the gap is not reached"

expect_error 1 "unknown format" import tnpt two -o x
expect_error 1 "--output" import tntp two
expect_error 1 "--length-unit" import tntp two -o x --length-unit yard
expect_error 1 "--toll-factor" import tntp two -o x --toll-factor -1
expect_error 1 "--cost" assign gmns --cost flow
expect_error 1 "--gap" assign gmns --gap 0
expect_error 1 "--period-h" assign gmns --period-h 2
expect_error 1 "--queue" assign gmns --queue point
expect_error 1 "--queue 'line' is not known" assign gmns --cost queue --queue line
expect_error 1 "need each other" assign gmns --cost queue --arrive-at 08:00
expect_error 1 "--taste-min needs" assign gmns --cost queue --taste-min 2
expect_error 1 "three values" assign gmns --cost queue --departure-choice 6.4,3.9 --arrive-at 08:00
expect_error 1 "give HH:MM" assign gmns --cost queue --departure-choice 6.4,3.9,15 --arrive-at 08.30
expect_error 2 "must be below that of travel time" assign gmns --cost queue --departure-choice 3,4,9 --arrive-at 08:00
expect_error 2 "nothere" import tntp nothere -o x
expect_error 2 "config.csv" assign two
sed -i 's/1 4 1000/1 4 -1000/' two/Two_net.tntp
expect_error 2 "Two_net.tntp:9: capacity" import tntp two -o x
[ ! -e x ] || fail "a failed import left a folder"
sed -i 's/^1,2,3000/1,9,3000/' gmns/demand.csv
expect_error 2 "demand.csv:2: column 'd_zone_id'" assign gmns
sed -i 's/^1,9,3000/1,2,many/' gmns/demand.csv
expect_error 2 "demand.csv:2: column 'volume'" assign gmns
sed -i 's/zone_id/zone/' gmns/node.csv
expect_error 2 "node.csv" assign gmns
