"""An MS Project XML file becomes a plan file: tasks, links, calendars, dates, ranges, people.

The plan has days where the file has hours: a working day of the project is one `wd`, its hours are
shares of it, and an elapsed day is one `d`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from hdhplan.calendars import build_calendar, shown_date
from hdhplan.errors import Fault, InputError
from hdhplan.facts import Facts
from hdhplan.inputs import likely_sample
from hdhplan.model import make_calendars
from hdhplan.mspdi import DAY, MINUTE, NAMESPACE, clock, day_at
from hdhplan.outcome import run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.readers.elements import Element, read_elements
from hdhplan.readers.project_calendars import (
    CalendarReader,
    ProjectCalendar,
    moment,
    specification,
    usual_hours,
    whole,
)
from hdhplan.readers.project_tasks import ProjectTask, TaskReader, ids_of
from hdhplan.reading import RESERVED, judge
from hdhplan.tree import Tree, parse_text
from hdhplan.wording.formats import label

_UNWANTED = frozenset({"TimephasedData", "Notes", "Baseline", "OutlineCodes", "WBSMasks"})
_OFFICE_MINUTES = 480
#: [wd] a task spans so much more than it lasts: it is split, or its people are away.
_SPLIT = 1.0
_MOST_TASKS = 5_000
_NAME = 500
_START = "project_start"


@dataclass(frozen=True)
class Imported:
    """A plan read from a file, its text, and what of the file it does not say.

    ``moved`` names tasks that the plan finishes on another date than the file, with both dates.
    """

    plan: Plan
    text: str
    left_out: tuple[str, ...]
    moved: tuple[tuple[str, date, date | None], ...]


def read_project(path: Path, name: str | None = None) -> Imported:
    """Read an MS Project XML file into a plan.

    Parameters
    ----------
    name
        Name of the plan; the file's own if it is left out.

    Raises
    ------
    InputError
        With everything that cannot be expressed, by task name.
    """
    root = read_elements(path, str(path), "Project", NAMESPACE, _UNWANTED)
    return _Project(path, root, name).imported()


class _Project:
    """One file in the reading."""

    def __init__(self, path: Path, root: Element, name: str | None):
        self.path, self.file, self.root, self.name = path, str(path), root, name
        self.faults: list[Fault] = []
        minutes = whole(root.get("MinutesPerDay") or str(_OFFICE_MINUTES))
        if not minutes or not 0 < minutes * MINUTE <= DAY:
            self._fault("MinutesPerDay", root.get("MinutesPerDay")[:20], "1 to 1440")
            minutes = _OFFICE_MINUTES
        if root.get("ScheduleFromStart") == "0":
            fix = "schedule it from its start"
            self._fault("ScheduleFromStart", "scheduled from its finish", "from its start", fix)
        self.minutes = minutes
        self.calendars = CalendarReader(self.file, minutes, self.faults).read(root)
        self.own = whole(root.get("CalendarUID") or "")
        if self.own not in self.calendars:
            found = f"calendar {root.get('CalendarUID')[:20]!r} is missing"
            self._fault("CalendarUID", found, "a calendar of the file", "choose one of its own")
        self.reader = TaskReader(self.file, self.calendars, self.own)
        self.tasks = self.reader.read(root)
        self.faults += self.reader.faults
        if not self.tasks:
            self._fault("Tasks", "no task that is not a summary row", "one at least")
        if len(self.tasks) > _MOST_TASKS:
            self._fault("Tasks", f"{len(self.tasks):,} tasks", f"at most {_MOST_TASKS:,}")
        self.start = self._start()
        default = self.calendars.get(self.own)
        opens, closes = root.get("DefaultStartTime"), root.get("DefaultFinishTime")
        self.hours = usual_hours(default, opens, closes)
        self.ids = ids_of(self.tasks, lambda code: code in RESERVED or code == _START)

    def _fault(self, path: str, found: str, limit: str = "", fix: str = "") -> None:
        line = self.root.one(path).line if self.root.one(path) else self.root.line
        self.faults.append(Fault(self.file, line, path, found, limit, fix))

    def _start(self) -> date:
        starts = [task.start for task in self.tasks.values() if task.start]
        found = moment(self.root.get("StartDate")) or min(starts, default=None)
        if found is None:
            self._fault("StartDate", "no date", "a date and time, as 2026-04-23T09:00:00")
            return date(2000, 1, 1)
        return found.date()

    def imported(self) -> Imported:
        """Make the plan, or refuse what it cannot say."""
        specs = self._specs()
        self._splits(specs)
        if self.faults:
            raise InputError(sorted(self.faults, key=lambda fault: fault.line or 0))
        values, marks = self._tree(specs)
        if self.faults:
            raise InputError(sorted(self.faults, key=lambda fault: fault.line or 0))
        text = _text(values)
        # What is judged is what the text says, read as any plan file is.
        plan = judge(Tree(parse_text(text, self.file).values, marks), Facts(()))
        left_out = [f"{what} ({n})" for what, n in sorted(self.reader.left_out.items())]
        return Imported(plan, text, tuple(left_out), tuple(self._moved(plan)))

    def _specs(self) -> dict[int, dict | None]:
        """What the plan says of each calendar that is used, and its id there."""
        used = {t.calendar for t in self.tasks.values() if not t.elapsed or t.lags}
        used |= {self.own} & self.calendars.keys()
        specs, taken = {}, {"continuous", "france"}
        for uid in sorted(used & self.calendars.keys()):
            one = self.calendars[uid]
            specs[uid] = specification(one, self.start, self.file, self.faults)
            words = "".join(c if c.isascii() and c.isalnum() else " " for c in one.name).split()
            one.id = "_".join(words).lower()[:40] or f"calendar_{uid}"
            if specs[uid] is None:
                one.id = "france"
                continue
            while one.id in taken:
                one.id += "_"
            taken.add(one.id)
        return specs

    def _calendar(self, task: ProjectTask) -> ProjectCalendar | None:
        return self.calendars.get(self.own if task.calendar is None else task.calendar)

    def _splits(self, specs: dict[int, dict | None]) -> None:
        """Refuse tasks that span more work than they last."""
        try:
            head = {"schema": "hdhplan.plan/1", "name": "x", "start": self.start.isoformat()}
            named = {self.calendars[k].id: spec for k, spec in specs.items() if spec}
            built = make_calendars(Plan.model_validate(head | {"calendars": named}))
        except (InputError, ValueError):
            return  # told already, or told when the plan is judged
        built["france"] = build_calendar("france", self.start, "france")
        for task in self.tasks.values():
            one = self._calendar(task)
            if task.elapsed or not (task.start and task.finish and one) or one.id not in built:
                continue
            days = [day_at(self.start, at, self.hours) for at in (task.start, task.finish)]
            worked = built[one.id].worked(np.maximum(np.array(days), 0.0))
            spans, lasts = float(worked[1] - worked[0]), task.seconds / MINUTE / self.minutes
            if spans > lasts + _SPLIT:
                found = f"it spans {spans:.1f} working days and lasts {lasts:.1f}: a split task"
                fix = "make a task of each part"
                self.reader.refuse(task, "", found, "work without a break", fix)
        self.faults += [fault for fault in self.reader.faults if fault not in self.faults]

    def _tree(self, specs: dict[int, dict | None]) -> tuple[dict, dict]:
        """The plan file as values, and the line of the XML that each comes from."""
        title = label(self.root.get("Title") or self.root.get("Name"), _NAME)
        own = self.calendars.get(self.own)
        values = {
            "schema": "hdhplan.plan/1", "name": self.name or _plan_name(self.path.stem),
            "title": title, "start": self.start.isoformat(),
            "calendar": own.id if own else "france",
            "judgement": label(f"MS Project file {self.path.name}", _NAME),
            "calendars": {self.calendars[k].id: spec for k, spec in specs.items() if spec},
            "resources": self._resources(), "tasks": {},
        }  # fmt: skip
        marks = {(): (self.file, self.root.line)}
        ids, held = self.ids, False
        for uid, task in self.tasks.items():
            one = self._task(task)
            held |= any(link.startswith(f"{_START} ") for link in one.get("after", ()))
            values["tasks"][ids[uid]] = one
            marks[("tasks", ids[uid])] = (self.file, task.line)
        if held:
            values["tasks"] = {_START: {"name": "Start"}} | values["tasks"]
        if any(task.uses for task in self.tasks.values()):
            # Who comes first by the people is who starts first in the file, and then who is done.
            begin = datetime.combine(self.start, time())
            order = sorted(
                self.tasks.values(), key=lambda t: (t.start or begin, t.finish or t.start or begin)
            )
            first = [_START] if held else []
            values["priority"] = first + [ids[task.uid] for task in order]
        return {key: value for key, value in values.items() if value}, marks

    def _resources(self) -> dict[str, int]:
        found: dict[str, int] = {}
        self.people: dict[int, str] = {}
        for uid, (name, most) in self.reader.resources.items():
            words = "".join(c if c.isascii() and c.isalnum() else " " for c in name).split()
            key = "_".join(words)[:40] or f"resource_{uid}"
            while key in found:
                key += "_"
            found[key], self.people[uid] = most, key
        return found

    def _task(self, task: ProjectTask) -> dict:
        one: dict = {}
        own, calendar = self.calendars.get(self.own), self._calendar(task)
        name = label(task.element.get("Name"), _NAME)
        if name and name != self.ids[task.uid]:
            one["name"] = name
        if task.seconds or task.calendar is not None or (task.lags and self._odd(task)):
            points = task.points or (task.seconds,)
            texts = [_number(self._days(x, task.elapsed)) for x in points]
            one["work"] = f"{'/'.join(texts)} {'d' if task.elapsed else 'wd'}"
        if not task.elapsed and "work" in one and calendar and calendar is not own:
            one["calendar"] = calendar.id
        one["after"] = [self._link(task, *link) for link in task.links]
        if task.not_before:
            day = day_at(self.start, task.not_before, self.hours)
            if day > 0 and day == int(day):
                one["fixed"] = (self.start + timedelta(days=int(day))).isoformat()
            elif day > 0:
                one["after"].append(f"{_START} FS+{_number(day)} d")
        one["uses"] = {self.people[uid]: units for uid, units in task.uses.items()}
        return {key: value for key, value in one.items() if value}

    def _days(self, seconds: float, elapsed: bool) -> float:
        return seconds / (DAY if elapsed else self.minutes * MINUTE)

    def _odd(self, task: ProjectTask) -> bool:
        """Whether working days of a task's lags are not those of France, on which a plan has them."""
        calendar = self._calendar(task)
        return calendar is not None and calendar.id != "france"

    def _link(self, task: ProjectTask, uid: int, kind: str, lag: float, elapsed: bool) -> str:
        days = self._days(lag, elapsed)
        if not days:
            return f"{self.ids[uid]} {kind}"
        if not elapsed and task.elapsed and self._odd(task):
            found = f"a lag of {days:g} working days before a length in elapsed time"
            fix = "write the lag in elapsed days, or the length in working days"
            limit = "the French calendar, which such lags run on"
            where = self.file, task.line, f"tasks.{task.name}.link"
            self.faults.append(Fault(*where, found, limit, fix))
        sign, unit = "+" if days > 0 else "-", "d" if elapsed else "wd"
        return f"{self.ids[uid]} {kind}{sign}{_number(abs(days))} {unit}"

    def _moved(self, plan: Plan) -> Iterator[tuple[str, date, date | None]]:
        """Tasks whose finish in the likely plan is on another date than in the file."""
        model = prepare(plan)
        dates = run_block(model, likely_sample(model.inputs), "bare").dates
        ids = self.ids
        for uid, task in self.tasks.items():
            if task.finish is None:
                continue
            mine = float(dates.finish_day(ids[uid])[0])
            theirs = clock(self.start, day_at(self.start, task.finish, self.hours), True).date()
            if shown_date(mine, self.start) != theirs:
                yield task.name, theirs, shown_date(mine, self.start)


def _number(value: float) -> str:
    """Write a number of days with ten digits that count, never with an exponent."""
    text = f"{value:.10f}" if value < 1 else f"{value:.8f}"
    return text.rstrip("0").rstrip(".") or "0"


def _plan_name(stem: str) -> str:
    words = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else " " for c in stem)
    return "_".join(words.split())[:64].strip("-") or "imported"


def _text(values: dict) -> str:
    """The plan file as text: texts are quoted, so that none of them is read as anything else."""
    lines = []
    for key, value in values.items():
        if key in ("tasks", "calendars"):
            lines.append(f"{key}:")
            lines += [f"  {_quoted(name)}: {_flow(item)}" for name, item in value.items()]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
