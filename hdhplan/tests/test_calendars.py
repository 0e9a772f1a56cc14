"""Calendars: a rate and its inverse agree with counting days one by one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import finishes, plan_of

from hdhplan.calendars import (
    Calendar,
    build_calendar,
    continuous,
    french_working_days,
    shown_date,
)
from hdhplan.model import make_calendars
from hdhplan.units import HORIZON_DAYS, NEVER_DAY

START = date(2026, 1, 1)
FRANCE = build_calendar("france", START, "france")


def holidays_of(year: int) -> list[date]:
    """The eleven public holidays, Easter by Butcher's rule: nothing of the library's."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l = (32 + 2 * e + 2 * i - h - k) % 7  # noqa: E741 (the rule's own letters)
    m = (a + 11 * h + 19 * l) // 433
    month = (h + l - 7 * m + 90) // 25
    easter = date(year, month, (h + l - 7 * m + 33 * month + 19) % 32)
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    return [date(year, *day) for day in fixed] + [easter + timedelta(n) for n in (1, 39, 50)]


@pytest.mark.parametrize(("year", "days"), [(2026, 252), (2027, 254), (2028, 251)])
def test_working_days_of_a_year(year: int, days: int) -> None:
    begin, end = (float((date(y, 1, 1) - START).days) for y in (year, year + 1))
    assert FRANCE.worked(np.array([end])) - FRANCE.worked(np.array([begin])) == days


def test_france_is_monday_to_friday_less_eleven_holidays() -> None:
    rates = french_working_days(START)
    off = {day for year in range(2026, 2036) for day in holidays_of(year)}
    for number in range(3650):
        day = START + timedelta(number)
        assert rates[number] == (day.weekday() < 5 and day not in off), day


@given(st.integers(0, 3000), st.integers(1, 400))
def test_working_days_agree_with_busday_offset(start: int, work: int) -> None:
    off = [day for year in range(2025, 2040) for day in holidays_of(year)]
    begin = np.datetime64(START) + start
    last = np.busday_offset(begin, work - 1, roll="forward", holidays=off)
    finish = FRANCE.finish(np.array([float(start)]), np.array([float(work)]))[0]
    assert shown_date(finish, START) == last.astype(date)


@st.composite
def calendars(draw):
    """Steps of an hour, a quarter or a day, some closed, some at half rate."""
    step = draw(st.sampled_from([1.0, 0.25, 1 / 24]))
    rates = draw(st.lists(st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0]), min_size=3, max_size=60))
    return Calendar("some", np.array(rates), step)


@given(calendars(), st.floats(0, 80), st.floats(0, 80))
def test_worked_is_the_integral_of_the_rate(calendar, first, second) -> None:
    fine = np.arange(0, max(first, second), 1e-3)
    steps = np.minimum((fine / calendar.step).astype(int), len(calendar.rates))
    rates = np.append(calendar.rates, 1.0)[steps]
    for day in (first, second):
        by_sum = rates[fine < day].sum() * 1e-3
        assert calendar.worked(np.array([day]))[0] == pytest.approx(by_sum, abs=0.3)
    ordered = calendar.worked(np.sort(np.array([first, second])))
    assert ordered[0] <= ordered[1] + 1e-9


@given(calendars(), st.floats(0.01, 80))
def test_the_left_inverse_ends_the_work_and_the_right_one_starts_the_next(calendar, day) -> None:
    work = calendar.worked(np.array([day]))
    if work[0] < 1e-6:
        return
    ends, opens = calendar.day(work)[0], calendar.opening(work)[0]
    assert ends <= day + 1e-6 <= opens + 2e-6
    for at in (ends, opens):
        assert calendar.worked(np.array([at]))[0] == pytest.approx(work[0], abs=1e-6)
    before = calendar.worked(np.array([ends - 1e-3]))[0]
    assert before < work[0]  # no earlier day has done it
    assert calendar.worked(np.array([opens + 1e-3]))[0] > work[0]


