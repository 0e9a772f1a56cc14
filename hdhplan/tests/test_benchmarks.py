"""The benchmarks import, and the answers they check first hold. Nothing here is timed."""

import datetime as dt
import importlib

import numpy as np
import pytest

benchmarks = pytest.importorskip("benchmarks", reason="a wheel comes without its benchmarks")

from benchmarks import __main__ as front  # noqa: E402
from benchmarks.calibration import DATES, WAYS, paired, scores_of  # noqa: E402
from benchmarks.cut import activities  # noqa: E402
from benchmarks.engine import check_base, check_cut  # noqa: E402
from benchmarks.measure import Check, Row  # noqa: E402
from benchmarks.projects import TRUTHS, project_of  # noqa: E402
from benchmarks.split import timed_parts  # noqa: E402
from hdhplan.fitting import misfits  # noqa: E402
from hdhplan.network import expand  # noqa: E402
from hdhplan.reading import load_plan  # noqa: E402
from hdhplan.simulation import simulate  # noqa: E402


@pytest.fixture(scope="module")
def base():
    return load_plan("base")


@pytest.mark.parametrize("part", [*front.PARTS, *front.NAMED, "__main__"])
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
    two = Row("x", "y", (0.80,), "", 0.74, 0.86)
    assert (two.target, two.measured, two.verdict) == ("0.74–0.86", "0.8", "met")
    assert [Row("x", "y", (v,), "", 0.74, 0.86).verdict for v in (0.73, 0.87)] == ["MISSED"] * 2


@pytest.mark.parametrize("truth", TRUTHS)
def test_what_happens_to_a_synthetic_project_fits_its_plan(truth):
    project = project_of(5, 1, TRUTHS[truth])
    plan = project.plan
    assert misfits(plan, expand(plan), plan.status) == []
    for task in plan.tasks.values():
        for link in task.after:
            assert project.start[task.id] >= project.finish[link.task]
    last = max(project.finish.values())
    assert last == round(project.end)
    # Once all is known the forecast is the truth.
    days = simulate(plan, 8, as_of=plan.start + dt.timedelta(last)).values["finish_day"]
    assert set(days) == {float(last)}


def test_truths_of_one_project_differ_and_its_plan_does_not():
    projects = [project_of(5, 2, truth) for truth in TRUTHS.values()]
    assert len({project.end for project in projects}) == len(TRUTHS)
    assert all(project.plan.tasks == projects[0].plan.tasks for project in projects)


@pytest.mark.slow
def test_forecasts_that_learn_beat_those_that_do_not_on_a_few_projects():
    found = np.array([scores_of(number, "as planned", seed=11) for number in range(16)])
    assert found.shape == (16, len(DATES), len(WAYS), 3)
    for scores in found.transpose(1, 0, 2, 3):
        learned, *others = scores[:, :, 0].mean(axis=0)
        assert learned < min(others)
        more, error = paired(scores)
        assert more < -error
        assert 0.5 <= scores[:, 0, 1].mean() <= 1.0  # three standard errors below 0.8
        assert scores[:, 0, 2].mean() < scores[:, 1, 2].mean()


def test_a_table_is_kept_under_its_own_heading(tmp_path, monkeypatch):
    page = tmp_path / "README.md"
    page.write_text("# X\n\n## Calibration\n\nSaid.\n\n| old |\n\nold\n\n## Last run\n\n| all |\n")
    monkeypatch.setattr(front, "README", page)
    front._keep("| new |\n\nnow", "## Calibration")
    front._keep("| every |", "## Last run")
    assert page.read_text() == (
        "# X\n\n## Calibration\n\nSaid.\n\n| new |\n\nnow\n\n## Last run\n\n| every |\n"
    )
