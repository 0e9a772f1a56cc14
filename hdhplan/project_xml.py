"""A likely plan as an MS Project XML file: tasks, links, calendars, ranges and simulated finishes.

Children stand in the order of Microsoft's schema, which its reader insists on. Nothing depends on
the clock, so that the same plan gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

import numpy as np

from hdhplan import __version__
from hdhplan.calendars import Calendar
from hdhplan.handover import Handover, Row, hand_over
from hdhplan.mspdi import (
    AS_SOON,
    DAY,
    DURATION_FIELDS,
    ELAPSED_DAYS,
    FINISH_FIELDS,
    LINK_KINDS,
    MINUTE,
    NAMESPACE,
    NO_EARLIER,
    OFFICE,
    OFFICE_DAY,
    TENTHS,
    WORKING_DAYS,
    Hours,
    clock,
    duration,
    open_hours,
    time_text,
)
from hdhplan.plan import Plan
from hdhplan.wording.formats import label, number, pick
from hdhplan.wording.labels import known, task_label, wave_label
from hdhplan.wording.project import about, note

#: [d] calendars go on this long after the last date of the plan.
_MARGIN = 366
#: [d] a simulated finish so little after midnight is of the day before.
_ROUNDING = 1e-3
#: Kinds of task that capabilities bring.
_SERVICES = ("qualified", "close")
#: Most letters of a name and of a note's line.
_NAME, _LINE = 500, 500
#: A file of Project 2010 or later; the currency of the programme is not written.
_VERSION = 14
_MONTH_DAYS, _WEEK_DAYS = 20, 5


def project_xml(plan: Plan, lang: str = "fr", draws: int = 8_192, seed: int = 1) -> bytes:
    """Write a plan as MS Project XML: its likely dates, its ranges, its simulated finishes."""
    return ProjectFile(hand_over(plan, draws, seed), lang, draws).text()


class ProjectFile:
    """One file in the making."""

    def __init__(self, handed: Handover, lang: str, draws: int):
        self.handed, self.plan, self.lang, self.draws = handed, handed.plan, lang, draws
        self.start = self.plan.start
        self.calendars = {name: i for i, name in enumerate(handed.calendars, 1)}
        self.groups = _groups(handed)
        self.uid: dict[str, int] = {}
        number = 0
        for group, rows in self.groups.items():
            number += bool(group)  # a heading takes a number of its own before its tasks
            for row in rows:
                number += 1
                self.uid[row.id] = number
        self.last = max(row.finish for row in handed.rows)

    def text(self) -> bytes:
        """The whole file, as UTF-8."""
        root = ET.Element("Project", {"xmlns": NAMESPACE})
        self._head(root)
        fields = _add(root, "ExtendedAttributes")
        for name, (field, alias) in self._fields().items():
            one = _add(fields, "ExtendedAttribute")
            _fill(one, FieldID=field, FieldName=name, Alias=alias)
        calendars = _add(root, "Calendars")
        for name, calendar in self.handed.calendars.items():
            self._calendar(_add(calendars, "Calendar"), name, calendar)
        tasks = _add(root, "Tasks")
        self._tasks(tasks)
        self._people(root)
        ET.indent(root)
        return ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"

    def _head(self, root: ET.Element) -> None:
        title = self.plan.title
        opens, closes = OFFICE[0][0], OFFICE[-1][1]
        _fill(
            root, SaveVersion=_VERSION, Name=label(f"{self.plan.name}.xml", _NAME),
            Title=label(title.in_(self.lang) if title else self.plan.name, _NAME),
            Author=f"hdhplan {__version__}", ScheduleFromStart=1,
            StartDate=self._at(0.0), FinishDate=self._at(self.last, True),
            CalendarUID=self.calendars[self.handed.own_calendar],
            DefaultStartTime=time_text(opens), DefaultFinishTime=time_text(closes),
            MinutesPerDay=OFFICE_DAY // MINUTE, MinutesPerWeek=_WEEK_DAYS * OFFICE_DAY // MINUTE,
            DaysPerMonth=_MONTH_DAYS, DefaultTaskType=1, DurationFormat=WORKING_DAYS,
            HonorConstraints=1, NewTasksEffortDriven=0, NewTasksAreManual=0,
        )  # fmt: skip

    def _fields(self) -> dict[str, tuple[int, str]]:
        low = pick(self.lang, ("bas", "probable", "haut"), ("low", "likely", "high"))
        finish = pick(self.lang, "fin simulée", "simulated finish")
        fields = {
            name: (field, alias)
            for (name, field), alias in zip(DURATION_FIELDS.items(), low, strict=True)
        }
        for (name, field), chance in zip(FINISH_FIELDS.items(), ("P50", "P80"), strict=True):
            fields[name] = field, f"{chance}, {finish}"
        return fields

    def _at(self, day: float, ends: bool = False) -> str:
        return clock(self.start, day, ends).isoformat()

    def _calendar(self, into: ET.Element, name: str, calendar: Calendar) -> None:
        _fill(into, UID=self.calendars[name], Name=name, IsBaseCalendar=1, BaseCalendarUID=-1)
        days = round(self.last) + _MARGIN
        rates = np.append(calendar.rates, np.ones(days))[:days]
        week = _week(rates, self.start)
        weekdays = _add(into, "WeekDays")
        for i in (6, 0, 1, 2, 3, 4, 5):  # Sunday first
            day = _add(weekdays, "WeekDay")
            _fill(day, DayType=(i + 1) % 7 + 1, DayWorking=int(week[i] > 0))
            _working_times(day, week[i])
        exceptions = _add(into, "Exceptions")
        names = _holidays(self.start, days, self.lang)
        for first, last in _runs(rates, week, self.start):
            begin, rate = self.start + timedelta(days=first), float(rates[first])
            called = names.get(begin, "") if rate == 0 and first == last else ""
            one = _add(exceptions, "Exception")
            _fill(one, EnteredByOccurrences=0)
            end = self.start + timedelta(days=last)
            _fill(_add(one, "TimePeriod"), FromDate=f"{begin}T00:00:00", ToDate=f"{end}T23:59:00")
            called = called or self._closed(rate)
            _fill(one, Occurrences=last - first + 1, Name=called, Type=1, DayWorking=int(rate > 0))
            _working_times(one, rate)

    def _closed(self, rate: float) -> str:
        if rate == 0:
            return pick(self.lang, "Fermé", "Closed")
        share = number(100 * rate, self.lang)
        return pick(self.lang, f"Capacité {share} %", f"Capacity {share}%")

    def _tasks(self, into: ET.Element) -> None:
        whole = _add(into, "Task")
        _fill(whole, UID=0, ID=0, Name=label(self.plan.name, _NAME), Active=1, Manual=0, Type=1)
        _fill(whole, IsNull=0, OutlineNumber=0, OutlineLevel=0)
        self._span(whole, self.handed.rows, about(self.handed, self.lang, self.draws))
        outline = 0
        for group, rows in self.groups.items():
            outline += bool(group)
            if group:
                heading = _add(into, "Task")
                uid = self.uid[rows[0].id] - 1
                _fill(heading, UID=uid, ID=uid, Name=label(self._heading(group), _NAME), Active=1)
                _fill(heading, Manual=0, Type=1, IsNull=0, OutlineNumber=outline, OutlineLevel=1)
                self._span(heading, rows, "")
            for i, row in enumerate(rows, 1):
                outline += not group
                place = f"{outline}.{i}" if group else str(outline)
                self._task(_add(into, "Task"), row, place, 2 if group else 1)

    def _heading(self, group: str) -> str:
        kind, _, name = group.partition(":")
        if kind == "wave":
            text = wave_label(self.plan, name, self.lang)
            return text[:1].upper() + text[1:]
        if kind == "services":
            return pick(self.lang, "Services : qualification, manques", "Services: qualified, gaps")
        return f"Phase {name}" if len(name) < 3 else known(name, self.lang)

    def _span(self, into: ET.Element, rows, text: str) -> None:
        """A summary row: from the first start to the last finish of its tasks."""
        first, last = min(row.start for row in rows), max(row.finish for row in rows)
        calendar = self.handed.model.calendars[self.handed.own_calendar]
        worked = calendar.worked(np.array([first, last]))
        _fill(
            into, Priority=500, Start=self._at(first), Finish=self._at(last, True),
            Duration=duration(float(worked[1] - worked[0]) * OFFICE_DAY),
            DurationFormat=WORKING_DAYS, Milestone=0, Summary=1,
        )  # fmt: skip
        if text:
            _fill(into, Notes=text)

    def _task(self, into: ET.Element, row: Row, place: str, level: int) -> None:
        uid, length = self.uid[row.id], duration(row.seconds)
        unit = WORKING_DAYS if row.calendar else ELAPSED_DAYS
        point = row.seconds == 0
        start, finish = self._at(row.start, point), self._at(row.finish, True)
        name = label(task_label(self.plan, row.id, self.lang), _NAME)
        _fill(
            into, UID=uid, ID=uid, Name=name, Active=1, Manual=0, Type=1, IsNull=0, WBS=row.id,
            OutlineNumber=place, OutlineLevel=level, Priority=500, Start=start, Finish=finish,
            Duration=length, DurationFormat=unit, EffortDriven=0, Estimated=0,
            Milestone=int(point), Summary=0, ConstraintType=AS_SOON,
            CalendarUID=self._calendar_of(row),
        )  # fmt: skip
        held = row.node.fixed_day if row.held is None else row.held
        if held > 0:
            into.find("ConstraintType").text = str(NO_EARLIER)
            _fill(into, ConstraintDate=self._at(held))
        _fill(into, IgnoreResourceCalendar=1, Notes=self._note(row))
        for link in row.links:
            self._link(_add(into, "PredecessorLink"), link)
        for field, value, form in self._extended(row, unit):
            one = _add(into, "ExtendedAttribute")
            _fill(one, FieldID=field, Value=value)
            if form:
                _fill(one, DurationFormat=form)
        baseline = _add(into, "Baseline")
        _fill(baseline, Number=0, Start=start, Finish=finish, Duration=length, DurationFormat=unit)

    def _calendar_of(self, row: Row) -> int:
        """Number of a task's calendar; of elapsed time, that on which its working lags run."""
        lags = any(link.unit == "wd" and link.lag for link in row.links)
        return self.calendars.get(row.calendar or ("france" if lags else ""), -1)

    def _note(self, row: Row) -> str:
        return "\n".join(label(line, _LINE) for line in note(self.handed, row, self.lang))

    def _link(self, into: ET.Element, link) -> None:
        working = link.unit == "wd" or not link.lag
        lag = round(link.lag * (OFFICE_DAY if working else DAY) / MINUTE * TENTHS)
        _fill(
            into, PredecessorUID=self.uid[link.task], Type=LINK_KINDS.index(link.kind),
            CrossProject=0, LinkLag=lag, LagFormat=WORKING_DAYS if working else ELAPSED_DAYS,
        )  # fmt: skip

    def _extended(self, row: Row, unit: int) -> Iterator[tuple[int, str, int]]:
        """Values of the custom fields: field, value, and its format where it is a length."""
        if ranged(row):
            quantity, day = row.node.quantity, OFFICE_DAY if row.calendar else DAY
            low, high = quantity.low * row.scale * day, quantity.high * row.scale * day
            seconds = min(round(low), row.seconds), row.seconds, max(round(high), row.seconds)
            for field, length in zip(DURATION_FIELDS.values(), seconds, strict=True):
                yield field, duration(length), unit
        if row.finishes:
            for field, p in zip(FINISH_FIELDS.values(), (0.5, 0.8), strict=True):
                day, _ = row.finishes.at(p)
                if np.isfinite(day):
                    # The end of the day: its error supports no hour.
                    yield field, self._at(float(np.ceil(day - _ROUNDING)), True), 0

    def _people(self, root: ET.Element) -> None:
        """Who is needed: resources, and the whole units of them that each task seizes."""
        names = {name: i for i, name in enumerate(self.plan.resources, 1)}
        resources, assignments = _add(root, "Resources"), _add(root, "Assignments")
        for name, uid in names.items():
            _fill(
                _add(resources, "Resource"), UID=uid, ID=uid, Name=name, Type=1, IsNull=0,
                MaxUnits=self.plan.resources[name],
            )  # fmt: skip
        number = 0
        for rows in self.groups.values():
            for row in rows:
                for name, units in row.node.uses.items() if row.seconds else ():
                    number += 1
                    _fill(
                        _add(assignments, "Assignment"), UID=number, TaskUID=self.uid[row.id],
                        ResourceUID=names[name], Finish=self._at(row.finish, True),
                        Start=self._at(row.start), Units=units, Work=duration(units * row.seconds),
                    )  # fmt: skip


