"""Laws of what to learn before deciding: worth by hand, nothing from luck, and said as it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import DAY, MONEY, inputs_of, random_tables, table_of

from hdhplan.choice import as_data, choose
from hdhplan.information import gain
from hdhplan.robustness import BINS
from hdhplan.wording.deciding import knowing_sentence

N = 20_000


def parts_of(x, count=BINS):
    return np.array_split(np.argsort(x, kind="stable"), count)


def test_the_worth_of_a_normal_input_is_its_half_mean():
    """Choosing between x and nothing: E[max(x, 0)] of a standard normal law is 1/√(2π)."""
    x = np.random.default_rng(1).normal(size=N)
    value, se = gain(np.array([np.zeros(N), x]), parts_of(x))
    assert value == pytest.approx(1 / math.sqrt(2 * math.pi), abs=3 * se)
    assert se == pytest.approx(np.std(np.maximum(x, 0)) / math.sqrt(N), rel=0.01)


def test_an_input_that_moves_all_alike_is_worth_nothing():
    x = np.random.default_rng(1).normal(size=N)
    assert gain(np.array([x, x - 0.1]), parts_of(x)) == (0.0, 0.0)


def test_luck_is_not_taken_for_worth():
    """The best of noisy means is too good; read from one half and scored on the other it is not."""
    found, naive = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        scores = rng.normal(size=(3, 2_000))
        # The first row is the best overall, as it is where scenarios are compared.
        scores = scores[np.argsort(-scores.mean(axis=1))]
        parts = parts_of(rng.normal(size=2_000))
        found.append(gain(scores, parts))
        best = [scores[:, part].mean(axis=1).max() for part in parts]
        naive.append(np.mean(best) - scores[0].mean())
    assert np.mean(naive) > 0.03
    assert np.mean([value for value, _ in found]) < 0.005
    assert sum(value > 2 * se for value, se in found) <= 3


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_no_input_is_worth_more_than_to_know_everything(seed, scale):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=1_000)
    scores = np.array([rng.normal(size=1_000), scale * x + rng.normal(size=1_000)])
    scores = scores[np.argsort(-scores.mean(axis=1))]
    value, se = gain(scores, parts_of(x))
    assert value <= float(np.mean(scores.max(axis=0)) - scores[0].mean())
    assert se > 0
    assert gain(scale * scores, parts_of(x))[0] == pytest.approx(scale * value)


def turned(target: str = "both", draws: int = 4_000):
    """Where the permit is late the second wins, else the first; all else is equal."""
    late = inputs_of(target, draws)["drivers.late.p"]
    rest = (np.full(draws, MONEY / 2), np.ones(draws), np.ones(draws))
    first = np.where(late, DAY + 4, DAY - 4)
    second = np.where(late, DAY - 1, DAY + 1)
    return table_of([(first, *rest), (second, *rest)], target), late


def test_an_event_that_decides_is_worth_its_odds():
    comparison, late = turned()
    choice = choose(comparison)
    assert choice.scenario == "a"
    top = choice.worth_knowing[0]
    assert top.path == "drivers.late.p"
    # Known, the better one holds always: the worth is what the first one loses.
    assert top.value == pytest.approx(late.mean())
    assert [worth.path for worth in choice.worth_knowing] == ["drivers.late.p"]
    assert choice.worths[0].check.grade == "D"
    english = knowing_sentence(comparison, choice, "en")
    assert english.startswith("To learn before deciding: “Late permit” (evidence D), worth ")
    assert f"{20 * late.mean():.1f}\u00a0chances\u00a0in\u00a020" in english
    assert "Savoir" not in english
    assert knowing_sentence(comparison, choice, "fr").startswith("À savoir avant de décider")
    row = as_data(choice)["worths"][0]
    assert (row["path"], row["clear"], row["value"]) == (top.path, True, top.value)


def test_without_a_target_it_is_counted_by_the_mean_date():
    comparison, late = turned("none")
    choice = choose(comparison)
    assert choice.criterion == "finish_p80"
    top = choice.worth_knowing[0]
    # By P80 the second is chosen; by the mean it is the first, by 8 days where it is not late.
    means = (DAY - 4 + 8 * late.mean(), DAY + 1 - 2 * late.mean())
    known = (1 - late.mean()) * (DAY - 4) + late.mean() * (DAY - 1)
    assert top.value == pytest.approx(min(means) - known)
    for lang, word in (("fr", "sur la date moyenne"), ("en", "of the mean date")):
        assert word in knowing_sentence(comparison, choice, lang)


def test_where_one_wins_whatever_happens_nothing_would_change_the_choice():
    n, drawn = 1_000, inputs_of()
    rest = (np.full(n, MONEY / 2), np.ones(n), np.ones(n))
    days = DAY - 10 + drawn["tasks.A.work"] / 2 + np.linspace(-5, 5, n)
    comparison = table_of([(days, *rest), (days + 5, *rest)])
    choice = choose(comparison)
    assert choice.scenario == "a"
    assert choice.worth_knowing == ()
    assert choice.flips == ()
    assert "Nothing tried (3\u00a0inputs) would change" in knowing_sentence(
        comparison, choice, "en"
    )
    assert "(3\u00a0données) ne changerait le choix" in knowing_sentence(comparison, choice, "fr")


@settings(max_examples=40, deadline=None)
@given(random_tables(whole=False))
def test_what_is_said_to_be_worth_knowing_is_clear_and_nothing_else(asked):
    comparison = asked.made()
    choice = choose(comparison)
    said = knowing_sentence(comparison, choice, "en")
    french = knowing_sentence(comparison, choice, "fr")
    clear = [worth for worth in choice.worths if worth.value > 2 * worth.se]
    assert said.startswith("To learn") == french.startswith("À savoir") == bool(clear)
    never = "Nothing tried" in said
    assert never == ("Rien de ce qui" in french)
    assert never == bool(choice.worths and choice.scenario and not clear and not choice.flips)
    assert ("not computed" in said) == (not choice.worths)
    values = [worth.value for worth in choice.worths]
    assert values == sorted(values, reverse=True)
    # What is worth knowing is among what is tried: the answers must not deny it.
    assert {worth.path for worth in clear} <= {a.path for a in choice.assumptions}
