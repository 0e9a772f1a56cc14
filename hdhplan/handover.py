"""The likely plan as plain tasks, for a tool that knows one set of dates and no draws.

Copies, cutovers that may not be split and tasks on hourly windows become elapsed lengths; what
waits for people, for a window or for a freeze is held by a date. Everything else keeps its work, its
calendar and its links, so that the dates come out again where the plan is worked out anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hdhplan.calendars import Calendar
from hdhplan.errors import Fault, InputError
from hdhplan.inputs import draw, likely_sample
from hdhplan.model import Model
from hdhplan.mspdi import DAY, OFFICE_DAY, day_at, open_hours
from hdhplan.mspdi import clock as shown_at
from hdhplan.network import Network, Node
from hdhplan.outcome import run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.scope import Link
from hdhplan.spread import Spread, spread_of
from hdhplan.timeline import MOVED, Dates, make_schedule, run
from hdhplan.units import NEVER_DAY

#: [d] a start is held by a date where its links alone would let it be earlier by more than this.
_HELD = 20 / DAY
_HOLD = "hold"


@dataclass(frozen=True)
class Row:
    """One task of the likely plan.

    ``work`` counts days of its calendar, elapsed ones where ``calendar`` is empty. ``held`` is the day
    before which it does not start, though its links would let it; None where they say it all.
    ``own_length`` says whether the work is that of its range, times ``scale``. [d]
    """

    node: Node
    calendar: str
    work: float
    links: tuple[Link, ...]
    start: float
    finish: float
    own_length: bool
    held: float | None = None
    finishes: Spread | None = None

    @property
    def id(self) -> str:
        """Its id in the plan."""
        return self.node.id

    @property
    def seconds(self) -> int:
        """Its length in MS Project's hours. [s]"""
        return round(self.work * (OFFICE_DAY if self.calendar else DAY))

    @property
    def scale(self) -> float:
        """Likely work for one unit of its range: scale and factors of drivers. [1]"""
        quantity = self.node.quantity
        return self.work / quantity.likely if quantity and quantity.likely else 0.0


@dataclass(frozen=True)
class Handover:
    """The tasks of a likely plan, the calendars they run on, and by how much they drift. [d]

    ``drift`` is the greatest difference between a date of the likely plan and the same date worked
    out anew from the rows.
    """

    model: Model
    rows: tuple[Row, ...]
    drift: float

    @property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.model.plan

    @property
    def own_calendar(self) -> str:
        """Calendar of the whole project: the plan's, or ``france`` where that is continuous."""
        name = self.plan.calendar
        return name if expressible(self.model.calendars[name]) else "france"

    @property
    def calendars(self) -> dict[str, Calendar]:
        """Calendars of the rows, the project's own first."""
        used = dict.fromkeys([self.own_calendar, *(row.calendar for row in self.rows), "france"])
        return {name: self.model.calendars[name] for name in used if name}


def expressible(calendar: Calendar) -> bool:
    """Whether a calendar is days of some office hours: no hourly windows, not day and night."""
    if calendar.continuous or calendar.step != 1.0:
        return False
    return open_hours(float(calendar.rates.max())) is not None


def hand_over(plan: Plan, draws: int, seed: int = 1) -> Handover:
    """Turn the likely plan into rows, with the spread of each finish over some draws.

    Raises
    ------
    InputError
        Names every task that never ends in the likely plan.
    """
    model = prepare(plan)
    sample = likely_sample(model.inputs)
    dates = run_block(model, sample, "bare").dates
    never = [t for t in model.schedule.order if not dates.finish_day(t)[0] < NEVER_DAY / 2]
    if never:
        limit, fix = "a finish in the likely plan", "mend what it waits for, or leave it out"
        where = f"plan {plan.name}", None
        raise InputError(Fault(*where, f"tasks.{t}", "never ends", limit, fix) for t in never)
    late = {t for t in model.schedule.order if any(delay[0] for delay, _ in sample.delays(t))}
    rows = [_row(model, dates, task, task in late) for task in model.schedule.order]
    held, drift = _hold(model, rows)
    finishes = _spreads(model, draws, seed) if draws else {}
    return Handover(
        model,
        tuple(replace(r, held=held.get(r.id), finishes=finishes.get(r.id)) for r in rows),
        drift,
    )


