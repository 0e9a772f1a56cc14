"""Stocks over time, landed and readable, and interruptions by wave: by hand, and adding up."""

from __future__ import annotations

import numpy as np
import pytest

from hdhplan.exposure import LANDED, WHOLE
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate

BY_HAND = """
schema: hdhplan.plan/1
name: hand
start: 2026-01-05
judgement: test
tasks: [{id: ready, work: 40 d}]
routes:
  one: {rate_gbps: 10, usable_share: 0.5, after: [ready]}
  two: {rate_gbps: 10}
datasets:
  - {id: big, wave: w1, volume_tb: 10_800, route: one}
  - {id: small, wave: w2, volume_tb: 1_080, route: two}
waves:
  - {id: w1, projects: 5, cutover: {work: 2 d}, erase: 100 d}
  - {id: w2, projects: 7, cutover: {work: 3 d}, erase: 10 d}
interruptions: [{id: gap, from: 2026-01-15, until: ready, projects: 4, source: test, grade: D}]
"""


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory):
    path = tmp_path_factory.mktemp("hand") / "plan.yaml"
    path.write_text(BY_HAND, encoding="utf-8")
    return simulate(load_plan(str(path)), 50, detail=True)


@pytest.fixture(scope="module")
def base():
    return simulate(load_plan("base"), 3_000, detail=True)


def test_what_has_landed_rises_evenly_while_it_is_copied(by_hand):
    days = by_hand.landed_paths["one"].days
    # 54 TB a day from day 40 on for 200 days; 108 TB a day from the start for 10 days.
    one, two = np.clip((days - 40) / 200, 0, 1) * 10.8, np.clip(days / 10, 0, 1) * 1.08
    whole = np.full(len(days), 11.88)
    for name, expected in (("one", one), ("two", two), (LANDED, one + two), (WHOLE, whole)):
        path = by_hand.landed_paths[name]
        for line in (path.likely, path.p10, path.p50, path.p80, path.p90):
            assert line == pytest.approx(expected, rel=1e-5, abs=1e-6), name
    assert by_hand.quantile("landed_day", 0.5) == pytest.approx(240)


def test_what_is_readable_falls_evenly_while_it_is_erased(by_hand):
    path = by_hand.exposure_path
    # Erasure follows each cutover: from day 242 for 100 days, from day 13 for 10 days.
    left = 10.8 * (1 - np.clip((path.days - 242) / 100, 0, 1))
    left += 1.08 * (1 - np.clip((path.days - 13) / 10, 0, 1))
    for line in (path.likely, path.p10, path.p50, path.p80):
        assert line == pytest.approx(left, abs=1e-5)


def test_interruptions_of_waves_are_projects_times_days(by_hand):
    assert by_hand.quantile("w1.interrupted_days", 0.5) == pytest.approx(5 * 2, rel=1e-4)
    assert by_hand.quantile("w2.interrupted_days", 0.5) == pytest.approx(7 * 3, rel=1e-4)
    whole = by_hand.quantile("project_days_interrupted", 0.5)
    assert whole == pytest.approx(10 + 21 + 4 * 30, rel=1e-4)


def test_routes_add_up_to_what_is_to_land_and_nothing_goes_back(base):
    paths = dict(base.landed_paths)
    whole, landed = paths.pop(WHOLE), paths.pop(LANDED)
    assert set(paths) == {"azure", "cnam"}
    assert sum(path.likely for path in paths.values()) == pytest.approx(landed.likely, rel=1e-5)
    assert landed.likely[-1] == pytest.approx(whole.likely[0], rel=1e-5)
    # Quantiles do not add up, but the whole lies within what its routes leave room for.
    assert (landed.p90 <= paths["azure"].p90 + paths["cnam"].p90[-1] + 1e-4).all()
    for path in (*paths.values(), landed):
        assert (path.p10 <= path.p50).all()
        assert (path.p50 <= path.p80).all()
        assert (path.p80 <= path.p90).all()
        for line in (path.likely, path.p10, path.p50, path.p80, path.p90):
            assert line[0] == 0
            assert (np.diff(line) >= -1e-6).all()


def test_waves_and_standstills_add_up_to_all_interruptions_in_every_draw(base):
    waves = sum(base.detail[f"{w}.interrupted_days"].astype(float) for w in base.plan.waves)
    gap = base.plan.interruptions["emc2_lapse"]
    begin = (gap.from_ - base.plan.start).days
    waves += gap.projects * np.maximum(base.detail[gap.until].astype(float) - begin, 0)
    assert base.values["project_days_interrupted"] == pytest.approx(waves, rel=1e-4, abs=0.01)


def test_all_has_landed_when_the_last_copy_ends(base):
    copies = [ends["finish"] for name, ends in base.spread.items() if name.endswith(".copy")]
    for p, quantile in enumerate((0.1, 0.5, 0.8)):
        assert base.quantile("landed_day", quantile) >= max(ends[p] for ends in copies) - 1e-3
    # What ends last in some draws ends no earlier than any copy in all of them.
    assert base.likely["landed_day"] == max(
        task.early_finish for name, task in base.tasks.items() if name.endswith(".copy")
    )


def test_cutting_up_the_draws_changes_no_path():
    plan = load_plan("base")
    one, other = (simulate(plan, 1_000, detail=True, block=size) for size in (1_024, 256))
    for name, path in one.landed_paths.items():
        for a, b in zip(vars(path).values(), vars(other.landed_paths[name]).values(), strict=True):
            assert np.array_equal(a, b), name


def test_what_is_never_copied_never_lands():
    made = simulate(load_plan("stay_on_azure"), 200, detail=True)
    assert made.landed_paths == {}
    assert "landed_day" not in made.quantities
    assert simulate(load_plan("base"), 200).landed_paths == {}
