"""What is said of scores: true of the numbers, nothing concluded from few, both languages."""

from __future__ import annotations

import datetime as dt
import html
import math
import re
from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest

from hdhplan.figures.scores import score_figures
from hdhplan.page import scores as sections
from hdhplan.report.rendering import faults_of, render_page
from hdhplan.scoring import ENOUGH, Coverage, Finish, Skill, keep_weeks, score
from hdhplan.tests.test_figure_claims import said
from hdhplan.tests.test_page import Reader
from hdhplan.tests.test_scoring import HAPPENED, LAST, small
from hdhplan.tests.test_status import tasks_of, with_status, write
from hdhplan.wording.formats import date_short
from hdhplan.wording.score_captions import SCORED
from hdhplan.wording.scoring import score_lines, score_sentences

MORE = (
    {"date": "2026-02-27", "task": "C", "start": "2026-01-22", "finish": "2026-02-26"},
    {"date": "2026-02-27", "task": "closed", "start": "2026-02-27", "finish": "2026-02-27"},
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """A plan that is over, with what it cost."""
    folder = tasks_of(tmp_path_factory.mktemp("status"), *HAPPENED, *MORE)
    row = {"date": "2026-02-27", "line": "team", "currency": "EUR", "vat": "HT"}
    write(folder, "invoices", row | {"committed_eur": 53_000, "paid_eur": 53_000})
    return with_status(small(), folder)


@pytest.fixture(scope="module")
def over(plan):
    return score(plan, keep_weeks(plan, 200), draws=200)


@pytest.fixture(scope="module")
def running(plan):
    return score(plan, keep_weeks(plan, 200)[:2], LAST, draws=200)


def made(scores, plan, lang):
    own = (sections.coverage, sections.lean, sections.against, sections.finishes, sections.tasks)
    return [
        sections.answer(scores, plan, "", 200, lang),
        *(one(scores, plan, lang) for one in own),
    ]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("which", ["over", "running", "none"])
def test_every_section_reads_in_every_language(which, lang, plan, request):
    none = which == "none"
    scores = score(plan, (), LAST, draws=50) if none else request.getfixturevalue(which)
    parts = made(scores, plan, lang)
    page = render_page("scores", lang, [one.html for one in parts], {lang: "report.html"})
    seen = Reader(page)
    assert faults_of(page) == []
    assert len(seen.of("caption")) == len(seen.of("table"))
    assert "nan" not in page.casefold().replace("finan", "")
    names = re.findall(r'<section id="([\w-]+)"', page)
    assert len(names) == len(set(names))
    assert all(len(one.lines) > 1 for one in parts)
    assert sections.check_scores(scores)


def test_amounts_and_promises_are_shown_once_they_are_known(over, running, plan):
    text = str(sections.against(over, plan, "en").html)
    assert "Costs known" in text
    assert "Promises that are due" in text
    assert "€53k excl. VAT" in html.unescape(text).replace("\xa0", " ")
    assert "Costs known" not in str(sections.against(running, plan, "en").html)
    said = "\n".join(score_sentences(over, "en")).replace("\xa0", " ")
    assert "Cost: €53k excl. VAT paid" in said
    assert "Costs are scored once the programme is closed" in score_sentences(running, "en")[-1]


def test_few_tasks_are_described_and_not_judged(running, plan):
    assert running.done < ENOUGH
    said = score_sentences(running, "fr")
    assert said[1].startswith("Trop peu pour juger")
    titles = [
        f.title for key, f in score_figures(running, plan, "en").items() if key != "finish_by_week"
    ]
    assert titles
    assert all("too few to judge, 15 are needed" in title for title in titles)


def with_coverage(scores, **of_p80):
    """Enough tasks, all dates kept as they claim but those of P80."""
    claimed = [Coverage(p, p, p, p - 0.09, p + 0.09, 40, 90) for p in (0.1, 0.5, 0.8, 0.9)]
    claimed[2] = replace(claimed[2], **of_p80)
    return replace(scores, done=ENOUGH, coverage=tuple(claimed))


@pytest.mark.parametrize(
    ("share", "said", "title"),
    [
        (0.8, "as often as they claim, luck apart", "Dates are kept as often as they claim, luck apart"),
        (0.6, "P80 dates are kept less often than they claim: 24.0 tasks of 40, 32.0 claimed",
         "P80 dates are kept less often than they claim: 12.0 times in 20, 16.0 claimed"),
        (0.95, "P80 dates are kept more often than they claim: 38.0 tasks of 40",
         "P80 dates are kept more often than they claim: 19.0 times in 20, 16.0 claimed"),
    ],
)  # fmt: skip
def test_the_verdict_is_that_of_the_band(share, said, title, running, plan):
    scores = with_coverage(running, share=share)
    assert said in score_sentences(scores, "en")[1]
    assert score_figures(scores, plan, "en")["coverage"].title == title
    assert ("luck apart" in said) == all(c.holds for c in scores.coverage)


@pytest.mark.parametrize(
    ("pit", "title"),
    [
        ((4, 4, 4, 4, 4), "Neither earlier nor later than forecast, luck apart"),
        ((9, 5, 2, 2, 2), "Tasks end earlier than forecast"),
        ((1, 1, 2, 6, 10), "Tasks end later than forecast"),
    ],
)
def test_the_lean_is_that_of_the_bars(pit, title, running, plan):
    scores = replace(running, tasks=20, done=20, pit=pit, pit_open=(0.0,) * 5)
    assert score_figures(scores, plan, "en")["pit"].title == title


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Skill(2.0, 8.0, 3), "errs by 75% less (2.0 d against 8.0 d, 3 tasks)"),
        (Skill(9.0, 6.0, 1), "errs by 50% more (9.0 d against 6.0 d, 1 task)"),
        (Skill(None, None, 0), "Nothing to compare with the first plan"),
        (Skill(1.0, 0.0, 2), "Nothing to compare with the first plan"),
    ],
)
def test_who_did_better_is_said_by_the_sign(found, said, running):
    assert said in score_sentences(replace(running, versus_first=found), "en")[3].replace(
        "\xa0", " "
    )


