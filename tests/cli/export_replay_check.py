"""Compares MATSim and OMX files of a run with one replication with its results file.

Usage: export_replay_check.py OUT.h5 DIR GMNS_READ_BACK VESTSIM NETWORK
"""
import collections
import csv
import gzip
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

import h5py
import numpy

MODES = {"car_driver": "car", "car_passenger": "ride", "pt": "pt", "cycle": "bike", "walk": "walk"}


def texts(dataset):
    return dataset.asstr()[:]


def check_events(file, path, year):
    with gzip.open(path) as stream:
        events = [e.attrib for e in xml.parse(stream).getroot()]
    times = [float(e["time"]) for e in events]
    assert times == sorted(times), "events are not in the order of time"
    y = file["traffic/year"][:].tolist().index(year)
    links, classes = texts(file["traffic/link"]).tolist(), texts(file["traffic/class"]).tolist()
    entered = {c: collections.Counter() for c in classes}
    kind, departed, arrived = {}, collections.Counter(), collections.Counter()
    on_link = {}
    for e in events:
        if e["type"] == "vehicle enters traffic":
            kind[e["vehicle"]] = {"car": "car", "truck": "lorry", "bus": "bus"}[e["networkMode"]]
            entered[kind[e["vehicle"]]][e["link"]] += 1
            on_link[e["vehicle"]] = e["link"]
        elif e["type"] == "left link":
            assert on_link.pop(e["vehicle"]) == e["link"], e
        elif e["type"] == "entered link":
            entered[kind[e["vehicle"]]][e["link"]] += 1
            on_link[e["vehicle"]] = e["link"]
        elif e["type"] == "vehicle leaves traffic":
            assert on_link.pop(e["vehicle"]) == e["link"], e
        elif e["type"] == "departure" and e["person"].isdigit():
            departed[e["person"], e["legMode"], float(e["time"])] += 1
        elif e["type"] == "arrival" and e["person"].isdigit():
            arrived[e["person"], e["legMode"], float(e["time"])] += 1
    for c, name in enumerate(classes):
        counted = file["traffic/vehicles"][y, c].sum(axis=0)
        assert [entered[name][link] for link in links] == counted.tolist(), f"{year}: {name} by link"
        assert counted.sum() > 0, name
    trips = file["trips"]
    keep = trips["year"][:] == year
    words = [MODES[m] for m in trips["mode"].attrs["flag_meanings"].split()]
    rows = list(zip(trips["person"][keep], trips["mode"][keep], trips["departure_s"][keep], trips["arrival_s"][keep]))
    expected = collections.Counter((str(p), words[m], float(d)) for p, m, d, _ in rows)
    assert departed == expected, f"{year}: departures {len(departed)} of {len(expected)}"
    expected = collections.Counter((str(p), words[m], float(a)) for p, m, _, a in rows if a >= 0)
    assert arrived == expected, f"{year}: arrivals"
    return len(events)


def check_network(file, path, folder):
    with gzip.open(path) as stream:
        root = xml.parse(stream).getroot()
    links = file["network/links"]
    names = {e.attrib["id"]: {a.attrib["name"]: a.text for a in e.iter("attribute")} for e in root.iter("link")}
    assert [names[i].get("name", "") for i in texts(links["link"])] == texts(links["name"]).tolist()
    assert any("<\u00f8>" in n.get("name", "") for n in names.values())
    with open(f"{folder}/link.csv", encoding="utf-8", newline="") as stream:
        read = {r["link_id"]: r for r in csv.DictReader(stream)}
    assert set(read) == set(texts(links["link"]))
    for i, link in enumerate(texts(links["link"])):
        assert abs(float(read[link]["length"]) - links["length_m"][i]) < 0.01, link
        if links["allowed"][i] & 1:
            total = float(read[link]["capacity"]) * float(read[link]["lanes"])
            assert abs(total - links["capacity_vph"][i]) < 0.01 and "auto" in read[link]["allowed_uses"], link
        for bit, word in ((2, "bus"), (4, "bike"), (8, "walk")):
            assert bool(links["allowed"][i] & bit) == (word in read[link]["allowed_uses"].split(",")), link


