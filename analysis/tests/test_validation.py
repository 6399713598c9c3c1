"""The validation page: its numbers against the HDF5 file, its bytes, and reference files that are refused."""
import json
import re
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
from conftest import ROOT
from vestsim_analysis.__main__ import main
from vestsim_analysis.reference import COLUMNS, KINDS, ROLES, read_profiles, read_rows
from vestsim_analysis.validation import EXACT_COLUMNS, geh

HEAD = ",".join(COLUMNS)
ROWS = f"""{HEAD}
count,vest,,vehicles/weekday,2023,looked_at,high,counts.csv,
count,e99,,vehicles/weekday,2023,untouched,high,counts.csv,"a | pipe, a <tag> & a [link](x)"
heavy,e99,,%,2023,untouched,high,counts.csv,
profile,vest,road,,,untouched,low,profiles.csv,
boardings,st_lilleby,100,boardings/day,2023,untouched,low,invented,
share,car_driver,50,%,2023,looked_at,low,invented,
share,walk,20,%,2023,looked_at,low,invented,
commuters,out,300,persons,2023,input,low,invented,
commuters,in,200,persons,2023,input,low,invented,
indicator,trips_per_person,2.6,trips,2023,looked_at,low,invented,
purpose_share,work,21,%,2023,looked_at,low,invented,
share_of_purpose,school:walk+cycle,64,%,2023,looked_at,low,invented,
length,all,14.5,km,2023,untouched,low,invented,
length,walk,,km,,untouched,,none,
under_3_km,all,39,%,2023,untouched,low,invented,
km_per_person,all,43.2,km,2023,untouched,low,invented,
"""
ROAD = "profile_id," + ",".join(f"h{h:02d}" for h in range(24)) + ",source\nroad," + ",".join("9" if h == 15 else "4" for h in range(24)) + ",invented\n"


@pytest.fixture
def reference(tmp_path):
    (tmp_path / "profiles.csv").write_text(ROAD, encoding="utf-8")
    path = tmp_path / "reference.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def make(results, reference, folder, *options):
    page = folder / "page.md"
    code = main(["validation", str(results), "--reference", str(reference), "-o", str(page), "--figures", str(folder / "figures"), *options])
    return code, page


def rows_of(page, title):
    """Cells of the table below a heading."""
    part = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", page.read_text(encoding="utf-8"), flags=re.M | re.S).group(1)
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def numeric(text):
    return float(text.replace(",", "").replace("\u2212", "-"))


def test_counts_are_those_of_the_file(toy, reference, tmp_path):
    code, page = make(toy, reference, tmp_path, "--date", "2026-11-25")
    assert code == 0
    with h5py.File(toy) as file:
        points = file["cordon/point"].asstr()[:].tolist()
        vehicles = file["cordon/vehicles"][0].sum(axis=3, dtype=float).mean(axis=0) / 0.5  # time, point; scale 0.5
        observed = file["cordon/observed"][:]
        classes = file["cordon/class"].asstr()[:].tolist()
        lorries = file["cordon/vehicles"][0].sum(axis=(0, 1), dtype=float)
        stop = file["transit/stops/stop"].asstr()[:].tolist().index("st_lilleby")
        boardings = file["transit/stops/boardings"][0, stop] / 0.5
        shares = {m: file[f"indicators/share_{m}"][0].mean() for m in ("car_driver", "walk")}
    counted = rows_of(page, "Counts")
    assert len(counted) == 2
    for i, (row, point) in enumerate(zip(counted, ("vest", "e99"))):
        at = points.index(point)
        day = vehicles[:, at].sum()
        pct = 100 * (day / observed[at] - 1)
        assert numeric(row[1]) == round(float(observed[at])) and abs(numeric(row[2]) - day) <= 0.5 and abs(numeric(row[3]) - pct) <= 0.051
        limit = (5, 15)[i]
        assert row[4] == f"{limit} %" and row[5] == ("met" if abs(pct) <= limit else "**missed**")
    peak = rows_of(page, "Busiest hour")
    at = points.index("vest")
    c, m = observed[at] * 9 / 101, vehicles[180:192, at].sum()
    assert peak[0][1] == "15\u201316" and abs(numeric(peak[0][4]) - np.sqrt(2 * (m - c) ** 2 / (m + c))) <= 0.051
    day = vehicles[:, at].reshape(24, 12).sum(axis=1)
    profile = np.where(np.arange(24) == 15, 9, 4) / 101
    assert abs(numeric(rows_of(page, "Hours of the day")[0][2]) - 50 * np.abs(day / day.sum() - profile).sum()) <= 0.051
    assert peak[0][6].startswith(f"{day.argmax():02d}") and abs(numeric(peak[0][7]) - 100 * day.max() / day.sum()) <= 0.051
    assert len(peak) == 1, "no busiest hour without a profile"
    heavy, passed = rows_of(page, "Other traffic")[0], lorries[points.index("e99")]
    assert numeric(heavy[1]) == 12 and passed[classes.index("lorry")] > 0
    assert abs(numeric(heavy[2]) - 100 * passed[classes.index("lorry")] / passed.sum()) <= 0.051
    boarded = rows_of(page, "Boardings")[0]
    assert boarded[0] == "Lilleby stasjon" and abs(numeric(boarded[2]) - boardings) <= 0.51
    for row, mode in zip(rows_of(page, "Mode shares"), shares):
        with h5py.File(toy) as file:
            people = {i: a for i, a, y in zip(file["persons/person"][:], file["persons/age"][:], file["persons/year"][:]) if y == file["traffic/year"][0]}
            mine = (file["trips/year"][:] == file["traffic/year"][0]) & (file["trips/segment"][:] == 0)
            grown = file["trips/mode"][:][mine][np.array([people[i] for i in file["trips/person"][:][mine]]) >= 2]
            assert abs(numeric(row[5]) - 100 * (grown == file["indicators/mode"].asstr()[:].tolist().index(mode)).mean()) <= 0.051
        assert abs(numeric(row[2]) - shares[mode]) <= 0.051 and (row[4] == "met") == (abs(shares[mode] - numeric(row[1])) <= 1)


