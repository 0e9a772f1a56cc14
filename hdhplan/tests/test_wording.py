"""Sentences say what the numbers say, and the same numbers in both languages."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdhplan.paired import Move
from hdhplan.plan import Target
from hdhplan.quantities import Bilingual
from hdhplan.ranks import Explained, RankEffect
from hdhplan.reading import load_plan
from hdhplan.sensitivity import Check, DriverEffect, OutsideView, Study
from hdhplan.simulation import simulate
from hdhplan.wording import answer as answer_module
from hdhplan.wording import captions as captions_module
from hdhplan.wording import continuity as continuity_module
from hdhplan.wording import explained as explained_module
from hdhplan.wording import money as money_module
from hdhplan.wording import sentences as wording_module
from hdhplan.wording import sovereignty as sovereignty_module
from hdhplan.wording.answer import answer_numbers
from hdhplan.wording.explained import alone_sentence, outside_view_sentence, sums_sentence
from hdhplan.wording.formats import MONTHS, SHORT_MONTHS, twentieths
from hdhplan.wording.labels import Template, say
from hdhplan.wording.money import cover_sentence, drawn_sentence, provision_sentence
from hdhplan.wording.sentences import (
    answer,
    bottleneck_sentence,
    check_first_sentence,
    drivers_sentence,
    exposure_sentence,
    never_sentence,
    one_line,
    promise_sentences,
    task_label,
)

PLAN = """
schema: hdhplan.plan/1
name: small
start: 2026-04-23
target: {milestone: left, finish: 2027-04-23, cost_eur: 10000000, vat: HT}
promises: [{milestone: left, by: 2027-04-23, source: "press, 2026-04-23", grade: C}]
tasks:
  - {id: A, work: 30 d}
  - {id: left, name: {fr: "Azure quitté", en: "Azure left"}, after: [w1.cutover]}
routes:
  link: {rate_gbps: 10}
datasets:
  - {id: claims, name: {fr: "Remboursements", en: "Claims"},
     volume_tb: 1080, objects: 1000, route: link, wave: w1}
waves:
  - {id: w1, projects: 3, cutover: {work: 2 d}, erase: 10 d}
allocations: {technical_migration: 9000000, provision: 1000000}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("plans") / "small.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return simulate(load_plan(str(path)), 200, detail=True)


def forecast_with(made, days, costs, target):
    """A real Forecast with other draws and another target."""
    values = made.values | {"finish_day": days, "cost_eur": costs, "left": days}
    plan = made.plan.model_copy(update={"target": target, "promises": ()})
    likely = made.likely | {"finish_day": float(days[0]), "cost_eur": float(costs[0])}
    return dataclasses.replace(made, plan=plan, draws=len(days), values=values, likely=likely)


@st.composite
def draws(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.sampled_from([1, 50, 100, 400, 3000]))
    wide, dear = draw(st.sampled_from([0, 1, 30, 200])), draw(st.sampled_from([0, 0.2]))
    days = draw(st.floats(20, 900)) + wide * rng.gamma(2.0, size=n)
    costs = draw(st.sampled_from([5e4, 2e6, 9e6, 3e7])) * (1 + dear * rng.random(n))
    never = rng.random(n) < draw(st.sampled_from([0, 0, 0.02, 0.25, 0.6, 1]))
    days, costs = np.where(never, np.inf, days), np.where(never, np.inf, costs)
    milestone = draw(st.sampled_from(["left", None]))
    finish = draw(st.none() | st.integers(0, 1000).map(lambda d: date(2026, 4, 23) + timedelta(d)))
    money = draw(st.none() | st.sampled_from([4e4, 1e6, 1e7, 2.5e7]))
    target = Target(milestone=milestone, finish=finish, cost_eur=money, vat="HT" if money else None)
    return days, costs, draw(st.sampled_from([target, target, None]))


def numbers(text, lang):
    """Every number of a sentence, months too, as a multiset that both languages share."""
    for names in (SHORT_MONTHS, MONTHS):
        for i, name in enumerate(names[lang].split(), start=1):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f" {i} ", text)
    if lang == "fr":
        text = text.replace("\u202f", "").replace("1er", "1")
        text = re.sub(r"(\d),(\d)", r"\1.\2", text)
    else:
        text = re.sub(r"(\d),(\d{3})", r"\1\2", text)
    text = re.sub(r"\bT(\d)\b", r"Q\1", text)
    return Counter(float(x) for x in re.findall(r"\d+(?:\.\d+)?", text))


