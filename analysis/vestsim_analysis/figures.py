"""Figures of a run: each a PNG, an SVG and the CSV table behind it, the same bytes every time.

Colours are those of Okabe and Ito (2008), which colour-blind readers tell apart, and matplotlib's cividis and PuOr; what
colour says is also said by shape, place or words.
"""
import os
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from matplotlib.collections import LineCollection  # noqa: E402
from matplotlib.colors import PowerNorm, TwoSlopeNorm  # noqa: E402
from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: E402

from .words import WORDS, number  # noqa: E402

BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#666666"
MODE_COLOUR = {"car_driver": VERMILLION, "car_passenger": ORANGE, "pt": BLUE, "cycle": GREEN, "walk": SKY}
MODE_HATCH = {"car_driver": "", "car_passenger": "//", "pt": "", "cycle": "..", "walk": ""}
VERDICT_STYLE = {"holds": (BLUE, "o"), "exceeds": (VERMILLION, "^"), "not_shown": (GREY, "s")}
STYLE = {"font.family": "DejaVu Sans", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
         "grid.color": "#dddddd", "axes.axisbelow": True, "svg.hashsalt": "vestsim", "svg.fonttype": "path", "figure.dpi": 100,
         "savefig.dpi": 150, "axes.titlelocation": "left", "axes.titleweight": "bold", "legend.frameon": False}


class NothingToDraw(Exception):
    """The run has no data for a figure; the message says which."""


def _words(lang):
    return WORDS[lang]


def _ticks(axis, lang):
    def text(value, _):
        decimals = next((d for d in range(6) if abs(round(value, d) - value) < 1e-9 * max(1.0, abs(value))), 6)
        return number(value, lang, decimals)

    axis.set_major_formatter(FuncFormatter(text))


def _legend_below(figure, axes, columns):
    """One legend for all axes in a strip of its own at the foot."""
    handles = {label: handle for one in axes for handle, label in zip(*one.get_legend_handles_labels())}
    height = figure.get_size_inches()[1]
    rows = -(-len(handles) // columns)
    foot = (0.12 + 0.24 * rows) / height
    figure.get_layout_engine().set(rect=(0, foot, 1, 1 - foot))
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=columns, fontsize=9, handlelength=1.6)


def _year_axis(axes, years, lang):
    axes.set_xlabel(_words(lang)["year"])
    if len(years) <= 12:
        axes.set_xticks(list(years), [str(y) for y in years])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9))
    axes.set_xlim(min(years) - 0.8, max(years) + 0.8)


def _finite(values):
    return np.where(np.isfinite(values), values, np.nan)


def verdict(run, lang):
    """Change of the definition measure against today, with its interval."""
    words, table = _words(lang), run.verdict
    if table.empty:
        raise NothingToDraw("no year after today")
    table = table[["year", "index_pct", "low_pct", "high_pct", "probability_at_or_below", "replications", "code"]]
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    axes.axhline(0, color="black", linewidth=1)
    low, high = _finite(table["low_pct"]), _finite(table["high_pct"])
    for code, (colour, marker) in VERDICT_STYLE.items():
        rows = (table["code"] == code).to_numpy()
        if rows.any():
            known = rows & np.isfinite(low) & np.isfinite(high)
            axes.vlines(table["year"][known], low[known], high[known], color=colour, linewidth=2)
            axes.plot(table["year"][rows], table["index_pct"][rows], marker, color=colour, markersize=8, label=words[code])
    span = np.concatenate([low, high, table["index_pct"], [0.0]])
    room = 0.12 * max(np.nanmax(span) - np.nanmin(span), 1.0)
    axes.set_ylim(np.nanmin(span) - room, np.nanmax(span) + room)
    years = [run.today, *table["year"]]
    _year_axis(axes, years, lang)
    axes.plot([run.today], [0], "D", color="black", markersize=6, label=words["today_level"].format(today=run.today))
    axes.set_ylabel(words["verdict_y"].format(today=run.today))
    axes.set_title(words["verdict_title"])
    _ticks(axes.yaxis, lang)
    if (np.isfinite(low) & np.isfinite(high)).any():
        confidence = number(100 * run.verdict.attrs["confidence"], lang)
        axes.plot([], [], color=GREY, linewidth=2, label=words["interval"].format(confidence=confidence))
    _legend_below(figure, [axes], 5)
    return figure, table


