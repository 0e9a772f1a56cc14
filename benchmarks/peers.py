"""What hdhplan is compared with: numpy's beta and maximum, and pmcontrols where it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

from benchmarks.cut import Activity

#: Draws at once: float64 arrays of so many draws of every task stay in the cache.
_BLOCK = 8_192


def beta_finish(tasks: list[Activity], draws: int, seed: int = 1) -> NDArray:
    """Finish in every draw by `Generator.beta` and `np.maximum`, in blocks, without waste. [d]"""
    rng, finish = np.random.default_rng(seed), np.empty(draws)
    for begin in range(0, draws, _BLOCK):
        size = min(_BLOCK, draws - begin)
        lengths = {task.id: _pert(rng, task, size) for task in tasks}
        finish[begin : begin + size] = latest(forward(tasks, lengths))
    return finish


def _pert(rng: np.random.Generator, task: Activity, size: int) -> NDArray | float:
    if task.certain:
        return task.likely
    width = task.high - task.low
    mode = (task.likely - task.low) / width
    return task.low + width * rng.beta(1 + 4 * mode, 5 - 4 * mode, size)


def forward(tasks: list[Activity], lengths: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """Early finish of every task. [d]"""
    early: dict[str, NDArray] = {}
    for task in tasks:
        start = 0.0
        for other in task.after:
            start = np.maximum(start, early[other])
        early[task.id] = start + lengths[task.id]
    return early


def latest(early: Mapping[str, NDArray]) -> NDArray:
    """The last finish of all, in every draw. [d]"""
    return np.maximum.reduce(np.broadcast_arrays(*early.values()))


def criticality(tasks: list[Activity], lengths: Mapping[str, NDArray]) -> dict[str, float]:
    """Share of draws in which each task has no slack, by a late-finish pass in float64. [1]"""
    early = forward(tasks, lengths)
    end = latest(early)
    late = {task.id: end for task in tasks}
    for task in reversed(tasks):
        for other in task.after:
            late[other] = np.minimum(late[other], late[task.id] - lengths[task.id])
    return {k: float(np.mean(late[k] - early[k] < 1e-3)) for k in early}


def pmcontrols_version() -> str:
    """Version of pmcontrols, empty where it is not installed."""
    try:
        return version("pmcontrols")
    except PackageNotFoundError:
        return ""


def pmcontrols_pert(tasks: list[Activity], draws: int, seed: int = 1):
    """P80 of the finish and criticality of every task, by pmcontrols. [d] and [1]"""
    records = [
        {"id": t.id, "a": t.low, "m": t.likely, "b": t.high, "predecessors": t.after} for t in tasks
    ]
    result = import_module("pmcontrols").pert(records, n_sim=draws, seed=seed)
    table = result.table
    shares = dict(zip(table["activity"], table["criticality_index"], strict=True))
    return float(result.stats["mc_p80"]), shares