@settings(max_examples=150, deadline=None)
@given(draws())
def test_the_answer_says_what_the_numbers_say(made, case):
    forecast = forecast_with(made, *case)
    f, said = answer_numbers(forecast), {lang: answer(forecast, lang) for lang in ("fr", "en")}
    for fr, en in zip(said["fr"], said["en"], strict=True):
        assert fr
        assert numbers(fr, "fr") == numbers(en, "en"), (fr, en)
    hold, when, money = said["en"]
    if not f.few:
        odds = next((p for p in (f.p_both, f.p_date, f.p_budget) if p is not None), None)
        if odds is not None:
            assert numbers(hold, "en")[float(min(max(twentieths(odds), 1), 19))] >= 1
        assert (" after the target" in when) <= (f.gap is not None and f.gap > 0)
        assert (" before the target" in when) <= (f.gap is not None and f.gap < 0)
        assert ("après la cible" in said["fr"][1]) == (" after the target" in when)
        assert ("avant la cible" in said["fr"][1]) == (" before the target" in when)
        assert ("the date is missing" in money) <= (f.p_date is not None and f.p_date < 0.7)
        paid = f.p_budget is not None and twentieths(f.p_budget) >= 14
        assert ("nothing to add" in money) <= paid
        if "more gives" in money:
            assert f.p_budget < 0.7
            assert f.add > 0
        if "never" in when:
            assert math.isinf(f.day80)


@settings(max_examples=60, deadline=None)
@given(draws())
def test_everything_else_is_said_of_any_forecast(made, case):
    forecast = forecast_with(made, *case)
    sentences = (never_sentence, bottleneck_sentence, exposure_sentence)
    sentences += (provision_sentence, cover_sentence, drawn_sentence)
    for say_it in (*sentences, one_line):
        fr, en = say_it(forecast, "fr"), say_it(forecast, "en")
        assert numbers(fr, "fr") == numbers(en, "en")
    assert (never_sentence(forecast, "fr") == "") == (
        forecast.share_never("finish_day") == 0 and math.isfinite(forecast.likely["finish_day"])
    )


def test_costs_read_back_from_the_sentence(made):
    costs = np.linspace(8e6, 18e6, 2000)
    days = np.linspace(200.0, 300.0, 2000)
    forecast = forecast_with(made, days, costs, made.plan.target)
    found = numbers(answer(forecast, "fr")[2], "fr")
    # P50 13, P80 16, and 15 is what 14 chances in 20 cost: 5 more than the 10 there are.
    assert found[13.0] == found[16.0] == found[5.0] == 1
    assert "aux deux" not in answer(forecast, "fr")[2]


def test_sentences_are_short(made):
    rng = np.random.default_rng(1)
    for late, money in ((0, 8e6), (400, 8e6), (400, 2e7), (0, 2e7)):
        days = 200 + late + 60 * rng.gamma(2.0, size=1000)
        forecast = forecast_with(made, days, money * (1 + rng.random(1000)), made.plan.target)
        for lang in ("fr", "en"):
            for sentence in answer(forecast, lang):
                words = [w for w in sentence.split(" ") if re.search(r"\w", w)]
                assert len(words) <= 25, sentence


def test_french_spaces(made):
    for sentence in (*answer(made, "fr"), *promise_sentences(made, "fr"), one_line(made, "fr")):
        assert not re.search(r" [:;!?»]|« ", sentence)


def test_no_template_goes_without_a_guard():
    with pytest.raises(TypeError):
        Template(fr="Oui.", en="Yes.")
    modules = (
        answer_module, wording_module, explained_module, money_module, continuity_module,
        sovereignty_module,
    )  # fmt: skip
    found = [t for m in modules for t in _templates(vars(m).values())]
    found += [t for c in captions_module.CAPTIONS.values() for t in c.titles]
    assert len(found) > 50
    for template in found:
        # A guard looks at a number: it is never simply true.
        assert template.when.__code__.co_names or template.when.__code__.co_freevars, template
        assert "True" not in inspect.getsource(template.when)
        assert sorted(re.findall(r"\{(\w+)\}", template.fr)) == sorted(
            re.findall(r"\{(\w+)\}", template.en)
        ), template


def _templates(values):
    groups = [v for v in values if isinstance(v, tuple)]
    return [t for group in groups for t in group if isinstance(t, Template)]


def test_nothing_true_is_an_error_not_a_guess():
    with pytest.raises(LookupError):
        say((Template(lambda f: f > 1, "un", "one"),), 0, "fr")


def study(effects=(), checks=()):
    return Study(tuple(effects), tuple(checks), 1000, backfill_gap_days=0.0)


