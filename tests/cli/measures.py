#!/usr/bin/env python3
"""Every kind of measure on the toy town: it moves its indicator in the direction docs/formats.md says, from its start year on,
and leaves alone what it has nothing to do with. One row a case: kind, its keys, the indicator that must move and which way (+30: by just that),
and the groups of indicators that must stay as they are to the last digit (the random numbers are common, so they can).

The town is scenarios/toy with a few links that open only by a measure, holiday homes and a timetable without its bus.
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
p_cycle,Ny sykkelvei,s12,h3,0,,0.669,path,,,,0,bike,,path_own,2200
p_cycle2,Ny sykkelvei,h2,s01,0,,0.990,path,,,,0,bike,,path_own,2200
p_cycle3,Ny sykkelvei,h4,s11,0,,1.010,path,,,,0,bike,,path_own,2200
p_cycle4,Ny sykkelvei,s11,ml,0,,0.850,path,,,,0,bike,,path_own,2200
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
    case("kind: parking_places, value: 0.72, targets: [sentrum]", "car_km_sentrum", -1, TRIPS, THROUGH),
    case("kind: parking_norm, value: 0.1, targets: [sentrum_flats, prog_nord_row]", "car_km_resident", -1, PEOPLE, THROUGH),
    case("kind: cordon_price, value: 40", "cordon_cars", -1, PEOPLE, THROUGH),
    case("kind: fuel_factor, value: 2", "car_km_resident", -1, PEOPLE, THROUGH),
    case("kind: fare_factor, value: 0.5", "pt_boardings", +1, PEOPLE, THROUGH),
    case("kind: home_office, value: 0.4", "trips_per_person", -1, PEOPLE, THROUGH),
    case("kind: ev_share, value: 0.9", "co2_t", -1, ALL),
    case("kind: season, value: 0.4", "share_cycle", -1, TRIPS, THROUGH),
    case("kind: season, value: 1.6", "share_cycle", +1, TRIPS, THROUGH),
    case("kind: background_growth, value: 8", "car_km_visitor", +1, PEOPLE, THROUGH),
    case("kind: cycle_facility, text: path_own, targets: [Storgata, Nordveien, Kirkegata, Nordgata, Torggata, Sorveien, Parkveien, Vestveien]",
         "share_cycle", +1, PEOPLE, THROUGH),
    case("kind: speed_limit, value: 6, targets: [Storgata, Torggata, Kirkegata, Nordgata, Sorgata]", "car_km_sentrum", -1, PEOPLE),
    case("kind: close_link, targets: [Storgata, Torggata]", "car_km_sentrum", -1, PEOPLE),
    case("kind: open_link, targets: [Ny fylkesvei]", "sentrum_car_resident", -1, PEOPLE),
    case("kind: open_link, targets: [Ny sykkelvei]", "share_cycle", +1, PEOPLE, THROUGH),
    case("kind: open_link, targets: [Snarvei]", "share_walk", +1, PEOPLE, THROUGH),
    case("kind: junction, text: signal, targets: [Vestporten, s10, s12]", "delay_h", +1, PEOPLE),
    case("kind: bus_lane, value: 0.95, targets: [Kollektivfelt]", "delay_h", +1, PEOPLE),
    case("kind: transit, text: gtfs-none", "share_pt", -1, PEOPLE, THROUGH),
    case("kind: frequency, value: 3, targets: [B1]", "pt_boardings", +1, PEOPLE, THROUGH),
    case("kind: frequency, value: 2, targets: [train]", "pt_boardings", +1, PEOPLE, THROUGH),
    case("kind: frequency, value: 0.3, targets: [bus, T1]", "pt_boardings", -1, PEOPLE, THROUGH),
    case("kind: jobs, value: 150, targets: [sentrum]", "cordon_cars", +1, PEOPLE, THROUGH),
    case("kind: jobs, value: 150, targets: [retail]", "car_km_visitor", +1, PEOPLE, THROUGH),
    case("kind: shops, value: 3000, targets: [shop_sentrum]", "cordon_cars_visitor", +1, PEOPLE, THROUGH),
    case("kind: shops, value: 5000, targets: [retail]", "cordon_cars_visitor", -1, PEOPLE, THROUGH),
    case("kind: freight_rail, value: 0.8, targets: [lorry_in, lorry_out]", "co2_t", -1, TRIPS, THROUGH, CARS, MODES),
    case("kind: freight_rail, value: 0.8, targets: [lorry_in, lorry_out]", "vehicles", -1, TRIPS, THROUGH, CARS, MODES),
    case("kind: holiday_homes, value: 1, targets: [holiday_west, holiday_south]", "dwellings", +30, THROUGH),
]


# What must be refused, with the words of the message besides file, line and the measure's name.
ERRORS = [
    ("kind: parking_price, value: 1, targets: [nowhere]", "neither an area nor a zone"),
    ("kind: parking_places, value: 0.5, targets: [nowhere]", "neither an area nor a zone"),
    ("kind: parking_places, value: 0.5, targets: [west]", "nobody searches for a place in 'west'"),
    ("kind: parking_places, value: 0, targets: [sentrum]", "0.05"),
    ("kind: parking_norm, value: 1, targets: [nowhere]", "neither an entry of the programme"),
    ("kind: parking_norm, value: 30, targets: [sentrum]", "20"),
    ("kind: home_office, value: 1.2", "1"),
    ("kind: ev_share, value: -0.1", "0"),
    ("kind: season, value: 4", "3"),
    ("kind: background_growth, value: 11", "10"),
    ("kind: cycle_facility, text: motorway, targets: [Storgata]", "path_own"),
    ("kind: cycle_facility, text: lane, targets: [Storgaten]", "use a name or link_id"),
    ("kind: speed_limit, value: 30, targets: [e0]", "use a name or link_id"),
    ("kind: close_link, targets: [nowhere]", "use a name or link_id"),
    ("kind: open_link, targets: [nowhere]", "use a name or link_id"),
    ("kind: open_link, targets: [Storgata]", "is open today"),
    ("kind: junction, text: lights, targets: [s10]", "roundabout"),
    ("kind: junction, text: signal, targets: [s99]", "use a name or node_id"),
    ("kind: bus_lane, value: 0, targets: [Ny fylkesvei]", "not for buses alone"),
    ("kind: bus_lane, value: 1, targets: [p_lane]", "takes 1 lanes of link"),
    ("kind: transit, text: gtfs-missing", "gtfs-missing"),
    ("kind: frequency, value: 2, targets: [B99]", "does not run on the service date"),
    ("kind: frequency, value: 1.001, targets: [T1]", "adds or takes away no departure"),
    ("kind: jobs, value: 10, targets: [nowhere]", "no place of kind work"),
    ("kind: jobs, value: 10, targets: [home_h1]", "no place of kind work"),
    ("kind: jobs, value: -1000, targets: [sentrum]", "takes away 1000 jobs where there are 120"),
    ("kind: shops, value: 10, targets: [north]", "no place of kind shop"),
    ("kind: shops, value: -901, targets: [shop_sentrum]", "takes away 901 m2 where there are 900"),
    ("kind: freight_rail, value: 0.5, targets: [nowhere]", "not in flows.csv"),
    ("kind: freight_rail, value: 0.5, targets: [through_north]", "which is of cars"),
    ("kind: freight_rail, value: 1.5, targets: [lorry_in]", "1"),
    ("kind: holiday_homes, value: 0.5, targets: [north]", "no place of kind holiday_home"),
    ("kind: fare_factor, value: 0.5, targets: [sentrum]", "means nothing"),
    ("kind: jobs, value: 10", "needs 'targets'"),
]
YEARS = [("start_year: 2022", "outside the scenario's years 2023 to 2032"), ("start_year: 2033", "outside the scenario's years")]


def town(folder):
    """The toy town with the links, places and timetable above; no programme measures of its own."""
    toy = pathlib.Path(os.environ["VESTSIM_SOURCE_DIR"]) / "scenarios/toy"
    shutil.copytree(toy, folder / "toy")
    with open(folder / "toy/network/link.csv", "a", encoding="utf-8") as f:
        f.write(LINKS)
    with open(folder / "toy/places.csv", "a", encoding="utf-8") as f:
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


def errors(scenario, folder):
    """check says no, with file, line, the measure and what is wrong; nothing else is printed."""
    failures = 0
    cases = [(f"{keys}, start_year: 2030", words) for keys, words in ERRORS]
    cases += [(f"kind: fuel_factor, value: 2, {year}", words) for year, words in YEARS]
    for keys, words in cases:
        path = folder / "toy/bad.yaml"
        path.write_text(f'based_on: {scenario.name}\nmeasures:\n  - {{{keys}, source: "assumption: test"}}\n')
        done = subprocess.run([os.environ["VESTSIM"], "check", str(path)], capture_output=True, text=True)
        place = f"{path}:3" in done.stderr or keys.startswith("kind: transit")
        if done.returncode != 2 or done.stdout or words not in done.stderr or not place:
            print(f"  FAILED: {keys}: exit status {done.returncode}, expected '{words}' at line 3: {done.stderr}{done.stdout[:200]}")
            failures += 1
    print(f"{len(cases)} errors, {failures} failures")
    return failures


def buses_on(folder, prefix):
    """Buses of the last run's last year on the links whose id begins so; None without h5py."""
    try:
        import h5py
    except ImportError:
        return None
    with h5py.File(folder / "out.h5") as f:
        link = [i for i, name in enumerate(f["traffic/link"].asstr()[:]) if name.startswith(prefix)]
        bus = list(f["traffic/class"].asstr()[:]).index("bus")
        return float(f["traffic/vehicles"][-1, bus].sum(axis=0)[link].sum())


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    failures = 0
    try:
        scenario = town(folder)
        failures += errors(scenario, folder)
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
            if not change * direction > 0 or (abs(direction) > 1 and change != direction):
                print(f"  FAILED: {indicator} must go {'up' if direction > 0 else 'down'}, not by {change:.6g}")
                failures += 1
            if moved:
                print(f"  FAILED: moved by surprise: {moved}")
                failures += 1
            if keys.startswith("kind: bus_lane"):
                lane, road = buses_on(folder, "p_lane"), buses_on(folder, "a1")
                if lane is not None and not (lane > 50 and road == 0):
                    print(f"  FAILED: {lane:.0f} buses on the lane, {road:.0f} on the road beside it")
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
