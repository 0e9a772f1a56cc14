"""Crossing: how each wave goes over, who stands still meanwhile, how long all can turn back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdhplan.forecast import Forecast
from hdhplan.plan import Plan
from hdhplan.scope import ported_extra
from hdhplan.sovereignty import first_draws
from hdhplan.spread import Spread, spread_of


@dataclass(frozen=True)
class Crossing:
    """How a wave goes over, and until when it can go back: the end of its dual running.

    ``extra_projects`` is the porting that dual writes add, in projects. [1]
    """

    wave: str
    mode: str
    critical_mode: str
    extra_projects: float
    cutover: Spread
    rollback: Spread | None
    erase: Spread | None


@dataclass(frozen=True)
class Standstill:
    """Projects that stand still from a given day until a task is done. [d]"""

    id: str
    over: Spread
    length: Spread
    avoided: float


def critical_projects(plan: Plan) -> int:
    """Critical projects that waves or interruptions may interrupt."""
    things = *plan.waves.values(), *plan.interruptions.values()
    return sum(thing.critical_projects for thing in things)


def crossings(forecast: Forecast) -> tuple[Crossing, ...]:
    """How each wave goes over, in the order of the waves."""
    found = []
    for w, wave in forecast.plan.waves.items():
        critical = wave.cutover.critical or wave.cutover.mode
        days = [_spread(forecast, f"{w}.{step}") for step in ("cutover", "dual_running", "erase")]
        found.append(Crossing(w, wave.cutover.mode, critical, ported_extra(wave), *days))
    return tuple(found)


def _spread(forecast: Forecast, task: str) -> Spread | None:
    return spread_of(first_draws(forecast, task)) if task in forecast.quantities else None


def standstills(forecast: Forecast) -> tuple[Standstill, ...]:
    """Interruptions from a given day, when they are over and how long they last."""
    found = []
    for gap in forecast.plan.interruptions.values():
        over = first_draws(forecast, gap.until).astype(float)
        length = np.maximum(over - float((gap.from_ - forecast.plan.start).days), 0.0)
        avoided = float(np.mean(length == 0))
        found.append(Standstill(gap.id, spread_of(over), spread_of(length), avoided))
    return tuple(found)


def turn_back(forecast: Forecast) -> Spread | None:
    """Last day on which all can turn back; None where the plan has no wave."""
    if not forecast.plan.waves or "turn_back_day" not in forecast.detail:
        return None
    return spread_of(forecast.detail["turn_back_day"])
