"""A decision changes what comes, not what was measured."""

from __future__ import annotations

import datetime as dt

import numpy as np

from hdhplan.learning import as_of, carried
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate

DAY, STATUS = dt.date(2026, 11, 20), "data/status/example"


def test_the_same_plan_carries_over_to_itself_bit_for_bit():
    plan = load_plan("base", status=STATUS)
    taught = as_of(plan, DAY)
    again = simulate(carried(load_plan("base"), taught), 500, 1)
    first = simulate(plan, 500, 1, as_of=DAY)
    for name, values in first.values.items():
        np.testing.assert_array_equal(values, again.values[name], name)


def test_a_faster_link_keeps_what_was_learned_of_the_slower_one():
    taught = as_of(load_plan("base", status=STATUS), DAY)
    faster = load_plan("base", ["routes.azure.rate_gbps=25"])
    before = simulate(taught, 2_000, 1).mean("finish_day")
    after = simulate(carried(faster, taught), 2_000, 1).mean("finish_day")
    assert after <= before
    # The same speeds measured against the faster link would say that it is slow.
    seen = carried(faster, taught).progress.routes["azure"]
    assert seen[2] is taught.progress.routes["azure"][2]
    assert seen[1] > taught.progress.routes["azure"][1]


def test_nothing_known_nothing_carried():
    plan = load_plan("base")
    assert carried(plan, plan) is plan
