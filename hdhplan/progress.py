"""What has happened by a date, laid over the network: done, running, and the rest after that date.

A finished task stands at its actual dates. A running one has the work that was measured to remain,
else it is conditioned on having lasted this long. What has not started starts after the data date;
only milestones of no work follow their logic, so that what nobody reported may have happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, TypeAdapter

from hdhplan.belief import Belief
from hdhplan.calendars import Calendar
from hdhplan.inputs import Inputs, Sample
from hdhplan.network import Network, Node
from hdhplan.posterior import Learned
from hdhplan.quantities import Range
from hdhplan.status import Fields, State, StatusFact
from hdhplan.uncertainty import quantile_table

if TYPE_CHECKING:
    from hdhplan.plan import Plan

#: Kinds whose work the routes set: they are read with the copy.
_READS = ("verify", "repair")
#: Kinds of no length where they have no work.
INSTANT = ("work", "go")


@dataclass(frozen=True)
class Running:
    """A task that has started and not finished. Days since the start of the plan. [d]

    ``since`` is the day from which what remains is counted: that of its measure, else the data date.
    ``remaining`` is in the task's unit, ``part`` of its whole work; both None where nothing was
    measured.
    """

    start: float
    since: float
    remaining: float | None = None
    part: float | None = None


@dataclass(frozen=True)
class Landed:
    """What of a dataset had landed and was verified by the end of a day. [d] and [TB]"""

    day: float
    tb: float
    verified_tb: float


@dataclass(frozen=True)
class Taught:
    """What tasks that have begun teach about those to come.

    Parameters
    ----------
    belief
        The drivers on them, before and after.
    learned
        The products of these that finished tasks share, to be shown.
    widened
        How many times wider the range of each path is than the plan says.
    """

    belief: Belief = field(repr=False)
    learned: tuple[Learned, ...]
    widened: dict[str, float] = field(repr=False)


@dataclass(frozen=True)
class Progress:
    """What has happened by the end of ``state.day``, and what it teaches.

    Parameters
    ----------
    now
        The end of that day. [d]
    plain
        The plan without it: it sets the priority of tasks.
    done
        Actual start and finish of each finished task. [d]
    struck_after
        Of each risk that is open or has occurred, the end of the day by which it had not. [d]
    estimates
        Ranges that replace those of the plan, by path.
    """

    state: State
    now: float
    plain: Plan = field(repr=False)
    done: dict[str, tuple[float, float]]
    running: dict[str, Running]
    landed: dict[str, Landed]
    closed: frozenset[str]
    occurred: frozenset[str]
    struck_after: dict[str, float]
    estimates: dict[str, Range] = field(repr=False)
    routes: dict[str, tuple[str, float, Learned]] = field(default_factory=dict)
    """Of each route that was measured: a dataset, the rate at which it likely copies, what was learned."""
    work: Taught | None = None
    """What tasks that have begun teach; None where none is finished."""

    @property
    def learned(self) -> tuple[Learned, ...]:
        """Everything that was learned."""
        return (
            *(found for _, _, found in self.routes.values()),
            *(self.work.learned if self.work else ()),
        )

    def learning_from(self, other: Progress, but: Collection[str] = ()) -> Progress:
        """The same facts with what another teaches; of ``but`` with what this one does.

        ``but`` holds ids of what routes teach, or ``work``: that teaches all its drivers at once and is
        taken whole.
        """
        routes = {name: row for name, row in other.routes.items() if row[-1].id not in but}
        routes |= {name: row for name, row in self.routes.items() if row[-1].id in but}
        return replace(self, routes=routes, work=self.work if "work" in but else other.work)

    def network(self, network: Network, capacity: Mapping[str, int]) -> Network:
        """The network from the data date on: what has started waits for nobody any more."""
        free, nodes = dict(capacity), {}
        for task, node in network.nodes.items():
            if task in self.done:
                nodes[task] = replace(
                    node, calendar="continuous", links=(), uses={}, unsplit=False,
                    fixed_day=self.done[task][0],
                )  # fmt: skip
            elif task in self.running:
                nodes[task] = self._begun(node, free)
            elif not (node.span or node.is_milestone or node.kind == "qualified"):
                nodes[task] = replace(node, fixed_day=max(node.fixed_day, self.now))
            else:
                nodes[task] = node
        return Network(nodes, network.copies)

    def _begun(self, node: Node, free: dict[str, int]) -> Node:
        """A running task: it keeps its people, as far as the plan has so many of them."""
        fits = all(units <= free[name] for name, units in node.uses.items())
        for name, units in node.uses.items() if fits else ():
            free[name] -= units
        run = self.running[node.id]
        return replace(
            node, links=ends_of(node), uses=node.uses if fits else {}, unsplit=False,
            calendar="continuous" if node.unsplit else node.calendar,
            fixed_day=run.since if _rests(node) else run.start,
        )  # fmt: skip

    def inputs(self, inputs: Inputs) -> Inputs:
        """The inputs once risks have closed or occurred, and with what was learned."""
        left = inputs.without(self.closed)
        events = {k: p for k, p in left.events.items() if k not in self.occurred}
        if self.work is None:
            return replace(left, events=events)
        laws = dict(left.laws)
        for path in laws.keys() & self.work.widened.keys():
            laws[path] = replace(laws[path], widened=self.work.widened[path])
        return replace(left, events=events, laws=laws, learned=self.work.belief)

    def settle(
        self,
        nodes: Mapping[str, Node],
        own: Mapping[str, Calendar],
        sample: Sample,
        works: dict[str, NDArray],
        delays: dict[str, list],
    ) -> None:
        """Set the work of what has started, and drop the delays of what is done."""
        for task, (start, finish) in self.done.items():
            delays.pop(task, None)
            if task in works:
                works[task] = sample.full(finish - start)
        for task, run in self.running.items():
            node = nodes[task]
            if task in delays and run.remaining is not None:
                # What is measured to remain counts in what has occurred already.
                delays[task] = sample.delays(task, self.occurred)
            if task in works and node.kind not in _READS:
                works[task] = self._left(node, own[task], sample, works[task])

    def settle_read(self, node: Node, sample: Sample, work: NDArray, volume: NDArray) -> NDArray:
        """Work of a second read: what is not verified yet, or what its own facts say. [d]"""
        if node.id in self.done:
            return sample.full(self.done[node.id][1] - self.done[node.id][0])
        if node.id not in self.running:
            return work
        at, run = self.landed.get(node.dataset), self.running[node.id]
        if node.kind == "verify" and at and run.remaining is None and run.part is None:
            left = work * np.maximum(1 - sample.dtype(at.verified_tb) / volume, 0)
            return np.maximum(left, sample.dtype(self.now - run.since))
        return self._left(node, None, sample, work)

    def _left(self, node: Node, own: Calendar | None, sample: Sample, work: NDArray) -> NDArray:
        """Work of a running task from the day at which its node begins. [its unit]"""
        run = self.running[node.id]
        spent, until, over = (
            float(day if own is None else own.worked(np.array([day]))[0])
            for day in (run.start, run.since, self.now)
        )
        before = 0.0 if _rests(node) else until - spent
        if run.remaining is not None:
            rest = sample.full(run.remaining)
        elif run.part is not None:
            rest = work * sample.dtype(run.part)
        else:
            rest = _outlasting(node, sample, work, until - spent) - sample.dtype(until - spent)
        return np.maximum(rest, sample.dtype(over - until)) + sample.dtype(before)

    def volume(self, name: str, volume: NDArray) -> NDArray:
        """Volume of a dataset: what has landed once its copy is finished, else no less. [TB]"""
        if name not in self.landed:
            return volume
        tb = volume.dtype.type(self.landed[name].tb)
        return np.full_like(volume, tb) if f"{name}.copy" in self.done else np.maximum(volume, tb)


def ends_of(node: Node) -> tuple:
    """Links that hold a task's finish, not its start."""
    return tuple(link for link in node.links if link.kind in ("FF", "SF"))


