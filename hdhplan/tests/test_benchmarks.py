"""The benchmarks import, and the answers they check first hold. Nothing here is timed."""

import importlib

import numpy as np
import pytest

benchmarks = pytest.importorskip("benchmarks", reason="a wheel comes without its benchmarks")

from benchmarks.cut import activities  # noqa: E402
from benchmarks.engine import check_base, check_cut  # noqa: E402
from benchmarks.measure import Check, Row  # noqa: E402
from benchmarks.split import timed_parts  # noqa: E402
from hdhplan.reading import load_plan  # noqa: E402
from hdhplan.simulation import simulate  # noqa: E402


@pytest.fixture(scope="module")
def base():
    return load_plan("base")


@pytest.mark.parametrize(
    "part", ["engine", "memory", "imports", "report", "draws", "figures", "__main__"]
)
def test_every_part_can_be_imported(part):
    assert importlib.import_module(f"benchmarks.{part}")


def test_the_engine_gives_the_answers_of_its_oracles(base):
    checks = [*check_cut(activities(base), 2_000, pmcontrols=False), *check_base(base, 2_000)]
    assert len(checks) == 7
    assert all(check.passed for check in checks), [str(check) for check in checks]


def test_the_cut_keeps_every_task(base):
    tasks = activities(base)
    forecast = simulate(base, 100)
    assert {task.id for task in tasks} == {name.replace(".", "__") for name in forecast.tasks}
    assert all(task.low <= task.likely <= task.high for task in tasks)


def test_timing_a_run_finds_every_part_and_changes_no_answer(base):
    plain = simulate(base, 500)
    with timed_parts() as (clock, missing):
        timed = simulate(base, 500)
    assert missing == []
    assert np.array_equal(plain.values["cost_eur"], timed.values["cost_eur"])
    assert sum(clock.seconds.values()) > 0


def test_a_row_tells_whether_its_target_is_met():
    assert Row("x", "y", (8.0, 9.0, 12.0), at_least=9).verdict == "met"
    assert Row("x", "y", (8.0, 8.5, 12.0), at_least=9).verdict == "MISSED"
    assert not Check("nan", float("nan"), 1.0, 10.0).passed
