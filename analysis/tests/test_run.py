"""Frames against the datasets they come from, and files that are refused."""
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
from conftest import ROOT
from vestsim_analysis import RunError, open_run


def test_indicators_are_tidy(toy):
    run = open_run(toy)
    with h5py.File(toy) as file:
        expected = file["indicators/co2_t"][:]
        assert run.years == file["traffic/year"][:].tolist()
    frame = run.indicators
    assert set(frame.columns) == {"indicator", "unit", "value", "year", "replication"}
    assert not frame.duplicated(["indicator", "year", "replication"]).any()
    assert np.array_equal(run.indicator("co2_t").to_numpy(), expected)
    assert set(frame.loc[frame["indicator"] == "co2_t", "unit"]) == {"t"}
    with pytest.raises(RunError, match="no indicator 'co3_t'"):
        run.indicator("co3_t")


def test_mode_shares_add_up(toy):
    shares = open_run(toy).mode_shares
    assert set(shares["mode"]) == {"car_driver", "car_passenger", "pt", "cycle", "walk"}
    assert np.allclose(shares.groupby(["year", "replication"])["share_pct"].sum(), 100)


def test_counts_are_of_the_whole_town(toy):
    run = open_run(toy)
    assert run.scale == 0.5
    with h5py.File(toy) as file:
        vehicles = file["cordon/vehicles"][:]
        observed = file["cordon/observed"][:]
        traffic = file["traffic/vehicles"][-1]
    hours = run.hours
    assert hours["vehicles"].sum() == vehicles.sum() / 0.5
    one = hours[(hours["year"] == run.years[1]) & (hours["replication"] == 1) & (hours["hour"] == 16)]
    assert np.array_equal(one["vehicles"].to_numpy(), vehicles[1, 1, 192:204].sum(axis=0).ravel() / 0.5)
    assert np.array_equal(run.points["observed"], observed)
    day = run.traffic(run.years[-1])
    assert np.isclose(day["vehicles"].sum(), traffic.sum() / 0.5)
    eight = day[(day["class"] == "car") & (day["hour"] == 8)]
    assert np.allclose(eight["vehicles"], traffic[0, 96:108].sum(axis=0) / 0.5)
    with pytest.raises(RunError, match="no year 1999"):
        run.traffic(1999)


def test_people_and_trips_join(toy):
    run = open_run(toy)
    joined = run.trips.merge(run.persons, on=["year", "person"])
    assert len(joined) == len(run.trips) > 0
    assert run.trips["mode"].cat.categories.tolist() == ["car_driver", "car_passenger", "pt", "cycle", "walk"]
    with h5py.File(toy) as file:
        late = int((file["trips/arrival_s"][:] == -1).sum())
        idle = int((file["persons/work_place"][:] == 2**32 - 1).sum())
    assert run.trips["arrival_s"].isna().sum() == late
    assert run.persons["work_place"].isna().sum() == idle > 0
    living = run.persons[run.persons["segment"] == "resident"].groupby(["year", "household"]).size()
    assert (living == run.households.set_index(["year", "household"])["size"].sort_index()).all()


def test_verdict_and_convergence(toy):
    run = open_run(toy)
    assert run.verdict["year"].tolist() == run.years[1:]
    assert run.verdict["code"].isin(["holds", "exceeds", "not_shown"]).all() and run.verdict["sentence_nb"].str.len().min() > 20
    assert run.verdict.attrs["confidence"] == 0.95
    assert run.gap_max_pct == 50
    assert run.convergence["iteration"].min() == 1 and (run.convergence["gap_pct"] >= 0).all()
    assert run.links["inside"].isin(["outside", "municipality", "sentrum"]).all() and (run.links["length_m"] > 0).all()
    trips = run.area_trips.groupby(["year", "replication"])["trips"].sum().unstack()
    assert np.allclose(trips, run.indicator("trips_per_person") * run.indicator("residents"))


def test_no_year_after_today(today_only):
    run = open_run(today_only)
    assert run.verdict.empty and run.years == [run.today]


def change(path, target, edit):
    shutil.copy(path, target)
    with h5py.File(target, "r+") as file:
        edit(file)
    return target


def set_version(file, text):
    del file.attrs["format_version"]
    file.attrs["format_version"] = text


@pytest.mark.parametrize("kind, words", [
    ("missing", "no such file"), ("text", "not an HDF5 file"), ("folder", "not an HDF5 file"), ("cut", "cut short"),
    ("foreign", "not a results file of vestsim"), ("newer", "format 2.0"), ("old", "no /persons"), ("spoilt", "no /indicators")])
def test_bad_files_give_clear_messages(toy, tmp_path, kind, words):
    path = tmp_path / "bad.h5"
    if kind == "text":
        path.write_text("no results")
    elif kind == "folder":
        path.mkdir()
    elif kind == "cut":
        path.write_bytes(toy.read_bytes()[:60000])
    elif kind == "foreign":
        with h5py.File(path, "w") as file:
            file["x"] = 1
    elif kind == "newer":
        change(toy, path, lambda f: set_version(f, "2.0"))
    elif kind == "old":
        change(toy, path, lambda f: f.__delitem__("persons"))
    elif kind == "spoilt":
        change(toy, path, lambda f: f["indicators"].__delitem__("year"))
    with pytest.raises(RunError, match=words) as error:
        run = open_run(path)
        assert not run.persons.empty and not run.indicators.empty
    assert "bad.h5" in str(error.value)


def test_the_worked_example_runs(toy):
    run = subprocess.run([sys.executable, ROOT / "analysis/examples/vestby_by_age.py", toy], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "car_driver" in run.stdout and "20_44" in run.stdout