def test_people_and_lengths_are_those_of_the_file(toy, reference, tmp_path):
    _, page = make(toy, reference, tmp_path)
    with h5py.File(toy) as file:
        today = file["traffic/year"][0]
        trips = {n: file[f"trips/{n}"][:] for n in ("year", "segment", "distance_m", "mode")}
        people = {n: file[f"persons/{n}"][:] for n in ("year", "segment", "work_place", "employed")}
        outside = file["zones/outside"][:][file["places/zone_ix"][:]]
        area = file["indicators/area_mode_trips"][0].sum(axis=(0, 1))  # purpose, mode; both replications alike weighted
        residents = file["indicators/residents"][0].mean()
        purposes, modes = (file[f"indicators/{n}"].asstr()[:].tolist() for n in ("purpose", "mode"))
    mine = (trips["year"] == today) & (trips["segment"] == 0)
    km = trips["distance_m"][mine] / 1000.0
    walk = trips["mode"][mine] == modes.index("walk")
    lengths = [numeric(row[2]) for row in rows_of(page, "Trip lengths")]
    assert np.allclose(lengths, [km.mean(), km[walk].mean(), 100 * (km < 3).mean(), km.sum() / 0.5 / residents], atol=0.051)
    other = {row[0]: row for row in rows_of(page, "Trips, purposes and commuters")}
    works = (people["year"] == today) & (people["work_place"] != 2**32 - 1)
    away = np.zeros(len(works), bool)
    away[works] = outside[people["work_place"][works]] == 1
    assert numeric(other["commuters out"][2]) == 2 * (works & away & (people["segment"] == 0) & (people["employed"] == 1)).sum() > 0
    assert numeric(other["commuters in"][2]) == 2 * (works & ~away & (people["segment"] == 1)).sum()
    school = area[purposes.index("school")]
    assert abs(numeric(other["walk and cycle, of trips with the purpose school"][2])
               - 100 * school[[modes.index("walk"), modes.index("cycle")]].sum() / school.sum()) <= 0.051
    assert abs(numeric(other["trips with the purpose work"][2]) - 100 * area[purposes.index("work")].sum() / area.sum()) <= 0.051


def test_same_bytes_and_what_the_page_says(toy, reference, tmp_path):
    elastic = tmp_path / "e.json"
    checks = [{"quantity": "fuel", "value": -0.153, "low": -0.4, "high": -0.05, "source": "x"},
              {"quantity": "fare", "value": -0.9, "low": -0.5, "high": -0.25, "source": "y"}]
    elastic.write_text(json.dumps({"version": "9.9", "checks": checks}), encoding="utf-8")
    options = ["--date", "2026-11-25", "--elasticities", str(elastic), "--exact", str(ROOT / "docs/validation/exact_cases.csv")]
    pages = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        code, page = make(toy, reference, folder, *options)
        assert code == 0 and sorted(p.name for p in folder.iterdir()) == ["figures", "page.md"]
        pages.append([page.read_bytes()] + [p.read_bytes() for p in sorted((folder / "figures").iterdir())])
    assert pages[0] == pages[1] and len(pages[0]) == 4 and all(p[:4] == b"\x89PNG" for p in pages[0][1:])
    text = pages[0][0].decode()
    assert "not calibrated yet" in text and "`toy.h5` of 25 November 2026" in text
    assert str(tmp_path) not in text and "(figures/counts.png)" in text and "](/" not in text
    assert [row[-1] for row in rows_of(page, "Counts")] == ["invented for tests"] * 2
    assert "a \\| pipe, a &lt;tag> &amp; a \\[link\\](x)" in text
    assert [row[3] for row in rows_of(page, "Elasticities")] == ["met", "**missed**"]
    missed = text.count("**missed**")
    met, tried = map(int, re.search(r"(\d+) of (\d+) bands are met", text).groups())
    assert tried - met == missed == len(re.findall(r"^- .*(?:at most|below|fare)", text, flags=re.M)) > 0
    reference.write_text(ROWS.replace("looked_at", "calibrated"), encoding="utf-8")
    assert "not calibrated yet" not in make(toy, reference, tmp_path)[1].read_text(encoding="utf-8")


