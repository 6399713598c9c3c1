"""Compares exported files with the results file they came from.

Usage: export_check.py OUT.h5 DIR DIR_2030: exports of every year, and of 2030 alone. links.gpkg may be missing.
"""
import csv
import json
import os
import sqlite3
import struct
import sys

import h5py
import numpy

PERIODS = {"day": (0, 24), "night": (0, 6), "am": (6, 9), "midday": (9, 15), "pm": (15, 18), "evening": (18, 24)}
SCALE = 0.5
EVIL = '</script>,"it\'s" & <b>\u00e6\u00f8\u00e5</b>;\nnext line \\ %s {{x}}'


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def texts(dataset):
    return dataset.asstr()[:]


def near(cell, value, what, tolerance=2e-3):
    if value is None or numpy.isnan(value):
        assert cell in ("", None), f"{what}: {cell!r} where nothing is known"
    else:
        assert cell not in ("", None) and abs(float(cell) - value) <= tolerance, f"{what}: {cell}, expected {value}"


def expected_links(file):
    """{(year, link): {column: value}} from the HDF5 groups."""
    links, traffic = file["network/links"], file["traffic"]
    ids = texts(links["link"])
    classes = list(texts(traffic["class"]))
    rows = {}
    for y, year in enumerate(traffic["year"][:]):
        by_class = traffic["vehicles"][y].astype(float)
        counts = {"vehicles": by_class.sum(axis=0), "cyclists": traffic["cyclists"][y].astype(float)}
        counts.update({name: by_class[c] for c, name in enumerate(classes)})
        speed = traffic["speed_kmh"][y].astype(float)
        for i, link in enumerate(ids):
            row = {"name": texts(links["name"])[i] if y == 0 and i == 0 else None, "length_m": links["length_m"][i]}
            for period, (start, end) in PERIODS.items():
                part = slice(12 * start, 12 * end)
                for name, count in counts.items():
                    row[f"{name}_{period}"] = count[part, i].sum() / SCALE
                known = ~numpy.isnan(speed[part, i]) & (counts["vehicles"][part, i] > 0)
                way = counts["vehicles"][part, i][known]
                row[f"speed_kmh_{period}"] = way.sum() / (way / speed[part, i][known]).sum() if known.any() else numpy.nan
            del row["name"]
            rows[int(year), link] = row
    return rows


def check_links(file, folder, years):
    expected = {k: v for k, v in expected_links(file).items() if k[0] in years}
    names = dict(zip(texts(file["network/links/link"]), texts(file["network/links/name"])))
    nodes = texts(file["network/nodes/node"])
    start = dict(zip(texts(file["network/links/link"]), nodes[file["network/links/from_ix"][:]]))
    assert EVIL in names.values(), "the hostile name is not in the results file"
    rows = read_csv(f"{folder}/links.csv")
    assert [(int(r["year"]), r["link_id"]) for r in rows] == list(expected), "links.csv: other rows"
    for row in rows:
        key = int(row["year"]), row["link_id"]
        assert row["name"] == names[key[1]] and row["from_node_id"] == start[key[1]], f"links.csv {key}: {row['name']!r}"
        for column, value in expected[key].items():
            near(row[column], value, f"links.csv {key} {column}")
        assert row["geometry"].startswith("LINESTRING ("), row["geometry"]
    assert sum(float(r["vehicles_day"]) for r in rows) > 0 and any(float(r["cyclists_day"]) > 0 for r in rows)
    check_geojson(f"{folder}/links.geojson", rows)
    if os.path.exists(f"{folder}/links.gpkg"):
        check_gpkg(f"{folder}/links.gpkg", rows)
    return len(rows)


def points_of(row):
    return [tuple(float(x) for x in point.split()) for point in row["geometry"][12:-1].split(", ")]


def check_row(properties, row, what):
    for column, cell in row.items():
        if column == "geometry":
            continue
        value = properties[column]
        if isinstance(value, str):
            assert value == cell, f"{what} {column}: {value!r}, expected {cell!r}"
        else:
            near(value, float(cell) if cell != "" else numpy.nan, f"{what} {column}")


def check_geojson(path, rows):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert "</script" not in text
    document = json.loads(text)
    assert document["type"] == "FeatureCollection" and len(document["features"]) == len(rows)
    told = {c["name"]: c for c in document["columns"]}
    assert told["vehicles_am"]["unit"] == "1" and "06:00" in told["vehicles_am"]["meaning"]
    assert told["speed_kmh_day"]["unit"] == "km h-1"
    for feature, row in zip(document["features"], rows):
        assert set(feature["properties"]) == set(told) == set(row) - {"geometry"}
        check_row(feature["properties"], row, "geojson")
        assert feature["geometry"]["type"] == "LineString"
        assert numpy.allclose(feature["geometry"]["coordinates"], points_of(row), atol=1e-7)
        lon, lat = feature["geometry"]["coordinates"][0]
        assert 10 < lon < 11 and 59 < lat < 60, "longitude comes first"


