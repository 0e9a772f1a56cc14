"""The likely plan by itself: priority order by backfilling, late dates and floats.

One draw, so plain scalars: a serial schedule generation scheme for the order, a backward pass for
late dates. Floats are on logic alone and count days of a task's own calendar.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hdhplan.scope import Link
from hdhplan.timeline import Dates, Schedule
from hdhplan.units import NEVER_DAY


def ranks(schedule: Schedule, logic: Dates, waves: Mapping[str, int]) -> dict[str, float]:
    """Rank tasks by wave first, then by the longest tail: what has most behind it goes first.

    Parameters
    ----------
    logic
        Dates of the likely plan on logic alone.
    waves
        Position of each wave; tasks of none come first.
    """
    nodes = schedule.nodes
    tail = {k: float(logic.finish_day(k)[0] - logic.start_day(k)[0]) for k in nodes}
    days = dict(tail)
    for task in reversed(schedule.order):
        for link in nodes[task].links:
            tail[link.task] = max(tail[link.task], days[link.task] + tail[task])
    return {k: waves.get(node.wave, 0) * 1e7 - tail[k] for k, node in nodes.items()}


class Backfilled:
    """Serial schedule generation of one draw: free units are used wherever a task fits whole."""

    def __init__(self, schedule: Schedule, works: Mapping[str, np.ndarray]):
        self._profiles = {name: _Profile(units) for name, units in schedule.capacity.items()}
        self._works = works

    def seize(
        self, dates: Dates, task: str, start: np.ndarray, on: np.ndarray | None
    ) -> np.ndarray:
        """Find the first gap, not before ``start``, in all resources that the task needs."""
        own, uses = dates.schedule.own[task], dates.schedule.nodes[task].uses
        if (on is not None and not on[0]) or start[0] >= NEVER_DAY / 2:
            return start

        def finish(day: float) -> float:
            return float(own.finish(np.array([day]), self._works[task])[0])

        day, ready = float(own.opening(start)[0]), -1.0
        while day != ready:
            ready = day
            for name, need in uses.items():
                day = self._profiles[name].earliest(day, need, finish)
        return np.maximum(start, own.worked(np.array([day])))

    def release(self, dates: Dates, task: str, on: np.ndarray | None) -> None:
        """Note from when to when the units are in use."""
        if on is not None and not on[0]:
            return
        start, finish = float(dates.start_day(task)[0]), float(dates.finish_day(task)[0])
        for name, need in dates.schedule.nodes[task].uses.items():
            self._profiles[name].seize(start, finish, need)


class _Profile:
    """Units of one resource in use over time, as steps."""

    def __init__(self, units: int):
        self.units = units
        self.days = [-1.0]
        self.used = [0]

    def earliest(self, day: float, need: int, finish) -> float:
        """First day from which the need is met until a task that starts then is finished."""
        at = bisect_right(self.days, day) - 1
        while (clash := self._clash(at, need, finish(day))) is not None:
            at = clash
            while self.used[at] + need > self.units:
                at += 1
            day = max(day, self.days[at])
        return day

    def _clash(self, at: int, need: int, end: float) -> int | None:
        while at < len(self.days) and self.days[at] < end:
            if self.used[at] + need > self.units:
                return at
            at += 1
        return None

    def seize(self, start: float, end: float, need: int) -> None:
        """Put units to use between two days."""
        for day in (start, end):
            at = bisect_right(self.days, day)
            if self.days[at - 1] != day:
                self.days.insert(at, day)
                self.used.insert(at, self.used[at - 1])
        for at in range(bisect_right(self.days, start) - 1, bisect_right(self.days, end) - 1):
            self.used[at] += need


def resource_links(schedule: Schedule, dates: Dates) -> dict[str, list[Link]]:
    """Links from the tasks whose units each task takes over, in the likely plan."""
    owners = {name: [(0.0, "")] * units for name, units in schedule.capacity.items()}
    links: dict[str, list[Link]] = {}
    for task in schedule.order:
        for name, units in schedule.nodes[task].uses.items():
            taken, kept = owners[name][:units], owners[name][units:]
            links.setdefault(task, []).extend(Link(k) for _, k in taken if k)
            released = (float(dates.finish_day(task)[0]), task)
            owners[name] = sorted([*kept, *[released] * units])
    return links


@dataclass(frozen=True)
class Slack:
    """Late dates and floats of one task. [d]

    ``late_*`` are levelled; floats are on logic alone, in days of the task's own calendar.
    """

    late_start: float
    late_finish: float
    total_float: float
    free_float: float


class Backward:
    """The backward pass of one draw, over the logic of a network and further links."""

    def __init__(self, schedule: Schedule, dates: Dates, end: float):
        self.schedule, self.dates, self.end = schedule, dates, end

    def late(self, extra: Mapping[str, list[Link]]) -> tuple[dict, dict]:
        """Late start and late finish of each task, in its own coordinate."""
        nodes = self.schedule.nodes
        finish = {k: self._own(k, self.end) for k in nodes}
        start: dict[str, float] = {}
        for task in reversed(self.schedule.order):
            if nodes[task].span:
                continue
            start[task] = self._latest_start(task, finish[task])
            for link in (*nodes[task].links, *extra.get(task, ())):
                limit = self._limit(task, link, start[task], finish[task])
                length = self._length(link.task) if link.kind[0] == "S" else 0.0
                finish[link.task] = min(finish[link.task], limit + length)
        return start, finish

    def free_float(self, task: str, after: list[tuple[str, Link]]) -> float:
        """How far a task may slip before it moves the early start of another."""
        room = [self._own(task, self.end) - self._value(self.dates.finish[task])]
        for other, link in after:
            start = self._value(self.dates.ready.get(other, self.dates.start[other]))
            finish = self._value(self.dates.finish[other])
            event = self.dates.start[task] if link.kind[0] == "S" else self.dates.finish[task]
            room.append(self._limit(other, link, start, finish) - self._value(event))
        return max(min(room), 0.0)

    @staticmethod
    def _value(array) -> float:
        return float(array[0])

    def _own(self, task: str, day: float) -> float:
        return float(self.schedule.own[task].worked(np.array([day]))[0])

    def _length(self, task: str) -> float:
        return self._value(self.dates.finish[task]) - self._value(self.dates.start[task])

    def _latest_start(self, task: str, finish: float) -> float:
        start = finish - self._length(task)
        if task not in self.schedule.fits or self.schedule.fits[task].continuous:
            return start
        opens, closes = self.schedule.fits[task].windows
        length, at = self._length(task), bisect_right(opens.tolist(), start) - 1
        while at >= 0 and closes[at] - length < opens[at]:
            at -= 1
        return min(start, float(closes[at]) - length) if at >= 0 else start

    def _limit(self, task: str, link: Link, start: float, finish: float) -> float:
        """Latest instant of a predecessor's event that a link allows, in the predecessor's coordinate."""
        schedule = self.schedule
        own, theirs = schedule.own[task], schedule.own[link.task]
        event = start if link.kind[1] == "S" else finish
        if own is theirs and (not link.lag or link.unit == ("d" if own.continuous else "wd")):
            return event - link.lag
        at = np.array([event])
        if link.unit == "wd" and not own.continuous:
            day = own.opening(at - link.lag)
        elif link.unit == "wd" and link.lag:
            day = schedule.france.opening(schedule.france.worked(at) - link.lag)
        else:
            day = own.opening(at) - link.lag
        return float(theirs.worked(day)[0])


def surface(day: float) -> float:
    """Show the sentinel of "never" as infinite. [d]"""
    return day if day < NEVER_DAY / 2 else np.inf


def _late_day(own, late: float, early_day: float) -> float:
    """Day of a late finish; a delay in elapsed days may end where the task's calendar rests. [d]"""
    day = float(own.day(np.array([late]))[0])
    same = float(own.worked(np.array([early_day]))[0]) >= late - 1e-9
    return max(day, early_day) if same else day


