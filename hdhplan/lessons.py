"""What each task that has begun says of the drivers on it, and what all say together.

A task's days are its own work, times the factors of the drivers on it, and then the delays that
struck it. A delay is not slow work: its days are taken off, draw by draw, before the rest is laid
against the work. A risk that had not struck by the time a task ended has not slowed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hdhplan.belief import LEAST_FACTOR, Belief, Evidence, believe
from hdhplan.inputs import Inputs, Sample, Shared
from hdhplan.model import Model
from hdhplan.network import Node
from hdhplan.posterior import Learned, tabulate
from hdhplan.progress import Progress, Taught, ends_of
from hdhplan.uncertainty import quantile_table

#: Least standard deviation of the logarithm of a task's own work: no range is better than that.
LEAST_SPREAD = 0.05
#: Least work of which a logarithm is taken. [d] or [wd]
LEAST_WORK = 1e-9
#: Readings of a task's days that stand for the delays which may have struck it.
READINGS = 64


@dataclass(frozen=True)
class Lesson:
    """What one task that has begun says of its drivers.

    Parameters
    ----------
    scaling
        Drivers that may have scaled it, with the exposure of the part that each can have struck.
    ratios
        Days worked over the task's likely own work, in each reading of its delays. [1]
    spread
        Standard deviation of the logarithm of its own work. [1]
    ranged
        Whether its own work has a range.
    passed
        Whether it still goes on, so that the ratios will be more.
    """

    task: str
    scaling: Shared
    ratios: NDArray
    spread: float
    ranged: bool
    passed: bool

    @cached_property
    def readings(self) -> tuple[NDArray, NDArray]:
        """Logarithms of the ratios and of their weights.

        The same days are likelier where fewer of them were work, because there a day is more of it: a
        weight is over its ratio. In no work at all nothing finishes.
        """
        logs = np.log(np.maximum(self.ratios, LEAST_WORK))
        weights = np.full(len(logs), -np.log(len(logs)))
        if self.passed:
            return logs, weights
        return logs, np.where(self.ratios > 0, weights - logs, -np.inf)


def lessons(model: Model, progress: Progress, drawn: Sample) -> Iterator[Lesson]:
    """What the tasks say that have begun and have work of their own.

    Where a finish waits for that of another task, the days until it are no work, and say nothing.

    Parameters
    ----------
    model
        The plan without what has happened.
    drawn
        Draws of the plan with it: risks that have occurred happen in all of them.
    """
    begun = {task: (*span, False) for task, span in progress.done.items()}
    begun |= {task: (run.start, progress.now, True) for task, run in progress.running.items()}
    for task, (start, finish, passed) in begun.items():
        node = model.network.nodes[task]
        if not _own(node) or ends_of(node):
            continue
        middle, spread = _logs(drawn.inputs, node)
        ratios = _worked(model, progress, drawn, node, (start, finish)) / np.exp(middle)
        if ratios.max() > 0:
            scaling = tuple(_struck(model, progress, drawn, node, (start, finish)))
            ranged = node.path in drawn.inputs.laws
            yield Lesson(task, scaling, ratios, max(spread, LEAST_SPREAD), ranged, passed)


def _own(node: Node) -> bool:
    """Whether a task has work of its own, which nobody else works out."""
    return node.quantity is not None and node.kind != "haul" and not node.span


def _logs(inputs: Inputs, node: Node) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of a task's own work."""
    law = inputs.laws.get(node.path)
    work = inputs.certain[node.path] if law is None else quantile_table(law).astype(float)
    logs = np.log(np.maximum(work * node.scale, LEAST_WORK))
    return float(logs.mean()), float(logs.std())


def _struck(
    model: Model, progress: Progress, drawn: Sample, node: Node, span: tuple[float, float]
) -> Iterator[tuple[str, float]]:
    """Drivers that may have scaled a task, with the exposure of the part that each can have struck."""
    worked = model.schedule.own[node.id].worked
    for driver, exposure in drawn.inputs.scaling.get(("tasks", node.id), ()):
        risk = drawn.inputs.active[driver].p < 1
        day = np.clip(progress.struck_after.get(driver, 0.0) if risk else 0.0, *span)
        begin, then, end = worked(np.array([span[0], day, span[1]]))
        if end > then:
            yield driver, exposure * float((end - then) / (end - begin))


def _worked(
    model: Model, progress: Progress, drawn: Sample, node: Node, span: tuple[float, float]
) -> NDArray:
    """Days worked without the delays that may have struck a task, in equally likely readings."""
    own, finish = model.schedule.own[node.id], np.full(drawn.size, span[1])
    clock = model.schedule.france if own.continuous else own
    past = {risk for risk, day in progress.struck_after.items() if day >= span[1]}
    for delay, unit in drawn.delays(node.id, past):
        days = np.maximum(delay.astype(float), 0)
        finish = finish - days if unit == "d" else clock.day(clock.worked(finish) - days)
    worked = own.worked(np.maximum(finish, span[0])) - own.worked(np.array([span[0]]))
    groups = np.array_split(np.sort(worked), READINGS) if np.ptp(worked) > 0 else [worked]
    return np.array([group.mean() for group in groups])


