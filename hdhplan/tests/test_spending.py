"""Spending as of a date: lines and years add up, sentences and tables say what the data hold."""

import dataclasses
import math
import re

import numpy as np
import pytest

from hdhplan.figures import spent_and_to_come
from hdhplan.page.spending_tables import spending_table, spending_years_table
from hdhplan.reading import load_plan
from hdhplan.result import bundle
from hdhplan.simulation import simulate
from hdhplan.spending import TOTAL, spending, spent_path, to_come, years_so_far
from hdhplan.tests.small import plan_of
from hdhplan.tests.test_actuals import PAID, invoiced, team
from hdhplan.tests.test_figure_claims import ended, p_of, said
from hdhplan.tests.test_status import DAY, EXAMPLE
from hdhplan.wording.formats import meur
from hdhplan.wording.spending import SPENDING_CAPTION, since_sentence, spending_sentence


@pytest.fixture(scope="module")
def base():
    return load_plan("base", status=EXAMPLE)


@pytest.fixture(scope="module")
def november(base):
    return simulate(base, 2_000, as_of=DAY("2026-11-20"), detail=True)


def test_lines_add_up_to_their_sum(november):
    *lines, total = spending(november)
    assert total.name == TOTAL
    for name in ("committed", "paid"):
        assert sum(getattr(line, name) for line in lines) == pytest.approx(getattr(total, name))
    for name in ("to_commit", "to_pay", "whole"):
        means = [getattr(line, name).mean for line in lines]
        assert sum(means) == pytest.approx(getattr(total, name).mean)
    assert sum(line.allocated for line in lines) == total.allocated - 3_000_000
    for line in (*lines, total):
        assert line.paid + line.to_pay.mean == pytest.approx(line.whole.mean)
        assert line.paid <= line.committed


def test_years_so_far_add_up_and_close_on_their_days(november, base):
    total = spending(november)[-1]
    years = years_so_far(november)
    assert [y.year for y in years] == [2026]
    assert sum(y.committed for y in years) == total.committed
    assert sum(y.paid for y in years) == total.paid


def test_a_payment_after_the_closing_counts_in_the_next_year(tmp_path):
    plan = plan_of(
        start="2026-11-02", tasks=[{"id": "A", "work": "60 d"}],
        rates=[{"id": "r", "amount_eur": 100, "per": "d", "on": "A", "line": "people"}],
        closings={"commitments": "11-20", "payments": "12-15"},
    )  # fmt: skip
    begun = {"date": "2026-11-13", "task": "A", "start": "2026-11-02"}
    rows = (
        {"date": "2026-11-13", "committed_eur": 4_000},
        {"id": "b", "date": "2026-11-24", "committed_eur": 500, "paid_eur": 300},
        {"id": "c", "date": "2026-12-17", "paid_eur": 700},
    )
    found = invoiced(plan, tmp_path, *rows, done=(begun,), day="2026-12-18")
    assert [(y.year, y.committed, y.paid) for y in years_so_far(found)] == [
        (2026, 4_000, 300), (2027, 500, 700),
    ]  # fmt: skip


def test_what_is_to_come_begins_where_the_facts_end(november):
    for kind, eur in (("ae", 4_350_000), ("cp", 1_680_000)):
        days, sums = spent_path(november, kind)
        assert sums[-1] == eur
        assert (np.diff(sums) >= 0).all()
        assert days[-1] == november.progress.now
        ahead = to_come(november, kind)
        assert all(day > november.progress.now for day, _ in ahead)
        means = [eur, *(found.mean for _, found in ahead)]
        assert means == sorted(means)
        assert means[-1] == pytest.approx(november.mean("cost_eur"))


def test_the_sentence_says_the_numbers_of_the_result(november):
    total = bundle(november)["status"]["spending"]["total"]
    for lang in ("fr", "en"):
        text = spending_sentence(november, lang)
        for eur, error in (
            (total["committed"], 0), (total["paid"], 0),
            (total["to_pay"]["p50"], total["to_pay"]["se"]["p50"]),
            (total["to_pay"]["p80"], total["to_pay"]["se"]["p80"]),
        ):  # fmt: skip
            assert meur(eur, lang, "HT", error) in text
    assert "6 November 2026" in since_sentence(november, "en").replace("\xa0", " ")
    assert "lines without payments" in since_sentence(november, "en")


