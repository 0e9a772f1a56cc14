"""Timeline: when each task starts and ends, in every draw at once.

Each task lives in the work coordinate of its own calendar; only links that cross calendars convert.
Tasks go in one fixed order, so that a resource is a sorted list of the days on which its units come
free (Kiefer and Wolfowitz), nobody overtakes, and every finish is monotone in every duration.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hdhplan.calendars import Calendar
from hdhplan.network import Network, Node
from hdhplan.scope import Link

#: Finishes a task whose length depends on when it starts: ``(dates, task, start day) -> finish day``.
Mover = Callable[["Dates", str, NDArray], NDArray]
#: Kinds of task that a route moves: their finish is worked out by `hdhplan.transfer`.
MOVED = ("copy", "delta")


@dataclass(frozen=True)
class Schedule:
    """A network ready to run: its order, the calendar of each task and who uses what.

    ``own`` is the calendar in whose work coordinate a task lives; a task that may not be split
    lives in elapsed days and is fitted into the windows of ``fits``.
    """

    nodes: dict[str, Node]
    order: tuple[str, ...]
    own: dict[str, Calendar]
    fits: dict[str, Calendar]
    france: Calendar
    capacity: dict[str, int]
    shared: dict[str, Calendar | None]
    """Calendar that all users of a resource share; None where they differ."""

    @property
    def levelled(self) -> dict[str, list[str]]:
        """Users of each resource in order."""
        users: dict[str, list[str]] = {name: [] for name in self.capacity}
        for task in self.order:
            for name in self.nodes[task].uses:
                users[name].append(task)
        return users


def make_schedule(
    network: Network,
    calendars: Mapping[str, Calendar],
    capacity: Mapping[str, int],
    order: Sequence[str],
) -> Schedule:
    """Put a network, its calendars and an order together."""
    elapsed, own, fits = calendars["continuous"], {}, {}
    for task, node in network.nodes.items():
        whole = node.unsplit or node.kind in MOVED
        own[task] = elapsed if whole else calendars[node.calendar]
        if node.unsplit:
            fits[task] = calendars[node.calendar]
    limit = dict(capacity)
    users: dict[str, set] = {name: set() for name in limit}
    for task, node in network.nodes.items():
        for name in node.uses:
            users[name].add(own[task].name)
    shared = {
        name: calendars[next(iter(found))] if len(found) == 1 else None
        for name, found in users.items()
    }
    return Schedule(
        network.nodes, tuple(order), own, fits, calendars["france"], limit, shared
    )  # fmt: skip


@dataclass
class Dates:
    """Starts and finishes of a block of draws, each in its task's own work coordinate."""

    schedule: Schedule
    start: dict[str, NDArray] = field(default_factory=dict)
    finish: dict[str, NDArray] = field(default_factory=dict)
    ready: dict[str, NDArray] = field(default_factory=dict)
    """Start before it was fitted whole into a window."""
    seized: dict[tuple[str, str], NDArray] = field(default_factory=dict)
    """Day on which the units that a task seizes came free, in the resource's coordinate."""
    _start_day: dict[str, NDArray] = field(default_factory=dict)
    _finish_day: dict[str, NDArray] = field(default_factory=dict)

    def start_day(self, task: str) -> NDArray:
        """Day on which a task starts, as it is shown: on its first working day. [d]"""
        if task not in self._start_day:
            self._start_day[task] = self.schedule.own[task].opening(self.start[task])
        return self._start_day[task]

    def finish_day(self, task: str) -> NDArray:
        """Day on which a task is finished. [d]"""
        if task not in self._finish_day:
            self._finish_day[task] = self.schedule.own[task].day(self.finish[task])
        return self._finish_day[task]

    def end_at(self, task: str, day: NDArray) -> None:
        """Set the day on which a task is finished, outside its own calendar. [d]"""
        self._finish_day[task] = day
        self.finish[task] = self.schedule.own[task].worked(day)


class Crew(Protocol):
    """How tasks come by the units they need."""

    def seize(self, dates: Dates, task: str, start: NDArray, on: NDArray | None) -> NDArray:
        """Return when a task that is ready at ``start`` has its units, in its own coordinate."""

    def release(self, dates: Dates, task: str, on: NDArray | None) -> None:
        """Give the units of a dated task back."""