def slacks(schedule: Schedule, logic: Dates, levelled: Dates) -> dict[str, Slack]:
    """Late dates and floats of every task of the likely plan but hammocks."""
    tasks = [k for k in schedule.order if not schedule.nodes[k].span]
    after: dict[str, list[tuple[str, Link]]] = {k: [] for k in tasks}
    for task in tasks:
        for link in schedule.nodes[task].links:
            after[link.task].append((task, link))
    plain = Backward(schedule, logic, max(float(logic.finish_day(k)[0]) for k in tasks))
    end = max(float(levelled.finish_day(k)[0]) for k in tasks)
    full = Backward(schedule, levelled, end)
    plain_start, plain_finish = plain.late({})
    late_start, late_finish = full.late(resource_links(schedule, levelled))
    found = {}
    for task in tasks:
        own = schedule.own[task]
        room = min(
            plain_start[task] - float(logic.start[task][0]),
            plain_finish[task] - float(logic.finish[task][0]),
        )
        found[task] = Slack(
            surface(float(own.opening(np.array([late_start[task]]))[0])),
            surface(_late_day(own, late_finish[task], float(levelled.finish_day(task)[0]))),
            max(room, 0.0) if room > -1e-6 else room,
            plain.free_float(task, after[task]),
        )
    return found
