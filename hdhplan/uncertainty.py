"""Laws of uncertain quantities, their quantile tables, and the only randomness there is.

A law *is* its quantile table: 16 random bits pick one of 4,096 bins of equal probability, and each
bin holds the mean of the law inside it, so the table's mean is the law's mean. The same bits are the
draw's rank. Streams are keyed by the name of the quantity: adding an input moves no other draw, and
two scenarios share their luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

#: Bins of a quantile table.
BINS = 4096
#: Draws that share one seeding of each stream; blocks of draws are cut from it.
SUPER_BLOCK = 65_536
#: [1] weight of the likely value in a PERT law: mean = (low + 4 likely + high) / 6.
PERT_WEIGHT = 4.0
_NODES = 4097  # of the numerical integration, on each side of the likely value


@dataclass(frozen=True)
class Law:
    """A law of probability: kind, support, and how many independent draws it adds or picks from.

    Parameters
    ----------
    kind
        ``pert``, ``triangular``, ``uniform``, ``lognormal`` (low and high are P10 and P90),
        ``fixed`` or ``choice``.
    count
        The quantity is the sum of this many independent draws.
    values, weights
        Of a choice.
    largest_of
        The quantity is the largest of this many independent draws.
    widened
        How many times wider the logarithm of the quantity is around its median than all this says.
    """

    kind: str
    low: float
    likely: float
    high: float
    count: int = 1
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    largest_of: int = 1
    widened: float = 1.0

    @property
    def certain(self) -> bool:
        """Whether there is nothing to draw."""
        if self.kind == "choice":
            return len(set(self.values)) == 1
        return self.kind == "fixed" or self.low == self.high

    @property
    def likely_total(self) -> float:
        """The likely value, of the whole sum where there is one."""
        return self.likely * self.count

    @property
    def smallest(self) -> float:
        """Least value a draw can take."""
        tabled = self.kind == "lognormal" or self.widened != 1
        return float(_table(self)[0]) if tabled else self.low * self.count

    @property
    def greatest(self) -> float:
        """Greatest value a draw can take."""
        tabled = self.kind == "lognormal" or self.widened != 1
        return float(_table(self)[-1]) if tabled else self.high * self.count


def quantile_table(law: Law) -> NDArray[np.float32]:
    """Means of a law in its `BINS` bins of equal probability, ascending."""
    return _table(law).astype(np.float32)


def mean(law: Law) -> float:
    """Mean of a law, as its table holds it."""
    return float(_table(law).mean())


def quantile(law: Law, probability: float) -> float:
    """Quantile of a law by its distribution function, to about 1e-6 of its width.

    Examples
    --------
    >>> round(quantile(Law("pert", 1, 2, 9), 0.8), 4)
    4.1028
    """
    if law.certain:
        return law.likely_total
    if law.widened != 1:
        return float(_table(law)[min(int(probability * BINS), BINS - 1)])
    if law.kind == "lognormal" and law.count == 1:
        mu, sigma = _log_parameters(law)
        return math.exp(mu + sigma * NormalDist().inv_cdf(probability))
    if law.kind == "choice" or law.count > 1:
        return float(_table(law)[min(int(probability * BINS), BINS - 1)])
    x, below, _ = _unit_curves(law.kind, (law.likely - law.low) / (law.high - law.low))
    return law.low + (law.high - law.low) * float(np.interp(probability, below, x))


@lru_cache(maxsize=512)
def _table(law: Law) -> NDArray[np.float64]:
    if law.certain:
        return np.full(BINS, law.likely_total)
    if law.widened != 1:
        plain = _table(replace(law, widened=1.0))
        middle = plain[BINS // 2]
        return middle * (plain / middle) ** law.widened
    if law.largest_of > 1:
        # The largest of n has the rank u^(1/n), u the rank of one draw.
        ranks = ((np.arange(BINS) + 0.5) / BINS) ** (1 / law.largest_of)
        return _table(replace(law, largest_of=1))[(ranks * BINS).astype(int)]
    if law.count > 1:
        return _table_of_sum(law)
    if law.kind == "choice":
        return _choice_bins(law)
    if law.kind == "lognormal":
        return _lognormal_bins(*_log_parameters(law))
    width = law.high - law.low
    return law.low + width * _unit_bins(law.kind, (law.likely - law.low) / width)


def _choice_bins(law: Law) -> NDArray:
    """Value of a choice in the middle of each bin."""
    weights = np.asarray(law.weights or np.ones(len(law.values)), dtype=float)
    order = np.argsort(law.values, kind="stable")
    edges = np.cumsum(weights[order]) / weights.sum()
    which = np.searchsorted(edges[:-1], (np.arange(BINS) + 0.5) / BINS, side="right")
    return np.asarray(law.values, dtype=float)[order][which]


def _density(kind: str, x: NDArray, mode: float) -> NDArray:
    """Density on [0, 1] up to a factor."""
    if kind == "uniform":
        return np.ones_like(x)
    if kind == "triangular":
        up = x / mode if mode > 0 else np.ones_like(x)
        down = (1 - x) / (1 - mode) if mode < 1 else np.ones_like(x)
        return np.where(x <= mode, up, down) if 0 < mode < 1 else (down if mode == 0 else up)
    return x ** (PERT_WEIGHT * mode) * (1 - x) ** (PERT_WEIGHT * (1 - mode))


@lru_cache(maxsize=8)  # 200 kB each
def _unit_curves(kind: str, mode: float) -> tuple[NDArray, NDArray, NDArray]:
    """Nodes in [0, 1], probability below each and first moment below each (Simpson's rule)."""
    # Nodes crowd at both ends and at the mode, where the density may bend.
    ramp = (1 - np.cos(np.pi * np.linspace(0, 1, _NODES))) / 2
    parts = [mode * ramp] * (mode > 0) + [mode + (1 - mode) * ramp] * (mode < 1)
    x = np.unique(np.concatenate(parts))
    middle = (x[1:] + x[:-1]) / 2
    f, g = _density(kind, x, mode), _density(kind, middle, mode)
    steps = np.diff(x) / 6
    mass = steps * (f[:-1] + 4 * g + f[1:])
    moment = steps * (x[:-1] * f[:-1] + 4 * middle * g + x[1:] * f[1:])
    below = np.concatenate([[0], np.cumsum(mass)])
    first = np.concatenate([[0], np.cumsum(moment)]) / below[-1]
    return x, below / below[-1], first


@lru_cache(maxsize=256)
def _unit_bins(kind: str, mode: float) -> NDArray:
    """Bin means of a law on [0, 1]."""
    _, below, first = _unit_curves(kind, mode)
    return np.diff(np.interp(np.arange(BINS + 1) / BINS, below, first)) * BINS


def _log_parameters(law: Law) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm, from P10 and P90."""
    z90 = NormalDist().inv_cdf(0.9)
    return math.log(law.low * law.high) / 2, math.log(law.high / law.low) / 2 / z90


@lru_cache(maxsize=1)
def _normal_edges() -> NDArray:
    inner = [NormalDist().inv_cdf(i / BINS) for i in range(1, BINS)]
    return np.array([-40.0, *inner, 40.0])


def _lognormal_bins(mu: float, sigma: float) -> NDArray:
    """Bin means of a lognormal law: differences of its partial expectation."""
    cdf = NormalDist().cdf
    shifted = np.array([cdf(z) for z in (_normal_edges() - sigma).tolist()])
    return math.exp(mu + sigma**2 / 2) * np.diff(shifted) * BINS


def _table_of_sum(law: Law) -> NDArray:
    """Bin means of a sum of independent draws, by convolution on 1,024 cells a draw."""
    cells = 1024
    one = _table(replace(law, count=1))
    low, high = float(one[0]), float(one[-1])
    at = (one - low) / (high - low) * (cells - 1)
    # Each bin is shared between its two neighbouring cells, which keeps the mean exact.
    floor = np.minimum(at.astype(int), cells - 2)
    mass = np.bincount(floor, 1 - (at - floor), cells) + np.bincount(floor + 1, at - floor, cells)
    size = law.count * (cells - 1) + 1
    spectrum = np.fft.rfft(mass / BINS, n=size)
    total = np.maximum(np.fft.irfft(spectrum**law.count, n=size), 0)
    total /= total.sum()
    x = law.count * low + np.arange(size) * (high - low) / (cells - 1)
    below = np.concatenate([[0], np.cumsum(total)])
    first = np.concatenate([[0], np.cumsum(total * x)])
    return np.diff(np.interp(np.arange(BINS + 1) / BINS, below, first)) * BINS


class Stream:
    """Random bits of one named quantity, in order, from the first draw of a super-block.

    The bits depend on seed, name and super-block alone: not on other quantities, block sizes,
    workers or how many draws are asked for.
    """

    def __init__(self, seed: int, name: str, super_block: int):
        digest = blake2b(name.encode(), digest_size=8).digest()
        key = (*np.frombuffer(digest, dtype="<u4").tolist(), super_block)
        self._bits = np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key))

    def ranks(self, draws: int) -> NDArray[np.uint16]:
        """Next 16-bit ranks, one a draw; ask for multiples of 4 but at the end."""
        return self._bits.random_raw(-(-draws // 4)).view(np.uint16)[:draws]

    def words(self, draws: int) -> NDArray[np.uint32]:
        """Next 32-bit words, one a draw; ask for multiples of 2 but at the end."""
        return self._bits.random_raw(-(-draws // 2)).view(np.uint32)[:draws]


def values_of(table: NDArray, ranks: NDArray[np.uint16], out: NDArray) -> NDArray:
    """Values that belong to ranks, into ``out``."""
    return table.take(ranks >> 4, out=out, mode="wrap")  # in range, and faster than "clip"


def occurs(probability: float, words: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Whether an event of a probability happens in each draw."""
    return words < np.uint64(round(probability * 2**32))
