"""Calendars of an MS Project file: hours of weekdays and exceptions become rates of days.

A day whose hours are those of the project's working day has rate 1, one of half as many 0.5. What a
plan's calendar cannot say (weekdays of unlike hours, a Saturday that opens once, odd recurrences) is
refused by the calendar's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hdhplan.calendars import french_working_days
from hdhplan.errors import Fault
from hdhplan.model import WEEKDAYS
from hdhplan.mspdi import DAY, HOUR, MINUTE, Hours
from hdhplan.readers.elements import Element
from hdhplan.wording.formats import label as short

#: [d] longest stretch of an exception.
_LONGEST = 40 * 366
#: Rates that differ by less are one: hours are kept to the second.
_ALIKE = 1e-9
#: Least and greatest rate of a day that a plan's calendar takes.
_LEAST, _MOST = 0.01, 10.0
_DAILY, _YEARLY = 1, 2
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d(?:\.\d{1,7})?)\Z")


@dataclass
class ProjectCalendar:
    """One calendar: rate of each weekday (Monday first), and of the days that are exceptions. [1]

    ``id`` is its name in the plan, ``hours`` the office hours of its first working weekday.
    """

    uid: int
    name: str
    line: int
    base: int
    is_base: bool
    week: list[float | None] = field(default_factory=lambda: [None] * 7)
    days: dict[date, float] = field(default_factory=dict)
    hours: Hours = ()
    id: str = ""

    def rate(self, day: date) -> float:
        """Rate of a day. [1]"""
        return self.days.get(day, self.week[day.weekday()] or 0.0)

    @property
    def plain(self) -> bool:
        """Whether it says nothing of its own, beside its base."""
        return not self.days and all(rate is None for rate in self.week)

    def same(self, other: ProjectCalendar) -> bool:
        """Whether two calendars have the same rates."""
        return self.week == other.week and self.days == other.days


class CalendarReader:
    """Reads calendars, and notes what is wrong with them."""

    def __init__(self, label: str, minutes_per_day: float, faults: list[Fault]):
        self.label, self.minutes, self.faults = label, minutes_per_day, faults

    def read(self, root: Element) -> dict[int, ProjectCalendar]:
        """All calendars of a file by their number, those without weekdays completed by their base."""
        found: dict[int, ProjectCalendar] = {}
        for element in root.all("Calendars", "Calendar"):
            one = self._calendar(element)
            if one is None:
                self._fault(element.line, "Calendar.UID", "no number", "a whole number")
            elif one.uid in found:
                self._fault(element.line, _path(one.name), f"UID {one.uid} twice", "once each")
            else:
                found[one.uid] = one
        for one in found.values():
            base = found.get(one.base)
            if base is not None and base is not one and not one.is_base:
                one.week = [b if a is None else a for a, b in zip(one.week, base.week, strict=True)]
                one.days = base.days | one.days
                one.hours = one.hours or base.hours
        return found

    def _fault(self, line: int, path: str, found: str, limit: str = "", fix: str = "") -> None:
        self.faults.append(Fault(self.label, line, path, found, limit, fix))

    def _calendar(self, element: Element) -> ProjectCalendar | None:
        uid, base = whole(element.get("UID")), whole(element.get("BaseCalendarUID"))
        if uid is None:
            return None
        name = short(element.get("Name")) or f"calendar {uid}"
        one = ProjectCalendar(
            uid, name, element.line, -1 if base is None else base,
            element.get("IsBaseCalendar") != "0",
        )  # fmt: skip
        for day in element.all("WeekDays", "WeekDay"):
            kind = whole(day.get("DayType"))
            if kind == 0:
                self._exception(one, day)
            elif kind is not None and 1 <= kind <= 7:
                one.week[(kind - 2) % 7] = self._rate(one, day)
                one.hours = one.hours or _hours(day)
            else:
                self._fault(day.line, _path(name), "a weekday without DayType", "0 to 7")
        for exception in element.all("Exceptions", "Exception"):
            self._exception(one, exception)
        if any(week.one("TimePeriod") for week in element.all("WorkWeeks", "WorkWeek")):
            fix = "enter them as exceptions"
            self._fault(element.line, _path(name), "work weeks of their own", "exceptions", fix)
        return one

    def _rate(self, one: ProjectCalendar, day: Element) -> float:
        """Rate of a day from its working times. [1]"""
        if day.get("DayWorking") == "0":
            return 0.0
        hours = _hours(day)
        if hours is None:
            limit = "FromTime and ToTime as 09:00:00, in order"
            self._fault(day.line, _path(one.name), "working times out of order", limit)
            return 0.0
        total = sum(b - a for a, b in hours) / MINUTE if hours else self.minutes
        rate = total / self.minutes
        if not _LEAST <= rate <= _MOST:
            limit = f"{_LEAST:g} to {_MOST:g} working days of the project"
            self._fault(day.line, _path(one.name), f"a day of {total:g} min", limit)
            return 0.0
        return rate

    def _exception(self, one: ProjectCalendar, element: Element) -> None:
        begin = moment(element.get("TimePeriod", "FromDate"))
        end = moment(element.get("TimePeriod", "ToDate"))
        kind = whole(element.get("Type") or str(_DAILY))
        period = whole(element.get("Period") or "1")
        called = short(element.get("Name")) or "an exception"
        if begin is None or end is None or end < begin or (end - begin).days > _LONGEST:
            limit = f"dates in order, at most {_LONGEST:,} days"
            self._fault(element.line, _path(one.name), f"{called!r} has no such period", limit)
            return
        if kind not in (_DAILY, _YEARLY) or period not in (0, 1):
            fix = "enter its dates one by one"
            found = f"{called!r} recurs in a way that a plan cannot say"
            self._fault(element.line, _path(one.name), found, "daily or yearly", fix)
            return
        rate = self._rate(one, element)
        for day in _dates(element, kind, begin.date(), end.date()):
            one.days.setdefault(day, rate)


def _dates(element: Element, kind: int, begin: date, end: date) -> Iterator[date]:
    if kind == _DAILY:
        yield from (begin + timedelta(days=i) for i in range((end - begin).days + 1))
        return
    month, day = whole(element.get("Month")), whole(element.get("MonthDay"))
    for year in range(begin.year, end.year + 1):
        try:
            found = date(year, (month or 0) + 1, day or 1)
        except ValueError:
            continue  # 29 February, in a year that has none
        if begin <= found <= end:
            yield found


def specification(
    one: ProjectCalendar, start: date, label: str, faults: list[Fault]
) -> dict | None:
    """What a plan file says of a calendar; None where it is the French one, `france`.

    Parameters
    ----------
    start
        Day 0 of the plan: what lies before it is left out.
    """
    days = {day: rate for day, rate in sorted(one.days.items()) if day >= start}
    if days and _is_french(one, start, max(days)):
        return None
    open_rates = {rate for rate in one.week if rate}
    where = label, one.line, _path(one.name)
    if len(open_rates) > 1:
        hours = ", ".join(f"{rate:g}" for rate in sorted(open_rates))
        found = f"weekdays of unlike hours: {hours} of a working day"
        faults.append(
            Fault(*where, found, "one length", "give all working weekdays the same hours")
        )
        return {}
    usual = next(iter(open_rates), 1.0)
    opened = [d for d, rate in days.items() if rate and not one.week[d.weekday()]]
    if opened:
        found = f"{opened[0]} opens a weekday that is closed ({len(opened)} such days)"
        fix = "leave these days closed, or open the weekday"
        faults.append(Fault(*where, found, "closed weekdays stay closed", fix))
    closed_days = [WEEKDAYS[i] for i, rate in enumerate(one.week) if not rate]
    if len(closed_days) == 7:
        faults.append(Fault(*where, "no working day", "some working weekday"))
    spec: dict = {"base": "continuous", "closed_weekdays": closed_days}
    capacity = [{"from": "01-01", "to": "12-31", "rate": usual}] if usual != 1.0 else []
    closed = []
    for first, last, rate in _runs(one, days, usual):
        if rate == 0:
            closed.append([first.isoformat(), last.isoformat()])
        else:
            dates = {"from": first.isoformat(), "to": last.isoformat()}
            capacity.append(dates | {"rate": rate / usual})
    spec |= {"closed": closed} if closed else {}
    return spec | ({"capacity": capacity} if capacity else {})


def _runs(one: ProjectCalendar, days: dict[date, float], usual: float):
    """Stretches of exceptions of one rate; those that say what the weekday says anyway are left out."""
    run: list | None = None
    for day, rate in days.items():
        closed = not one.week[day.weekday()]
        if closed or abs(rate - usual) < _ALIKE:
            continue
        gap = run and (run[1] + timedelta(days=i) for i in range(1, (day - run[1]).days))
        if run and run[2] == rate and all(not one.week[d.weekday()] for d in gap):
            run[1] = day
            continue
        if run:
            yield tuple(run)
        run = [day, day, rate]
    if run:
        yield tuple(run)


def _is_french(one: ProjectCalendar, start: date, last: date) -> bool:
    """Whether its days are those of `france`, up to its last exception."""
    rates = french_working_days(start)[: (last - start).days + 1]
    mine = (one.rate(start + timedelta(days=i)) for i in range(len(rates)))
    return all(abs(a - b) < _ALIKE for a, b in zip(mine, rates, strict=True))


def usual_hours(one: ProjectCalendar | None, begin: str, end: str) -> Hours:
    """Office hours of a project: of its calendar, else between its default times, else 8 to 17."""
    if one is not None and one.hours:
        return one.hours
    opens, closes = _seconds(begin), _seconds(end)
    if opens is None or closes is None or closes <= opens:
        return ((8 * HOUR, 17 * HOUR),)
    return ((opens, closes),)


def _hours(day: Element) -> Hours | None:
    """Working times of a day in seconds; empty if none are given, None if they make no sense."""
    found = []
    for one in day.all("WorkingTimes", "WorkingTime"):
        if one.one("FromTime") is None:
            continue  # MS Project writes empty ones
        opens, closes = _seconds(one.get("FromTime")), _seconds(one.get("ToTime"))
        if opens is None or closes is None:
            return None
        closes = closes or DAY
        if closes <= opens or (found and opens < found[-1][1]):
            return None
        found.append((opens, closes))
    return tuple(found)


def _seconds(text: str) -> float | None:
    match = _TIME.match(text)
    if match is None:
        return None
    found = int(match[1]) * HOUR + int(match[2]) * MINUTE + float(match[3])
    return found if found <= DAY else None


def moment(text: str) -> datetime | None:
    """Read a local date and time without a zone; None if it is none."""
    try:
        found = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return found.replace(tzinfo=None) if 1984 <= found.year <= 2149 else None


def whole(text: str) -> int | None:
    """Read a whole number; None if it is none."""
    return int(text) if re.fullmatch(r"-?\d{1,12}", text) else None


def _path(name: str) -> str:
    return f"calendars.{name}"
