#!/bin/bash
# Car routes from outside: forbidden turns and penalties, imported networks, a day of traffic with restrictions, and
# kept contraction orders.
. "$(dirname "$0")/lib.sh"
toy_folder=$VESTSIM_SOURCE_DIR/scenarios/toy
export VESTSIM_CACHE=

# links FROM TO FOLDER: the links of a single question; a batch and its JSON must say the same.
links() {
    expect 0 query car "$3" --from "$1" --to "$2" --depart 08:00 --format json
    single=$(python3 -c 'import json; print(" ".join(json.load(open("out"))["links"]))')
    cost=$(python3 -c 'import json; print(json.load(open("out"))["cost_s"])')
    printf 'from,to,depart\n%s,%s,08:00\n' "$1" "$2" >ask.csv
    expect 0 query car "$3" --batch ask.csv --format json
    python3 -c 'import json,sys; r=json.load(open("out"))[0]; sys.exit(r["cost_s"] != float(sys.argv[1]))' "$cost" ||
        fail "a batch costs other than a single question ($cost)"
    expect 0 query car "$3" --batch ask.csv
    grep -q ",$cost," out || fail "CSV costs other than JSON"
}
python_or_skip

# A cross: straight on is forbidden, turning back costs a minute, going round the block is free.
cp -r "$toy_folder/network" net
links s01 s21 net
[ "$single" = "e01 e11" ] || fail "straight on: $single"
free=$cost
printf 'node_id,ib_link_id,ob_link_id,type,penalty\ns11,e01,e11,thru,20\n' >net/movement.csv
links s01 s21 net
[ "$single" = "e01 e11" ] || fail "a small penalty is paid: $single"
python3 -c 'import sys; sys.exit(abs(float(sys.argv[2]) - float(sys.argv[1]) - 20) > 0.01)' "$free" "$cost" ||
    fail "the penalty is not part of the cost: $free, $cost"
printf 'node_id,ib_link_id,ob_link_id,type\ns11,e01,e11,forbidden\n' >net/movement.csv
links s01 s21 net
case "$single" in *"e01 e11"*) fail "a forbidden turn was taken: $single" ;; esac
printf 'node_id,ib_link_id,ob_link_id,type\no2,o_12,o_23,forbidden\no2,gv2,o_23,forbidden\n' >net/movement.csv
expect_error 2 "movement.csv" query car net --from s01 --to o3
printf 'from,to,depart\ns01,o3,08:00\n' >ask.csv
expect 0 query car net --batch ask.csv
says out "s01,o3,08:00,s01,o3,,,,,"

# A day of traffic in the same town without its busiest turns: it runs (the traffic model refuses forbidden turns).
cp -r "$toy_folder" town
cat >town/network/movement.csv <<'CSV'
node_id,ib_link_id,ob_link_id,type,penalty
s11,e01,e11,forbidden,
s11,e11-r,e01-r,forbidden,
s11,e01,e01-r,forbidden,
s21,e11,a7,,30
mx,m_ms_mx,m_mx_mn,forbidden,
CSV
expect 0 run town/toy.yaml "${short[@]}" -o town.h5 --threads 1
expect 0 run town/toy.yaml "${short[@]}" -o two.h5 --threads 2
cmp town.h5 two.h5 || fail "turns: two threads give other bytes than one"
grep -q "no way by car" err && fail "a warning of places that can be reached"
# Places that forbidden turns cut off: counted, and the first pair named.
printf 'node_id,ib_link_id,ob_link_id,type\no2,o_12,o_23,forbidden\no2,gv2,o_23,forbidden\n' >town/network/movement.csv
expect 0 run town/toy.yaml "${short[@]}" -o cut.h5
says err "12 of 182 pairs of nodes with places have no way by car in 2023, the first of them from 'home_s_flat' to 'job_storby'"
grep "no way by car" err | grep -q "movement.csv" || fail "the warning does not name the file to look at"
printf 'node_id,ib_link_id,ob_link_id,type\nms,m_gs_ms,m_ms_mx,forbidden\nms,m_gs_ms,m_ms_mn,forbidden\n' >town/network/movement.csv
expect_error 2 "flow 'through_north' (flows.csv)" run town/toy.yaml "${short[@]}" --quiet -o no.h5
grep -q movement.csv err || fail "the message does not name the file to look at"

