"""Numbers read back from sentences are the data within their error; words of direction keep its sign."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdhplan.choice import Choice, Lever, Loss, choose
from hdhplan.comparison import compare
from hdhplan.reading import load_plan
from hdhplan.robustness import Regret
from hdhplan.simulation import simulate
from hdhplan.sovereignty import Gate, Refusal
from hdhplan.spread import Spread
from hdhplan.tests.test_page import written
from hdhplan.tests.test_wording import effect, numbers, study
from hdhplan.tooling import Gap
from hdhplan.wording import choices as choices_module
from hdhplan.wording import deciding as deciding_module
from hdhplan.wording.choices import answers
from hdhplan.wording.continuity import continuity_sentence, turn_back_sentence, weight_sentence
from hdhplan.wording.deciding import (
    gap,
    kept_sentence,
    knowing_sentence,
    lever_sentence,
    regret_sentence,
)
from hdhplan.wording.formats import (
    DATE_STEPS,
    NBSP,
    chances,
    odds_word,
    part_of_20,
    span,
    twenties,
    twentieths,
    twenty,
)
from hdhplan.wording.labels import Template
from hdhplan.wording.sentences import WEEK, drivers_sentence, promise_sentences
from hdhplan.wording.sovereignty import duties_sentences, gates_sentence, refusal_sentence

BOTH = ("fr", "en")
shares = st.floats(0, 1)
_WEIGHT = r"give ([\d.,]+) projects their tools on average, and ([\d.,]+) project-days"
#: Days of a unit, half of which is the most that a rounded length is off.
UNITS = {"day": 1, "jour": 1, "week": 7, "semaine": 7, "month": 30.44, "mois": 30.44}


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    path = written(tmp_path_factory.mktemp("plan"))
    return simulate(load_plan(path), 200, 1, detail=True)


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder, plans = tmp_path_factory.mktemp("plans"), []
    text = written(folder).read_text(encoding="utf-8")
    for name, rate in (("one", 10), ("two", 20)):
        path = folder / f"{name}.yaml"
        other = text.replace("name: small", f"name: {name}").replace(
            "rate_gbps: 10", f"rate_gbps: {rate}"
        )
        path.write_text(other, encoding="utf-8")
        plans.append(load_plan(path))
    comparison = compare(plans, 400)
    return comparison, choose(comparison)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda parts: sum(parts) > 1e-3))
def test_parts_of_a_whole_make_twenty_chances(parts):
    whole = [part / sum(parts) for part in parts]
    counts = twenties(whole)
    assert sum(counts) == 20
    assert counts[0] == twentieths(whole[0])
    assert all(abs(n - 20 * part) < 1.001 for n, part in zip(counts, whole, strict=True))
    if whole[0] > 0:
        assert part_of_20(counts[0], whole[0]) == twenty(whole[0])


def in_both(say):
    """A sentence in both languages, which carry the same numbers."""
    fr, en = say("fr"), say("en")
    assert bool(fr) == bool(en)
    assert numbers(fr, "fr") == numbers(en, "en"), (fr, en)
    return fr.replace(NBSP, " "), en.replace(NBSP, " ")


def length_in(text):
    """Length of time in a sentence, and half of its unit. [d]"""
    found = re.search(rf"(\d+) ({'|'.join(UNITS)})s?(?!\w)", text)
    unit = UNITS[found[2]]
    return int(found[1]) * unit, unit / 2


@st.composite
def spreads(draw):
    """Spreads of an instant, endless as far as their share of never asks for."""
    endless, first = draw(st.sampled_from([0, 0.05, 0.3, 0.95, 1])), draw(st.floats(10, 800))
    days = [first + draw(st.floats(0, 60)) * i for i in range(3)]
    days = [math.inf if 1 - endless < p else d for d, p in zip(days, (0.1, 0.5, 0.8), strict=True)]
    errors = [draw(st.floats(0.01, 40)) if math.isfinite(d) else math.nan for d in days]
    return Spread(*days, *errors, never=endless)


@given(st.floats(-900, 900), st.floats(0, 120))
def test_a_length_is_within_half_its_unit_and_no_finer_than_its_error(length, error):
    said, half = length_in(span(length, error, "en").replace(NBSP, " "))
    assert abs(said - abs(length)) <= half + 1e-6
    if error > DATE_STEPS[0] and abs(length) >= DATE_STEPS[1]:
        assert half >= 3.5
    fr, _ = length_in(span(length, error, "fr").replace(NBSP, " "))
    assert fr == said


@given(shares)
def test_the_word_of_a_chance_is_that_of_its_number(p):
    for lang, within in (("fr", "sur"), ("en", "in")):
        said = chances(p, lang).replace(NBSP, " ")
        n = int(re.search(rf"(\d+) chances? {within} 20", said)[1])
        assert said.startswith(odds_word(p, lang))
        assert abs(n - 20 * p) <= 1


@given(shares, shares)
def test_what_qualification_holds_up(forecast, sets, last):
    always = Spread(100, 110, 120, 1, 1, 1, never=0)
    gates = (Gate("w1", ("store",), always, always, sets, "prep", last, "D"),)
    fr, en = in_both(lambda lang: gates_sentence(forecast, gates, lang))
    assert ("hardly ever" in en) == ("presque jamais" in fr) == (twentieths(sets) == 0)
    if twentieths(sets):
        said = [int(n) for n in re.findall(r"(\d+) draws? in 20", en)]
        assert said[0] == min(twentieths(sets), 19)
        assert said[1] == min(max(twentieths(last), 1), 19)


@given(spreads(), spreads(), st.sampled_from([50, 5_000]))
def test_what_a_refusal_does_has_the_sign_of_the_difference(forecast, then, otherwise, draws):
    refusal = Refusal("late", 0.3, (), draws, then, otherwise)
    fr, en = in_both(lambda lang: refusal_sentence(forecast, refusal, lang))
    moved, error = then.p50 - otherwise.p50, math.hypot(then.se50, otherwise.se50)
    clear = draws >= 100 and math.isfinite(moved) and abs(moved) >= max(1.0, 2 * error)
    assert (" later" in en) == ("plus tard" in fr) == (clear and moved > 0)
    assert (" earlier" in en) == ("plus tôt" in fr) == (clear and moved < 0)
    if clear:
        said, half = length_in(en)
        assert abs(said - abs(moved)) <= half + 1e-6
    lost = draws >= 100 and math.isinf(then.p50)
    assert ("has no median date" in en) == ("n'a alors plus de date" in fr) == lost
    assert "6 chances in 20" in en


@given(spreads())
def test_until_when_all_can_turn_back(forecast, back):
    fr, en = in_both(lambda lang: turn_back_sentence(forecast, back, lang))
    assert ("always" in en) == ("toujours" in fr) == (back.never == 1)
    assert ("in the median" in en) == ("en médiane" in fr) == math.isfinite(back.p50)
    assert ("prudent" in en.lower()) == ("prudence" in fr) == math.isfinite(back.p10)


@given(st.floats(0, 40), st.floats(0, 5_000), st.floats(0.1, 400))
def test_the_gap_that_weighs_most(forecast, mean, days, error):
    often = Spread(0, mean, mean, 0.1, 0.1, 0.1, never=0)
    rows = (Gap("late", "late.close", often, 3, often, mean, 0.1, days, error),)
    if not forecast.quantile("projects_without_tool", 0.8):
        pytest.skip("nobody lacks a tool")
    fr, en = in_both(lambda lang: weight_sentence(forecast, rows, lang))
    assert ("Hardly any" in en) == ("ou presque" in fr) == (mean < 0.05)
    if mean >= 0.05:
        shown, saved = re.search(_WEIGHT, en).groups()
        assert float(shown.replace(",", "")) == pytest.approx(mean, abs=0.051)
        step = next(s for s in (1, 10, 100, 1000) if s >= error)
        assert float(saved.replace(",", "")) == pytest.approx(days, abs=step / 2 + 0.01)


def test_odds_of_promises_duties_and_continuity_are_those_of_the_forecast(forecast):
    said = [in_both(lambda lang: continuity_sentence(forecast, lang))]
    said += [in_both(lambda lang: promise_sentences(forecast, lang)[0])]
    odds = (forecast.p_continuity, forecast.odds["done"])
    for (fr, en), p in zip(said, odds, strict=True):
        assert chances(p, "fr").replace(NBSP, " ") in fr
        assert chances(p, "en").replace(NBSP, " ") in en
    assert duties_sentences(forecast, (), "fr") == ()


@given(st.floats(-400, 400), st.floats(0.01, 100), st.booleans())
def test_a_driver_delays_or_brings_forward_as_its_sign_says(days, error, lever):
    found = study([effect("x", days, lever, error)])
    fr, en = in_both(lambda lang: drivers_sentence(found, lang))
    clear = abs(days) >= max(1.0, 2 * error)
    assert ("delays" in en) == ("retarde" in fr) == (clear and days > 0)
    assert ("forward" in en) == ("avance" in fr) == (clear and days < 0)
    if clear:
        said, half = length_in(en.replace("(P80)", ""))
        assert abs(said - abs(days)) <= half + 1e-6
        assert (half == 0.5) == (error <= WEEK or abs(days) < WEEK)


@given(st.floats(0, 1), st.floats(1e-5, 0.2))
def test_a_difference_of_odds_is_no_finer_than_its_error(value, error):
    texts = {lang: gap("p_both", value, error, lang) for lang in BOTH}
    assert numbers(texts["fr"], "fr") == numbers(texts["en"], "en")
    shown = re.match(r"[\d.]+", texts["en"])[0]
    step = 10.0 ** -len(shown.partition(".")[2])
    assert abs(float(shown) - 20 * value) <= step / 2 + 1e-9
    assert step >= min(20 * error, 1) / 5


@given(st.floats(-40, 40), st.floats(-3e6, 3e6), st.booleans())
def test_a_lever_gains_what_it_gains_and_costs_more_only_if_it_does(compared, weeks, eur, known):
    comparison, choice = compared
    if abs(weeks) < 0.2 or abs(eur) < 1_000:
        return
    errors = {"weeks": 0.01, "cost_eur": 1.0 if known else 1e9, "eur_per_week": 1.0}
    lever = Lever(comparison.names[1], abs(weeks), eur * abs(weeks), eur, errors)
    chosen = dataclasses.replace(choice, levers=(lever,))
    fr, en = in_both(lambda lang: lever_sentence(comparison, chosen, lang))
    assert ("without costing more" in en) == ("sans coûter plus" in fr) == (lever.dearer is False)
    assert ("at the same cost" in en) == ("coût égal" in fr) == (lever.dearer is None)
    assert (" a week" in en) == ("par semaine" in fr) == (lever.dearer is True)
    said, half = length_in(en)
    assert abs(said - 7 * abs(weeks)) <= half + 1e-6


@given(st.floats(0, 0.9), st.floats(0.001, 0.1), st.floats(0, 0.9))
def test_regrets_are_said_of_those_who_have_them(compared, mine, error, theirs):
    comparison, choice = compared
    one, two = comparison.names
    rows = [Regret(one, mine, error, "", False, two), Regret(two, theirs, error, "", False, one)]
    rows.sort(key=lambda r: r.worst)
    chosen = dataclasses.replace(
        choice, scenario=one, why_not="", criterion="p_both", regrets=tuple(rows)
    )
    fr, en = in_both(lambda lang: regret_sentence(comparison, chosen, lang))
    alone = len(chosen.least_regret) == 1
    assert ("no other beats" in en) == ("aucun autre ne bat" in fr) == (alone and not rows[0].worst)
    dear = one not in chosen.least_regret
    assert ("may cost more" in en) == ("coûter davantage" in fr) == dear


def test_what_a_choice_keeps_and_what_to_learn_first(compared):
    comparison, choice = compared
    chosen: Choice = dataclasses.replace(choice, scenario=comparison.names[0])
    kept, ends = chosen.kept
    fr, en = in_both(lambda lang: kept_sentence(comparison, chosen, lang))
    if ends:
        assert ("beaten at none" in en) == ("battu à aucune" in fr) == (kept == ends)
        assert numbers(en, "en")[float(ends)] >= 1
    in_both(lambda lang: knowing_sentence(comparison, chosen, lang))


def test_templates_of_choices_have_guards_and_the_same_words_to_fill():
    found = []
    for module in (choices_module, deciding_module):
        groups = [v for v in vars(module).values() if isinstance(v, tuple)]
        found += [t for group in groups for t in group if isinstance(t, Template)]
    assert len(found) > 20
    for template in found:
        assert template.when.__code__.co_names, template
        assert "True" not in inspect.getsource(template.when)
        holes = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (template.fr, template.en)]
        assert holes[0] == holes[1], template


def test_what_a_choice_gives_up_is_what_the_other_has_better(compared):
    comparison, choice = compared
    one, two = comparison.names
    told = 0
    for own, other in ((one, two), (two, one)):
        for criterion in ("finish_p80", "cost_p80", "exposure_p80", "p_date", "p_budget"):
            scores = [comparison.score(comparison.names.index(n), criterion) for n in (own, other)]
            move = comparison.move(*(comparison.names.index(n) for n in (own, other)), criterion)
            better = scores[1] > scores[0] if criterion[:2] == "p_" else scores[1] < scores[0]
            if not (move.clear and better):
                continue
            told += 1
            loss = Loss(criterion, other, *scores)
            lost = dataclasses.replace(
                choice, scenario=own, why_not="", unbeaten=False, losses=(loss,)
            )
            fr, en = in_both(lambda lang, c=lost: answers(comparison, c, lang)["gives_up"])
            words = {"finish_p80": ("plus tôt", " earlier"), "cost_p80": ("de moins", " less"),
                     "exposure_p80": ("de moins", " fewer")}  # fmt: skip
            if criterion in words:
                assert words[criterion][0] in fr
                assert words[criterion][1] in en
            if criterion == "finish_p80":
                said, half = length_in(en)
                assert abs(said - abs(move.value)) <= half + 1e-6
    assert told >= 2


@pytest.mark.parametrize("why_not", ["targets", "never", "beaten", "same", ""])
def test_a_scenario_is_recommended_only_where_one_is(compared, why_not):
    comparison, choice = compared
    name = None if why_not else comparison.names[1]
    made = dataclasses.replace(
        choice, scenario=name, why_not=why_not, losses=(), flips=(), unbeaten=True
    )
    found = {lang: answers(comparison, made, lang) for lang in BOTH}
    for key in found["fr"]:
        assert numbers(found["fr"][key], "fr") == numbers(found["en"][key], "en")
    choose_fr, choose_en = found["fr"]["choose"], found["en"]["choose"]
    assert choose_en.startswith("Choose") == choose_fr.startswith("Choisir") == (not why_not)
    none = why_not in ("targets", "never", "beaten")
    assert ("No scenario" in choose_en) == ("Aucun scénario" in choose_fr) == none
