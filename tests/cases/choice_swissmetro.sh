#!/bin/bash
# vestsim query choice on Swissmetro (6768 observations, Biogeme's examples b01 and b09): log-likelihoods to 1e-6 and
# every probability to 1e-6 of what is published. "Skipped" where the data are not on this machine.
. "$(dirname "$0")/../cli/lib.sh"
data=${VESTSIM_CASES:-$VESTSIM_SOURCE_DIR/../shared/cases}/choice-swissmetro
[ -d "$data" ] || { echo "skipped: no $data"; exit 77; }

# The sample of the published models: commuters and business, with a choice; tabs become commas.
awk -F'\t' -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; $1 = $1; print; next }
    ($c["PURPOSE"] == 1 || $c["PURPOSE"] == 3) && $c["CHOICE"] != 0 { $1 = $1; print }' "$data/swissmetro.dat" >choices.csv
[ "$(wc -l <choices.csv)" -eq 6769 ] || fail "6768 observations expected"

# beta BLOCK NAME: a number of expected.json.
beta() { sed -n "/\"$1\"/,\$s/.*\"$2\": *\(-\{0,1\}[0-9.e-]*\).*/\1/p" "$data/expected.json" | head -1; }
model() { # BLOCK
    cat <<EOF
title: Swissmetro $1
choice: CHOICE
id: ID
coefficients:
  asc_train: $(beta "$1" asc_train)
  asc_car: $(beta "$1" asc_car)
  b_time: $(beta "$1" b_time)
  b_cost: $(beta "$1" b_cost)
variables:
  pays: GA == 0   # a season ticket makes train and Swissmetro free
  sampled: SP != 0
alternatives:
  train: {value: 1, available: TRAIN_AV * sampled, utility: asc_train + b_time * TRAIN_TT / 100 + b_cost * TRAIN_CO * pays / 100}
  swissmetro: {value: 2, available: SM_AV, utility: b_time * SM_TT / 100 + b_cost * SM_CO * pays / 100}
  car: {value: 3, available: CAR_AV * sampled, utility: asc_car + b_time * CAR_TT / 100 + b_cost * CAR_CO / 100}
EOF
}
# compare FILE COLUMN COLUMN COLUMN: its probabilities against those columns of expected_probabilities.csv.
compare() {
    local file=$1
    shift
    awk -F, -v want="$*" '
        { sub(/\r$/, "") }
        FNR == NR && FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; split(want, w, " "); next }
        FNR == NR { for (k = 1; k <= 3; k++) p[FNR, k] = $c[w[k]]; next }
        FNR == 1 { for (i = 1; i <= NF; i++) o[$i] = i; split("p_train p_swissmetro p_car", n, " "); next }
        { rows++; for (k = 1; k <= 3; k++) { d = $o[n[k]] - p[FNR, k]; d = d < 0 ? -d : d; if (d > worst) worst = d } }
        END { print rows " rows, largest difference " worst; exit !(rows == 6768 && worst < 1e-6) }' \
        "$data/expected_probabilities.csv" "$file" || fail "$file: probabilities differ from those published"
}
# near KEY VALUE TOLERANCE: a number of the JSON answer.
near() {
    sed -n "s/.*\"$1\": \([-0-9.e]*\).*/\1/p" out |
        awk -v want="$2" -v tolerance="$3" '{ d = $1 - want; exit !(NR == 1 && d < tolerance && -d < tolerance) }' ||
        fail "$1 is not $2 +- $3"
}

model mnl_beta >mnl.yaml
expect 0 query choice choices.csv --model mnl.yaml -o mnl.csv --format json
near log_likelihood -5331.252007 1e-6
near null_log_likelihood -6964.662979 1e-6
compare mnl.csv mnl_p_train mnl_p_sm mnl_p_car

{ model nested_beta; echo "nests: {existing: {mu: $(beta published nest_existing_mu), members: [train, car]}}"; } >nested.yaml
expect 0 query choice choices.csv --model nested.yaml -o nested.csv --format json
near log_likelihood -5236.900015 1e-6
compare nested.csv nl_p_train nl_p_sm nl_p_car
near predicted_share 0.263996304640204 1e-6 # of the last alternative, car

# The comparison must be able to fail: the nest is what makes the difference.
(compare mnl.csv nl_p_train nl_p_sm nl_p_car) >/dev/null 2>&1 && fail "the comparison does not notice the nest"
exit 0