# Imported networks. TNTP: node 5 may not be passed, though the way over it is the shortest.
mkdir tntp matsim
printf '%s\n' '<NUMBER OF ZONES> 3' '<NUMBER OF NODES> 4' '<FIRST THRU NODE> 4' '<NUMBER OF LINKS> 5' '<END OF METADATA>' \
    '~ init term capacity length time b power ;' '1 2 1000 1 1 0.15 4 ;' '2 3 1000 1 1 0.15 4 ;' \
    '1 4 1000 3 9 0.15 4 ;' '4 3 1000 3 9 0.15 4 ;' '3 1 1000 1 1 0.15 4 ;' >tntp/T_net.tntp
printf '%s\n' '<NUMBER OF ZONES> 3' '<TOTAL OD FLOW> 10' '<END OF METADATA>' 'Origin 1' '3 : 10;' >tntp/T_trips.tntp
expect 0 import tntp tntp -o from_tntp
links 1 3 from_tntp
[ "$(wc -w <<<"$single")" -eq 2 ] || fail "TNTP: two links expected, not $single"
expect 0 query car from_tntp --from 1 --to 3
grep -q "00:18:00" out || fail "TNTP: the way over zone 2 (2 minutes) may not be taken"
cat >matsim/network.xml <<'XML'
<network><nodes><node id="1" x="0" y="0"/><node id="2" x="100" y="0"/><node id="3" x="1100" y="0"/><node id="4" x="600" y="900"/></nodes>
<links capperiod="01:00:00">
<link id="a" from="1" to="2" length="100" freespeed="10" capacity="600" permlanes="1" modes="car"/>
<link id="b" from="2" to="3" length="1000" freespeed="20" capacity="600" permlanes="1" modes="car,bike"/>
<link id="c" from="2" to="4" length="1100" freespeed="20" capacity="600" permlanes="1" modes="car"/>
<link id="d" from="4" to="3" length="1100" freespeed="20" capacity="600" permlanes="1" modes="car"/>
</links></network>
XML
expect 0 import matsim matsim/network.xml -o from_matsim
links 1 3 from_matsim
[ "$single" = "a b" ] || fail "MATSim: $single"
printf 'node_id,ib_link_id,ob_link_id,type\n2,a,b,forbidden\n' >from_matsim/movement.csv
links 1 3 from_matsim
[ "$single" = "a c d" ] || fail "MATSim with a forbidden turn: $single"

# Contraction orders of large networks are kept; the answers are the same with, without and with a damaged one.
mkdir big
cp "$toy_folder/network/config.csv" big
sed -i 's/EPSG:4326/local/' big/config.csv
awk 'BEGIN { n = 75
    print "node_id,x_coord,y_coord" >"big/node.csv"
    print "link_id,from_node_id,to_node_id,directed,length,capacity,free_speed,lanes,allowed_uses" >"big/link.csv"
    print "from,to,depart" >"many.csv"
    for (i = 0; i < n * n; i++) {
        print i "," 100 * (i % n) "," 100 * int(i / n) >"big/node.csv"
        speed = 30 + 10 * (i * 7919 % 5)
        if (i % n < n - 1) print "h" i "," i "," i + 1 ",0,0.1,900," speed ",1,\"auto\"" >"big/link.csv"
        if (i < n * (n - 1)) print "v" i "," i "," i + n ",0,0.1,900," speed + 1 ",1,\"auto\"" >"big/link.csv"
        if (i % 90 == 0) print i "," (i * 31 + 17) % (n * n) ",08:00" >"many.csv"
    }
}'
ask_many() {
    expect 0 query car big --batch many.csv
    cp out "$1"
}
ask_many without
export VESTSIM_CACHE=$work/kept/here
ask_many first
kept=$(ls kept/here)
[ "$(wc -l <<<"$kept")" -eq 1 ] || fail "one file expected, not: $kept"
before=$(stat -c %Y.%i kept/here/*)
ask_many second
[ "$(stat -c %Y.%i kept/here/*)" = "$before" ] || fail "the order was written twice"
[ ! -s err ] || fail "a good order is used without a word"
printf 'x' | dd of="kept/here/$kept" bs=1 seek=5000 conv=notrunc 2>/dev/null
ask_many damaged
says err "warning"; says err "$kept"
ask_many mended
[ ! -s err ] || fail "a damaged order is replaced"
export VESTSIM_CACHE=/proc/none
ask_many nowhere
for got in first second damaged mended nowhere; do
    cmp without $got || fail "answers depend on the kept order ($got)"
done
grep -q '^0,' without || fail "no answers"
export VESTSIM_CACHE=$work/kept/here
printf 'from,to,depart\ns00,s22,08:00\n' >ask.csv
expect 0 query car net --batch ask.csv
[ "$(ls kept/here)" = "$kept" ] || fail "small networks are not kept"