def ranged(row: Row) -> bool:
    """Whether a task's range is a range of its length: one draw, neither switched nor moved."""
    quantity = row.node.quantity
    if quantity is None or not row.own_length or quantity.count > 1 or row.seconds == 0:
        return False
    return quantity.low < quantity.high and quantity.likely > 0


def _groups(handed: Handover) -> dict[str, list[Row]]:
    """Rows by phase or wave, in the order of the plan; those of neither stand by themselves."""
    tasks, groups = handed.plan.tasks, {}
    file = {row.id: row for row in handed.rows}
    for task in handed.model.network.nodes:
        row = file[task]
        phase = tasks[task].phase if task in tasks else ""
        wave = row.node.wave or row.node.dataset
        group = f"phase:{phase}" if phase else f"wave:{row.node.wave}" if row.node.wave else ""
        group = group or (f"other:{wave}" if wave else "")
        group = group or ("services:" if row.node.kind in _SERVICES else "")
        groups.setdefault(group, []).append(row)
    alone = groups.pop("", [])
    ordered = ({"": alone} if alone else {}) | groups
    return {group: sorted(rows, key=lambda row: row.start) for group, rows in ordered.items()}


def _week(rates: np.ndarray, start: date) -> list[float]:
    """Rate of each weekday, Monday first: the one that it has most often. [1]"""
    week = []
    for i in range(7):
        values, counts = np.unique(rates[(i - start.weekday()) % 7 :: 7], return_counts=True)
        week.append(float(values[np.argmax(counts)]))
    return week


