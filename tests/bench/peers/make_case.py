#!/usr/bin/env python3
"""Writes one grid town as MATSim network and plans and as SUMO routes, for the comparison with other simulators.

SIDE x SIDE junctions, two-way streets of 60 to 300 m; every fifth street is a major one (70 km/h, two lanes,
1800 vehicles an hour, minor: 40 km/h, one lane, 900; both +-20 %). Trips start around the middle, go a Laplace-distributed
number of blocks each way as a staircase, and depart in a morning peak, an afternoon peak or evenly from 5 to 22 h.

FOLDER/network.xml      MATSim network v2
FOLDER/plans.xml.gz     MATSim population v6: a person a trip, car legs with their links
FOLDER/routes.rou.xml   SUMO vehicles sorted by departure; edge ids = link ids, as `netconvert --matsim` keeps them
FOLDER/facts.json       links, trips, links driven, mean free-flow time

A MATSim leg starts at the end of its first link, so SUMO's vehicle, which drives its first edge from the beginning,
gets the route without that link: both drive the same links from start to end, `links driven` in all.

Standard library only; the same bytes for the same arguments (only Random.random() is drawn from).
"""

import argparse
import gzip
import json
import math
import random
from pathlib import Path

BLOCK_M = 300.0  # distance of junctions in the plane; the length driven is the link's own
MAJOR_EVERY = 5
MAJOR = {"speed_mps": 19.4, "lanes": 2, "capacity_vph": 1800.0}
MINOR = {"speed_mps": 11.1, "lanes": 1, "capacity_vph": 900.0}
MEAN_BLOCKS = 12  # each way, before trips that leave the town are drawn again
LEAST_LINKS = 3  # the link stood on and two to drive
STEPS = {"east": (1, 0), "west": (-1, 0), "north": (0, 1), "south": (0, -1)}


def make_links(side, draw):
    """Link id -> (from, to, length_m, kind, capacity_vph), and (node, step) -> link id."""
    links, leaving = [], {}
    for node in range(side * side):
        x, y = node % side, node // side
        for step, (dx, dy) in STEPS.items():
            if not (0 <= x + dx < side and 0 <= y + dy < side):
                continue
            street = y if dy == 0 else x
            kind = MAJOR if street % MAJOR_EVERY == 0 else MINOR
            length_m = round(60 + 240 * draw(), 1)
            capacity_vph = round(kind["capacity_vph"] * (0.8 + 0.4 * draw()))
            leaving[node, step] = len(links)
            links.append((node, node + dx + dy * side, length_m, kind, capacity_vph))
    return links, leaving


def draw_blocks(draw):
    blocks = int(-MEAN_BLOCKS * math.log(1 - draw()))
    return blocks if draw() < 0.5 else -blocks


def draw_origin(side, draw):
    return int(side / 2 + (draw() + draw() + draw() - 1.5) / 1.5 * side * 0.55)


def draw_ends(side, draw):
    """Origin and displacement of a trip that stays in town."""
    while True:
        x, y = draw_origin(side, draw), draw_origin(side, draw)
        dx, dy = draw_blocks(draw), draw_blocks(draw)
        inside = all(0 <= place < side for place in (x, y, x + dx, y + dy))
        if inside and abs(dx) + abs(dy) >= LEAST_LINKS:
            return x, y, dx, dy


def draw_departure_s(draw):
    kind = draw()
    if kind < 0.35:
        return int(8 * 3600 + (draw() + draw() + draw() - 1.5) * 1.6 * 3600)
    if kind < 0.70:
        return int(16.5 * 3600 + (draw() + draw() + draw() - 1.5) * 2 * 3600)
    return int((5 + 17 * draw()) * 3600)


def draw_route(side, leaving, draw):
    """A staircase that turns at one junction in eight."""
    x, y, dx, dy = draw_ends(side, draw)
    node, along_x, route = y * side + x, draw() < 0.5, []
    step_x, step_y = ("east" if dx > 0 else "west"), ("north" if dy > 0 else "south")
    node_x, node_y = (1 if dx > 0 else -1), (side if dy > 0 else -side)
    left_x, left_y = abs(dx), abs(dy)
    while left_x or left_y:
        if left_x and left_y and draw() < 0.125:
            along_x = not along_x
        if left_x and (along_x or not left_y):
            route.append(leaving[node, step_x])
            node += node_x
            left_x -= 1
        else:
            route.append(leaving[node, step_y])
            node += node_y
            left_y -= 1
    return route


