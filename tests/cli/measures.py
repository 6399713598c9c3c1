#!/usr/bin/env python3
"""Every kind of measure on the toy town: it moves its indicator in the direction docs/formats.md says, from its start year on,
and leaves alone what it has nothing to do with. One row a case: kind, its keys, the indicator that must move and which way,
and the groups of indicators that must stay as they are to the last digit (the random numbers are common, so they can).

The town is scenarios/toy with a few links that open only by a measure, holiday homes and a longer bus line's timetable.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PEOPLE = ["residents", "dwellings"]
TRIPS = PEOPLE + ["trips_per_person"]
THROUGH = ["sentrum_car_through", "cordon_cars_through", "index_cars_through"]
CARS = ["car_km_sentrum", "cordon_cars", "car_km_resident", "car_km_municipality", "index_cars", "share_car_driver"]
MODES = ["share_car_driver", "share_car_passenger", "share_pt", "share_cycle", "share_walk"]
ALL = TRIPS + THROUGH + CARS + MODES + ["pt_boardings", "activity_min", "vehicles"]

# Links that open only by a measure: a road past sentrum, a cycle way, a short cut on foot, bus lanes beside Vestveien.
LINKS = """\
p_road,Ny fylkesvei,h4,mx,0,,1.620,secondary,1100,70,1,0,"auto,bus,truck,bike,walk",,mixed_fast,2200
p_cycle,Ny sykkelvei,h2,s01,0,,0.990,path,,,,3.4,bike,,path_own,2200
p_cut,Snarvei,ml,st,0,,0.690,path,,,,0,walk,,path_own,2200
p_lane,Kollektivfelt,s01,h1,0,,0.618,busway,,,,1.5,bus,,mixed_slow,2200
"""
PLACES = """\
holiday_west,,west,h1,holiday_home,30,-1,invented for tests
holiday_south,,south,h4,holiday_home,30,-1,invented for tests
"""


def case(keys, indicator, direction, *fixed):
    return keys, indicator, direction, [name for group in fixed for name in group]


CASES = [
    case("kind: parking_price, value: 60, targets: [sentrum]", "car_km_sentrum", -1, TRIPS, THROUGH),
    case("kind: parking_places, value: 0.75, targets: [sentrum]", "car_km_sentrum", -1, TRIPS, THROUGH),
    case("kind: parking_places, value: 2, targets: [sentrum]", "car_km_sentrum", +1, TRIPS, THROUGH),
    case("kind: parking_norm, value: 0.1, targets: [sentrum_flats, prog_nord_row]", "car_km_resident", -1, PEOPLE, THROUGH),
    case("kind: cordon_price, value: 40", "cordon_cars", -1, PEOPLE, THROUGH),
    case("kind: fuel_factor, value: 2", "car_km_resident", -1, PEOPLE, THROUGH),
    case("kind: fare_factor, value: 0.5", "pt_boardings", +1, PEOPLE, THROUGH),
    case("kind: home_office, value: 0.4", "trips_per_person", -1, PEOPLE, THROUGH),
    case("kind: ev_share, value: 0.9", "co2_t", -1, ALL),
    case("kind: season, value: 0.4", "share_cycle", -1, TRIPS, THROUGH),
    case("kind: season, value: 1.6", "share_cycle", +1, TRIPS, THROUGH),
    case("kind: background_growth, value: 8", "car_km_visitor", +1, PEOPLE, THROUGH),
    case("kind: cycle_facility, text: path_own, targets: [Storgata, Nordveien, Kirkegata, Nordgata]", "share_cycle", +1, PEOPLE,
         THROUGH),
    case("kind: speed_limit, value: 15, targets: [Storgata, Torggata, Kirkegata]", "car_km_sentrum", -1, PEOPLE),
    case("kind: close_link, targets: [Storgata, Torggata]", "car_km_sentrum", -1, PEOPLE),
    case("kind: open_link, targets: [Ny fylkesvei]", "sentrum_car_resident", -1, PEOPLE),
    case("kind: open_link, targets: [p_cycle]", "share_cycle", +1, PEOPLE, THROUGH),
    case("kind: open_link, targets: [Snarvei]", "share_walk", +1, PEOPLE, THROUGH),
    case("kind: junction, text: signal, targets: [Vestporten, s10, s12]", "delay_h", +1, PEOPLE),
    case("kind: bus_lane, value: 0.5, targets: [Kollektivfelt]", "delay_h", +1, PEOPLE),
    case("kind: transit, text: gtfs-none", "share_pt", -1, PEOPLE, THROUGH),
    case("kind: frequency, value: 3, targets: [B1]", "pt_boardings", +1, PEOPLE, THROUGH),
    case("kind: frequency, value: 2, targets: [train]", "pt_boardings", +1, PEOPLE, THROUGH),
    case("kind: frequency, value: 0.3, targets: [bus, T1]", "pt_boardings", -1, PEOPLE, THROUGH),
    case("kind: jobs, value: 150, targets: [sentrum]", "cordon_cars", +1, PEOPLE, THROUGH),
    case("kind: jobs, value: 150, targets: [retail]", "car_km_visitor", +1, PEOPLE, THROUGH),
    case("kind: shops, value: 3000, targets: [shop_sentrum]", "cordon_cars", +1, PEOPLE, THROUGH),
    case("kind: shops, value: 5000, targets: [retail]", "car_km_sentrum", -1, PEOPLE, THROUGH),
    case("kind: freight_rail, value: 0.8, targets: [lorry_in, lorry_out]", "cordon_vehicles", 0, TRIPS, THROUGH),
    case("kind: holiday_homes, value: 1, targets: [holiday_west, holiday_south]", "dwellings", +1, THROUGH),
]


def town(folder):
    """The toy town with the links, places and timetable above; no programme measures of its own."""
    toy = pathlib.Path(os.environ["VESTSIM_SOURCE_DIR"]) / "scenarios/toy"
    shutil.copytree(toy, folder / "toy")
    with open(folder / "toy/network/link.csv", "a") as f:
        f.write(LINKS)
    with open(folder / "toy/places.csv", "a") as f:
        f.write(PLACES)
    shutil.copytree(folder / "toy/gtfs", folder / "toy/gtfs-none")  # the bus does not run
    trips = (folder / "toy/gtfs/trips.txt").read_text().splitlines()
    (folder / "toy/gtfs-none/trips.txt").write_text("\n".join(t for t in trips if not t.startswith("B1,")) + "\n")
    for name in ("frequencies.txt", "stop_times.txt"):
        lines = (folder / "toy/gtfs" / name).read_text().splitlines()
        (folder / "toy/gtfs-none" / name).write_text("\n".join(t for t in lines if not t.startswith("B1_")) + "\n")
    return folder / "toy/toy.yaml"


def run(scenario, folder, measures):
    command = [os.environ["VESTSIM"], "run", str(scenario), "-r", "1", "--format", "json", "--quiet", "-o",
               str(folder / "out.h5"), "--set", f"measures=[{measures}]"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"{measures}: exit status {done.returncode}: {done.stderr}")
    text = json.loads(done.stdout)
    return text["today"]["indicators"], text["years"][0]["indicators"]


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    failures = 0
    try:
        scenario = town(folder)
        today, base = run(scenario, folder, "")
        for keys, indicator, direction, fixed in CASES:
            if len(sys.argv) > 1 and sys.argv[1] not in keys:
                continue
            now, then = run(scenario, folder, f'{{{keys}, start_year: 2030, source: "assumption: test"}}')
            change = then[indicator] - base[indicator]
            print(f"{keys}: {indicator} {base[indicator]:.6g} -> {then[indicator]:.6g}")
            moved = [name for name in fixed if then[name] != base[name]]
            if os.environ.get("SHOW"):
                print("   ", {n: (round(base[n], 4), round(then[n], 4)) for n in base if then[n] != base[n]})
            if not change * direction > 0:
                print(f"  FAILED: {indicator} must go {'up' if direction > 0 else 'down'}")
                failures += 1
            if moved:
                print(f"  FAILED: moved by surprise: {moved}")
                failures += 1
            if now != today:
                print("  FAILED: today changed, before the measure starts")
                failures += 1
    finally:
        shutil.rmtree(folder)
    print(f"{len(CASES)} measures, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
