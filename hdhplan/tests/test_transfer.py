"""Transfer: arithmetic of links, histograms and appliances, and the shared route against an oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Freeze, Moved, copied
from small import finishes, plan_of, range_of

from hdhplan.costs import moved_by, target_stock
from hdhplan.inputs import likely_sample
from hdhplan.outcome import run_block
from hdhplan.simulation import prepare, simulate
from hdhplan.transfer import Flow, appliance_days, carried, link_tb_per_day
from hdhplan.units import NEVER_DAY
from hdhplan.volumes import lognormal_bins, requests_of

STEP, HORIZON = 1 / 500, 40.0


def finish(**route_and_data) -> float:
    """Finish of one copy over one route. [d]"""
    data = {"id": "x", "volume_tb": 100, "route": "r"} | route_and_data.pop("data", {})
    return finishes(routes={"r": route_and_data}, datasets=[data])["x.copy"]


# One copy


@pytest.mark.parametrize(
    ("route", "data", "days"),
    [
        ({"rate_gbps": 10}, {}, 100 / 108),
        ({"rate_gbps": 10, "usable_share": 0.5}, {}, 100 / 54),
        ({"rate_gbps": 10, "source_gbps": 4}, {}, 100 / 43.2),
        ({"rate_gbps": 10, "target_gbps": 2}, {}, 100 / 21.6),
        ({"rate_gbps": 10, "streams": 4, "stream_gbps": 0.5}, {}, 100 / 21.6),
        ({"rate_gbps": 10, "movers": 3, "mover_gbps": 1}, {}, 100 / 32.4),
        # 8,640,000 objects at 0.64 s each over 64 streams: a day, beside no time for bytes.
        (
            {"rate_gbps": 1000, "streams": 64, "object_overhead_s": 0.64},
            {"objects": 8_640_000},
            1.0,
        ),
        # The same, and each stream carries 1 Gbit/s: 100 TB / (64 × 10.8 TB/d) more.
        (
            {"rate_gbps": 1000, "streams": 64, "object_overhead_s": 0.64, "stream_gbps": 1},
            {"objects": 8_640_000},
            1.0 + 100 / (64 * 10.8),
        ),
        ({"rate_gbps": 10, "max_requests_per_s": 100}, {"objects": 17_280_000}, 2.0),
        ({"rate_gbps": 10, "target_requests_per_s": 100}, {"objects": 17_280_000}, 2.0),
        # Four parts of 25 MB in each of a million objects of 100 MB.
        (
            {"rate_gbps": 100, "max_requests_per_s": 40, "part_size_mb": 25},
            {"objects": 1_000_000},
            4e6 / 40 / 86_400,
        ),
        (
            {"rate_gbps": 100, "max_requests_per_s": 40, "part_size_mb": 25, "max_parts": 2},
            {"objects": 1_000_000},
            2e6 / 40 / 86_400,
        ),
        ({"appliance_tb": 30, "devices": 2, "cycle": "7 d"}, {}, 14.0),
        ({"appliance_tb": 50, "devices": 2, "cycle": "7 d"}, {}, 7.0),
    ],
)
def test_the_tightest_limit_sets_the_days(route: dict, data: dict, days: float) -> None:
    assert finish(**route, data=data) == pytest.approx(days, rel=1e-9)


def test_a_size_histogram_replaces_the_mean() -> None:
    bins = ({"objects": 86_400, "volume_tb": 99}, {"objects": 8_553_600, "volume_tb": 1})
    route = {"rate_gbps": 1000, "streams": 64, "object_overhead_s": 0.64}
    assert finish(**route, data={"sizes": bins}) == pytest.approx(1.0)


@pytest.mark.parametrize("limit", ["link", "source", "target", "requests", "streams", "movers"])
def test_the_binding_limit_is_named(limit: str) -> None:
    caps = {
        "link": {"usable_share": 0.1},
        "source": {"source_gbps": 1},
        "target": {"target_gbps": 1},
        "requests": {"max_requests_per_s": 1},
        "streams": {"streams": 1, "stream_gbps": 0.5},
        "movers": {"movers": 1, "mover_gbps": 0.5},
    }
    data = {"id": "x", "volume_tb": 100, "objects": 1_000_000, "route": "r"}
    plan = plan_of(routes={"r": {"rate_gbps": 10} | caps[limit]}, datasets=[data])
    assert simulate(plan, 8).bottleneck == {"x": {limit: 1.0}}


def test_a_driver_lowers_a_cap_that_a_route_has_and_one_that_it_has_not() -> None:
    data = [{"id": "x", "volume_tb": 108, "route": "r"}]
    for cap in ("rate_gbps", "target_gbps"):
        driver = {"id": "low", "p": 0.5, "limit": {cap: 5}, "on": ["r"]}
        plan = plan_of(routes={"r": {"rate_gbps": 10}}, datasets=data, drivers=[driver])
        forecast = simulate(plan, 4_000)
        assert set(np.round(forecast.values["finish_day"], 4)) == {1.0, 2.0}
        assert forecast.likely["finish_day"] == 1.0


def test_archives_are_rehydrated_before_they_are_read() -> None:
    route = {"rate_gbps": 10, "rehydrate_tb_per_day": 10}
    data = {"tiers": {"hot": 0.8, "archive": 0.2}}
    assert finish(**route, data=data) == pytest.approx(100 * 0.2 / 10 + 100 / 108)


def test_verification_overlaps_the_copy_and_repair_comes_after() -> None:
    data = {"id": "x", "volume_tb": 108, "route": "r", "verify": {"rate_share": 0.5}}
    found = finishes(routes={"r": {"rate_gbps": 10}}, datasets=[data])
    assert found["x.verify"] == pytest.approx(2.0)
    data["repair_share"] = 0.1
    found = finishes(routes={"r": {"rate_gbps": 10}}, datasets=[data])
    assert found["x.repair"] == pytest.approx(2.1)


@given(st.floats(0.01, 1e4), st.integers(1, 10**9), st.floats(0, 4))
def test_a_lognormal_histogram_holds_exactly_the_volume(volume, objects, spread) -> None:
    sizes = lognormal_bins(volume, objects, spread)
    assert sizes.mean() * objects == pytest.approx(volume, rel=1e-9)
    assert np.all(np.diff(sizes) >= -1e-12 * sizes[-1])


@given(st.floats(1e-6, 10), st.integers(1, 10**6), st.floats(1, 1000), st.integers(1, 1000))
def test_one_object_is_one_request_or_its_parts(size_mb, objects, part_mb, most) -> None:
    sizes = np.array([size_mb / 1e6])
    assert requests_of(sizes, np.array([objects]), None, most) == objects
    requests = requests_of(sizes, np.array([objects]), part_mb, most)
    assert objects <= requests <= objects * most


@given(st.floats(0.1, 1e4), st.floats(1, 1000), st.integers(1, 9), st.floats(1, 100))
def test_appliances_go_in_whole_cycles(volume, capacity, devices, cycle) -> None:
    days = float(appliance_days(np.float64(volume), np.float64(capacity), devices, cycle))
    rounds = round(days / cycle)
    assert days == pytest.approx(rounds * cycle)
    assert (rounds - 1) * capacity * devices <= volume * (1 + 1e-6)
    assert volume <= rounds * capacity * devices * (1 + 1e-5) + 1e-5 * capacity * devices


# Work that gives way


def test_a_reservation_takes_its_share_until_it_ends() -> None:
    flows = [Flow(np.array([0.5]), np.array([4.0]))]
    assert carried(np.array([0.0]), np.array([3.0]), flows) == pytest.approx([5.0])
    assert carried(np.array([0.0]), np.array([3.0]), [Flow(np.array([0.5]), None)]) == [6.0]


def test_what_is_left_nothing_waits_and_what_never_ends_is_never() -> None:
    full = Flow(np.array([1.0]), np.array([4.0]))
    assert carried(np.array([0.0]), np.array([1.0]), [full]) == pytest.approx([5.0])
    assert carried(np.array([0.0]), np.array([1.0]), [Flow(np.array([1.0]), None)]) == [NEVER_DAY]


def test_a_backlog_grows_while_reservations_leave_too_little() -> None:
    # Free 0.25 against own rewrites of 0.5 for 4 d: the backlog of 1 grows to 2, then shrinks by 0.5.
    flows = [Flow(np.array([0.75]), np.array([4.0]))]
    assert carried(np.array([0.0]), np.array([1.0]), flows, 0.5) == pytest.approx([8.0])


# The shared route, step by step


@st.composite
def routes(draw):
    """Datasets in waves on one or two routes; shares of rewrites stay within reason."""
    waves = [
        Freeze(f"w{i}", draw(st.sampled_from([0.0, 0.0, 3.0, 8.0])), 1.0)
        for i in range(draw(st.integers(1, 3)))
    ]
    rates = {"a": draw(st.sampled_from([20.0, 108.0])), "b": 54.0}
    data = []
    for i in range(draw(st.integers(1, 4))):
        route = draw(st.sampled_from("aab"))
        days, share = draw(st.floats(0.2, 4)), draw(st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.9]))
        wave = draw(st.sampled_from([w.name for w in waves] + [None]))
        ready = draw(st.sampled_from([0.0, 0.0, 2.0]))
        rate = rates[route]
        data.append(Moved(f"d{i}", days * rate, share * rate, route, wave, ready))
    order = {w.name: i for i, w in enumerate(waves)}
    data.sort(key=lambda x: order.get(x.wave, len(waves)))
    return data, waves, rates


def as_plan(data: list[Moved], waves: list[Freeze], rates: dict[str, float]):
    """The same case as a plan."""
    gates = [{"id": f"gate_{w.name}", "work": f"{w.gate_day} d"} for w in waves]
    ready = [{"id": f"ready_{x.name}", "work": f"{x.ready_day} d"} for x in data]
    return plan_of(
        tasks=gates + ready,
        routes={name: {"rate_gbps": rate / 10.8} for name, rate in rates.items()},
        datasets=[
            {
                "id": x.name,
                "volume_tb": x.volume_tb,
                "route": x.route,
                "wave": x.wave,
                "rewritten_tb_per_day": x.rewritten_tb_per_day,
                "after": [f"ready_{x.name}"],
            }
            for x in data
        ],
        waves=[
            {"id": w.name, "after": [f"gate_{w.name}"], "cutover": {"work": f"{w.length} d"}}
            for w in waves
        ],
    )


def agree(case) -> None:
    expected = copied(*case, step=STEP, horizon=HORIZON)
    tasks = simulate(as_plan(*case), 4).tasks
    for name, day in expected.items():
        found = tasks[name].early_finish
        if day < HORIZON - 2:
            # A step is lost at each hand-over, and a slow catch-up makes more of what is lost.
            assert found == pytest.approx(day, abs=60 * STEP), name
        else:
            assert found > HORIZON - 4, name


@settings(max_examples=60)
@given(routes())
def test_the_shared_route_agrees_with_fine_steps(case) -> None:
    agree(case)


def test_rewrites_that_beat_what_others_leave_never_catch_up() -> None:
    """Two datasets of one wave keep 0.6 of the route each: the second never catches up."""
    data = [Moved("d0", 108, 65, "a", "w0"), Moved("d1", 108, 65, "a", "w0")]
    case = data, [Freeze("w0", 0.0, 1.0)], {"a": 108.0}
    agree(case)
    tasks = simulate(as_plan(*case), 4).tasks
    assert tasks["d0.delta"].early_finish < 4
    assert math.isinf(tasks["d1.delta"].early_finish)
    assert math.isinf(tasks["w0.cutover"].early_finish)


def test_an_earlier_freeze_lets_the_second_catch_up() -> None:
    data = [Moved("d0", 108, 65, "a", "w0"), Moved("d1", 108, 65, "a", "w1")]
    case = data, [Freeze("w0", 6.0, 1.0), Freeze("w1", 0.0, 1.0)], {"a": 108.0}
    agree(case)
    assert math.isfinite(simulate(as_plan(*case), 4).tasks["w1.cutover"].early_finish)


# Bytes


@given(routes())
def test_bytes_in_are_landed_left_and_excluded_at_any_time(case) -> None:
    data, waves, rates = case
    plan = as_plan(data, waves, rates)
    outcome = run_block(prepare(plan), likely_sample(prepare(plan).inputs))
    for x in data:
        stock = outcome.stocks[x.name]
        begin, end = stock.begin[0], stock.end[0]
        if end >= NEVER_DAY / 2:
            continue
        for day in np.linspace(0, min(end, 100) + 2, 9):
            at = np.array([float(day)])
            # What is at the target is what the copy has moved, no more than the dataset holds.
            step = 1e-3
            held = (target_stock(stock, at + step, np.inf) - target_stock(stock, at, np.inf)) / step
            landed = x.volume_tb * min(max((day - begin) / (end - begin), 0), 1)
            assert held[0] == pytest.approx(landed, abs=x.volume_tb * step / (end - begin) + 1e-6)
            rewrites = moved_by(stock, at) - landed
            assert rewrites[0] >= -1e-6
        assert target_stock(stock, np.array([end + 1.0]), np.inf)[0] - target_stock(
            stock, np.array([end]), np.inf
        )[0] == pytest.approx(x.volume_tb)


@given(routes())
def test_no_route_carries_more_than_its_rate(case) -> None:
    """Over the whole of each copy and catch-up, and of all of a route together."""
    data, waves, rates = case
    plan = as_plan(data, waves, rates)
    outcome = run_block(prepare(plan), likely_sample(prepare(plan).inputs))
    for route, rate in rates.items():
        own = [x for x in data if x.route == route]
        ends = [outcome.dates.finish_day(f"{x.name}.copy")[0] for x in own]
        for x, end in zip(own, ends, strict=True):
            begin = outcome.dates.start_day(f"{x.name}.copy")[0]
            if end < NEVER_DAY / 2:
                assert x.volume_tb <= rate * (end - begin) * (1 + 1e-9) + 1e-9
        for day in [end for end in ends if end < NEVER_DAY / 2]:
            landed = sum(x.volume_tb for x, end in zip(own, ends, strict=True) if end <= day)
            assert landed <= rate * day * (1 + 1e-9) + 1e-9


def test_what_is_excluded_or_has_no_route_is_not_moved_nor_billed_at_the_target() -> None:
    data = [
        {"id": "x", "volume_tb": 100, "route": "r"},
        {"id": "y", "volume_tb": 60, "route": "r", "excluded": "rebuilt at the target"},
    ]
    rates = [
        {"id": "egress", "amount_eur": 1, "per": "TB"},
        {"id": "held", "amount_eur": 1, "per": "TB_month", "at": "target", "line": "held"},
    ]
    forecast = simulate(plan_of(routes={"r": {"rate_gbps": 10}}, datasets=data, rates=rates), 4)
    assert forecast.likely_lines["other"] == pytest.approx(100)
    assert forecast.likely_lines["held"] == pytest.approx(100 * (100 / 108) / 2 / 30.44)
    assert "y.copy" not in forecast.tasks


def test_a_link_of_ten_gigabits_carries_108_terabytes_a_day() -> None:
    assert link_tb_per_day(10) == pytest.approx(10e9 / 8 * 86_400 / 1e12)


def test_the_share_that_never_catches_up_is_the_share_of_slow_links() -> None:
    share = range_of(0.5, 0.75, 1.0, "", "uniform")
    data = [{"id": "x", "volume_tb": 100, "route": "r", "rewritten_tb_per_day": 27 * 3}]
    plan = plan_of(routes={"r": {"rate_gbps": 10, "usable_share": share}}, datasets=data)
    never = simulate(plan, 20_000).share_never("finish_day")
    assert never == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(20_000))