def _row(model: Model, dates: Dates, task: str, late: bool) -> Row:
    node, calendar = model.schedule.nodes[task], model.schedule.own[task]
    start, finish = float(dates.start_day(task)[0]), float(dates.finish_day(task)[0])
    links = (Link(node.span[0], "SS"),) if node.span else node.links
    moved = node.kind in MOVED or node.unsplit or late or node.span is not None
    if moved or not expressible(calendar):
        # A plain task on day and night keeps its own length; any other is as long as it takes.
        own = calendar.continuous and not moved
        work = float(dates.finish[task][0] - dates.start[task][0]) if own else finish - start
        kept = tuple(_loosened(model, dates, link, start, finish) for link in links)
        return Row(node, "", max(work, 0.0), kept, start, finish, own)
    work = float(dates.finish[task][0] - dates.start[task][0])
    return Row(node, calendar.name, work, links, start, finish, True)


def _loosened(model: Model, dates: Dates, link: Link, start: float, finish: float) -> Link:
    """A link of a length that has become elapsed, its lag no longer than the likely plan has it.

    On a calendar of its own a task may end before what it must not end before, on a day off.
    """
    before = dates.start_day if link.kind[0] == "S" else dates.finish_day
    event, lag = before(link.task), np.array([link.lag])
    at = event + lag if link.unit == "d" else model.schedule.france.finish(event, lag)
    mine = start if link.kind[1] == "S" else finish
    if at[0] <= mine + _HELD:
        return link
    return Link(link.task, link.kind, mine - float(event[0]), "d")


class _Holding:
    """A crew that holds each task until it starts in the likely plan, and notes whom it held."""

    def __init__(self, model: Model, rows: Mapping[str, Row]):
        self.start, self.rows, self.held = model.plan.start, rows, {}

    def seize(self, dates: Dates, task: str, start: NDArray, on: NDArray | None) -> NDArray:
        """Return the start of the likely plan where links alone would let it be earlier."""
        own, row = dates.schedule.own[task], self.rows[task]
        if own.worked(np.array([row.start])) - start <= _HELD:
            return start
        day = day_at(self.start, shown_at(self.start, row.start))
        self.held[task] = day
        return np.maximum(start, own.worked(np.array([day])))

    def release(self, dates: Dates, task: str, on: NDArray | None) -> None:
        """Keep nothing: nobody waits for a hold."""


def _hold(model: Model, rows: list[Row]) -> tuple[dict[str, float], float]:
    """Days before which tasks are held, and by how much the rows drift from the likely plan. [d]"""
    nodes = {
        row.id: Node(
            row.id, "work", row.calendar or "continuous", links=row.links, uses={_HOLD: 1},
            fixed_day=row.node.fixed_day,
        )
        for row in rows
    }  # fmt: skip
    order = tuple(row.id for row in rows)
    schedule = make_schedule(Network(nodes, {}), model.calendars, {_HOLD: 1}, order)
    whole = {row.id: row.seconds / (OFFICE_DAY if row.calendar else DAY) for row in rows}
    works = {task: np.array([work]) for task, work in whole.items()}
    crew = _Holding(model, {row.id: row for row in rows})
    dates = run(schedule, np.zeros(1), works, {}, lambda *_: np.zeros(1), crew=crew)
    drift = max(abs(float(dates.finish_day(row.id)[0]) - row.finish) for row in rows)
    return crew.held, drift


def _spreads(model: Model, draws: int, seed: int) -> dict[str, Spread]:
    """Spread of the finish of every task over some draws. [d]"""
    found: dict[str, list[NDArray]] = {task: [] for task in model.schedule.order}
    for sample in draw(model.inputs, seed, 0, draws):
        dates = run_block(model, sample, "bare").dates
        for task, parts in found.items():
            day = dates.finish_day(task) + sample.full(0)
            parts.append(np.where(day < NEVER_DAY / 2, day, np.inf))
    return {task: spread_of(np.concatenate(parts)) for task, parts in found.items()}
