"""What is said of a week's change: its direction, its size, its cause, the same in both languages."""

import dataclasses
import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdhplan.between import GROUPS, Item
from hdhplan.figures.bridges import bridge, bridges
from hdhplan.moved import MODEL, Cause, Moved, Row
from hdhplan.paired import Move
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_wording import numbers
from hdhplan.tests.test_wording_laws import in_both, length_in
from hdhplan.wording.formats import NBSP, twentieths
from hdhplan.wording.moved import LEAST, main_cause, moved_sentences, row_label

EVERY = (*GROUPS, MODEL)
PLAN = plan_of(
    tasks=[
        {"id": "A", "work": range_of(5, 10, 20, "d"), "name": {"fr": "Relecture", "en": "Review"}}
    ],
    target={"finish": "2027-06-30", "cost_eur": 20_000_000, "vat": "HT"},
)
days = st.floats(-400, 400)
money = st.floats(-5e6, 5e6)
errors = st.floats(0.01, 40)


def change(
    date=0.0, cost=0.0, odds=(0.5, 0.5), errors=(0.1, 1e3, 0.001), first="progress", part=1.2
):
    """A week's change whose first cause gives a part of each move, and another one the rest."""
    ends = {"finish_days": 500.0, "cost_eur": 18e6, "p_both": odds[0]}
    sizes = dict(zip(ends, (date, cost, odds[1] - odds[0]), strict=True))
    ses = dict(zip(ends, errors, strict=True))
    total = {m: Move(x, ses[m], 1e-6) for m, x in sizes.items()}
    other = next(group for group in EVERY if group != first)
    own = {m: Move(part * x, ses[m]) for m, x in sizes.items()}
    rest = {m: Move((1 - part) * x, ses[m]) for m, x in sizes.items()}
    cause = Cause(Item("task", "A", ("a-fact",)), own)
    return Moved(
        plan=PLAN, start=PLAN.start, days=(dt.date(2026, 11, 13), dt.date(2026, 11, 20)),
        before=ends, after={m: ends[m] + sizes[m] for m in ends}, total=total,
        rows=(Row((other,), rest), Row((first,), own, (cause,))),
        residual={m: Move(0.0, 0.0) for m in ends}, forecasts=4, draws=1000, seed=1, mark={},
    )  # fmt: skip


@given(days, errors, st.sampled_from(EVERY))
def test_the_date_moves_later_or_earlier_as_its_sign_says(value, error, group):
    found = change(date=value, errors=(error, 1e3, 0.001), first=group)
    fr, en = in_both(lambda lang: moved_sentences(found, lang)["finish_days"])
    clear, large = found.total["finish_days"].clear, abs(value) >= LEAST["finish_days"]
    assert ("significant change" in en) == (not clear) == ("changement significatif" in fr)
    assert ("less than a day" in en) == (clear and not large) == ("moins d'un jour" in fr)
    assert (" later" in en) == (clear and large and value > 0) == (" recule de " in fr)
    assert (" earlier" in en) == (clear and large and value < 0) == (" avance de " in fr)
    if clear and large:
        for text in (fr, en):
            length, half = length_in(text)
            assert abs(length - abs(value)) <= half + 1e-6
        assert "Relecture" in fr
        assert "Review" in en
        assert f"{1.2 * value:+.0f}".replace("-", "−") in en or abs(1.2 * value) < 10


@given(money, st.floats(1e2, 3e5))
def test_the_cost_rises_or_falls_as_its_sign_says(value, error):
    found = change(cost=value, errors=(0.1, error, 0.001))
    fr, en = in_both(lambda lang: moved_sentences(found, lang)["cost_eur"])
    clear, large = found.total["cost_eur"].clear, abs(value) >= LEAST["cost_eur"]
    assert ("significant change" in en) == (not clear)
    assert (" rises" in en) == (clear and large and value > 0) == (" monte" in fr)
    assert (" falls" in en) == (clear and large and value < 0) == (" baisse" in fr)
    assert "excl. VAT" in en or not (clear and large)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_odds_rise_or_fall_as_their_ends_say(before, after):
    found = change(odds=(before, after))
    fr, en = in_both(lambda lang: moved_sentences(found, lang)["p_both"])
    clear, same = found.total["p_both"].clear, twentieths(before) == twentieths(after)
    assert ("significant change" in en) == (not clear)
    assert ("less than 1 chance in 20:" in en) == (clear and same) or "to less" in en
    assert (" rise " in en) == (clear and not same and after > before) == (" montent " in fr)
    assert (" fall " in en) == (clear and not same and after < before) == (" baissent " in fr)