def mode_shares(run, lang):
    """Stacked shares of residents' trips by year, mean over replications."""
    words = _words(lang)
    table = run.mode_shares.groupby(["year", "mode"], sort=True)["share_pct"].mean().unstack("mode")[list(MODE_COLOUR)]
    figure, axes = plt.subplots(figsize=(7, 0.9 + 0.42 * len(table) + 1.2), layout="constrained")
    left = np.zeros(len(table))
    for mode, colour in MODE_COLOUR.items():
        values = table[mode].to_numpy()
        dark = mode in ("car_driver", "pt", "cycle")
        axes.barh(range(len(table)), values, left=left, color=colour, hatch=MODE_HATCH[mode], edgecolor="white", height=0.78, label=words[mode])
        for i, value in enumerate(values):
            if value >= 4:
                axes.text(left[i] + value / 2, i, number(value, lang), ha="center", va="center", fontsize=8,
                          color="white" if dark else "black", bbox={"boxstyle": "round,pad=0.12", "facecolor": colour, "edgecolor": "none"})
        left += values
    axes.set_yticks(range(len(table)), [str(y) for y in table.index])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.grid(False)
    axes.set_xlabel(words["modes_y"])
    axes.set_ylabel(words["year"])
    axes.set_title(words["modes_title"])
    _legend_below(figure, [axes], 5)
    return figure, table.reset_index()


def hour_profiles(run, lang):
    """Vehicles by hour at every counting point, today and in the last year, with what was counted."""
    words, points = _words(lang), run.points
    if points.empty:
        raise NothingToDraw("no counting points")
    years = sorted({run.years[0], run.years[-1]})
    hours = run.hours[run.hours["year"].isin(years)].groupby(["year", "point", "hour", "replication"])["vehicles"].sum()
    table = hours.groupby(["year", "point", "hour"]).agg(["mean", "min", "max"]).rename(columns=lambda c: f"vehicles_{c}")
    columns = min(3, len(points))
    rows = -(-len(points) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(4.4 * columns, 3.1 * rows + 0.8), sharex=True, squeeze=False, layout="constrained")
    for axes, (_, point) in zip(grid.ravel(), points.iterrows()):
        for year, colour, dash in zip(years, (BLUE, VERMILLION), ("-", "--")):
            day = table.loc[(year, point["point"])]
            day = pd.concat([day, day.iloc[[-1]].rename(index={23: 24})])  # the last step is drawn to midnight
            axes.step(day.index, day["vehicles_mean"], where="post", color=colour, linestyle=dash, label=str(year))
            axes.fill_between(day.index, day["vehicles_min"], day["vehicles_max"], step="post", color=colour, alpha=0.2, linewidth=0)
        simulated = number(table.loc[(run.today, point["point"])]["vehicles_mean"].sum(), lang)
        said = words["not_counted"]
        if np.isfinite(point["observed"]):
            axes.axhline(point["observed"] / 24, color="black", linestyle=":", linewidth=1.2, label=words["counted_mean"])
            said = words["counted"]
        name = point["name"] or point["point"]
        axes.set_title(name if len(name) < 42 else name[:40] + "\u2026", fontsize=10, parse_math=False)
        axes.text(0, 1.0, said.format(observed=number(point["observed"], lang), simulated=simulated, year=run.today),
                  transform=axes.transAxes, fontsize=8, va="bottom")
        axes.title.set_position((0, 1.1))
        axes.set_title(axes.get_title("left"), fontsize=10, pad=16, parse_math=False)
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 6))
        axes.xaxis.set_tick_params(labelbottom=True)
        axes.set_xlabel(words["hour"], fontsize=9)
        axes.set_ylabel(words["hours_y"], fontsize=9)
        _ticks(axes.yaxis, lang)
    for axes in grid.ravel()[len(points):]:
        axes.set_visible(False)
    _legend_below(figure, grid.ravel()[:len(points)], 3)
    figure.suptitle(words["hours_title"], fontweight="bold", x=0.01, ha="left")
    counted = points[["point", "name", "observed"]]
    return figure, table.reset_index().merge(counted, on="point", how="left")


