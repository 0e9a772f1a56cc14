"""Costs: what a rate has consumed, times its price; lines, years, VAT, dated prices, risks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import START, likely_of, plan_of, range_of

from hdhplan.costs import Stock, moved_by, ramp, ramp_integral, source_stock, target_stock
from hdhplan.errors import InputError
from hdhplan.simulation import simulate

MONTH = 30.44
SLOW = {"slow": {"rate_gbps": 10 / 10.8}}  # 10 TB a day


def cost(rates: list[dict], **parts) -> float:
    """Cost of the likely plan. [EUR]"""
    parts.setdefault("tasks", [{"id": "a", "work": "10 d"}])
    return likely_of(rates=rates, **parts).likely["cost_eur"]


def rate(**fields) -> dict:
    return {"id": "r", "amount_eur": 100} | fields


@pytest.mark.parametrize(
    ("fields", "eur"),
    [
        ({"per": "once"}, 100),
        ({"per": "once", "on": ["a"]}, 100),
        ({"per": "once", "quantity": 3}, 300),
        ({"per": "d"}, 1000),
        ({"per": "wd"}, 800),  # 2026-01-05 is a Monday: ten days hold eight working days
        ({"per": "month"}, 1000 / MONTH),
        ({"per": "d", "on": ["b"]}, 400),
        ({"per": "d", "on": ["a", "b"]}, 1400),
        ({"per": "d", "on": ["b", "a"]}, 0),  # a span that ends before it starts
        ({"per": "d", "envelope": False}, 0),
    ],
)
def test_rates_bill_what_they_are_per(fields: dict, eur: float) -> None:
    tasks = [{"id": "a", "work": "10 d"}, {"id": "b", "work": "4 d", "after": ["a"]}]
    if "on" not in fields:
        tasks = tasks[:1]
    assert cost([rate(**fields)], tasks=tasks) == pytest.approx(eur)


def test_a_stock_rises_as_bytes_land_and_falls_as_they_are_erased() -> None:
    """100 TB: copied on days 0-10, dual running to 40, erased to 50; at 1 EUR a TB·month."""
    data = [{"id": "x", "volume_tb": 100, "route": "slow", "wave": "w"}]
    waves = [{"id": "w", "cutover": {"work": "0 d"}, "dual_running": "30 d", "erase": "10 d"}]
    parts = {"tasks": [], "routes": SLOW, "datasets": data, "waves": waves}
    held = {"amount_eur": 1, "per": "TB_month"}
    # Target: 100 × 10/2 while it lands, then 100 × 40.
    assert cost([rate(**held, at="target")], **parts) == pytest.approx(100 * 45 / MONTH)
    # Source: 100 × 40, then 100 × 10/2 while it is erased.
    assert cost([rate(**held, at="source")], **parts) == pytest.approx(100 * 45 / MONTH)
    # Until the dual run is over.
    until = rate(**held, at="source", until="dual_running")
    assert cost([until], **parts) == pytest.approx(100 * 40 / MONTH)


def test_tiers_bill_their_share() -> None:
    data = [{"id": "x", "volume_tb": 100, "route": "slow", "tiers": {"hot": 0.6, "archive": 0.4}}]
    held = rate(per="TB_month", at="source")
    whole = cost([held], tasks=[], routes=SLOW, datasets=data)
    hot = cost([held | {"tiers": ["hot"]}], tasks=[], routes=SLOW, datasets=data)
    assert hot == pytest.approx(0.6 * whole)


def test_egress_bills_the_copy_and_what_is_rewritten_until_the_freeze() -> None:
    data = [{"id": "x", "volume_tb": 100, "route": "slow", "rewritten_tb_per_day": 2, "wave": "w"}]
    waves = [{"id": "w", "after": ["gate"], "cutover": {"work": "1 d"}}]
    found = cost(
        [rate(amount_eur=1, per="TB")],
        tasks=[{"id": "gate", "work": "50 d"}],
        routes=SLOW,
        datasets=data,
        waves=waves,
    )
    assert found == pytest.approx(100 + 2 * 50)


def test_later_prices_replace_from_their_dates() -> None:
    dated = [{"from": "2026-01-12", "amount_eur": 200}, {"from": "2026-01-09", "amount_eur": 150}]
    assert cost([rate(per="d", prices=dated)]) == pytest.approx(4 * 100 + 3 * 150 + 3 * 200)


def test_a_price_older_than_the_plan_is_its_price() -> None:
    old = [{"from": "2025-01-01", "amount_eur": 40}, {"from": "2024-01-01", "amount_eur": 30}]
    for fields in ({"per": "d"}, {"per": "wd"}, {"per": "once"}):
        expected = cost([rate(**fields, amount_eur=40)])
        assert cost([rate(**fields, prices=old)]) == pytest.approx(expected)


def test_a_driver_scales_later_prices_too() -> None:
    dated = [{"from": "2026-01-10", "amount_eur": 200}]
    dearer = [{"id": "inflation", "p": 1, "factor": 1.1, "on": ["rates.r"]}]
    once = cost([rate(per="d", prices=dated)])
    assert cost([rate(per="d", prices=dated)], drivers=dearer) == pytest.approx(1.1 * once)


@pytest.mark.parametrize(
    ("target", "vat", "eur"),
    [
        ("HT", "HT", 100),
        ("HT", "TTC", 100 / 1.2),
        ("TTC", "HT", 120),
        ("TTC", None, 100),
        ("HT", "none", 100),
    ],
)
def test_amounts_are_in_the_basis_of_the_target(target, vat, eur) -> None:
    goal = {"cost_eur": 1000, "vat": target}
    found = cost([rate() | ({"vat": vat} if vat else {})], target=goal, vat_rate=0.2)
    assert found == pytest.approx(eur)


def test_mixed_bases_need_the_rate() -> None:
    plan = plan_of(
        tasks=[{"id": "a"}],
        rates=[rate(vat="TTC")],
        target={"cost_eur": 1, "vat": "HT"},
        drivers=[{"id": "d", "p": 0.5, "cost": 5, "vat": "TTC"}],
    )
    with pytest.raises(InputError) as caught:
        simulate(plan, 4)
    assert {fault.field for fault in caught.value.faults} == {"rates.r.vat", "drivers.d.vat"}
    assert all("vat_rate" in fault.fix for fault in caught.value.faults)


def test_a_risk_costs_when_it_happens_and_is_in_no_likely_plan() -> None:
    risk = {"id": "fine", "p": 0.25, "cost": 1000, "on": ["a"], "line": "risks"}
    forecast = simulate(plan_of(tasks=[{"id": "a", "work": "1 d"}], drivers=[risk]), 20_000)
    assert forecast.likely["cost_eur"] == 0
    assert set(forecast.values["cost_eur"].tolist()) == {0.0, 1000.0}
    error = 1000 * math.sqrt(0.25 * 0.75 / 20_000)
    assert forecast.mean("cost_eur") == pytest.approx(250, abs=4 * error)
    assert np.array_equal(forecast.lines["risks"], forecast.values["cost_eur"])


def test_costs_stop_where_the_plan_is_closed() -> None:
    tasks = [
        {"id": "a", "work": "10 d"},
        {"id": "closed", "after": ["a"]},
        {"id": "later", "work": "99 d"},
    ]
    assert cost([rate(per="d")], tasks=tasks) == 1000


def test_a_plan_that_never_ends_has_no_cost_and_its_share_says_so() -> None:
    data = [
        {"id": "x", "volume_tb": 100, "route": "slow", "rewritten_tb_per_day": range_of(5, 8, 15)}
    ]
    forecast = simulate(
        plan_of(routes=SLOW, datasets=data, rates=[rate(per="d")]), 2_000, detail=True
    )
    never = ~np.isfinite(forecast.values["finish_day"])
    assert 0.1 < never.mean() < 0.9
    assert np.array_equal(never, ~np.isfinite(forecast.values["cost_eur"]))
    assert math.isfinite(forecast.quantile("cost_eur", 0.99))
    assert forecast.share_never("cost_eur") == never.mean()


def test_years_split_the_cost_at_new_year() -> None:
    tasks = [{"id": "a", "work": "400 d"}]
    forecast = simulate(plan_of(tasks=tasks, rates=[rate(per="d")]), 4, detail=True)
    for kind in ("ae", "cp"):
        assert forecast.by_year(kind)[:, 0].tolist() == [36_100, 3_900]


def test_years_add_up_for_a_plan_of_a_century() -> None:
    tasks = [{"id": "a", "work": "36525 d"}]
    forecast = simulate(plan_of(tasks=tasks, rates=[rate(per="d")]), 4, detail=True)
    assert forecast.by_year("cp")[:, 0].sum() == pytest.approx(3_652_500)
    assert len(forecast.years) == 101


def test_exposure_counts_what_was_at_the_source_and_only_that() -> None:
    data = [
        {"id": "x", "volume_tb": 1000, "excluded": "rebuilt", "erased_with": "w"},
        {"id": "y", "volume_tb": 500, "at_source": False},
        {"id": "z", "volume_tb": 2000},
    ]
    waves = [{"id": "w", "after": ["a"], "cutover": {"work": "0 d"}, "erase": "10 d"}]
    forecast = likely_of(tasks=[{"id": "a", "work": "90 d"}], datasets=data, waves=waves)
    # 1 PB to day 90 and half of ten days more; 2 PB that nobody erases, to the end of the plan.
    assert forecast.likely["exposure_pb_days"] == pytest.approx(1 * 95 + 2 * 100)


def test_projects_interrupted_from_a_date_that_is_not_ours() -> None:
    gap = {
        "gap": {
            "from": "2026-01-10",
            "until": "a",
            "projects": 3,
            "critical_projects": 1,
            "source": "a test",
            "grade": "D",
        }
    }
    forecast = likely_of(tasks=[{"id": "a", "work": "25 d"}], interruptions=gap)
    assert forecast.likely["project_days_interrupted"] == 3 * 20
    assert forecast.likely["critical_days_interrupted"] == 20


def test_many_project_days_are_many_not_never() -> None:
    gap = {
        "gap": {"from": START, "until": "a", "projects": 9_000, "source": "a test", "grade": "D"}
    }
    forecast = likely_of(tasks=[{"id": "a", "work": "900 d"}], interruptions=gap)
    assert forecast.likely["project_days_interrupted"] == 8_100_000


def test_critical_projects_may_go_over_by_dual_write() -> None:
    cutover = {"mode": "freeze", "work": "3 d", "critical": "dual_write", "dual_write": "0.5 d"}
    waves = [{"id": "w", "projects": 10, "critical_projects": 4, "cutover": cutover}]
    forecast = likely_of(waves=waves)
    assert forecast.likely["project_days_interrupted"] == 6 * 3 + 4 * 0.5
    assert forecast.likely["critical_days_interrupted"] == 4 * 0.5


# Ramps


DAYS = st.floats(0, 100)


@given(DAYS, DAYS, DAYS)
def test_a_ramp_and_its_integral(day, begin, length) -> None:
    at, first, last = np.array([day]), np.array([begin]), np.array([begin + length])
    assert 0 <= ramp(at, first, last)[0] <= 1
    steps = np.linspace(0, day, 4001)
    by_sum = float(np.mean(ramp((steps[1:] + steps[:-1]) / 2, first, last)) * day)
    assert ramp_integral(at, first, last)[0] == pytest.approx(by_sum, abs=0.05)


@given(st.floats(0, 1000), st.floats(0, 5), *[DAYS] * 5)
def test_bytes_are_landed_or_left_at_any_time(
    volume, rewritten, begin, length, gap, erase, day
) -> None:
    end = begin + length
    stock = Stock(
        *(np.array([x]) for x in (volume, volume)),
        rewritten,
        *(np.array([x]) for x in (begin, end, end + gap, end + gap, end + gap + erase)),
    )
    step = 1e-4

    def held(kind, at: float) -> float:
        two = (kind(stock, np.array([x]), np.inf)[0] for x in (at + step, at))
        return float(np.subtract(*two)) / step

    landed = volume * float(ramp(np.array([day]), stock.begin, stock.end)[0])
    near = volume * step / min(max(length, step), max(erase, step)) + 1e-3
    assert held(target_stock, day) == pytest.approx(landed, abs=near)
    gone = volume * float(ramp(np.array([day]), stock.erase, stock.gone)[0])
    assert held(source_stock, day) == pytest.approx(volume - gone, abs=near)
    moved = moved_by(stock, np.array([day]))[0]
    assert moved == pytest.approx(landed + rewritten * max(min(day, end + gap) - begin, 0))
