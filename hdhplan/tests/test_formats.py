"""Numbers, dates and odds as people write them."""

from __future__ import annotations

import math
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdhplan.wording.formats import (
    MONEY_STEPS,
    amount,
    chances,
    date_known,
    date_long,
    date_short,
    days,
    label,
    meur,
    number,
    out_of_20,
    percent,
    share,
    span,
    step_of,
    supported,
    terminal,
    twentieths,
    volume,
)


@pytest.mark.parametrize(
    ("fr", "en", "made"),
    [
        ("1\u202f234,5", "1,234.5", lambda lang: number(1234.5, lang, 1)),
        ("\u22123", "\u22123", lambda lang: number(-3, lang)),
        ("0", "0", lambda lang: number(-0.2, lang)),
        (
            "20,4\u00a0M€\u00a0HT",
            "€20.4M\u00a0excl.\u00a0VAT",
            lambda lang: meur(20.43e6, lang, "HT"),
        ),
        (
            "20,0\u00a0M€\u00a0TTC",
            "€20.0M\u00a0incl.\u00a0VAT",
            lambda lang: meur(2e7, lang, "TTC"),
        ),
        ("3,6\u00a0Md€", "€3.6bn", lambda lang: amount(3.602e9, lang)),
        ("54\u00a0k€", "€54k", lambda lang: amount(54_321, lang)),
        ("\u22120,4\u00a0M€", "\u2212€0.4M", lambda lang: amount(-4e5, lang)),
        (
            "1er\u00a0décembre\u00a02026",
            "1\u00a0December\u00a02026",
            lambda lang: date_long(date(2026, 12, 1), lang),
        ),
        ("27/11/2026", "27\u00a0Nov\u00a02026", lambda lang: date_short(date(2026, 11, 27), lang)),
        ("jamais", "never", lambda lang: date_long(None, lang)),
        ("12\u00a0j", "12\u00a0d", lambda lang: days(12, lang)),
        ("12\u00a0j\u00a0ouvrés", "12\u00a0working days", lambda lang: days(12, lang, "wd")),
        ("1\u00a0jour", "1\u00a0day", lambda lang: span(-1, 0, lang)),
        ("10,4\u00a0Po", "10.4\u00a0PB", lambda lang: volume(10.41, lang)),
        ("450\u00a0To", "450\u00a0TB", lambda lang: volume(0.45, lang)),
        ("80\u00a0%", "80%", lambda lang: percent(0.8, lang)),
        ("moins de 1\u00a0%", "under 1%", lambda lang: share(0.001, lang)),
    ],
)
def test_both_languages(fr, en, made):
    assert made("fr") == fr
    assert made("en") == en


@pytest.mark.parametrize(
    ("p", "fr", "en"),
    [
        (
            0.0,
            "pratiquement exclu (moins de 1 chance sur 20)",
            "almost ruled out (less than 1 chance in 20)",
        ),
        (0.05, "très improbable (1 chance sur 20)", "very unlikely (1 chance in 20)"),
        (0.30, "improbable (6 chances sur 20)", "unlikely (6 chances in 20)"),
        (0.40, "plutôt improbable (8 chances sur 20)", "rather unlikely (8 chances in 20)"),
        (0.50, "une chance sur deux environ (10 chances sur 20)", "about even (10 chances in 20)"),
        (0.65, "plutôt probable (13 chances sur 20)", "rather likely (13 chances in 20)"),
        (0.70, "probable (14 chances sur 20)", "likely (14 chances in 20)"),
        (0.95, "très probable (19 chances sur 20)", "very likely (19 chances in 20)"),
        (
            1.0,
            "quasi certain (plus de 19 chances sur 20)",
            "almost certain (more than 19 chances in 20)",
        ),
    ],
)
def test_the_words_of_odds(p, fr, en):
    assert chances(p, "fr").replace("\u00a0", " ") == fr
    assert chances(p, "en").replace("\u00a0", " ") == en


@given(st.floats(0, 1))
def test_odds_are_within_half_a_chance(p):
    assert abs(twentieths(p) - 20 * p) <= 0.5 + 1e-6
    # What is said of the ends is true: under 1 in 20, over 19 in 20.
    if "moins" in out_of_20(p, "fr"):
        assert p < 1 / 20
    if "plus" in out_of_20(p, "fr"):
        assert p > 19 / 20


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_no_step_is_finer_than_the_error(value, error):
    step = step_of(error, MONEY_STEPS)
    assert step >= error or step == MONEY_STEPS[-1]
    assert abs(supported(value, error) - value) <= step / 2 * (1 + 1e-9)


def test_a_date_gets_coarser_with_its_error():
    day = date(2028, 6, 7)
    said = [date_known(day, error, "fr").replace("\u00a0", " ") for error in (1, 5, 20, 60, 400)]
    assert said == ["7 juin 2028", "semaine du 5 juin 2028", "juin 2028", "T2 2028", "2028"]
    assert date_known(day, math.inf, "en") == "2028"
    assert date_known(None, math.inf, "fr") == "jamais"


@given(st.text())
def test_the_terminal_gets_nothing_that_moves_or_turns(text):
    kinds = {unicodedata.category(c) for c in terminal(text)}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(max_size=600))
def test_a_label_is_one_short_line(text):
    assert len(label(text)) <= 60
    assert "\n" not in label(text)


def test_known_attacks_are_neutralised():
    assert terminal("a\x1b[2Jb\u202egnp\u2028c\x07") == "a [2Jbgnp c "
