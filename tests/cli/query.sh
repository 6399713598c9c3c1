#!/bin/bash
# vestsim query: single questions and batches on a network folder.
. "$(dirname "$0")/lib.sh"
network=$VESTSIM_SOURCE_DIR/scenarios/toy/network

expect 0 query car "$network" --from s00 --to s22 --depart 08:00:00
says out "depart    08:00:00"; says out "arrive    08:01:48"; says out "distance  1.032 km"; says out "links     n00 e01 e11 n21"
expect 0 query car "$network" --from s00 --to s00;            says out "time      00:00:00"
expect 0 query walk "$network" --from s00 --to s22;           says out "walk from s00 to s22"
expect 0 query cycle "$network" --from 10.70,59.60 --to s22;  says out "cycle from s00 to s22"
expect 0 query car "$network" --from s00 --to s22 --depart 23:30 --format json
says out '"departure_s": 84600'; says out '"time_s": 108.4'; says out '"links": ["n00", "e01", "e11", "n21"]'

# Running cost at 100 NOK/h and 2 NOK/km: 1.032 km cost 74.3 s, rounded link by link.
expect 0 query car "$network" --from s00 --to s22 --nok-per-h 100 --nok-per-km 2 --format json
says out '"cost_s": 182.8'

# A batch costs what single questions cost, whatever the router.
printf 'from,to,depart\ns00,s22,07:30\n"10.70,59.60",s01,08:00:00\ns22,s10,12:00\n' >batch.csv
expect 0 query car "$network" --batch batch.csv
says out "from,to,depart,from_node,to_node,time_s,cost_s,distance_m,toll_nok,links"
says out 's00,s22,07:30,s00,s22,108.4,108.4,'
says out '"10.70,59.60",s01,08:00:00,s00,s01,31.0,'
[ "$(wc -l <out)" -eq 4 ] || fail "four lines expected"
batch=$(sed -n 's/^s22,s10,12:00,s22,s10,\([0-9.]*\),.*/\1/p' out)
expect 0 query car "$network" --from s22 --to s10 --depart 12:00 --format json
says out "\"time_s\": $batch,"
expect 0 query walk "$network" --batch batch.csv --format json
says out '"mode": "walk"'

# A node that only a closed-off street reaches has no way: exit 2 alone, empty cells in a batch.
cp -r "$network" island
printf 'lonely,,10.71,59.61,20,none\n' >>island/node.csv
expect_error 2 "no way by car from s00 to lonely" query car island --from s00 --to lonely
printf 'from,to,depart\ns00,lonely,07:30\n' >batch.csv
expect 0 query car island --batch batch.csv;                  says out "s00,lonely,07:30,s00,lonely,,,,,"
expect 0 query car island --batch batch.csv --format json;    says out '"found": false'

expect_error 1 "give car, walk, cycle or transit; did you mean cycle?" query cycl "$network" --from s00 --to s22
expect_error 1 "--batch" query car "$network"
expect_error 1 "--batch" query car "$network" --from s00
expect_error 1 "--batch" query car "$network" --from s00 --to s22 --batch batch.csv
expect_error 1 "number" query car "$network" --from s00 --to s22 --nok-per-h x
expect_error 2 "no node 'nowhere'" query car "$network" --from nowhere --to s22
expect_error 2 "HH:MM:SS" query car "$network" --from s00 --to s22 --depart 8
expect_error 2 "HH:MM:SS" query car "$network" --from s00 --to s22 --depart 08:60
expect_error 2 "HH:MM:SS" query car "$network" --from s00 --to s22 --depart 30:00:00
expect_error 2 "HH:MM:SS" query car "$network" --from s00 --to s22 --depart 08:00:00:00
expect_error 2 "config.csv" query car . --from s00 --to s22
printf 'from,to\ns00,s22\n' >batch.csv
expect_error 2 "depart" query car "$network" --batch batch.csv
printf 'from,to,depart\ns00,s22,07:30\ns00,gone,07:30\n' >batch.csv
expect_error 2 "batch.csv:3" query car "$network" --batch batch.csv