class _Causes:
    """The drivers on some tasks as normals, and the factors that they make on each."""

    def __init__(self, drawn: Sample, said: Sequence[Lesson]):
        self._drawn = drawn
        self._columns: dict[tuple[str, float], tuple[float, float]] = {}
        drivers = sorted({driver for lesson in said for driver, _ in lesson.scaling})
        self.normals: dict[str, tuple[float, float]] = {}
        for driver in drivers:
            logs = self._log((driver, 1.0))
            if (spread := float(logs.std())) > 0:
                self.normals[driver] = float(logs.mean()), spread
        self.certain = {k: v for k, v in self.normals.items() if k not in drawn.inputs.events}

    def _log(self, pair: tuple[str, float]) -> NDArray:
        factor = self._drawn.product((pair,), learned=False)
        return np.log(np.maximum(np.atleast_1d(factor).astype(float), LEAST_FACTOR))

    def column(self, pair: tuple[str, float]) -> tuple[float, float]:
        """Mean of the logarithm of a driver's factor at an exposure, and its slope on the normal."""
        if pair not in self._columns:
            logs, slope = self._log(pair), 0.0
            if pair[0] in self.normals:
                middle, spread = self.normals[pair[0]]
                normal = (self._log((pair[0], 1.0)) - middle) / spread
                slope = float(np.mean(logs * normal))
            self._columns[pair] = float(logs.mean()), slope
        return self._columns[pair]

    def slopes(self, scaling: Shared, of: Sequence[str]) -> NDArray:
        """Slopes of the factors of a task on the normals of some drivers."""
        found = {driver: self.column((driver, exposure))[1] for driver, exposure in scaling}
        return np.array([found.get(driver, 0.0) for driver in of])

    def offset(self, scaling: Shared) -> float:
        """Mean of the logarithm of the factors of a task."""
        return sum(self.column(pair)[0] for pair in scaling)


def teach(model: Model, progress: Progress, drawn: Sample) -> Taught | None:
    """What the tasks that have begun teach about those to come; None where none is finished."""
    said = list(lessons(model, progress, drawn))
    if all(lesson.passed for lesson in said):
        return None
    causes = _Causes(drawn, said)
    belief = believe(_evidence(causes, said), causes.certain)
    learned = tuple(_shown(drawn, belief, causes, said))
    return Taught(belief, learned, dict(_widened(model, progress, drawn, belief, causes)))


def _evidence(causes: _Causes, said: Sequence[Lesson]) -> Evidence:
    """All lessons as one set of rows."""
    most = max(len(lesson.ratios) for lesson in said)
    logs, weights = np.zeros((2, len(said), most))
    weights -= np.inf
    for row, lesson in enumerate(said):
        size = len(lesson.ratios)
        logs[row, :size], weights[row, :size] = lesson.readings
    names = list(causes.normals)
    return Evidence(
        np.array([causes.offset(lesson.scaling) for lesson in said]),
        np.array([causes.slopes(lesson.scaling, names) for lesson in said]),
        logs, weights,
        np.array([lesson.spread for lesson in said]),
        np.array([lesson.passed for lesson in said]),
        np.array([lesson.ranged and not lesson.passed and len(lesson.ratios) == 1 for lesson in said]),
        np.array([name in causes.certain for name in names], bool),
    )  # fmt: skip


def _shown(
    drawn: Sample, belief: Belief, causes: _Causes, said: Sequence[Lesson]
) -> Iterator[Learned]:
    """The products of drivers that finished tasks share, before and after, over their likely value."""
    after = Sample(
        replace(drawn.inputs, learned=belief), drawn.size, drawn.dtype, drawn.values, drawn.happens
    )
    groups: dict[Shared, list[Lesson]] = {}
    for lesson in said:
        active = drawn.inputs.active
        shared = tuple(pair for pair in lesson.scaling if active[pair[0]].p == 1)
        if shared and not lesson.passed:
            groups.setdefault(shared, []).append(lesson)
    for shared, group in groups.items():
        likely = np.prod([
            1 + e * (drawn.inputs.likely[f"drivers.{driver}.factor"] - 1) for driver, e in shared
        ])  # fmt: skip
        yield tabulate(
            "work." + "+".join(driver for driver, _ in shared),
            drawn.product(shared, learned=False) / likely,
            after.product(shared) / likely,
            tuple(_observed(lesson, causes, shared, float(likely)) for lesson in group),
        )


def _observed(lesson: Lesson, causes: _Causes, shared: Shared, likely: float) -> float:
    """Ratio that a task came to in its likeliest reading, without the drivers that are not shown. [1]"""
    logs, weights = lesson.readings
    slopes = causes.slopes(lesson.scaling, list(causes.normals))
    whole = lesson.spread**2 + float(slopes @ slopes)
    offset = causes.offset(lesson.scaling)
    best = int(np.argmax(weights - 0.5 * (logs - offset) ** 2 / whole))
    return float(np.exp(logs[best] - offset + causes.offset(shared)) / likely)


def _widened(
    model: Model, progress: Progress, drawn: Sample, belief: Belief, causes: _Causes
) -> Iterator[tuple[str, float]]:
    """How many times wider the ranges of tasks are that are not finished, where they are wider."""
    found: dict[str, float] = {}
    for task, node in model.network.nodes.items():
        law = drawn.inputs.laws.get(node.path)
        if task in progress.done or not _own(node) or law is None or law.values:
            continue
        scaling = drawn.inputs.scaling.get(("tasks", task), ())
        slopes = causes.slopes(scaling, list(causes.certain))
        times = belief.widening(_logs(drawn.inputs, node)[1], float(np.sqrt(slopes @ slopes)))
        found[node.path] = max(times, found.get(node.path, 1.0))
    yield from ((path, times) for path, times in found.items() if times > 1)
