"""Scoring: how good the kept forecasts have been, beside the first plan and the earned schedule.

Successive weeks forecast the same task, so they are not independent: each task weighs once, however
many forecasts there are of it, and the band of a coverage is that of as many tasks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from hdhplan.errors import Fault, InputError
from hdhplan.forecast import PROBABILITIES, Forecast
from hdhplan.kept import Kept, archive
from hdhplan.kept_files import read_kept
from hdhplan.pairing import (
    FINISH,
    Event,
    Pair,
    Truth,
    end_of,
    events_of,
    pair_of,
    pairs_of,
    truth_of,
)
from hdhplan.plan import Plan
from hdhplan.result import safe
from hdhplan.simulation import simulate
from hdhplan.status import monday, week_of
from hdhplan.verification import binomial_band, crps, histogram, skill

#: Tasks, or events, below which nothing is judged.
ENOUGH = 15
#: Bins of the PITs, and those of them that hold what ends early.
BINS, LOWER = 5, 2
#: Draws of a first plan that nobody kept.
DRAWS = 10_000


@dataclass(frozen=True)
class Coverage:
    """How often tasks were done by the date of a level, of those for which that date is past. [1]

    ``given`` is what the forecasts gave it: the level, and a little more, as a date is a whole day
    and a forecast that is all but certain has all its levels on one. ``low`` and ``high`` hold 19
    times in 20 what luck then gives so many tasks. None without any.
    """

    p: float
    given: float | None
    share: float | None
    low: float | None
    high: float | None
    tasks: int
    pairs: int

    @property
    def enough(self) -> bool:
        """Whether there are enough tasks to judge it."""
        return self.tasks >= ENOUGH

    @property
    def holds(self) -> bool | None:
        """Whether luck explains what is missing; None where there are too few to judge."""
        return self.low <= self.share <= self.high if self.enough else None


@dataclass(frozen=True)
class Skill:
    """A mean score beside that of a reference on the same pairs; 1 is perfect, 0 as good. [d] or [1]"""

    score: float | None
    reference: float | None
    tasks: int

    @property
    def value(self) -> float | None:
        """1 − score / reference."""
        return skill(self.score, self.reference) if self.tasks else None


@dataclass(frozen=True)
class CostScore:
    """An amount that is known at last, and the mean CRPS of its forecasts and of the first plan. [EUR]"""

    quantity: str
    actual: float
    crps: float
    first: float
    forecasts: int


@dataclass(frozen=True)
class Finish:
    """The target's finish as it was forecast on one day, and by the pace of the earned schedule. [d]"""

    as_of: dt.date
    quantiles: dict[float, float]
    ieac_t: float | None


@dataclass(frozen=True)
class Scores:
    """How good some kept forecasts have been by a data date.

    Parameters
    ----------
    forecasts, tasks, done, pairs
        Number of forecasts; of tasks that count and of those of them that are done; of pairs.
    crps_days
        Mean CRPS over the tasks that are done, of what lies before the data date. [d]
    versus_first, versus_ieac
        That of all tasks beside the first plan, and beside planned dates at the pace of the earned
        schedule.
    pit, pit_open
        Tasks by bin of their PIT, and those still open, spread over the bins that are left to them.
    brier
        Mean Brier score of the events that are decided, beside the first plan's odds of them.
    events
        Those events, forecast by forecast.
    costs
        Amounts that are known; none before the programme is closed.
    finishes, finished
        The target's finish forecast by forecast, and as it came; None while it is to come. [d]
    target_day, vat
        End of the day that is asked of it, and the VAT basis of all amounts; None without a target.
    """

    day: dt.date
    start: dt.date
    forecasts: int
    tasks: int
    done: int
    pairs: int
    coverage: tuple[Coverage, ...]
    crps_days: float | None
    versus_first: Skill
    versus_ieac: Skill
    pit: tuple[float, ...]
    pit_open: tuple[float, ...]
    brier: Skill
    events: tuple[Event, ...]
    costs: tuple[CostScore, ...]
    finishes: tuple[Finish, ...]
    finished: float | None
    target_day: float | None
    vat: str | None
    each: tuple[Pair, ...] = field(repr=False)

    @property
    def enough(self) -> bool:
        """Whether there are enough finished tasks to judge anything."""
        return self.done >= ENOUGH

    @property
    def lean(self) -> int | None:
        """Where tasks end: 1 earlier than forecast, −1 later, 0 neither, luck apart; None if too few."""
        if not self.enough:
            return None
        early = sum(self.pit[:LOWER]) + sum(self.pit_open[:LOWER])
        low, high = binomial_band(self.tasks, LOWER / BINS)
        return int(early > high) - int(early < low)

    def as_data(self) -> dict[str, Any]:
        """All numbers as plain values, instants as days since the start."""
        found = asdict(self) | {"enough": self.enough, "lean": self.lean}
        del found["each"]
        found["coverage"] = {
            f"p{round(100 * c.p)}": asdict(c) | {"enough": c.enough, "holds": c.holds}
            for c in self.coverage
        }
        for name in ("versus_first", "versus_ieac", "brier"):
            found[name]["skill"] = getattr(self, name).value
        for finish in found["finishes"]:
            levels = finish.pop("quantiles")
            finish |= {f"p{round(100 * p)}": day for p, day in levels.items()}
        return safe(found)


