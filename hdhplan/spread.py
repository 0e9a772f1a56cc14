"""Spread: quantiles of some draws, their standard errors, and how often it never comes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: How far from a quantile its error is read off, in standard errors of its rank.
_ERRORS_AWAY = 3
#: Share of the draws between P50 and P80.
_P50_TO_P80 = 0.3


def quantile_of(ordered: NDArray, p: float) -> float:
    """Smallest of some ascending values that a share ``p`` of them do not exceed; infinite if none."""
    n = len(ordered)
    return float(ordered[min(max(math.ceil(p * n) - 1, 0), n - 1)]) if n else math.inf


def error_of_quantile(ordered: NDArray, p: float) -> float:
    """Standard error of a quantile of some ascending values, from those around it.

    They are taken three errors away on either side: dates of cutovers come in weekly steps, and
    nearer ones often lie on the same step.
    """
    n = len(ordered)
    if n < 2:
        return math.inf
    one = math.sqrt(n * p * (1 - p))
    low = max(math.floor(p * n - _ERRORS_AWAY * one) - 1, 0)
    high = min(math.ceil(p * n + _ERRORS_AWAY * one) - 1, n - 1)
    if not np.isfinite(ordered[high]):
        return math.inf
    return float(ordered[high] - ordered[low]) * one / max(high - low, 1)


def error_from_slope(p: float, p50: float, p80: float, draws: int) -> float:
    """Standard error of a quantile where only P50 and P80 are kept: as if even between the two."""
    slope = (p80 - p50) / _P50_TO_P80 if math.isfinite(p80) else math.inf
    return math.sqrt(p * (1 - p) / draws) * slope


@dataclass(frozen=True)
class Spread:
    """P10, P50 and P80 of some draws, their errors, and the share in which it never comes. [1]"""

    p10: float
    p50: float
    p80: float
    se10: float
    se50: float
    se80: float
    never: float

    def at(self, p: float) -> tuple[float, float]:
        """A quantile and its standard error."""
        name = f"{round(100 * p)}"
        return getattr(self, f"p{name}"), getattr(self, f"se{name}")


def spread_of(values: NDArray) -> Spread:
    """Spread of some draws; what never comes is infinite."""
    ordered, ps = np.sort(values), (0.1, 0.5, 0.8)
    return Spread(
        *(quantile_of(ordered, p) for p in ps), *(error_of_quantile(ordered, p) for p in ps),
        never=float(np.mean(~np.isfinite(ordered))) if len(ordered) else 1.0,
    )  # fmt: skip
