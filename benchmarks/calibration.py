"""Do forecasts that learn hold what they promise: 400 synthetic projects, at three data dates each.

Compared on the same draws: the forecast as it is shipped, conditioned on what has happened without
learning from it, the plan's own Monte Carlo, and earned schedule's IEAC(t).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Check, Row
from benchmarks.projects import PLANNED, TRUTHS, Project, project_of
from hdhplan.earned import earned_value
from hdhplan.learning import as_of, laid_over
from hdhplan.plan import Plan
from hdhplan.simulation import draw_values, simulate
from hdhplan.verification import binomial_band, crps

PROJECTS, SEED = 400, 2026
#: Data dates, as parts of the likely plan's length. [1]
DATES = (0.25, 0.50, 0.75)
_DRAWS = 2_000
#: Of its processes: what else runs on the machine goes first.
_NICE = 10
_LEVELS = (np.arange(_DRAWS) + 0.5) / _DRAWS
PART = "calibration"
#: Share of truths that P80 is to cover, where the truth is drawn from the plan. [1]
COVERAGE = (0.74, 0.86)
#: Of each forecast: CRPS [d], whether the truth is at most P80, P10 to P90 [d].
WAYS = ("learned", "conditioned", "plan", "ieac")
NAMES = {"conditioned": "conditioned", "plan": "plan alone", "ieac": "IEAC(t)"}
MEASURES = ("crps", "covered", "width")


def scores_of(number: int, truth: str, seed: int = SEED) -> NDArray:
    """Scores of one project: an array of data dates, ways and measures."""
    project = project_of(seed, number, TRUTHS[truth])
    plan = project.plan
    planned = simulate(plan, 4).likely["finish_day"]
    alone = _scored(draw_values(plan, _DRAWS)["finish_day"], project)
    found = np.empty((len(DATES), len(WAYS), len(MEASURES)))
    for row, part in enumerate(DATES):
        day = plan.start + dt.timedelta(round(part * planned) - 1)
        learned = as_of(plan, day)
        ways = [_scored(_finish(p), project) for p in (learned, without_learning(learned))]
        pace = earned_value(learned).programme.ieac_t or planned
        found[row] = (*ways, alone, (abs(pace - project.end), project.end <= pace, 0.0))
    return found


def without_learning(plan: Plan) -> Plan:
    """A plan as of a day, conditioned on what has happened and nothing learned from it."""
    return laid_over(replace(plan.progress, routes={}, work=None))


def _finish(plan: Plan) -> NDArray:
    return draw_values(plan, _DRAWS)["finish_day"]


def _scored(finish: NDArray, project: Project) -> tuple[float, float, float]:
    ordered = np.sort(finish.astype(float))
    low, most, high = (ordered[int(p * _DRAWS)] for p in (0.1, 0.8, 0.9))
    return crps(_LEVELS, ordered, project.end), project.end <= most, high - low


def measured(projects: int, truth: str, seed: int = SEED, workers: int | None = None) -> NDArray:
    """Scores of some projects, an array of projects, data dates, ways and measures."""
    job, numbers = partial(scores_of, truth=truth, seed=seed), range(projects)
    workers = workers or os.cpu_count() or 1
    with ProcessPoolExecutor(workers, get_context("spawn"), os.nice, (_NICE,)) as pool:
        return np.array(list(pool.map(job, numbers, chunksize=5)))


def run(count: int, say) -> tuple[list[Row], list[Check], str]:
    """Measure projects whose truth the plan draws, then those whose truth is another; a table of all."""
    del count
    rows, lines = [], list(_HEAD)
    for truth in TRUTHS:
        say(f"calibration: {PROJECTS} projects, truth {truth}")
        scores = measured(PROJECTS, truth)
        rows += _rows(truth, scores)
        lines += _lines(truth, scores)
    return rows, [], "\n".join(lines)


def _rows(truth: str, scores: NDArray) -> Iterator[Row]:
    """What issue and README ask for; where the truth is another, only not to be worse than conditioned."""
    for part, found in zip(DATES, scores.transpose(1, 0, 2, 3), strict=True):
        what = f"truth {truth}, at {part:.0%}: "
        score = dict(zip(WAYS, found[:, :, 0].mean(axis=0).tolist(), strict=True))
        if truth == PLANNED:
            covers = float(found[:, 0, 1].mean())
            yield Row(PART, f"{what}truths by P80", (covers,), "", *COVERAGE)
            for way in WAYS[1:]:
                ratio = score["learned"] / score[way]
                yield Row(PART, f"{what}CRPS, learned over {NAMES[way]}", (ratio,), at_most=1)
        else:
            more, error = paired(found)
            yield Row(
                PART,
                f"{what}CRPS, learned less conditioned (limit: two standard errors)",
                (more,),
                "d",
                at_most=2 * error,
            )


def paired(found: NDArray) -> tuple[float, float]:
    """Mean of CRPS learned less CRPS conditioned over projects, and its standard error. [d]"""
    more = found[:, 0, 0] - found[:, 1, 0]
    return float(more.mean()), float(more.std(ddof=1) / np.sqrt(len(more)))


_HEAD = (
    "| truth | data date | truths by P80 (band) | CRPS learned | conditioned | plan alone | IEAC(t) "
    "| learned − conditioned |",
    "|---|---|---|---|---|---|---|---|",
)


def _lines(truth: str, scores: NDArray) -> Iterator[str]:
    """A line of the table for each data date."""
    for part, found in zip(DATES, scores.transpose(1, 0, 2, 3), strict=True):
        low, high = (k / len(found) for k in binomial_band(len(found), 0.8))
        means = " | ".join(f"{x:.1f} d" for x in found[:, :, 0].mean(axis=0))
        more, error = paired(found)
        yield (
            f"| {truth} | {part:.0%} | {found[:, 0, 1].mean():.2f} ({low:.2f}–{high:.2f}) "
            f"| {means} | {more:+.1f} ± {error:.1f} d |"
        )
