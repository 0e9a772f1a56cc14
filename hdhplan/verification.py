"""Verification: scores of forecasts against what happened, from their quantiles alone.

A forecast is its quantiles: straight between them, with what lies beyond the outer ones on these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: How much of the luck a band holds.
BAND = 0.95


def crps(levels: Sequence[float], quantiles: Sequence[float], actual: float) -> float:
    """Continuous ranked probability score: the integral of the squared error of the odds. [its unit]

    0 for a forecast that was certain and right; the absolute error of a single number.

    Parameters
    ----------
    levels, quantiles
        Probabilities and values, ascending.

    Examples
    --------
    >>> crps([0.5], [10.0], 13.0)
    3.0
    >>> crps([0.0, 1.0], [0.0, 1.0], 0.5) * 12  # of a uniform law at its middle: a twelfth
    1.0
    """
    p, q = np.asarray(levels, float), np.asarray(quantiles, float)
    outside = max(q[0] - actual, actual - q[-1], 0.0)
    if not math.isfinite(q[-1]):
        return math.inf
    width = np.diff(q)
    at = np.clip(actual, q[:-1], q[1:])
    # Odds where what happened cuts a stretch; a stretch of no width adds nothing.
    part = np.divide(at - q[:-1], width, out=np.zeros_like(width), where=width > 0)
    cut = p[:-1] + part * np.diff(p)
    below = (at - q[:-1]) * (p[:-1] ** 2 + p[:-1] * cut + cut**2) / 3
    left, right = 1 - cut, 1 - p[1:]
    above = (q[1:] - at) * (left**2 + left * right + right**2) / 3
    return float(np.sum(below + above) + outside)


def pit(
    levels: Sequence[float], quantiles: Sequence[float], actual: float, since: float | None = None
) -> float:
    """Probability integral transform: the odds that were given of being there by then. [1]

    Evenly spread over many forecasts that are as good as they claim.

    Parameters
    ----------
    since
        Where what happened is only known to lie between two values, the lower of them: the mean of
        both odds.

    Examples
    --------
    >>> pit([0.0, 1.0], [0.0, 20.0], 5.0), pit([0.0, 1.0], [0.0, 20.0], 5.0, since=4.0)
    (0.25, 0.225)
    """
    upper = _odds_by(levels, quantiles, actual)
    return upper if since is None else (upper + _odds_by(levels, quantiles, since)) / 2


def _odds_by(levels: Sequence[float], quantiles: Sequence[float], value: float) -> float:
    """Odds of being at most a value; beyond the outer quantiles none or all."""
    if value < quantiles[0]:
        return 0.0
    if value >= quantiles[-1]:
        return 1.0
    i = int(np.searchsorted(quantiles, value, side="right"))
    low, high = quantiles[i - 1], quantiles[i]
    part = (value - low) / (high - low) if math.isfinite(high) else 0.0
    return float(levels[i - 1] + part * (levels[i] - levels[i - 1]))


def brier(odds: Sequence[float], happened: Sequence[bool]) -> float:
    """Brier score: mean squared error of probabilities; 0.25 for a coin. [1]

    Examples
    --------
    >>> brier([1.0, 0.0], [True, False]), brier([0.5, 0.5], [True, False])
    (0.0, 0.25)
    """
    return float(np.mean((np.asarray(odds, float) - np.asarray(happened, float)) ** 2))


def binomial_band(n: int, p: float, holds: float = BAND) -> tuple[int, int]:
    """Least and largest count of n that luck explains, each tail left out at most half of the rest.

    Exact: from sums of the binomial law itself.

    Examples
    --------
    >>> binomial_band(20, 0.5), binomial_band(10, 0.8)
    ((6, 14), (5, 10))
    """
    tail, below, low = (1 - holds) / 2, 0.0, None
    for k in range(n + 1):
        below += math.comb(n, k) * p**k * (1 - p) ** (n - k)
        if low is None and below >= tail:
            low = k
        if below >= 1 - tail:
            return low, k
    return low or 0, n


def skill(score: float, reference: float) -> float | None:
    """How much better than a reference: 1 is perfect, 0 as good, negative worse; None against 0. [1]

    Examples
    --------
    >>> skill(2.0, 8.0), skill(8.0, 8.0), skill(1.0, 0.0)
    (0.75, 0.0, None)
    """
    return 1 - score / reference if reference > 0 else None


def histogram(
    values: NDArray, weights: NDArray, open_from: NDArray, open_weights: NDArray, bins: int
):
    """Weights of PITs by bin: those that are known, and those only known to be above a value.

    What is only known to be above a value is spread evenly over what is above it.

    Returns
    -------
    known, still open
        Weights of each of the ``bins``.
    """
    edges = np.linspace(0, 1, bins + 1)
    known, _ = np.histogram(values, edges, weights=weights)
    low = np.minimum(open_from, 1 - 1e-12)[:, None]
    covered = np.clip(edges[1:] - np.maximum(edges[:-1], low), 0, None)
    spread = covered / (1 - low) * open_weights[:, None]
    return known, spread.sum(axis=0)
