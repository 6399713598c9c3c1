#!/usr/bin/env python3
"""Bounds on the base year and the table of counts against the model. Usage: vestby_plausible.py RUN.json RUN.h5"""
import json
import sys

BOUNDS = [  # name, value from the run, low, high, unit
    ("trips a person and day", lambda t: t["indicators"]["trips_per_person"], 2.4, 3.0),
    ("car-driver share", lambda t: t["mode_share"]["car_driver"], 0.50, 0.70),
    ("afternoon peak hour, share of the day", lambda t: t["indicators"]["peak_hour_share"] / 100, 0.08, 0.11),
    ("relative gap", lambda t: t["gap"], 0.0, 0.01),
    ("stuck vehicles, share of all", lambda t: t["stuck"] / t["indicators"]["vehicles"], 0.0, 0.001),
]


def counts_table(path):
    try:
        import h5py
    except ModuleNotFoundError:
        print("h5py missing: no table of counts")
        return
    with h5py.File(path) as f:
        g = f["cordon"]
        names = [n.decode() if isinstance(n, bytes) else n for n in g["name"][:]]
        observed = g["observed"][:]
        vehicles = g["vehicles"][:]  # year, replication, time, point, class
        model = vehicles[0].sum(axis=(1, 3)).mean(axis=0)
        print(f"{'counting point':32} {'counted':>9} {'model':>9} {'model/count':>12}")
        for name, o, m in zip(names, observed, model):
            ratio = f"{100 * m / o:.0f} %" if o > 0 else "-"
            print(f"{name:32} {o:9.0f} {m:9.0f} {ratio:>12}")


def main():
    today = json.load(open(sys.argv[1]))["today"]
    failures = 0
    for name, value_of, low, high in BOUNDS:
        value = value_of(today)
        good = low <= value <= high
        failures += not good
        print(f"{'ok  ' if good else 'FAIL'} {name}: {value:.4f} (from {low} to {high})")
    print("mode shares: " + ", ".join(f"{k} {100 * v:.1f} %" for k, v in today["mode_share"].items()))
    counts_table(sys.argv[2])
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
