"""What to learn before deciding: how much better one would choose if an input were known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.basis import CRITERIA
from hdhplan.comparison import Comparison
from hdhplan.robustness import FEWEST, Shared
from hdhplan.sensitivity import Check, checks


@dataclass(frozen=True)
class Worth:
    """What the best choice gains, on average, if an input is known before it is made.

    ``value`` is in what is chosen by: odds [1], or days of the mean date where the P80 date is
    what is chosen by [d]. ``check`` says what the plan holds of it, on what evidence, whom to ask.
    """

    check: Check
    value: float
    se: float

    @property
    def path(self) -> str:
        """The input."""
        return self.check.path

    @property
    def clear(self) -> bool:
        """Whether it is more than two standard errors above nothing."""
        return self.value > 2 * self.se


def worth_of_knowing(
    comparison: Comparison, criterion: str, among: Sequence[int], inputs: Sequence[Shared]
) -> list[Worth]:
    """The worth of knowing each input, the most first.

    Nothing where there is no choice, and where a date never comes: such dates have no mean.
    """
    count = len(inputs[0].values) if inputs else 0
    sign = -1.0 if CRITERIA[criterion][1] else 1.0
    scores = np.array([sign * comparison.series(i, criterion)[:count] for i in among])
    if len(among) < 2 or not count or not np.all(np.isfinite(scores)):
        return []
    # The best overall comes first: of dates by their mean, which has parts that add up.
    scores = scores[np.argsort(-scores.mean(axis=1), kind="stable")]
    gains = {}
    for shared in inputs:
        parts = shared.parts()
        if min(map(len, parts)) >= FEWEST:
            gains[shared.path] = gain(scores, parts)
    held = checks(comparison.plans[among[0]], {path: value for path, (value, _) in gains.items()})
    found = [Worth(check, *gains[check.path]) for check in held]
    return sorted(found, key=lambda worth: (-worth.value, worth.path))


def gain(scores: NDArray, parts: Sequence[NDArray]) -> tuple[float, float]:
    """Mean gain of choosing in each part of the draws over always choosing the first, and its error.

    The best of noisy means is too good by its luck. So who wins in a part is read from every other
    of its draws, and what this gains from the rest; then the other way round.

    Parameters
    ----------
    scores
        Of each scenario, which is a row, in each draw; more is better.
    parts
        Which draws lie in each part.
    """
    gains = np.empty(scores.shape[1])
    for part in parts:
        ahead = scores[:, part] - scores[0, part]
        halves = [ahead[:, ::2], ahead[:, 1::2]]
        for half, other in ((0, 1), (1, 0)):
            winner = int(halves[other].mean(axis=1).argmax())  # the first where they are level
            gains[part[half::2]] = halves[half][winner]
    return float(gains.mean()), float(gains.std(ddof=1) / math.sqrt(len(gains)))
