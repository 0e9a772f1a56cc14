"""Laws of probability: tables against closed forms, streams against their names."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import plan_of, range_of

from hdhplan.inputs import BLOCK, draw_whole, drivers_on, gather
from hdhplan.network import expand
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.uncertainty import (
    BINS,
    Law,
    Stream,
    mean,
    occurs,
    quantile,
    quantile_table,
    values_of,
)

NUMBERS = st.tuples(st.floats(0, 50), st.floats(0, 40), st.floats(0, 100)).filter(
    lambda x: x[1] + x[2] > 0.1
)


def law_of(kind: str, numbers: tuple) -> Law:
    low, more, most = numbers
    return Law(kind, low, low + more, low + more + most)


MEANS = {
    "pert": lambda law: (law.low + 4 * law.likely + law.high) / 6,
    "triangular": lambda law: (law.low + law.likely + law.high) / 3,
    "uniform": lambda law: (law.low + law.high) / 2,
}


@given(st.sampled_from(sorted(MEANS)), NUMBERS)
def test_a_table_has_the_mean_of_its_law_and_lies_within_it(kind, numbers) -> None:
    law = law_of(kind, numbers)
    table = quantile_table(law)
    assert mean(law) == pytest.approx(MEANS[kind](law), rel=1e-5)
    assert np.all(np.diff(table) >= 0)
    assert len(table) == BINS
    assert law.low - 1e-4 <= table[0] <= table[-1] <= law.high * (1 + 1e-6) + 1e-4


def test_published_values() -> None:
    pert = Law("pert", 1, 2, 9)
    assert quantile(pert, 0.8) == pytest.approx(4.102761, abs=2e-6)
    assert quantile_table(pert).std(dtype=float) == pytest.approx(1.309307, abs=1e-4)
    triangular = Law("triangular", 1, 2, 9)
    assert mean(triangular) == pytest.approx(4, abs=1e-6)
    assert quantile_table(triangular).std(dtype=float) == pytest.approx(1.779513, abs=1e-4)


@given(st.floats(0.01, 100), st.floats(1.1, 20), st.floats(0.01, 0.99))
def test_a_lognormal_is_named_by_its_p10_and_p90(low, ratio, p) -> None:
    law = Law("lognormal", low, low * math.sqrt(ratio), low * ratio)
    assert quantile(law, 0.1) == pytest.approx(low)
    assert quantile(law, 0.9) == pytest.approx(low * ratio)
    assert quantile(law, 0.5) == pytest.approx(law.likely)
    sigma = math.log(ratio) / 2 / 1.2815515655446004
    assert mean(law) == pytest.approx(law.likely * math.exp(sigma**2 / 2), rel=1e-6)
    assert quantile_table(law)[int(p * BINS)] == pytest.approx(quantile(law, p), rel=0.05)


@pytest.mark.parametrize("kind", ["pert", "triangular", "uniform"])
@pytest.mark.parametrize("count", [2, 7, 40])
def test_a_sum_has_n_means_and_n_variances(kind: str, count: int) -> None:
    one, total = Law(kind, 1, 3, 11), Law(kind, 1, 3, 11, count)
    variance = _table_variance(one)
    assert mean(total) == pytest.approx(count * mean(one), rel=1e-6)
    assert _table_variance(total) == pytest.approx(count * variance, rel=2e-3)
    assert total.likely_total == 3 * count


def _table_variance(law: Law) -> float:
    return float(quantile_table(law).astype(float).var())


def test_a_sum_of_choices_is_drawn_as_a_sum() -> None:
    choice = {
        "law": "choice",
        "values": [1, 5],
        "weights": [3, 1],
        "count": 8,
        "unit": "d",
        "source": "a test",
        "grade": "D",
    }
    forecast = simulate(plan_of(tasks=[{"id": "a", "work": choice}]), 40_000)
    row = forecast.summary("finish_day")
    assert row["mean"] == pytest.approx(16, abs=5 * row["se"]["mean"])
    assert row["sd"] == pytest.approx(math.sqrt(8 * 3), rel=0.02)
    assert forecast.likely["finish_day"] == 8


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_a_choice_follows_its_weights(weights) -> None:
    values = [float(10 * (i + 1)) for i in range(len(weights))]
    choice = {
        "law": "choice",
        "values": values,
        "weights": weights,
        "unit": "d",
        "source": "a test",
        "grade": "D",
    }
    days = simulate(plan_of(tasks=[{"id": "a", "work": choice}]), 8_000).values["finish_day"]
    for value, weight in zip(values, weights, strict=True):
        share = weight / sum(weights)
        error = math.sqrt(share * (1 - share) / 8_000)
        assert np.mean(days == value) == pytest.approx(share, abs=4.5 * error)


@given(st.floats(0.001, 0.999))
def test_an_event_happens_with_its_probability(p) -> None:
    words = Stream(1, "drivers.late.p", 0).words(65_536)
    assert np.mean(occurs(p, words)) == pytest.approx(p, abs=4.5 * math.sqrt(p * (1 - p) / 65_536))


def test_what_is_sure_happens_and_what_is_rare_can() -> None:
    words = Stream(1, "x", 0).words(65_536)
    assert occurs(1.0, words).all()
    assert not occurs(0.0, words).any()
    rare = sum(occurs(1e-5, Stream(1, "x", i).words(65_536)).sum() for i in range(40))
    assert rare == pytest.approx(26.2, abs=4 * math.sqrt(26.2))


def test_streams_are_keyed_by_seed_name_and_super_block() -> None:
    def bits(*key) -> list[int]:
        return Stream(*key).ranks(64).tolist()

    keys = [(1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1)]
    assert len({tuple(bits(*key)) for key in keys}) == 4
    assert bits(1, "a", 0) == bits(1, "a", 0)


@given(st.lists(st.integers(1, 20).map(lambda n: 4 * n), min_size=1, max_size=6))
def test_a_stream_cut_in_blocks_is_the_same_stream(sizes) -> None:
    whole, parts = Stream(1, "a", 0).ranks(sum(sizes)), Stream(1, "a", 0)
    assert np.concatenate([parts.ranks(n) for n in sizes]).tolist() == whole.tolist()


def test_ranks_are_uniform_and_streams_are_independent() -> None:
    one, other = (Stream(1, name, 0).ranks(65_536) for name in ("a", "b"))
    counts = np.bincount(one >> 8, minlength=256)
    chi_square = float(((counts - 256) ** 2 / 256).sum())
    assert abs(chi_square - 255) < 4 * math.sqrt(2 * 255)
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / 256
    out = np.empty(65_536, np.float32)
    values_of(quantile_table(Law("uniform", 0, 0.5, 1)), one, out)
    assert out.mean() == pytest.approx(0.5, abs=4 * math.sqrt(1 / 12 / 65_536))


@given(NUMBERS)
def test_the_likely_plan_is_the_likely_value(numbers) -> None:
    low, more, most = numbers
    plan = plan_of(tasks=[{"id": "a", "work": range_of(low, low + more, low + more + most, "d")}])
    forecast = simulate(plan, 64)
    assert forecast.likely["finish_day"] == pytest.approx(low + more, rel=1e-12)
    days = forecast.values["finish_day"]
    assert days.min() >= low - 1e-4
    assert days.max() <= (low + more + most) * (1 + 1e-6) + 1e-4


@pytest.mark.parametrize("count", [2, 3, 10])
def test_the_largest_of_several_draws_has_their_odds_to_the_power(count: int) -> None:
    one = Law("pert", 0, 1, 4)
    most = Law("pert", 0, 1, 4, largest_of=count)
    for limit in (0.5, 1.0, 2.0, 3.0):
        single = float(np.mean(quantile_table(one) <= limit))
        assert float(np.mean(quantile_table(most) <= limit)) == pytest.approx(
            single**count, abs=3e-3
        )
    assert np.all(quantile_table(most) >= quantile_table(one))
    assert most.likely_total == one.likely_total


def test_inputs_drawn_whole_are_those_of_the_forecast() -> None:
    """Over several blocks too: what is laid beside a forecast is what made it."""
    work = {"id": "A", "work": range_of(10, 20, 40, "d")}
    late = {"id": "late", "p": 0.3, "delay": range_of(5, 5, 5, "d"), "on": {"A": 1}}
    plan = plan_of(tasks=[work], drivers=[late])
    draws = 2 * BLOCK + 100
    drawn = draw_whole(gather(plan, expand(plan)), 1, draws)
    ends = drawn.values["tasks.A.work"] + 5 * drawn.happens["late"]
    assert np.allclose(ends, simulate(plan, draws).values["finish_day"], rtol=1e-6)


def test_pages_know_what_a_driver_is_on_as_the_draws_do():
    """By the first kind that a name matches: a rate of a task's name is another thing."""
    clash = plan_of(
        tasks=[{"id": "team", "work": "3 d"}, {"id": "tools", "work": "3 d"}],
        rates=[{"id": k, "amount_eur": 5, "per": "d", "on": ["tools"]} for k in ("team", "tax", "tools")],
        drivers=[{"id": "d", "factor": range_of(1, 2, 3),
                  "on": {"team": 1, "rates.tools": 0.5, "t*": 2, "ta*": 0.3}}],
    )  # fmt: skip
    assert [(d.id, e) for d, e in drivers_on(clash, "rates", "tools")] == [("d", 0.5)]
    assert [(d.id, e) for d, e in drivers_on(clash, "rates", "tax")] == [("d", 0.3)]
    assert not list(drivers_on(clash, "rates", "team"))
    for plan in (clash, load_plan("base")):
        inputs = gather(plan, expand(plan))
        for kind in ("datasets", "routes", "rates", "tasks"):
            for name in getattr(plan, kind):
                drawn = {(e.driver, e.exposure) for e in inputs.on(kind, name)}
                assert {(d.id, e) for d, e in drivers_on(plan, kind, name) if d.p} == drawn


def test_a_widened_law_keeps_its_median_and_is_wider_in_its_logarithm():
    for law in (Law("pert", 5, 10, 20), Law("lognormal", 5, 9, 20), Law("pert", 1, 2, 4, count=6)):
        plain, wide = (quantile_table(replace(law, widened=w)).astype(float) for w in (1.0, 1.5))
        assert np.median(wide) == pytest.approx(np.median(plain), rel=1e-3)
        assert np.log(wide).std() == pytest.approx(1.5 * np.log(plain).std(), rel=1e-3)
        bounds = replace(law, widened=1.5)
        assert bounds.smallest == pytest.approx(wide[0], rel=1e-5)
        assert bounds.greatest == pytest.approx(wide[-1], rel=1e-5)
        assert quantile(bounds, 0.8) == pytest.approx(np.quantile(wide, 0.8), rel=1e-3)
