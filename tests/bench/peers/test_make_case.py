#!/usr/bin/env python3
"""Test of make_case.py: the same bytes for the same seed, routes that connect, the same links in both forms."""

import gzip
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

SCRIPT = Path(__file__).with_name("make_case.py")
FILES = ("network.xml", "plans.xml.gz", "routes.rou.xml", "facts.json")
TRIPS = 400


def make(folder, seed):
    options = ["--side", "9", "--trips", str(TRIPS), "--seed", str(seed)]
    subprocess.run([sys.executable, SCRIPT, folder, *options], check=True, stdout=subprocess.DEVNULL)
    return {name: (Path(folder) / name).read_bytes() for name in FILES}


def check_seed(work):
    first, again, other = make(work / "a", 1), make(work / "b", 1), make(work / "c", 2)
    assert first == again, "the same seed gives other bytes"
    assert all(first[name] != other[name] for name in FILES[:3]), "another seed gives the same case"
    return first


def check_routes(files):
    links = {link.get("id"): link for link in xml.fromstring(files["network.xml"]).iter("link")}
    assert len(links) == 4 * 9 * 8 == json.loads(files["facts.json"])["links"]
    assert all(60 <= float(link.get("length")) <= 300 for link in links.values())
    driven = {}
    for person in xml.fromstring(gzip.decompress(files["plans.xml.gz"])).iter("person"):
        route = person.find("plan/leg/route")
        names = route.text.split()
        assert (route.get("start_link"), route.get("end_link")) == (names[0], names[-1])
        for link, following in zip(names, names[1:]):
            assert links[link].get("to") == links[following].get("from"), f"trip {person.get('id')} has a gap"
            assert links[link].get("from") != links[following].get("to"), f"trip {person.get('id')} turns back"
        hours, minutes, seconds = map(int, person.find("plan/activity").get("end_time").split(":"))
        driven[person.get("id")] = (3600 * hours + 60 * minutes + seconds, names[1:])
    return driven


def check_sumo(files, driven):
    vehicles = list(xml.fromstring(files["routes.rou.xml"]).iter("vehicle"))
    departures = [int(vehicle.get("depart")) for vehicle in vehicles]
    assert departures == sorted(departures), "SUMO's vehicles are not sorted by departure"
    routes = {v.get("id"): (int(v.get("depart")), v.find("route").get("edges").split()) for v in vehicles}
    assert routes == driven and len(routes) == TRIPS, "SUMO's vehicles are not the plans' legs"
    assert sum(len(names) for _, names in driven.values()) == json.loads(files["facts.json"])["links_driven"]


def main():
    with tempfile.TemporaryDirectory() as work:
        files = check_seed(Path(work))
        check_sumo(files, check_routes(files))


if __name__ == "__main__":
    main()