def _rests(node: Node) -> bool:
    """Whether only the rest of a running task is dated: its finish waits for others, or for a route."""
    return bool(ends_of(node)) or node.kind in (*_READS, "rehydrate")


def _outlasting(node: Node, sample: Sample, work: NDArray, elapsed: float) -> NDArray:
    """Work given that it is more than what has elapsed; at least that where no law is its own."""
    law = sample.inputs.laws.get(node.path) if node.quantity is not None else None
    if law is None:
        return np.maximum(work, sample.dtype(elapsed))
    base = sample[node.path]
    with np.errstate(divide="ignore", invalid="ignore"):  # a task that is off has no work
        factor = work / base
        longer = lasting(quantile_table(law), base, sample.dtype(elapsed) / factor) * factor
    return np.where(work > 0, np.maximum(longer, sample.dtype(elapsed)), work)


def lasting(table: NDArray, values: NDArray, bound: NDArray) -> NDArray:
    """Values of a law given that they exceed a bound: each keeps its rank among what is left.

    Parameters
    ----------
    table
        Quantile table of the law.
    values
        Draws of it.
    bound
        What each is known to exceed. Where that is beyond the law, the bound itself is left.

    Examples
    --------
    >>> even = np.linspace(0, 10, 4096)
    >>> lasting(even, np.array([0.0, 5.0, 10.0]), np.array([6.0, 6.0, 6.0])).round(2)
    array([ 6.,  8., 10.])
    """
    ranks = (np.arange(len(table)) + 0.5) / len(table)
    passed = np.interp(bound, table, ranks, left=0.0, right=1.0)
    rank = passed + (1 - passed) * np.interp(values, table, ranks)
    later = np.maximum(np.interp(rank, ranks, table), bound)
    return np.where(passed > 0, later, values).astype(values.dtype)


