"""MS Project: a plan goes out and comes back with the same dates; what it cannot say is refused."""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import plan_of, range_of

from hdhplan.calendars import shown_date
from hdhplan.cli import main
from hdhplan.errors import InputError
from hdhplan.inputs import likely_sample
from hdhplan.mspdi import NAMESPACE, clock, day_at, duration, open_hours, seconds_of
from hdhplan.outcome import run_block
from hdhplan.priority import prepare
from hdhplan.project_xml import project_xml
from hdhplan.readers.mspdi import read_project
from hdhplan.reading import load_plan

CASES = Path(__file__).parent / "cases"
MINUTE = 1 / 1440
N = f"{{{NAMESPACE}}}"
MONDAY = date(2026, 1, 5)


def days_of(plan) -> dict[str, tuple[float, float]]:
    """Start and finish of every task of the likely plan. [d]"""
    model = prepare(plan)
    dates = run_block(model, likely_sample(model.inputs), "bare").dates
    return {
        task: (float(dates.start_day(task)[0]), float(dates.finish_day(task)[0]))
        for task in model.schedule.order
    }


def back(content: bytes):
    """What the reader makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xml"
        path.write_bytes(content)
        return read_project(path)


def check_same(plan, within: float) -> None:
    """The plan that comes back has the dates of the plan that went out."""
    found = back(project_xml(plan, draws=0))
    there, here = days_of(plan), days_of(found.plan)
    for task, days in there.items():
        assert here[task.replace(".", "-")] == pytest.approx(days, abs=within), task
    assert not found.moved


@pytest.mark.parametrize("case", ["n1", "n3", "n5", "eighth_of_may", "team_week", "year_2026"])
def test_published_networks_come_back_exactly(case):
    check_same(load_plan(str(CASES / f"{case}.yaml")), 1e-9)


@pytest.mark.parametrize(
    "case", ["two_reviews", "gates", "perimeters", "dual_write", "interrupted"]
)
def test_levelled_and_expanded_plans_come_back_to_the_minute(case):
    check_same(load_plan(str(CASES / f"{case}.yaml")), MINUTE)


@pytest.mark.parametrize("scenario", ["base", "accelerated", "other_platform"])
def test_the_programme_comes_back_to_the_minute(scenario):
    check_same(load_plan(scenario), MINUTE)


CALENDARS = {
    "team": {"base": "france", "capacity": [{"from": "01-12", "to": "02-20", "rate": 0.5}]},
    "four": {
        "base": "france",
        "closed_weekdays": ["fri"],
        "closed": [["2026-02-02", "2026-02-11"]],
    },
    "long": {"base": "continuous", "capacity": [{"from": "01-01", "to": "12-31", "rate": 1.5}]},
    "nights": {"base": "continuous", "hours": [20, 6]},
}
QUARTERS = st.integers(0, 24).map(lambda n: n / 4)


@st.composite
def networks(draw):
    """Small networks: four kinds of link, lags in d and wd, calendars, people, dates, freezes."""
    tasks = []
    for i in range(draw(st.integers(2, 6))):
        one = {"id": f"T{i}"}
        if draw(st.integers(0, 5)):
            unit = draw(st.sampled_from(["d", "wd", "wd"]))
            one["work"] = f"{draw(QUARTERS)} {unit}"
            if draw(st.booleans()):
                one["calendar"] = draw(st.sampled_from(["france", *CALENDARS]))
            if not draw(st.integers(0, 3)):
                one["unsplit"] = True
                one["work"] = f"{draw(st.integers(0, 1)) / 4} {unit}"
        before = draw(st.lists(st.sampled_from([t["id"] for t in tasks]), max_size=3)) if i else []
        one["after"] = [
            f"{task} {draw(st.sampled_from(['FS', 'SS', 'FF', 'SF']))}"
            f"{draw(st.integers(-8, 16)) / 4:+g} {draw(st.sampled_from(['d', 'wd']))}"
            for task in dict.fromkeys(before)
        ]
        if draw(st.booleans()):
            one["uses"] = {"people": draw(st.integers(1, 2))}
        if not draw(st.integers(0, 3)):
            one["fixed"] = f"2026-01-{draw(st.integers(5, 28)):02}"
        tasks.append(one)
    if draw(st.booleans()):
        tasks.append({"id": "team", "span": ["T0", f"T{len(tasks) - 1}"]})
    return tasks


@settings(max_examples=120)
@given(networks(), st.sampled_from(["continuous", "france", "team"]))
def test_any_small_network_comes_back_to_the_minute(tasks, calendar):
    plan = plan_of(
        tasks=tasks, calendar=calendar, calendars=CALENDARS, resources={"people": 2}, judgement="j"
    )
    check_same(plan, MINUTE)


def test_a_driver_that_always_happens_comes_back_in_the_dates():
    plan = plan_of(
        tasks=[{"id": "A", "work": "4 wd"}, {"id": "B", "work": "2 d", "after": ["A"]}],
        drivers=[{"id": "late", "delay": "2.5 d", "factor": 1.25, "on": ["A"]}],
    )
    check_same(plan, MINUTE)


# --- the file ---


def file_of(plan, lang: str = "en", draws: int = 0) -> ET.Element:
    return ET.fromstring(project_xml(plan, lang, draws))


def tasks_of(root: ET.Element) -> dict[str, ET.Element]:
    return {t.findtext(f"{N}WBS") or t.findtext(f"{N}Name"): t for t in root.iter(f"{N}Task")}


def test_working_and_elapsed_lengths_lags_and_links_are_in_the_units_of_ms_project():
    root = file_of(load_plan(str(CASES / "n1.yaml")))
    tasks = tasks_of(root)
    assert tasks["A"].findtext(f"{N}Duration") == "PT72H0M0S"  # three elapsed days
    assert tasks["A"].findtext(f"{N}DurationFormat") == "8"
    links = {
        name: [
            tuple(link.findtext(f"{N}{tag}") for tag in ("Type", "LinkLag", "LagFormat"))
            for link in tasks[name].iter(f"{N}PredecessorLink")
        ]
        for name in "BCEF"
    }
    assert links == {  # lags in tenths of a minute: two elapsed days are 28,800
        "B": [("1", "28800", "8")],
        "C": [("3", "0", "7")],
        "E": [("2", "43200", "8")],
        "F": [("0", "43200", "8")],
    }
    assert tasks["H"].findtext(f"{N}Finish") == "2026-01-18T18:00:00"  # day 14 is over
    plan = plan_of(
        tasks=[{"id": "A", "work": "5 wd"}, {"id": "B", "work": "1 wd", "after": ["A FS+2 wd"]}]
    )
    tasks = tasks_of(file_of(plan))
    assert tasks["A"].findtext(f"{N}Duration") == "PT40H0M0S"
    assert tasks["A"].findtext(f"{N}Start") == "2026-01-05T09:00:00"
    assert tasks["A"].findtext(f"{N}Finish") == "2026-01-09T18:00:00"
    link = tasks["B"].find(f"{N}PredecessorLink")
    assert (link.findtext(f"{N}LinkLag"), link.findtext(f"{N}LagFormat")) == ("9600", "7")


def test_dates_of_the_file_are_those_that_the_report_shows():
    plan = load_plan("base")
    tasks = tasks_of(file_of(plan))
    for task, (_, finish) in days_of(plan).items():
        shown = datetime.fromisoformat(tasks[task].findtext(f"{N}Finish")).date()
        assert shown == shown_date(finish, plan.start), task


#: Children in the order of Microsoft's schema, as far as we write them.
ORDER = {
    "Project": "SaveVersion Name Title Author ScheduleFromStart StartDate FinishDate CalendarUID "
    "DefaultStartTime DefaultFinishTime MinutesPerDay MinutesPerWeek DaysPerMonth DefaultTaskType "
    "DurationFormat HonorConstraints NewTasksEffortDriven NewTasksAreManual ExtendedAttributes "
    "Calendars Tasks Resources Assignments",
    "Calendar": "UID Name IsBaseCalendar BaseCalendarUID WeekDays Exceptions",
    "Exception": "EnteredByOccurrences TimePeriod Occurrences Name Type DayWorking WorkingTimes",
    "WeekDay": "DayType DayWorking WorkingTimes",
    "Task": "UID ID Name Active Manual Type IsNull WBS OutlineNumber OutlineLevel Priority Start "
    "Finish Duration DurationFormat EffortDriven Estimated Milestone Summary ConstraintType "
    "CalendarUID ConstraintDate IgnoreResourceCalendar Notes PredecessorLink ExtendedAttribute "
    "Baseline",
    "PredecessorLink": "PredecessorUID Type CrossProject LinkLag LagFormat",
    "Baseline": "Number Start Finish Duration DurationFormat",
    "Resource": "UID ID Name Type IsNull MaxUnits",
    "Assignment": "UID TaskUID ResourceUID Finish Start Units Work",
}


def test_children_stand_in_the_order_of_the_schema_and_nothing_points_nowhere():
    root = file_of(load_plan("base"), draws=64)
    for tag, order in ORDER.items():
        known = order.split()
        for element in root.iter(f"{N}{tag}") if tag != "Project" else [root]:
            places = [known.index(child.tag.removeprefix(N)) for child in element]
            assert places == sorted(places), tag
    uids = {t.findtext(f"{N}UID") for t in root.iter(f"{N}Task")}
    assert len(uids) == len(list(root.iter(f"{N}Task")))
    assert {e.text for e in root.iter(f"{N}PredecessorUID")} <= uids
    calendars = {c.findtext(f"{N}UID") for c in root.iter(f"{N}Calendar")} | {"-1"}
    assert {e.text for e in root.iter(f"{N}CalendarUID")} <= calendars


def test_the_calendar_has_french_holidays_and_half_weeks():
    root = file_of(load_plan("base"), "fr")
    people = next(c for c in root.iter(f"{N}Calendar") if c.findtext(f"{N}Name") == "people")
    named = {
        e.find(f"{N}TimePeriod").findtext(f"{N}FromDate")[:10]: (
            e.findtext(f"{N}Name"),
            [w.findtext(f"{N}ToTime") for w in e.iter(f"{N}WorkingTime")],
        )
        for e in people.iter(f"{N}Exception")
    }
    assert named["2026-05-01"] == ("Fête du Travail", [])
    assert named["2026-07-20"][1] == ["13:00:00"]  # 9 to 13: half of the day
    assert "2026-08-15" not in named  # a Saturday


def test_ranges_and_simulated_finishes_stand_in_their_fields():
    work = range_of(2, 4, 10, "wd")
    plan = plan_of(
        tasks=[{"id": "A", "work": work}, {"id": "B", "work": "1 d", "after": ["A"]}],
        drivers=[{"id": "more", "factor": 1.5, "on": ["A"]}],
    )
    tasks = tasks_of(file_of(plan, draws=512))

    def fields(task):
        return {
            e.findtext(f"{N}FieldID"): e.findtext(f"{N}Value")
            for e in tasks[task].iter(f"{N}ExtendedAttribute")
        }

    found = fields("A")
    assert [found[f"18874378{i}"] for i in (3, 4, 5)] == ["PT24H0M0S", "PT48H0M0S", "PT120H0M0S"]
    assert found["188743733"] < found["188743736"]  # P50 before P80
    assert set(fields("B")) == {"188743733", "188743736"}
    assert "a test, grade D" in tasks["A"].findtext(f"{N}Notes")
    assert "±" in tasks["A"].findtext(f"{N}Notes")
    read = back(project_xml(plan)).plan.tasks["A"].work
    assert (read.low, read.likely, read.high, read.unit, read.grade) == (3, 6, 15, "wd", "D")


def test_the_same_plan_gives_the_same_bytes():
    plan = load_plan("other_platform")
    assert project_xml(plan, draws=256) == project_xml(load_plan("other_platform"), draws=256)


@pytest.mark.parametrize("rate", [0.01, 0.25, 0.5, 0.333, 1, 1.25, 2, 3])
def test_a_days_hours_are_its_rate(rate):
    assert sum(b - a for a, b in open_hours(rate)) == pytest.approx(rate * 8 * 3600)


@given(st.integers(0, 4_000 * 28_800), st.booleans())
def test_the_clock_can_be_read_back(steps, ends):
    day = steps / 28_800
    assert day_at(MONDAY, clock(MONDAY, day, ends)) == pytest.approx(day, abs=1e-9)


@given(st.integers(0, 10**9))
def test_a_length_can_be_read_back(seconds):
    assert seconds_of(duration(seconds)) == seconds


def test_a_plan_that_never_ends_is_refused_by_task_name(tmp_path):
    with pytest.raises(InputError, match="leave: never ends"):
        project_xml(load_plan("stay_on_azure"), draws=0)


# --- files of MS Project's own ---

STANDARD = """<Calendar><UID>1</UID><Name>Standard</Name><IsBaseCalendar>1</IsBaseCalendar>
<BaseCalendarUID>-1</BaseCalendarUID><WeekDays>{days}</WeekDays>{more}</Calendar>"""
WORKING = """<WeekDay><DayType>{}</DayType><DayWorking>1</DayWorking><WorkingTimes>
<WorkingTime><FromTime>08:00:00</FromTime><ToTime>12:00:00</ToTime></WorkingTime>
<WorkingTime><FromTime>13:00:00</FromTime><ToTime>17:00:00</ToTime></WorkingTime>
</WorkingTimes></WeekDay>"""
CLOSED = "<WeekDay><DayType>{}</DayType><DayWorking>0</DayWorking></WeekDay>"
WEEK = "".join((CLOSED if i in (1, 7) else WORKING).format(i) for i in range(1, 8))


def task(uid: int, name: str, hours: float = 8, more: str = "", level: int = 1) -> str:
    return (
        f"<Task><UID>{uid}</UID><Name>{html.escape(name)}</Name><OutlineLevel>{level}</OutlineLevel>"
        f"<Duration>PT{hours:g}H0M0S</Duration><DurationFormat>7</DurationFormat>{more}</Task>\n"
    )


def after(uid: int, kind: int = 1, lag: int = 0, form: int = 7) -> str:
    return (
        f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>{kind}</Type>"
        f"<LinkLag>{lag}</LinkLag><LagFormat>{form}</LagFormat></PredecessorLink>"
    )


def project(
    tasks: str, more: str = "", head: str = "", exceptions: str = "", week: str = WEEK
) -> bytes:
    calendar = STANDARD.format(days=week, more=f"<Exceptions>{exceptions}</Exceptions>")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Project xmlns="{NAMESPACE}">\n'
        "<StartDate>2026-01-05T08:00:00</StartDate><CalendarUID>1</CalendarUID>\n"
        f"<MinutesPerDay>480</MinutesPerDay>{head}<Calendars>{calendar}</Calendars>\n"
        f"<Tasks><Task><UID>0</UID><Name>All</Name><OutlineLevel>0</OutlineLevel><Summary>1</Summary>"
        f"</Task>\n{tasks}</Tasks>{more}</Project>\n"
    ).encode()


def test_summary_rows_are_dropped_and_their_links_go_to_what_they_hold():
    found = back(
        project(
            task(1, "Build", 40, "<Summary>1</Summary>")
            + task(2, "Walls", 24, level=2)
            + task(3, "Roof", 16, after(2), level=2)
            + task(4, "Move in", 8, after(1, lag=4800), level=1)
            + task(5, "Live", 0, "<Summary>1</Summary>" + after(4), level=1)
            + task(6, "Sleep", 16, level=2)
            + task(7, "Eat", 8, after(6, 3, 2400), level=2)
        )
    ).plan
    assert {k: t.name.en for k, t in found.tasks.items()} == {
        "t2": "Walls", "t3": "Roof", "t4": "Move in", "t6": "Sleep", "t7": "Eat",
    }  # fmt: skip
    days = days_of(found)
    assert days["t3"] == (3, 5)  # Thursday and Friday
    assert days["t4"] == (8, 9)  # a working day later: Tuesday
    assert days["t6"] == (9, 11)
    assert days["t7"] == (9.5, 10.5)


def test_calendars_exceptions_dates_and_people_of_ms_project_are_read():
    holiday = (
        "<Exception><TimePeriod><FromDate>2026-01-06T00:00:00</FromDate>"
        "<ToDate>2026-01-06T23:59:00</ToDate></TimePeriod><Type>1</Type><DayWorking>0</DayWorking>"
        "</Exception><Exception><TimePeriod><FromDate>2026-01-08T00:00:00</FromDate>"
        "<ToDate>2026-01-08T23:59:00</ToDate></TimePeriod><Type>1</Type><DayWorking>1</DayWorking>"
        "<WorkingTimes><WorkingTime><FromTime>08:00:00</FromTime><ToTime>12:00:00</ToTime>"
        "</WorkingTime></WorkingTimes></Exception>"
    )
    held = "<ConstraintType>4</ConstraintType><ConstraintDate>2026-01-12T{}</ConstraintDate>"
    people = (
        "<Resources><Resource><UID>1</UID><Name>Ann &amp; Co</Name><Type>1</Type><MaxUnits>2.00"
        "</MaxUnits></Resource></Resources><Assignments><Assignment><TaskUID>1</TaskUID>"
        "<ResourceUID>1</ResourceUID><Units>2</Units></Assignment></Assignments>"
    )
    found = back(
        project(
            task(1, "A", 20)
            + task(2, "B", 8, held.format("08:00:00"))
            + task(3, "C", 8, held.format("13:00:00")),
            people,
            exceptions=holiday,
        )
    ).plan
    days = days_of(found)
    # Monday, Wednesday, and half of Thursday, which has but four hours.
    assert days["t1"] == (0, 4)
    assert days["t2"] == (7, 8)
    assert found.tasks["t2"].fixed == date(2026, 1, 12)
    assert days["t3"] == (7.5, 8.5)
    assert found.resources == {"Ann_Co": 2}
    assert found.tasks["t1"].uses == {"Ann_Co": 2}


def test_a_large_file_is_read_for_all_its_indentation():
    rows = "".join(
        task(i, f"Task {i}", 8, after(i - 1) if i % 9 > 1 else "") for i in range(1, 901)
    )
    found = back(project(rows.replace("\n", "\n" + " " * 40)))
    assert len(found.plan.tasks) == 900


@pytest.mark.parametrize("kind", [2, 4])
def test_a_date_may_hold_a_start(kind):
    held = f"<ConstraintType>{kind}</ConstraintType><ConstraintDate>2026-01-07T08:00:00</ConstraintDate>"
    found = back(project(task(1, "A", 8, held)))
    assert days_of(found.plan)["t1"] == (2, 3)
    assert bool(found.left_out) == (kind == 2)


def test_dates_that_differ_from_the_file_are_told():
    late = "<Start>2026-01-05T08:00:00</Start><Finish>2026-01-05T17:00:00</Finish>"
    found = back(project(task(1, "A") + task(2, "B", 8, after(1) + late)))
    assert found.moved == (("B", date(2026, 1, 5), date(2026, 1, 6)),)


def assign(units: str = "1", more: str = "", resource: str = "") -> str:
    return (
        f"<Resources><Resource><UID>1</UID><Name>Ann</Name><Type>1</Type>{resource}</Resource>"
        "</Resources><Assignments><Assignment><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID>"
        f"<Units>{units}</Units>{more}</Assignment></Assignments>"
    )


def exception(first: str, last: str, more: str) -> str:
    return (
        f"<Exception><TimePeriod><FromDate>{first}T00:00:00</FromDate>"
        f"<ToDate>{last}T23:59:00</ToDate></TimePeriod>{more}</Exception>"
    )


RANGE = (
    "<ExtendedAttribute><FieldID>188743783</FieldID><Value>PT80H0M0S</Value></ExtendedAttribute>"
    "<ExtendedAttribute><FieldID>188743785</FieldID><Value>PT90H0M0S</Value></ExtendedAttribute>"
)
SPLIT = "<Start>2026-01-05T08:00:00</Start><Finish>2026-01-14T17:00:00</Finish>"
SHORT_FRIDAY = WEEK.replace(WORKING.format(6), WORKING.format(6).replace("17:00", "15:00"))

# What the file says, the task or calendar named, and words of what was found.
REFUSED = {
    "late": (project(task(1, "Dig", 8, "<ConstraintType>1</ConstraintType>")), "Dig", "ALAP"),
    "finish on": (project(task(1, "Dig", 8, "<ConstraintType>3</ConstraintType>")), "Dig", "must"),
    "no later": (project(task(1, "Dig", 8, "<ConstraintType>5</ConstraintType>")), "Dig", "later"),
    "split": (project(task(1, "Dig", 16, SPLIT)), "Dig", "split task"),
    "manual": (project(task(1, "Dig", 8, "<Manual>1</Manual>")), "Dig", "by hand"),
    "inactive": (project(task(1, "Dig", 8, "<Active>0</Active>")), "Dig", "inactive"),
    "recurring": (project(task(1, "Dig", 8, "<Recurring>1</Recurring>")), "Dig", "recurring"),
    "other project": (project(task(1, "Dig", 8, "<ExternalTask>1</ExternalTask>")), "Dig", "another"),
    "empty summary": (project(task(1, "Dig", 8, "<Summary>1</Summary>")), "Dig", "summary row"),
    "no calendar": (project(task(1, "Dig", 8, "<CalendarUID>9</CalendarUID>")), "Dig", "9 is missing"),
    "no length": (project(task(1, "Dig").replace("PT8H0M0S", "8 days")), "Dig", "'8 days'"),
    "no task": (project(task(1, "Dig", 8, after(7))), "Dig", "'7', which is not there"),
    "odd link": (project(task(1, "Dig") + task(2, "Fill", 8, after(1, 5))), "Fill", "Type '5'"),
    "per cent": (project(task(1, "Dig") + task(2, "Fill", 8, after(1, 1, 50, 19))), "Fill", "per cent"),
    "cycle": (
        project(task(1, "Dig", 8, after(2)) + task(2, "Fill", 8, after(1))), "", "Dig → Fill → Dig",
    ),
    "to itself": (project(task(1, "Dig", 8, after(1))), "Dig", "Dig → Dig"),
    "into its own summary": (
        project(task(1, "All") + task(2, "Dig", 8, after(1), 2)), "Dig", "cycle",
    ),
    "start of a summary": (
        project(task(1, "All") + task(2, "Dig", level=2) + task(3, "Fill", 8, after(1, 3))),
        "Fill", "summary row All",
    ),
    "finish of a summary": (
        project(task(3, "Fill") + task(1, "All", 8, after(3, 0)) + task(2, "Dig", level=2)),
        "All", "link FF",
    ),
    "range": (project(task(1, "Dig", 8, RANGE)), "Dig", "80 h / 8 h / 90 h"),
    "part of a person": (project(task(1, "Dig"), assign("0.5")), "Dig", "'0.5' units of Ann"),
    "more than there are": (project(task(1, "Dig"), assign("3")), "Dig", "3 units of Ann, of whom"),
    "joins later": (project(task(1, "Dig"), assign(more="<Delay>4800</Delay>")), "Dig", "joins later"),
    "half there": (
        project(task(1, "Dig"), assign(resource="<MaxUnits>1.5</MaxUnits>")), "Dig", "'1.5' units",
    ),
    "nobody": (project(task(1, "Dig"), assign().replace("<UID>1", "<UID>3")), "Dig", "not there"),
    "on a summary": (
        project(task(1, "All") + task(2, "Dig", level=2), assign()), "All", "people on a summary",
    ),
    "begun too early": (
        project(
            task(1, "Dig") + task(2, "Fill", 8, "<PercentComplete>20</PercentComplete>" + after(1))
        ),
        "Fill", "retained logic",
    ),
    "twice": (project(task(1, "Dig") + task(1, "Fill")), "Fill", "number 1 twice"),
    "finish first": (
        project(task(1, "Dig"), head="<ScheduleFromStart>0</ScheduleFromStart>"), "", "its finish",
    ),
    "short Friday": (project(task(1, "Dig"), week=SHORT_FRIDAY), "Standard", "unlike hours"),
    "a Saturday": (
        project(
            task(1, "Dig"),
            exceptions=exception("2026-01-10", "2026-01-10", "<DayWorking>1</DayWorking>"),
        ),
        "Standard", "2026-01-10 opens",
    ),
    "odd recurrence": (
        project(task(1, "Dig"), exceptions=exception("2026-01-05", "2027-01-05", "<Type>5</Type>")),
        "Standard", "recurs",
    ),
    "nothing": (project(""), "", "no task"),
    "no project calendar": (
        project(task(1, "Dig")).replace(b"<CalendarUID>1<", b"<CalendarUID>4<"), "", "'4' is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_plan_cannot_say_is_refused_by_name(name):
    content, named, words = REFUSED[name]
    with pytest.raises(InputError) as caught:
        back(content)
    faults = [f for f in caught.value.faults if words in f.found and named in f.field]
    assert faults, str(caught.value)
    for fault in caught.value.faults:
        assert fault.line
        assert fault.found
        assert str(fault).isprintable()
        assert len(str(fault)) < 700


def test_all_refusals_are_told_at_once_with_the_line_of_their_task():
    content = project(
        task(1, "Dig", 8, "<Manual>1</Manual>")
        + task(2, "Fill", 8, "<ConstraintType>1</ConstraintType>")
    )
    with pytest.raises(InputError) as caught:
        back(content)
    lines = content.decode().splitlines()
    told = [(fault.field, lines[fault.line - 1]) for fault in caught.value.faults]
    assert [field for field, _ in told] == ["tasks.Dig.Manual", "tasks.Fill.ConstraintType"]
    assert "Dig" in told[0][1]
    assert "Fill" in told[1][1]


GOOD = project(task(1, "Dig"))
BROKEN = {
    "dtd": (GOOD.replace(b"<Project", b"<!DOCTYPE Project>\n<Project"), "document type"),
    "entity": (
        GOOD.replace(b"<Project", b'<!DOCTYPE P [<!ENTITY x "y">]>\n<Project').replace(
            b"Dig", b"&x;"
        ),
        "document type",
    ),
    "file entity": (
        GOOD.replace(
            b"<Project", b'<!DOCTYPE P [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<Project'
        ),
        "document type",
    ),
    "unknown entity": (GOOD.replace(b"Dig", b"&x;"), "torn"),
    "torn": (GOOD[: len(GOOD) // 2], "torn"),
    "empty": (b"", "torn"),
    "no XML": (b"PK\x03\x04 a workbook", "torn"),
    "namespace": (GOOD.replace(NAMESPACE.encode(), b"urn:other"), "'urn:other'"),
    "no namespace": (GOOD.replace(f' xmlns="{NAMESPACE}"'.encode(), b""), "namespace ''"),
    "other root": (GOOD.replace(b"Project", b"Program"), "<Program>"),
    "20 MB": (GOOD.replace(b"Dig", b"D" * 20_000_000), "16 MiB"),
    "deep": (GOOD.replace(b"Dig", b"<a>" * 40 + b"</a>" * 40), "nested deeper"),
    "long": (GOOD.replace(b"Dig", b"D" * 20_000), "more characters"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_or_hostile_file_is_refused(name, tmp_path, capsys):
    content, words = BROKEN[name]
    path = tmp_path / "plan.xml"
    path.write_bytes(content)
    out = tmp_path / "plan.yaml"
    assert main(["import", "mspdi", str(path), "--out", str(out)]) == 3
    told = capsys.readouterr().err
    assert words in told
    assert "plan.xml" in told
    assert "Traceback" not in told
    assert "root:" not in told
    assert not out.exists()


def test_a_missing_file_is_refused(tmp_path, capsys):
    assert main(["import", "mspdi", str(tmp_path / "none.xml")]) == 3
    assert "cannot be read" in capsys.readouterr().err


HOSTILE = [
    *("$HOME", "$(rm -rf .)", "<b>x</b>", "=1+1", "=HYPERLINK(\"x\")", "a\nb", "\t", "a: b", "- a"),
    *("\u202egnp.exe", "\u200f\u200e", "x" * 500, "'", '"', "\\", "{a: 1}", "[1]", "#", "&amp;"),
    *("]]>", "<!--", "%YAML 1.1", "!!python/object:x", "*a", "&a", "null", "true", "012", "1e5"),
    *("12:30", "..", "../../x", "finish_day", "project_start", "é" * 400, "\u2028", "\U0001f600"),
    *(f"{c}{c}{c}" for c in "$<=>&'\"|;`~^%@!?*+-_/.,:()"),
]  # fmt: skip


def test_sixty_hostile_names_harm_no_plan_and_no_file(tmp_path, capsys):
    assert len(HOSTILE) >= 60
    path, out = tmp_path / "plan.xml", tmp_path / "plan.yaml"
    rows = [
        task(i, name, 8, f"<WBS>{html.escape(name)}</WBS>" + after(i - 1) * (i > 1))
        for i, name in enumerate(HOSTILE, 1)
    ]
    path.write_bytes(project("".join(rows)))
    assert main(["import", "mspdi", str(path), "--out", str(out)]) == 0
    plan = load_plan(str(out))
    assert len(plan.tasks) == len(HOSTILE)
    check_same(plan, MINUTE)
    tree = ET.fromstring(project_xml(plan, draws=0))
    assert len(list(tree.iter(f"{N}Task"))) == len(HOSTILE) + 1
    assert capsys.readouterr().err.replace("\n", "").isprintable()


# --- the commands ---


def test_out_and_back_by_the_commands(tmp_path, capsys):
    xml, yaml = tmp_path / "p.xml", tmp_path / "p.yaml"
    case = str(CASES / "two_reviews.yaml")
    assert main(["export", "mspdi", case, "--out", str(xml), "--lang", "en", "--draws", "16"]) == 0
    assert capsys.readouterr().out == f"{xml}\n"
    assert main(["import", "mspdi", str(xml), "--out", str(yaml), "--name", "two"]) == 0
    capsys.readouterr()
    assert main(["check", str(yaml)]) == 0
    assert load_plan(str(yaml)).name == "two"
    assert main(["import", "mspdi", str(xml)]) == 0
    assert "schema" in capsys.readouterr().out


def test_a_file_is_written_whole_or_not_at_all(tmp_path, capsys):
    xml = tmp_path / "p.xml"
    xml.write_text("as it was")
    case = str(CASES / "n1.yaml")
    assert main(["export", "mspdi", case, "--out", str(xml), "--set", "tasks.A.work=nonsense"]) == 3
    assert xml.read_text() == "as it was"
    assert main(["export", "mspdi", case, "--out", str(tmp_path / "no" / "p.xml")]) == 3
    assert "cannot be written" in capsys.readouterr().err
    assert main(["export", "mspdi", case, "--lang", "de", "--out", str(xml)]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["p.xml"]


def test_the_command_line_does_not_read_xml_before_it_is_asked_to():
    code = (
        "import sys, hdhplan.cli; "
        "print([m for m in ('defusedxml', 'xml.sax', 'holidays') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
