"""Results files of the toy town for the tests: made once by the program that VESTSIM names."""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "analysis"))
SHORT = ["--set", "scale=0.5", "--set", "convergence.iterations_max=4", "--set", "convergence.gap_max_pct=50",
         "--set", "convergence.share_change_max_point=100", "--quiet"]


def simulate(folder, name, scenario, *options):
    path = folder / name
    subprocess.run([os.environ["VESTSIM"], "run", scenario, "-o", path, *SHORT, *options], check=True, capture_output=True)
    return path


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    if "VESTSIM" not in os.environ:
        pytest.skip("VESTSIM does not name the program")
    return simulate(tmp_path_factory.mktemp("toy"), "toy.h5", ROOT / "scenarios/toy/toy.yaml", "--replications", "2")


@pytest.fixture(scope="session")
def today_only(tmp_path_factory):
    if "VESTSIM" not in os.environ:
        pytest.skip("VESTSIM does not name the program")
    folder = tmp_path_factory.mktemp("today")
    scenario = folder / "today.yaml"
    scenario.write_text(f"based_on: {ROOT}/scenarios/toy/toy.yaml\nyears: []\nmeasures: []\nprogramme: []\n", encoding="utf-8")
    return simulate(folder, "today.h5", scenario, "--replications", "1")
