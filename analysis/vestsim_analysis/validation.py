"""The validation page: a run of the base year against reference values, as Markdown with figures. Same input, same bytes."""
import datetime
import json
import os
import pathlib

import numpy as np

from .reference import Model, compare, read_rows
from .run import RunError
from .words import WORDS, number

GEH_MAX, COUNT_PCT, HELD_OUT_PCT, BOARDINGS_PCT, SHARE_POINTS = 5, 5, 15, 10, 1  # what the project wants to reach
DASH = "\u2013"
GEH_TEXT = ("GEH = sqrt(2 (m \u2212 c)\u00b2 / (m + c)), m simulated and c counted vehicles in one hour, both directions together (with each "
            "direction by itself it would be smaller; counts by direction were not found). Below 5 is good (UK and FHWA practice, PTV). Hours were "
            "not counted at every point: the counted hour is the day's count times the largest hourly share of the profile named, so it is no better "
            "than that profile.")
HOURS_TEXT = ("Share of the day's vehicles by hour. Profiles and their sources: `profiles.csv` beside the scenario. The simulated hour from 23 also "
              "holds everything after midnight, and no night before runs into the morning.")
APART_TEXT = "Apart: half the sum over the hours of what the two shares differ by, the part of the day's vehicles that is in another hour."
BANDS_TEXT = ("Bands: daily counts within 5 %, counts that were left untouched within 15 %, GEH below 5 in the busiest hour, boardings within 10 %, "
              "mode shares within 1 point, elasticities in their bands. Other figures have no band. Role says what a reference value was used for:")
EXACT_COLUMNS = ("test", "case", "quantity", "published", "tolerance", "source")
ROLE_TEXT = {
    "calibrated": "a constant of the model was fitted to it: agreement is made, not found",
    "looked_at": "it was looked at while the case was drawn or its constants were set by trial: agreement is partly made",
    "untouched": "nothing in the case is known to have been set by it: a validation value",
    "input": "the model was given it: agreement only shows that it was used"}


def geh(model, observed):
    """GEH of two hourly flows, sqrt(2 (m - c)^2 / (m + c)) (G. E. Havers; PTV; UK and FHWA practice)."""
    return 0.0 if model + observed == 0 else float(np.sqrt(2 * (model - observed) ** 2 / (model + observed)))


def _text(value):
    """Text in a cell of a table, whatever it contains."""
    plain = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;")
    for mark in "\\|*_`[]":
        plain = plain.replace(mark, "\\" + mark)
    return plain or DASH


def _figure(value, decimals=0, sign=False):
    if not np.isfinite(value):
        return DASH
    return ("+" if sign and round(value, decimals) > 0 else "") + number(value, "en", decimals)


def _table(head, rows):
    """A table; a head that begins with > stands over numbers."""
    lines = [" | ".join(h.lstrip(">") for h in head), " | ".join("--:" if h.startswith(">") else "---" for h in head)]
    return [f"| {line} |" for line in lines + [" | ".join(row) for row in rows]] + [""]


def _role(role):
    return role.replace("_", " ")


def _hour(hour):
    return f"{hour:02d}\u2013{hour + 1:02d}"


def _pct(row):
    return 100 * (row["model"] / row["observed"] - 1) if row["observed"] else np.nan


def _band(good):
    return "met" if good else "**missed**"