def score(
    plan: Plan,
    kept: Iterable[Kept],
    day: dt.date | None = None,
    first: Kept | None = None,
    draws: int = DRAWS,
    seed: int = 1,
) -> Scores:
    """Score kept forecasts against what had happened by a data date.

    Parameters
    ----------
    plan
        The first plan, with its status.
    kept
        Forecasts of weeks, in any order; those of the data date and after it are left out.
    day
        Data date; that of the last fact by default.
    first
        The plan as it was first forecast; by default the plan by itself is forecast again.
    draws, seed
        Of that forecast.

    Raises
    ------
    InputError
        If nothing is known of what happened.
    """
    day = day or _last_fact(plan)
    plain = plan.progress.plain if plan.progress else plan
    forecast = simulate(plain, draws, seed)
    first = first or archive(forecast)
    truth = truth_of(plan, day)
    weeks = sorted((k for k in kept if k.as_of and k.as_of < day), key=lambda k: k.as_of)
    pairs = pairs_of(weeks, truth, first)
    known, left = _pits(pairs)
    target = plain.target
    return Scores(
        day, plain.start, len(weeks), len({p.task for p in pairs}),
        len({p.task for p in pairs if p.actual is not None}), len(pairs),
        tuple(_coverage(pairs, p) for p in PROBABILITIES),
        _by_task([p for p in pairs if p.actual is not None], lambda pair: pair.score),
        _against(pairs, lambda pair: pair_of(first, pair.task, truth).score),
        _against(pairs, _ieac(weeks, forecast)),
        known, left, *_events(weeks, truth, first), _costs(weeks, truth, first),
        tuple(_finish(k, truth, forecast) for k in weeks), truth.finished.get(FINISH),
        (target.finish - plain.start).days + 1.0 if target and target.finish else None,
        target.vat if target else None, tuple(pairs),
    )  # fmt: skip


def _last_fact(plan: Plan) -> dt.date:
    """Date of the last fact of a plan's status."""
    facts = plan.status.facts if plan.status else ()
    if not facts:
        where = plan.status.folder if plan.status else "status"
        raise InputError(Fault(where, None, "", "no fact yet", "what happened, to score against"))
    return max(fact.date for fact in facts)


def kept_or_again(plan: Plan, kept: str, draws: int, seed: int = 1) -> tuple[Kept, ...]:
    """Read what was kept in a folder of reports; without one, forecast each week of a status again."""
    return read_kept(Path(kept)) if kept else keep_weeks(plan, draws, seed)


def keep_weeks(plan: Plan, draws: int, seed: int = 1) -> tuple[Kept, ...]:
    """Forecast every week of a status anew, as of its last fact, as if each had been kept then."""
    found = []
    for week in sorted(plan.status.files):
        dates = [fact.date for fact in plan.status.facts if week_of(fact.date) == week]
        day = max(dates, default=monday(week) + dt.timedelta(4))
        found.append(archive(simulate(plan, draws, seed, as_of=day), day))
    return tuple(found)


def _by_task(pairs: Iterable[Pair], value: Callable[[Pair], float | None]) -> float | None:
    """Mean over tasks of the mean over the forecasts of each; None of none."""
    groups: dict[str, list[float]] = {}
    for pair in pairs:
        found = value(pair)
        if found is not None:
            groups.setdefault(pair.task, []).append(found)
    return fmean(map(fmean, groups.values())) if groups else None


