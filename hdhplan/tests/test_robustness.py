"""Laws of what would change a choice: where scenarios draw level, and what a choice can cost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import file_of
from tables import DAY, MONEY, inputs_of, random_tables, table_of

from hdhplan.choice import as_data, choose
from hdhplan.comparison import compare
from hdhplan.reading import load_plan
from hdhplan.robustness import assumptions, crossing, least_regret, regrets, shared_inputs
from hdhplan.uncertainty import Law, quantile
from hdhplan.wording.choices import answers
from hdhplan.wording.conditions import settled
from hdhplan.wording.deciding import kept_sentence, regret_sentence

DRAWS = 4_000
#: Waiting holds the date while the permit leaves time for C; the bypass does in half the draws.
WAIT = """
    judgement: a test
    target: {milestone: done, finish: 2026-03-20}
    tasks:
      - {id: permit, name: Permit, work: {low: 20 d, likely: 60 d, high: 100 d, law: uniform}}
      - {id: C, work: 10/20/40 d, after: [permit]}
      - {id: B, work: {low: 30 d, likely: 75 d, high: 120 d, law: uniform}}
      - {id: done, after: [C]}
"""
BYPASS = "extends: wait.yaml\nname: bypass\n"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    paths = [
        file_of(folder, WAIT, "wait.yaml"),
        file_of(folder, "    tasks: [{id: done, after: [B]}]\n", "bypass.yaml", BYPASS),
    ]
    return compare([load_plan(str(path)) for path in paths], DRAWS)


# Where two scenarios draw level


def test_a_crossover_lies_where_both_have_the_same_odds(both):
    choice = choose(both)
    assert choice.scenario == "bypass"
    flip = next(flip for flip in choice.flips if flip.assumption.path == "tasks.permit.work")
    assert flip.low
    assert flip.winner == "small"
    # 75 days in all, of which half the draws of C need its median.
    level = 75 - quantile(Law("pert", 10, 20, 40), 0.5)
    assert flip.crossover == pytest.approx(level, abs=2 * flip.error)
    assert flip.error < 4


def test_a_crossover_is_said_in_both_languages_and_in_the_data(both):
    choice = choose(both)
    flip = next(flip for flip in choice.flips if flip.assumption.path == "tasks.permit.work")
    value = settled(flip.crossover, flip.error, "en")
    assert (
        f"if “Permit (length)” falls below {value}\u00a0d" in answers(both, choice, "en")["changes"]
    )
    assert f"(durée)\u00a0» passe sous {value}\u00a0j" in answers(both, choice, "fr")["changes"]
    found = next(f for f in as_data(choice)["flips"] if f["path"] == "tasks.permit.work")
    assert (found["crossover"], found["se"]) == (flip.crossover, flip.error)
    assert (found["end"], found["winners"]) == ("low", ("small",))


@given(
    st.floats(0.5, 9.5), st.floats(0.5, 20), st.booleans(), st.floats(1e-6, 1e-3)
)  # fmt: skip
def test_a_line_crosses_where_it_is_nothing(at, slope, falls, error):
    x = np.linspace(0, 10, 11)
    y = (x - at) * slope * (-1 if falls else 1)
    found, se = crossing(x, y, np.full(11, error))
    assert found == pytest.approx(at, abs=1e-9)
    assert se >= abs(x[1] - x[0]) / math.sqrt(12)


@pytest.mark.parametrize(
    ("y", "error"),
    [
        ([1.0, 2.0, 3.0], 0.1),  # one sign
        ([1.0, 0.1, -0.1], 0.1),  # the other sign within its error
        ([0.0, 0.0, 0.0], 0.0),  # never apart
        ([math.nan, 1.0, 1.0], 0.1),
    ],
)
def test_what_does_not_change_its_sign_beyond_error_has_no_crossover(y, error):
    at, se = crossing(np.arange(3.0), np.array(y), np.full(3, error))
    assert at is None
    assert math.isnan(se)


def test_the_nearest_of_two_crossovers_is_that_of_the_end():
    x, y, error = np.arange(5.0), np.array([1.0, -1, -1, -1, 1]), np.full(5, 0.1)
    assert crossing(x, y, error)[0] == 0.5
    assert crossing(x[::-1], y[::-1], error)[0] == 3.5


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_digit_of_a_crossover_is_finer_than_its_error(lang):
    for value, error in ((53.4219, 1.9), (1.2345, 0.03), (123456.0, 700.0), (-3.3, 0.2)):
        text = settled(value, error, lang)
        for old, new in (("\u202f", ""), (",", "." if lang == "fr" else ""), ("\u2212", "-")):
            text = text.replace(old, new)
        step = 10.0 ** math.floor(math.log10(error))
        assert abs(float(text) - value) <= step / 2 + 1e-9
        assert float(text) / step == pytest.approx(round(float(text) / step))


def test_what_scenarios_draw_by_different_laws_is_no_assumption(both, tmp_path):
    reference = load_plan(str(file_of(tmp_path, WAIT, "wait.yaml")))
    text = "    tasks: [{id: C, work: 5/10/20 d}]\n"
    quick = load_plan(str(file_of(tmp_path, text, "quick.yaml", "extends: wait.yaml\nname: q\n")))
    paths = {s.path for s in shared_inputs(compare([reference, quick], 200), [0, 1])}
    assert paths == {"tasks.permit.work", "tasks.B.work"}
    assert {s.path for s in shared_inputs(both, [0, 1])} == paths | {"tasks.C.work"}


# Regret


@settings(max_examples=25, deadline=None)
@given(random_tables())
def test_regret_is_the_worst_of_all_that_was_tried(asked):
    comparison = asked.made()
    scenarios = comparison.rows
    choice = choose(comparison)
    assert len(choice.regrets) == len(scenarios)
    for regret in choice.regrets:
        i = comparison.names.index(regret.scenario)
        scores = [comparison.score(j, choice.criterion) for j in range(len(scenarios))]
        gaps = [max(scores) - scores[i]]
        for a in choice.assumptions:
            gaps += [
                max(end.scores.values()) - end.scores[regret.scenario] for end in (a.low, a.high)
            ]
        # What is within its error counts for nothing.
        assert regret.worst == 0 or min(abs(regret.worst - g) for g in gaps) < 1e-12
        assert regret.worst <= max(gaps) + 1e-12
    least = choice.least_regret
    worst = {regret.scenario: regret.worst for regret in choice.regrets}
    assert min(worst, key=worst.get) in least or worst[least[0]] == min(worst.values())
    assert list(worst.values()) == sorted(worst.values())


@settings(max_examples=15, deadline=None)
@given(random_tables())
def test_more_that_is_tried_never_lowers_a_regret(asked):
    comparison = asked.made()
    among = range(len(comparison.rows))
    tried = assumptions(comparison, "p_both", among, shared_inputs(comparison, among))
    few, many = (
        {r.scenario: r.worst for r in regrets(comparison, "p_both", among, some)}
        for some in (tried[:1], tried)
    )
    assert all(many[name] >= few[name] for name in few)


def test_the_regret_of_an_endless_scenario_has_no_end():
    days = DAY + np.linspace(-5, 5, 1_000)
    rest = (np.full(1_000, MONEY), np.ones(1_000), np.ones(1_000))
    half = np.where(np.arange(1_000) % 2, np.inf, days)
    comparison = table_of([(days, *rest), (half, *rest)], "none")
    choice = choose(comparison)
    assert choice.criterion == "finish_p80"
    assert {r.scenario: r.worst for r in choice.regrets} == {"a": 0.0, "b": math.inf}
    assert tuple(least_regret(choice.regrets)) == ("a",)
    assert choice.worths == ()
    assert regret_sentence(comparison, choice, "fr")


def test_the_least_regret_may_be_another_than_the_choice():
    """What is best on average may be worst where it counts."""
    n = 4_000
    happens = inputs_of("both", n)["drivers.late.p"]
    rest = (np.full(n, MONEY / 2), np.ones(n), np.ones(n))
    steady = np.where(np.arange(n) % 20 < 11, DAY - 1, DAY + 1)  # holds 11 times in 20
    risky = np.where(happens, DAY + 1, DAY - 1)  # 12 times, and never if it happens
    comparison = table_of([(steady, *rest), (risky, *rest)])
    choice = choose(comparison)
    assert choice.scenario == "b"
    assert choice.least_regret == ("a",)
    said = {lang: regret_sentence(comparison, choice, lang) for lang in ("fr", "en")}
    assert "“a”" in said["en"].split(";")[0]
    assert "“b”, chosen, may cost more" in said["en"]
    assert "si «\u00a0Late permit\u00a0» se produit" in said["fr"]


# The count of ends


def test_the_ends_at_which_nobody_beats_the_choice_are_counted(both):
    choice = choose(both)
    ends = [end for a in choice.assumptions for end in (a.low, a.high)]
    kept = sum(choice.scenario in end.winners for end in ends)
    assert choice.kept == (kept, len(ends))
    assert len(ends) - kept == len(choice.flips) > 0
    assert as_data(choice)["kept"] == {"ends": kept, "of": len(ends)}
    assert f"not beaten at {kept} of the {len(ends)} ends" in kept_sentence(both, choice, "en")
    assert f"n'est pas battu à {kept} des {len(ends)}" in kept_sentence(both, choice, "fr")
