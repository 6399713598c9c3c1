"""Reference values typed with their source (docs/formats.md, reference.csv) and what a run has in their place."""
import csv
import pathlib

import numpy as np
import pandas as pd

from .run import RunError

COLUMNS = ("kind", "id", "value", "unit", "year", "role", "confidence", "source", "note")
ROLES = ("calibrated", "looked_at", "untouched", "input")


def read_rows(path, columns):
    """Rows of a CSV as dicts, each with its line number under 'line'. RunError names file and line."""
    path = pathlib.Path(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in columns if c not in (reader.fieldnames or [])]
            if missing:
                raise RunError(f"{path}:1: column {missing[0]} is missing; the columns are {', '.join(columns)}")
            rows = []
            for row in reader:
                if None in row or None in row.values():
                    raise RunError(f"{path}:{reader.line_num}: has not {len(reader.fieldnames)} fields; put quotes around text with commas")
                rows.append({**{c: row[c].strip() for c in columns}, "line": reader.line_num})
    except (UnicodeDecodeError, csv.Error) as error:
        raise RunError(f"{path}: is not a CSV file in UTF-8 ({error})") from None
    if not rows:
        raise RunError(f"{path}: has no rows")
    return rows


def _number(path, row, text):
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise RunError(f"{path}:{row['line']}: '{text}' is not a number; write it with a point, without a unit")
    return value


def read_profiles(path):
    """Shares of the day in 24 hours by profile id."""
    hours = [f"h{h:02d}" for h in range(24)]
    shares = {}
    for row in read_rows(path, ["profile_id", *hours]):
        values = np.array([_number(path, row, row[h]) for h in hours])
        if values.min() < 0 or values.sum() <= 0:
            raise RunError(f"{path}:{row['line']}: shares of the hours must not be negative, nor all 0")
        shares[row["profile_id"]] = values / values.sum()
    return shares


class Model:
    """Values of the year today, of the whole town, means over replications (trips and persons: replication 0)."""

    def __init__(self, run):
        self.run = run
        hours = run.hours[run.hours["year"] == run.today]
        self.by_hour = hours.groupby(["point", "class", "hour"])["vehicles"].sum() / run.replications
        self.by_replication = hours.groupby(["point", "replication"])["vehicles"].sum()
        self.points = run.points.set_index("point")
        self.trips = run.trips[(run.trips["year"] == run.today) & (run.trips["segment"] == "resident")]

    def hours(self, point):
        """Vehicles in 24 hours, all classes, both directions."""
        return self.by_hour[point].groupby("hour").sum().to_numpy()

    def _heavy(self, point):
        day = self.by_hour[point].groupby("class").sum()
        return 100 * day["lorry"] / day.sum()

    def _boardings(self, stop):
        stops = self.run.stops
        return stops[(stops["year"] == self.run.today) & (stops["stop"] == stop)]["boardings"].item()

    def _commuters(self, way):
        persons = self.run.persons[self.run.persons["year"] == self.run.today]
        outside = self.run.place_outside
        work = persons["work_place"].dropna().astype(int)
        away = pd.Series(outside[work.to_numpy()], index=work.index).reindex(persons.index)
        resident = persons["segment"] == "resident"
        employed = persons["employed"].astype(str) != "no"
        chosen = resident & employed & (away == True) if way == "out" else ~resident & (away == False)  # noqa: E712
        return chosen.sum() / self.run.scale

    def _area_trips(self):
        trips = self.run.area_trips
        return trips[trips["year"] == self.run.today].groupby(["purpose", "mode"])["trips"].sum()

    def _share_of_purpose(self, key):
        purpose, modes = key.split(":")
        trips = self._area_trips()[purpose]
        return 100 * trips[modes.split("+")].sum() / trips.sum()

    def shares_from_16(self):
        """Shares in percent of the trips of residents of 16 years and older, replication 0."""
        ages = self.run.persons.loc[self.run.persons["year"] == self.run.today, ["person", "age"]]
        trips = self.trips.merge(ages, on="person")
        return 100 * trips[~trips["age"].isin(["0_5", "6_15"])]["mode"].value_counts(normalize=True)

    def _lengths_km(self, mode):
        trips = self.trips if mode == "all" else self.trips[self.trips["mode"] == mode]
        if mode != "all" and mode not in self.trips["mode"].cat.categories:
            raise KeyError(mode)
        return trips["distance_m"] / 1000

    def _km_per_person(self, mode):
        return self._lengths_km(mode).sum() / self.run.scale / self._indicator("residents")

    def _indicator(self, name):
        values = self.run.indicators
        values = values[(values["indicator"] == name) & (values["year"] == self.run.today)]["value"]
        if values.empty:
            raise KeyError(name)
        return values.mean()

    def value(self, kind, key):
        """What the run has for a row of the reference table; KeyError where it has nothing of that name."""
        of = {"count": lambda p: self.hours(p).sum(), "heavy": self._heavy, "boardings": self._boardings,
              "commuters": self._commuters, "share": lambda m: self._indicator(f"share_{m}"), "indicator": self._indicator,
              "purpose_share": lambda p: 100 * self._area_trips()[p].sum() / self._area_trips().sum(),
              "share_of_purpose": self._share_of_purpose, "length": lambda m: self._lengths_km(m).mean(),
              "under_3_km": lambda m: 100 * (self._lengths_km(m) < 3).mean(), "km_per_person": self._km_per_person}
        if kind == "commuters" and key not in ("out", "in"):
            raise KeyError(key)
        return float(of[kind](key))


KINDS = ("count", "heavy", "profile", "boardings", "commuters", "share", "indicator", "purpose_share", "share_of_purpose", "length",
         "under_3_km", "km_per_person")


def _observed(path, row, model):
    """Empty values of counts and heavy shares are those of the results file, which has them from counts.csv."""
    if row["value"]:
        return _number(path, row, row["value"])
    if row["kind"] in ("count", "heavy"):
        column, factor = ("observed", 1) if row["kind"] == "count" else ("heavy_share", 100)
        return factor * float(model.points.at[row["id"], column])
    return np.nan


def compare(path, model):
    """Frame of the rows of a reference file with columns observed, model; and {point: profile of 24 shares, its row}."""
    path, rows, profiles, table = pathlib.Path(path), read_rows(path, COLUMNS), {}, {}
    for row in rows:
        where = f"{path}:{row['line']}"
        if row["kind"] not in KINDS:
            raise RunError(f"{where}: kind '{row['kind']}' is unknown; the kinds are {', '.join(KINDS)}")
        if row["role"] not in ROLES:
            raise RunError(f"{where}: role '{row['role']}' is unknown; the roles are {', '.join(ROLES)}")
        if (row["kind"], row["id"]) in table:
            raise RunError(f"{where}: {row['kind']} {row['id']} stands twice; keep one of them")
        try:
            if row["kind"] == "profile":
                model.hours(row["id"])
                known = read_profiles(path.parent / "profiles.csv")
                if row["value"] not in known:
                    raise RunError(f"{where}: profiles.csv has no profile '{row['value']}'")
                profiles[row["id"]] = {**row, "shares": known[row["value"]]}
                table[row["kind"], row["id"]] = row
                continue
            row["model"] = model.value(row["kind"], row["id"])
            row["observed"] = _observed(path, row, model)
        except (KeyError, ValueError):
            raise RunError(f"{where}: the run has no {row['kind']} '{row['id']}'; compare with the names in the results file") from None
        table[row["kind"], row["id"]] = row
    frame = pd.DataFrame([r for r in table.values() if r["kind"] != "profile"])
    return frame, profiles
