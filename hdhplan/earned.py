"""Earned value and earned schedule: a check from outside the simulation.

What is earned is physical: the planned days of the tasks that the target waits for, as far as they
are done. Earned schedule says at which day the plan would have had as much. Money is read off the
plan's own cost at that day, because most of it is spent by time and not by task.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hdhplan.accounts import Account, by_line, envelope
from hdhplan.actuals import incurred_by_line
from hdhplan.inputs import likely_sample
from hdhplan.model import Model
from hdhplan.outcome import run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.progress import Progress
from hdhplan.timeline import Dates
from hdhplan.units import NEVER_DAY

#: Part of a task that is earned by its start where nobody measured it: the 50/50 rule. [1]
BY_START = 0.5
#: Kinds of length that nobody works: a host's qualification runs by itself.
_NO_WORK = ("qualified",)


@dataclass(frozen=True)
class Earned:
    """Planned, earned and actual value at a date, and the schedule that is earned. [EUR] and [d]

    Parameters
    ----------
    bac
        Budget at completion: the likely cost of the plan.
    pv, ev, ac
        Planned and earned value, actual cost (paid, or served since and not yet paid).
    pd, at, es
        Planned duration, actual time and earned schedule.

    Examples
    --------
    >>> case = Earned(bac=100_000, pv=40_000, ev=30_000, ac=35_000, pd=10, at=4, es=3)
    >>> round(case.cpi, 6), case.spi, round(case.eac, 2), round(case.tcpi, 6)
    (0.857143, 0.75, 116666.67, 1.076923)
    >>> case.sv_t, case.spi_t, round(case.ieac_t, 4)
    (-1, 0.75, 13.3333)
    """

    bac: float
    pv: float
    ev: float
    ac: float
    pd: float
    at: float
    es: float

    @property
    def cpi(self) -> float | None:
        """Cost performance: earned over actual. [1]"""
        return _over(self.ev, self.ac)

    @property
    def spi(self) -> float | None:
        """Schedule performance in money: earned over planned value. [1]"""
        return _over(self.ev, self.pv)

    @property
    def eac(self) -> float | None:
        """Estimate at completion at this cost performance. [EUR]"""
        return _over(self.bac, self.cpi)

    @property
    def tcpi(self) -> float | None:
        """Cost performance that is needed from now on to end at the budget. [1]"""
        return _over(self.bac - self.ev, self.bac - self.ac)

    @property
    def sv_t(self) -> float:
        """Schedule variance in time: negative where the plan is late. [d]"""
        return self.es - self.at

    @property
    def spi_t(self) -> float | None:
        """Schedule performance in time: earned schedule over actual time. [1]"""
        return _over(self.es, self.at)

    @property
    def tspi(self) -> float | None:
        """Schedule performance that is needed from now on to end as planned. [1]"""
        return _over(self.pd - self.es, self.pd - self.at)

    @property
    def ieac_t(self) -> float | None:
        """Duration at completion at this schedule performance. [d]"""
        return _over(self.pd, self.spi_t)

    @property
    def data(self) -> dict[str, float | None]:
        """Values and indices by their names."""
        names = ("cpi", "spi", "eac", "tcpi", "sv_t", "spi_t", "tspi", "ieac_t")
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return given | {name: getattr(self, name) for name in names}


def _over(above: float | None, below: float | None) -> float | None:
    """A ratio, None where there is nothing to divide by."""
    return above / below if above is not None and below else None


def earned_schedule(earned: float, planned: NDArray) -> float:
    """Time at which the plan would have earned as much. [periods]

    ``ES = C + (EV − PV_C) / (PV_{C+1} − PV_C)``, C the last period whose planned value is reached.

    Parameters
    ----------
    earned
        Earned value, in the unit of ``planned``.
    planned
        Cumulative planned value at the end of period 0, 1, 2…, never falling.

    Examples
    --------
    >>> earned_schedule(30_000, np.arange(11) * 10_000.0)
    3.0
    """
    at = int(np.searchsorted(planned, earned, side="right")) - 1
    if at >= len(planned) - 1:
        return float(len(planned) - 1)
    return at + float((earned - planned[at]) / (planned[at + 1] - planned[at]))


@dataclass(frozen=True)
class EarnedPlan:
    """Earned value of a plan as of a date, in all and by budget line; shares of the planned days. [1]"""

    programme: Earned
    lines: dict[str, Earned]
    planned_share: float
    earned_share: float


def earned_value(plan: Plan) -> EarnedPlan | None:
    """Work out earned value and earned schedule of a plan of which something is known.

    None where nothing is known, and where the likely plan never ends.
    """
    progress: Progress | None = plan.progress
    if progress is None:
        return None
    model = prepare(progress.plain)
    sample = likely_sample(model.inputs)
    outcome = run_block(model, sample, "bare")
    goal = plan.target.milestone if plan.target and plan.target.milestone else None
    ends = [goal] if goal else list(model.ends)
    duration = max(float(outcome.dates.finish_day(task)[0]) for task in ends)
    if duration >= NEVER_DAY / 2:
        return None
    tasks = _waited_for(model, ends)
    curve = _planned(outcome.dates, tasks, math.ceil(duration))
    share = _earned_share(model, progress, outcome.dates, tasks)
    at, schedule = min(progress.now, duration), earned_schedule(share, curve)
    accounts = list(envelope(model, sample, outcome.dates, outcome.stocks))
    planned, earned = (_accrued(accounts, day) for day in (at, schedule))
    total = {line: float(eur[0]) for line, eur in outcome.lines.items()}
    actual = _actual(plan)
    lines = {
        line: Earned(
            bac, planned.get(line, 0.0), earned.get(line, 0.0), actual.get(line, 0.0), duration,
            progress.now, schedule,
        )
        for line, bac in total.items()
    }  # fmt: skip
    sums = (sum(getattr(line, name) for line in lines.values()) for name in ("bac", "pv", "ev"))
    programme = Earned(*sums, sum(actual.values()), duration, progress.now, schedule)
    return EarnedPlan(programme, lines, float(np.interp(at, np.arange(len(curve)), curve)), share)


def _waited_for(model: Model, ends: list[str]) -> list[str]:
    """Tasks of some length that the ends wait for, by the logic of the plan."""
    seen, pending = set(), list(ends)
    while pending:
        task = pending.pop()
        if task not in seen:
            seen.add(task)
            pending += [link.task for link in model.network.nodes[task].links]
    nodes = model.network.nodes
    return sorted(k for k in seen if not nodes[k].span and nodes[k].kind not in _NO_WORK)


def _planned(dates: Dates, tasks: list[str], periods: int) -> NDArray:
    """Share of the planned days that the plan has done by each day. [1]"""
    days, done, whole = np.arange(periods + 1.0), np.zeros(periods + 1), 0.0
    for task in tasks:
        start, length = float(dates.start_day(task)[0]), _length(dates, task)
        done += np.clip(days - start, 0, length)
        whole += length
    return done / whole if whole else np.ones(periods + 1)


def _length(dates: Dates, task: str) -> float:
    """Planned days from start to finish. [d]"""
    return max(float(dates.finish_day(task)[0] - dates.start_day(task)[0]), 0.0)


def _earned_share(model: Model, progress: Progress, dates: Dates, tasks: list[str]) -> float:
    """Share of the planned days that is done. [1]"""
    lengths = {task: _length(dates, task) for task in tasks}
    whole = sum(lengths.values())
    done = sum(length * _part(model, progress, task) for task, length in lengths.items())
    return done / whole if whole else 1.0


def _part(model: Model, progress: Progress, task: str) -> float:
    """How much of a task is done, by its latest measure. [1]"""
    if task in progress.done:
        return 1.0
    run = progress.running.get(task)
    if run is None:
        return 0.0
    node = model.network.nodes[task]
    if (at := progress.landed.get(node.dataset)) and node.kind in ("copy", "verify"):
        volume = max(model.plan.datasets[node.dataset].volume_tb.likely, at.tb)
        return (at.tb if node.kind == "copy" else at.verified_tb) / volume
    if run.part is not None:
        return 1 - run.part
    if run.remaining is not None:
        worked = model.schedule.own[task].worked(np.array([run.start, run.since]))
        spent = float(worked[1] - worked[0])
        return spent / (spent + run.remaining) if spent + run.remaining > 0 else 1.0
    return BY_START


def _accrued(accounts: list[Account], day: float) -> dict[str, float]:
    """Likely cost of the plan by a day, by line. [EUR]"""
    return {line: float(eur[0]) for line, eur in by_line(accounts, np.array([day])).items()}


def _actual(plan: Plan) -> dict[str, float]:
    """Cost of the work done, of each line with payments: paid, and served since. [EUR]"""
    model = prepare(plan)
    sample = likely_sample(model.inputs)
    outcome = run_block(model, sample, "bare")
    accounts = list(envelope(model, sample, outcome.dates, outcome.stocks))
    incurred = incurred_by_line(model, accounts, outcome.end.astype(float))
    return {line: float(eur[0]) for line, eur in incurred.items()}