def _draw_links(axes, lines, values, widths, **colours):
    order = np.argsort(np.abs(values), kind="stable")
    collection = LineCollection([lines[i] for i in order], linewidths=widths[order], capstyle="round", **colours)
    collection.set_array(values[order])
    axes.add_collection(collection)
    return collection


def _shifted(lines, by_km):
    """Each direction to the right of its line, so that two ways are seen side by side."""
    shifted = []
    for line in lines:
        way = line[-1] - line[0]
        length = np.hypot(*way)
        shifted.append(line if length == 0 else line + np.array([way[1], -way[0]]) / length * by_km)
    return shifted


def _window(lines, shown):
    """Middle and half width in km of the square that holds the links shown."""
    corners = np.concatenate([line for line, here in zip(lines, shown) if here])
    low, high = corners.min(axis=0), corners.max(axis=0)
    return (low + high) / 2, max((high - low).max() / 2 * 1.05, 0.1)


def _flow_panel(axes, lines, flow, most):
    # Widths and colours by the square root: a motorway does not hide the streets.
    return _draw_links(axes, lines, flow, 0.4 + 5.0 * np.sqrt(np.minimum(flow / most, 1)), cmap="cividis_r", norm=PowerNorm(0.5, 0, most))


def _change_panel(axes, lines, change, most):
    return _draw_links(axes, lines, change, 0.4 + 5.0 * np.minimum(np.abs(change) / most, 1), cmap="PuOr_r", norm=TwoSlopeNorm(0, -most, most))


def flow_map(run, lang):
    """Vehicles a day on every link in the last year and the change since today: the municipality above, sentrum below.

    Links are drawn straight from node to node."""
    words, links, last = _words(lang), run.links, run.years[-1]
    table = links[["name", "from_x_m", "from_y_m", "to_x_m", "to_y_m"]].copy()
    for year in sorted({run.today, last}):
        table[f"vehicles_{year}"] = run.traffic(year).groupby("link", sort=False)["vehicles"].sum().reindex(links.index)
    table["change"] = table[f"vehicles_{last}"] - table[f"vehicles_{run.today}"]
    flow, change = table[f"vehicles_{last}"].to_numpy(), table["change"].to_numpy()
    ends = [np.array([[r.from_x_m, r.from_y_m], [r.to_x_m, r.to_y_m]]) / 1000 for r in table.itertuples()]
    inside, sentrum = (links["inside"].isin(names).to_numpy() for names in (["municipality", "sentrum"], ["sentrum"]))
    parts = [shown for shown in (inside, sentrum) if shown.any()] or [np.ones(len(links), bool)]
    panels = [(_flow_panel, words["map_title"].format(year=last), words["vehicles_day"], flow, None)]
    if last != run.today:
        panels.append((_change_panel, words["map_change"].format(today=run.today, year=last), words["change_day"], change, "both"))
    figure, grid = plt.subplots(len(parts), len(panels), figsize=(6.2 * len(panels), 5.4 * len(parts)), squeeze=False, layout="constrained")
    for row, shown in zip(grid, parts):
        middle, half = _window(ends, shown)
        lines = _shifted(ends, 0.009 * half)
        for axes, (panel, title, label, values, extend) in zip(row, panels):
            near = np.abs(values[shown])
            most = max(near.max() if extend is None else np.percentile(near, 98), 1.0)  # a few large changes do not hide the rest
            collection = panel(axes, lines, values, most)
            axes.set_xlim(middle[0] - half, middle[0] + half)
            axes.set_ylim(middle[1] - half, middle[1] + half)
            axes.set_aspect("equal")
            axes.set_facecolor("#f4f4f4")
            axes.set_title(title if shown is not sentrum else "sentrum")
            axes.set_xlabel(words["map_x"])
            axes.set_ylabel(words["map_y"])
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_locator(MaxNLocator(4))
                _ticks(axis, lang)
            bar = figure.colorbar(collection, ax=axes, label=label, shrink=0.85, extend=extend or "neither")
            _ticks(bar.ax.yaxis, lang)
    return figure, table.reset_index()


