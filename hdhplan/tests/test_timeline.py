"""Timeline: dates, floats and levelling against a scalar pass, brute force and counting units."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import START, finishes, likely_of, plan_of, range_of

from hdhplan.inputs import draw, likely_sample
from hdhplan.outcome import run_block
from hdhplan.scope import Link
from hdhplan.simulation import prepare, simulate

KINDS = ("FS", "SS", "FF", "SF")


def rows(**parts) -> dict[str, tuple[float, float]]:
    """Early start and finish of every task of the likely plan. [d]"""
    tasks = likely_of(**parts).tasks
    return {k: (task.early_start, task.early_finish) for k, task in tasks.items()}


@st.composite
def elapsed_networks(draw, kinds=KINDS):
    """Two to eight tasks of whole days, linked backwards."""
    tasks = []
    for i in range(draw(st.integers(2, 8))):
        after = [
            f"t{j} {draw(st.sampled_from(kinds))}{draw(st.integers(-2, 4)):+d} d"
            for j in range(i)
            if draw(st.booleans())
        ]
        tasks.append({"id": f"t{i}", "work": f"{draw(st.integers(0, 9))} d", "after": after})
    return tasks


def by_hand(tasks: list[dict]) -> dict[str, tuple[float, float]]:
    """The forward pass in plain numbers."""
    found: dict[str, tuple[float, float]] = {}
    for task in tasks:
        work, start = float(task["work"].split()[0]), 0.0
        for text in task["after"]:
            other, tie, _ = text.split()
            event = found[other][0 if tie[0] == "S" else 1] + float(tie[2:])
            start = max(start, event - (work if tie[1] == "F" else 0.0))
        found[task["id"]] = (start, start + work)
    return found


@given(elapsed_networks())
def test_the_forward_pass_of_all_relations(tasks) -> None:
    assert rows(tasks=tasks) == by_hand(tasks)


@given(elapsed_networks(kinds=("FS", "SS")))
def test_total_float_is_how_far_a_task_may_slip(tasks) -> None:
    """Fixed that much later, it moves no end; a day more, and the plan ends a day later."""
    forecast = likely_of(tasks=tasks)
    end = forecast.likely["finish_day"]
    for i, task in enumerate(tasks):
        row = forecast.tasks[task["id"]]
        for slip in (0, 1):
            day = date.fromisoformat(START) + timedelta(
                row.early_start + row.slack.total_float + slip
            )
            later = [dict(t) for t in tasks]
            later[i]["fixed"] = day
            assert likely_of(tasks=later).likely["finish_day"] == end + slip


@given(elapsed_networks(kinds=("FS", "SS")))
def test_free_float_is_how_far_a_task_may_slip_before_it_moves_another(tasks) -> None:
    forecast = likely_of(tasks=tasks)
    for i, task in enumerate(tasks):
        row = forecast.tasks[task["id"]]
        assert 0 <= row.slack.free_float <= row.slack.total_float
        later = [dict(t) for t in tasks]
        slip = row.slack.free_float
        later[i]["fixed"] = date.fromisoformat(START) + timedelta(row.early_start + slip)
        moved = likely_of(tasks=later).tasks
        for other in tasks:
            if other["id"] != task["id"]:
                expected = forecast.tasks[other["id"]].early_finish
                assert moved[other["id"]].early_finish == expected


@given(elapsed_networks())
def test_late_dates_are_early_dates_and_float(tasks) -> None:
    forecast = likely_of(tasks=tasks)
    for row in forecast.tasks.values():
        slack = row.slack
        assert slack.late_start - row.early_start == pytest.approx(slack.total_float)
        assert slack.late_finish - row.early_finish == pytest.approx(slack.total_float)
        assert slack.late_finish <= forecast.likely["finish_day"]
    critical = {k for k, share in forecast.criticality.items() if share == 1}
    assert critical <= {k for k, row in forecast.tasks.items() if row.slack.total_float == 0}
    assert critical


def test_a_critical_task_delayed_into_a_rest_day_finishes_late_when_it_finishes_early() -> None:
    """Five working days from a Monday, then one elapsed day: Saturday, early and late."""
    forecast = likely_of(
        tasks=[{"id": "a", "work": "5 wd", "calendar": "france"}],
        drivers=[{"id": "late", "p": 1, "delay": "1 d", "on": ["a"]}],
    )
    row = forecast.tasks["a"]
    assert (row.early_finish, row.slack.late_finish, row.slack.total_float) == (6, 6, 0)


def test_pushing_the_first_critical_task_moves_the_end_by_exactly_that() -> None:
    tasks = [
        {"id": "a", "work": "20 wd"},
        {"id": "b", "work": "10 wd", "after": ["a SS+5 wd"]},
        {"id": "c", "work": "5 wd", "after": ["a", "b"]},
    ]
    one = likely_of(tasks=tasks, calendar="france")
    tasks[0] = tasks[0] | {"work": "620 wd"}
    other = likely_of(tasks=tasks, calendar="france")
    bought = np.array([one.likely["finish_day"], other.likely["finish_day"]])
    france = prepare(plan_of(tasks=tasks)).schedule.france
    assert np.diff(france.worked(bought)) == 600


# Lags and calendars


@pytest.mark.parametrize(
    ("tasks", "row"),
    [
        # 2026-01-05 is a Monday. Elapsed lags run on days off, working lags do not.
        ([("a", "3 wd", []), ("b", "1 wd", ["a FS+2 d"])], (7, 8)),
        ([("a", "3 wd", []), ("b", "1 wd", ["a FS+2 wd"])], (7, 8)),
        ([("a", "3 wd", []), ("b", "2 d", ["a FS+2 d"])], (5, 7)),
        ([("a", "3 wd", []), ("b", "2 d", ["a FS+3 wd"])], (8, 10)),
        ([("a", "6 d", []), ("b", "1 wd", ["a"])], (7, 8)),
        ([("a", "6 d", []), ("b", "1 wd", ["a FS+1 wd"])], (8, 9)),
        ([("a", "6 wd", []), ("b", "2 wd", ["a FF"])], (4, 8)),
        ([("a", "8 d", []), ("b", "2 wd", ["a FF"])], (4, 8)),
        ([("a", "7 d", []), ("b", "2 wd", ["a FF"])], (3, 5)),
        ([("a", "2 wd", []), ("b", "1 wd", ["a SS+5 wd"])], (7, 8)),
        ([("a", "9 d", []), ("b", "1 d", ["a FS-2 d"])], (7, 8)),
    ],
)
def test_a_lag_runs_on_the_clock_that_its_unit_names(tasks, row) -> None:
    plan = [{"id": k, "work": work, "after": after} for k, work, after in tasks]
    assert rows(tasks=plan)["b"] == row


@pytest.mark.parametrize("calendar", ["continuous", "france"])
def test_what_has_no_work_ends_no_sooner_than_what_it_waits_for(calendar: str) -> None:
    """On a day off too: a milestone, a switched-off branch, a work of nothing."""
    for middle in ({}, {"work": "0 wd"}, {"work": "9 wd", "only_if": "branch"}):
        tasks = [
            {"id": "a", "work": "6 d"},
            {"id": "m", "after": ["a"]} | middle,
            {"id": "c", "work": "1 d", "after": ["m"]},
        ]
        drivers = [{"id": "branch", "p": 0.5, "cost": 1}]
        forecast = likely_of(tasks=tasks, calendar=calendar, drivers=drivers)
        assert forecast.tasks["m"].early_finish == 6
        assert forecast.tasks["m"].early_start == 6
        assert forecast.likely["finish_day"] == 7


def test_a_date_that_is_not_ours_holds_a_task_back() -> None:
    tasks = [
        {"id": "a", "work": "1 d"},
        {"id": "b", "work": "1 wd", "after": ["a"], "fixed": "2026-01-10"},
    ]
    assert rows(tasks=tasks)["b"] == (7, 8)


def test_a_span_hangs_between_two_events_and_is_never_critical() -> None:
    tasks = [
        {"id": "a", "work": "2 d"},
        {"id": "b", "work": "3 d", "after": ["a"]},
        {"id": "team", "span": ["a", "b"]},
    ]
    forecast = likely_of(tasks=tasks)
    team = forecast.tasks["team"]
    assert (team.early_start, team.early_finish, team.slack) == (0, 5, None)
    assert forecast.criticality == {"a": 1, "b": 1, "team": 0}


def test_delays_come_after_the_finish_and_factors_multiply_first() -> None:
    drivers = [
        {"id": "d", "p": 1, "delay": "3 wd", "on": ["a"]},
        {"id": "f", "p": 1, "factor": 2, "on": ["a"]},
    ]
    assert finishes(tasks=[{"id": "a", "work": "4 wd"}], drivers=drivers)["a"] == 15
    elapsed = [drivers[0] | {"delay": "3 d"}, drivers[1]]
    assert finishes(tasks=[{"id": "a", "work": "4 wd"}], drivers=elapsed)["a"] == 13


def test_an_opportunity_never_ends_a_task_before_it_starts() -> None:
    drivers = [{"id": "luck", "p": 1, "delay": "-9 d", "on": ["b"]}]
    for unit in ("d", "wd"):
        tasks = [{"id": "a", "work": "2 d"}, {"id": "b", "work": f"3 {unit}", "after": ["a"]}]
        assert finishes(tasks=tasks, drivers=drivers)["b"] == 2


def test_ids_may_look_like_lags() -> None:
    tasks = [
        {"id": "wave-2", "work": "1 d"},
        {"id": "x-1d", "work": "2 d", "after": ["wave-2"]},
        {"id": "z", "work": "1 d", "after": ["x-1d FS+1 d", "wave-2 SS"]},
    ]
    assert finishes(tasks=tasks)["z"] == 5
    assert str(Link("a", "SS", 1.0, "d")) == "a SS+1 d"


def test_patterns_link_to_all_they_match() -> None:
    tasks = [
        {"id": "p1", "work": "2 d"},
        {"id": "p2", "work": "5 d"},
        {"id": "end", "after": ["p*"]},
    ]
    assert finishes(tasks=tasks)["end"] == 5


# People


@st.composite
def crews(draw):
    """A random network of which tasks seize one or two of two to three people."""
    tasks = draw(elapsed_networks(kinds=("FS",)))
    for task in tasks:
        days = float(task["work"].split()[0])
        task["after"] = [text.split()[0] for text in task["after"]]
        task["work"] = range_of(days, days + 1, 2 * days + 2, draw(st.sampled_from(["d", "wd"])))
        units = draw(st.integers(0, 2))
        if units:
            task["uses"] = {"who": units}
    return {"tasks": tasks, "resources": {"who": draw(st.integers(2, 3))}}


@given(crews())
def test_no_more_people_are_at_work_than_there_are(parts) -> None:
    plan = plan_of(**parts)
    model = prepare(plan)
    for sample in (likely_sample(model.inputs), *draw(model.inputs, 1, 0, 8)):
        dates = run_block(model, sample).dates
        busy = [
            (dates.start_day(k), dates.finish_day(k), n.uses.get("who", 0))
            for k, n in model.network.nodes.items()
        ]
        for start, _, units in busy:
            if units:
                instant = start + 0.01
                at_work = sum(u * ((s <= instant) & (instant < f - 0.01)) for s, f, u in busy)
                assert np.all(at_work <= plan.resources["who"])


@given(crews())
def test_units_come_free_as_a_sorted_list_says(parts) -> None:
    """The same order, one draw at a time, with a list of the days on which units come free."""
    model = prepare(plan_of(**parts))
    sample = next(draw(model.inputs, 1, 0, 4))
    outcome = run_block(model, sample)
    dates, nodes = outcome.dates, model.network.nodes
    for i in range(sample.size):
        free = [0.0] * model.plan.resources["who"]
        for task in model.schedule.order:
            node, own = nodes[task], model.schedule.own[task]
            ready = max([0.0, *(float(dates.finish_day(link.task)[i]) for link in node.links)])
            units = node.uses.get("who", 0)
            if units:
                free.sort()
                ready = max(ready, free[units - 1])
            finish = own.finish(np.array([ready]), np.array([float(outcome.works[task][i])]))[0]
            assert dates.finish_day(task)[i] == pytest.approx(finish, abs=2e-3)
            if units:
                free[:units] = [float(dates.finish_day(task)[i])] * units


@given(crews())
def test_waiting_for_people_never_finishes_earlier(parts) -> None:
    model = prepare(plan_of(**parts))
    sample = next(draw(model.inputs, 1, 0, 32))
    levelled, free = run_block(model, sample), run_block(model, sample, levelling="none")
    for task in model.schedule.order:
        assert np.all(levelled.dates.finish_day(task) >= free.dates.finish_day(task) - 1e-3)


def test_one_slot_serves_in_the_order_of_priority() -> None:
    tasks = [
        {"id": k, "work": f"{n} d", "uses": {"slot": 1}} for k, n in (("a", 1), ("b", 2), ("c", 3))
    ]
    for order in (("c", "b", "a"), ("b", "a", "c")):
        found = finishes(tasks=tasks, resources={"slot": 1}, priority=order)
        assert sorted(found, key=found.get) == list(order)
        assert max(found.values()) == 6


def test_without_a_priority_what_has_most_behind_it_goes_first() -> None:
    tasks = [
        {"id": "a", "work": "2 d", "uses": {"slot": 1}},
        {"id": "b", "work": "2 d", "uses": {"slot": 1}},
        {"id": "tail", "work": "9 d", "after": ["b"]},
    ]
    assert finishes(tasks=tasks, resources={"slot": 1}) == {"a": 4, "b": 2, "tail": 11}


def test_a_task_that_is_off_seizes_nobody() -> None:
    tasks = [
        {"id": "a", "work": "5 d", "uses": {"slot": 1}, "only_if": "x"},
        {"id": "b", "work": "5 d", "uses": {"slot": 1}},
    ]
    parts = {"tasks": tasks, "resources": {"slot": 1}, "priority": ("a", "b")}
    forecast = simulate(plan_of(**parts, drivers=[{"id": "x", "p": 0.5}]), 200)
    assert forecast.likely["finish_day"] == 5
    assert set(forecast.values["finish_day"].tolist()) == {5.0, 10.0}


def test_a_demand_of_several_resources_waits_for_all() -> None:
    tasks = [
        {"id": "a", "work": "3 d", "uses": {"x": 1}},
        {"id": "b", "work": "5 d", "uses": {"y": 1}},
        {"id": "c", "work": "1 d", "uses": {"x": 1, "y": 1}},
    ]
    found = finishes(tasks=tasks, resources={"x": 1, "y": 1}, priority=("a", "b", "c"))
    assert found["c"] == 6


# Waves


def test_a_wave_runs_from_its_gates_to_its_certificate() -> None:
    wave = {
        "id": "w",
        "projects": 4,
        "after": ["gate"],
        "port": {"work": "5 wd", "uses": {"eng": 2}},
        "train": "2 d",
        "rehearsal": "3 d",
        "cutover": {"work": "1 d"},
        "hypercare": "4 d",
        "dual_running": "10 d",
        "erase": "6 d",
        "certificate": "1 d",
    }
    data = [{"id": "x", "volume_tb": 108, "route": "r", "wave": "w"}]
    found = rows(
        tasks=[{"id": "gate", "work": "2 d"}],
        waves=[wave],
        datasets=data,
        routes={"r": {"rate_gbps": 10}},
        resources={"eng": 2},
    )
    # Four projects of 5 working days, two people: ten working days, to Friday 16.
    assert found["w.port"] == (0, 12)
    assert found["w.rehearsal"] == (12, 15)
    assert found["w.cutover"] == (15, 16)
    assert found["w.hypercare"] == (16, 20)
    assert found["w.dual_running"] == (16, 26)
    assert found["w.erase"] == (26, 32)
    assert found["w.certificate"] == (32, 33)
    assert found["service_open"] == (16, 16)


def test_sensitive_data_waits_for_its_gate() -> None:
    data = [
        {"id": k, "volume_tb": 108, "route": "r", "sensitive": s}
        for k, s in (("x", False), ("y", True))
    ]
    found = rows(
        tasks=[{"id": "gate", "work": "30 d"}],
        datasets=data,
        routes={"r": {"rate_gbps": 10, "sensitive_after": ["gate"]}},
    )
    assert found["x.copy"] == (0, 1)
    assert found["y.copy"] == (30, 31)


def test_a_wave_may_follow_the_cutover_before() -> None:
    waves = [
        {"id": k, "cutover": {"work": "2 d"}, "follows": f}
        for k, f in (("a", None), ("b", "cutover"))
    ]
    assert rows(waves=waves)["b.cutover"] == (2, 4)
