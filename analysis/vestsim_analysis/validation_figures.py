"""Figures of the validation page: PNG, the same bytes every time."""
import pathlib

import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator

from .figures import BLUE, GREEN, GREY, MODE_COLOUR, PURPLE, STYLE, VERMILLION, _legend_below, _save, _ticks, plt
from .words import WORDS, number

ROLE_STYLE = {"calibrated": (BLUE, "o"), "looked_at": (VERMILLION, "s"), "untouched": (GREEN, "^"), "input": (PURPLE, "D")}


def counts(counted):
    """Simulated against counted vehicles a day, one mark a point."""
    figure, axes = plt.subplots(figsize=(6.4, 5.6), layout="constrained")
    values = np.concatenate([counted["observed"], counted["model"]])
    values = values[values > 0]
    low, high = values.min() / 1.4, values.max() * 1.4
    line = np.array([low, high])
    axes.fill_between(line, 0.85 * line, 1.15 * line, color="#dddddd", linewidth=0, label="within 15 %")
    axes.fill_between(line, 0.95 * line, 1.05 * line, color="#aaaaaa", linewidth=0, label="within 5 %")
    axes.plot(line, line, color="black", linewidth=1, label="equal")
    for role, (colour, marker) in ROLE_STYLE.items():
        rows = counted[counted["role"] == role]
        if len(rows):
            axes.plot(rows["observed"], rows["model"], marker, color=colour, markersize=8, label=role.replace("_", " "))
    edge, last = low * (high / low) ** 0.7, counted["observed"].max()
    for row in counted.itertuples():
        # Beside its mark; on the right of the figure to the left of it, and the last one below, where there is room.
        offset, side = ((7, -3), "left") if row.observed < edge else ((16, -26), "right") if row.observed == last else ((-8, -3), "right")
        axes.annotate(row.id, (row.observed, row.model), xytext=offset, textcoords="offset points", ha=side, fontsize=8, parse_math=False)
    ticks = [t for t in (n * 10**k for k in range(7) for n in (1, 2, 5)) if low <= t <= high]
    for axis, scale, limit in ((axes.xaxis, axes.set_xscale, axes.set_xlim), (axes.yaxis, axes.set_yscale, axes.set_ylim)):
        scale("log")
        limit(low, high)
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(NullLocator())
        _ticks(axis, "en")
    axes.set_aspect("equal")
    axes.set_xlabel("counted, both directions [vehicles a day]")
    axes.set_ylabel("simulated, both directions [vehicles a day]")
    axes.set_title("Counting points")
    _legend_below(figure, [axes], 3)
    return figure


def shares(shared):
    """Bars of simulated and target shares by mode."""
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    words, at = WORDS["en"], np.arange(len(shared))
    known = [MODE_COLOUR.get(m, GREY) for m in shared["id"]]
    for column, offset, hatch in (("model", -0.2, ""), ("observed", 0.2, "///")):
        axes.bar(at + offset, shared[column], 0.38, color="white" if hatch else known, edgecolor=known, hatch=hatch)
        for x, value in zip(at + offset, shared[column]):
            if np.isfinite(value):
                axes.text(x, value + 0.8, number(value, "en", 1), ha="center", fontsize=8)
    axes.set_xticks(at, [words.get(m, m) for m in shared["id"]], fontsize=9)
    axes.set_xlabel("mode (left, filled: simulated; right, hatched: target)")
    axes.set_ylabel("share of residents' trips [%]")
    axes.set_title("Mode shares")
    axes.grid(axis="x", visible=False)
    return figure


def hours(points):
    """Share of the day by hour at every point, and the profile published. points: [(title, simulated, profile)]."""
    columns = min(3, len(points))
    rows = -(-len(points) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(3.5 * columns, 2.5 * rows + 0.5), sharey=True, squeeze=False, layout="constrained")
    for axes, (title, simulated, profile) in zip(grid.ravel(), points):
        edges = np.arange(25)
        for values, colour, dash, label in ((simulated, BLUE, "-", "simulated"), (profile, VERMILLION, "--", "published profile")):
            values = 100 * values / max(values.sum(), 1e-9)
            axes.step(edges, [*values, values[-1]], where="post", color=colour, linestyle=dash, label=label)
        axes.set_title(title, fontsize=9, parse_math=False)
        axes.set_xlim(0, 24)
        axes.set_ylim(bottom=0)
        axes.set_xticks(range(0, 25, 6))
        axes.set_xlabel("time of day [h]", fontsize=9)
        axes.set_ylabel("share of the day [%]", fontsize=9)
    for axes in grid.ravel()[len(points):]:
        axes.set_visible(False)
    _legend_below(figure, grid.ravel()[:len(points)], 2)
    return figure


def save(folder, drawings):
    """drawings: {name: function that makes the figure}. Returns {name: path}; the folder is made if it is not there."""
    folder, paths = pathlib.Path(folder), {}
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in drawings.items():
        with plt.rc_context({**STYLE, "savefig.dpi": 110}):
            figure = make()
            paths[name] = folder / f"{name}.png"
            _save(paths[name], lambda part: figure.savefig(part, metadata={"Software": None}))
            plt.close(figure)
    return paths