def _runs(rates: np.ndarray, week: list[float], start: date) -> Iterator[tuple[int, int]]:
    """Stretches of days of one rate that are not what their weekdays are, both ends included."""
    usual = np.array([week[(start.weekday() + i) % 7] for i in range(len(rates))])
    first = last = None
    for day in np.flatnonzero(rates != usual).tolist():
        if first is not None and np.all(rates[first : day + 1] == rates[first]):
            last = day
            continue
        if first is not None:
            yield first, last
        first = last = day
    if first is not None:
        yield first, last


def _holidays(start: date, days: int, lang: str) -> dict[date, str]:
    import holidays

    years = range(start.year, (start + timedelta(days=days)).year + 1)
    language = pick(lang, "fr", "en_US")
    return dict(holidays.France(years=years, language=language).items())


def _working_times(into: ET.Element, rate: float) -> None:
    hours: Hours = open_hours(rate) or ()
    if hours:
        times = _add(into, "WorkingTimes")
        for opens, closes in hours:
            one = _add(times, "WorkingTime")
            _fill(one, FromTime=time_text(opens), ToTime=time_text(closes))


def _add(parent: ET.Element, tag: str) -> ET.Element:
    return ET.SubElement(parent, tag)


def _fill(parent: ET.Element, **texts: object) -> None:
    """Append children with a text each, in the order in which they are given."""
    for tag, text in texts.items():
        child = ET.SubElement(parent, tag)
        child.text = text.isoformat() if isinstance(text, datetime) else str(text)
