"""Laws of the readings of a volume: only the volume differs, and the plan's own is itself."""

from __future__ import annotations

import pytest

from hdhplan.errors import InputError
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.volume_readings import read_volumes

READ = ("base", "evidence", "stress")
DRAWS = 1_000


@pytest.fixture(scope="module")
def readings():
    return read_volumes("base", simulate(load_plan("base"), DRAWS), READ)


def test_each_reading_has_its_fact_and_grade(readings):
    found = {r.name: (r.fact.id, r.fact.grade, r.factor.grade) for r in readings.each}
    assert found == {
        "base": ("volume-seed", "D", "D"),
        "evidence": ("volume-bill-share", "C", "D"),
        "stress": ("volume-sister", "D", "D"),
    }


def test_the_own_reading_is_the_plan_itself(readings):
    own = readings.each[0]
    assert own.own
    assert own.forecast is readings.forecast
    assert (own.finish.value, own.cost.value) == (0, 0)
    assert [r.own for r in readings.each] == [True, False, False]


def test_a_reading_is_that_scenario_where_only_the_volume_differs(readings):
    for name, reading in zip(READ, readings.each, strict=True):
        alone = simulate(load_plan(name), DRAWS)
        for quantity in ("finish_day", "cost_eur"):
            assert (alone.values[quantity] == reading.forecast.values[quantity]).all()


def test_more_volume_never_finishes_earlier(readings):
    small, own, large = (readings.each[i].forecast.values["finish_day"] for i in (1, 0, 2))
    assert (small <= own + 1e-3).all()
    assert (own <= large + 1e-3).all()


def test_a_reading_keeps_the_rest_of_another_scenario():
    """Frugal with the volume of base is frugal."""
    frugal = simulate(load_plan("frugal"), 200)
    (own, _) = read_volumes("frugal", frugal, ("base", "evidence")).each
    assert own.own
    assert own.forecast.plan.name == "frugal"


def test_a_plan_that_knows_no_other_volume_has_one_reading():
    forecast = simulate(load_plan("other_platform"), 200)
    (alone,) = read_volumes("other_platform", forecast, READ).each
    assert alone.own
    assert alone.factor is None


def test_a_scenario_without_a_factor_on_volumes_is_refused():
    forecast = simulate(load_plan("base"), 8)
    with pytest.raises(InputError, match="other_platform has no driver 'volume'"):
        read_volumes("base", forecast, ("base", "other_platform"))
