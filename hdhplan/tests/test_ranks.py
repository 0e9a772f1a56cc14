"""What explains an outcome: closed forms, limits, and the outside view switched off."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from small import plan_of, range_of

from hdhplan.inputs import draw, draw_whole, gather
from hdhplan.network import expand
from hdhplan.paired import around_p80
from hdhplan.ranks import (
    explained,
    mid_ranks,
    share_explained,
    standardised,
    sum_of_shares,
)
from hdhplan.reading import load_plan
from hdhplan.result import FRONTIER_POINTS, bundle
from hdhplan.sensitivity import study
from hdhplan.simulation import simulate

N = 32_768


def alone(x, y):
    """What an input explains of an outcome, from plain arrays."""
    return explained(mid_ranks(np.asarray(x)), standardised(mid_ranks(np.asarray(y))))


def uniform(seed, n=N):
    return np.random.default_rng(seed).random(n)


def task(name, low, likely, high, law="uniform", **more):
    return {"id": name, "work": range_of(low, likely, high, "d", law), **more}


# Ranks


def test_equal_draws_share_the_mean_of_their_ranks():
    assert mid_ranks(np.array([3.0, 1.0, 3.0, np.inf, np.inf, 0.0])).tolist() == [
        2.5, 1.0, 2.5, 4.5, 4.5, 0.0,
    ]  # fmt: skip


def test_spearman_is_that_of_the_textbook():
    """Rho = 1 - 6 Σd² / n(n² - 1) without ties."""
    x, y = uniform(1, 500), uniform(2, 500)
    y += 0.5 * x
    d = mid_ranks(x) - mid_ranks(y)
    assert alone(x, y).spearman == pytest.approx(1 - 6 * np.sum(d**2) / (500 * (500**2 - 1)))


def test_nothing_but_the_order_counts():
    x, y = uniform(1), uniform(2) + uniform(1)
    bent = alone(np.exp(5 * x), y**3)
    assert bent == alone(x, y)


@pytest.mark.parametrize("sign", [1, -1])
def test_one_monotone_input_explains_all_but_what_its_groups_blur(sign):
    x = uniform(1)
    found = alone(x, sign * np.exp(x))
    assert found.spearman == pytest.approx(sign)
    assert found.spearman_se == pytest.approx(0, abs=1e-9)
    # Within a group of 1/32 of the draws ranks are spread evenly: variance 1/32² of the whole.
    assert found.share == pytest.approx(1 - 1 / 32**2, abs=1e-5)


def test_a_symmetric_effect_has_a_share_and_no_correlation():
    x = uniform(1) - 0.5
    found = alone(x, x**2)
    assert abs(found.spearman) < 4 * found.spearman_se
    assert found.share == pytest.approx(1, abs=0.01)


def test_two_normal_inputs_share_by_their_variances():
    """a x1 + b x2 of normals: rho_S = 6/π asin(r/2), and shares near those of a² and b²."""
    rng = np.random.default_rng(5)
    x1, x2 = rng.standard_normal((2, N))
    a, b = 2.0, 1.0
    first, second = (alone(x, a * x1 + b * x2) for x in (x1, x2))
    for found, weight in ((first, a), (second, b)):
        r = weight / math.hypot(a, b)
        assert found.spearman == pytest.approx(
            6 / math.pi * math.asin(r / 2), abs=4 * found.spearman_se
        )
        # The mean rank given x is Φ(r x / √(2 - r²)), of variance asin(r² / 2) / 2π.
        assert found.share == pytest.approx(6 / math.pi * math.asin(r**2 / 2), abs=0.01)
    assert sum_of_shares([first, second])[0] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
def test_an_event_that_shifts_all_draws_explains_its_two_groups(p):
    """Event above all others: mean ranks (1-p)/2 and 1-p/2, so 3 p (1-p) of the variance."""
    happens = uniform(3) < p
    found = alone(happens, uniform(4) + 10 * happens)
    p = happens.mean()
    assert found.share == pytest.approx(3 * p * (1 - p), abs=1e-3)
    assert found.spearman == pytest.approx(math.sqrt(3 * p * (1 - p)), abs=1e-3)
    assert share_explained(mid_ranks(happens), uniform(4), 32)[1] == 2


def test_errors_are_those_that_other_seeds_show():
    """An input with effect, one without and an event, over forty seeds."""
    found = {0: [], 1: [], 2: []}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, idle, rest = rng.random((3, 4_096))
        event = rng.random(4_096) < 0.1
        y = standardised(mid_ranks(x + rest + event))
        for i, values in enumerate((x, idle, event)):
            found[i].append(explained(mid_ranks(values), y))
    for rows in found.values():
        for value in ("spearman", "share"):
            seen = np.std([getattr(e, value) for e in rows], ddof=1)
            said = np.mean([getattr(e, f"{value}_se") for e in rows])
            assert 0.6 < seen / said < 1.5
    for value in ("spearman", "share"):  # without effect: nothing on average
        rows = [getattr(e, value) for e in found[1]]
        assert abs(np.mean(rows)) < 4 * np.std(rows) / math.sqrt(len(rows))
    assert sum(e.clear for e in found[1]) <= 6
    assert all(e.clear for e in found[0])


def test_an_outcome_that_does_not_vary_has_no_share():
    found = alone(uniform(1, 400), np.zeros(400))
    assert math.isnan(found.share)
    assert not found.clear


def test_draws_that_never_end_are_the_last_and_break_nothing():
    x = uniform(1)
    late = np.where(x > 0.7, np.inf, x)
    found = alone(x, late)
    finite = alone(x, np.where(x > 0.7, 1e9, x))
    assert found == finite
    assert 0.9 < found.share < 1


# Of a plan


def test_a_plan_of_one_input_has_one_answer_beyond_a_block_of_draws():
    """Every draw is held against its own outcome, not only those of the last block."""
    plan = plan_of(tasks=[task("A", 10, 20, 30)])
    (only,) = study(simulate(plan, 20_000)).inputs
    assert only.path == "tasks.A.work"
    # The finish is kept in float32: neighbours in 4,096 bins stay apart.
    assert only.finish.spearman == pytest.approx(1, abs=1e-6)
    assert only.finish.share == pytest.approx(1, abs=2e-3)
    assert math.isnan(only.cost.share)


def test_a_whole_is_its_blocks():
    plan = load_plan("other_platform")
    inputs = gather(plan, expand(plan))
    whole = draw_whole(inputs, 1, 10_002)
    begin = 0
    for block in draw(inputs, 1, 0, 10_002, block=4_096):
        here = slice(begin, begin + block.size)
        assert all(np.array_equal(block.values[k], v[here]) for k, v in whole.values.items())
        assert all(np.array_equal(block.happens[k], v[here]) for k, v in whole.happens.items())
        begin += block.size
    assert begin == whole.size == 10_002


def test_date_and_cost_have_inputs_of_their_own():
    """B is never critical, price moves no date, and less work at A saves days and money."""
    plan = plan_of(
        tasks=[task("A", 10, 20, 30), task("B", 1, 2, 3)],
        drivers=[{"id": "risk", "p": 0.2, "delay": "100 d", "on": ["A"]}],
        rates=[{"id": "crew", "amount_eur": range_of(90, 100, 110), "per": "d", "on": "A"}],
    )
    why = study(simulate(plan, 16_384))
    found = {e.path: e for e in why.inputs}
    assert set(found) == {"tasks.A.work", "tasks.B.work", "drivers.risk.p", "rates.crew.amount_eur"}
    for idle, outcome in (("tasks.B.work", "finish"), ("tasks.B.work", "cost"),
                          ("rates.crew.amount_eur", "finish")):  # fmt: skip
        alone_ = getattr(found[idle], outcome)
        assert abs(alone_.share) < 4 * alone_.share_se
        assert abs(alone_.spearman) < 4 * alone_.spearman_se
    assert found["drivers.risk.p"].finish.share == pytest.approx(3 * 0.2 * 0.8, abs=0.02)
    assert found["rates.crew.amount_eur"].cost.clear
    # Two groups of weight w that do not overlap: the slope of A's rank in each is w.
    assert found["tasks.A.work"].finish.spearman == pytest.approx(0.8**2 + 0.2**2, abs=0.02)
    total, error = sum_of_shares([e.finish for e in why.inputs])
    assert total < 1 + 3 * error


def test_faster_links_are_of_negative_rank_and_sums_stay_below_the_whole():
    why = study(simulate(load_plan("other_platform"), 8_192))
    found = {e.path: e for e in why.inputs}
    assert found["routes.link.usable_share"].finish.spearman < 0
    assert found["tasks.platform_ready.work"].finish.spearman > 0
    for outcome in ("finish", "cost"):
        total, error = sum_of_shares([getattr(e, outcome) for e in why.inputs])
        assert 0.5 < total < 1 + 3 * error
    assert [e.largest for e in why.inputs] == sorted((e.largest for e in why.inputs), reverse=True)


# The outside view


def test_the_outside_view_off_is_a_run_without_its_drivers():
    plan = load_plan("other_platform")
    forecast = simulate(plan, 4_096)
    view = study(forecast).outside_view
    off = simulate(plan, 4_096, without=("optimism",))
    assert view.drivers == ("optimism",)
    for side, run in ((view.on, forecast), (view.off, off)):
        for quantity in ("finish_day", "cost_eur"):
            for p in (0.5, 0.8):
                key = f"p{round(100 * p)}"
                assert side[quantity][key] == run.quantile(quantity, p)
                assert side[quantity]["se"][key] == run.standard_error(quantity, p)
        assert side["odds"]["both"] == run.p_both
    gap = around_p80(forecast.values["finish_day"]) - around_p80(off.values["finish_day"])
    assert view.finish.value == pytest.approx(gap)
    assert view.finish.clear
    assert view.finish.value > 0
    assert view.odds.value == pytest.approx(forecast.p_both - off.p_both)


def test_several_outside_views_go_together_and_one_that_never_happens_is_none():
    bias = {"factor": range_of(1, 1.5, 2), "on": ["A"], "bias": True}
    parts = {"tasks": [task("A", 10, 20, 30)], "target": {"finish": "2026-02-01"}}
    two = plan_of(**parts, drivers=[{"id": "x", **bias}, {"id": "y", **bias}])
    view = study(simulate(two, 2_048)).outside_view
    off = simulate(two, 2_048, without=("x", "y"))
    assert view.drivers == ("x", "y")
    assert view.off["finish_day"]["p80"] == off.quantile("finish_day", 0.8)
    assert view.off["odds"].keys() == {"date", "se"}
    for none in ({"bias": False}, {"bias": True, "p": 0}):
        plan = plan_of(**parts, drivers=[{"id": "x", **bias, **none}])
        assert study(simulate(plan, 256)).outside_view is None


def test_a_mark_of_bias_changes_no_number():
    driver = {"id": "x", "factor": range_of(1, 1.5, 2), "on": ["A"]}
    plain, marked = (
        simulate(plan_of(tasks=[task("A", 10, 20, 30)], drivers=[driver | {"bias": bias}]), 512)
        for bias in (False, True)
    )
    assert np.array_equal(plain.values["finish_day"], marked.values["finish_day"])


@pytest.mark.parametrize("name", ["base", "heavy_tail", "other_platform"])
def test_the_scenarios_say_which_drivers_correct_their_optimism(name):
    marked = {k for k, d in load_plan(name).drivers.items() if d.bias}
    assert (
        marked
        == {
            "base": {"outside_view", "outside_view_cost"},
            "heavy_tail": {"it_overrun"},
            "other_platform": {"optimism"},
        }[name]
    )


# What programs get


def test_the_bundle_holds_every_input_and_both_views():
    forecast = simulate(load_plan("other_platform"), 2_048)
    why = study(forecast)
    data = bundle(forecast, why)
    assert data["inputs"].keys() == {e.path for e in why.inputs}
    row = data["inputs"]["drivers.old_site_slow.p"]
    assert row.keys() - {"se"} == row["se"].keys() == {
        "spearman_finish", "spearman_cost", "share_finish", "share_cost",
    }  # fmt: skip
    assert data["inputs_sum"]["share_cost"] == pytest.approx(
        sum(r["share_cost"] for r in data["inputs"].values())
    )
    view = data["outside_view"]
    moved = view["with"]["cost_eur"]["p80"] - view["without"]["cost_eur"]["p80"]
    assert view["difference"]["p80_cost_eur"] == pytest.approx(moved)


@pytest.mark.parametrize("name", ["base", "heavy_tail", "stay_on_azure"])
def test_a_pair_on_the_frontier_holds_and_nothing_less_does(name):
    forecast = simulate(load_plan(name), 4_096)
    found = bundle(forecast)["frontier"]
    assert found["odds"] == 0.7
    points = found["points"]
    assert (name == "stay_on_azure") == (points == [])  # which is never left
    assert len(points) <= FRONTIER_POINTS
    days, costs = forecast.values["finish_day"], forecast.values["cost_eur"]
    for point in points:
        day, money = point["day"], point["cost_eur"]
        assert np.mean((days <= day) & (costs <= money)) >= 0.7
        assert np.mean((days < day) & (costs <= money)) < 0.7
        assert np.mean((days <= day) & (costs < money)) < 0.7
        assert point["date"] == forecast.date_of(day).isoformat()
    pairs = [(point["day"], -point["cost_eur"]) for point in points]
    assert all(a < b and c < d for (a, c), (b, d) in pairwise(pairs))


def test_a_frontier_over_dates_that_come_in_steps_is_as_tight():
    forecast = simulate(plan_of(
        tasks=[{"id": "A", "work": {"law": "choice", "values": ["1 d", "2 d", "3 d"], "source": "t",
                                    "likely": "1 d", "grade": "D"}}],
        rates=[{"id": "r", "amount_eur": range_of(1, 2, 3), "per": "once", "on": "A"}],
    ), 2_000)  # fmt: skip
    days, costs = forecast.values["finish_day"], forecast.values["cost_eur"]
    found = forecast.frontier(0.6)
    assert 1 <= len(found) <= 2  # two days or three
    for day, money in found:
        assert np.mean((days <= day) & (costs <= money)) >= 0.6
        assert np.mean((days < day) & (costs <= money)) < 0.6
        assert np.mean((days <= day) & (costs < money)) < 0.6
    assert simulate(plan_of(tasks=[task("A", 1, 2, 3)]), 100).frontier(1.0)
