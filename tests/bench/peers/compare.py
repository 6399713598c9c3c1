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


def print_row(name, events, cpu_s, wall_s, note=""):
    cells = [f"{s:9.3f} {s / events * 1e9:9.1f}" if s is not None else " " * 19 for s in (cpu_s, wall_s)]
    print(f"{name:30} {cells[0]} {cells[1]}{note}")


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
    duration, wall = r"Performance:[^$]*?Duration: ([\d.]+)", r"^wall +([\d.]+) s"
    duration_s = least(folder, "sumo_*.log", duration)
    sumo_wall_s = duration_s - least(folder, "read_sumo_*.log", duration)
    sumo_cpu_s = least_cpu_s(folder, "sumo_*.log") - least_cpu_s(folder, "read_sumo_*.log")
    vestsim_cpu_s = least_cpu_s(folder, "vestsim_1_*.log") - least_cpu_s(folder, "read_vestsim_*.log")
    vestsim_cpu_s = max(vestsim_cpu_s, 0.01)  # tiny cases: below the clock's resolution
    one_s = least(folder, "vestsim_1_*.log", wall)
    print(f"{'reading excluded':30} {'CPU s':>9} {'ns/event':>9} {'wall s':>9} {'ns/event':>9}")
    print_row("SUMO meso", events, sumo_cpu_s, sumo_wall_s, f"  (its own Duration: {duration_s:.3f} s)")
    print_row("vestsim, 1 thread", events, vestsim_cpu_s, one_s)
    if list(folder.glob("vestsim_2_*.log")):
        two_s = least(folder, "vestsim_2_*.log", wall)
        note = f"  1 thread / 2 threads: {one_s / two_s:.2f}, SUMO / 2 threads: {sumo_wall_s / two_s:.1f}"
        print_row("vestsim, 2 threads", events, None, two_s, note)
    print(
        f"SUMO / vestsim, 1 thread each: CPU {sumo_cpu_s / vestsim_cpu_s:.1f}, wall {sumo_wall_s / one_s:.1f}, "
        f"SUMO's own Duration {duration_s / one_s:.1f}"
    )


if __name__ == "__main__":
    main()
