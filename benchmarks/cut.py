"""The base network cut down to what every PERT tool takes: finish-to-start, three points a task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.inputs import draw, likely_sample
from hdhplan.model import Model
from hdhplan.outcome import run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare

#: Draws of the base plan from which the three points of a computed length are taken.
_OBSERVED = 8_192
_EXTREMES = (0.01, 0.99)


@dataclass(frozen=True)
class Activity:
    """A task of the cut: least, likely and greatest length, and what it comes after. [d]"""

    id: str
    low: float
    likely: float
    high: float
    after: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether its length is fixed."""
        return self.low == self.high


def activities(plan: Plan, computed: bool = True) -> list[Activity]:
    """Tasks of a plan in topological order, every link finish-to-start without lag, no calendar.

    A task with an estimate of its own keeps its three points (of a sum, those of the sum); a task
    that a driver switches on has no length. Lengths that the model works out, of copies and what
    hangs on them, have the likely one and the 1st and 99th percentile of the base plan's draws.

    Parameters
    ----------
    computed
        False fixes the lengths that the model works out at their likely value.
    """
    model = prepare(plan)
    likely = run_block(model, likely_sample(model.inputs))
    drawn = run_block(model, next(draw(model.inputs, 1, 0, _OBSERVED)))
    found = []
    for task in model.schedule.order:
        node = model.network.nodes[task]
        after = dict.fromkeys([*(link.task for link in node.links), *(node.span or ())])
        if node.quantity is not None and not node.only_if and node.kind != "haul":
            scale, law = node.scale * node.quantity.count, node.quantity
            points = (law.low * scale, law.likely * scale, law.high * scale)
        elif node.quantity is not None or node.span:
            points = (0.0, 0.0, 0.0)
        else:
            points = _observed(_length(likely, task), _length(drawn, task), computed)
        found.append(Activity(task.replace(".", "__"), *points, _ids(after)))
    return found


def _ids(tasks) -> tuple[str, ...]:
    return tuple(task.replace(".", "__") for task in tasks)


def _length(outcome, task: str) -> NDArray:
    """Length of a task that the model works out. [d]"""
    if task in outcome.works:
        return outcome.works[task]
    return outcome.dates.finish[task] - outcome.dates.start[task]


def _observed(likely: NDArray, drawn: NDArray, computed: bool) -> tuple[float, float, float]:
    middle = round(float(likely[0]), 6)
    if not computed or np.ptp(drawn) == 0:
        return middle, middle, middle
    low, high = (round(float(x), 6) for x in np.quantile(drawn, _EXTREMES))
    return min(low, middle), middle, max(high, middle)


def as_plan(tasks: list[Activity], name: str = "cut") -> Plan:
    """Write the cut as a plan of hdhplan: tasks alone, elapsed days."""
    return Plan.model_validate(
        {
            "schema": "hdhplan.plan/1",
            "name": name,
            "start": "2026-01-05",
            "tasks": {task.id: _as_task(task) for task in tasks},
        }
    )


def _as_task(task: Activity) -> dict:
    found: dict = {"id": task.id, "after": list(task.after)}
    if task.high > 0:
        points = {"low": task.low, "likely": task.likely, "high": task.high}
        found["work"] = points | {"unit": "d", "source": "the base plan", "grade": "D"}
    return found


def durations(model: Model, tasks: list[Activity], sample) -> dict[str, NDArray]:
    """Length of each task of the cut in a sample of hdhplan, as float64. [d]"""
    paths = {task: node.path for task, node in model.network.nodes.items() if node.quantity}
    return {
        task.id: np.full(sample.size, task.likely)
        if task.id not in paths
        else np.zeros(sample.size) + np.asarray(sample[paths[task.id]], float)
        for task in tasks
    }