def run(
    schedule: Schedule,
    zero: NDArray,
    works: Mapping[str, NDArray],
    delays: Mapping[str, list[tuple[NDArray, str]]],
    move: Mover,
    switched: Mapping[str, NDArray] | None = None,
    crew: Crew | None = None,
) -> Dates:
    """Date every task in every draw.

    Parameters
    ----------
    zero
        Day 0 in every draw: it sets size and precision.
    works
        Work of each task, an array of draws, in the unit of its calendar; ``move`` may add to it.
    delays
        Delays after the finish, each with its unit, ``d`` or ``wd``.
    move
        Finishes copies and their catch-ups.
    switched
        For a task with ``only_if``: the draws in which it is on.
    crew
        Whom tasks wait for; None dates them on logic alone.
    """
    dates = Dates(schedule)
    for task in schedule.order:
        node = schedule.nodes[task]
        if node.span:
            continue
        on = (switched or {}).get(task)
        start = _earliest(dates, node, works, zero)
        if crew and node.uses:
            start = crew.seize(dates, task, start, on)
        _finish(dates, task, start, works, move)
        if task in works and not schedule.own[task].continuous:
            _pass_through(dates, node, works[task] == 0)
        for delay, unit in delays.get(task, ()):
            _postpone(dates, task, delay, unit)
        if crew and node.uses:
            crew.release(dates, task, on)
    for task in schedule.order:
        if span := schedule.nodes[task].span:
            dates.start[task] = dates.start_day(span[0])
            dates.finish[task] = np.maximum(dates.start[task], dates.finish_day(span[1]))
    return dates


def _earliest(dates: Dates, node: Node, works, zero: NDArray) -> NDArray:
    """Earliest start that the links and a fixed date allow, in the task's own coordinate."""
    own = dates.schedule.own[node.id]
    bounds = [bound(dates, node, link, works) for link in node.links]
    if node.fixed_day > 0:
        bounds.append(own.worked(np.full_like(zero, node.fixed_day)))
    if not any(link.kind == "FS" and link.lag >= 0 for link in node.links):
        bounds.append(zero)  # what follows a finish begins after day 0 as it is
    start = bounds[0]
    for other in bounds[1:]:
        start = np.maximum(start, other)
    return start


def bound(dates: Dates, node: Node, link: Link, works) -> NDArray:
    """Earliest start that one link allows, in the successor's own coordinate."""
    at = _event(dates, node, link)
    if link.kind in ("FF", "SF") and node.kind not in MOVED:
        return at - works[node.id]
    return at


def _event(dates: Dates, node: Node, link: Link) -> NDArray:
    """Instant that a link waits for, lag included, in the successor's own coordinate."""
    schedule, begins = dates.schedule, link.kind[0] == "S"
    own, theirs = schedule.own[node.id], schedule.own[link.task]
    if own is theirs and (not link.lag or link.unit == ("d" if own.continuous else "wd")):
        event = dates.start[link.task] if begins else dates.finish[link.task]
        return event + event.dtype.type(link.lag) if link.lag else event
    day = dates.start_day(link.task) if begins else dates.finish_day(link.task)
    lag = day.dtype.type(link.lag)
    if link.unit == "d":
        return own.worked(day + lag if link.lag else day)
    if own.continuous:
        return schedule.france.finish(day, lag)
    return own.worked(day) + lag


def _finish(dates: Dates, task: str, start: NDArray, works, move: Mover) -> None:
    schedule, node = dates.schedule, dates.schedule.nodes[task]
    if node.kind in MOVED:
        dates.start[task] = start
        dates.finish[task] = move(dates, task, start)
    elif node.unsplit:
        dates.ready[task] = start
        dates.start[task] = schedule.fits[task].fit(start, works[task])
        dates.finish[task] = dates.start[task] + works[task]
    else:
        dates.start[task] = start
        dates.finish[task] = start + works[task]


def _pass_through(dates: Dates, node: Node, idle: NDArray) -> None:
    """Let a task of no work end when what it waits for does, on a day off too."""
    if not idle.any():
        return
    own, task = dates.schedule.own[node.id], node.id
    day = np.maximum(dates.finish_day(task), node.fixed_day)
    for link in node.links:
        event = dates.start_day(link.task) if link.kind[0] == "S" else dates.finish_day(link.task)
        lag = event.dtype.type(link.lag)
        day = np.maximum(day, event + lag if link.unit == "d" else own.finish(event, lag))
    dates._finish_day[task] = np.where(idle, day, dates.finish_day(task))
    dates._start_day[task] = np.where(idle, day, dates.start_day(task))


def _postpone(dates: Dates, task: str, delay: NDArray, unit: str) -> None:
    """Add a delay after the finish; a negative one never ends a task before it starts."""
    own = dates.schedule.own[task]
    if own.continuous and unit == "d":
        finish = dates.finish[task] + delay
        dates.finish[task] = np.maximum(finish, dates.start[task])
        return
    day = dates.finish_day(task)
    clock = dates.schedule.france if own.continuous else own
    late = day + delay if unit == "d" else clock.finish(day, delay)
    late = np.maximum(late, np.minimum(day, dates.start_day(task)))
    dates.end_at(task, np.where(delay == 0, day, late))