def gpkg_line(blob):
    """The points of a GeoPackage geometry: header with an envelope, then little-endian WKB (OGC 12-128r17, 2.1.3)."""
    assert blob[:2] == b"GP"
    header = 8 + {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[blob[3] >> 1 & 7]
    order, kind, count = struct.unpack_from("<BII", blob, header)
    assert (order, kind) == (1, 2), "no little-endian LineString"
    values = struct.unpack_from(f"<{2 * count}d", blob, header + 9)
    return list(zip(values[::2], values[1::2]))


def check_gpkg(path, rows):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        (srs,) = db.execute("SELECT srs_id FROM gpkg_contents WHERE table_name = 'links'").fetchone()
        assert srs == 4326, srs
        features = db.execute("SELECT * FROM links ORDER BY fid").fetchall()
    assert len(features) == len(rows)
    for feature, row in zip(features, rows):
        properties = dict(feature)
        properties.pop("fid")
        assert numpy.allclose(gpkg_line(properties.pop("geom")), points_of(row), atol=1e-7)
        check_row(properties, row, "gpkg")


def check_people(file, folder, years):
    homes, persons, places = file["households"], file["persons"], file["places"]
    zone_of = texts(file["zones/zone"])[places["zone_ix"][:]]
    keep = numpy.isin(homes["year"][:], years)
    rows = read_csv(f"{folder}/households.csv")
    assert [int(r["household_id"]) for r in rows] == homes["household"][keep].tolist()
    assert [int(r["hhsize"]) for r in rows] == homes["size"][keep].tolist()
    assert [int(r["auto_ownership"]) for r in rows] == homes["cars"][keep].tolist()
    assert [r["home_zone_id"] for r in rows] == zone_of[homes["home_place"][keep]].tolist()
    assert all(float(r["sample_rate"]) == SCALE for r in rows)
    keep_persons = numpy.isin(persons["year"][:], years)
    people = read_csv(f"{folder}/persons.csv")
    assert [int(r["person_id"]) for r in people] == persons["person"][keep_persons].tolist()
    assert [int(r["household_id"]) for r in people] == persons["household"][keep_persons].tolist()
    assert [r["is_worker"] == "True" for r in people] == (persons["employed"][keep_persons] > 0).tolist()
    workers, size = {}, {}
    for r in people:
        key = r["year"], r["household_id"]
        if r["household_id"] != "0":
            size[key] = size.get(key, 0) + 1
            assert int(r["PNUM"]) == size[key]
            workers[key] = workers.get(key, 0) + (r["is_worker"] == "True")
        assert not (r["workplace_zone_id"] and r["school_zone_id"])
    for r in rows:
        key = r["year"], r["household_id"]
        assert int(r["hhsize"]) == size[key] and int(r["num_workers"]) == workers[key], key
    assert any(r["school_zone_id"] for r in people) and any(r["workplace_zone_id"] for r in people)
    return {(r["year"], r["person_id"]) for r in people}


def check_trips(file, folder, years, people):
    stored = file["trips"]
    keep = numpy.isin(stored["year"][:], years)
    trips = read_csv(f"{folder}/trips.csv")
    tours = {r["tour_id"]: r for r in read_csv(f"{folder}/tours.csv")}
    places = texts(file["places/place"])
    zone_of = texts(file["zones/zone"])[file["places/zone_ix"][:]]
    meanings = {n: stored[n].attrs["flag_meanings"].split() for n in ("mode", "purpose")}
    assert [int(r["person_id"]) for r in trips] == stored["person"][keep].tolist()
    assert [r["trip_mode"] for r in trips] == [meanings["mode"][m] for m in stored["mode"][keep]]
    assert [r["primary_purpose"] for r in trips] == [meanings["purpose"][m] for m in stored["purpose"][keep]]
    assert [r["origin_place"] for r in trips] == places[stored["origin_place"][keep]].tolist()
    assert [r["destination"] for r in trips] == zone_of[stored["destination_place"][keep]].tolist()
    assert [int(r["departure_s"]) for r in trips] == stored["departure_s"][keep].tolist()
    assert [int(r["arrival_s"] or -1) for r in trips] == stored["arrival_s"][keep].tolist()
    assert [int(r["depart"]) for r in trips] == (stored["departure_s"][keep] // 3600).tolist()
    assert len({r["trip_id"] for r in trips}) == len(trips)
    by_tour = {}
    for r in trips:
        by_tour.setdefault(r["tour_id"], []).append(r)
        assert (r["year"], r["person_id"]) in people, "a trip of nobody"
    assert set(by_tour) == set(tours)
    for tour_id, legs in by_tour.items():
        tour = tours[tour_id]
        assert [leg["outbound"] for leg in legs] == sorted((leg["outbound"] for leg in legs), reverse=True)
        assert legs[-1]["purpose"] == "home" and legs[-1]["destination"] == legs[0]["origin"] == tour["origin"]
        for way in ("True", "False"):
            one_way = [leg for leg in legs if leg["outbound"] == way]
            assert [int(leg["trip_num"]) for leg in one_way] == list(range(1, len(one_way) + 1))
            assert all(int(leg["trip_count"]) == len(one_way) for leg in one_way)
        assert tour["tour_category"] == ("mandatory" if tour["tour_type"] in ("work", "school") else "non_mandatory")
        assert int(tour["start"]) == int(legs[0]["depart"]) and tour["person_id"] == legs[0]["person_id"]
    return len(trips), len(tours)


def main():
    results, every, one = sys.argv[1:4]
    with h5py.File(results, "r") as file:
        years = file["traffic/year"][:].tolist()
        for folder, wanted in ((every, years), (one, [2030])):
            links = check_links(file, folder, wanted)
            people = check_people(file, folder, wanted)
            trips, tours = check_trips(file, folder, wanted, people)
            print(f"{folder}: {links} rows of links, {len(people)} persons, {tours} tours, {trips} trips as in {results}")


main()