@given(calendars(), st.floats(0, 60), st.floats(0, 30), st.floats(0, 30))
def test_work_adds_up_and_more_of_it_ends_no_sooner(calendar, start, first, second) -> None:
    at, w1, w2 = (np.array([x]) for x in (start, first, second))
    whole = calendar.finish(at, w1 + w2)
    in_two = calendar.finish(calendar.finish(at, w1), w2)
    assert calendar.worked(whole) == pytest.approx(calendar.worked(in_two), abs=1e-6)
    assert calendar.finish(at, w1)[0] <= whole[0] + 1e-6


@given(calendars(), st.lists(st.floats(0, 60), min_size=1, max_size=9))
def test_an_array_is_its_elements_one_by_one(calendar, days) -> None:
    together = calendar.worked(np.array(days))
    assert together.tolist() == [calendar.worked(np.array([day]))[0] for day in days]
    back = calendar.day(together)
    assert back.tolist() == [calendar.day(together[i : i + 1])[0] for i in range(len(days))]


@given(st.integers(0, 2000), st.integers(0, 300))
def test_float32_agrees_with_float64_on_whole_days(start: int, work: int) -> None:
    exact = FRANCE.finish(np.array([float(start)]), np.array([float(work)]))
    short = FRANCE.finish(np.array([start], np.float32), np.array([work], np.float32))
    assert short.dtype == np.float32
    assert short[0] == exact[0]


@given(calendars(), st.floats(0, 60), st.floats(0.01, 5))
def test_what_may_not_be_split_starts_in_the_first_stretch_that_holds_it(
    calendar, ready, length
) -> None:
    start = calendar.fit(np.array([ready]), np.array([length]))[0]
    opens, closes = calendar.windows
    holds = [
        max(o, ready)
        for o, c in zip(opens, closes, strict=True)
        if max(o, ready) + length <= c + 3e-4 and ready < c
    ]
    assert start == (min(holds) if holds else NEVER_DAY)


def test_a_freeze_that_fits_in_no_window_never_happens() -> None:
    waves = [{"id": "w", "cutover": {"work": "6 d", "calendar": "france"}}]
    assert finishes(waves=waves)["w.cutover"] == np.inf
    waves[0]["cutover"]["work"] = "5 d"
    assert finishes(waves=waves)["w.cutover"] == 5


def test_no_friday_cutovers() -> None:
    calendars = {"monday_to_thursday": {"base": "france", "closed_weekdays": ["fri"]}}
    waves = [
        {"id": "w", "after": ["wait"], "cutover": {"work": "2 d", "calendar": "monday_to_thursday"}}
    ]
    wait = [{"id": "wait", "work": "3 d"}]  # ready on Thursday: one day is left, so next Monday
    assert finishes(calendars=calendars, waves=waves, tasks=wait)["w.cutover"] == 9


def test_named_calendars_build_on_one_another() -> None:
    plan = plan_of(
        tasks=[{"id": "a", "work": "1 d"}],
        calendars={
            "freeze": {"base": "france", "closed": [["12-20", "01-04"]]},
            "half": {
                "base": "freeze",
                "capacity": [{"from": "2026-01-12", "to": "2026-01-16", "rate": 0.5}],
            },
            "nights": {"hours": [20, 6]},
        },
    )
    made = make_calendars(plan)
    week = lambda name, first: made[name].worked(np.array([first, first + 7.0]))  # noqa: E731
    assert np.diff(week("half", 0.0)) == 5
    assert np.diff(week("half", 7.0)) == 2.5
    assert np.diff(week("half", 350.0)) == 0  # from 2026-12-21
    assert np.diff(week("nights", 0.0)) == pytest.approx(7 * 10 / 24)


def test_beyond_its_table_a_calendar_goes_on() -> None:
    far = np.array([HORIZON_DAYS + 10.0])
    assert FRANCE.day(FRANCE.worked(far)) == pytest.approx(far)
    assert continuous().finish(far, far) == 2 * far


@pytest.mark.parametrize(
    ("finish", "shown"),
    [(0.0, 0), (0.5, 0), (1.0, 0), (1.0001, 0), (1.1, 1), (3.0, 2), (3.0000001, 2), (2.9, 2)],
)
def test_a_finish_is_shown_on_the_day_that_it_ends(finish: float, shown: int) -> None:
    assert shown_date(finish, START) == START + timedelta(shown)
    assert shown_date(NEVER_DAY, START) is None
    assert shown_date(np.inf, START) is None
