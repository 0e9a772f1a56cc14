"""What is believed of several shared factors at once, before and after some tasks have taught.

Their logarithms are taken as normal and, before, as independent. Tasks that share only some of them
teach one another through those. Two things are weighed beside them, because a plan may be wrong about
itself: how much of each cause is common to all its tasks, or goes its own way in each, and by how much
tasks scatter more than their ranges say, never less. After, each draw moves as little as it can, so
common random numbers stay common; where nothing is taught nothing moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

#: Variance of a cause that is common to its tasks, and what that is given beforehand. [1]
COMMON = {1.0: 0.7, 0.5: 0.15, 0.02: 0.15}
#: How many times wider tasks scatter than their ranges say, and what that is given beforehand. [1]
SCATTER = {1.0: 0.7, 1.25: 0.15, 1.6: 0.1, 2.0: 0.05}
_HYPOTHESES = tuple((c, s, p * q) for c, p in COMMON.items() for s, q in SCATTER.items())
#: Hypotheses that are given less than this are left out. [1]
_NEGLIGIBLE = 1e-3
#: Least factor of which a logarithm is taken. [1]
LEAST_FACTOR = 1e-9
#: Least precision of what all others say of a task. [1]
_LEAST = 1e-9
#: Rounds in which what each task says is brought to agree with what the others do.
_ROUNDS = 40


@dataclass(frozen=True)
class Evidence:
    """What tasks say of factors whose logarithms are standard normal before: one row a task.

    Parameters
    ----------
    offset, slopes
        Logarithm of all factors on a task: ``offset + slopes @ normals``.
    logs, weights
        Logarithm of what a task came to over its own likely work, for each reading of its delays, and
        the logarithm of each reading's weight.
    spread
        Standard deviation of the logarithm of its own work.
    passed
        Tasks that still go on, and come to more.
    ranged
        Finished tasks of one reading with a range of their own: they show the scatter.
    causes
        Which of the factors are causes on all their tasks; others are risks that may have struck.
    """

    offset: NDArray
    slopes: NDArray
    logs: NDArray
    weights: NDArray
    spread: NDArray
    passed: NDArray
    ranged: NDArray
    causes: NDArray

    @property
    def single(self) -> NDArray:
        """Tasks of one reading."""
        return np.isneginf(self.weights[:, 1:]).all(axis=1)

    @cached_property
    def weighed(self) -> NDArray:
        """Causes on tasks that show the scatter: how much of them is common can be seen."""
        return self.causes & (self.slopes[self.ranged] != 0).any(axis=0)

    def of(self, rows: NDArray) -> Evidence:
        """What some of the tasks say."""
        found = (getattr(self, name)[rows] for name in _ROWS)
        return Evidence(*found, self.causes)

    def noise(self, common: float, scatter: float) -> NDArray:
        """Variance of the logarithm of each task around what its common factors say."""
        own = (1 - common) * (self.slopes[:, self.weighed] ** 2).sum(axis=1)
        return scatter**2 * (self.spread**2 + own)

    def before(self, common: float) -> NDArray:
        """Variance of each factor before, as far as it is common."""
        return np.where(self.weighed, common, 1.0)


_ROWS = ("offset", "slopes", "logs", "weights", "spread", "passed", "ranged")


@dataclass(frozen=True)
class Belief:
    """Shared factors after what was taught; each ``exp(middle + spread * normal)`` before.

    Parameters
    ----------
    before
        Middle and spread of the logarithm of each driver's factor.
    mean, root
        Mean of the normals after, and the symmetric root of their covariance.
    hypotheses
        How much of the causes is common, how many times wider tasks scatter, and what that is given.
    """

    before: dict[str, tuple[float, float]]
    mean: NDArray = field(repr=False)
    root: NDArray = field(repr=False)
    hypotheses: tuple[tuple[float, float, float], ...]

    def moved(self, factors: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """Factors after, of draws of them before; a driver without draws is left out. [1]"""
        known = [name for name in self.before if name in factors]
        normals = {}
        for name in known:
            middle, spread = self.before[name]
            normals[name] = (np.log(np.maximum(factors[name], LEAST_FACTOR)) - middle) / spread
        at = {name: row for row, name in enumerate(self.before)}
        found = {}
        for name in known:
            middle, spread = self.before[name]
            after = sum(float(self.root[at[name], at[k]]) * x for k, x in normals.items())
            moved = np.exp(middle + spread * (float(self.mean[at[name]]) + after))
            found[name] = moved.astype(factors[name].dtype)
        return found

    def widening(self, spread: float, causes: float) -> float:
        """How many times wider a task's own range is after, never less than once. [1]

        Parameters
        ----------
        spread, causes
            Standard deviation of the logarithm of its own work, and of the factors of its causes.
        """

        def variance(rows) -> float:
            return sum(w * s**2 * (spread**2 + (1 - c) * causes**2) for c, s, w in rows)

        return max(math.sqrt(variance(self.hypotheses) / variance(_HYPOTHESES)), 1.0)


def believe(evidence: Evidence, before: Mapping[str, tuple[float, float]]) -> Belief:
    """Work out what tasks teach of some causes.

    Parameters
    ----------
    before
        Middle and spread of the logarithm of each cause's factor, in the order of the evidence.

    Examples
    --------
    Nine tasks that took 1.2 times their work, each known to 10 %, and a cause of 20 %:

    >>> one, none = np.ones(9), np.zeros(9, bool)
    >>> said = Evidence(0 * one, 0.2 * one[:, None], np.log(1.2) * one[:, None], 0 * one[:, None],
    ...                 0.1 * one, none, ~none, np.array([True]))
    >>> belief = believe(said, {"pace": (0.0, 0.2)})
    >>> belief.moved({"pace": np.ones(1)})["pace"].round(2)
    array([1.19])
    """
    weighed = tuple(_weighed(evidence))
    causes = np.flatnonzero(evidence.causes)
    square = np.ix_(causes, causes)
    means, covariances = [], []
    taught = evidence.of((evidence.slopes != 0).any(axis=1))
    for common, scatter, _ in weighed:
        mean, covariance = _agreed(taught, common, scatter)
        means.append(mean[causes])
        covariances.append(covariance[square])
    given = np.array([weight for *_, weight in weighed])
    mean = given @ np.array(means)
    apart = np.array(means) - mean
    # Where nothing is taught the plan's own spread is left, whatever is common.
    spare = np.where(evidence.weighed[causes], sum(c * p for c, p in COMMON.items()), 1.0)
    within = np.einsum("h,hij->ij", given, np.array(covariances))
    whole = (within + (given[:, None] * apart).T @ apart) / np.sqrt(np.outer(spare, spare))
    values, vectors = np.linalg.eigh(whole)
    root = vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T
    return Belief(dict(before), mean, root, weighed)


def _weighed(evidence: Evidence) -> Iterator[tuple[float, float, float]]:
    """Hypotheses with what they are given after the finished tasks, those of some weight only."""
    seen = evidence.ranged
    slopes, misses = evidence.slopes[seen], (evidence.logs[:, 0] - evidence.offset)[seen]
    scores = []
    for common, scatter, weight in _HYPOTHESES:
        noise, before = evidence.noise(common, scatter)[seen], evidence.before(common)
        scaled = slopes * np.sqrt(before)
        # Of a diagonal and a few columns: Woodbury's identity and the determinant's lemma.
        few = np.eye(len(before)) + (scaled.T / noise) @ scaled
        said = scaled.T @ (misses / noise)
        square = misses @ (misses / noise) - said @ np.linalg.solve(few, said)
        size = np.log(noise).sum() + np.linalg.slogdet(few)[1]
        scores.append(math.log(weight) - 0.5 * (size + square))
    given = np.exp(np.array(scores) - max(scores))
    given = np.where(given < _NEGLIGIBLE * given.sum(), 0, given) / given.sum()
    given /= given.sum()
    for (common, scatter, _), weight in zip(_HYPOTHESES, given.tolist(), strict=True):
        if weight:
            yield common, scatter, weight


def _agreed(evidence: Evidence, common: float, scatter: float) -> tuple[NDArray, NDArray]:
    """Mean and covariance of all factors under one hypothesis: expectation propagation.

    What one task says is taken as a normal law of its own factors, the one that has the mean and the
    variance of the truth beside what all the others say. What a finished task of one reading says is
    a normal law, and exact.
    """
    noise, exact = evidence.noise(common, scatter), evidence.single & ~evidence.passed
    precision = np.where(exact, 1 / noise, 0.0)
    shift = precision * (evidence.logs[:, 0] - evidence.offset)
    for _ in range(1 if exact.all() else _ROUNDS):
        inverse = (
            np.diag(1 / evidence.before(common)) + (evidence.slopes.T * precision) @ evidence.slopes
        )
        covariance = np.linalg.inv(inverse)
        mean = covariance @ (evidence.slopes.T @ shift)
        at = evidence.slopes @ mean
        over = np.einsum("ij,jk,ik->i", evidence.slopes, covariance, evidence.slopes)
        left = np.maximum(1 / over - precision, _LEAST)
        middle = (at / over - shift) / left
        then, variance = _beside(evidence, noise, middle, 1 / left)
        says = np.maximum(1 / variance - left, 0.0)
        points = np.where(says > 0, then / variance - middle * left, 0.0)
        if np.allclose(says[~exact], precision[~exact]) and np.allclose(points, shift, atol=1e-4):
            break
        precision = np.where(exact, precision, (precision + says) / 2)
        shift = np.where(exact, shift, (shift + points) / 2)
    return mean, covariance


def _beside(
    evidence: Evidence, noise: NDArray, middle: NDArray, variance: NDArray
) -> tuple[NDArray, NDArray]:
    """Mean and variance of the factors on each task: what others say of them, and itself, exactly."""
    whole = (variance + noise)[:, None]
    gaps = evidence.logs - (evidence.offset + middle)[:, None]
    within = variance[:, None]
    passed = evidence.passed[:, None]
    above, pull = np.zeros((2, *gaps.shape))
    bound = passed & (evidence.weights > -np.inf)
    above[bound], pull[bound] = _above((-gaps / np.sqrt(whole))[bound])
    scores = evidence.weights + np.where(passed, above, -0.5 * gaps**2 / whole)
    steps = np.where(passed, pull / np.sqrt(whole), gaps / whole) * within
    cut = np.where(passed, pull * (pull - gaps / np.sqrt(whole)), 1.0) / whole
    left = within - within**2 * cut
    share = np.exp(scores - scores.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    step = (share * steps).sum(axis=1)
    return middle + step, (share * (left + (steps - step[:, None]) ** 2)).sum(axis=1)


def _above(z: NDArray) -> tuple[NDArray, NDArray]:
    """Logarithm of the probability that a standard normal is below each z, and its slope."""
    far = z < -30
    near, tail = np.where(far, 0.0, z), np.where(far, z, -30.0)
    below = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in near.tolist()])
    height = np.exp(-0.5 * near**2) / math.sqrt(2 * math.pi)
    beyond = -0.5 * tail**2 - np.log(-tail * math.sqrt(2 * math.pi))
    return np.where(far, beyond, np.log(below)), np.where(far, -z, height / below)
