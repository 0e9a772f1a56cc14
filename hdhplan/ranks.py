"""How much of an outcome each input explains by itself: correlations and shares on ranks.

Ranks have no units and no infinities: a draw that never ends takes the highest rank, and draws that
are equal share the mean of theirs. Inputs are drawn independently of one another, a cause that
several things share being one input; so what each explains alone adds up, and what is missing to
the whole is interaction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.quantities import Bilingual

#: Groups of an input over which an outcome's mean is taken; a smooth effect loses 1/32² of itself.
_GROUPS = 32
#: Fewer draws than this in a group say little: fewer groups then.
_FEW = 32


@dataclass(frozen=True)
class Explained:
    """What one input alone says of the rank of an outcome, and the standard errors of it. [1]

    ``spearman`` is Spearman's rank correlation. ``share`` is the first-order share: variance of the
    outcome's conditional mean, less what chance alone gives, so it may come out just below zero.
    """

    spearman: float
    spearman_se: float
    share: float
    share_se: float

    @property
    def clear(self) -> bool:
        """Whether the share is more than two standard errors above nothing."""
        return self.share > 2 * self.share_se


@dataclass(frozen=True)
class RankEffect:
    """What one uncertain input alone explains of the finish date and of the cost."""

    path: str
    name: Bilingual | None
    finish: Explained
    cost: Explained

    @property
    def largest(self) -> float:
        """The larger of its two shares; nothing where an outcome does not vary. [1]"""
        return max((e.share for e in (self.finish, self.cost) if e.share == e.share), default=0.0)


def mid_ranks(values: NDArray) -> NDArray[np.float64]:
    """Rank draws from 0 upwards; equal ones share the mean of their ranks."""
    order = np.argsort(values)  # ties are averaged, so the sort need not be stable
    ordered = values[order]
    steps = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    edges = np.concatenate([[0], steps, [len(values)]])
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((edges[1:] + edges[:-1] - 1) / 2, np.diff(edges))
    return ranks


def standardised(ranks: NDArray) -> NDArray[np.float64]:
    """Bring ranks to mean 0 and variance 1; nan where all are equal."""
    centred = ranks - ranks.mean()
    spread = centred.std()
    return centred / spread if spread else np.full(len(ranks), np.nan)


def share_explained(ranks: NDArray, outcome: NDArray, groups: int) -> tuple[float, int]:
    """Share of an outcome's variance between groups of equal count of an input, less chance's. [1]

    Returns
    -------
    share
        nan where the outcome does not vary.
    groups
        How many there are: equal draws stay together, so an event makes two.
    """
    n = len(ranks)
    group = (ranks * (groups / n)).astype(np.intp)
    sizes = np.bincount(group, minlength=groups)
    used = sizes > 0
    found = int(used.sum())
    centred = outcome - outcome.mean()
    # Not `@`: a threaded dot product of so few numbers waits for its threads.
    total = float(np.sum(centred * centred))
    if not total > 0 or n <= found:
        return math.nan, found
    sums = np.bincount(group, centred, minlength=groups)[used]
    between = float(np.sum(sums**2 / sizes[used])) / total
    # Both variances by their degrees of freedom: an input without effect explains 0 on average.
    return 1 - (1 - between) * (n - 1) / (n - found), found


def explained(ranks: NDArray, outcome: NDArray) -> Explained:
    """Say how much of an outcome an input explains by itself.

    Parameters
    ----------
    ranks
        Ranks of the input, from `mid_ranks`.
    outcome
        Ranks of the outcome, `standardised`: once for all inputs.
    """
    n = len(ranks)
    spearman = float(np.sum(standardised(ranks) * outcome)) / n
    share, groups = share_explained(ranks, outcome, max(2, min(_GROUPS, n // _FEW)))
    inside = min(max(share, 0.0), 1.0)
    # As of a correlation and of its square; the second term is what chance alone scatters by.
    scatter = math.hypot(2 * math.sqrt(inside / n), math.sqrt(2 * (groups - 1)) / n)
    share_se = scatter * (1 - inside)
    return Explained(spearman, (1 - spearman**2) / math.sqrt(n), share, share_se)


def sum_of_shares(found: list[Explained]) -> tuple[float, float]:
    """Add up what inputs explain alone, and its standard error, on the safe side. [1]"""
    return sum(e.share for e in found), math.hypot(*(e.share_se for e in found))