def test_a_finish_that_never_comes_or_has_come_is_said(running, over, plan):
    never = Finish(LAST, {0.1: 30.0, 0.5: 40.0, 0.8: float("inf"), 0.9: float("inf")}, None)
    scores = replace(running, finishes=(*running.finishes, never))
    assert "has no prudent date (P80)" in score_figures(scores, plan, "en")["finish_by_week"].title
    title = score_figures(over, plan, "en")["finish_by_week"].title.replace("\xa0", " ")
    assert title.startswith("Finished on 27 Feb 2026; the first forecast said")
    assert "finish_by_week" not in score_figures(replace(running, finishes=()), plan, "en")


def test_a_terminal_is_told_the_same(over, running):
    lines = score_lines(running, "en")
    assert lines[: len(score_sentences(running, "en"))] == score_sentences(running, "en")
    assert sum(line.startswith("  P") for line in lines) == 4
    assert sum("2026" in line for line in lines[-2:]) == 2
    assert len(score_lines(over, "fr")) > len(lines)


def test_what_does_not_hold_is_named(running):
    with pytest.raises(AssertionError, match="bars of all tasks add up"):
        sections.check_scores(replace(running, pit=(9.0, 0.0, 0.0, 0.0, 0.0)))
    with pytest.raises(AssertionError, match="only what came after a forecast is scored"):
        sections.check_scores(replace(running, day=running.each[0].as_of))


# What each title of a chart claims, in the order of its templates, worked out anew.


def luck(n, p):
    """Numbers of successes in n that hold 19 times in 20 what luck gives, by their odds added up."""
    below = list(accumulate(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)))
    return [next(k for k in range(n + 1) if below[k] >= q) for q in (0.025, 0.975)]


def off_levels(scores):
    """Levels whose dates were kept more or less often than luck explains, and by how much."""
    return {f"P{round(100 * c.p)}": c.share - c.given for c in scores.coverage
            if c.tasks >= 15 and not c.low <= c.share <= c.high}  # fmt: skip


def names_first_off(scores, title, sign):
    """Whether a title names the most prudent level that is off in its way, and its two numbers."""
    off = off_levels(scores)
    level = next(name for name in ("P80", "P90", "P50", "P10") if name in off)
    one = next(c for c in scores.coverage if f"P{round(100 * c.p)}" == level)
    shown = [float(x.replace(",", ".")) for x in re.findall(r"\b\d+[.,]\d", title)]
    numbers = np.allclose(shown, [20 * one.share, 20 * one.given], atol=0.051)
    return level in title and sign * off[level] > 0 and numbers