class InOrder:
    """Units by the day they come free, sorted: a fixed order in which nobody overtakes.

    Kiefer and Wolfowitz's recursion. It is made of maximum, minimum and sum, so that every finish
    is monotone in every duration.
    """

    def __init__(self, schedule: Schedule, zero: NDArray):
        self._free = {name: [zero] * units for name, units in schedule.capacity.items()}

    def seize(self, dates: Dates, task: str, start: NDArray, on: NDArray | None) -> NDArray:
        """Wait until as many units are free as the task needs."""
        own = dates.schedule.own[task]
        for name, units in dates.schedule.nodes[task].uses.items():
            freed = self._free[name][units - 1]
            freed = freed if on is None else np.where(on, freed, freed.dtype.type(0))
            dates.seized[task, name] = freed
            shared = dates.schedule.shared[name] is not None
            start = np.maximum(start, freed if shared else own.worked(freed))
        return start

    def release(self, dates: Dates, task: str, on: NDArray | None) -> None:
        """Put the units back in their place among the others."""
        for name, units in dates.schedule.nodes[task].uses.items():
            free = self._free[name]
            freed = _with_units(free[units:], units, freed_at(dates, task, name))
            if on is not None:
                freed = [np.where(on, new, old) for new, old in zip(freed, free, strict=True)]
            self._free[name] = freed


def _with_units(tail: list[NDArray], units: int, at: NDArray) -> list[NDArray]:
    """Merge units that come free at one instant into the sorted others."""
    merged = []
    for i in range(len(tail) + units):
        low = np.minimum(tail[i], at) if i < len(tail) else at
        merged.append(np.maximum(tail[i - units], low) if i >= units else low)
    return merged


def freed_at(dates: Dates, task: str, name: str) -> NDArray:
    """Instant at which a task gives its units back, in the resource's coordinate."""
    shared = dates.schedule.shared[name]
    return dates.finish[task] if shared is not None else dates.finish_day(task)


def critical(dates: Dates, works, ends: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """Draws in which each task is critical: a delay of it is one of the end. [bool]

    A predecessor is critical when it sets the start of a critical task, by exact equality in the
    successor's own coordinate; so is the user of a resource whose finish is that start.

    Parameters
    ----------
    ends
        Tasks that end the plan, with the draws in which they do.
    """
    schedule = dates.schedule
    found: dict[str, NDArray] = {}
    before: dict[str, list[str]] = {name: [] for name in schedule.capacity}
    earlier: dict[tuple[str, str], tuple[str, ...]] = {}
    for task in schedule.order:
        for name in schedule.nodes[task].uses:
            earlier[task, name] = tuple(before[name])
            before[name].append(task)
    for task in reversed(schedule.order):
        here = found.get(task)
        here = ends.get(task) if here is None else here | ends.get(task, False)
        if here is None or not here.any() or schedule.nodes[task].span:
            continue
        found[task] = here
        _walk_links(dates, task, here, works, found)
        for name in schedule.nodes[task].uses:
            _walk_users(dates, task, name, earlier[task, name], here, found)
    return found


def _mark(found: dict, task: str, draws: NDArray) -> None:
    found[task] = found[task] | draws if task in found else draws


def _walk_links(dates: Dates, task: str, here: NDArray, works, found: dict) -> None:
    node = dates.schedule.nodes[task]
    start = dates.ready.get(task, dates.start[task])
    for link in node.links:
        _mark(found, link.task, here & (bound(dates, node, link, works) == start))


def _walk_users(dates: Dates, task: str, name: str, users, here: NDArray, found: dict) -> None:
    freed = dates.seized.get((task, name))
    if freed is None:
        return
    own, shared = dates.schedule.own[task], dates.schedule.shared[name]
    start = dates.ready.get(task, dates.start[task])
    waits = here & ((freed if shared is not None else own.worked(freed)) == start) & (freed > 0)
    if not waits.any():
        return
    for user in users:
        _mark(found, user, waits & (freed_at(dates, user, name) == freed))


def topological(
    nodes: Mapping[str, Node],
    rank: Mapping[str, float],
    first: Mapping[str, set[str]] | None = None,
) -> tuple[str, ...]:
    """Order of the tasks in which predecessors come first and, among those, the lower rank.

    Equal ranks go in the order of the file, so that names change nothing. ``first`` names further
    tasks that each task comes after.
    """
    key = {task: (rank.get(task, 0.0), place, task) for place, task in enumerate(nodes)}
    waiting = {k: {link.task for link in node.links} for k, node in nodes.items()}
    for node in nodes.values():
        waiting[node.id] |= set(node.span or ()) | (first or {}).get(node.id, set())
    after: dict[str, list[str]] = {k: [] for k in nodes}
    for task, before in waiting.items():
        for other in before:
            after[other].append(task)
    count = {k: len(before) for k, before in waiting.items()}
    heap = [key[k] for k, n in count.items() if n == 0]
    heapq.heapify(heap)
    order = []
    while heap:
        task = heapq.heappop(heap)[-1]
        order.append(task)
        for other in after[task]:
            count[other] -= 1
            if count[other] == 0:
                heapq.heappush(heap, key[other])
    return tuple(order)
