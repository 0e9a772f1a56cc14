"""Pairing: each kept forecast beside what has happened by a data date, finished or still open.

To look only at what has finished would favour whoever forecasts early: of two tasks, the one that
goes well is done first. So a task counts from when a forecast gave it any odds of being done, and
one that is still open is known to be later than the data date.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hdhplan.actuals import paid_by_line
from hdhplan.kept import Kept
from hdhplan.network import Network, expand
from hdhplan.plan import Plan
from hdhplan.progress import INSTANT, Progress, progress_of
from hdhplan.verification import crps, pit

#: What the sum of all lines is called.
COST = "cost_eur"
#: The instant of the target's milestone, or of the last task.
FINISH = "finish_day"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Truth:
    """What had happened by the end of a day. [d] and [EUR]

    Parameters
    ----------
    now
        The end of that day.
    finished
        End of the day on which each task was finished.
    watched
        Tasks that somebody would report: all but spans, and instants that nobody has reported.
    closed
        When the programme was closed, and with it all lines; None before.
    costs
        Sum paid and by line, once it is; empty before.
    """

    start: dt.date
    day: dt.date
    now: float
    finished: dict[str, float]
    watched: frozenset[str]
    closed: float | None
    costs: dict[str, float]


@dataclass(frozen=True)
class Pair:
    """The finish of one task as it was forecast on one day, and as it came. [d]

    ``actual`` is None while the task is open.
    """

    as_of: dt.date
    task: str
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]
    actual: float | None
    now: float

    @property
    def shown(self) -> tuple[float, ...]:
        """Ends of the days at which each level is shown. [d]"""
        return tuple(end_of(day) for day in self.quantiles)

    @property
    def score(self) -> float:
        """CRPS of what lies before the data date: neither side knows more of what comes after. [d]"""
        actual = self.now if self.actual is None else self.actual
        return crps(self.levels, np.minimum(self.shown, self.now), actual)

    @property
    def pit(self) -> float:
        """Odds that were given of the day on which it was finished; of being done by now if open. [1]"""
        at = self.now if self.actual is None else self.actual
        return pit(self.levels, self.quantiles, at, None if self.actual is None else at - 1)

    def held(self, p: float) -> bool | None:
        """Whether it was finished by the date of a level; None as long as that date is to come."""
        by = end_of(self.quantiles[self.levels.index(p)])
        if by > self.now:
            return None
        return self.actual is not None and self.actual <= by

    def odds_on(self, p: float) -> float:
        """Odds that were given of being done by the end of the day of a level: at least that. [1]"""
        by = end_of(self.quantiles[self.levels.index(p)])
        return max(pit(self.levels, self.quantiles, by), p)

    def error_of(self, day: float) -> float:
        """Error of a single date, of what of it lies before the data date. [d]"""
        actual = self.now if self.actual is None else self.actual
        return abs(min(end_of(day), self.now) - actual)


def end_of(day: float) -> float:
    """End of the day on which an instant is shown. [d]

    Examples
    --------
    >>> end_of(12.3), end_of(13.0)
    (13.0, 13.0)
    """
    return math.ceil(day - 1e-3) * 1.0 if math.isfinite(day) else day


def truth_of(plan: Plan, day: dt.date) -> Truth:
    """Say what had happened by a data date; what nobody reported has not."""
    plain = plan.progress.plain if plan.progress else plan
    network = expand(plain)
    progress = progress_of(plain, network, plain.status.as_of(day))
    finished = {task: finish for task, (_, finish) in progress.done.items()}
    reported = progress.state.of("tasks").keys()
    watched = {
        task for task, node in network.nodes.items()
        if not node.span
        and (task in reported or node.quantity is not None or node.kind not in INSTANT)
    }  # fmt: skip
    end = _finish(plain, network, finished)
    if end is not None:
        finished[FINISH] = end
    closed = finished.get("closed") if "closed" in network.nodes else end
    costs = {} if closed is None else _costs(plain, progress)
    return Truth(plain.start, day, progress.now, finished, frozenset(watched), closed, costs)


def _finish(plan: Plan, network: Network, finished: dict[str, float]) -> float | None:
    """Finish of the target's milestone, of all tasks where it names none; None before."""
    if plan.target and plan.target.milestone:
        return finished.get(plan.target.milestone)
    ends = [finished.get(task) for task, node in network.nodes.items() if not node.span]
    return None if None in ends else max(ends)


def _costs(plan: Plan, progress: Progress) -> dict[str, float]:
    lines = paid_by_line(plan, progress)
    return {COST: sum(lines.values())} | {f"line.{line}": eur for line, eur in lines.items()}


def pairs_of(kept: Iterable[Kept], truth: Truth, first: Kept) -> list[Pair]:
    """Pair the finish of each task with what came of it, forecast by forecast, in their order.

    Counted are tasks that were open at the forecast's date, and that have finished since or that it,
    or the first plan, gave some odds of having finished by now.
    """
    found = []
    for one in kept:
        if one.as_of is None or one.as_of >= truth.day:
            continue
        for task in sorted(truth.watched & one.quantiles.keys() & first.quantiles.keys()):
            pair, before = pair_of(one, task, truth), pair_of(first, task, truth)
            earliest = min(pair.shown[0], before.shown[0])
            if pair.actual is not None or earliest <= truth.now:
                found.append(pair)
    return found


def pair_of(one: Kept, task: str, truth: Truth) -> Pair:
    """One task of one forecast beside what came of it."""
    shift = (one.start - truth.start).days
    quantiles = tuple(day + shift for day in one.quantiles[task])
    actual = truth.finished.get(task)
    return Pair(one.as_of or one.start, task, one.levels, quantiles, actual, truth.now)


@dataclass(frozen=True)
class Event:
    """The odds that one forecast gave of an event that is decided by now. [1]"""

    as_of: dt.date
    name: str
    event: str
    odds: float
    happened: bool


def events_of(kept: Iterable[Kept], truth: Truth) -> list[Event]:
    """Pair the odds of each event with how it was decided, where that came after the forecast."""
    found = []
    for one in kept:
        day = one.as_of or one.start
        for name, odds in one.odds.items():
            decided = decide(odds.event, truth)
            if decided is not None and decided[1] > (day - truth.start).days + 1:
                found.append(Event(day, name, odds.event, odds.value, decided[0]))
    return found


def decide(event: str, truth: Truth) -> tuple[bool, float] | None:
    """Say whether an event happened, and when that was decided [d]; None while it is open.

    It happened when all of its conditions hold; it has not as soon as one is known not to.
    """
    known = [_condition(text, truth) for text in event.split(" & ")]
    decided = [found for found in known if found is not None]
    missed = [at for holds, at in decided if not holds]
    if missed:
        return False, min(missed)
    return (True, max(at for _, at in decided)) if len(decided) == len(known) else None


def _condition(text: str, truth: Truth) -> tuple[bool, float] | None:
    """Whether one condition holds, and since when that is known."""
    quantity, _, limit = text.rpartition(" <= ")
    if quantity in truth.costs:
        return truth.costs[quantity] <= float(limit), truth.closed
    if not _DATE.fullmatch(limit):
        return None
    last = float((dt.date.fromisoformat(limit) - truth.start).days + 1)
    actual = truth.finished.get(quantity)
    if actual is not None and actual <= last:
        return True, actual
    return (False, last) if truth.now >= last else None
