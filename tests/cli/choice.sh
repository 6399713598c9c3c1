#!/bin/bash
# vestsim query choice: hand-computed probabilities on three levels and varying choice sets, weights, located errors,
# files of several pieces, threads.
. "$(dirname "$0")/lib.sh"

# near KEY VALUE: a number of the JSON answer, to 1e-9.
near() {
    sed -n "s/.*\"$1\": \([-0-9.e]*\).*/\1/p" out |
        awk -v want="$2" '{ d = $1 - want; exit !(NR == 1 && d < 1e-9 && -d < 1e-9) }' || fail "$1 is not $2"
}

# Root {a, upper (1/2) {b, lower (1/2) {c, d}}}; ln makes the numbers whole: exp(V_c / 0.25) = XC.
# Row 1: lower 8 + 8 = 16, 16^(1/2) = 4; upper 5 + 4 = 9, 9^(1/2) = 3; root 1 + 3 = 4: a 1/4, b 3/4 5/9, c d 3/4 4/9 1/2.
# Row 2, without d: XC 16 gives the same 4, all of it to c. Row 3: a and d alone, 81^(1/4) = 3. Row 4: without a.
cat >deep.yaml <<'EOF'
title: three levels
choice: TAKEN
id: WHO
weight: W
coefficients: {half: 0.5, quarter: half * half, root: 1}
variables: {all: OPEN == 1}
alternatives:
  a: {available: all or OPEN == 2 or OPEN == 3, utility: 0 * root}
  b: {available: OPEN != 3, utility: half * ln(XB)}
  c: {value: 7, available: not OPEN == 3, utility: quarter * ln(XC)}
  d: {available: OPEN == 1 or (OPEN >= 3 and OPEN <= 4), utility: -(-ln(XD)) / 4}
nests:
  lower: {mu: 1 / quarter, members: [c, d]}
  upper: {lambda: half, members: [b, lower]}
EOF
cat >rows.csv <<'EOF'
WHO,OPEN,XB,XC,XD,TAKEN,W
"one, first",1,5,8,8,7,1
two,2,5,16,,7.0,1
three,3,,,81,a,1
four,4,5,8,8,b,1
EOF
expect 0 query choice rows.csv --model deep.yaml -o p.csv --utilities --format json
cat >wanted.csv <<'EOF'
line,id,chosen,weight,logsum,p_a,p_b,p_c,p_d,v_a,v_b,v_c,v_d
2,"one, first",c,1,1.38629436112,0.25,0.416666666667,0.166666666667,0.166666666667,0,0.804718956217,0.51986038542,0.51986038542
3,two,c,1,1.38629436112,0.25,0.416666666667,0.333333333333,0,0,0.804718956217,0.69314718056,
4,three,a,1,1.38629436112,0.25,0,0,0.75,0,,,1.09861228867
5,four,b,1,1.09861228867,0,0.555555555556,0.222222222222,0.222222222222,,0.804718956217,0.51986038542,0.51986038542
EOF
cmp p.csv wanted.csv || fail "$(diff p.csv wanted.csv)"
near observations 4
near log_likelihood -4.864452784 # ln 1/6 + ln 1/3 + ln 1/4 + ln 5/9
near null_log_likelihood -4.276666119 # -ln 4 - ln 3 - ln 2 - ln 3
near rho_squared -0.137440391
if command -v python3 >/dev/null; then python3 -m json.tool out >/dev/null || fail "not JSON"; fi

# A weight of 3 counts a row three times.
sed 's/^two\(.*\),1$/two\1,3/' rows.csv >weighted.csv
sed '3{p;p}' rows.csv >repeated.csv
expect 0 query choice repeated.csv --model deep.yaml --format json; cp out thrice
expect 0 query choice weighted.csv --model deep.yaml --format json
near weight 6
[ "$(sed 's/.*"null/"null/' out)" = "$(sed 's/.*"null/"null/' thrice)" ] || fail "weights and repetition differ"

# Without choices there are probabilities and shares, but no likelihood.
sed '/^choice/d; /^weight/d' deep.yaml >apply.yaml
expect 0 query choice rows.csv --model apply.yaml
says out "three levels"; says out "available  predicted"; says out "0.187500"
grep -q "^log-likelihood" out && fail "a likelihood without choices"

