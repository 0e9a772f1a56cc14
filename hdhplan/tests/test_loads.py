"""Laws of what there is to move: by hand, adding up, and the same draws as the forecast."""

from __future__ import annotations

import numpy as np
import pytest
from small import plan_of, range_of

from hdhplan.loads import LOTS, TIERS, lot_of, weigh
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate

LINK = {"link": {"rate_gbps": 10}}  # 108 TB a day


def test_a_copy_takes_its_volume_over_the_rate():
    plan = plan_of(routes=LINK, datasets=[{"id": "x", "volume_tb": 1080, "route": "link"}])
    loads = weigh(plan, draws=8)
    assert loads.copy("x").p80 == pytest.approx(10, abs=1e-3)
    assert loads.total(["x"]).p50 == 1080


def test_what_is_rewritten_faster_than_the_link_makes_the_next_copy_endless():
    first = {"id": "x", "volume_tb": 1, "route": "link", "rewritten_tb_per_day": 108}
    plan = plan_of(routes=LINK, datasets=[first, {"id": "y", "volume_tb": 1, "route": "link"}])
    assert weigh(plan, draws=8).copy("y").never == 1


def test_every_dataset_is_in_one_lot():
    plan = load_plan("base")
    loads = weigh(plan, draws=64)
    assert sorted(name for lot in LOTS for name in loads.lot(lot)) == sorted(plan.datasets)
    assert loads.lot("stays") == ["backups_logs"]
    assert loads.lot("elsewhere") == ["snds_main_base"]
    assert lot_of(plan.datasets["genomics"]) == "moves"


def test_tiers_add_up_to_the_whole_in_every_draw():
    parts = {"hot": 0.5, "cool": 0.2, "archive": 0.3}
    data = [{"id": "x", "volume_tb": range_of(50, 100, 200), "route": "link", "tiers": parts}]
    loads = weigh(plan_of(routes=LINK, datasets=data), draws=512)
    whole = loads.total(["x"])
    for p in (0.1, 0.5, 0.8):
        assert sum(loads.total(["x"], tier).at(p)[0] for tier in TIERS) == pytest.approx(
            whole.at(p)[0]
        )
        assert loads.total(["x"], "hot").at(p)[0] == pytest.approx(0.5 * whole.at(p)[0])


def test_the_draws_are_those_of_the_forecast():
    plan = load_plan("base")
    loads, forecast = weigh(plan, 2_000, seed=5), simulate(plan, 2_000, 5, detail=True)
    at_source = loads.total([*loads.lot("moves"), *loads.lot("stays")])
    assert at_source.p50 / 1000 == pytest.approx(forecast.exposure_path.p50[0], rel=1e-5)
    ends = forecast.spread["snds_main_base.copy"]
    assert ends["finish"][1] - ends["start"][1] == pytest.approx(
        loads.copy("snds_main_base").p50, abs=2
    )


def test_longer_runs_keep_the_first_draws():
    plan = load_plan("other_platform")
    short, long = weigh(plan, 100), weigh(plan, 300)
    np.testing.assert_array_equal(short.copy_days["counts"], long.copy_days["counts"][:100])