def effect(name, days, lever=False, error=0.5, p=0.5):
    name = Bilingual(fr=name, en=name)
    return DriverEffect(name.fr, name, p, lever, days, error, 0.0, 0.0, 0.1, "D", None)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    ("effects", "words"),
    [
        ([], ("Aucun", "No ")),
        ([effect("x", 0.4)], ("Aucun", "No ")),
        ([effect("x", 30.0, error=20.0)], ("Aucun", "No ")),
        ([effect("x", math.nan, error=math.nan)], ("Aucun", "No ")),
        ([effect("x", 30.0)], ("retarde", "delays")),
        ([effect("x", 30.0), effect("y", 20.0, True)], ("retarde", "delays")),
        ([effect("x", -30.0), effect("y", 20.0, True)], ("avance", "forward")),
        ([effect("x", math.inf, error=math.nan)], ("infini", "infinite")),
    ],
)
def test_drivers(effects, words, lang):
    assert words[lang == "en"] in drivers_sentence(study(effects), lang)


def test_check_first_names_the_thing_and_whom_to_ask():
    name = Bilingual(fr="Imagerie", en="Imaging")
    path = "datasets.imaging.volume_tb"
    ask = Bilingual(fr="gestionnaires de données", en="data managers")
    check = Check(path, name, "D", 1.0, 0.15, 0.15, ask, "", 1, 2, 3, "TB")
    said = check_first_sentence(study((), (check,)), "en")
    assert ask.fr in check_first_sentence(study((), (check,)), "fr")
    assert "Imaging" in said
    assert "data managers" in said
    assert numbers(said, "en")[3.0] == 1
    assert check_first_sentence(study(), "fr")


def inputs(*shares, error=0.004):
    """A study of inputs x0, x1... that explain so much of date and cost; None where nothing varies."""

    def alone(share):
        share = math.nan if share is None else share
        return Explained(0.5, 0.01, share, error)

    named = [Bilingual(fr=f"entrée {i}", en=f"input {i}") for i in range(len(shares))]
    found = [
        RankEffect(f"tasks.x{i}.work", name, alone(date_), alone(cost))
        for i, (name, (date_, cost)) in enumerate(zip(named, shares, strict=True))
    ]
    return dataclasses.replace(study(), inputs=tuple(found))


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([], "No uncertainty explains the date or the cost by itself."),
        ([(0.005, 0.007), (-0.001, 0.0)], "No uncertainty"),
        ([(0.3, 0.2), (0.25, 0.1)], "The same uncertainty explains the date most (30% of its"),
        (
            [(0.3, 0.1), (0.25, 0.2)],
            "input 0 (length)” (30% of its variance, in ranks); the cost: “in",
        ),
        ([(0.3, None)], "What explains the date most: “input 0 (length)” (30%"),
        ([(None, 0.999)], "What explains the cost most: “input 0 (length)” (over 99%"),
        ([(None, None)], "No uncertainty"),
    ],
)
def test_what_explains_most_is_named_by_itself(shares, words):
    found = inputs(*shares)
    fr, en = (alone_sentence(found, lang) for lang in ("fr", "en"))
    assert words in en
    assert numbers(fr, "fr") == numbers(en, "en")
    assert ("entrée" in fr) == ("input" in en)


def test_a_share_is_no_finer_than_its_error_and_noise_is_not_named():
    assert "(about 30% " in alone_sentence(inputs((0.34, None), error=0.05), "en")
    assert "(environ 30\u00a0% " in alone_sentence(inputs((0.34, None), error=0.05), "fr")
    assert "No uncertainty" in alone_sentence(inputs((0.34, 0.1), error=0.2), "en")
    few = dataclasses.replace(inputs((0.9, 0.9), error=0.1), draws=20)
    assert "No uncertainty" in alone_sentence(few, "en")


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([], ""),
        ([(None, None)], ""),
        ([(0.001, 0.002)], ""),
        ([(0.5, 0.4), (0.26, 0.44)],
         "One by one, the uncertainties explain 76% of the variance of the date and 84% of that of "
         "the cost. The rest comes from their interactions."),
        ([(None, 0.999)], "One by one, the uncertainties explain over 99% of the variance of the cost."),
        ([(0.6, None)], "explain 60% of the variance of the date. The rest"),
        ([(0.7, 0.4), (0.31, 0.6)], "explain 100% of the variance of the date and 100% of that"),
    ],
)  # fmt: skip
def test_what_inputs_explain_one_by_one_and_what_is_left(shares, words):
    found = inputs(*shares)
    fr, en = (sums_sentence(found, lang) for lang in ("fr", "en"))
    assert words in en
    assert ("The rest" in en) == ("Le reste" in fr) == ("The rest" in words)
    assert bool(fr) == bool(en) == bool(words)
    assert numbers(fr, "fr") == numbers(en, "en")


