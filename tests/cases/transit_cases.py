#!/usr/bin/env python3
"""Journeys of `vestsim query transit` against published and independently computed answers, exact to the second.

Environment: VESTSIM = the program, VESTSIM_CASES = the folder of cases. Exit 77 where there is none.
"""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = os.environ["VESTSIM"]
CASES = os.environ.get("VESTSIM_CASES") or os.path.join(os.environ.get("VESTSIM_SOURCE_DIR", "."), "../shared/cases")
failures = []


def case(*parts):
    return os.path.join(CASES, *parts)


def check(what, got, expected):
    if got != expected:
        failures.append(f"{what}: got {got}, expected {expected}")


def seconds(clock):
    parts = [int(p) for p in clock.split(":")]
    return parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)


def clock(s):
    return f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}"


def run(*words):
    return subprocess.run([PROGRAM, "query", "transit", *words], capture_output=True, text=True, check=False)


def ask(feed, origin, destination, depart, date, *more):
    """All journeys of one question, or None where there is none."""
    r = run(feed, "--from", origin, "--to", destination, "--depart", depart, "--date", date, "--format", "json", *more)
    if r.returncode == 2 and "there is no journey" in r.stderr:
        return None
    if r.returncode != 0:
        failures.append(f"{feed} {origin} {destination} {depart} {date}: exit {r.returncode}: {r.stderr.strip()}")
        return None
    return json.loads(r.stdout)


def arrival(answer, depart_s):
    """Earliest arrival of any journey or of walking, None if none."""
    if answer is None:
        return None
    times = [j["arrival_s"] for j in answer["journeys"]]
    if "walk_only_s" in answer:
        times.append(depart_s + answer["walk_only_s"])
    return min(times)


def trips(journey):
    return [t for leg in journey["legs"] if leg["mode"] == "transit" for t in leg["trips"]]


def derived(feed, path):
    """CSV of service_date,from,to,depart_at,expected arrival: one batch."""
    rows = list(csv.DictReader(open(path, encoding="utf-8")))
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as f:
        f.write("from,to,depart,date\n")
        for r in rows:
            f.write(f"{r['from_stop_id']},{r['to_stop_id']},{r['depart_at']},{r['service_date']}\n")
    answer = run(feed, "--batch", f.name, "--format", "json")
    os.unlink(f.name)
    if answer.returncode != 0:
        failures.append(f"{feed}: {answer.stderr}")
        return 0
    for r, a in zip(rows, json.loads(answer.stdout)):
        expected = r["expected_arrival_s_after_service_date_midnight"]
        found = bool(a["journeys"]) or "walk_only_s" in a
        got = str(arrival(a, a["departure_s"])) if found else "UNREACHABLE"
        check(f"{os.path.basename(path)} {r['service_date']} {r['from_stop_id']} {r['to_stop_id']} {r['depart_at']}",
              got, expected)
    return len(rows)


def mmri():
    """Plain depart-at and arrive-by questions; the rest need options or real-time messages that are not read."""
    options = {"wheelchairAccessible", "preferredTravelType", "preferLeastTransfers", "bannedRoute", "bannedStop",
               "startTransitTripId"}
    # Answers to real-time messages (delays, cancellations) that come beside the timetable.
    realtime = {"3b1", "3b2", "3c1", "3e1"}
    requests = json.load(open(case("gtfs-mmri-journeys", "requests.json"), encoding="utf-8"))
    answers = {a["id"]: a for a in json.load(open(case("gtfs-mmri-journeys", "expected-responses.json"),
                                                   encoding="utf-8"))}
    count = 0
    for q in requests:
        name = re.match(r"2e[1-4]|\d\w", q["id"])
        name = name.group(0) if name else q["id"]
        if name == "2a":
            name = "2a1" if q["from"] in ("2a1", "2a2") else "2a2"
        name = re.sub(r"^3g$", q["id"][:3], name)
        feed = case("gtfs-mmri-journeys", name, "gtfs")
        if options & set(q) or q["id"] in realtime or not os.path.isdir(feed):
            continue
        legs = answers[q["id"]]["legs"]
        date, at = q["time"].split("T")
        day = int(date[-2:])
        stamp = lambda text: (int(text[8:10]) - day) * 86400 + seconds(text[11:])  # noqa: E731
        if q["timeType"] == "D":
            a = ask(feed, q["from"], q["to"], at, date)
            check(f"mmri {q['id']}", arrival(a, seconds(at)), stamp(legs[-1]["arrivalTime"]))
        else:
            a = ask(feed, q["from"], q["to"], at, date, "--arrive-by")
            latest = max((j["departure_s"], j["arrival_s"]) for j in a["journeys"]) if a else None
            check(f"mmri {q['id']}", latest, (stamp(legs[0]["departureTime"]), stamp(legs[-1]["arrivalTime"])))
        count += 1
    return count


