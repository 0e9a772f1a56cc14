"""Calendars: a rate over time, tabulated once, and its inverse.

A calendar is a rate r(t) >= 0 and its integral W(t): the work that a unit of effort has done by
day t. Working days, freezes, half-capacity weeks and transfer windows are the same idea, so
``finish = inverse(worked(start) + work)`` holds for all of them. Both directions are table look-ups
on arrays of draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from hdhplan.units import HORIZON_DAYS, NEVER_DAY

HOURS = 24


@dataclass(frozen=True)
class Period:
    """Dates between which the rate is multiplied: 0 closes, 0.5 is half capacity.

    ``first`` and ``last`` are days since the start of the plan, both included. [d]
    """

    first: int
    last: int
    rate: float


@dataclass(frozen=True, eq=False)
class Calendar:
    """A rate, constant on equal steps, that goes on at 1 beyond its last step.

    Parameters
    ----------
    rates
        Rate in each step from day 0. [work/day]
    step
        Length of a step. [d]

    Examples
    --------
    >>> week = Calendar("week", np.array([1, 1, 0, 0, 1.0]))
    >>> week.finish(np.array([1.0]), np.array([2.0]))
    array([5.])
    >>> week.worked(np.array([3.0])), week.opening(np.array([2.0]))
    (array([2.]), array([4.]))
    """

    name: str
    rates: NDArray = field(repr=False)
    step: float = 1.0

    @cached_property
    def continuous(self) -> bool:
        """Whether the rate is 1 throughout, so that work and time are one."""
        return bool(np.all(self.rates == 1.0))

    @cached_property
    def duty(self) -> float:
        """Mean rate in the long run. [1]"""
        return float(self.rates.mean()) if len(self.rates) else 1.0

    def worked(self, day: NDArray) -> NDArray:
        """Work done by a day, W(t). [work]"""
        if self.continuous:
            return day
        per_step, base, rate = self._table("worked", day.dtype)
        at = np.minimum(day * per_step, len(base) - 1).astype(np.intp)
        return base.take(at, mode="clip") + rate.take(at, mode="clip") * day

    def day(self, work: NDArray) -> NDArray:
        """First day by which an amount of work is done: the left inverse of W. [d]"""
        return work if self.continuous else self._inverse(work, left=True)

    def opening(self, work: NDArray) -> NDArray:
        """Last day by which no more than that work is done: when the next bit starts. [d]"""
        return work if self.continuous else self._inverse(work, left=False)

    def finish(self, start: NDArray, work: NDArray) -> NDArray:
        """Day on which a work that starts on a day is done. [d]"""
        return self.day(self.worked(start) + work)

    @cached_property
    def _tables(self) -> dict:
        return {}

    def _table(self, name: str, dtype: np.dtype) -> tuple:
        if (name, dtype) not in self._tables:
            builds = {"worked": self._worked_table, "day": self._inverse_table}
            build = builds.get(name, self._window_table)
            self._tables[name, dtype] = tuple(np.asarray(x, dtype=dtype) for x in build())
        return self._tables[name, dtype]

    def _worked_table(self) -> tuple:
        """Steps a day, and W(t) = base + rate * t in each step; rate 1 beyond the last."""
        rates = np.append(self.rates, 1.0)
        worked = np.concatenate([[0.0], np.cumsum(self.rates * self.step)])
        return 1 / self.step, worked - rates * np.arange(len(rates)) * self.step, rates

    def _inverse_table(self) -> tuple:
        """Buckets a work, t = base + slope * W in each bucket, and where buckets are split.

        A bucket is as wide as the smallest open step, so it meets at most two steps: ``split`` is
        the work at which the second begins, infinite where the bucket lies in one step.
        """
        worked = np.concatenate([[0.0], np.cumsum(self.rates * self.step)])
        open_ = np.append(np.flatnonzero(self.rates > 0), len(self.rates))
        work, day, rate = worked[open_], open_ * self.step, np.append(self.rates, 1.0)[open_]
        width = float(np.diff(work).min()) if len(work) > 1 else 1.0
        edges = np.arange(int(work[-1] / width + 1e-6) + 1) * width
        first = np.searchsorted(work, edges + width * 1e-6, side="right") - 1
        base, slope = day - work / rate, 1 / rate
        after = np.append(work, np.inf)[first + 1]
        split = np.where(after < edges + width * (1 - 1e-6), after, np.inf)
        last = np.minimum(first + 1, len(work) - 1)
        return 1 / width, base[first], slope[first], split, base[last], slope[last]

    def _inverse(self, work: NDArray, left: bool) -> NDArray:
        # An edge belongs to the bucket that ends there (left) or to the one that starts there.
        per_width, base, slope, split, next_base, next_slope = self._table("day", work.dtype)
        slack = work.dtype.type(1e-4 if work.dtype == np.float32 else 1e-9)
        bucket = work * per_width
        bucket = np.ceil(bucket - slack) - 1 if left else bucket + slack
        bucket = np.clip(bucket, 0, len(base) - 1).astype(np.intp)
        day = base.take(bucket) + slope.take(bucket) * work
        if not self._split_buckets:
            return day
        beyond = split.take(bucket)
        beyond = work > beyond if left else work >= beyond
        return np.where(beyond, next_base.take(bucket) + next_slope.take(bucket) * work, day)

    @cached_property
    def _split_buckets(self) -> bool:
        return bool(np.isfinite(self._inverse_table()[3]).any())

    @cached_property
    def windows(self) -> tuple[NDArray, NDArray]:
        """Openings and closings of the stretches in which the rate is never 0. [d]"""
        open_ = np.concatenate([[False], self.rates > 0, [False]])
        turns = np.flatnonzero(open_[1:] != open_[:-1]) * self.step
        return turns[0::2], turns[1::2]

    def _window_table(self) -> tuple:
        """Steps a day, the first window that closes after the begin of each step, and the windows.

        After the last window comes one that is never: it opens at `NEVER_DAY` and has no end.
        """
        opens, closes = self.windows
        steps = np.arange(len(self.rates) + 1) * self.step
        after = np.searchsorted(closes, steps, side="right")
        return 1 / self.step, after, np.append(opens, NEVER_DAY), np.append(closes, np.inf)

    def fit(self, ready: NDArray, length: NDArray) -> NDArray:
        """First day, not before ``ready``, from which a length fits whole into one open stretch. [d]

        What fits in no stretch never starts: `NEVER_DAY`.
        """
        if self.continuous:
            return ready
        per_step, next_close, opens, closes = self._table("fit", ready.dtype)
        at = np.minimum(ready * per_step, len(next_close) - 1).astype(np.intp)
        at = next_close.take(at, mode="clip").astype(np.intp)
        at += closes.take(at) <= ready  # a close that is no exact number
        start = np.maximum(ready, opens.take(at))
        # Half a minute of tolerance: float32 resolves ten seconds after four years.
        pending = np.flatnonzero(start + length > closes.take(at) + 3e-4)
        while pending.size:
            at[pending] += 1
            begin = np.maximum(ready[pending], opens[at[pending]])
            start[pending] = begin
            pending = pending[begin + length[pending] > closes[at[pending]] + 3e-4]
        return start


def continuous() -> Calendar:
    """Elapsed days: every day, day and night."""
    return Calendar("continuous", np.ones(0))


@lru_cache(maxsize=8)
def french_working_days(start: date) -> NDArray:
    """Monday to Friday less the eleven public holidays of metropolitan France, from a date on. [1]

    The holidays come from the ``holidays`` library (France, without Alsace-Moselle).
    """
    import holidays

    years = range(start.year, start.year + HORIZON_DAYS // 365 + 2)
    days_off = holidays.France(years=years)
    weekdays = (np.arange(HORIZON_DAYS) + start.weekday()) % 7 < 5
    rates = weekdays.astype(float)
    off = np.array([(day - start).days for day in days_off], dtype=int)
    rates[off[(off >= 0) & (off < HORIZON_DAYS)]] = 0.0
    return rates


def build_calendar(
    name: str,
    start: date,
    base: str,
    periods: Sequence[Period] = (),
    closed_weekdays: Sequence[int] = (),
    hours: tuple[float, float] | None = None,
) -> Calendar:
    """Build a calendar from a base, periods, weekdays that are closed and daily opening hours.

    Parameters
    ----------
    start
        Day 0 of the plan.
    base
        ``continuous`` or ``france``.
    periods
        Multiply the rate between dates.
    closed_weekdays
        0 is Monday.
    hours
        Opening and closing hour of a day; across midnight if the first is later. [h]
    """
    return _built(name, start, base, tuple(periods), tuple(closed_weekdays), hours)


@lru_cache(maxsize=64)  # scenarios side by side share theirs, and so their tables
def _built(name: str, start: date, base: str, periods, closed_weekdays, hours) -> Calendar:
    rates = french_working_days(start).copy() if base == "france" else np.ones(HORIZON_DAYS)
    weekday = (np.arange(HORIZON_DAYS) + start.weekday()) % 7
    rates[np.isin(weekday, list(closed_weekdays))] = 0.0
    for period in periods:
        first, last = max(period.first, 0), max(period.last + 1, 0)
        rates[first:last] *= period.rate
    if hours is None:
        return Calendar(name, rates)
    return Calendar(name, np.repeat(rates, HOURS) * _open_hours(*hours), 1 / HOURS)


def _open_hours(opens: float, closes: float) -> NDArray:
    """Whether each hour of the tabulated days is open. [1]"""
    hour = np.arange(HOURS)
    day = (opens <= hour) & (hour < closes) if opens < closes else (hour >= opens) | (hour < closes)
    return np.tile(day.astype(float), HORIZON_DAYS)


def shown_start(start_day: float, start: date) -> date | None:
    """Date on which something that begins at an instant is shown; None if never.

    Examples
    --------
    >>> shown_start(3.0, date(2026, 4, 23)), shown_date(3.0, date(2026, 4, 23))
    (datetime.date(2026, 4, 26), datetime.date(2026, 4, 25))
    """
    if not start_day < NEVER_DAY / 2:
        return None
    return start + timedelta(days=max(0, int(np.floor(start_day + 1e-3))))


def shown_date(finish_day: float, start: date) -> date | None:
    """Date on which something that is finished at an instant is shown; None if never.

    Day 0.0 is 00:00 on the start, so a finish of 3.0 is the end of the third day.

    Examples
    --------
    >>> shown_date(3.0, date(2026, 4, 23))
    datetime.date(2026, 4, 25)
    """
    if not finish_day < NEVER_DAY / 2:
        return None
    # A thousandth of a day of tolerance, so that rounding does not show the next day.
    return start + timedelta(days=max(0, int(np.ceil(finish_day - 1e-3)) - 1))
