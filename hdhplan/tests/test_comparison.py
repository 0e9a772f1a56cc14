"""Scenarios side by side: differences on common draws, who is best, why, and the three answers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from small import file_of

from hdhplan.attribution import attribute
from hdhplan.choice import choose
from hdhplan.cli import main
from hdhplan.comparison import compare
from hdhplan.differing import causes, differing_inputs, hybrid
from hdhplan.errors import InputError
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.wording.choices import answers

DRAWS = 2_000
REFERENCE = """
    judgement: a test
    target: {milestone: done, finish: 2026-03-20, cost_eur: 90_000, vat: HT}
    resources: {crew: 1}
    tasks:
      - {id: A, work: 10/20/40 d, uses: {crew: 1}}
      - {id: B, name: Build, work: 20/30/60 d, after: [A], uses: {crew: 1}}
      - {id: permit, work: 50/55/60 d}
      - {id: done, after: [B, permit]}
    drivers:
      - {id: late, name: Late permit, p: 0.3, delay: 20/30/40 d, on: [permit]}
      - {id: pace, name: Pace, factor: 0.8/1.0/1.3, on: [A, B]}
    rates:
      - {id: crew, name: Crew, amount_eur: 900/1_000/1_100, per: d, on: [A, B]}
"""
FASTER = """
    tasks: [{id: B, work: 10/15/30 d}]
    rates: [{id: crew, amount_eur: {low: 1_500, likely: 1_600, high: 1_700}}]
