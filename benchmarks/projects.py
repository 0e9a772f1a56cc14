"""Synthetic projects: a plan file each, a truth drawn from it or from another one, and its status.

About fifty tasks with PERT ranges on a random network, a pace that all share, two teams with their
own, and delays that may strike. The logarithms of two tasks' lengths correlate by about 0.3.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hdhplan.inputs import draw_whole
from hdhplan.outcome import run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.status import Status, StatusFact

START = dt.date(2026, 1, 5)
_TASKS, _LEVELS = (45, 56), 12
#: Least, likely and greatest factor of the pace that all tasks share, and of that of a team.
_ALL, _TEAM = (0.70, 1.0, 1.60), (0.85, 1.0, 1.25)
_STRIKES = 0.25  # of each delay
Tree = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """A plan and what really happened: start and finish of each task, and of all. [d]"""

    plan: Plan
    start: dict[str, int]
    finish: dict[str, int]
    end: float


def tree_of(rng: np.random.Generator) -> Tree:
    """A plan file: tasks in levels, each after one to three of earlier ones."""
    count = int(rng.integers(*_TASKS))
    level = np.sort(rng.integers(0, _LEVELS, count))
    tasks: dict[str, Tree] = {}
    for i in range(count):
        before = np.flatnonzero(level < level[i])
        near = before[level[before] >= level[i] - 2]
        after = rng.choice(near, min(len(near), int(rng.integers(1, 4))), replace=False)
        likely = float(np.exp(rng.normal(np.log(18), 0.45)))
        low, high = likely * rng.uniform(0.6, 0.9), likely * rng.uniform(1.3, 2.4)
        tasks[f"t{i}"] = {
            "id": f"t{i}", "work": _range(low, likely, high, "d"),
            "after": sorted(f"t{k}" for k in after),
        }  # fmt: skip
    teams = rng.integers(0, 3, count)  # of the third kind are those without a team
    drivers: dict[str, Tree] = {"pace": {"factor": _range(*_ALL), "on": ["t*"]}}
    for team in (0, 1):
        on = [f"t{i}" for i in np.flatnonzero(teams == team)]
        drivers[f"team{team}"] = {"factor": _range(*_TEAM), "on": on or ["t0"]}
    for i in rng.choice(count, 6, replace=False):
        delay = _range(5, 12, 30, "d")
        drivers[f"delay{i}"] = {"p": _STRIKES, "delay": delay, "on": [f"t{i}"]}
    for name, driver in drivers.items():
        driver["id"] = name
    return {
        "schema": "hdhplan.plan/1", "name": "synthetic", "start": START.isoformat(),
        "tasks": tasks, "drivers": drivers,
    }  # fmt: skip


def _range(low: float, likely: float, high: float, unit: str = "", law: str = "pert") -> Tree:
    """A range as a plan file says it."""
    return {
        "low": float(low), "likely": float(likely), "high": float(high), "unit": unit, "law": law,
        "source": "synthetic", "grade": "D",
    }  # fmt: skip


def as_planned(tree: Tree) -> Tree:
    """The truth is drawn from the plan itself."""
    return tree


def nothing_common(tree: Tree) -> Tree:
    """Each task has a pace and a team of its own, as uncertain as the common ones."""
    other = copy.deepcopy(tree)
    for name in ("pace", "team0", "team1"):
        driver = other["drivers"].pop(name)
        on = list(other["tasks"]) if name == "pace" else driver["on"]
        for task in on:
            other["drivers"][f"{name}-{task}"] = driver | {"id": f"{name}-{task}", "on": [task]}
    return other


def more_common(tree: Tree) -> Tree:
    """The pace that all share is half as uncertain again and more: correlation about 0.6."""
    other = copy.deepcopy(tree)
    other["drivers"]["pace"]["factor"] = _range(0.5, 1.0, 2.3)
    return other


def heavy_tails(tree: Tree) -> Tree:
    """The ends of each range are one chance in ten each, with a long tail beyond."""
    other = copy.deepcopy(tree)
    for task in other["tasks"].values():
        work = task["work"]
        task["work"] = _range(work["low"], work["likely"], work["high"], "d", "lognormal")
    return other


PLANNED = "as planned"
#: Where truths come from, by what a reader is told.
TRUTHS: dict[str, Callable[[Tree], Tree]] = {
    PLANNED: as_planned,
    "nothing common": nothing_common,
    "twice as common": more_common,
    "heavy tails": heavy_tails,
}


def project_of(seed: int, number: int, truth: Callable[[Tree], Tree] = as_planned) -> Project:
    """Make one of many projects: its plan, and what happens if the truth is as said."""
    tree = tree_of(np.random.default_rng((seed, number)))
    plan, true = Plan.model_validate(tree), prepare(Plan.model_validate(truth(tree)))
    # A stream of its own: the forecasts draw with small seeds.
    sample = draw_whole(true.inputs, seed * 100_000 + number, 4).only(0)
    dates = run_block(true, sample, "bare").dates
    # Facts are of whole days: nearest ones, so that lengths are right on the average.
    days = {
        task: (round(float(dates.start_day(task)[0])), round(float(dates.finish_day(task)[0])))
        for task in dates.finish
    }
    end = max(float(dates.finish_day(task)[0]) for task in dates.finish)
    project = Project(plan, *({k: d[i] for k, d in days.items()} for i in (0, 1)), end)
    plan._status = Status("synthetic", tuple(_facts(project)))
    return project


def _facts(project: Project) -> Iterator[StatusFact]:
    """Starts and finishes, each known by the end of its day."""
    for task in project.start:
        start, end = project.start[task], max(project.finish[task], project.start[task] + 1)
        for name, day in (("start", start), ("finish", end - 1)):
            at = START + dt.timedelta(day)
            yield StatusFact(
                "tasks", f"{task}-{name}", at, task, {name: at}, "", True, "synthetic", "", "", 0
            )
