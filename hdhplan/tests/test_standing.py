"""Status by published rules: what is computed, what waits for a second week, what a person says."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest

from hdhplan.errors import InputError
from hdhplan.past import SCHEMA, Past, folder_name, past_of
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.standing import COLOURS, by_quantiles, standings, steadied, worst
from hdhplan.status import State

DAY = dt.date(2026, 11, 20)


@cache
def _forecast():
    return simulate(load_plan("base"), 1_000, 1, detail=True)


def test_quantiles_judge():
    assert by_quantiles(5, 9, 9) == "green"
    assert by_quantiles(5, 9.1, 9) == "amber"
    assert by_quantiles(9.1, 9.2, 9) == "red"
    assert by_quantiles(float("inf"), float("inf"), 9) == "red"


@pytest.mark.parametrize("before", COLOURS)
@pytest.mark.parametrize("shown", COLOURS)
@pytest.mark.parametrize("now", COLOURS)
def test_worse_at_once_better_after_two_weeks(now: str, before: str, shown: str):
    rank = COLOURS.index
    got = steadied(now, (before, shown))
    if rank(now) >= rank(shown):
        assert got == now
    elif rank(before) < rank(shown):
        assert rank(got) == max(rank(now), rank(before))  # two weeks at least as good
    else:
        assert got == shown
    assert min(rank(now), rank(shown)) <= rank(got) <= max(rank(now), rank(shown))


def test_areas_of_the_base_plan_follow_their_numbers():
    areas = {area.name: area for area in standings(_forecast(), None, {})}
    assert set(areas) >= {"date", "cost", "both", "continuity", "qualification", "exposure", "data"}
    date = areas["date"]
    assert date.computed == by_quantiles(date.p50, date.p80, date.target)
    assert areas["both"].p50 == _forecast().p_both
    assert areas["data"].computed == "unknown"
    colour, names = worst(tuple(areas.values()))
    assert colour in COLOURS
    assert names
    assert all(areas[name].shown == colour for name in names)


def test_a_missing_file_ages_the_data_week_by_week():
    made = load_plan("base", status="data/status/example")
    state = made.status.as_of(DAY)
    whole = State(DAY, state.facts, ())
    late = State(DAY, state.facts, ("2026-W47/invoices.csv",))
    old = State(DAY, state.facts, tuple(f"2026-W{n}/invoices.csv" for n in (44, 45, 46, 47)))
    got = [
        next(a for a in standings(_forecast(), s, {}) if a.name == "data").computed
        for s in (whole, late, old)
    ]
    assert got == ["green", "amber", "red"]


def _past() -> Past:
    return Past(
        "2026-W47", DAY, "0.4.0", {"left_azure": (700.0, None)}, 741.0, 1.8e7, {"date": 0.7},
        {"date": ("green", "amber")}, 5.0, 4.0, 10_000.0, 0, 90, ("R0", "2026-W36"),
    )  # fmt: skip


def test_a_published_week_is_read_back_as_it_was():
    data = _past().data | {"day": DAY.isoformat(), "milestones": {"left_azure": [700.0, None]}}
    assert past_of(data, "result.json") == _past()
    assert data["schema"] == SCHEMA


@pytest.mark.parametrize(
    "wrong", [None, [], {}, {"schema": "hdhplan.week/9"}, {"schema": SCHEMA, "day": "2026-11-20"}]
)
def test_what_is_no_week_is_refused(wrong):
    with pytest.raises(InputError, match=r"result\.json"):
        past_of(wrong, "result.json")


def test_a_week_and_its_day_agree():
    data = _past().data | {"day": "2026-11-13"}
    with pytest.raises(InputError, match="2026-11-13 is not in 2026-W47"):
        past_of(data, "result.json")


def test_folders_say_where_the_status_came_from(tmp_path):
    assert folder_name(tmp_path / "status", "2026-W47") == "2026-W47"
    assert folder_name(tmp_path / "example", "2026-W47") == "example-2026-W47"