# Several pieces of 4 MiB, any number of threads: the same bytes; and lines counted through.
awk 'BEGIN { print "OPEN,XB,XC,XD,TAKEN,W,WHO"
    for (i = 0; i < 30000; i++) printf "%d,%d,%d,%d,%s,%.1f,%s\n", i % 4 + 1, i % 97 + 1, i % 89 + 2, i % 83 + 3,
        i % 4 == 2 ? "a" : "b", i % 3 / 2 + 0.5, "observation " i " of a survey whose names are long so that few rows make a file of several pieces which is what is tested here: nothing else is" }' | sed 's/^3,\(.*\),b,/3,\1,a,/' >large.csv
[ "$(wc -c <large.csv)" -gt 4194304 ] || fail "the file should be larger than a piece"
for threads in 1 3; do
    expect 0 query choice large.csv --model deep.yaml -o "large$threads.csv" -t $threads --format json
    cp out "large$threads.json"
done
cmp large1.csv large3.csv && cmp large1.json large3.json || fail "3 threads differ from 1"
[[ $(tail -1 large1.csv) == "30001,observation 29999 of a survey"* ]] || fail "the last line"
sed '25002s/^[^,]*,/x,/' large.csv >bad.csv
expect_error 2 "bad.csv:25002: column 'OPEN': 'x' is not a number" query choice bad.csv --model deep.yaml -o none.csv
[ ! -e none.csv ] && [ ! -e none.csv.part ] || fail "half a file was left"

# Errors in the table: file, line and what to do.
row() { { head -1 rows.csv; echo "$1"; } >bad.csv; }
row 'x,1,5,8,8,e,1';   expect_error 2 "bad.csv:2: column 'TAKEN': 'e' is the value of no alternative" query choice bad.csv --model deep.yaml
row 'x,2,5,8,8,d,1';   expect_error 2 "bad.csv:2: column 'TAKEN': 'd' is chosen but not available" query choice bad.csv --model deep.yaml
row 'x,1,5,,8,a,1';    expect_error 2 "bad.csv:2: column 'XC': is empty; a number is needed" query choice bad.csv --model deep.yaml
row 'x,1,5,0,8,a,1';   expect_error 2 "utility of 'c' (deep.yaml:10) is not a finite number" query choice bad.csv --model deep.yaml
row 'x,1,5,8,8,a,-1';  expect_error 2 "column 'W'" query choice bad.csv --model deep.yaml
row 'x,1,5,8,8,a,0';   expect_error 2 "all weights are 0" query choice bad.csv --model deep.yaml
row 'x,1,5,8,8,a';     expect_error 2 "bad.csv:2: the row has 6 cells" query choice bad.csv --model deep.yaml
row 'x,2,5,8,8,a,1';   expect_error 2 "deep.yaml:11:3: no one can take 'd'" query choice bad.csv --model deep.yaml
head -1 rows.csv >bad.csv; expect_error 2 "has no rows" query choice bad.csv --model deep.yaml
sed 's/OPEN != 3/OPEN == 9/; s/not OPEN == 3/0/; s/^  a:.*/  a: {available: 0, utility: 0}/' deep.yaml >closed.yaml
row 'x,2,5,8,8,a,1';   expect_error 2 "no alternative is available here" query choice bad.csv --model closed.yaml
sed 's/XD/XE/' rows.csv >bad.csv
expect_error 2 "deep.yaml:11:67: 'XD' is no coefficient, no variable and no column: bad.csv:1: column 'XD' is missing" query choice bad.csv --model deep.yaml
sed 's/XD/half/' rows.csv >bad.csv
sed 's/XD/XC/' deep.yaml >bad.yaml
expect_error 2 "'half' is also a column of bad.csv" query choice bad.csv --model bad.yaml

# Errors in the model (more of them: tests/unit/test_choice_model.c) and on the command line.
sed 's/lambda: half/lambda: 1.5/' deep.yaml >bad.yaml
expect_error 2 "bad.yaml:14:19: nest 'upper' has lambda 1.5" query choice rows.csv --model bad.yaml
expect_error 2 "no such file" query choice rows.csv --model gone.yaml
expect_error 2 "no such file" query choice gone.csv --model deep.yaml
expect_error 1 "--model" query choice rows.csv
expect_error 1 "--from is not for query choice" query choice rows.csv --model deep.yaml --from a
expect_error 1 "--utilities needs -o" query choice rows.csv --model deep.yaml --utilities
expect_error 1 "--model is for query choice" query car "$VESTSIM_SOURCE_DIR/scenarios/toy/network" --model deep.yaml
expect_error 1 "did you mean choice?" query choise rows.csv --model deep.yaml
expect_error 2 "cannot be written" query choice rows.csv --model deep.yaml -o nowhere/p.csv
expect 0 query --help; says out "choice CHOICES.csv"
exit 0