def graphhopper():
    folder = "gtfs-graphhopper-journeys"
    count = 0
    for r in csv.DictReader(open(case(folder, "expected_journeys.csv"), encoding="utf-8")):
        if "osm" in r["feeds"]:
            continue  # two feeds joined by walking on a map
        expected, at = r["gtfs_spec_duration_s"], seconds(r["time"])
        feed = case(folder, r["feeds"])
        if r["type"] == "depart":
            a = ask(feed, r["from_stop"], r["to_stop"], r["time"], r["date"])
            got = arrival(a, at)
            check(f"graphhopper {r['id']}", "NONE" if got is None else str(got - at), expected)
            if r["expected_trips"] and a:
                best = [j for j in a["journeys"] if j["arrival_s"] == got]
                check(f"graphhopper {r['id']} trips", r["expected_trips"].split(";") in [trips(j) for j in best], True)
            if r["id"] == "block":
                check("graphhopper block: one boarding", a["journeys"][0]["boardings"], 1)
        else:
            a = ask(feed, r["from_stop"], r["to_stop"], r["time"], r["date"], "--arrive-by")
            last = max(a["journeys"], key=lambda j: j["departure_s"])
            if expected.startswith("ARRIVES"):
                check(f"graphhopper {r['id']}", last["arrival_s"], seconds(expected.split()[1]))
            else:
                check(f"graphhopper {r['id']}", str(at - last["departure_s"]), expected)
        count += 1
    for r in csv.DictReader(open(case(folder, "expected_departures_profile.csv"), encoding="utf-8")):
        expected = [seconds(w) for w in r["by_gtfs_spec"].split() if ":" in w]
        feed = case(folder, "sample-feed")
        if r["id"] == "profile4h":
            a = ask(feed, r["from_stop"], r["to_stop"], "06:00", "2007-01-01", "--profile")
            got = [j["departure_s"] for j in a["journeys"] if j["departure_s"] <= seconds("10:04")]
        elif r["id"] == "overnight":
            a = ask(feed, r["from_stop"], r["to_stop"], "23:00", "2007-01-01")
            got = [j["departure_s"] - 86400 for j in a["journeys"]]
        else:
            a = ask(feed, r["from_stop"], r["to_stop"], "11:00", "2007-01-01", "--profile")
            got = [j["departure_s"] for j in a["journeys"] if j["arrival_s"] <= seconds("13:00")][:-5:-1]
        check(f"graphhopper profile {r['id']}", got, expected)
        count += 1
    return count


def interlining():
    a = ask(case("gtfs-otp", "interlining"), "stop0", "stop3", "00:05", "2014-01-01")
    best = a["journeys"][0]
    check("interlining", (best["arrival_s"], best["boardings"], trips(best)), (2400, 1, ["route1-trip1", "route1-trip2"]))
    check("interlining: nothing better", len(a["journeys"]), 1)
    # Type 5 forbids to stay on board.
    a = ask(case("gtfs-otp", "interlining"), "stop0", "stop5", "00:25", "2014-01-01")
    check("type 5", [j["boardings"] for j in a["journeys"]], [2])
    return 2


