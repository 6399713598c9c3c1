"""Figures: files, units on every axis, both languages, the same bytes, tables that say what the picture shows."""
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from vestsim_analysis import figures, open_run
from vestsim_analysis.__main__ import main
from vestsim_analysis.words import WORDS, number

NAMES = ["verdict", "mode_shares", "hour_profiles", "flow_map", "convergence", "spread"]


def axes_of(figure):
    return [a for a in figure.axes if a.get_visible()]


@pytest.mark.parametrize("lang", ["nb", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_every_axis_says_what_it_is(toy, name, lang):
    with figures.plt.rc_context(figures.STYLE):
        figure, table = figures.FIGURES[name](open_run(toy), lang)
    words = WORDS[lang]
    titles = "".join(a.get_title() + a.get_title("left") for a in axes_of(figure)) + (figure._suptitle.get_text() if figure._suptitle else "")
    key = {"mode_shares": "modes_title", "hour_profiles": "hours_title", "flow_map": "map_title"}.get(name, f"{name}_title")
    assert words[key].split(",")[0] in titles
    for axes in axes_of(figure):
        is_bar = axes.get_label() == "<colorbar>"
        for label in ([] if is_bar else [axes.get_xlabel()]) + [axes.get_ylabel()]:
            assert "[" in label or label == words["year"], f"{name}: an axis says {label!r}, without a unit"
    assert len(table) > 0
    figures.plt.close(figure)


def test_same_bytes_and_nothing_but_whole_files(toy, tmp_path):
    for folder in ("one", "two"):
        written, left_out = figures.draw(open_run(toy), tmp_path / folder)
        assert not left_out
    names = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert names == sorted(f"{n}.{s}" for n in NAMES for s in ("png", "svg", "csv"))
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    assert (tmp_path / "one/verdict.png").read_bytes()[:4] == b"\x89PNG"


def test_tables_are_the_results(toy, tmp_path):
    run = open_run(toy)
    figures.draw(run, tmp_path)
    with h5py.File(toy) as file:
        km = file["indicators/car_km_sentrum"][:]
        index = file["verdict/index_pct"][:]
    spread = pd.read_csv(tmp_path / "spread.csv")
    assert np.allclose(spread["change_pct"], 100 * (km[1] - km[0]) / km[0].mean(), rtol=1e-4)
    assert np.isclose(spread["change_pct"].mean(), index[0], rtol=1e-3), "the points' mean is the verdict's index"
    assert np.allclose(pd.read_csv(tmp_path / "verdict.csv")["index_pct"], index, rtol=1e-4)
    shares = pd.read_csv(tmp_path / "mode_shares.csv").drop(columns="year")
    assert np.allclose(shares.sum(axis=1), 100, atol=0.01)
    hours = pd.read_csv(tmp_path / "hour_profiles.csv")
    assert len(hours) == 2 * 24 * len(run.points) and (hours["vehicles_min"] <= hours["vehicles_max"]).all()
    links = pd.read_csv(tmp_path / "flow_map.csv")
    assert np.allclose(links["change"], links[f"vehicles_{run.years[-1]}"] - links[f"vehicles_{run.today}"], atol=0.02)


def test_one_year_and_no_traffic(today_only, tmp_path, capsys):
    empty = tmp_path / "empty.h5"
    shutil.copy(today_only, empty)
    with h5py.File(empty, "r+") as file:
        for name in ("traffic/vehicles", "cordon/vehicles"):
            file[name][...] = 0
    assert main(["figures", str(empty), "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "verdict was left out: no year after today" in said.err and "spread was left out" in said.err
    assert sorted({p.stem for p in (tmp_path / "out").iterdir()}) == ["convergence", "flow_map", "hour_profiles", "mode_shares"]


def test_hostile_names(toy, tmp_path):
    evil = "</text><script>alert(1)</script> $x_{ $ \u00e6\u00f8\u00e5, \"q\"\nnew"
    path = tmp_path / "evil.h5"
    shutil.copy(toy, path)
    with h5py.File(path, "r+") as file:
        file["cordon/name"][0] = evil
        file["network/links/name"][0] = evil
    figures.draw(open_run(path), tmp_path / "out", "en")
    assert evil in pd.read_csv(tmp_path / "out/flow_map.csv")["name"].tolist()
    assert "<script" not in (tmp_path / "out/hour_profiles.svg").read_text(encoding="utf-8")


def test_command_line(toy, tmp_path):
    def call(*arguments):
        return subprocess.run([sys.executable, "-m", "vestsim_analysis", *arguments], cwd=ROOT / "analysis", capture_output=True, text=True)
    bad = tmp_path / "bad.h5"
    bad.write_text("x")
    run = call("figures", bad, "-o", tmp_path / "no")
    assert run.returncode == 2 and "not an HDF5 file" in run.stderr and "Traceback" not in run.stderr
    assert not (tmp_path / "no").exists()
    run = call("figures", toy, "-o", bad / "no")
    assert run.returncode == 2 and "bad.h5" in run.stderr and "Traceback" not in run.stderr
    assert call("figures", toy).returncode == 1
    assert call("figures", toy, "-o", tmp_path / "x", "--lang", "de").returncode == 1


def test_numbers_are_written_as_people_write_them():
    assert number(-12345.5, "nb", 1) == "\u221212\u00a0345,5" and number(-12345.5, "en", 1) == "\u221212,345.5"