class Page:
    """Collects lines, and every band that was tried as (words, met)."""

    def __init__(self, run, frame, profiles):
        self.run, self.model, self.profiles, self.lines, self.bands = run, Model(run), profiles, [], []
        self.frame = frame.assign(pct=frame.apply(_pct, axis=1))

    def of(self, *kinds):
        return self.frame[self.frame["kind"].isin(kinds)]

    def name(self, point):
        return self.model.points.at[point, "name"] or point

    def tried(self, good, words):
        self.bands.append((words, bool(good)))
        return _band(good)

    def peaks(self):
        """Rows (point, hour, counted and simulated vehicles in it, GEH) for the busiest hour of the published profile."""
        for row in self.of("count").itertuples():
            if row.id in self.profiles and np.isfinite(row.observed):
                shares = self.profiles[row.id]["shares"]
                hour = int(np.argmax(shares))
                counted, simulated = row.observed * shares[hour], self.model.hours(row.id)[hour]
                yield row.id, hour, counted, simulated, geh(simulated, counted)

    def about(self, row):
        """Cells that say where a reference value comes from and what it was used for."""
        return [_role(row.role), _text(row.year), _text(row.confidence), _text(row.note)]

    def counts(self):
        rows = []
        for row in self.of("count").itertuples():
            limit, name, verdict = HELD_OUT_PCT if row.role == "untouched" else COUNT_PCT, self.name(row.id), DASH
            counted, simulated, pct = _figure(row.observed), _figure(row.model), _figure(row.pct, 1, True)
            if np.isfinite(row.pct):
                verdict = self.tried(abs(row.pct) <= limit, f"{name}: {simulated} vehicles a day simulated, {counted} counted "
                                     f"({_figure(row.pct, 0, True)} %, at most {limit} %)")
            rows.append([_text(name), counted, simulated, pct, f"{limit} %", verdict, *self.about(row),
                         _text(self.model.points.at[row.id, "source"])])
        self.lines += ["## Counts", "", "Vehicles of all classes on a weekday, both directions, as in `counts.csv` beside the scenario.", ""]
        self.lines += _table(["point", ">counted", ">simulated", ">difference %", ">band", "", "role", "year", "confidence", "note", "source"], rows)
        self.lines += ["![Simulated against counted vehicles](FIGURES/counts.png)", ""]

    def busiest_hour(self):
        rows = []
        for point, hour, counted, simulated, value in self.peaks():
            name, day, profile = self.name(point), self.model.hours(point), self.profiles[point]
            own = int(np.argmax(day))
            verdict = self.tried(value < GEH_MAX, f"{name}: GEH {_figure(value, 1)} in the hour from {hour} (below {GEH_MAX} wanted)")
            rows.append([_text(name), _hour(hour), _figure(counted), _figure(simulated), _figure(value, 1), verdict, _hour(own),
                         _figure(100 * day.max() / max(day.sum(), 1), 1), _text(profile["value"]), _role(profile["role"])])
        if rows:
            self.lines += ["## Busiest hour", "", GEH_TEXT, ""]
            self.lines += _table(["point", "hour", ">counted", ">simulated", ">GEH", "", "simulated busiest hour", ">its share of the day %",
                                  "profile", "role of the profile"], rows)

    def hours(self):
        rows = []
        for point, profile in self.profiles.items():
            day = self.model.hours(point)
            apart = 50 * np.abs(day / max(day.sum(), 1) - profile["shares"]).sum()
            rows.append([_text(self.name(point)), _text(profile["value"]), _figure(apart, 1), _role(profile["role"]),
                         _text(profile["confidence"]), _text(profile["note"])])
        if rows:
            self.lines += ["## Hours of the day", "", HOURS_TEXT, "", "![Share of the day by hour](FIGURES/hours.png)", "", APART_TEXT, ""]
            self.lines += _table(["point", "profile", ">apart %", "role", "confidence", "note"], rows)

    def shares(self):
        rows, grown = [], self.model.shares_from_16()
        for row in self.of("share").itertuples():
            mode, apart = WORDS["en"].get(row.id, row.id), row.model - row.observed
            target, simulated, points = _figure(row.observed, 1), _figure(row.model, 1), _figure(apart, 1, True)
            verdict = self.tried(abs(apart) <= SHARE_POINTS, f"{mode}: {simulated} % of trips simulated, {target} % wanted "
                                 f"({points} points, at most {SHARE_POINTS})")
            rows.append([_text(mode), target, simulated, points, verdict, _figure(grown.get(row.id, np.nan), 1), *self.about(row), _text(row.source)])
        if rows:
            self.lines += ["## Mode shares", "", "Shares of residents' trips of all ages. Travel surveys leave the youngest out, who drive nothing; for "
                           "comparison the share of trips of residents of 16 and older (replication 0).", ""]
            self.lines += _table(["mode", ">target %", ">simulated %", ">points apart", "", ">simulated, 16 and older %", "role", "year", "confidence",
                                  "note", "source"], rows)
            self.lines += ["![Mode shares](FIGURES/shares.png)", ""]

    def what(self, row):
        """The quantity of a row in words."""
        key = WORDS["en"].get(row.id, row.id.replace("_", " "))
        if row.kind == "boardings":
            stops = self.run.stops
            return stops[stops["stop"] == row.id]["name"].iloc[0]
        if row.kind == "share_of_purpose":
            purpose, modes = row.id.split(":")
            return " and ".join(WORDS["en"].get(m, m) for m in modes.split("+")) + f", of trips with the purpose {purpose}"
        if row.kind == "heavy":
            return f"heavy vehicles, {self.name(row.id)}"
        before = {"length": "mean length, ", "commuters": "commuters ", "purpose_share": "trips with the purpose ", "under_3_km": "trips under 3 km, ",
                  "km_per_person": "distance, "}
        return before.get(row.kind, "") + key

    def others(self, title, text, kinds, limit=None):
        """A section of kinds with one layout; limit in percent where there is a band."""
        rows = []
        for row in self.of(*kinds).itertuples():
            what, verdict, size = self.what(row), DASH, np.nanmax(np.abs([row.model, row.observed]))
            decimals = 2 if size < 10 else 1 if size < 200 else 0
            known, simulated = _figure(row.observed, decimals), _figure(row.model, decimals)
            if limit is not None and np.isfinite(row.pct):
                verdict = self.tried(abs(row.pct) <= limit, f"{what}: {simulated} {row.unit} simulated, {known} known "
                                     f"({_figure(row.pct, 0, True)} %, at most {limit} %)")
            band = [] if limit is None else [verdict]
            rows.append([_text(what), known, simulated, _text(row.unit), _figure(row.pct, 1, True), *band, *self.about(row), _text(row.source)])
        if rows:
            band = [] if limit is None else [f"within {limit} %"]
            head = ["", ">reference", ">simulated", "unit", ">difference %", *band, "role", "year", "confidence", "note", "source"]
            self.lines += [f"## {title}", "", text, "", *_table(head, rows)]

    def _elasticity(self, row):
        verdict = self.tried(row["low"] <= row["value"] <= row["high"], f"{row['quantity']}: {_figure(row['value'], 3, True)}, outside its band")
        accepted = f"{_figure(row['low'], 2, True)} to {_figure(row['high'], 2, True)}"
        return [_text(row["quantity"]), _figure(row["value"], 3, True), accepted, verdict, _text(row["source"])]

    def elasticities(self, path):
        try:
            data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
            rows, version = [self._elasticity(row) for row in data["checks"]], data["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path}: is not what tests/golden/vestby_elasticities.py --json writes ({error!r}); write it again") from None
        self.lines += ["## Elasticities", "", f"From `tests/golden/vestby_elasticities.py` with program version {_text(version)}: one replication "
                       "each with the same random draws, fuel and fares up by 10 %. A test keeps them inside the bands, so the bands were looked at.", ""]
        self.lines += _table(["quantity", ">simulated", "accepted", "", "source of the band"], rows)

    def exact(self, path):
        rows = [[f"`{row['test']}`", *(_text(row[c]) for c in EXACT_COLUMNS[1:])] for row in read_rows(path, EXACT_COLUMNS)]
        self.lines += ["## Exact cases", "", "What the tests assert, each in the test named (file and function). Those of `tests/cases` need data of "
                       "others and are skipped without them.", ""]
        self.lines += _table(["test", "case", "quantity", "published or exact value", "tolerance", "source"], rows)

    def head(self, dated):
        run, by, roles = self.run, self.run.made_by, {*self.frame["role"], *(p["role"] for p in self.profiles.values())}
        missed = [words for words, good in self.bands if not good]
        lines = [f"# Validation: {_text(run.title)}", "", f"Year {run.today}, mean of {run.replications} replication{'s' * (run.replications > 1)} "
                 f"(trips and persons: replication 0), seed {by['seed']}. Results file {dated}, program version {by['program_version']}, "
                 f"commit `{by['git_commit']}`, results format {run.format_version}. Made by `python3 -m vestsim_analysis validation`; the page of Vestby by "
                 "`analysis/validation.sh`. Do not edit it by hand.", ""]
        if "calibrated" not in roles:
            lines += ["**The model is not calibrated yet: nothing below was fitted, and nobody should quote the results as a forecast.**", ""]
        lines += [f"{len(self.bands) - len(missed)} of {len(self.bands)} bands are met." + " Missed:" * bool(missed), ""]
        lines += [f"- {_text(words)}" for words in missed] + [""] * bool(missed) + [BANDS_TEXT, ""]
        lines += [f"- {_role(role)}: {text}{'' if role in roles else ' (none here)'}." for role, text in ROLE_TEXT.items()]
        return lines + ["", "What was changed while looking at which value, and all doubts about the sources, is in `SOURCES.md` beside the scenario.", ""]