def progress_of(plan: Plan, network: Network, state: State) -> Progress:
    """Sort what is known into done, running, landed, closed and occurred."""
    now = day_after(plan, state.day)
    tasks, datasets = state.of("tasks"), state.of("datasets")
    nodes, done, running = network.nodes, {}, {}
    for task, known in tasks.items():
        if "start" not in known:
            continue
        start = day_after(plan, known["start"].value) - 1
        if "finish" in known:
            finish = day_after(plan, known["finish"].value)
            instant = task in nodes and nodes[task].quantity is None and nodes[task].kind in INSTANT
            done[task] = finish if instant else start, finish
        else:
            running[task] = _running(plan, task, start, now, known, datasets)
    for task, node in nodes.items():
        # A host's qualification runs from day 0, whoever reports it.
        if node.kind == "qualified" and task not in tasks:
            running[task] = Running(0.0, now)
    risks = {name: known["state"].value for name, known in state.of("risks").items()}
    return Progress(
        state, now, plan, done, running,
        {x: _landed(plan, known) for x, known in datasets.items() if "landed_tb" in known},
        frozenset(k for k, v in risks.items() if v == "closed"),
        frozenset(k for k, v in risks.items() if v == "occurred"),
        _struck_after(plan, state),
        estimates_of(plan, state),
    )  # fmt: skip


def _struck_after(plan: Plan, state: State) -> dict[str, float]:
    """Of each risk that is open or has occurred, the end of the day by which it had not. [d]

    That an open one is open is said anew each time; an occurred one has occurred when it was first
    said.
    """
    found: dict[str, float] = {}
    said: dict[str, str] = {}
    for fact in state.live:
        if fact.kind != "risks" or "state" not in fact.given:
            continue
        now = str(fact.given["state"])
        if now == "open" or said.get(fact.subject) != now:
            found[fact.subject] = day_after(plan, fact.date)
        said[fact.subject] = now
    return {risk: day for risk, day in found.items() if said[risk] != "closed"}


def _running(
    plan: Plan, task: str, start: float, now: float, known: Mapping, datasets: Fields
) -> Running:
    """How much of a task is left by its latest measure."""
    measures = [known[name] for name in ("remaining", "percent") if name in known]
    dataset, _, kind = task.rpartition(".")
    if not measures:
        read = datasets.get(dataset, {}).get("verified_tb") if kind == "verify" else None
        return Running(start, day_after(plan, read.fact.date) if read else now)
    latest = max(measures, key=lambda m: m.fact.date)
    since = max(day_after(plan, latest.fact.date), start)
    if latest is known.get("remaining"):
        return Running(start, since, remaining=float(latest.value))
    return Running(start, since, part=1 - float(latest.value) / 100)


def _landed(plan: Plan, known: Mapping) -> Landed:
    verified = float(known["verified_tb"].value) if "verified_tb" in known else 0.0
    landed = known["landed_tb"]
    return Landed(day_after(plan, landed.fact.date), float(landed.value), verified)


def estimates_of(plan: Plan, state: State) -> dict[str, Range]:
    """Ranges that the latest estimates give, in place of the plan's, by path."""
    ranges = dict(plan.ranges())
    latest = {fact.subject: fact for fact in state.live if fact.kind == "estimates"}
    return {path: newer(plan, fact) for path, fact in latest.items() if path in ranges}


def newer(plan: Plan, fact: StatusFact) -> Range:
    """Range of an estimate, within the bounds of its field; the law of the plan's own stays.

    Raises
    ------
    pydantic.ValidationError
        If the plan could not say so.
    """
    thing: Any = plan
    *steps, name = fact.subject.split(".")
    for step in steps:
        if isinstance(thing, BaseModel):
            thing = getattr(thing, step)
        else:
            thing = thing[int(step) if isinstance(thing, tuple) else step]
    old = getattr(thing, name)
    said = {end: fact.given[end] for end in ("low", "likely", "high")}
    said |= {"source": f"{fact.source}: {fact.given['reason']}", "grade": "D"}
    said |= {"unit": old.unit} if old.unit else {}
    said |= {"law": old.law} if old.law not in ("fixed", "choice") else {}
    return _adapter(type(thing), name).validate_python(said)


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter:
    """What a field of a model takes, with its bounds: made once, a fold of many weeks asks often."""
    kind = model.model_fields[name]
    return TypeAdapter(
        Annotated[kind.annotation, *kind.metadata] if kind.metadata else kind.annotation
    )


def day_after(plan: Plan, day: dt.date) -> float:
    """Instant at which a day is over. [d]"""
    return float((day - plan.start).days + 1)
