"""What measurements teach about one shared factor: prior and posterior on a grid of ratios.

The factor is a ratio to its likely value. A draw keeps its rank: what the prior puts at one draw in
five, the posterior puts at one draw in five. So common random numbers stay common, and where nothing
was measured nothing moves.
"""

from __future__ import annotations

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
        The measured ratios, oldest first.
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


def learn(name: str, draws: NDArray, observed: NDArray, spread: NDArray) -> Learned:
    """Learn a ratio from measurements.

    Parameters
    ----------
    draws
        The ratio in draws of the plan. [1]
    observed
        Measured ratios, each the true one times noise. [1]
    spread
        Standard deviation of the logarithm of each one's noise. [1]

    Examples
    --------
    >>> found = learn("x", np.ones(100), np.full(8, 0.5), np.full(8, 0.1))
    >>> round(found.quantile("posterior", 0.5), 2)
    0.5
    """
    counts = np.histogram(np.clip(np.log(draws), _EDGES[0], _EDGES[-1]), _EDGES)[0]
    prior = (1 - UNFORESEEN) * counts / counts.sum() + UNFORESEEN / POINTS
    misses = (np.log(observed)[:, None] - _LOGS) / np.asarray(spread)[:, None]
    weight = np.log(prior) - 0.5 * np.sum(misses**2, axis=0)
    posterior = np.exp(weight - weight.max())
    return Learned(name, prior, posterior / posterior.sum(), tuple(map(float, observed)))


def _below(probability: NDArray) -> NDArray:
    """Probability below each edge of the grid."""
    below = np.concatenate([[0.0], np.cumsum(probability)])
    return below / below[-1]
