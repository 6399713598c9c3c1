#!/usr/bin/env python3
"""Reads what sumo.sh has run in FOLDER, checks that both programs did the same work and prints seconds and ratios."""

import json
import re
import sys
from pathlib import Path


def number(path, pattern):
    """The number in the first match of the pattern in a program's output."""
    match = re.search(pattern, path.read_text(encoding="utf-8"), flags=re.M)
    if match is None:
        sys.exit(f"{path}: nothing like '{pattern}': has the program changed what it prints?")
    return float(match.group(1))


def least(folder, glob, pattern):
    return min(number(path, pattern) for path in folder.glob(glob))


def least_cpu_s(folder, glob):
    """Least CPU seconds, user and system, of the runs."""
    return min(sum(map(float, path.read_text(encoding="utf-8").split())) for path in folder.glob(glob + ".cpu"))


def check_same_work(folder, facts):
    """Every trip driven to its end over the same number of links, whatever the number of threads."""
    trips, faults = facts["trips"], []
    for path in sorted(folder.glob("sumo_*.log")) + [folder / "statistics_sumo.log"]:
        if number(path, r"Inserted: (\d+)") != trips or number(path, r"Running: (\d+)") != 0:
            faults.append(f"{path.name}: not every trip was driven")
    travel_s = set()
    for path in sorted(folder.glob("vestsim_*.log")):
        if number(path, r"^car +\d+ +(\d+)") != trips:
            faults.append(f"{path.name}: not every trip was driven")
        if number(path, r"(\d+) link events") != facts["links_driven"]:
            faults.append(f"{path.name}: link events are not the {facts['links_driven']} links driven")
        travel_s.add(number(path, r"^travel time +(\d+) s"))
    if len(travel_s) != 1:
        faults.append("vestsim's travel time depends on the number of threads or on the run")
    if faults:
        sys.exit("\n".join(faults))
    return travel_s.pop() / trips


def print_row(name, events, seconds, note=""):
    print(f"{name:27} {seconds:9.3f} s {seconds / events * 1e9:10.1f} ns/event{note}")


def print_facts(folder, facts, vestsim_trip_s):
    text = (folder / "statistics_sumo.log").read_text(encoding="utf-8")
    sumo_trip_s = number(folder / "statistics_sumo.log", r"RouteLength:[^$]*?^ Duration: ([\d.]+)")
    teleports = re.search(r"Teleports: (\d+)", text)
    print(f"{facts['links']} links, {facts['trips']} trips, {facts['links_driven']} link events")
    print(
        f"mean trip time: free flow {facts['mean_free_flow_s']} s, SUMO {sumo_trip_s:.1f} s, vestsim {vestsim_trip_s:.1f} s; "
        f"SUMO teleported {teleports.group(1) if teleports else 0}"
    )


def main():
    folder = Path(sys.argv[1])
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    print_facts(folder, facts, check_same_work(folder, facts))
    events = facts["links_driven"]
    duration_s = least(folder, "sumo_*.log", r"Performance:[^$]*?Duration: ([\d.]+)")
    sumo_s = least_cpu_s(folder, "sumo_*.log") - least_cpu_s(folder, "read_sumo_*.log")
    print_row("SUMO meso, reading excluded", events, sumo_s)
    print_row("SUMO meso, its own Duration", events, duration_s)
    wall_s = {}
    for threads in (1, 2):
        if list(folder.glob(f"vestsim_{threads}_*.log")):
            wall_s[threads] = least(folder, f"vestsim_{threads}_*.log", r"^wall +([\d.]+) s")
            note = f"   SUMO / vestsim: {sumo_s / wall_s[threads]:.1f} (Duration: {duration_s / wall_s[threads]:.1f})"
            print_row(f"vestsim, threads: {threads}", events, wall_s[threads], note)
            day_s = least(folder, f"vestsim_{threads}_*.log", r"^wall .*; day ([\d.]+) s")
            note = f"   SUMO / day: {sumo_s / day_s:.1f} (Duration: {duration_s / day_s:.1f})"
            print_row("  of it the day alone", events, day_s, note)
    if 2 in wall_s:
        print(f"vestsim, 2 threads against 1: {wall_s[1] / wall_s[2]:.2f}")


if __name__ == "__main__":
    main()