def convergence(run, lang):
    """Relative gap by simulated day, each replication thin and the mean of a year thick."""
    words, table = _words(lang), run.convergence
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    years = sorted(table["year"].unique())
    few = years if len(years) <= 5 else [years[round(i * (len(years) - 1) / 4)] for i in range(5)]
    for year, colour, marker in zip(few, (BLUE, VERMILLION, GREEN, PURPLE, ORANGE), "osD^v"):
        rows = table[(table["year"] == year) & (table["gap_pct"] > 0)]
        for _, one in rows.groupby("replication"):
            axes.plot(one["iteration"], one["gap_pct"], color=colour, linewidth=0.6, alpha=0.5)
        mean = rows.groupby("iteration")["gap_pct"].mean()
        axes.plot(mean.index, mean, marker=marker, markersize=5, color=colour, linewidth=2, label=str(year))
    if np.isfinite(run.gap_max_pct) and run.gap_max_pct < 100:
        axes.axhline(run.gap_max_pct, color="black", linestyle=":", label=words["threshold"])
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, lang, max(0, int(np.ceil(-np.log10(v)))))))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(words["iteration"])
    axes.set_ylabel(words["gap_y"])
    axes.set_title(words["convergence_title"])
    axes.legend()
    return figure, table


def spread(run, lang):
    """Paired change of car-km in sentrum against today, one point a replication."""
    words, km = _words(lang), run.indicator("car_km_sentrum")
    later = [y for y in km.index if y != run.today]
    if not later:
        raise NothingToDraw("no year after today")
    if not km.loc[run.today].mean() > 0:
        raise NothingToDraw("no car traffic in sentrum today")
    change = (km.loc[later] - km.loc[run.today]) / km.loc[run.today].mean() * 100  # as the verdict: percent of today's mean
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    count = change.shape[1]
    for i, replication in enumerate(change.columns):
        offset = 0.5 * ((i + 0.5) / count - 0.5)
        axes.plot(np.array(later) + offset, change[replication], "o", color=SKY, markeredgecolor=BLUE, markersize=5, alpha=0.85,
                  label=words["one_replication"] if i == 0 else None)
    axes.hlines(change.mean(axis=1), np.array(later) - 0.36, np.array(later) + 0.36, color=VERMILLION, linewidth=2, label=words["mean"])
    axes.axhline(0, color="black", linewidth=1)
    _year_axis(axes, later, lang)
    axes.set_ylabel(words["spread_y"].format(today=run.today))
    axes.set_title(words["spread_title"])
    _ticks(axes.yaxis, lang)
    _legend_below(figure, [axes], 2)
    table = change.reset_index().melt(id_vars="year", value_name="change_pct")
    return figure, table


FIGURES = {"verdict": verdict, "mode_shares": mode_shares, "hour_profiles": hour_profiles, "flow_map": flow_map,
           "convergence": convergence, "spread": spread}


def _save(path, write):
    """Under a name of its own until complete, so that no half file stands under the right one."""
    part = path.with_name(path.stem + ".part" + path.suffix)
    try:
        write(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def draw(run, folder, lang="nb"):
    """Draws every figure the run has data for. Returns (paths written, {figure: why it was left out})."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written, left_out = [], {}
    for name, make in FIGURES.items():
        with plt.rc_context(STYLE):
            try:
                figure, table = make(run, lang)
            except NothingToDraw as reason:
                left_out[name] = str(reason)
                continue
            no_clock = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
            for suffix, metadata in no_clock.items():
                path = folder / f"{name}.{suffix}"
                _save(path, lambda part: figure.savefig(part, metadata=metadata))
                written.append(path)
            plt.close(figure)
        path = folder / f"{name}.csv"
        _save(path, lambda part: pd.DataFrame(table).to_csv(part, index=False, float_format="%.6g", lineterminator="\n"))
        written.append(path)
    return written, left_out
