"""Differences of `vestsim compare` computed anew from the files. Usage: compare_values.py JSON CSV BASE.h5 OTHER.h5..."""
import csv
import json
import math
import sys

import h5py
import numpy

T_975 = {1: 12.706205, 4: 2.776445, 5: 2.570582}  # Abramowitz and Stegun, table 26.10, more digits
C2 = 0.2  # mixture precision of include/loop/verdict.h


def sequence_half_width(sd, n, alpha=0.05):
    """Solves M_n = 1/alpha for the distance by bisection: apart from the program's closed form."""
    r = C2 / (n + C2)
    q = (n - 1) * sd * sd

    def log_m(d):
        d2 = n * d * d
        return 0.5 * math.log(r) + 0.5 * n * (math.log(q + d2) - math.log(q + r * d2))

    low, high = 0.0, 1e12 * max(sd, 1e-12)
    for _ in range(300):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if log_m(middle) < -math.log(alpha) else (low, middle)
    return low


def close(got, wanted, what):
    if wanted is None:
        assert got is None, (what, got)
    else:
        assert got is not None and math.isclose(got, wanted, rel_tol=1e-6, abs_tol=1e-9 * 1e3), (what, got, wanted)


def expected(base, other):
    n = min(len(base), len(other))
    d = other[:n] - base[:n]
    cell = {"pairs": n, "base_mean": base[:n].mean(), "mean": other[:n].mean(), "difference": d.mean(),
            "low": None, "high": None, "t_low": None, "t_high": None, "shown": "not_shown"}
    if n >= 2:
        sd = d.std(ddof=1)
        half = sequence_half_width(sd, n) if sd > 0 else 0.0
        t_half = T_975[n - 1] * sd / math.sqrt(n)
        cell.update(low=d.mean() - half, high=d.mean() + half, t_low=d.mean() - t_half, t_high=d.mean() + t_half)
    if (d == 0).all():
        cell["shown"] = "equal"
    elif n >= 5 and cell["high"] < 0:
        cell["shown"] = "lower"
    elif n >= 5 and cell["low"] > 0:
        cell["shown"] = "higher"
    return cell


def main():
    document = json.load(open(sys.argv[1], encoding="utf-8"))
    names = sys.argv[3:]
    files = {name: h5py.File(name) for name in names}
    rows = {(r["year"], r["indicator"], r["file"]): r for r in csv.DictReader(open(sys.argv[2], encoding="utf-8"))
            if r["base"] != "today"}
    verdicts = [r for r in csv.DictReader(open(sys.argv[2], encoding="utf-8")) if r["base"] == "today"]
    assert document["base"] == names[0] and [f["file"] for f in document["files"]] == names
    checked, shown = 0, set()
    for year in document["years"]:
        for name, entry in year["indicators"].items():
            for cell in entry["differences"]:
                base, other = files[names[0]]["indicators"], files[cell["file"]]["indicators"]
                y = list(base["year"][:]).index(year["year"])
                z = list(other["year"][:]).index(year["year"])
                want = expected(numpy.array(base[name][y]), numpy.array(other[name][z]))
                what = (year["year"], name, cell["file"])
                row = rows[(str(year["year"]), name, cell["file"])]
                for key in ("base_mean", "mean", "difference"):
                    close(cell[key], want[key], what + (key,))
                    close(float(row[key]), want[key], what + (key,))
                for key, pair, k in (("low", "ci", 0), ("high", "ci", 1), ("t_low", "t_ci", 0), ("t_high", "t_ci", 1)):
                    close(cell[pair][k], want[key], what + (key,))
                    close(float(row[key]) if row[key] else None, want[key], what + (key,))
                assert cell["pairs"] == want["pairs"] == int(row["pairs"]), what
                assert cell["shown"] == want["shown"] == row["shown"], (what, cell["shown"], want["shown"])
                shown.add(cell["shown"])
                checked += 1
        for verdict in year["verdicts"]:
            f = files[verdict["file"]]
            y = list(f["verdict"]["year"][:]).index(year["year"])
            close(verdict["index_pct"], float(f["verdict"]["index_pct"][y]), "verdict")
    assert checked == len(rows) > 100, (checked, len(rows))
    assert len(verdicts) == 5 * len(names)
    assert {"equal", "not_shown"} < shown, shown  # some difference was shown
    print(f"{checked} differences checked; shown: {sorted(shown)}")


main()
