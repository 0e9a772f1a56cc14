"""Pencil cases, each through the command line: a plan file, and what a pencil says of it.

What the numbers come from stands in each file of ``cases/``.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from hdhplan.cli import main

CASES = Path(__file__).parent / "cases"
DRAWS = 40_000
pytestmark = pytest.mark.cases


@pytest.fixture
def hdhplan(capsys):
    """Run a case through the command line; give the ``data`` of its envelope."""

    def run(case: str, *options: str, draws: int = 64) -> dict:
        asked = ["run", str(CASES / f"{case}.yaml"), "--json", "--draws", str(draws), *options]
        code = main(asked)
        out, err = capsys.readouterr()
        assert code == 0, err
        answer = json.loads(out)
        assert (answer["schema"], answer["ok"]) == ("hdhplan.run/1", True)
        return answer["data"]

    return run


def column(data: dict, name: str) -> dict[str, float]:
    """One number of each task of the likely plan."""
    return {task: row[name] for task, row in data["plan"]["tasks"].items()}


def exactly(value: float):
    return pytest.approx(value, abs=1e-6)


# Published networks: early and late dates, floats


N1 = {  # early start and finish, late start and finish, total float, free float
    "A": (0, 3, 0, 3, 0, 0),
    "B": (5, 7, 5, 7, 0, 0),
    "C": (0, 2, 4, 6, 4, 0),
    "D": (6, 10, 6, 10, 0, 0),
    "E": (2, 3, 6, 7, 4, 4),
    "F": (3, 5, 12, 14, 9, 9),
    "G": (7, 11, 7, 11, 0, 0),
    "H": (11, 14, 11, 14, 0, 0),
}
FIELDS = ("early_start", "early_finish", "late_start", "late_finish", "total_float", "free_float")


def test_n1_has_all_relations_and_lags(hdhplan) -> None:
    data = hdhplan("n1")
    assert data["plan"]["finish_day"] == exactly(14)
    for task, row in N1.items():
        assert tuple(data["plan"]["tasks"][task][f] for f in FIELDS) == exactly(row), task
    critical = {task for task, share in data["criticality"].items() if share}
    assert critical == set("ABDGH")


def test_n3_has_lags(hdhplan) -> None:
    data = hdhplan("n3")
    assert data["plan"]["finish_day"] == exactly(18)
    assert column(data, "total_float") == exactly({"A": 0, "B": 0, "C": 3, "D": 0, "E": 0})
    assert data["criticality"] == {"A": 1, "B": 1, "C": 0, "D": 1, "E": 1}


def test_n5_general_foundry(hdhplan) -> None:
    data = hdhplan("n5")
    assert data["plan"]["finish_day"] == exactly(15)
    slack = dict.fromkeys("ACEGH", 0) | {"B": 1, "D": 1, "F": 6}
    assert column(data, "total_float") == exactly(slack)


def test_a_cycle_is_refused_and_named(capsys) -> None:
    assert main(["run", str(CASES / "cycle.yaml"), "--json"]) == 3
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"] is False
    assert "cycle.yaml, line 6: tasks.A.after: a cycle: A → B → A" in err
    assert "Traceback" not in err


# Laws of probability, within four standard errors


def near(row: dict, name: str, value: float) -> None:
    """Compare with a closed form; the standard error of a standard deviation is sd / √(2n) or so."""
    n = DRAWS * (1 - row["share_never"])
    error = {"sd": 1.5 * value / math.sqrt(2 * n)}.get(name) or row["se"][name]
    assert row[name] == pytest.approx(value, abs=4 * error)


def test_pert_pair(hdhplan) -> None:
    data = hdhplan("pert_pair", draws=DRAWS)
    both, first = data["quantiles"]["finish_day"], data["quantiles"]["A_done"]
    near(both, "mean", 7)
    near(both, "sd", 1.309307 * math.sqrt(2))
    near(first, "mean", 3)
    near(first, "sd", 1.309307)
    near(first, "p80", 4.102761)


def test_triangular(hdhplan) -> None:
    row = hdhplan("triangular", draws=DRAWS)["quantiles"]["finish_day"]
    near(row, "mean", 4)
    near(row, "sd", 1.779513)


@pytest.mark.parametrize(
    ("k", "mean"), [(1, 34 / 3), (2, 12.3), (3, 12.832143), (5, 13.440645), (10, 14.127583)]
)
def test_merge_bias(hdhplan, k: int, mean: float) -> None:
    near(hdhplan("merge_bias", draws=DRAWS)["quantiles"][f"of_{k}"], "mean", mean)


def test_risk_event(hdhplan) -> None:
    data = hdhplan("risk_event", draws=DRAWS)
    row = data["quantiles"]["finish_day"]
    near(row, "mean", 3)
    near(row, "sd", 4.582576)
    assert (row["p10"], row["p50"], row["p80"], row["p90"]) == (0, 0, 10, 10)
    assert data["plan"]["finish_day"] == 0  # a risk is not in the plan


# Calendars, people, transfer


def test_french_working_days_of_three_years(hdhplan) -> None:
    data = hdhplan("year_2026")
    last_days = {t: row["finish_date"] for t, row in data["plan"]["tasks"].items()}
    assert last_days == {
        "in_2026": "2026-12-31",
        "in_2027": "2027-12-31",
        "in_2028": "2028-12-29",
        "one_more": "2029-01-02",
    }
    assert data["plan"]["cost_eur"] == exactly(252 + 254 + 251)


def test_three_working_days_from_the_eighth_of_may(hdhplan) -> None:
    data = hdhplan("eighth_of_may")
    assert data["plan"]["finish_day"] == exactly(6)
    assert data["plan"]["finish_date"] == "2026-05-13"


def test_two_tasks_and_one_reviewer(hdhplan) -> None:
    assert hdhplan("two_reviews")["plan"]["finish_day"] == exactly(60)
    two = hdhplan("two_reviews", "--set", "resources.reviewer=2")
    assert two["plan"]["finish_day"] == exactly(30)


@pytest.mark.parametrize(
    ("case", "finish"),
    [
        ("copy_100", 100 / 108),
        ("ten_petabytes", 10_000 / 108),
        ("requests", 60_000 / 86_400),
        ("shared_route", 2),
        ("catch_up", 10 + 270 / 81),
    ],
)
def test_transfer_arithmetic(hdhplan, case: str, finish: float) -> None:
    data = hdhplan(case)
    assert data["plan"]["finish_day"] == exactly(finish)
    assert data["quantiles"]["finish_day"]["p80"] == pytest.approx(finish, rel=1e-6)


def test_two_copies_on_a_route_go_one_after_the_other(hdhplan) -> None:
    assert column(hdhplan("shared_route"), "early_finish") == exactly({"x.copy": 1, "y.copy": 2})


def test_requests_bind_and_twice_the_link_moves_nothing(hdhplan) -> None:
    once = hdhplan("requests")
    twice = hdhplan("requests", "--set", "routes.link.rate_gbps=20")
    assert once["bottleneck"] == {"x": {"requests": 1}}
    assert once["plan"]["finish_day"] * 24 == pytest.approx(16.67, abs=0.005)
    assert once["quantiles"]["finish_day"] == twice["quantiles"]["finish_day"]


def test_half_of_the_draws_never_catch_up(hdhplan) -> None:
    data = hdhplan("half_never", draws=DRAWS)
    row = data["quantiles"]["finish_day"]
    assert row["share_never"] == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / DRAWS))
    assert row["p80"] is None
    # At full rate 10 d and a catch-up of 810 / 27 = 30 d: none is sooner.
    assert row["p10"] >= 40
    assert data["plan"]["finish_day"] is None  # the likely share, 0.75, never gains on it
    assert data["plan"]["tasks"]["x.delta"]["late_finish"] is None


# Money, risk, exposure, continuity


def test_a_stock_costs_as_it_lands(hdhplan) -> None:
    data = hdhplan("landing")
    assert data["plan"]["cost_eur"] == exactly(100 * 10 / 2 / 30.44 * 20)
    assert data["plan"]["cost_eur"] == pytest.approx(328.5, abs=0.05)


def test_p80_without_a_certain_delay_is_ten_days_sooner(hdhplan) -> None:
    data = hdhplan("driver_off", draws=4_000)
    assert data["drivers"]["bias"]["p80_finish_days"] == pytest.approx(10, abs=1e-4)


def test_a_slip_of_a_week_costs_five_days_of_the_team(hdhplan) -> None:
    on_time = hdhplan("team_week")
    late = hdhplan("team_week", "--set", "tasks.slip.work=7 d")
    assert on_time["plan"]["cost_eur"] == exactly(20 * 3_500)
    assert late["plan"]["cost_eur"] - on_time["plan"]["cost_eur"] == exactly(5 * 3_500)


def test_data_is_exposed_until_it_is_erased(hdhplan) -> None:
    assert hdhplan("exposed")["plan"]["exposure_pb_days"] == exactly(150)
    slow = hdhplan("exposed", "--set", "waves.w.erase=10 d", "--set", "tasks.wait.work=140 d")
    assert slow["plan"]["exposure_pb_days"] == exactly(145)


def test_a_freeze_interrupts_every_project_of_its_wave(hdhplan) -> None:
    data = hdhplan("interrupted")
    assert data["plan"]["project_days_interrupted"] == exactly(20)
    assert data["plan"]["critical_days_interrupted"] == exactly(2)


# Services, gaps, dual write, budget years, exit


def finish_of(data: dict, task: str) -> float:
    return data["plan"]["tasks"][task]["early_finish"]


def test_a_wave_goes_over_when_the_latest_of_its_services_is_qualified(hdhplan) -> None:
    data = hdhplan("gates")
    assert (finish_of(data, "w1.go"), finish_of(data, "w2.go")) == (30, 55)
    assert data["plan"]["unqualified_pb_days"] == exactly(2 * 0.1 * (30 - 10 / 2))
    unneeded = hdhplan("gates", "--set", "capabilities.gpu.projects=9")
    assert finish_of(unneeded, "w2.go") == 30


def test_where_the_qualification_is_refused_an_interim_host_gates_all(hdhplan) -> None:
    data = hdhplan("gates", "--set", "drivers.refused.p=1")
    assert (finish_of(data, "w1.go"), finish_of(data, "w2.go")) == (230, 230)
    assert data["plan"]["unqualified_pb_days"] == exactly(2 * 0.1 * (230 - 10 / 2))


def test_a_dual_write_interrupts_for_hours_and_takes_more_porting(hdhplan) -> None:
    data = hdhplan("dual_write")
    plan = data["plan"]
    assert plan["project_days_interrupted"] == exactly(8 * 2 + 2 * 0.1)
    assert plan["critical_days_interrupted"] == exactly(2 * 0.1)
    assert plan["critical_interruption_days"] == exactly(0.1)
    assert plan["cost_eur"] == exactly(11 * 1_000)
    # 22 working days from Monday 2026-01-05 end on the 30th day.
    assert finish_of(data, "w.port") == 30
    assert (data["odds"]["continuity"], data["odds"]["all"]) == (1, 1)
    strict = hdhplan("dual_write", "--set", "target.critical_limit=0.05 d")
    assert (strict["odds"]["both"], strict["odds"]["continuity"], strict["odds"]["all"]) == (
        1,
        0,
        0,
    )
    frozen = hdhplan("dual_write", "--set", "waves.w.cutover.critical=null")
    assert frozen["plan"]["cost_eur"] == exactly(10 * 1_000)
    assert frozen["plan"]["critical_interruption_days"] == exactly(2)
    assert frozen["odds"]["continuity"] == 0


@pytest.mark.parametrize(
    ("rate", "ae", "cp"),
    [
        ("a", {"2026": 3_610, "2027": 310}, {"2026": 3_150, "2027": 770}),
        ("b", {"2027": 1_000}, {"2027": 1_000}),
        ("c", {"2026": 392}, {"2026": 345, "2027": 47}),
    ],
)
def test_commitments_and_payments_across_the_end_of_a_year(hdhplan, rate, ae, cp) -> None:
    others = [x for name in "abc" if name != rate for x in ("--set", f"rates.{name}=null")]
    plan = hdhplan("budget_years", *others)["plan"]
    found = {k: v for k, v in plan.items() if k[:3] in ("ae.", "cp.")}
    expected = {f"ae.{y}": v for y, v in ae.items()} | {f"cp.{y}": v for y, v in cp.items()}
    assert found == {k: exactly(v) for k, v in expected.items()}


def test_budget_years_of_all_rates_add_up(hdhplan) -> None:
    plan = hdhplan("budget_years")["plan"]
    for kind, first in (("ae", 3_610 + 392), ("cp", 3_150 + 345)):
        assert plan[f"{kind}.2026"] == exactly(first)
        assert plan[f"{kind}.2026"] + plan[f"{kind}.2027"] == exactly(plan["cost_eur"])


@pytest.mark.parametrize(
    ("settings", "eur"),
    [
        ((), 2_500),  # half of it before the rule changes
        (("rates.egress.prices.0.from=2026-01-05",), 0),  # all of it after
        (("rates.egress.prices.0.from=2026-01-15",), 5_000),  # all of it before
        (("rates.egress.waived={span: [x.copy, w.erase], within: 40 d}",), 0),
        (("rates.egress.waived={span: [x.copy, w.erase], within: 34 d}",), 2_500),
    ],
)
def test_egress_is_charged_by_the_rule_in_force_at_its_date(hdhplan, settings, eur) -> None:
    asked = [x for setting in settings for x in ("--set", setting)]
    assert hdhplan("exit_rule", *asked)["plan"]["cost_eur"] == exactly(eur)


def test_closing_a_gap_changes_exactly_its_projects(hdhplan) -> None:
    def missing(*settings: str) -> tuple[float, float]:
        plan = hdhplan("gaps", *[x for s in settings for x in ("--set", s)])["plan"]
        return plan["projects_without_tool"], plan["project_days_without_tool"]

    assert missing() == (6, exactly(3 * 20 + 20 + 2 * 5))
    assert missing("capabilities.a.gap=none") == (3, exactly(3 * 5))  # 1 to 3, and 4 sooner
    assert missing("capabilities.b.gap=none") == (4, exactly(4 * 20))  # 5 and 6
    assert missing("capabilities.c.gap=none") == missing()  # closed before anybody needs it
    assert missing("capabilities.a.gap=none", "capabilities.b.gap=none") == (0, 0)


def test_three_perimeters(hdhplan) -> None:
    plan = hdhplan("perimeters")["plan"]
    assert plan["cost_eur"] == exactly(950)
    assert plan["steady_month_eur"] == exactly(304.4)
    assert plan["full_cost_eur"] == exactly(950 + 200 + 24 * 304.4)
    assert plan["avoided_eur"] == exactly(790.5)


def test_a_line_that_exceeds_its_allocation_is_covered_by_a_transfer_then_the_provision(
    hdhplan,
) -> None:
    data = hdhplan("overrun", draws=4_000)
    budget, often = data["budget"], data["budget"]["lines"]["one"]["p_overrun"]
    assert often == pytest.approx(0.5, abs=0.04)
    assert budget["lines"]["two"]["p_overrun"] == 0
    for name, eur in (("overrun", 20), ("transferred", 10), ("from_provision", 10)):
        assert budget[name]["mean"] == pytest.approx(eur * often)
        assert budget[name]["p80"] == exactly(eur)
    assert (budget["uncovered"]["mean"], budget["covered"]) == (0, 1)
    # Against the likely plan the provision of 10 does not cover the 40 above it.
    assert data["provision"]["suffices"] == pytest.approx(1 - often)
    dearer = hdhplan(
        "overrun", "--set", "rates.a.amount_eur={law: choice, values: [80, 140]}", draws=4_000
    )
    assert dearer["budget"]["uncovered"]["p80"] == exactly(20)
    assert dearer["budget"]["covered"] == pytest.approx(1 - often)
    assert dearer["odds"]["budget"] == pytest.approx(1 - often)


def test_one_can_turn_back_until_the_first_erasure(hdhplan) -> None:
    assert hdhplan("exit_rule")["plan"]["turn_back_day"] == exactly(30)
    assert hdhplan("exit_rule", "--set", "waves.w.erase=null")["plan"]["turn_back_day"] is None


def test_a_case_in_a_process_of_its_own() -> None:
    asked = [
        sys.executable,
        "-m",
        "hdhplan",
        "run",
        str(CASES / "n1.yaml"),
        "--json",
        "--draws",
        "100",
        "--seed",
        "3",
    ]
    done = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", timeout=60)
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert answer["data"]["plan"]["finish_day"] == 14
    assert (answer["meta"]["seed"], answer["meta"]["draws"]) == (3, 100)
    assert "n1.yaml" in answer["meta"]["inputs"]


def test_every_case_is_used() -> None:
    used = Path(__file__).read_text(encoding="utf-8")
    assert [p.stem for p in sorted(CASES.glob("*.yaml")) if p.stem not in used] == []