def early(scores):
    """1 where more tasks end early than luck gives, −1 where fewer do."""
    count = sum(scores.pit[:2]) + sum(scores.pit_open[:2])
    low, high = luck(scores.tasks, 0.4)
    return 1 if count > high else -1 if count < low else 0


def in_order(title, scores, lang, *days):
    """Whether a title says these days in this order."""
    dates = [scores.start + dt.timedelta(math.ceil(x) - 1) if isinstance(x, float) and x < math.inf
             else x for x in days]  # fmt: skip
    names = [date_short(x if isinstance(x, dt.date) else None, lang) for x in dates]
    return re.search(".*".join(map(re.escape, names)), title) is not None


def of(finish, p):
    return finish.quantiles[p]


CLAIMS = {
    "coverage": (
        lambda s, t, lang: s.done < 15 and str(s.done) in t,
        lambda s, t, lang: s.done >= 15 and not off_levels(s),
        lambda s, t, lang: s.done >= 15 and names_first_off(s, t, -1),
        lambda s, t, lang: s.done >= 15 and names_first_off(s, t, 1),
    ),
    "pit": (
        lambda s, t, lang: s.done < 15 and str(s.done) in t,
        lambda s, t, lang: s.done >= 15 and early(s) == 0,
        lambda s, t, lang: s.done >= 15 and early(s) == 1,
        lambda s, t, lang: s.done >= 15 and early(s) == -1,
    ),
    "finish_by_week": (
        lambda s, t, lang: in_order(
            t, s, lang, s.finished, of(s.finishes[0], 0.5), of(s.finishes[0], 0.8)
        ),
        lambda s, t, lang: s.finished is None and math.isinf(of(s.finishes[-1], 0.8)),
        lambda s, t, lang: s.finished is None and in_order(
            t, s, lang, of(s.finishes[0], 0.8), s.finishes[0].as_of,
            of(s.finishes[-1], 0.8), s.finishes[-1].as_of,
        ),
    ),
}  # fmt: skip


def random_scores(scores, rng):
    """Scores as they may turn out: few tasks or many, levels off or not, finishes that come or never."""
    tasks = int(rng.integers(15, 60))
    coverage = []
    for p in (0.1, 0.5, 0.8, 0.9):
        due = int(rng.integers(0, tasks))
        low, high = (x / max(due, 1) for x in luck(due, p))
        share = float(np.clip(rng.choice([p, p, p, rng.random()]), 0, 1))
        coverage.append(Coverage(p, p, share, low, high, due, 3 * due)
                        if due else Coverage(p, None, None, None, None, 0, 0))  # fmt: skip
    bars = rng.dirichlet(rng.choice([0.4, 4.0, 40.0]) * np.ones(5)) * tasks
    open_part = rng.random(5) * rng.choice([0, 0.5])
    finishes = []
    for week in range(int(rng.integers(2, 9))):
        days = 200 + np.ceil(np.sort(rng.uniform(0, 90, 4)))
        days[4 - rng.choice([0, 0, 1, 2]) :] = np.inf
        levels = dict(zip((0.1, 0.5, 0.8, 0.9), days.tolist(), strict=True))
        finishes.append(Finish(LAST + dt.timedelta(7 * week), levels, None))
    return replace(
        scores, tasks=tasks, done=int(rng.choice([3, tasks, tasks])), coverage=tuple(coverage),
        pit=tuple(bars * (1 - open_part)), pit_open=tuple(bars * open_part),
        finishes=tuple(finishes), finished=rng.choice([None, None, 233.0]),
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_titles_claim_what_the_scores_bear_out_and_every_title_is_said(running, plan, lang):
    rng, heard = np.random.default_rng(4), {key: set() for key in CLAIMS}
    for scores in [random_scores(running, rng) for _ in range(60)]:
        for key, figure in score_figures(scores, plan, lang).items():
            which = said(key, figure.title, lang)
            heard[key].add(which)
            assert CLAIMS[key][which](scores, figure.title, lang), (key, figure.title)
    assert heard == {key: set(range(len(SCORED[key].titles))) for key in SCORED}