def _dated(path, date):
    if date is None:
        return f"`{path.name}` (date not given)"
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        raise RunError(f"--date {date}: is not a date; write YYYY-MM-DD") from None
    return f"`{path.name}` of {day.day} {day:%B} {day.year}"


def write(run, reference, output, figures, date=None, elasticities=None, exact=None):
    """Writes the page and its figures; returns the paths written. Nothing is written where an input is wrong."""
    output, dated = pathlib.Path(output), _dated(run.path, date)
    frame, profiles = compare(reference, Model(run))
    page = Page(run, frame, profiles)
    page.counts()
    page.busiest_hour()
    page.hours()
    page.others("Other traffic", "Heavy vehicles: the model has lorries, the counters vehicles of 5.6 m and longer.", ["heavy"])
    page.others("Boardings", "Travellers who board at the stop on the day simulated.", ["boardings"], BOARDINGS_PCT)
    page.shares()
    page.others("Trips, purposes and commuters", "Of residents; commuters in live outside.",
                ["indicator", "purpose_share", "share_of_purpose", "commuters"])
    page.others("Trip lengths", "Along the route, of residents' trips (replication 0).", ["length", "under_3_km", "km_per_person"])
    if elasticities:
        page.elasticities(elasticities)
    if exact:
        page.exact(exact)
    text = "\n".join(page.head(dated) + page.lines).rstrip() + "\n"
    from . import validation_figures as draw  # matplotlib takes a second to load: not for a wrong file
    counted, shared = page.of("count").dropna(subset=["observed"]), page.of("share")
    drawings = {"counts": lambda: draw.counts(counted), "shares": lambda: draw.shares(shared),
                "hours": lambda: draw.hours([(page.name(p), page.model.hours(p), row["shares"]) for p, row in profiles.items()])}
    have = {"counts": len(counted), "shares": len(shared), "hours": len(profiles)}
    output.parent.mkdir(parents=True, exist_ok=True)
    paths = draw.save(figures, {n: make for n, make in drawings.items() if have[n]})
    text = text.replace("(FIGURES/", f"({pathlib.Path(os.path.relpath(figures, output.parent)).as_posix()}/")
    part = output.with_name(output.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, output)
    finally:
        part.unlink(missing_ok=True)
    return [output, *paths.values()]