def clock(second):
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def write_network(path, side, links):
    with open(path, "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write('<!DOCTYPE network SYSTEM "http://www.matsim.org/files/dtd/network_v2.dtd">\n')
        out.write('<network name="grid town">\n<nodes>\n')
        for node in range(side * side):
            out.write(f'<node id="{node}" x="{node % side * BLOCK_M}" y="{node // side * BLOCK_M}"/>\n')
        out.write('</nodes>\n<links capperiod="01:00:00" effectivecellsize="7.5" effectivelanewidth="3.75">\n')
        for ix, (start, end, length_m, kind, capacity_vph) in enumerate(links):
            out.write(
                f'<link id="{ix}" from="{start}" to="{end}" length="{length_m}" freespeed="{kind["speed_mps"]}" '
                f'capacity="{capacity_vph}" permlanes="{kind["lanes"]}" oneway="1" modes="car"/>\n'
            )
        out.write("</links>\n</network>\n")


def write_plans(path, trips):
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as out:
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<!DOCTYPE population SYSTEM "http://www.matsim.org/files/dtd/population_v6.dtd">\n<population>\n'
        )
        out.write(head.encode())
        for ix, (departure_s, route, names) in enumerate(trips):
            time = clock(departure_s)
            text = (
                f'<person id="{ix}"><plan selected="yes">'
                f'<activity type="home" link="{route[0]}" end_time="{time}"/>'
                f'<leg mode="car" dep_time="{time}"><route type="links" start_link="{route[0]}" end_link="{route[-1]}">'
                f"{names}</route></leg>"
                f'<activity type="work" link="{route[-1]}"/></plan></person>\n'
            )
            out.write(text.encode())
        out.write(b"</population>\n")


def write_routes(path, trips):
    with open(path, "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<routes>\n')
        # 7.5 m a queueing vehicle as in the plans' network; everybody drives at the limit.
        out.write('<vType id="car" length="5" minGap="2.5" sigma="0" speedFactor="1" speedDev="0"/>\n')
        for ix in sorted(range(len(trips)), key=lambda trip: trips[trip][0]):  # stable: ties by trip
            departure_s, _, names = trips[ix]
            driven = names[names.index(" ") + 1 :]
            out.write(f'<vehicle id="{ix}" type="car" depart="{departure_s}"><route edges="{driven}"/></vehicle>\n')
        out.write("</routes>\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write; made if absent")
    parser.add_argument("--side", type=int, default=50, help="junctions a side: 50 = 9 800 links, 159 = 100 488 links")
    parser.add_argument("--trips", type=int, default=200000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.side < 4 or arguments.trips < 1:
        parser.error("--side must be at least 4 and --trips at least 1")
    return arguments


def main():
    arguments = parse_arguments()
    draw = random.Random(arguments.seed).random
    links, leaving = make_links(arguments.side, draw)
    trips = []
    for _ in range(arguments.trips):
        departure_s, route = draw_departure_s(draw), draw_route(arguments.side, leaving, draw)
        trips.append((departure_s, route, " ".join(map(str, route))))
    free_s = [length_m / kind["speed_mps"] for _, _, length_m, kind, _ in links]
    facts = {
        "links": len(links),
        "trips": len(trips),
        "links_driven": sum(len(route) - 1 for _, route, _ in trips),
        "mean_free_flow_s": round(sum(free_s[link] for _, route, _ in trips for link in route[1:]) / len(trips), 1),
    }
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_network(arguments.folder / "network.xml", arguments.side, links)
    write_plans(arguments.folder / "plans.xml.gz", trips)
    write_routes(arguments.folder / "routes.rou.xml", trips)
    text = json.dumps(facts, indent=1)
    (arguments.folder / "facts.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