def test_sentences_where_nothing_is_known_or_paid(base, tmp_path):
    plain = simulate(base, 100)
    assert spending_sentence(plain, "fr") == since_sentence(plain, "fr") == ""
    assert spending(plain) == ()
    silent = invoiced(team(), tmp_path / "a", draws=2_000)
    assert "No order or invoice" in spending_sentence(silent, "en")
    assert since_sentence(silent, "en") == ""
    assert spent_and_to_come(silent, "en") is None
    paid = invoiced(team(), tmp_path / "b", PAID, draws=2_000)
    said = spending_sentence(paid, "en").replace("\xa0", " ")
    assert said.startswith("Of €3k excl. VAT: €2k excl. VAT committed, €1k excl. VAT paid (43%)")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_tables_have_a_row_a_line_and_a_year_and_their_totals(november, lang):
    lines = str(spending_table(november, lang))
    assert lines.count("<tr") == 1 + 3 + 1 + 1  # head, lines, provision, sum
    years = str(spending_years_table(november, lang))
    assert years.count("<tr") == 1 + 3 + 1
    numbers = re.sub(r"<[^>]*>", " ", years)
    assert ("4,35" if lang == "fr" else "4.35") in numbers
    for html in (lines, years):
        heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", html)
        assert len(heads) == len(set(heads)) > 5


# What each title of the chart claims, in the order of its templates, worked out anew.


def amounts(title):
    """Amounts of a title with half of their last digit. [EUR]"""
    text = title.replace("\xa0", " ").replace("\u202f", "")
    found = re.findall(r"€([\d.]+)([kMB]?)|([\d,]+) ([kM]?)(?:d)?€", text)
    scale = {"": 1, "k": 1e3, "M": 1e6}
    for english, unit, french, one in found:
        shown, by = (english or french).replace(",", "."), scale[unit or one]
        yield float(shown) * by, 0.5 * by / 10 ** len(shown.partition(".")[2])


def says(title, *expected):
    return all(
        abs(shown - true) <= 1.05 * half
        for (shown, half), true in zip(amounts(title), expected, strict=True)
    )


def whole80(f, off=0.0):
    """P80 of the whole, or that of as many of its standard errors off, by ranks. [EUR]"""
    kept = ended(f.values["cost_eur"])
    return p_of(kept, np.clip(0.8 + off * math.sqrt(0.16 / len(kept)), 0, 1))


TITLES = (
    lambda f, t: f.plan.envelope_eur is None and says(t, 1_500, 1_300, whole80(f)),
    lambda f, t: says(t, 1_300) and whole80(f, -3) <= f.plan.envelope_eur <= whole80(f, 3),
    lambda f, t: (
        says(t, 1_300, whole80(f) - f.plan.envelope_eur) and whole80(f, -1) >= f.plan.envelope_eur
    ),
    lambda f, t: (
        says(t, 1_300, f.plan.envelope_eur - whole80(f)) and whole80(f, 1) <= f.plan.envelope_eur
    ),
)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_titles_claim_what_the_draws_bear_out_and_every_title_is_said(lang, tmp_path):
    """Other envelopes, prices and draws that never end, and every title is said at least once."""
    made, rng, heard = invoiced(team(), tmp_path, PAID, draws=500), np.random.default_rng(3), set()
    for _ in range(50):
        costs = made.values["cost_eur"] * rng.choice([1, 4, 700]) + 900 * rng.random(500)
        costs = np.where(rng.random(500) < rng.choice([0, 0, 0.3]), np.inf, costs)
        near = p_of(ended(costs), 0.8) * rng.choice([0.5, 0.93, 0.999, 1, 1.001, 1.07, 3])
        asked = made.plan.target.model_copy(update={"cost_eur": rng.choice([near, near, None])})
        plan = made.plan.model_copy(update={"target": rng.choice([asked, asked, asked, None])})
        found = dataclasses.replace(made, plan=plan, values=made.values | {"cost_eur": costs})
        title = spent_and_to_come(found, lang).title
        which = said("spending", title, lang)
        heard.add(which)
        assert TITLES[which](found, title), title
    assert heard == set(range(len(SPENDING_CAPTION["spending"].titles)))


@pytest.mark.parametrize(
    ("envelope", "words"), [(19_000_000, "exceeds"), (25_000_000, "leaves"), (None, "in all")]
)
def test_the_title_of_the_chart_agrees_with_the_envelope(envelope, words):
    plan = load_plan(
        "base", ["allocations=null", f"target.cost_eur={envelope or 'null'}"], status=EXAMPLE
    )
    found = simulate(plan, 1_000, as_of=DAY("2026-11-20"), detail=True)
    assert words in spent_and_to_come(found, "en").title
