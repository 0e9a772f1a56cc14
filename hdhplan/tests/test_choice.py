"""No recommendation is contradicted by its own table, whatever the numbers in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import DAY, MONEY, Asked, random_tables
from test_wording import _templates, numbers

from hdhplan.choice import as_data, beaten_throughout, choose
from hdhplan.page.versus import ComparisonPage
from hdhplan.paired import p80
from hdhplan.wording import choices, deciding
from hdhplan.wording.answer import never_in_20
from hdhplan.wording.choices import answers
from hdhplan.wording.deciding import kept_sentence, lever_sentence, regret_sentence
from hdhplan.wording.formats import twentieths

ANY = random_tables(whole=False)
SENTENCES = (kept_sentence, regret_sentence, deciding.knowing_sentence, lever_sentence)
_IN_20 = r"(\d+)\xa0chances?\xa0in\xa020"
_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_nobody_is_chosen_whom_the_table_speaks_against(asked):
    comparison = asked.made(400)
    choice = choose(comparison)
    assert (choice.scenario is None) == bool(choice.why_not)
    if choice.scenario is None:
        assert (choice.losses, choice.flips) == ((), ())
        return
    i = comparison.names.index(choice.scenario)
    row = comparison.rows[i]
    assert choice.scenario not in comparison.dominated
    assert not row.guessed
    assert not row.assumed
    assert row.never < 1
    assert not beaten_throughout(comparison, i)
    # By what is chosen by, nobody whom one may choose is better.
    others = [
        j for j, r in enumerate(comparison.rows) if not (r.guessed or r.assumed or r.never == 1)
    ]
    assert not any(comparison.beats(j, i, choice.criterion) for j in others)


@settings(max_examples=5, deadline=None)
@given(ANY)
def test_the_page_of_any_table_holds_what_it_checks(asked):
    comparison = asked.made(400)
    for lang in ("fr", "en"):
        page = ComparisonPage(comparison, lang)
        sections = (page.answer(), page.wins(), page.learn(), page.lever())
        assert all(map(repr, sections))
    assert page.invariants()


def test_where_no_scenario_ever_ends_none_is_chosen():
    endless = ((0.0, 0.8, 2, 0.0, 1.0), (4.0, 0.8, 2, 0.0, 1.0))
    comparison = Asked(1, "both", endless).made(400)
    choice = choose(comparison)
    assert (choice.scenario, choice.why_not) == (None, "never")
    assert "none of them ends" in answers(comparison, choice, "en")["choose"]


def test_where_one_alone_ends_it_is_chosen_against_another():
    comparison = Asked(1, "both", ((0.0, 0.8, 2, 0.0, 0.0), (4.0, 0.8, 2, 0.0, 1.0))).made(400)
    choice = choose(comparison)
    assert (choice.scenario, choice.rival) == ("a", "b")
    assert "for “b”" in answers(comparison, choice, "en")["choose"]


def _odds(text: str) -> list[int]:
    return [int(n) for n in re.findall(_IN_20, text)]


def _shown(p: float) -> int:
    """Chances in 20 as they are said: the ends are less than 1 and more than 19."""
    return min(max(twentieths(p), 1), 19)


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_the_answer_says_the_odds_of_the_table(asked):
    comparison = asked.made(400)
    choice = choose(comparison)
    said = answers(comparison, choice, "en")["choose"]
    if not choice.scenario or not choice.criterion.startswith("p_"):
        return
    key = choice.criterion.removeprefix("p_")
    rows = {row.name: row for row in comparison.rows}
    own, rival = (rows[name].odds[key] for name in (choice.scenario, choice.rival))
    assert f"Choose “{choice.scenario}”" in said
    fine = twentieths(own) == twentieths(rival)
    percents = [int(p) for p in re.findall(r"(\d+)%", said)]
    if choice.decided_by == choice.criterion:
        assert own > rival
        if fine:
            assert percents == [min(max(round(100 * p), 1), 99) if 0 < p < 1 else round(100 * p)
                                for p in (own, rival)]  # fmt: skip
        else:
            assert _odds(said) == [_shown(own), _shown(rival)]
    else:
        assert "within drawing error" in said
        assert not comparison.move(*map(comparison.names.index, (choice.scenario, choice.rival)),
                                   choice.criterion).clear  # fmt: skip
        if choice.decided_by:
            i, j = map(comparison.names.index, (choice.scenario, choice.rival))
            assert comparison.beats(i, j, choice.decided_by)
        assert ("nothing parts" in said) == (not choice.decided_by)
        assert percents or _odds(said) == [_shown(own)]


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_what_is_given_up_is_the_difference_of_the_table(asked):
    comparison = asked.made(400)
    choice = choose(comparison)
    said = answers(comparison, choice, "en")["gives_up"]
    if not choice.scenario:
        assert "nothing is given up" in said
        return
    assert ("gives up nothing" in said) == choice.unbeaten == (not choice.losses)
    parts = said.split(" gives up: ")[-1].rstrip(".").split("; ") if choice.losses else []
    assert len(parts) == len(choice.losses)
    names = comparison.names
    for loss, part in zip(choice.losses, parts, strict=True):
        own, other = names.index(choice.scenario), names.index(loss.to)
        assert comparison.beats(other, own, loss.criterion)
        assert f"“{loss.to}”" in part
        move = comparison.move(own, other, loss.criterion)
        _holds(comparison, loss, part, move)


def _holds(comparison, loss, part, move):
    """A part of the sentence says the difference, as exactly as it is rounded."""
    rows = {row.name: row for row in comparison.rows}
    if loss.criterion.startswith("p_"):
        found = _odds(part) or [int(p) for p in re.findall(r"(\d+)%", part)]
        assert found[0] >= found[1]
        assert loss.theirs > loss.own
        if _odds(part):
            assert found == [_shown(loss.theirs), _shown(loss.own)]
    elif "prudent end" in part:
        assert never_in_20(rows[loss.to].never, "en") in part
    elif loss.criterion == "finish_p80":
        count, unit = re.search(r"([\d,]+)\xa0(day|week|month)s? earlier", part).groups()
        assert (
            abs(float(count.replace(",", "")) * _DAYS[unit] - move.value) <= _DAYS[unit] / 2 + 1e-6
        )
    elif loss.criterion == "cost_p80":
        count, unit = re.search(r"€([\d.]+)(k|M)", part).groups()
        scale = {"k": 1e3, "M": 1e6}[unit]
        assert abs(float(count) * scale - move.value) <= max(scale / 20, 2 * move.se, 500)
    elif loss.criterion in ("exposure_p80", "project_days_p80", "tools_p80"):
        count = float(re.match(r"[\d.,]+", part).group().replace(",", ""))
        assert abs(count - move.value) <= 0.51
    else:
        assert "without an end" in part


@settings(max_examples=40, deadline=None)
@given(random_tables())
def test_an_assumption_changes_the_choice_where_it_is_said_to(asked):
    comparison = asked.made()
    choice = choose(comparison)
    said = answers(comparison, choice, "en")["changes"]
    if choice.scenario is None:
        return
    assert ("becomes preferable" in said) == bool(choice.flips)
    assert ("changes this choice" in said) == (not choice.flips)
    for flip in choice.flips:
        scores = flip.end.scores
        assert choice.scenario not in flip.end.winners
        assert scores[flip.winner] > scores[choice.scenario]
    for flip, part in (
        zip(choice.flips[:3], said.rstrip(".").split("; "), strict=True) if choice.flips else ()
    ):
        assert part.lower().startswith(f"{flip.winner} becomes preferable") or part.startswith(
            f"“{flip.winner}” becomes preferable"
        )
        theirs, own = (flip.end.scores[name] for name in (flip.winner, choice.scenario))
        if _odds(part):
            assert _odds(part) == [_shown(theirs), _shown(own)]
        if flip.crossover is not None:
            low, high = sorted((flip.assumption.low.value, flip.assumption.high.value))
            assert ("falls below" in part) == flip.low
            assert ("exceeds" in part) == (not flip.low)
            # It lies among the draws: not beyond what the ends leave over.
            assert low - (high - low) < flip.crossover < high + (high - low)
    kept, ends = choice.kept
    assert ends - kept == len(choice.flips)
    assert ("at none of" in kept_sentence(comparison, choice, "en")) == (kept == ends)


@settings(max_examples=40, deadline=None)
@given(ANY)
def test_both_languages_say_the_same_numbers_of_any_table(asked):
    comparison = asked.made(400)
    choice = choose(comparison)
    both = [answers(comparison, choice, lang) for lang in ("fr", "en")]
    for fr, en in zip(*(said.values() for said in both), strict=True):
        assert numbers(fr, "fr") == numbers(en, "en"), (fr, en)
        assert not re.search(r" [:;!?»]|« ", fr), fr
    for say in SENTENCES:
        fr, en = (say(comparison, choice, lang) for lang in ("fr", "en"))
        assert numbers(fr, "fr") == numbers(en, "en"), (fr, en)
        assert not re.search(r" [:;!?»]|« ", fr), fr


# Levers


@settings(max_examples=30, deadline=None)
@given(ANY)
def test_levers_gain_time_beyond_error_and_are_priced_by_the_week(asked):
    comparison = asked.made(400)
    choice = choose(comparison)
    prices = [lever.eur_per_week for lever in choice.levers]
    assert prices == sorted(prices)
    assert choice.lever == (choice.levers[0] if choice.levers else None)
    for lever in choice.levers:
        i = comparison.names.index(lever.scenario)
        days, cost = (comparison.move(i, 0, c) for c in ("finish_p80", "cost_p80"))
        assert comparison.beats(i, 0, "finish_p80")
        assert lever.weeks == pytest.approx(-days.value / 7)
        assert lever.se["weeks"] == pytest.approx(days.se / 7)
        assert lever.eur_per_week * lever.weeks == pytest.approx(cost.value)
    assert [lever["scenario"] for lever in as_data(choice)["levers"]] == [
        lever.scenario for lever in choice.levers
    ]
    said = lever_sentence(comparison, choice, "en")
    if choice.lever:
        cost = comparison.move(comparison.names.index(choice.lever.scenario), 0, "cost_p80")
        assert ("without costing more" in said) == (cost.value < -2 * cost.se)
        assert ("a week" in said) == (cost.value > 2 * cost.se)


def test_the_price_of_a_week_errs_as_much_as_from_table_to_table():
    prices, errors = [], []
    for seed in range(40):
        scenarios = ((0.0, 0.8, 2, 0.0, 0.0), (-12.0, 0.95, 2, 0.0, 0.0))
        lever = choose(Asked(seed, "both", scenarios).made()).lever
        prices.append(lever.eur_per_week)
        errors.append(lever.se["eur_per_week"])
    spread = (sum((x - sum(prices) / 40) ** 2 for x in prices) / 39) ** 0.5
    assert 0.6 < sum(errors) / 40 / spread < 1.7


def test_a_table_is_made_as_it_is_asked_for():
    made = Asked(1, "both", ((0.0, 0.8, 2, 0.0, 0.0), (4.0, 1.0, 0, 1.5, 0.0))).made()
    assert {"p_both", "p_date", "p_budget"} <= set(made.comparable)
    assert made.score(0, "finish_p80") == p80(made.series(0, "finish_p80"))
    assert made.score(0, "p_date") == pytest.approx((made.series(0, "finish_p80") <= DAY).mean())
    assert made.score(1, "p_budget") == pytest.approx((made.series(1, "cost_p80") <= MONEY).mean())


# Templates


def test_every_sentence_of_a_choice_has_a_guard_and_the_same_words_to_fill_in():
    found = [t for module in (choices, deciding) for t in _templates(vars(module).values())]
    assert len(found) > 30
    for template in found:
        assert template.when.__code__.co_names, template
        assert sorted(re.findall(r"\{(\w+)\}", template.fr)) == sorted(
            re.findall(r"\{(\w+)\}", template.en)
        ), template


@given(st.floats(0.001, 1), st.floats(1e-4, 0.1))
def test_a_gap_is_said_no_finer_than_its_error(value, error):
    said = deciding.gap("p_both", value, error, "en")
    found = re.match(r"([\d.]+)\xa0chances?\xa0in\xa020", said).group(1)
    digits = len(found.partition(".")[2])
    assert digits <= 2
    assert abs(float(found) - 20 * value) <= 0.5 * 10**-digits + 1e-9
    assert digits == 0 or 20 * error < 0.5
