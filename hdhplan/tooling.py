"""Tooling: which gaps leave projects without a tool at their cutover, what closing one changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.capabilities import gap_groups, needing
from hdhplan.continuity import without_tool
from hdhplan.forecast import Forecast
from hdhplan.sovereignty import first_draws
from hdhplan.spread import Spread, spread_of


@dataclass(frozen=True)
class Gap:
    """A gap, when it is closed, who needs it, and what closing it now would change.

    ``last_open`` counts the projects for which it is the only gap that is open at their cutover;
    ``days_gained`` is the mean of the project-days that closing it saves. [1], [d]
    """

    id: str
    task: str
    day: Spread
    projects: int
    last_open: Spread
    mean_last_open: float
    se_mean_last_open: float
    days_gained: float
    se_days_gained: float


def closing_one(forecast: Forecast, capability: str) -> dict[str, tuple[NDArray, NDArray]]:
    """Work out what closing one gap now changes, all other dates held.

    Returns
    -------
    dict
        By wave, in each of the first draws: projects that are no longer without a tool, and
        project-days that are no longer spent without one. [1], [d]
    """
    plan, found = forecast.plan, {}
    gap = plan.capabilities[capability]
    for w in plan.waves:
        cutover = first_draws(forecast, f"{w}.cutover")
        nothing = np.zeros(cutover.shape)
        found[w] = nothing, nothing
        if not gap.is_open or not needing(plan, gap, w):
            continue
        # A gap that is always closed in time changes nothing: the usual case, told early.
        if (first_draws(forecast, gap.closing) > cutover).any():
            before, after = (
                without_tool(groups, cutover, lambda task: first_draws(forecast, task))
                for groups in (gap_groups(plan, w), gap_groups(plan, w, capability))
            )
            found[w] = tuple(_less(a, b) for a, b in zip(before, after, strict=True))
    return found


def _less(before: NDArray, after: NDArray) -> NDArray:
    """A difference; what stays endless does not change."""
    endless = ~np.isfinite(after)
    return np.where(endless, 0.0, before - np.where(endless, 0.0, after))


def gaps(forecast: Forecast) -> tuple[Gap, ...]:
    """Open gaps of the services that projects need, the heaviest first."""
    plan, found = forecast.plan, []
    for c in plan.capabilities.values():
        projects = sum(len(needing(plan, c, w)) for w in plan.waves)
        if not c.is_open or not projects:
            continue
        changes = closing_one(forecast, c.id).values()
        last, days = (np.sum([change[i] for change in changes], axis=0) for i in (0, 1))
        day = spread_of(first_draws(forecast, c.closing))
        means = *_mean(last), *_mean(days)
        found.append(Gap(c.id, c.closing, day, projects, spread_of(last), *means))
    return tuple(sorted(found, key=lambda g: (-g.mean_last_open, -g.day.p50, g.id)))


def _mean(values: NDArray) -> tuple[float, float]:
    """Mean of some draws and its standard error; both infinite where a draw is."""
    if not np.isfinite(values).all():
        return float("inf"), float("inf")
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def closed(forecast: Forecast) -> tuple[str, ...]:
    """Services without a gap that some project needs."""
    plan = forecast.plan
    total = sum(wave.projects for wave in plan.waves.values())
    return tuple(
        c.id
        for c in plan.capabilities.values()
        if not c.is_open and any(low <= total for low, _ in c.projects)
    )