"""


@pytest.fixture
def reference(tmp_path):
    return load_plan(str(file_of(tmp_path, REFERENCE, "reference.yaml")))


@pytest.fixture
def variant(tmp_path, reference):
    """Make a variant of the reference from what differs."""

    def make(text, name="variant", base="reference.yaml"):
        head = f"extends: {base}\nname: {name}\n"
        return load_plan(str(file_of(tmp_path, text, f"{name}.yaml", head)))

    return make


# Side by side


def test_a_plan_compared_with_itself_differs_in_nothing(reference):
    both = compare([reference, reference], DRAWS)
    assert both.inputs == ()
    assert both.names == ("small", "small (2)")
    assert both.dominated == {}
    for criterion in both.comparable:
        move = both.move(1, 0, criterion)
        assert (move.value, move.se, move.clear) == (0, 0, False)
        assert both.best[criterion] == both.names
    assert choose(both).why_not == "same"


def test_a_comparison_says_what_each_forecast_says(reference, variant):
    plans = reference, variant(FASTER)
    both = compare(plans, DRAWS, seed=3)
    for i, (row, plan) in enumerate(zip(both.rows, plans, strict=True)):
        forecast = simulate(plan, DRAWS, 3)
        assert row.finish == (
            forecast.quantile("finish_day", 0.5),
            forecast.quantile("finish_day", 0.8),
        )
        assert row.odds["both"] == forecast.p_both == both.score(i, "p_both")
        assert both.score(i, "p_date") == forecast.p_date
        assert both.score(i, "p_budget") == forecast.p_budget
        assert both.score(i, "finish_p80") == row.finish[1]
        assert both.score(i, "cost_p80") == row.cost[1]
        assert row.years.keys() == {2026}
    assert both.move(1, 0, "cost_p80").value == both.rows[1].cost[1] - both.rows[0].cost[1]


def test_only_the_inputs_that_differ_are_listed(reference, variant):
    text = FASTER + "    title: {fr: Autre, en: Other}\n"
    found = {d.path: d.values for d in differing_inputs([reference, variant(text)])}
    assert found == {
        "tasks.B.work": ("20/30/60 d", "10/15/30 d"),
        "rates.crew.amount_eur": ("900/1000/1100", "1500/1600/1700"),
    }


def test_a_thing_that_is_new_is_one_difference(reference, variant):
    text = """
    tasks: [{id: C, work: 3 d, after: [A]}, {id: permit, remove: true}, {id: done, after: [B]}]
    drivers: [{id: late, remove: true}]
    """
    more = variant(text)
    found = {d.path: d.values for d in differing_inputs([reference, more])}
    assert found.keys() == {"tasks.C", "tasks.permit", "tasks.done.after", "drivers.late"}
    assert found["tasks.C"][0] is None
    assert found["tasks.permit"][1] is None


def test_common_draws_halve_the_error_at_least(reference, variant):
    both = compare([reference, variant("    tasks: [{id: A, work: 9/18/36 d}]\n")], 8_000)
    assert both.move(1, 0, "finish_p80").value < 0
    alone = [forecast.standard_error("finish_day", 0.8) for forecast in both.forecasts]
    assert both.move(1, 0, "finish_p80").se < math.hypot(*alone) / 2


def test_on_common_draws_a_difference_varies_less_from_seed_to_seed(reference, variant):
    plans = [reference, variant("    tasks: [{id: A, work: 9/18/36 d}]\n")]
    p80s = np.array(
        [[row.finish[1] for row in compare(plans, 500, seed).rows] for seed in range(12)]
    )
    common = np.std(p80s[:, 1] - p80s[:, 0])
    independent = np.std(p80s[1:, 1] - p80s[:-1, 0])
    assert common < independent / 2


def test_days_count_from_one_date_where_the_starts_differ(reference, variant):
    later = compare([reference, variant("    start: 2026-01-15\n")], DRAWS)
    assert later.move(1, 0, "finish_p80").value == pytest.approx(10, abs=0.01)


def test_more_processes_change_no_bit(reference, variant):
    plans = [reference, variant(FASTER)]
    one, two = compare(plans, 200), compare(plans, 200, workers=2)
    assert one.rows == two.rows
    assert all(np.array_equal(one.series(i, "cost_p80"), two.series(i, "cost_p80")) for i in (0, 1))


# Who is best, and who is not


def test_a_dominated_option_is_named_with_what_dominates_it(reference, variant):
    worse = variant("    tasks: [{id: B, work: 30/45/90 d}]\n", "worse")
    three = compare([reference, worse, variant(FASTER)], DRAWS)
    assert three.dominated == {"worse": "small"}
    assert three.best["finish_p80"] == ("variant",)
    assert three.best["cost_p80"] == ("small",)


def test_a_difference_within_its_error_makes_two_best(reference, variant):
    both = compare([reference, variant("    tasks: [{id: B, work: 20/30/60.5 d}]\n")], 500)
    assert not both.move(1, 0, "p_both").clear
    assert both.best["p_both"] == both.names


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ("finish: 2026-04-20", {"p_both", "p_date"}),
        ("cost_eur: 80_000", {"p_both", "p_budget"}),
        ("vat: TTC", {"p_both", "p_budget", "cost_p80"}),
    ],
)
def test_different_targets_are_said_and_never_mixed(reference, variant, change, lost):
    both = compare([reference, variant(f"    target: {{{change}}}\n")], DRAWS)
    assert len(both.warnings) == 1
    assert lost.isdisjoint(both.comparable)
    assert {"finish_p80", "exposure_p80"} <= set(both.comparable)
    choice = choose(both)
    assert choice.scenario is None
    for lang, word in (("fr", "différ"), ("en", "differ")):
        assert word in both.warnings[0].in_(lang)


def test_plans_of_different_milestones_have_nothing_to_compare(reference, variant):
    both = compare([reference, variant("    target: {milestone: B}\n")], DRAWS)
    assert both.comparable == ()
    assert choose(both).why_not == "targets"


def test_another_assumption_is_not_a_decision(reference, variant):
    other = compare([reference, variant("    drivers: [{id: late, p: 0}]\n", "calm")], DRAWS)
    assert other.rows[1].assumed
    assert other.score(1, "p_both") > other.score(0, "p_both")
    assert other.best["p_both"] == ("small",)
    assert choose(other).why_not == "one"
    assert "calm" in answers(other, choose(other), "en")["changes"]


def test_a_guessed_price_is_never_best_on_costs(reference, variant):
    limit = "    target: {cost_eur: 50_000}\n"
    known = "{low: 900, likely: 1_000, high: 1_100, source: signed, grade: A}"
    sure = variant(f"{limit}    rates: [{{id: crew, amount_eur: {known}}}]\n", "sure")
    cheap = "{low: 1, likely: 2, high: 3}"
    guess = variant(f"{limit}    rates: [{{id: crew, amount_eur: {cheap}}}]\n", "guess")
    both = compare([sure, guess], DRAWS)
    assert both.rows[1].guessed == ("crew",)
    assert both.score(1, "p_both") > both.score(0, "p_both")
    assert "guess" not in {
        name for c in ("p_both", "p_budget", "cost_p80") for name in both.best[c]
    }
    assert both.dominated == {}
    assert choose(both).scenario is None


# Why


def test_one_cause_is_given_the_whole_difference(reference, variant):
    bridge = attribute(reference, variant("    tasks: [{id: B, work: 10/15/30 d}]\n"), DRAWS)
    assert [share.causes for share in bridge.shares] == [("tasks.B",)]
    for measure, total in bridge.total.items():
        assert bridge.shares[0].moves[measure].value == pytest.approx(total.value)
        assert bridge.residual[measure].value == 0
    assert bridge.total["finish_days"].clear


def test_two_causes_of_opposite_sign_add_up(reference, variant):
    text = "    tasks: [{id: A, work: 5/8/12 d}, {id: B, work: 30/50/90 d}]\n"
    bridge = attribute(reference, variant(text), DRAWS)
    moves = {share.causes[0]: share.moves["finish_days"].value for share in bridge.shares}
    assert moves["tasks.A"] < 0 < moves["tasks.B"]
    for measure, total in bridge.total.items():
        whole = sum(share.moves[measure].value for share in bridge.shares)
        assert whole + bridge.residual[measure].value == pytest.approx(total.value)
        assert bridge.residual[measure].value == pytest.approx(0, abs=1e-9)
        assert bridge.before[measure] + total.value == pytest.approx(bridge.after[measure])


def test_many_causes_are_averaged_over_orders_and_still_add_up(reference, variant):
    more = "".join(f"      - {{id: x{i}, work: {i + 1} d, after: [B]}}\n" for i in range(8))
    after = ", ".join(f"x{i}" for i in range(8))
    plan = variant(f"    tasks:\n{more}      - {{id: done, after: [{after}, permit]}}\n")
    bridge = attribute(reference, plan, 500)
    whole = sum(share.moves["finish_days"].value for share in bridge.shares)
    assert whole == pytest.approx(bridge.total["finish_days"].value)
    # `done` waits for all of them: none of them makes sense without the others.
    assert any("tasks.done" in share.causes and len(share.causes) == 9 for share in bridge.shares)


def test_more_than_six_causes_take_some_orders(reference, variant):
    drivers = "".join(
        f"      - {{id: d{i}, p: 0.5, delay: {i}/{i + 2}/{i + 4} d, on: [B]}}\n" for i in range(8)
    )
    bridge = attribute(reference, variant(f"    drivers:\n{drivers}"), 500)
    assert not bridge.exact
    assert len(bridge.shares) == 8
    whole = sum(share.moves["finish_days"].value for share in bridge.shares)
    assert whole == pytest.approx(bridge.total["finish_days"].value)


def test_causes_that_need_one_another_are_one(reference, variant):
    text = "    tasks: [{id: C, work: 20 d, after: [B]}, {id: done, after: [B, C]}, {id: A, work: 5 d}]\n"
    plan = variant(text)
    with pytest.raises(InputError):
        hybrid(reference, plan, ["tasks.done"])
    bridge = attribute(reference, plan, 500)
    assert {share.causes for share in bridge.shares} == {("tasks.A",), ("tasks.C", "tasks.done")}


def test_a_plan_moved_to_itself_has_no_causes(reference):
    assert causes([reference, reference]) == ()
    bridge = attribute(reference, reference, 200)
    assert bridge.shares == ()
    assert all(move.value == 0 for move in bridge.total.values())


# Which one


def test_the_choice_has_the_best_odds_and_says_what_it_gives_up(reference, variant):
    both = compare([reference, variant(FASTER, "faster")], DRAWS)
    choice = choose(both)
    assert choice.scenario in both.best["p_both"]
    assert choice.scenario not in both.dominated
    rival = {"small": "faster", "faster": "small"}[choice.scenario]
    for loss in choice.losses:
        assert both.beats(
            both.names.index(loss.to), both.names.index(choice.scenario), loss.criterion
        )
        assert loss.to == rival


def test_an_assumption_that_changes_the_choice_is_named(reference, variant):
    # Without the permit more must be built: better where the permit is late, else worse.
    text = """
    tasks: [{id: B, work: 42/44/46 d}, {id: done, after: [B]}]
    target: {cost_eur: 300_000}
    """
    bypass = variant(text, "bypass")
    small = variant(
        "    target: {cost_eur: 300_000}\n    tasks: [{id: B, work: 20/25/30 d}]\n", "wait"
    )
    both = compare([small, bypass], DRAWS)
    choice = choose(both)
    assert choice.assumptions[0].path == "drivers.late.p"
    winners = [end.winners for end in (choice.assumptions[0].low, choice.assumptions[0].high)]
    assert winners == [("wait",), ("bypass",)]
    said = answers(both, choice, "en")["changes"]
    assert "Late permit" in said
    assert "becomes preferable" in said


def test_more_draws_make_an_assumption_surer_not_smaller(reference, variant):
    """Beyond one block of draws every draw is still held against its own outcome."""
    plans = [reference, variant(FASTER, "faster")]
    few, many = (
        {a.path: a.influence for a in choose(compare(plans, draws)).assumptions}
        for draws in (8_192, 24_576)
    )
    assert many["drivers.pace.factor"] == pytest.approx(few["drivers.pace.factor"], rel=0.15)


def test_the_cheapest_lever_is_priced_by_the_week(reference, variant):
    both = compare([reference, variant(FASTER, "faster")], DRAWS)
    lever = choose(both).lever
    weeks = -both.move(1, 0, "finish_p80").value / 7
    assert lever.weeks == pytest.approx(weeks)
    assert lever.eur_per_week == pytest.approx(both.move(1, 0, "cost_p80").value / weeks)


def test_nobody_is_recommended_who_is_beaten_throughout(reference, variant):
    """Whatever the plans, the choice leads somewhere in the table that is shown beside it."""
    for work in ("1/2/3 d", "20/29/59 d", "25/40/80 d"):
        both = compare([reference, variant(f"    tasks: [{{id: B, work: {work}}}]\n")], 1_000)
        choice = choose(both)
        if choice.scenario:
            assert any(choice.scenario in names for names in both.best.values())
            assert choice.scenario not in both.dominated


# The commands


def run(capsys, *argv):
    code = main([*argv, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out)


def test_the_three_answers_change_with_an_input(tmp_path, reference, variant, capsys):
    variant(FASTER, "faster")
    plans = [str(tmp_path / name) for name in ("reference.yaml", "faster.yaml")]
    argv = ["compare", *plans, "--draws", "2000"]
    code, first = run(capsys, *argv)
    _, second = run(capsys, *argv, "--set", "tasks.A.work=40 d")
    _, again = run(capsys, *argv)
    assert code == 0
    assert first["schema"] == "hdhplan.compare/1"
    assert first == again
    for lang in ("fr", "en"):
        before, after = (envelope["data"]["answers"][lang] for envelope in (first, second))
        assert before.keys() == {"choose", "gives_up", "changes"}
        assert all(before[key] != after[key] for key in before)


def test_a_setting_can_be_for_one_scenario_alone(tmp_path, reference, capsys):
    plan = str(tmp_path / "reference.yaml")
    _, found = run(capsys, "compare", plan, plan, "--draws", "200", "--set", "2:tasks.A.work=1 d")
    listed = found["data"]["differing_inputs"]
    assert [row["path"] for row in listed] == ["tasks.A.work"]
    assert list(listed[0]["values"].values()) == ["10/20/40 d", "1 d"]
    assert main(["compare", plan, plan, "--set", "nobody:tasks.A.work=1 d"]) == 3
    assert "nobody" in capsys.readouterr().err


def test_why_prints_one_envelope_and_a_table(tmp_path, reference, variant, capsys):
    variant(FASTER, "faster")
    plans = [str(tmp_path / name) for name in ("reference.yaml", "faster.yaml")]
    code, found = run(capsys, "why", *plans, "--draws", "500")
    data = found["data"]
    assert code == 0
    assert found["schema"] == "hdhplan.why/1"
    assert {tuple(row["causes"]) for row in data["causes"]} == {("tasks.B",), ("rates.crew",)}
    whole = sum(row["cost_eur"]["value"] for row in data["causes"])
    assert whole == pytest.approx(data["difference"]["cost_eur"]["value"])
    assert main(["why", *plans, "--draws", "500", "--lang", "en"]) == 0
    assert "residual" in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_table_is_printed_in_both_languages(tmp_path, reference, variant, capsys, lang):
    variant(FASTER, "faster")
    plans = [str(tmp_path / name) for name in ("reference.yaml", "faster.yaml")]
    assert main(["compare", *plans, "--draws", "500", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert {"fr": "scénario", "en": "scenario"}[lang] in out
    assert "faster" in out


def test_a_name_from_data_moves_no_terminal_and_no_template(reference, variant, capsys):
    odd = variant(FASTER + '    title: "{odds} {0} \\u202e <b>"\n', "odd")
    both = compare([reference, odd], 500)
    said = answers(both, choose(both), "fr")
    assert "\u202e" not in "".join(said.values())


def test_base_and_the_evidence_differ_by_one_cause():
    base, evidence = load_plan("base"), load_plan("evidence")
    bridge = attribute(base, evidence, 1_000)
    assert [share.causes for share in bridge.shares] == [("drivers.volume",)]
    assert bridge.residual["finish_days"].value == 0
    assert bridge.shares[0].moves["finish_days"].value == bridge.total["finish_days"].value
