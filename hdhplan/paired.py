"""Statistics of several plans on common draws, and the error of their differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.forecast import ROUNDING_D, Forecast, end_of_day
from hdhplan.plan import Plan

#: Parts of the draws from which the error of a difference is taken.
PARTS = 16
#: Share of the draws, on either side of P80, over which a difference of P80 dates is averaged: a week
#: of cutovers holds 3 to 6 % of the base plan's there, and a bell curve hardly bends so near it. [1]
BAND = 0.05
#: Relative difference below which two numbers are one: what float32 resolves. [1]
_SAME = 1e-6


@dataclass(frozen=True)
class Move:
    """A difference on common draws, and its standard error; nan where neither end is finite."""

    value: float
    se: float
    least: float = 0.0

    @property
    def clear(self) -> bool:
        """Whether it is more than two standard errors and than rounding."""
        if not math.isfinite(self.value):
            return math.isinf(self.value)
        return bool(math.isfinite(self.se) and abs(self.value) > max(2 * self.se, self.least))


def p80(values: NDArray) -> float:
    """P80 of instants or amounts, never included: infinite where a fifth of the draws are."""
    ordered = np.sort(values)
    return float(ordered[max(math.ceil(0.8 * len(ordered)) - 1, 0)])


def around_p80(values: NDArray) -> float:
    """Mean of the ordered draws from P75 to P85, for differences; infinite where P80 is.

    Cutovers start on certain days only, so dates come in steps and a sample's P80 hops from one to
    the next. What two plans have in common does not hop with it.
    """
    ordered = np.sort(values)
    middle = max(math.ceil(0.8 * len(ordered)) - 1, 0)
    ended = int(np.searchsorted(ordered, np.inf))
    if middle >= ended:
        return math.inf
    half = min(int(BAND * len(ordered)), ended - 1 - middle)
    return float(np.mean(ordered[middle - half : middle + half + 1], dtype=float))


def p80_of_ended(values: NDArray) -> float:
    """P80 of an amount over the draws in which it ends."""
    ended = values[np.isfinite(values)]
    return p80(ended) if len(ended) else math.inf


def share(values: NDArray) -> float:
    """Share of the draws in which something holds. [1]"""
    return float(np.mean(values))


def in_parts(values: NDArray, statistic: Callable[[NDArray], float]) -> NDArray:
    """A statistic over all draws, then over each of `PARTS` parts of them."""
    chunks = [values, *np.array_split(values, PARTS)]
    return np.array([statistic(chunk) if len(chunk) else math.nan for chunk in chunks])


def difference(after: NDArray, before: NDArray) -> Move:
    """Difference of two statistics in parts: on common draws most of their error falls out."""
    with np.errstate(invalid="ignore"):
        moves = after - before
    size = np.abs([after[0], before[0]])
    least = _SAME * max(1.0, *size) if np.all(np.isfinite(size)) else 0.0
    return Move(float(moves[0]), error_of(moves), least)


def error_of(moves: NDArray) -> float:
    """Standard error of a statistic from its parts; nan where one of them is not finite."""
    parts = moves[1:]
    return (
        float(np.std(parts, ddof=1) / math.sqrt(PARTS)) if np.all(np.isfinite(parts)) else math.nan
    )


def held(plan: Plan, values: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """Draws that hold the date, the money, both, continuity and all, as far as the plan asks."""
    target, found = plan.target, {}
    if target and target.finish:
        found["p_date"] = values["finish_day"] <= end_of_day(plan, target.finish)
    if target and target.cost_eur is not None:
        found["p_budget"] = values["cost_eur"] <= target.cost_eur
    if len(found) == 2:
        found["p_both"] = found["p_date"] & found["p_budget"]
    if target and target.critical_limit:
        limit = target.critical_limit.likely
        found["p_continuity"] = values["critical_interruption_days"] <= limit + ROUNDING_D
        if "p_both" in found:
            found["p_all"] = found["p_both"] & found["p_continuity"]
    return found


def forecast_moves(after: Forecast, before: Forecast, draws: int | None = None) -> dict[str, Move]:
    """What moved between two forecasts on the same draws, or on their first ones.

    P80 date (``finish_days`` [d]), P80 cost (``cost_eur`` [EUR]) and odds of both (``p_both`` [1]), as
    far as both forecasts have them.
    """
    measures = {
        "finish_days": (lambda f: f.values["finish_day"], around_p80),
        "cost_eur": (lambda f: f.values["cost_eur"], p80_of_ended),
        "p_both": (lambda f: f.both, share),
    }
    found = {}
    for name, (of, statistic) in measures.items():
        sides = of(after), of(before)
        if all(side is not None for side in sides):
            found[name] = difference(*(in_parts(side[:draws], statistic) for side in sides))
    return found
