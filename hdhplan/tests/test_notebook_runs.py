"""The notebooks in several scenarios: what they hand over is what the package says."""

from __future__ import annotations

import json

import pytest

from hdhplan.comparison import as_data, compare
from hdhplan.kept_files import read_kept
from hdhplan.links import other_links
from hdhplan.loads import weigh
from hdhplan.reading import load_plan
from hdhplan.report.notebook import displayed, execute, home
from hdhplan.result import RESULT_MIME, bundle, safe
from hdhplan.scoring import keep_weeks, score
from hdhplan.sensitivity import study
from hdhplan.simulation import simulate
from hdhplan.status import week_of
from hdhplan.tests.test_kept import published
from hdhplan.volume_readings import read_volumes
from hdhplan.weeks import status_folder

pytestmark = pytest.mark.slow

BOOKS = home() / "notebooks"
SCENARIOS = ("base", "evidence", "other_platform")
DRAWS, SEED = 400, 3
STUDIED = ("5_risk", "scenario_report")
MEMOS = ("1_volumes", "2_transfer", "3_costs", "4_timeline", "5_risk")
READ = ("base", "evidence", "stress")


def handed_over(name, tmp_path, **parameters):
    """What a notebook hands over when papermill runs it."""
    asked = {"draws": DRAWS, "seed": SEED} | parameters
    node = execute(BOOKS / f"{name}.ipynb", tmp_path / "out.ipynb", asked)
    (result,) = displayed(node, RESULT_MIME)
    return result


def plain(data):
    """The same as it comes out of a file."""
    return json.loads(json.dumps(safe(data)))


@pytest.fixture(scope="module")
def forecasts():
    return {name: simulate(load_plan(name), DRAWS, SEED, detail=True) for name in SCENARIOS}


def expected(name, scenario, forecast):
    """What the package says when it is asked directly."""
    found = bundle(forecast, study(forecast) if name in STUDIED else None)
    if name == "1_volumes":
        found["volumes"] = read_volumes(scenario, forecast, READ).as_data()
    if name == "2_transfer":
        found["links"] = other_links(scenario, forecast).as_data()
        found["copies"] = weigh(forecast.plan, DRAWS, SEED).as_data()
    return plain(found)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", [*MEMOS, "scenario_report"])
def test_a_notebook_says_what_the_package_says(name, scenario, forecasts, tmp_path):
    result = handed_over(name, tmp_path, scenario=scenario, lang="en")
    assert result["ok"]
    assert result["data"] == expected(name, scenario, forecasts[scenario])
    assert result["meta"]["draws"] == DRAWS


def test_the_comparison_says_what_the_package_says(tmp_path):
    result = handed_over("compare_scenarios", tmp_path, scenarios=list(SCENARIOS))
    wanted = plain(as_data(compare([load_plan(name) for name in SCENARIOS], DRAWS, SEED)))
    assert {key: result["data"][key] for key in wanted} == wanted


def test_a_setting_reaches_every_part_of_a_memo(tmp_path):
    """What is set counts in the plan, in its readings and at other rates alike."""
    setting = "target.finish=2029-04-23"
    for name in ("1_volumes", "2_transfer"):
        data = handed_over(name, tmp_path, overrides=[setting])["data"]
        assert data["target"]["finish"] == "2029-04-23"
        if name == "1_volumes":
            readings = data["volumes"]["readings"]
            assert readings["base"]["odds"]["date"] == data["odds"]["date"]
            assert readings["stress"]["odds"]["date"] > 0.6  # 7 chances in 20 without it
        else:
            own = next(row for row in data["links"]["others"] if row["rate_gbps"] == 10)
            assert own["finish"] == {"value": 0.0, "se": 0.0}


@pytest.mark.parametrize("scenario", ["base", "frugal"])
def test_the_scores_are_what_the_package_says(scenario, tmp_path):
    result = handed_over("forecast_score", tmp_path, scenario=scenario, lang="en")
    plan = load_plan(scenario, status=status_folder("example"))
    scores = score(plan, keep_weeks(plan, DRAWS, SEED), draws=DRAWS, seed=SEED)
    assert result["data"]["scores"] == plain(scores.as_data())
    assert result["data"]["status"]["as_of"] == "2026-11-20"


def test_kept_forecasts_are_read_where_a_folder_is_named(tmp_path):
    plan = load_plan("base", status=status_folder("example"))
    for one in keep_weeks(plan, 200, SEED)[:3]:
        published(tmp_path / "reports", one, f"example-{week_of(one.as_of)}")
    folder = str(tmp_path / "reports")
    result = handed_over("forecast_score", tmp_path, kept=folder, draws=200, status="example")
    own = score(plan, read_kept(tmp_path / "reports"), draws=200, seed=SEED)
    assert result["data"]["scores"] == plain(own.as_data())
    assert own.forecasts == 3