@pytest.mark.parametrize("old, new, words", [
    (",confidence,", ",trust,", "reference.csv:1: column confidence is missing"), ("count,vest", "count,nowhere", "reference.csv:2: the run has no count 'nowhere'"),
    ("count,vest", "weight,vest", "reference.csv:2: kind 'weight' is unknown"), ("looked_at,high", "seen,high", "reference.csv:2: role 'seen' is unknown"),
    ("st_lilleby,100", "st_lilleby,many", "reference.csv:6: 'many' is not a number"), ("st_lilleby,100", "st_lilleby,nan", "'nan' is not a number"),
    ("count,e99", "count,vest", "reference.csv:3: count vest stands twice"), ("vest,road", "vest,sea", "no profile 'sea'"),
    ("boardings,st_lilleby", "boardings,x", "the run has no boardings 'x'"), ("commuters,out", "commuters,up", "no commuters 'up'"),
    ("length,walk", "length,fly", "no length 'fly'"), ("school:walk+cycle", "school", "no share_of_purpose 'school'"),
    ("school:walk+cycle", "school:walk+fly", "no share_of_purpose 'school:walk+fly'"), ("share,walk,20", "share,walk,20,7,8", "has not 9 fields")])
def test_wrong_reference_files_are_refused(toy, reference, tmp_path, capsys, old, new, words):
    assert old in ROWS
    reference.write_text(ROWS.replace(old, new, 1), encoding="utf-8")
    code, page = make(toy, reference, tmp_path)
    assert code == 2 and words in capsys.readouterr().err
    assert not page.exists() and not (tmp_path / "figures").exists()


def test_wrong_files_beside_it_are_refused(toy, reference, tmp_path, capsys):
    bad = tmp_path / "bad"
    bad.write_text("{}", encoding="utf-8")
    for options, words in ((["--date", "yesterday"], "write YYYY-MM-DD"), (["--elasticities", str(bad)], "is not what"), (["--exact", str(bad)], "column test is missing")):
        code, page = make(toy, reference, tmp_path, *options)
        assert code == 2 and words in capsys.readouterr().err and not page.exists()
    bad.write_bytes(b"\xff\xfe\x00")
    assert make(toy, bad, tmp_path)[0] == 2 and "UTF-8" in capsys.readouterr().err
    (tmp_path / "profiles.csv").write_text(ROAD.replace(",9,", ",-9,"), encoding="utf-8")
    assert make(toy, reference, tmp_path)[0] == 2 and "profiles.csv:2: shares of the hours must not be negative" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "figures", ignore_errors=True)
    run = subprocess.run([sys.executable, "-m", "vestsim_analysis", "validation", toy, "--reference", tmp_path / "none.csv", "-o", tmp_path / "p.md",
                          "--figures", tmp_path / "f"], cwd=ROOT / "analysis", capture_output=True, text=True)
    assert run.returncode == 2 and "none.csv" in run.stderr and "Traceback" not in run.stderr


def test_geh_of_known_flows():
    assert geh(0, 0) == 0 and geh(150, 100) == pytest.approx(np.sqrt(20)) and geh(100, 150) == geh(150, 100)


def test_the_shipped_reference_has_a_source_in_every_row():
    profiles = read_profiles(ROOT / "scenarios/vestby/profiles.csv")
    counts = read_rows(ROOT / "scenarios/vestby/counts.csv", ["point_id"])
    rows = read_rows(ROOT / "scenarios/vestby/reference.csv", COLUMNS)
    assert {r["id"] for r in rows if r["kind"] == "count"} == {r["point_id"] for r in counts}
    for row in rows:
        assert row["kind"] in KINDS and row["role"] in ROLES and row["source"], row
        assert row["kind"] != "profile" or row["value"] in profiles, row
        assert row["confidence"] in ("high", "medium", "low", "unverified") or not row["value"], row


def test_every_exact_case_is_in_the_test_it_points_at():
    rows = read_rows(ROOT / "docs/validation/exact_cases.csv", EXACT_COLUMNS)
    for row in rows:
        path, _, function = row["test"].partition(":")
        source = (ROOT / path).read_text(encoding="utf-8")
        assert not function or re.search(rf"\b{function}\(void", source), row["test"]
        for value in re.findall(r"\d+\.?\d*", row["published"]):
            assert value in source, f"{row['test']}: {value}"
    assert len(rows) == len({r["test"] for r in rows}) >= 20


def test_the_page_of_vestby_is_of_the_shipped_tables():
    text = (ROOT / "docs/validation.md").read_text(encoding="utf-8")
    for row in read_rows(ROOT / "docs/validation/exact_cases.csv", EXACT_COLUMNS):
        assert f"`{row['test']}`" in text, f"{row['test']}: run analysis/validation.sh"
    for picture in re.findall(r"\]\((validation/[^)]*)\)", text):
        assert (ROOT / "docs" / picture).exists(), picture
    assert text.count("![") == 3 and sum(p.stat().st_size for p in (ROOT / "docs/validation").iterdir()) < 300000
