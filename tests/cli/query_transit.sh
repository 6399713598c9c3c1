#!/bin/bash
# vestsim query transit: stop to stop on a feed alone, and from anywhere where there is a network.
. "$(dirname "$0")/lib.sh"
toy_folder=$VESTSIM_SOURCE_DIR/scenarios/toy
feed=$toy_folder/gtfs
grep -q '^T1_0_01,05:00:00,05:00:00,st_lilleby,' "$feed/stop_times.txt" || fail "the toy feed is another one; write this test anew"

expect 0 query transit "$feed" --from st_lilleby --to st_storby --depart 04:30 --date 2023-10-18
says out "depart 05:00:00"; says out "T1_0_01"; says out "1 boarding"
expect 0 query transit "$feed" --from st_lilleby --to st_storby --depart 04:30 --date 2023-10-18 --format json
says out '"mode": "transit"'; says out '"trips": ["T1_0_01"]'; says out '"departure_s": 18000'

# All departures of the day, and the last one that is there in time.
expect 0 query transit "$feed" --from st_lilleby --to st_storby --profile --date 2023-10-18
[ "$(grep -c '^depart ' out)" -gt 10 ] || fail "a day has more than ten trains"
[ "$(grep '^depart ' out | sort -c 2>&1)" = "" ] || fail "departures must come in order"
arrive=$(sed -n 's/^depart 05:00:00  arrive \([0-9:]*\) .*/\1/p' out)
expect 0 query transit "$feed" --from st_lilleby --to st_storby --arrive-by --depart "$arrive" --date 2023-10-18
says out "depart 05:00:00"

# A zip is as good as its folder, whether the files lie in it or in a folder of it.
if command -v python3 >/dev/null; then
    (cd "$toy_folder" && python3 -m zipfile -c "$work/feed.zip" gtfs/) || fail "cannot zip"
    expect 0 query transit feed.zip --from st_lilleby --to st_storby --depart 04:30 --date 2023-10-18
    says out "T1_0_01"
fi

# A batch: one row a journey, in the order of the questions; a row without figures where there is none.
printf 'from,to,depart,date\nst_lilleby,st_storby,04:30,2023-10-18\nst_storby,st_lilleby,26:00,2023-10-20\nst_lilleby,st_storby,04:30:00,2023-10-19\n' >batch.csv
expect 0 query transit "$feed" --batch batch.csv
says out "from,to,depart,date,departure_s,arrival_s,boardings,walk_s,wait_s,trips"
says out "st_lilleby,st_storby,04:30,2023-10-18,18000,"; says out "st_storby,st_lilleby,26:00,2023-10-20,,,,,,"; says out "st_lilleby,st_storby,04:30:00,2023-10-19,18000,"
expect 0 query transit "$feed" --batch batch.csv --format json --date 2023-10-18
says out '"journeys": []'

# With a network one may start anywhere; the folder of a scenario and the scenario itself say the same.
expect 0 query transit "$toy_folder/toy.yaml" --from 10.70,59.60 --to st_storby --depart 04:30
cp out scenario
expect 0 query transit "$toy_folder" --from 10.70,59.60 --to st_storby --depart 04:30 --date 2023-10-18
says out "on foot"

expect_error 1 "--date" query transit "$feed" --from st_lilleby --to st_storby
expect_error 1 "--batch" query transit "$feed" --from st_lilleby --date 2023-10-18
expect_error 1 "do not go together" query transit "$feed" --from st_lilleby --to st_storby --arrive-by --profile --date 2023-10-18
expect_error 1 "need a network" query transit "$feed" --from 10.70,59.60 --to st_storby --date 2023-10-18
expect_error 1 "for query transit" query car "$toy_folder/network" --from s00 --to s22 --date 2023-10-18
expect_error 1 "leave out" query transit "$feed" --from st_lilleby --to st_storby --date 2023-10-18 --nok-per-h 100
expect_error 2 "no stop 'nowhere'" query transit "$feed" --from nowhere --to st_storby --date 2023-10-18
expect_error 2 "HH:MM:SS" query transit "$feed" --from st_lilleby --to st_storby --depart 8 --date 2023-10-18
expect_error 2 "HH:MM:SS" query transit "$feed" --from st_lilleby --to st_storby --depart 08:+5 --date 2023-10-18
expect_error 2 "YYYY-MM-DD" query transit "$feed" --from st_lilleby --to st_storby --date 18.10.2023
expect_error 2 "for example on" query transit "$feed" --from st_lilleby --to st_storby --date 2023-10-22 --days 1
expect_error 2 "there is no journey" query transit "$feed" --from st_lilleby --to st_storby --depart 26:00 --date 2023-10-20
expect_error 2 "no such folder" query transit nowhere --from st_lilleby --to st_storby --date 2023-10-18
printf 'from,to,depart\nst_lilleby,st_storby,04:30\nst_lilleby,gone,04:30\n' >batch.csv
expect_error 2 "batch.csv:3" query transit "$feed" --batch batch.csv --date 2023-10-18
expect_error 1 "column date" query transit "$feed" --batch batch.csv
# A stop without coordinates, an unknown stop, a day without service: where, and what to do.
cp -r "$feed" bad; sed -i '2s/,59\.[0-9]*,/,,/;2s/,10\.[0-9]*,/,,/' bad/stops.txt
expect_error 2 "bad/stops.txt:2: column" query transit bad --from st_lilleby --to st_storby --date 2023-10-18
# A service that never runs: its trips would silently be missing.
cp -r "$feed" never; sed -i '2s/^\(weekday\),1,1,1,1,1,0,0,/idle,0,0,0,0,0,0,0,20230101,20231231\n&/' never/calendar.txt
sed -i '2s/^\([^,]*\),weekday,/\1,idle,/' never/trips.txt
expect 0 query transit never --from st_lilleby --to st_storby --depart 04:30 --date 2023-10-18
says err "never/calendar.txt:2: the service 'idle' has trips but never runs"