def middles(file):
    """The node of each zone's middle, as include/loop/skim.h has it."""
    zone, node = file["places/zone_ix"][:], file["places/node_ix"][:]
    xy = numpy.stack([file["network/nodes/x_m"][:], file["network/nodes/y_m"][:]], axis=1)[node]
    found = []
    for k in range(len(file["zones/zone"])):
        own = numpy.flatnonzero(zone == k)
        away = numpy.hypot(*(xy[own] - xy[own].mean(axis=0)).T)
        found.append(texts(file["network/nodes/node"])[node[own[away.argmin()]]] if len(own) else None)
    return found


def distances(program, network, mode, nodes, *options):
    """[from, to] in km by `vestsim query`."""
    pairs = [(a, b) for a in nodes for b in nodes if a and b]
    with open("pairs.csv", "w", encoding="utf-8") as stream:
        stream.write("from,to,depart\n" + "".join(f"{a},{b},08:00\n" for a, b in pairs))
    out = subprocess.run([program, "query", mode, network, "--batch", "pairs.csv", *options], check=True, capture_output=True, text=True).stdout
    return {(r["from"], r["to"]): float(r["distance_m"]) / 1000 if r["distance_m"] else numpy.nan for r in csv.DictReader(io.StringIO(out))}


def check_omx(file, path, program, network):
    zones = texts(file["zones/zone"]).tolist()
    nodes = middles(file)
    with h5py.File(path, "r") as omx:
        assert omx.attrs["OMX_VERSION"] in ("0.2", b"0.2") and omx.attrs["SHAPE"].tolist() == [len(zones)] * 2
        assert [z.decode() for z in omx["lookup/zone_id"][:]] == zones
        assert omx["lookup/zone_number"][:].tolist() == list(range(1, len(zones) + 1))
        for name, matrix in omx["data"].items():
            assert matrix.shape == (len(zones),) * 2 and matrix.chunks and matrix.compression == "gzip", name
            assert matrix.attrs["units"] and matrix.attrs["description"], name
            values = matrix[:]
            known = values[~numpy.isnan(values)]
            assert len(known) and (known >= 0).all(), name
        get = {name: matrix[:] for name, matrix in omx["data"].items()}
    walked = distances(program, network, "walk", nodes)
    yaml = file["scenario_yaml"].asstr()[()]
    per_min, per_nok = (float(re.search(rf"work:.*?{key}: (\S+)", yaml, flags=re.S).group(1)) for key in ("car_per_min", "cost_per_nok"))
    driven = distances(program, network, "car", nodes, "--nok-per-km", re.search(r"car_cost_nok_per_km: (\S+)", yaml).group(1),
                       "--nok-per-h", f"{60 * per_min / per_nok:.17g}")
    for i, a in enumerate(nodes):
        for j, b in enumerate(nodes):
            if a and b and a != b:
                for matrix, way in ((get["DISTWALK"], walked), (get["SOV_DIST__MD"], driven)):
                    assert numpy.isclose(matrix[i, j], way[a, b], atol=2e-3, equal_nan=True), (zones[i], zones[j], matrix[i, j], way[a, b])
    off = ~numpy.eye(len(zones), dtype=bool)
    speed = get["SOV_DIST__AM"][off] / get["SOV_TIME__AM"][off] * 60
    assert numpy.nanmin(speed) > 5 and numpy.nanmax(speed) < 110.5, "speeds of cars"
    assert numpy.nanmin(get["WLK_TRN_WLK_BOARDS__AM"][off]) >= 1
    assert (get["SOV_TIME__AM"].diagonal() == 0).all()
    return len(get)


def main():
    results, folder, read, program, network = sys.argv[1:]
    with h5py.File(results, "r") as file:
        for year in file["traffic/year"][:].tolist():
            events = check_events(file, f"{folder}/events-{year}.xml.gz", year)
            print(f"{year}: {events} events are the traffic and the trips of {results}")
        check_network(file, f"{folder}/network-2030.xml.gz", read)
        print(f"{check_omx(file, f'{folder}/skims-2023.omx', program, network)} matrices")


main()