def _coverage(pairs: Sequence[Pair], p: float) -> Coverage:
    """Share of tasks that were done by the date of a level, of those whose date is past."""
    due = [pair for pair in pairs if pair.held(p) is not None]
    tasks = len({pair.task for pair in due})
    if not tasks:
        return Coverage(p, None, None, None, None, 0, 0)
    given = _by_task(due, lambda pair: pair.odds_on(p))
    low, high = binomial_band(tasks, given)
    share = _by_task(due, lambda pair: float(pair.held(p)))
    return Coverage(p, given, share, low / tasks, high / tasks, tasks, len(due))


def _against(pairs: Iterable[Pair], reference: Callable[[Pair], float | None]) -> Skill:
    """Scores of the pairs that the reference has a score for, beside those."""
    both = [(pair, found) for pair in pairs if (found := reference(pair)) is not None]
    chosen = {id(pair): found for pair, found in both}
    own = [pair for pair, _ in both]
    return Skill(
        _by_task(own, lambda pair: pair.score),
        _by_task(own, lambda pair: chosen[id(pair)]),
        len({pair.task for pair in own}),
    )


def _ieac(weeks: Iterable[Kept], forecast: Forecast) -> Callable[[Pair], float | None]:
    """Errors of planned dates at the pace of the earned schedule at each forecast's date.

    ``IEAC(t) = PD / SPI(t)``, PD the planned finish of the task; never before the forecast's date.
    """
    pace = {one.as_of: one.spi_t for one in weeks}

    def error(pair: Pair) -> float | None:
        spi = pace[pair.as_of]
        if not spi or pair.task not in forecast.tasks:
            return None
        at = float((pair.as_of - forecast.plan.start).days + 1)
        return pair.error_of(max(forecast.tasks[pair.task].early_finish / spi, at))

    return error


def _pits(pairs: Sequence[Pair]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Tasks by bin of their PIT: done, and still open."""
    count: dict[str, int] = {}
    for pair in pairs:
        count[pair.task] = count.get(pair.task, 0) + 1
    done, left = (
        [pair for pair in pairs if (pair.actual is None) == is_open] for is_open in (False, True)
    )
    numbers = []
    for group in (done, left):
        numbers += [np.array([pair.pit for pair in group]),
                    np.array([1 / count[pair.task] for pair in group])]  # fmt: skip
    return tuple(tuple(map(float, row)) for row in histogram(*numbers, BINS))


def _events(weeks: Sequence[Kept], truth: Truth, first: Kept) -> tuple[Skill, tuple[Event, ...]]:
    """Brier scores of events that are decided, each event once, and the first plan's of the same."""
    found = events_of(weeks, truth)
    before = {odds.event: odds.value for odds in first.odds.values()}
    own: dict[str, list[float]] = {}
    for one in found:
        if one.event in before:
            own.setdefault(one.event, []).append((one.odds - one.happened) ** 2)
    outcome = {one.event: one.happened for one in found}
    if not own:
        return Skill(None, None, 0), tuple(found)
    reference = [(before[event] - outcome[event]) ** 2 for event in own]
    return Skill(fmean(map(fmean, own.values())), fmean(reference), len(own)), tuple(found)


def _costs(weeks: Sequence[Kept], truth: Truth, first: Kept) -> tuple[CostScore, ...]:
    """Scores of every amount that is known and was forecast."""
    found = []
    for name, actual in truth.costs.items():
        own = [crps(k.levels, k.quantiles[name], actual) for k in weeks if name in k.quantiles]
        if own and name in first.quantiles:
            before = crps(first.levels, first.quantiles[name], actual)
            found.append(CostScore(name, actual, fmean(own), before, len(own)))
    return tuple(found)


def _finish(one: Kept, truth: Truth, forecast: Forecast) -> Finish:
    """The target's finish in one forecast, and by the pace of the earned schedule."""
    shift = (one.start - truth.start).days
    days = dict(zip(one.levels, one.quantiles[FINISH], strict=True))
    planned = forecast.likely[FINISH]
    return Finish(
        one.as_of,
        {p: end_of(days[p] + shift) for p in PROBABILITIES},
        planned / one.spi_t if one.spi_t else None,
    )
