"""Tasks, links and people of an MS Project file; what a plan cannot say is refused by task name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from hdhplan.errors import Fault
from hdhplan.mspdi import (
    AS_LATE,
    AS_SOON,
    DURATION_FIELDS,
    ELAPSED_FORMATS,
    FINISH_NO_EARLIER,
    FINISH_NO_LATER,
    LINK_KINDS,
    MUST_FINISH,
    MUST_START,
    NO_EARLIER,
    NO_LATER,
    PERCENT_FORMATS,
    seconds_of,
)
from hdhplan.readers.elements import Element
from hdhplan.readers.project_calendars import ProjectCalendar, moment, whole
from hdhplan.wording.formats import label

#: Summary rows may hold one another so deep.
MOST_LEVELS = 64
_UNASSIGNED = -65535
_WORK = 1
_REFUSED = {
    AS_LATE: ("as late as possible (ALAP)", "set it to as soon as possible, or give it a date"),
    MUST_FINISH: ("must finish on a date", "make the date a promise or a target of the plan"),
    NO_LATER: ("start no later than a date", "make the date a promise or a target of the plan"),
    FINISH_NO_EARLIER: ("finish no earlier than a date", "use start no earlier than"),
    FINISH_NO_LATER: ("finish no later than a date", "make the date a promise of the plan"),
}
#: Flags of a task that a plan cannot say: value, what it is, what to do.
_FLAGS = {
    "Recurring": ("1", "a recurring task", "enter its occurrences, or one task for all"),
    "ExternalTask": ("1", "a task of another project", "import that project, or delete the link"),
    "IsSubproject": ("1", "an inserted project", "expand it into this file"),
    "Manual": ("1", "scheduled by hand", "schedule it automatically"),
    "Active": ("0", "an inactive task", "delete it, or make it active"),
    "Summary": ("1", "a summary row with nothing below it", "give its tasks a deeper OutlineLevel"),
}
_CONSTRAINTS = "as soon as possible, or start no earlier than"


@dataclass
class ProjectTask:
    """One row of tasks that is no summary, or a summary before it is dropped.

    ``seconds`` is the length and ``points`` the three of a range, in working hours or elapsed ones
    [s]; ``not_before`` the date that holds it; ``links`` are (task number, kind, seconds, elapsed).
    """

    uid: int
    name: str
    line: int
    level: int
    element: Element = field(repr=False)
    code: str = ""
    elapsed: bool = False
    seconds: float = 0.0
    points: tuple[float, float, float] | None = None
    calendar: int | None = None
    not_before: datetime | None = None
    start: datetime | None = None
    finish: datetime | None = None
    done: float = 0.0
    links: list[tuple[int, str, float, bool]] = field(default_factory=list)
    uses: dict[int, int] = field(default_factory=dict)
    children: list[int] = field(default_factory=list)

    @property
    def lags(self) -> bool:
        """Whether some link lags by working time."""
        return any(lag and not elapsed for _, _, lag, elapsed in self.links)


class TaskReader:
    """Reads the rows of tasks, and notes by their names what is wrong with them."""

    def __init__(self, label: str, calendars: dict[int, ProjectCalendar], own: int | None):
        self.label, self.calendars, self.own = label, calendars, own
        self.faults: list[Fault] = []
        self.left_out: dict[str, int] = {}
        self.tasks: dict[int, ProjectTask] = {}

    def read(self, root: Element) -> dict[int, ProjectTask]:
        """Tasks of a file by their number, without its summary rows."""
        self._rows(root)
        for task in self.tasks.values():
            self._links(task)
        self._constraints()
        self._people(root)
        leaves = {k: task for k, task in self.tasks.items() if not task.children}
        for task in leaves.values():
            self._lengths(task)
        self._pass_on(leaves)
        self._cycles(leaves)
        for task in leaves.values():
            self._underway(task)
        return leaves

    def refuse(
        self,
        task: ProjectTask,
        what: str,
        found: str,
        limit: str = "",
        fix: str = "",
        line: int = 0,
    ) -> None:
        """Note that a task cannot be said in a plan, by its name."""
        path = f"tasks.{task.name}" + (f".{what}" if what else "")
        self.faults.append(Fault(self.label, line or task.line, path, found, limit, fix))

    def _rows(self, root: Element) -> None:
        above: list[ProjectTask] = []
        for element in root.all("Tasks", "Task"):
            uid, level = whole(element.get("UID")), whole(element.get("OutlineLevel") or "1")
            if element.get("IsNull") == "1" or uid == 0 or level == 0:
                continue  # a blank row, or the row of the project itself
            short = label(element.get("Name")) or f"task {uid}"
            if uid is None or level is None or not 0 < level <= MOST_LEVELS:
                limit = f"a whole number, and 1 to {MOST_LEVELS}"
                found = f"UID {element.get('UID')[:20]!r}, OutlineLevel {level}"
                where = self.label, element.line, f"tasks.{short}"
                self.faults.append(Fault(*where, found, limit))
                continue
            task = ProjectTask(uid, short, element.line, level, element, element.get("WBS")[:200])
            if uid in self.tasks:
                self.refuse(task, "UID", f"number {uid} twice", "each number once")
                continue
            while above and above[-1].level >= level:
                above.pop()
            if above:
                above[-1].children.append(uid)
            above.append(task)
            self.tasks[uid] = task

    def _links(self, task: ProjectTask) -> None:
        for link in task.element.all("PredecessorLink"):
            where = {"line": link.line}
            uid, kind = whole(link.get("PredecessorUID")), whole(link.get("Type") or "1")
            lag, form = whole(link.get("LinkLag") or "0"), whole(link.get("LagFormat") or "7")
            if link.get("CrossProject") == "1":
                fix = "copy that task into this file, or delete the link"
                self.refuse(task, "link", "a link to another project", "this file", fix, **where)
            elif uid not in self.tasks:
                found = f"a link to task {link.get('PredecessorUID')[:20]!r}, which is not there"
                self.refuse(task, "link", found, "a task of the file", "delete the link", **where)
            elif kind is None or not 0 <= kind < len(LINK_KINDS) or lag is None:
                found = f"Type {link.get('Type')[:20]!r}, LinkLag {link.get('LinkLag')[:20]!r}"
                self.refuse(task, "link", found, "0 to 3, and a whole number", **where)
            elif form in PERCENT_FORMATS:
                name = self.tasks[uid].name
                found, fix = f"a lag in per cent of {name}", "write the lag in days"
                self.refuse(task, "link", found, "working or elapsed time", fix, **where)
            else:
                task.links.append((uid, LINK_KINDS[kind], lag * 6.0, form in ELAPSED_FORMATS))

    def _constraints(self) -> None:
        """Dates that hold tasks; a summary's holds all below it."""
        for task in self.tasks.values():
            kind = whole(task.element.get("ConstraintType") or str(AS_SOON))
            if kind in _REFUSED:
                found, fix = _REFUSED[kind]
                self.refuse(task, "ConstraintType", found, _CONSTRAINTS, fix)
            elif kind in (NO_EARLIER, MUST_START):
                date = moment(task.element.get("ConstraintDate"))
                if date is None:
                    found = f"ConstraintDate {task.element.get('ConstraintDate')[:40]!r}"
                    self.refuse(task, "ConstraintDate", found, "a date and time")
                    continue
                if kind == MUST_START:
                    self._leave_out("“must start on” read as “start no earlier than”")
                for leaf in self._below(task):
                    leaf.not_before = max(leaf.not_before or date, date)
            elif kind != AS_SOON:
                found = f"ConstraintType {task.element.get('ConstraintType')[:20]!r}"
                self.refuse(task, "ConstraintType", found, "0 to 7")

    def _below(self, task: ProjectTask) -> Iterator[ProjectTask]:
        """The tasks under a summary that are none themselves, or the task itself."""
        if not task.children:
            yield task
        for child in task.children:
            yield from self._below(self.tasks[child])

    def _leave_out(self, what: str) -> None:
        self.left_out[what] = self.left_out.get(what, 0) + 1

    def _lengths(self, task: ProjectTask) -> None:
        """Length, range and calendar of a task; flags that a plan cannot say."""
        get = task.element.get
        for flag, (value, found, fix) in _FLAGS.items():
            if get(flag) == value:
                self.refuse(task, flag, found, "a task of this plan", fix)
        form, seconds = whole(get("DurationFormat") or "7"), seconds_of(get("Duration"))
        if form in PERCENT_FORMATS or seconds is None:
            found = (
                f"Duration {get('Duration')[:40]!r}, DurationFormat {get('DurationFormat')[:9]!r}"
            )
            self.refuse(task, "Duration", found, "a length as PT8H0M0S, in time")
            seconds = 0.0
        task.elapsed, task.seconds = form in ELAPSED_FORMATS, seconds
        task.points = self._points(task)
        task.start, task.finish = moment(get("Start")), moment(get("Finish"))
        calendar = whole(get("CalendarUID") or "-1")
        task.calendar = calendar if calendar is not None and calendar >= 0 else None
        if task.calendar is not None and task.calendar not in self.calendars:
            limit = f"one of {', '.join(map(str, sorted(self.calendars)[:12])) or 'none'}"
            fix = "choose a calendar of the project"
            self.refuse(task, "CalendarUID", f"calendar {calendar} is missing", limit, fix)
        delay = get("LevelingDelay") or "0"
        if delay != "0" and task.start:
            self._leave_out("a levelling delay read as “start no earlier than” its start")
            task.not_before = max(task.not_before or task.start, task.start)
        for kind, said in (("Deadline", "deadlines"), ("ActualStart", "actual dates")):
            if get(kind) and get(kind) != "NA":
                self._leave_out(said)

    def _points(self, task: ProjectTask) -> tuple[float, float, float] | None:
        """Low, likely and high of a task, where Duration1 and Duration3 are given."""
        fields = {}
        for one in task.element.all("ExtendedAttribute"):
            fields[one.get("FieldID")] = one
        values = []
        for field_id in DURATION_FIELDS.values():
            one = fields.get(str(field_id))
            values.append((seconds_of(one.get("Value")) or 0.0) if one else 0.0)
            form = whole(one.get("DurationFormat") or "7") if one else None
            if values[-1] and (form in ELAPSED_FORMATS) != task.elapsed:
                found, fix = "a range in other days than the length", "use the same unit"
                self.refuse(task, "Duration1", found, "both working or both elapsed", fix)
                return None
        low, likely, high = values
        if not low and not high:
            return None
        if likely and abs(likely - task.seconds) > 1:
            self._leave_out("a Duration2 that is not the Duration, which is kept")
        if not low <= task.seconds <= high:
            hours = " / ".join(f"{x / 3600:g} h" for x in (low, task.seconds, high))
            limit, fix = "in ascending order", "Duration1 <= Duration <= Duration3"
            self.refuse(task, "Duration1", f"a range of {hours}", limit, fix)
            return None
        return low, task.seconds, high

    def _pass_on(self, leaves: dict[int, ProjectTask]) -> None:
        """Links of summary rows become links of what they hold; where that says less, refuse."""
        for task in list(self.tasks.values()):
            for uid, kind, lag, elapsed in task.links if task.children else ():
                if kind in ("FF", "SF"):
                    fix = "link the tasks below it"
                    self.refuse(task, "link", f"a summary row with a link {kind}", "FS or SS", fix)
                    continue
                for leaf in self._below(task):
                    leaf.links.append((uid, kind, lag, elapsed))
        for task in leaves.values():
            links = []
            for uid, kind, lag, elapsed in task.links:
                before = self.tasks[uid]
                if before.children and kind[0] == "S":
                    found = f"a link {kind} to the summary row {before.name}"
                    fix = "link it to the task below that starts first"
                    self.refuse(task, "link", found, "FS or FF", fix)
                    continue
                links += [(one.uid, kind, lag, elapsed) for one in self._below(before)]
            task.links = list(dict.fromkeys(links))

    def _cycles(self, leaves: dict[int, ProjectTask]) -> None:
        try:
            TopologicalSorter(
                {k: [link[0] for link in t.links] for k, t in leaves.items()}
            ).prepare()
        except CycleError as error:
            cycle = [leaves[uid].name for uid in reversed(error.args[1])]
            task, shown = leaves[error.args[1][0]], " → ".join(cycle[:12])
            self.refuse(task, "link", f"a cycle: {shown}", "no cycles", "remove one of its links")

    def _underway(self, task: ProjectTask) -> None:
        """What work in progress asks of the tool: retained logic, and remainders split off."""
        task.done = float(whole(task.element.get("PercentComplete")) or 0)
        if task.done:
            self._leave_out("progress: the plan is read as if nothing had begun")
        for uid, kind, _, _ in task.links:
            done = whole(self.tasks[uid].element.get("PercentComplete")) or 0
            if task.done and kind == "FS" and done < 100:
                found = f"begun before {self.tasks[uid].name} is finished (retained logic)"
                fix = "delete the link, or the progress"
                self.refuse(task, "PercentComplete", found, "links that hold", fix)

    def _people(self, root: Element) -> None:
        """Whole units of people that tasks seize; people with days off of their own are refused."""
        self.resources: dict[int, tuple[str, int]] = {}
        people = {whole(r.get("UID")): r for r in root.all("Resources", "Resource")}
        for element in root.all("Assignments", "Assignment"):
            task = self.tasks.get(whole(element.get("TaskUID")))
            uid = whole(element.get("ResourceUID"))
            if task is None or uid is None or uid == _UNASSIGNED:
                continue
            resource = people.get(uid)
            if resource is None:
                self.refuse(task, "uses", f"resource {uid} is not there", line=element.line)
            elif whole(resource.get("Type") or "1") != _WORK:
                self._leave_out("materials and costs of tasks")
            elif task.children:
                fix = "assign it to the tasks below"
                self.refuse(task, "uses", "people on a summary row", "", fix, element.line)
            else:
                self._assign(task, element, uid, resource)

    def _assign(self, task: ProjectTask, element: Element, uid: int, resource: Element) -> None:
        name = label(resource.get("Name")) or f"resource {uid}"
        units, where = _units(element.get("Units") or "1"), {"line": element.line}
        if units is None:
            found = f"{element.get('Units')[:20]!r} units of {name}"
            fix = "assign whole units"
            self.refuse(task, "uses", found, "whole units: 1 is 100 %", fix, **where)
            return
        if any(element.get(kind) not in ("", "0") for kind in ("Delay", "LevelingDelay")):
            fix = "split the task in two"
            self.refuse(task, "uses", f"{name} joins later than the task starts", "", fix, **where)
        task.uses[uid] = task.uses.get(uid, 0) + units
        if uid not in self.resources:
            most = _units(resource.get("MaxUnits") or "1")
            if (
                most is None
                or len(list(resource.all("AvailabilityPeriods", "AvailabilityPeriod"))) > 1
            ):
                found = (
                    f"{name} is there for {resource.get('MaxUnits')[:20]!r} units, or not always"
                )
                self.refuse(task, "uses", found, "whole units, all the time", "round them", **where)
            self.resources[uid] = name, most or task.uses[uid]
        if task.uses[uid] > self.resources[uid][1]:
            found = f"{task.uses[uid]} units of {name}, of whom there are {self.resources[uid][1]}"
            fix = "assign fewer, or raise MaxUnits"
            self.refuse(task, "uses", found, "at most MaxUnits", fix, **where)
        if task.element.get("IgnoreResourceCalendar") == "1":
            return
        calendar = self.calendars.get(whole(resource.get("CalendarUID") or "-1"))
        asked = whole(task.element.get("CalendarUID") or "-1")
        theirs = self.calendars.get(asked if asked is not None and asked >= 0 else self.own)
        if calendar is not None and theirs is not None and not calendar.same(theirs):
            found = f"{name} works on a calendar of their own, {calendar.name}"
            fix = "give the task that calendar, and let it ignore those of resources"
            self.refuse(task, "uses", found, "the calendar of the task", fix, **where)


def _units(text: str) -> int | None:
    """Whole units, from 1 to 1,000; None if they are not whole."""
    try:
        units = float(text)
    except ValueError:
        return None
    return int(units) if 1 <= units <= 1000 and units == int(units) else None


_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}\Z")


def ids_of(
    tasks: dict[int, ProjectTask], taken: Callable[[str], bool]
) -> dict[int, str]:  # fmt: skip
    """Ids for tasks: their WBS codes with the dots made dashes, or their numbers."""
    found: dict[int, str] = {}
    codes = [task.code.replace(".", "-") for task in tasks.values()]
    used = Counter(codes)
    for task, code in zip(tasks.values(), codes, strict=True):
        good = _CODE.match(code) and used[code] == 1 and not taken(code)
        name = code if good else f"t{task.uid}"
        while not good and name in used:
            name += "_"
        used[name] += not good
        found[task.uid] = name
    return found
