"""A worked example: from a results file to answers, step by step. Cells (# %%) run one by one in Spyder, VS Code or Jupytext.

    python3 analysis/examples/vestby_by_age.py out/toy.h5
"""
# %% Open a run. Frames are read when they are first asked for.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))  # not needed where the package is installed
from vestsim_analysis import open_run  # noqa: E402

run = open_run(sys.argv[1] if len(sys.argv) > 1 else "out/toy.h5")
print(f"{run.title}: {run.years[0]}-{run.years[-1]}, {run.replications} replications")

# %% The verdict of every year after today.
print(run.verdict[["year", "index_pct", "low_pct", "high_pct", "code"]].to_string(index=False))

# %% One indicator: years down, replications across; mean and standard error.
co2 = run.indicator("co2_t")
print(co2.assign(mean=co2.mean(axis=1), se=co2.std(axis=1) / co2.shape[1] ** 0.5)[["mean", "se"]])

# %% Who drives? Trips join with persons (of replication 0) on year and person.
trips = run.trips.merge(run.persons, on=["year", "person"], suffixes=("", "_of_person"))
residents = trips[trips["segment"] == "resident"]
share = residents.groupby(["year", "age"], observed=True)["mode"].value_counts(normalize=True).unstack() * 100
print(share.round(0).to_string())

# %% Kilometres by car a day and resident, by cars in the household.
driven = residents[residents["mode"] == "car_driver"].groupby(["year", "household"])["distance_m"].sum() / 1000
homes = run.households.set_index(["year", "household"]).assign(km=driven).fillna({"km": 0})
by_cars = homes.groupby(["year", "cars"])[["km", "size"]].sum()
print((by_cars["km"] / by_cars["size"]).unstack().round(1).to_string())

# %% The busiest streets in sentrum in the last year.
last = run.traffic(run.years[-1])
busiest = last.groupby("link")["vehicles"].sum().to_frame().join(run.links[["name", "inside"]])
print(busiest[busiest["inside"] == "sentrum"].nlargest(5, "vehicles").to_string())

# %% A counting point against its count.
day = run.hours.groupby(["year", "replication", "point"])["vehicles"].sum().groupby(["point", "year"]).mean().unstack()
print(run.points.set_index("point")[["name", "observed"]].join(day.round(0)).to_string())
