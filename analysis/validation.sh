#!/usr/bin/env bash
# Makes docs/validation.md and its figures anew: two replications of Vestby today, the elasticities, the page. About a minute.
#   analysis/validation.sh [PROGRAM]      the program; build/release/vestsim without
# The page is dated today. VESTSIM_DATE=YYYY-MM-DD gives another date, so that the same program gives the same page.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
program="$(realpath "${1:-$root/build/release/vestsim}")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$root/analysis" MPLCONFIGDIR="$folder"
"$program" run "$root/scenarios/vestby/today.yaml" -o "$folder/today.h5" -r 2 --quiet >"$folder/said.txt"
VESTSIM="$program" VESTSIM_SOURCE_DIR="$root" /usr/bin/python3 "$root/tests/golden/vestby_elasticities.py" --json "$folder/elasticities.json" ||
    echo "validation.sh: an elasticity is outside its band; the page says which" >&2
/usr/bin/python3 -m vestsim_analysis validation "$folder/today.h5" --reference "$root/scenarios/vestby/reference.csv" \
    -o "$root/docs/validation.md" --figures "$root/docs/validation" --date "${VESTSIM_DATE:-$(date -u +%F)}" \
    --elasticities "$folder/elasticities.json" --exact "$root/docs/validation/exact_cases.csv"
