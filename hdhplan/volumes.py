"""Volumes: sizes of objects, requests they need, tiers, growth, and what does not move."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hdhplan.plan import Plan
from hdhplan.scope import Dataset
from hdhplan.units import BYTES_PER_TB, DAYS_PER_YEAR

#: Bins of equal count into which a lognormal law of object sizes is cut.
SIZE_BINS = 16
_BYTES_PER_MB = 1e6


def lognormal_bins(volume_tb: float, objects: float, spread: float) -> NDArray[np.float64]:
    """Mean object size in each of `SIZE_BINS` bins of equal count. [TB]

    Sizes follow a lognormal law of which ``spread`` is the standard deviation of the logarithm; the
    bins hold exactly the volume.

    Examples
    --------
    >>> bool(np.isclose(lognormal_bins(8, 100, 1.5).mean() * 100, 8))
    True
    """
    if spread == 0:
        return np.full(SIZE_BINS, volume_tb / objects)
    normal = NormalDist()
    inner = [normal.inv_cdf(i / SIZE_BINS) for i in range(1, SIZE_BINS)]
    edges = np.array([-40.0, *inner, 40.0]) - spread
    shares = np.diff([normal.cdf(z) for z in edges])
    return volume_tb / objects * shares * SIZE_BINS


def requests_of(sizes_tb: ArrayLike, objects: ArrayLike, part_mb: float | None, max_parts: int):
    """Requests that objects need: one each, or one a part above the part size. [1]

    An object goes in at most ``max_parts`` parts: beyond that the parts grow.
    """
    objects = np.asarray(objects, dtype=float)
    if part_mb is None:
        return float(objects.sum())
    part_tb = part_mb * _BYTES_PER_MB / BYTES_PER_TB
    parts = np.clip(np.ceil(np.asarray(sizes_tb) / part_tb), 1, max_parts)
    return float((objects * parts).sum())


def objects_and_requests(plan: Plan, data: Dataset) -> tuple[float, float]:
    """Objects of a dataset at its likely volume, and requests that its copy needs. [1]"""
    route = plan.routes[data.route]
    part = route.part_size_mb.likely if route.part_size_mb else None
    if data.sizes:
        objects = np.array([size.objects for size in data.sizes])
        sizes = np.array([size.volume_tb for size in data.sizes]) / objects
    elif data.objects:
        sizes = lognormal_bins(data.volume_tb.likely, data.objects.likely, data.size_spread)
        objects = np.full(SIZE_BINS, data.objects.likely / SIZE_BINS)
    else:
        return 0.0, 0.0
    return float(objects.sum()), requests_of(sizes, objects, part, route.max_parts)


def grown(volume_tb: NDArray, growth_tb_per_year: NDArray, day: NDArray) -> NDArray:
    """Volume of a dataset on a day. [TB]"""
    return volume_tb + growth_tb_per_year * (day / DAYS_PER_YEAR)


def archive_share(data: Dataset) -> float:
    """Share of a dataset that must be rehydrated before it is read. [1]"""
    return data.tiers.archive if data.tiers else 0.0


def tier_share(data: Dataset, tiers: tuple[str, ...]) -> float:
    """Share of a dataset in some tiers; the whole where tiers are not asked for or not known. [1]"""
    if not tiers:
        return 1.0
    if data.tiers is None:
        return 1.0 if "hot" in tiers else 0.0
    return sum(getattr(data.tiers, tier) for tier in tiers)


def moved(plan: Plan) -> list[Dataset]:
    """Datasets that move, in file order."""
    return [data for data in plan.datasets.values() if not data.excluded and data.route]