def rrrr():
    """Printed itineraries: first ride's departure, last arrival, rides, by stop names."""
    count = 0
    root = case("gtfs-rrrr-qa")
    for name in sorted(os.listdir(root)):
        feed, expected = os.path.join(root, name, "gtfs"), os.path.join(root, name, "expected")
        if name.startswith("3") or name in ("2b", "2c", "2f") or not os.path.isdir(expected):
            continue  # 3: real time; 2b, 2c: wheelchairs and preferences; 2f: starts on board
        ids = {r["stop_name"]: r["stop_id"] for r in csv.DictReader(open(os.path.join(feed, "stops.txt"),
                                                                         encoding="utf-8-sig"))}
        days = [r["date"] for r in csv.DictReader(open(os.path.join(feed, "calendar_dates.txt"), encoding="utf-8-sig"))]
        date = f"{days[0][:4]}-{days[0][4:6]}-{days[0][6:]}"
        for file in sorted(os.listdir(expected)):
            rows = [r for r in open(os.path.join(expected, file), encoding="utf-8") if ":" in r and ";" in r]
            if name == "1g" or not rows:
                continue  # other days: the same questions as in mmri
            rides = [r.split() for r in rows if r.split()[0] not in ("WAIT", "WALK")]
            moves = [r for r in rows if r.split()[0] != "WAIT"]
            origin, destination = moves[0].split(";")[-3], moves[-1].split(";")[-2]
            depart = seconds(rides[0][5])
            a = ask(feed, ids[origin], ids[destination], clock(depart), date)
            end = seconds(moves[-1].split()[6])
            got = arrival(a, depart)
            if moves[-1].startswith("WALK"):  # by a transfer of type 9, RRRR's own: the walk is not comparable
                got = min(leg["arrival_s"] for j in a["journeys"] for leg in j["legs"] if leg["mode"] == "transit")
            check(f"rrrr {name} {file}", got, end)
            count += 1
    return count


def hove():
    """Every run of the expanded output can be ridden. The output lets runs by frequency arrive at start_time and stand
    as long as the template; by the specification start_time is the departure, so runs of a template that stands at its
    first stop (trip:1, 2 minutes) are that much earlier here. It writes runs after midnight at their hour of the next
    day: services 2 and 3 run on the 5th and the 6th, so the 6th has all hours."""
    root = case("gtfs-hove-transit-model", "frequencies")
    runs = {}
    for r in csv.DictReader(open(os.path.join(root, "output", "stop_times.txt"), encoding="utf-8-sig")):
        runs.setdefault(r["trip_id"], []).append((int(r["stop_sequence"]), r))
    dates = {"trip:1": "2018-01-01", "trip:2": "2018-01-01", "trip:3": "2018-01-01", "trip:4": "2018-01-01",
             "trip:5": "2018-01-06", "trip:russian": "2018-01-06"}
    expected = {}
    for name, calls in runs.items():
        calls.sort(key=lambda c: c[0])
        first, last = calls[0][1], calls[-1][1]
        trip = name.rsplit("-", 1)[0]
        stand = seconds(first["departure_time"]) - seconds(first["arrival_time"])
        expected.setdefault((trip, first["stop_id"], last["stop_id"]), []).append(
            (seconds(first["departure_time"]) - stand, seconds(last["arrival_time"]) - stand))
    count = 0
    for (trip, origin, destination), times in expected.items():
        if trip not in dates or origin == destination:
            continue
        a = ask(os.path.join(root, "input"), origin, destination, "00:00", dates[trip], "--profile")
        got = [(j["departure_s"], j["arrival_s"]) for j in a["journeys"] if trips(j) == [trip]] if a else []
        check(f"hove {trip} {origin} {destination}", got, sorted(set(times)))
        count += 1
    return count


def flybuss_calls():
    """Departures of a real feed at three stops, beyond the journeys."""
    return derived(case("gtfs-norway-flybuss", "gtfs.zip"), case("gtfs-norway-flybuss", "DERIVED_journeys_flybuss.csv"))


def main():
    if not os.path.isdir(case("gtfs-mmri-journeys")):
        print(f"skipped: no journeys in {CASES}")
        return 77
    counts = {
        "mmri": mmri(),
        "graphhopper": graphhopper(),
        "flybuss": flybuss_calls(),
        "caltrain": derived(case("gtfs-partridge", "caltrain-2017-07-24"),
                            case("gtfs-partridge", "DERIVED_journeys_caltrain.csv")),
        "interlining": interlining(),
        "rrrr": rrrr(),
        "hove": hove(),
    }
    print(counts)
    for f in failures:
        print("FAILED:", f)
    return 1 if failures or min(counts.values()) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