@given(days, money, st.sampled_from(EVERY))
def test_the_main_cause_is_that_of_the_first_measure_that_is_worth_a_word(date, cost, group):
    found = change(date=date, cost=cost, first=group)
    _, en = in_both(lambda lang: main_cause(found, lang))
    worth = [m for m, x in (("finish_days", date), ("cost_eur", cost)) if abs(x) >= LEAST[m]]
    named = row_label(Row((group,), {}), "en").lower()
    assert (f"Main cause of the change since week 46: {named} (" in en) == bool(worth)
    if worth:
        assert (" d)" in en) == (worth[0] == "finish_days")


def test_a_cause_is_called_main_only_from_half_of_the_move_on():
    lead, weak = (change(date=30, part=part) for part in (0.6, 0.4))
    assert "mainly because of progress" in moved_sentences(lead, "en")["finish_days"]
    weak = dataclasses.replace(weak, rows=(*weak.rows[1:],))
    assert "first because of progress" in moved_sentences(weak, "en")["finish_days"]


def test_what_is_said_in_full():
    found = change(date=9.2, cost=-420_000, odds=(0.7, 0.6), first="learning", part=1.0)
    fr, en = (moved_sentences(found, lang) for lang in ("fr", "en"))
    assert en["finish_days"].replace(NBSP, " ") == (
        "The prudent date (P80) moves 9 days later since week 46, mainly because of what measurements "
        "teach (+9.2 d): Review."
    )
    assert fr["cost_eur"].replace(NBSP, " ") == (
        "Le coût prudent (P80) baisse de 0,4 M€ HT depuis la semaine 46, surtout du fait de ce que les "
        "mesures apprennent (−0,42 M€) : Relecture."
    )
    assert fr["cause"].replace(NBSP, " ") == (
        "Cause principale du changement depuis la semaine 46 : apprentissage (+9,2 j) : Relecture."
    )
    assert "left" not in en
    quiet = moved_sentences(change(), "en")
    assert quiet["cause"] == "No significant change since week 46."


def test_more_than_a_tenth_that_no_cause_explains_is_told():
    found = change(date=20)
    found = dataclasses.replace(found, residual=found.residual | {"finish_days": Move(-2.5, 0.1)})
    fr, en = in_both(lambda lang: moved_sentences(found, lang)["left"])
    assert en == "Beware: −2.5 d of this change is explained by no cause."
    assert "−2,5 j" in fr


@pytest.mark.parametrize(
    ("ends", "said"),
    [((math.inf, math.inf), "still no prudent date"), ((500, math.inf), "no prudent date (P80) any more"),
     ((math.inf, 500), "a prudent date (P80) again")],
)  # fmt: skip
def test_a_date_that_never_comes_has_words_and_no_bridge(ends, said):
    found = change()
    move = Move(ends[1] - ends[0], math.nan)
    sides = [
        {**side, "finish_days": x}
        for side, x in zip((found.before, found.after), ends, strict=True)
    ]
    found = dataclasses.replace(
        found, before=sides[0], after=sides[1], total=found.total | {"finish_days": move}
    )
    _, en = in_both(lambda lang: moved_sentences(found, lang)["finish_days"])
    assert said in en
    assert bridge(found, "finish_days", "en") is None
    assert found.as_dict()["move"]["finish_days"]["value"] is None


def test_weeks_of_two_years_are_told_apart():
    days = dt.date(2027, 1, 1), dt.date(2027, 1, 8)
    found = dataclasses.replace(change(date=9), days=days)
    assert "since week 53 of 2026" in moved_sentences(found, "en")["finish_days"]
    assert "depuis la semaine 53 de 2026" in moved_sentences(found, "fr")["finish_days"]


def test_a_bridge_goes_from_last_week_to_this_one_in_both_languages():
    found = change(date=9, cost=-420_000)
    for key in bridges(found, "fr"):
        fr, en = (bridges(found, lang)[key] for lang in ("fr", "en"))
        assert fr.rows[0][0] == "Semaine 46"
        assert fr.rows[-2][0] == "Semaine 47"
        assert numbers(fr.title, "fr") == numbers(en.title, "en")
        assert [numbers(row[1], "fr") for row in fr.rows[1:-2]] == [
            numbers(row[1], "en") for row in en.rows[1:-2]
        ]
    assert list(bridges(found, "en")) == ["moved_date", "moved_cost"]


def test_where_nothing_changed_there_is_no_bridge():
    assert bridges(dataclasses.replace(change(), rows=()), "en") == {}
