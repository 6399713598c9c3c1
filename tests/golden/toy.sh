#!/usr/bin/env bash
# Golden run of the toy town: every number of `run --format json` equals tests/golden/toy.json to 1e-9. After a change that is
# meant to change results: tests/golden/toy.sh --update (with VESTSIM set), and say why in the commit.
set -euo pipefail
root="${VESTSIM_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$VESTSIM" run "$root/scenarios/toy/toy.yaml" -o "$folder/toy.h5" --format json --quiet >"$folder/toy.json"
if [ "${1:-}" = --update ]; then
    /usr/bin/python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); [d.pop(k,None) for k in ("output","version","git_commit")]; json.dump(d,open(sys.argv[2],"w"),indent=1); print(file=open(sys.argv[2],"a"))' \
        "$folder/toy.json" "$root/tests/golden/toy.json"
    exit 0
fi
/usr/bin/python3 - "$folder/toy.json" "$root/tests/golden/toy.json" <<'PY'
import json, sys

def compare(path, new, old, problems):
    if isinstance(old, dict):
        for key in old:
            if key not in new:
                problems.append(f"{path}.{key} is missing")
            else:
                compare(f"{path}.{key}", new[key], old[key], problems)
    elif isinstance(old, list):
        if len(new) != len(old):
            problems.append(f"{path}: {len(new)} entries, expected {len(old)}")
        for i, (a, b) in enumerate(zip(new, old)):
            compare(f"{path}[{i}]", a, b, problems)
    elif isinstance(old, float):
        if new is None or abs(new - old) > 1e-9 * max(1.0, abs(old)):
            problems.append(f"{path}: {new}, expected {old}")
    elif new != old:
        problems.append(f"{path}: {new!r}, expected {old!r}")

problems = []
compare("run", json.load(open(sys.argv[1])), json.load(open(sys.argv[2])), problems)
print("\n".join(problems) or "golden values kept")
sys.exit(1 if problems else 0)
PY
