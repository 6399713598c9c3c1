"""A results file as tidy frames: one observation a row, categories as words, counts of the whole town."""
import functools
import pathlib
import re

import h5py
import numpy as np
import pandas as pd

FORMAT_MAJOR = 1
BINS_AN_HOUR = 12


class RunError(Exception):
    """The file cannot be used; the message names it and says what to do."""


def open_run(path):
    """Opens a results file of `vestsim run`. Raises RunError for anything else."""
    return Run(path)


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


class Run:
    """Frames are read when first asked for; the file is open only while one is read."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not self.path.exists():
            raise RunError(f"{path}: there is no such file")
        if not self.path.is_file() or not h5py.is_hdf5(self.path):
            raise RunError(f"{path}: is not an HDF5 file; give the OUT.h5 of `vestsim run`")
        with self._file() as file:
            attributes = dict(file.attrs)
            if attributes.get("program") != "vestsim":
                raise RunError(f"{path}: is not a results file of vestsim")
            self.format_version = _text(attributes.get("format_version", "?"))
            if self.format_version.split(".")[0] != str(FORMAT_MAJOR):
                raise RunError(f"{path}: has results format {self.format_version}; this package reads {FORMAT_MAJOR}.x: "
                               "use a newer vestsim_analysis")
            self.title = _text(attributes.get("title", ""))
            self.made_by = {n: _text(attributes.get(n, "?")) for n in ("program_version", "git_commit", "service_date", "seed")}
            self.today = int(self._get(file, "traffic/year")[0])
            self.scenario_yaml = _text(self._get(file, "scenario_yaml", whole=False)[()])
        self.scale = self._scenario_number("scale", 1.0)

    def _scenario_number(self, key, fallback):
        """A number of the effective scenario, which the program writes one key a line."""
        found = re.search(rf"^\s*{key}: ([-+.\deE]+)\s*$", self.scenario_yaml, flags=re.M)
        return float(found.group(1)) if found else fallback

    def _file(self):
        try:
            return h5py.File(self.path, "r")
        except OSError as error:
            raise RunError(f"{self.path}: is damaged or cut short; run the scenario again ({error})") from error

    def _get(self, file, name, whole=True):
        try:
            dataset = file[name]
            if not whole:
                return dataset
            values = dataset.asstr()[:] if h5py.check_string_dtype(dataset.dtype) else dataset[:]
        except KeyError:
            raise RunError(f"{self.path}: has no /{name} (format {self.format_version}); run the scenario again with this "
                           "version of vestsim") from None
        except (OSError, RuntimeError) as error:
            raise RunError(f"{self.path}: /{name} cannot be read: the file is damaged; run the scenario again") from error
        return values

    def _read(self, group, *names):
        with self._file() as file:
            return [self._get(file, f"{group}/{name}") for name in names]

    @staticmethod
    def _along(group, axis):
        """Names of the axis itself and of the one-dimensional variables along it."""
        return [axis] + [n for n, d in group.items() if d.ndim == 1 and not h5py.h5ds.is_scale(d.id) and d.dims[0][0].name.endswith("/" + axis)]

    def _table(self, group, index=None):
        """All one-dimensional columns of a group, with words for numbers that stand for them."""
        columns = {}
        with self._file() as file:
            for name in self._get(file, group, whole=False):
                dataset = file[group][name]
                if not isinstance(dataset, h5py.Dataset) or dataset.ndim != 1:
                    continue
                values = self._get(file, f"{group}/{name}")
                missing = dataset.attrs.get("_FillValue")
                if "flag_values" in dataset.attrs:
                    words = _text(dataset.attrs["flag_meanings"]).split()
                    values = pd.Categorical.from_codes(np.where(values < len(words), values, -1).astype(int), words)
                elif missing is not None and values.dtype.kind in "iu":
                    values = pd.array(values, dtype={"i": "Int", "u": "UInt"}[values.dtype.kind] + str(8 * values.dtype.itemsize))
                    values[values == missing[0]] = pd.NA
                columns[name] = values
        frame = pd.DataFrame(columns)
        return frame if index is None else frame.set_index(index)

    @functools.cached_property
    def years(self):
        return [int(y) for y in self._read("traffic", "year")[0]]

    @functools.cached_property
    def replications(self):
        return len(self._read("indicators", "replication")[0])

    @functools.cached_property
    def indicators(self):
        """year, replication, indicator, unit, value."""
        frames = []
        with self._file() as file:
            years, replications = self._get(file, "indicators/year"), self._get(file, "indicators/replication")
            index = pd.MultiIndex.from_product([years, replications], names=["year", "replication"])
            for name in self._get(file, "indicators", whole=False):
                dataset = file["indicators"][name]
                if dataset.ndim == 2:
                    values = self._get(file, f"indicators/{name}")
                    frames.append(pd.DataFrame({"indicator": name, "unit": _text(dataset.attrs["units"]),
                                                "value": values.ravel()}, index=index).reset_index())
        return pd.concat(frames, ignore_index=True)

    def indicator(self, name):
        """One indicator: years down, replications across."""
        rows = self.indicators[self.indicators["indicator"] == name]
        if rows.empty:
            raise RunError(f"{self.path}: has no indicator '{name}'; it has {', '.join(self.indicators['indicator'].unique())}")
        return rows.pivot(index="year", columns="replication", values="value")

    @functools.cached_property
    def verdict(self):
        """One row a year after today: index_pct, intervals, probability, code, sentences. Empty without such a year."""
        with self._file() as file:
            group = self._get(file, "verdict", whole=False)
            columns = {n: self._get(file, f"verdict/{n}") for n in self._along(group, "year")}
            words = _text(group["code"].attrs["flag_meanings"]).split()
            confidence = float(group.attrs["confidence"])
        columns["code"] = [words[c] if 0 <= c < len(words) else "" for c in columns["code"]]
        frame = pd.DataFrame(columns)
        frame.attrs["confidence"] = confidence
        return frame

    @functools.cached_property
    def mode_shares(self):
        """year, replication, mode, share_pct of residents' trips."""
        modes = self._read("indicators", "mode")[0]
        frames = [self.indicators[self.indicators["indicator"] == f"share_{m}"].assign(mode=m) for m in modes]
        frame = pd.concat(frames, ignore_index=True).rename(columns={"value": "share_pct"})
        return frame[["year", "replication", "mode", "share_pct"]]

    @functools.cached_property
    def area_trips(self):
        """year, replication, area, purpose, mode, trips a day of residents."""
        names = ("year", "replication", "area", "purpose", "mode")
        *axes, values = self._read("indicators", *names, "area_mode_trips")
        index = pd.MultiIndex.from_product(axes, names=names)
        return pd.DataFrame({"trips": values.ravel()}, index=index).reset_index()

    @functools.cached_property
    def points(self):
        """Counting points: point, name, observed (vehicles a weekday), heavy_share, ..."""
        with self._file() as file:
            group = self._get(file, "cordon", whole=False)
            return pd.DataFrame({n: self._get(file, f"cordon/{n}") for n in self._along(group, "point")})

    @functools.cached_property
    def hours(self):
        """year, replication, point, hour, class, vehicles passing a counting point both ways, of the whole town."""
        years, replications, points, classes, values = self._read("cordon", "year", "replication", "point", "class", "vehicles")
        values = values.reshape(len(years), len(replications), 24, BINS_AN_HOUR, len(points), len(classes)).sum(axis=3)
        index = pd.MultiIndex.from_product([years, replications, range(24), points, classes],
                                           names=["year", "replication", "hour", "point", "class"])
        return pd.DataFrame({"vehicles": values.ravel() / self.scale}, index=index).reset_index()

    @functools.cached_property
    def convergence(self):
        """year, replication, iteration, gap_pct, stuck; iterations that were not needed are left out."""
        years, replications, iterations, gap, stuck = self._read("convergence", "year", "replication", "iteration", "gap_pct", "stuck")
        index = pd.MultiIndex.from_product([years, replications, iterations], names=["year", "replication", "iteration"])
        frame = pd.DataFrame({"gap_pct": gap.ravel(), "stuck": stuck.ravel()}, index=index).reset_index()
        return frame.dropna(subset=["gap_pct"]).reset_index(drop=True)

    @property
    def gap_max_pct(self):
        """The gap at which a day counts as settled, of the scenario; NaN where it does not say."""
        return self._scenario_number("gap_max_pct", float("nan"))

    @functools.cached_property
    def links(self):
        """Links by id, with from and to nodes' x_m and y_m."""
        links = self._table("network/links")
        nodes = self._table("network/nodes")
        for end in ("from", "to"):
            for axis in ("x_m", "y_m"):
                links[f"{end}_{axis}"] = nodes[axis].to_numpy()[links[f"{end}_ix"]]
        return links.set_index("link")

    def traffic(self, year):
        """link, hour, class, vehicles entering the link in the hour, of the whole town, mean over replications."""
        if year not in self.years:
            raise RunError(f"{self.path}: has no year {year}; it has {', '.join(map(str, self.years))}")
        with self._file() as file:
            links, classes = self._get(file, "traffic/link"), self._get(file, "traffic/class")
            values = self._get(file, "traffic/vehicles", whole=False)[self.years.index(year)]
        values = values.reshape(len(classes), 24, BINS_AN_HOUR, len(links)).sum(axis=2, dtype=float) / self.scale
        index = pd.MultiIndex.from_product([classes, range(24), links], names=["class", "hour", "link"])
        return pd.DataFrame({"vehicles": values.ravel()}, index=index).reset_index()

    @functools.cached_property
    def trips(self):
        """One row a trip of replication 0, of the people simulated (see scale)."""
        return self._table("trips", "trip")

    @functools.cached_property
    def persons(self):
        """One row a person and year of replication 0; joins with trips on year and person."""
        return self._table("persons", "row")

    @functools.cached_property
    def stops(self):
        """year, stop, name, boardings of the whole town, mean over replications."""
        years, stops, names, values = self._read("transit/stops", "year", "stop", "name", "boardings")
        frame = pd.DataFrame({"year": np.repeat(years, len(stops)), "stop": np.tile(stops, len(years)), "name": np.tile(names, len(years))})
        return frame.assign(boardings=values.ravel().astype(float) / self.scale)

    @functools.cached_property
    def place_outside(self):
        """Whether each place, by its index, is outside the municipality."""
        return self._read("zones", "outside")[0].astype(bool)[self._read("places", "zone_ix")[0]]

    @functools.cached_property
    def households(self):
        """One row a household and year of replication 0."""
        return self._table("households", "row")
