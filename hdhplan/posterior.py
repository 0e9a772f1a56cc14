"""What measurements teach about one shared factor: prior and posterior on a grid of ratios.

The factor is a ratio to its likely value. A draw keeps its rank: what the prior puts at one draw in
five, the posterior puts at one draw in five. So common random numbers stay common, and where nothing
was measured nothing moves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: Ratios of the grid; odd, so that 1 is one of them.
POINTS = 201
#: The grid goes from a fifth of the likely value to five times it.
SPAN = 5.0
#: Part of the prior given to what the plan's range does not foresee, evenly over the grid. [1]
UNFORESEEN = 0.05
_LOGS = np.linspace(-np.log(SPAN), np.log(SPAN), POINTS)
_STEP = _LOGS[1] - _LOGS[0]
_EDGES = np.append(_LOGS - _STEP / 2, _LOGS[-1] + _STEP / 2)


@dataclass(frozen=True)
class Learned:
    """One shared factor, as a ratio to its likely value, before and after what was measured. [1]

    Parameters
    ----------
    id
        ``routes.x`` for the speed of a route, ``work.x`` for the drivers joined by ``+``.
    prior, posterior
        Probability of each ratio of `ratios`.
    observed
        The measured ratios, bounds left out.
    """

    id: str
    prior: NDArray = field(repr=False)
    posterior: NDArray = field(repr=False)
    observed: tuple[float, ...]

    @property
    def ratios(self) -> NDArray:
        """Ratios of the grid. [1]"""
        return np.exp(_LOGS)

    def quantile(self, which: str, p: float) -> float:
        """Quantile of the ``prior`` or the ``posterior``. [1]"""
        return float(np.exp(np.interp(p, _below(getattr(self, which)), _EDGES)))

    def moved(self, ratio: NDArray) -> NDArray:
        """Ratio of the posterior that has the rank of a ratio of the prior. [1]"""
        rank = np.interp(np.log(ratio), _EDGES, _below(self.prior))
        return np.exp(np.interp(rank, _below(self.posterior), _EDGES)).astype(ratio.dtype)


@dataclass(frozen=True)
class Measured:
    """Ratios that were measured, each the true one times noise; of those ``passed`` only a bound. [1]

    ``spread`` is the standard deviation of the logarithm of each one's noise; a ``passed`` one is
    still going on, so that it will be more: those that are late would else be missed.
    """

    ratio: NDArray
    spread: NDArray
    passed: NDArray

    @classmethod
    def of(cls, rows: Sequence[tuple[float, float, bool]]) -> Measured:
        """Measurements from rows of ratio, spread and whether it is only a bound."""
        ratio, spread, passed = (np.array(column) for column in zip(*rows, strict=True))
        return cls(ratio, spread, passed.astype(bool))

    def log_likelihood(self) -> NDArray:
        """Logarithm of the probability of all measurements at each ratio of the grid, up to a sum."""
        misses = (np.log(self.ratio)[:, None] - _LOGS) / self.spread[:, None]
        seen = -0.5 * misses[~self.passed] ** 2
        over = np.array([[_log_above(z) for z in row] for row in misses[self.passed]])
        return seen.sum(axis=0) + (over.sum(axis=0) if len(over) else 0.0)


def _log_above(z: float) -> float:
    """Logarithm of the probability that a standard normal exceeds z."""
    tail = 0.5 * math.erfc(z / math.sqrt(2))
    return math.log(tail) if tail > 0 else -0.5 * z * z


def learn(name: str, draws: NDArray, measured: Measured) -> Learned:
    """Learn a ratio from measurements.

    Parameters
    ----------
    draws
        The ratio in draws of the plan. [1]

    Examples
    --------
    >>> found = learn("x", np.ones(100), Measured.of([(0.5, 0.1, False)] * 8))
    >>> round(found.quantile("posterior", 0.5), 2)
    0.5
    """
    prior = (1 - UNFORESEEN) * _counted(draws) + UNFORESEEN / POINTS
    weight = np.log(prior) + measured.log_likelihood()
    posterior = np.exp(weight - weight.max())
    observed = tuple(map(float, measured.ratio[~measured.passed]))
    return Learned(name, prior, posterior / posterior.sum(), observed)


def tabulate(name: str, before: NDArray, after: NDArray, observed: tuple[float, ...]) -> Learned:
    """Tabulate what was learned otherwise from its draws before and after. [1]"""
    return Learned(name, _counted(before), _counted(after), observed)


def _counted(draws: NDArray) -> NDArray:
    """Share of draws at each ratio of the grid; those beyond it are at its ends. [1]"""
    counts = np.histogram(np.clip(np.log(draws), _EDGES[0], _EDGES[-1]), _EDGES)[0]
    return counts / counts.sum()


def _below(probability: NDArray) -> NDArray:
    """Probability below each edge of the grid."""
    below = np.concatenate([[0.0], np.cumsum(probability)])
    return below / below[-1]