def outside(days, cost, odds, day_error=1.0, *, cost_error=2e4, odds_error=0.002, now=0.6):
    """A study whose plan has an outside view that costs so many days, euros and odds."""
    on, off = ({"odds": {"both": p}} for p in (now, now - (odds or 0)))
    if odds is None:
        on, off = {"odds": {}}, {"odds": {}}
    moves = Move(days, day_error), Move(cost, cost_error), odds and Move(odds, odds_error)
    view = OutsideView(("x",), on, off, *moves)
    return dataclasses.replace(study(), outside_view=view)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((40, 3.5e6, -0.2), "the plan would look 40 days earlier and €3.5M excl. VAT cheaper (P80), "
         "with 16 chances in 20 of holding instead of 12 chances in 20: that is optimism, not a lever."),
        ((40, 3.5e6, None), "40 days earlier and €3.5M excl. VAT cheaper (P80): that is optimism"),
        ((40, 3.5e6, -0.001), "cheaper (P80): that is optimism, not a lever."),
        ((40, 1e4, None), "look 40 days earlier (P80): that is optimism"),
        ((1.5, 3.5e6, None), "look €3.5M excl. VAT cheaper (P80): that is optimism"),
        ((1.5, 1e4, -0.003), "prudent date and cost (P80) would be the same, within the error."),
        ((1.5, 1e4, -0.2), "would have 16 chances in 20 of holding instead of 12 chances in 20."),
        ((-40, -3.5e6, 0.2), "look 40 days later and €3.5M excl. VAT dearer (P80), with 8 chances in "
         "20 of holding instead of 12 chances in 20."),
        ((40, -3.5e6, None), "look 40 days earlier and €3.5M excl. VAT dearer (P80)."),
        ((40, 3.5e6, 0.2), "cheaper (P80), with 8 chances in 20 of holding instead of 12 chances in 20."),
        ((math.inf, math.inf, None), "look an infinite time earlier (P80): that is optimism"),
        ((math.nan, 1e4, None, math.nan), "cannot be said: too few draws, or too many that never"),
        ((40, 1e4, None, math.nan), "cannot be said"),
    ],
)  # fmt: skip
def test_the_outside_view_is_optimism_where_it_is_and_never_a_lever(made, asked, words):
    found = outside(*asked)
    fr, en = (outside_view_sentence(made, found, lang) for lang in ("fr", "en"))
    assert words in en.replace("\u00a0", " ")
    assert numbers(fr, "fr") == numbers(en, "en")
    assert ("not a lever" in en) == ("pas un levier" in fr) == ("optimism" in words)
    for french_, english in (("plus tôt", "earlier"), ("plus tard", "later"),
                             ("de moins", "cheaper"), ("de plus (P80)", "dearer")):  # fmt: skip
        assert (french_ in fr) == (english in en)


@given(st.floats(-100, 100), st.floats(0.1, 60), st.floats(-5e6, 5e6), st.floats(1e4, 3e6))
def test_nothing_is_said_of_a_change_within_two_errors(made, days, day_error, cost, cost_error):
    found = outside(days, cost, None, day_error=day_error, cost_error=cost_error)
    said = outside_view_sentence(made, found, "en")
    assert ("earlier" in said) == (days > 2 * day_error)
    assert ("later" in said) == (days < -2 * day_error)
    assert ("cheaper" in said) == (cost > 2 * cost_error)
    assert ("dearer" in said) == (cost < -2 * cost_error)


def test_a_plan_without_outside_view_says_nothing_of_it(made):
    assert outside_view_sentence(made, study(), "fr") == ""


def test_names_of_tasks(made):
    assert task_label(made.plan, "claims.copy", "fr") == "Remboursements\u00a0: copie"
    assert task_label(made.plan, "claims.copy", "en") == "Claims: copy"
    assert task_label(made.plan, "w1.cutover", "fr") == "vague\u00a0w1\u00a0: bascule"
    assert task_label(made.plan, "service_open", "en") == "service open"
    assert task_label(made.plan, "left", "en") == "Azure left"
    assert all(task_label(made.plan, task, "fr") for task in made.tasks)


def test_hostile_names_stay_one_short_line(made):
    name = "a$b_{x}<script>\n\u202e" + "z" * 500
    tasks = dict(made.plan.tasks)
    tasks["left"] = tasks["left"].model_copy(update={"name": Bilingual(fr=name, en=name)})
    plan = made.plan.model_copy(update={"tasks": tasks})
    for sentence in answer(dataclasses.replace(made, plan=plan), "fr"):
        assert "\n" not in sentence
        assert "\u202e" not in sentence
        assert len(sentence) < 250


def test_a_plan_that_never_ends_is_answered(made):
    never = np.full(400, np.inf)
    forecast = forecast_with(made, never, never, made.plan.target)
    fr = answer(forecast, "fr")
    assert "pratiquement exclu" in fr[0]
    assert "aucun tirage n'y arrive" in fr[1]
    assert "n'est pas chiffrable" in fr[2]
    assert "Aucun tirage" in never_sentence(forecast, "fr")
