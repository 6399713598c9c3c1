"""Tidy frames and figures from Vestsim's results files (docs/formats.md).

    from vestsim_analysis import open_run
    run = open_run("out/toy.h5")
    run.indicators.query("indicator == 'co2_t'").groupby("year")["value"].mean()
"""
from .run import Run, RunError, open_run

__all__ = ["Run", "RunError", "open_run"]
