"""Continuity: who is interrupted and for how long, who lacks a tool, how long one can turn back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from hdhplan.inputs import LONGEST, Sample, dual_write_path
from hdhplan.model import Model
from hdhplan.timeline import Dates
from hdhplan.units import NEVER_DAY


def interruptions(
    model: Model, sample: Sample, dates: Dates
) -> tuple[dict[str, NDArray], dict[str, NDArray]]:  # fmt: skip
    """Project-days and critical-project days in which nobody can work, and the longest of one. [d]

    Beside them, the project-days of each wave.

    A freeze interrupts the projects of its wave while it lasts, a dual write only for its hours;
    the longest is that of the critical project with the longest hours of its own. Cutovers and
    lapsed authorisations are taken to hit different critical projects.
    """
    total, critical_days = np.zeros(sample.size), np.zeros(sample.size)
    longest, by_wave = np.zeros(sample.size), {}
    for w, wave in model.plan.waves.items():
        start, finish = dates.start_day(f"{w}.cutover"), dates.finish_day(f"{w}.cutover")
        happens = start < NEVER_DAY / 2  # a freeze that never happens interrupts nobody
        length = np.where(happens, finish - start, 0.0)
        short = sample.get(f"waves.{w}.cutover.dual_write") if wave.cutover.critical else length
        short = (0.0 if short is None else short * happens) + np.zeros(sample.size)
        others = wave.projects - wave.critical_projects
        by_wave[w] = others * length + wave.critical_projects * short
        total += by_wave[w]
        if wave.critical_projects:
            critical_days += wave.critical_projects * short
            own = sample.get(f"{dual_write_path(model.plan, w)}{LONGEST}")
            longest = np.maximum(longest, short if own is None else own * happens)
    for _, gap in sorted(model.plan.interruptions.items()):
        begin = float((gap.from_ - model.plan.start).days)
        over = dates.finish_day(gap.until)
        length = np.where(over < NEVER_DAY / 2, np.maximum(over - begin, 0.0), np.inf)
        # Nobody is interrupted by a gap without projects, even one that never ends.
        total += gap.projects * length if gap.projects else 0.0
        if gap.critical_projects:
            critical_days += gap.critical_projects * length
            longest = np.maximum(longest, length)
    return {
        "project_days_interrupted": total,
        "critical_days_interrupted": critical_days,
        "critical_interruption_days": longest,
    }, by_wave


def tools_missing(model: Model, dates: Dates) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
    """Projects, by wave, without an equivalent of some tool at their cutover, and for how long.

    Returns
    -------
    projects, project_days
        By wave: how many, and the sum of the days until their last gap is closed. [1], [d]
    """
    projects, days = {}, {}
    for w, groups in model.gaps.items():
        cutover = dates.finish_day(f"{w}.cutover")
        projects[w], days[w] = without_tool(groups, cutover, dates.finish_day)
    return projects, days


def without_tool(
    groups: Mapping[tuple[str, ...], int], cutover: NDArray, day_of: Callable[[str], NDArray]
) -> tuple[NDArray, NDArray]:
    """Projects that cut over before their last gap is closed, and the sum of the days until it is.

    Parameters
    ----------
    groups
        Projects by the tasks that close their gaps.
    cutover
        Day of the cutover in every draw; one that never comes leaves nobody without a tool. [d]
    day_of
        Gives the day on which a task is finished. [d]
    """
    cutover = cutover.astype(float)
    projects, days = np.zeros(cutover.shape), np.zeros(cutover.shape)
    goes = cutover < NEVER_DAY / 2
    for tasks, count in groups.items():
        closed = day_of(tasks[0])
        for task in tasks[1:]:
            closed = np.maximum(closed, day_of(task))
        late = np.where(goes, np.maximum(closed - np.where(goes, cutover, 0.0), 0.0), 0.0)
        late = np.where((late > 0) & (closed >= NEVER_DAY / 2), np.inf, late)
        projects += count * (late > 0)
        days += count * late
    return projects, days


def turn_back_day(model: Model, dates: Dates, size: int) -> NDArray:
    """Last day on which all can still go back to the source: the first erasure begins then. [d]"""
    day = np.full(size, np.inf)
    for w in model.plan.waves:
        if f"{w}.erase" in dates.start:
            begins = dates.start_day(f"{w}.erase")
            day = np.where(begins < NEVER_DAY / 2, np.minimum(day, begins), day)
    return day
