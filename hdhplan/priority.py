"""The order in which tasks come by their resources, worked out once on the likely plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hdhplan.floats import ranks
from hdhplan.inputs import draw, likely_sample
from hdhplan.model import Model, make_model, with_order
from hdhplan.outcome import run_block
from hdhplan.plan import Plan

#: Rank of what is running: before all that has not started.
AT_WORK = -1.0


def prepare(plan: Plan, without: Iterable[str] = ()) -> Model:
    """Make a plan ready to run, its tasks in the order of their priority.

    Drivers that a run switches off do not change the order.
    """
    model = make_model(plan, without)
    shared = any(node.uses for node in model.network.nodes.values())
    plain = plan if plan.progress is None else plan.progress.plain
    rank = _priority(_Same(plain), frozenset(model.network.nodes)) if shared else {}
    if plan.progress is not None:  # who is at work keeps their place
        rank = rank | dict.fromkeys(plan.progress.running, AT_WORK)
    return with_order(model, rank)


@dataclass(frozen=True)
class _Same:
    """A plan compared by identity, so that its order is worked out once."""

    plan: Plan

    def __hash__(self) -> int:
        return id(self.plan)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.plan is other.plan


@lru_cache(maxsize=8)
def _priority(same: _Same, asked: frozenset[str] = frozenset()) -> dict[str, float]:
    """Rank of each task: an explicit priority, else the likely plan's own order.

    A variant keeps the order of the root of its `extends`; its new tasks enter by their likely
    start, which is worked out only where some of those asked for are new.
    """
    plan = same.plan
    root = plan.origin.root if plan.origin else None
    kept = _priority(_Same(root)) if root and plan.priority is None else {}
    if asked and asked <= kept.keys():
        return {task: kept[task] for task in asked}
    own = _likely_starts(make_model(plan))
    if plan.priority is not None:
        own = {task: 1e6 + start for task, start in own.items()}
        return own | {task: float(i) for i, task in enumerate(plan.priority)}
    return own | {task: start for task, start in kept.items() if task in own}


def _likely_starts(model: Model) -> dict[str, float]:
    """Start of each task of the likely plan, backfilled: wave first, then the longest tail. [d]"""
    sample = likely_sample(model.inputs)
    dates = run_block(in_tail_order(model), sample, levelling="backfilled").dates
    return {task: float(dates.start_day(task)[0]) for task in model.network.nodes}


def in_tail_order(model: Model) -> Model:
    """Order a model's tasks by wave and then by their longest tail in the likely plan."""
    logic = run_block(model, likely_sample(model.inputs), levelling="none").dates
    waves = {name: i for i, name in enumerate(model.plan.waves)}
    return with_order(model, ranks(model.schedule, logic, waves))


def backfill_gap(plan: Plan, draws: int = 32, seed: int = 1) -> float:
    """Mean days by which a fixed order finishes later than backfilling every draw anew. [d]

    Backfilling is not monotone and runs draw by draw, so it serves as a measure only.
    """
    model = prepare(plan)
    tails = in_tail_order(make_model(plan))
    gaps = []
    for sample in draw(model.inputs, seed, 0, draws, block=4):
        for one in map(sample.only, range(sample.size)):
            fixed = run_block(model, one).values["finish_day"][0]
            free = run_block(tails, one, levelling="backfilled").values["finish_day"][0]
            gaps.append(fixed - free)
    finite = [gap for gap in gaps if np.isfinite(gap)]
    return float(np.mean(finite)) if finite else float("nan")
