"""Budget: what covers the lines that exceed their allocations, by hand and at the limits."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdhplan.budget import (
    Cover,
    as_data,
    by_year,
    cover,
    cumulated,
    drawn_above_likely,
    measure,
    next_year,
    overrun_odds,
    perimeters,
    total_overrun_odds,
    years_shown,
)
from hdhplan.page.invariants import check_invariants
from hdhplan.result import safe
from hdhplan.simulation import simulate
from hdhplan.tests.small import plan_of, range_of
from hdhplan.wording.money import (
    closings_sentence,
    cover_sentence,
    drawn_sentence,
    next_year_sentence,
    provision_sentence,
)

INF = math.inf
#: Two lines of 10 and 5 and a provision of 3; draw by draw what they cost. [EUR]
A = np.array([12.0, 12.0, 14.0, 8.0])
B = np.array([1.0, 5.0, 6.0, 4.0])
GIVEN = {"a": 10.0, "b": 5.0, "provision": 3.0}


@pytest.fixture(scope="module")
def made():
    parts = {
        "tasks": [{"id": "x", "work": range_of(300, 500, 700, "d")}],
        "rates": [
            {"id": "r", "amount_eur": 1000, "per": "d", "line": "a"},
            {"id": "s", "amount_eur": 500, "per": "d", "line": "b", "running": True},
        ],
        "target": {"cost_eur": 900_000, "vat": "HT"},
        "allocations": {"a": 520_000, "b": 280_000, "provision": 100_000},
    }
    return simulate(plan_of(**parts), 400, detail=True)


def drawn_as(made, lines, allocations, likely=15.0):
    """A real Forecast with other costs and allocations; its total is that of its lines."""
    cost = sum(lines.values())
    plan = made.plan.model_copy(update={"allocations": allocations, "target": None})
    return dataclasses.replace(
        made, plan=plan, lines=lines, draws=len(cost), values=made.values | {"cost_eur": cost},
        likely=made.likely | {"cost_eur": likely},
    )  # fmt: skip


def test_two_lines_by_hand(made):
    found = cover(drawn_as(made, {"a": A, "b": B}, GIVEN))
    assert found.overrun.tolist() == [2, 2, 5, 0]
    assert found.transferred.tolist() == [2, 0, 0, 0]  # the first draw: b leaves 4
    assert found.from_provision.tolist() == [0, 2, 3, 0]
    assert found.uncovered.tolist() == [0, 0, 2, 0]
    assert found.p_transfers == 0.5
    assert found.p_all == 0.75


def test_odds_of_each_line_and_of_the_whole(made):
    forecast = drawn_as(made, {"a": A, "b": B}, GIVEN)
    assert overrun_odds(forecast) == {"a": 0.75, "b": 0.25}
    assert total_overrun_odds(forecast) == 0.25
    assert as_data(forecast)["budget"]["lines"]["a"]["se"]["p_overrun"] == pytest.approx(
        math.sqrt(0.75 * 0.25 / 4)
    )
    exactly = drawn_as(made, {"a": np.full(4, 10.0), "b": np.full(4, 5.0)}, GIVEN)
    assert set(overrun_odds(exactly).values()) == {0.0}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.floats(0, 20), st.floats(0, 0.5))
def test_what_covers_overruns_adds_up_in_every_draw(made, seed, count, provision, never):
    rng = np.random.default_rng(seed)
    ends = rng.random(50) >= never
    lines = {f"l{i}": np.where(ends, 20 * rng.random(50), INF) for i in range(count)}
    given = {name: float(20 * rng.random()) for name in lines} | {"provision": provision}
    forecast = drawn_as(made, lines, given)
    found = cover(forecast)
    parts = np.array([found.transferred, found.from_provision, found.uncovered])
    assert (parts >= 0).all()
    assert np.allclose(parts.sum(axis=0), found.overrun)
    # Nothing is uncovered but what the whole cost exceeds all allocations by.
    cost = forecast.values["cost_eur"]
    assert np.allclose(found.uncovered[ends], np.maximum(cost - sum(given.values()), 0)[ends])
    assert np.isinf(found.uncovered[~ends]).all()
    assert (found.from_provision <= provision).all()
    means = [found.measures[name].mean for name in Cover.__annotations__]
    if ends.any():
        assert sum(means[1:]) == pytest.approx(means[0], abs=1e-9)
    # More provision never leaves more uncovered, and moves no transfer.
    richer = cover(drawn_as(made, lines, given | {"provision": provision + 1}))
    assert (richer.uncovered <= found.uncovered).all()
    assert np.array_equal(richer.transferred, found.transferred)
    json.dumps(safe(as_data(forecast)), allow_nan=False)
    for lang in ("fr", "en"):
        assert cover_sentence(forecast, lang)


def test_a_line_without_allocation_beside_others_needs_cover_for_all_of_it(made):
    forecast = drawn_as(made, {"a": A, "b": B}, {"a": 15.0, "provision": 3.0})
    assert cover(forecast).overrun.tolist() == B.tolist()
    assert cover(forecast).transferred.tolist() == [1, 3, 1, 4]
    assert overrun_odds(forecast) == {"a": 0.0}


def test_an_allocation_that_nothing_is_spent_on_can_be_moved(made):
    found = cover(drawn_as(made, {"a": A}, {"a": 10.0, "unused": 4.0}))
    assert found.transferred.tolist() == [2, 2, 4, 0]
    assert found.uncovered.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("given", [{}, {"provision": 3.0}])
def test_without_allocated_lines_there_is_nothing_to_exceed(made, given):
    forecast = drawn_as(made, {"a": A, "b": B}, given)
    assert cover(forecast) is None
    assert overrun_odds(forecast) == {}
    assert "overrun" not in as_data(forecast)["budget"]
    assert "allocation" in cover_sentence(forecast, "fr")
    assert (drawn_above_likely(forecast) is None) == (not given)


def test_a_plan_without_costs_has_no_overruns():
    forecast = simulate(plan_of(tasks=[{"id": "x", "work": "3 d"}]), 50, detail=True)
    assert cover(forecast) is None
    assert total_overrun_odds(forecast) is None
    assert as_data(forecast)["years"] == {}
    assert next_year_sentence(forecast, "fr") == ""
    assert drawn_sentence(forecast, "fr") == ""


def test_draws_that_never_end_count_in_the_odds_and_in_no_amount(made):
    never = np.array([False, False, False, True])
    lines = {"a": np.where(never, INF, A), "b": np.where(never, INF, B)}
    forecast = drawn_as(made, lines, GIVEN)
    assert overrun_odds(forecast)["b"] == 0.5
    found = cover(forecast).measures
    assert found["overrun"].odds == 1
    assert found["overrun"].mean == 3
    assert found["overrun"].mean == sum(found[k].mean for k in list(found)[1:])
    assert {m.share_never for m in found.values()} == {0.25}
    nothing = drawn_as(made, {"a": np.full(200, INF), "b": np.full(200, INF)}, GIVEN)
    assert math.isinf(cover(nothing).measures["transferred"].mean)
    assert "moins de 1 fois" in cover_sentence(nothing, "fr").replace("\xa0", " ")
    assert drawn_sentence(nothing, "fr") == ""


def test_what_exceeds_the_likely_plan_draws_on_the_provision_up_to_all_of_it(made):
    lines = {"a": np.array([14.0, 16.0, 17.0, 30.0])}
    drawn = drawn_above_likely(drawn_as(made, lines, {"a": 15.0, "provision": 3.0}))
    assert (drawn.p50, drawn.p80, drawn.mean, drawn.odds) == (1, 3, 1.5, 0.75)
    endless = drawn_as(made, lines, {"a": 15.0, "provision": 3.0}, likely=INF)
    assert drawn_above_likely(endless) is None
    assert endless.p_provision is None
    assert "jamais" in provision_sentence(endless, "fr")


def test_a_measure_is_that_of_the_draws():
    values = np.random.default_rng(1).normal(100, 10, 10_000)
    found = measure(values)
    assert found.mean == pytest.approx(values.mean())
    assert found.se["mean"] == pytest.approx(0.1, rel=0.05)
    assert found.p80 == np.sort(values)[7_999]
    # sqrt(p (1 - p) / n) / density at the quantile
    assert found.se["p80"] == pytest.approx(10 * math.sqrt(0.16 / 1e4) / 0.28, rel=0.2)
    assert measure(np.array([1.0])).se["p80"] == INF


def test_years_cumulate_to_the_cost_and_payments_follow_commitments(made):
    years = years_shown(made)
    assert years[0] == 2026
    assert len(years) >= 2
    ae, cp = (cumulated(made, kind) for kind in ("ae", "cp"))
    cost = measure(made.values["cost_eur"])
    last = max(ae)
    for found in (ae, cp):
        assert found[last].mean == pytest.approx(cost.mean)
        assert found[last].p80 == pytest.approx(cost.p80)
    for year in years:
        assert cp[year].p50 <= ae[year].p50 + 1e-6
    for kind, found in (("ae", ae), ("cp", cp)):
        own = by_year(made, kind)
        assert sum(m.mean for m in own.values()) == pytest.approx(found[last].mean)


def test_last_years_of_next_to_nothing_are_not_shown(made):
    spent = {"ae.2026": 100, "cp.2026": 60, "cp.2027": 0, "cp.2028": 40, "cp.2029": 0.01}
    detail = {name: np.full(400, float(eur)) for name, eur in spent.items()}
    assert years_shown(dataclasses.replace(made, detail=detail)) == (2026, 2027, 2028)


def test_the_next_budget_year_is_that_after_the_start_where_no_fact_is_known(made):
    assert made.plan.facts is None
    assert next_year(made) == 2027
    over = {k: v for k, v in made.detail.items() if k.endswith("2026")}
    assert next_year(dataclasses.replace(made, detail=over)) == 2026
    said = next_year_sentence(made, "en")
    assert said.startswith("Budget year 2027: commit")


def test_perimeters_hold_one_another(made):
    found = perimeters(made)
    steady = found["steady_month"].mean
    assert steady == pytest.approx(500 * 30.44)
    running = found["full_cost"].mean - found["envelope"].mean
    assert running == pytest.approx(24 * steady)
    without = perimeters(dataclasses.replace(made, detail={}))
    assert without.keys() == {"envelope"}


def test_no_number_goes_without_its_error(made):
    data = as_data(made)

    def look(value):
        if isinstance(value, dict):
            numbers = {
                k for k, v in value.items() if k in ("mean", "p10", "p50", "p80", "p_overrun")
            }
            assert numbers <= value.get("se", {}).keys()
            for k, v in value.items():
                if k != "se":
                    look(v)

    look(data)
    assert {"transfers_suffice", "covered"} <= data["budget"]["se"].keys()
    json.dumps(safe(data), allow_nan=False)


def test_invariants_catch_a_cost_that_the_lines_do_not_make(made):
    checked = check_invariants(made)
    assert "overruns of lines are covered by transfers, the provision or nothing" in checked
    cost = made.values["cost_eur"] + 1e6
    with pytest.raises(AssertionError):
        check_invariants(dataclasses.replace(made, values=made.values | {"cost_eur": cost}))
    detail = made.detail | {"full_cost_eur": made.detail["full_cost_eur"] * 0.1}
    with pytest.raises(AssertionError, match="full cost"):
        check_invariants(dataclasses.replace(made, detail=detail))


def many(made, a, b, given, likely=15.0):
    return drawn_as(made, {"a": np.full(200, a), "b": np.full(200, b)}, given, likely)


@pytest.mark.parametrize(
    ("a", "b", "given", "fr", "en"),
    [
        (9e6, 4e6, (10e6, 5e6, 3e6), "aucune ligne ne dépasse", "no line exceeds"),
        (
            12e6,
            4e6,
            (10e6, 5e6, 3e6),
            "avec la provision plus de 19 fois",
            "provision more than 19",
        ),
        (19e6, 5e6, (10e6, 5e6, 3e6), "avec la provision moins de 1 fois", "provision less than 1"),
        (12e6, 4e6, (10e6, 5e6, 0), "il n'y a pas de provision", "there is no provision"),
    ],
)
def test_the_sentence_says_what_covers(made, a, b, given, fr, en):
    forecast = many(made, a, b, dict(zip(("a", "b", "provision"), given, strict=True)), 15e6)
    said = {lang: cover_sentence(forecast, lang).replace("\xa0", " ") for lang in ("fr", "en")}
    assert fr in said["fr"]
    assert en in said["en"]
    numbers = [re.findall(r"\d+", said[lang].replace(",", ".")) for lang in ("fr", "en")]
    assert numbers[0] == numbers[1]


def test_few_draws_say_nothing_of_odds(made):
    few = drawn_as(made, {"a": A, "b": B}, GIVEN)
    for lang, words in (("fr", "trop peu"), ("en", "too few")):
        assert words in cover_sentence(few, lang)
        assert drawn_sentence(few, lang) == ""


def test_the_share_of_the_provision_is_said_with_the_amount(made):
    given = {"a": 20e6, "b": 5e6, "provision": 4e6}
    said = drawn_sentence(many(made, 12e6, 4e6, given, likely=13e6), "en").replace("\xa0", " ")
    assert said.count("€3.0M") == 2
    assert said.count("(75%)") == 2
    none = drawn_sentence(many(made, 12e6, 4e6, given, likely=17e6), "en")
    assert "nothing is drawn" in none


def test_closings_are_said_as_days(made):
    closings = made.plan.closings.model_copy(update={"commitments": "11-20", "payments": "02-01"})
    plan = made.plan.model_copy(update={"closings": closings})
    fr, en = (closings_sentence(plan, lang).replace("\xa0", " ") for lang in ("fr", "en"))
    assert "20 novembre" in fr
    assert "1er février" in fr
    assert "20 November" in en
    assert "1 February" in en
