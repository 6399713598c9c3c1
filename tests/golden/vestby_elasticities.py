#!/usr/bin/env python3
"""Elasticities of Vestby's base year against accepted bands. Needs VESTSIM and VESTSIM_SOURCE_DIR.

--json FILE also writes them for the validation page (analysis/validation.sh)."""
import csv
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["VESTSIM_SOURCE_DIR"])
BASE = ROOT / "scenarios" / "vestby" / "today.yaml"
STEP = 1.1


def run(folder, measure):
    """Indicators of today with a measure (YAML flow mapping without start_year and source), or None for none."""
    scenario = pathlib.Path(folder) / "case.yaml"
    text = f"based_on: {BASE}\n"
    if measure is not None:
        text += f"measures:\n  - {{start_year: 2023, source: test, {measure}}}\n"
    scenario.write_text(text, encoding="utf-8")
    out = subprocess.run(
        [os.environ["VESTSIM"], "run", str(scenario), "-o", str(pathlib.Path(folder) / "out.h5"), "-r", "1", "--quiet",
         "--format", "json"], check=True, capture_output=True, text=True)
    answer = json.loads(out.stdout)
    today = answer["today"]["indicators"]
    today["version"] = answer["version"]
    today["pt_trips"] = today["share_pt"] * today["trips_per_person"]
    return today


def mixed_streets():
    """Ids of the links where cycles ride among cars."""
    with open(ROOT / "scenarios" / "vestby" / "network" / "link.csv", encoding="utf-8") as f:
        return [row["link_id"] for row in csv.DictReader(f) if row["cycle_facility"].startswith("mixed")]


def main():
    failures, checks = 0, []

    def check(words, value, low, high, source):
        nonlocal failures
        good = low <= value <= high
        failures += not good
        checks.append({"quantity": words, "value": round(value, 6), "low": low, "high": high, "source": source})
        print(f"{'ok  ' if good else 'FAIL'} {words}: {value:+.3f} (from {low:+.3f} to {high:+.3f})")

    with tempfile.TemporaryDirectory() as folder:
        base = run(folder, None)

        def elasticity(name, other):
            return math.log(other[name] / base[name]) / math.log(STEP)

        # Goodwin 2002: -0.05 to -0.2 within a year, -0.15 to -0.4 after five. Modes, routes and destinations respond
        # here, car ownership and homes do not: the answer must lie between the two.
        fuel = run(folder, f"kind: fuel_factor, value: {STEP}")
        check("car-km of residents by fuel price", elasticity("car_km_resident", fuel), -0.4, -0.05,
              "Goodwin 2002, between one year and five")
        # TOEI 505/2001: -0.25 to -0.5
        fare = run(folder, f"kind: fare_factor, value: {STEP}")
        check("trips by public transport by fare", elasticity("pt_trips", fare), -0.5, -0.25, "TØI 505/2001")
        # no band for a town: fewer cars, by less than the 7 points seen in Oslo for half the free parking (TOEI 1843/2021)
        parking = run(folder, "kind: parking_price, value: 50, targets: [sentrum]")
        check("cars over the cordon, % by parking at 50 NOK", 100 * (parking["cordon_cars"] / base["cordon_cars"] - 1), -7, -0.2,
              "no band known for a town; TØI 1843/2021 (Oslo) as the upper limit")
        # CTS WP 2013:36: 51 to 61.3 % with a path along the whole way, +4 to +10 points. The share here is a tenth of that:
        # the odds are compared, which are multiplied by 1.17 (55 %) to 1.52 (61.3 %)
        paths = run(folder, f"kind: cycle_facility, text: path_own, targets: [{', '.join(mixed_streets())}]")
        odds = [s / (100 - s) for s in (base["share_cycle"], paths["share_cycle"])]
        check("odds of cycling, times, with paths along all streets", odds[1] / odds[0], 1.17, 1.52, "CTS WP 2013:36, as odds")
    if "--json" in sys.argv:
        text = json.dumps({"version": base["version"], "checks": checks}, indent=1, ensure_ascii=False) + "\n"
        pathlib.Path(sys.argv[sys.argv.index("--json") + 1]).write_text(text, encoding="utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
