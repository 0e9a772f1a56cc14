"""Laws of another link: its own rate changes nothing, more never delays, a cap makes it useless."""

from __future__ import annotations

import pytest
from small import file_of

from hdhplan.links import RATES_GBPS, main_link, other_links
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate

PLAN = """
judgement: "a test"
target: {finish: 2026-03-01, cost_eur: 100_000, vat: HT}
routes:
  link: {rate_gbps: 10, CAPS}
  boxes: {appliance_tb: 500, devices: 2, cycle: 40 d}
datasets:
  - {id: x, volume_tb: 800/1080/2000, route: link, rewritten_tb_per_day: REWRITTEN}
  - {id: y, volume_tb: 5000, route: boxes}
rates:
  - {id: crew, amount_eur: 1000, per: d, on: [x.copy], line: work}
"""


def links_of(tmp_path, caps="usable_share: 1.0", rewritten="0", target=None, draws=400):
    text = PLAN.replace("CAPS", caps).replace("REWRITTEN", rewritten)
    text = text.replace("target: {", "target: {milestone: done, ") + (
        "tasks:\n  - {id: done, after: [x.copy]}\n"
    )
    path = str(file_of(tmp_path, text))
    forecast = simulate(load_plan(path), draws, 1)
    return other_links(path, forecast)


def test_the_main_link_carries_most_and_appliances_are_none(tmp_path):
    links = links_of(tmp_path)
    assert links.route == "link"
    assert links.own_gbps == 10
    assert [other.rate_gbps for other in links.others] == list(RATES_GBPS)
    assert main_link(load_plan("base")) == "azure"


def test_the_own_rate_changes_nothing(tmp_path):
    own = next(other for other in links_of(tmp_path).others if other.rate_gbps == 10)
    assert (own.finish.value, own.cost.value, own.both.value) == (0, 0, 0)


def test_half_the_rate_takes_twice_as_long(tmp_path):
    """All the time is copying: twice as long is once more the P80 length."""
    links = links_of(tmp_path)
    own, half = (next(o for o in links.others if o.rate_gbps == rate) for rate in (10, 5))
    length = own.forecast.quantile("finish_day", 0.8)
    assert half.forecast.quantile("finish_day", 0.8) == pytest.approx(2 * length, rel=1e-3)
    assert half.finish.value == pytest.approx(length, rel=0.02)
    assert half.cost.value == pytest.approx(1000 * length, rel=1e-3)


def test_a_faster_link_never_delays(tmp_path):
    finishes = [o.forecast.quantile("finish_day", 0.8) for o in links_of(tmp_path).others]
    assert finishes == sorted(finishes, reverse=True)


def test_beyond_the_cap_of_the_target_no_rate_helps(tmp_path):
    links = links_of(tmp_path, "target_gbps: 12")
    assert links.enough == 25
    assert [o.binds for o in links.others[3:]] == [{"target": 1.0}] * 3
    assert links.others[0].binds == {"link": 1.0}
    free = links_of(tmp_path)
    assert free.enough == 100


def test_a_rate_that_rewrites_outrun_is_said_to_be_endless(tmp_path):
    """At 2 Gbit/s 21.6 TB a day are carried, and 30 rewritten."""
    slow = links_of(tmp_path, rewritten="30").others[0]
    assert slow.forecast is None
    assert slow.never == 1
    row = links_of(tmp_path, rewritten="30").as_data()["others"][0]
    assert row["finish"] is None
    assert row["share_never"] == 1


def test_a_plan_without_a_link_has_no_other(tmp_path):
    text = "tasks:\n  - {id: a, work: 3 d}\n"
    path = str(file_of(tmp_path, text))
    assert other_links(path, simulate(load_plan(path), 8)) is None
