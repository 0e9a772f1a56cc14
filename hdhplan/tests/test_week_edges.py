"""Weeks of any plan: one task, no target, no end, nothing to pay or to copy; texts that mean harm."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import math
import re
from functools import cache
from html import unescape
from types import SimpleNamespace

import pytest

from hdhplan.errors import InputError
from hdhplan.kept import archive
from hdhplan.kept_files import read_forecast
from hdhplan.page.weekly import WeeklyPage
from hdhplan.page.weekly_annex import _since_references
from hdhplan.page.weekly_record import _plainly
from hdhplan.page.weekly_sheet import risks_table
from hdhplan.paired import Move
from hdhplan.past import past_of
from hdhplan.report.mail import mail
from hdhplan.report.rendering import faults_of, render_page
from hdhplan.result import safe
from hdhplan.scoring import score
from hdhplan.simulation import simulate
from hdhplan.standing import Area, standings
from hdhplan.status import State
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_figures import an_effect
from hdhplan.tests.test_kept import published
from hdhplan.tests.test_page import HOSTILE, Reader
from hdhplan.tests.test_status import tasks_of, with_status, write
from hdhplan.tests.test_wording_moved import change
from hdhplan.weekly import Coming, Decision, Risk, make_week
from hdhplan.wording.standing import area_cells
from hdhplan.wording.weekly import _moves, coming_text, effect_text, letter, limits_line

pytestmark = pytest.mark.usefixtures("undrawn")

DAY = dt.date.fromisoformat
FRIDAYS = (DAY("2026-01-09"), DAY("2026-01-16"))
SECTIONS = (
    "sheet", "changed", "cloud", "milestones", "landed", "money", "earned", "decisions", "known",
    "rules", "method",
)  # fmt: skip
TWO = [
    {"id": "A", "work": range_of(5, 10, 20, "d")},
    {"id": "B", "work": range_of(20, 40, 90, "d"), "after": ["A"]},
]
NEVER = [
    *TWO,
    {"id": "gone", "work": "2 d", "calendar": "mondays", "unsplit": True, "after": ["A"]},
]
TEAM = [{"id": "r", "amount_eur": 100, "per": "d", "on": "A", "line": "people"}]
PLANS = {
    "nothing_asked": {"tasks": TWO},
    "one_sure_task": {"tasks": [{"id": "A", "work": "9 d"}]},
    "only_a_date": {"tasks": TWO, "target": {"finish": "2026-03-01"}},
    "only_an_amount": {"tasks": TWO, "rates": TEAM, "target": {"cost_eur": 900, "vat": "HT"}},
    "never_ends": {
        "tasks": NEVER,
        "rates": TEAM,
        "calendars": {"mondays": {"closed_weekdays": ["tue", "wed", "thu", "fri", "sat", "sun"]}},
        "target": {"finish": "2026-03-01", "cost_eur": 900, "vat": "HT"},
    },
}
FACTS = (
    {"date": "2026-01-09", "task": "A", "start": "2026-01-05"},
    {"date": "2026-01-16", "task": "A", "finish": "2026-01-15"},
)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    """The first two weeks of each plan."""

    @cache
    def made(name):
        plan = with_status(plan_of(**PLANS[name]), tasks_of(tmp_path_factory.mktemp(name), *FACTS))
        first = make_week(plan, FRIDAYS[0], draws=200)
        return first, make_week(plan, FRIDAYS[1], (first.own,), draws=200)

    return made


def page_of(week, lang):
    """A whole page as a file, and its result."""
    page = WeeklyPage(week, lang)
    parts = [getattr(page, name)()._repr_html_() for name in SECTIONS]
    result, pages = page.result().data, {"fr": "report.html", "en": "report.en.html"}
    return render_page(result["title"][lang], lang, [p for p in parts if p], pages), result


def text_of(html):
    shown = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", shown)))


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", PLANS)
def test_any_plan_has_a_page_that_says_nothing_of_what_it_has_not(name, lang, weeks):
    for week in weeks(name):
        html, result = page_of(week, lang)
        assert faults_of(html) == []
        json.dumps(result, allow_nan=False)
        text = text_of(html)
        assert not re.search(r"\b(nan|inf|None)\b|\(\)|tard le\s+:|by\s+:|dans\s+:", text), text
        for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
            assert table.count("<tr") > 1, table
        assert ("To sur" in text or "TB of" in text) is False
        asked = week.forecast.p_date is not None or week.forecast.p_budget is not None
        knowing = "la connaître déplacerait" if lang == "fr" else "knowing it would"
        assert asked or knowing not in text
        paid = "Aucune commande ni facture" if lang == "fr" else "No order or invoice"
        assert (paid in text) == bool(week.plan.rates)


def test_a_plan_that_never_ends_says_so_of_its_prudent_date(weeks):
    _, week = weeks("never_ends")
    assert week.own.p80_day is None
    assert "±\u00a0inconnue" not in page_of(week, "fr")[0]
    said = letter(week, "en")["sentences"]
    assert any("prudent date (P80) still out of reach" in text for text in said)
    assert "jamais / jamais" in text_of(page_of(week, "fr")[0])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (math.inf, math.inf, "toujours hors d'atteinte"),
        (500.0, math.inf, "désormais hors d'atteinte"),
        (math.inf, 500.0, "de nouveau à portée"),
        (500.0, 500.4, "déplacée de moins d'un jour"),
        (500.0, 507.94, "+8\u00a0j"),
        (500.0, 500.1, "inchangée"),
    ],
)
def test_the_prudent_date_moves_by_no_more_than_is_known(before, after, said):
    found = change()
    found.total["finish_days"] = Move(after - before, 0.15)
    found.before["finish_days"], found.after["finish_days"] = before, after
    assert _moves(found, "fr").endswith(f"date prudente (P80) {said}, coût prudent (P80) inchangé.")


def test_what_starts_at_midnight_starts_on_the_day_that_begins(weeks):
    week = weeks("nothing_asked")[0]
    start, end = (Coming("A", ends, 7.0, 7.0) for ends in (False, True))
    assert "starts: 12 Jan 2026" in coming_text(week, start, "en").replace(
        "\u00a0", " "
    )  # a Monday
    assert "ends: 11 Jan 2026" in coming_text(week, end, "en").replace("\u00a0", " ")


def test_what_can_start_at_once_is_coming(weeks):
    _, week = weeks("nothing_asked")
    now = (FRIDAYS[1] - week.plan.start).days + 1
    assert [(one.task, one.ends, one.p50) for one in week.coming] == [("B", False, now)]


@pytest.mark.parametrize(("lang", "basis"), [("fr", "HT"), ("en", "excl. VAT")])
def test_no_amount_of_the_week_is_without_its_basis(lang, basis, weeks):
    html, _ = page_of(weeks("only_an_amount")[1], lang)
    heads = re.findall(r"<th[^>]*>([^<]*(?:M€|€M)[^<]*)</th>", html)
    assert len(heads) > 8
    assert all(basis in unescape(head).replace("\u00a0", " ") for head in heads), heads
    week = weeks("only_an_amount")[0]
    (cost,) = (one for one in week.areas if one.name == "cost")
    assert area_cells(cost, week.forecast, lang)[1].replace("\u00a0", " ").endswith(basis)


def area(name, p):
    return Area(name, "amber", "amber", "amber", p, None, 0.7 if name == "both" else 0.2)


@pytest.mark.parametrize(
    ("name", "p", "said"),
    [
        ("both", 0.70, "14 chances"), ("both", 0.69, "13.8 chances"), ("both", 0.71, "14 chances"),
        ("both", 0.699, "13.98 chances"), ("both", 0.39, "7.8 chances"), ("both", 0.5, "10 chances"),
        ("qualification", 0.20, "4 chances"), ("qualification", 0.21, "4.2 chances"),
        ("qualification", 0.19, "4 chances"), ("qualification", 0.51, "10.2 chances"),
    ],
)  # fmt: skip
def test_odds_are_never_rounded_across_the_rule_that_judges_them(name, p, said, weeks):
    shown, _ = area_cells(area(name, p), weeks("only_a_date")[0].forecast, "en")
    assert shown.replace("\u00a0", " ").startswith(f"{said} in 20")


@pytest.mark.parametrize(
    ("day", "weeks_missing", "colour"),
    [("2026-01-11", 0, "green"), ("2026-01-12", 1, "green"), ("2026-01-13", 1, "amber"),
     ("2026-01-26", 3, "amber"), ("2026-01-27", 3, "red")],
)  # fmt: skip
def test_the_age_of_the_data_is_judged_as_the_rule_says(day, weeks_missing, colour, weeks):
    last = DAY(day)
    names = [f"2026-W{last.isocalendar().week - n:02}/tasks.csv" for n in range(weeks_missing)]
    week = weeks("nothing_asked")[0]
    state = State(last, week.plan.status.facts, tuple(names))
    (data,) = (one for one in standings(week.forecast, state, {}) if one.name == "data")
    assert data.computed == colour
    shown, limit = area_cells(data, week.forecast, "en")
    assert (int(shown.split("\u00a0")[0]) <= int(re.search(r"\d+", limit)[0])) == (
        colour == "green"
    )


def test_the_way_from_a_reference_is_that_between_the_dates_shown(weeks, monkeypatch):
    first, second = weeks("only_an_amount")
    earlier = dataclasses.replace(first.own, p80_day=70.9, p80_eur=1e6)
    now = dataclasses.replace(second.own, p80_day=72.1, p80_eur=1.02e6)
    week = dataclasses.replace(second, past=(earlier,), own=now)
    monkeypatch.setattr("hdhplan.page.weekly_annex.references", lambda forecast: {"R0": first.week})
    (said,) = _since_references(week, "en")
    shown = [second.forecast.date_of(x.p80_day) for x in (earlier, now)]
    assert (shown[1] - shown[0]).days == 2
    assert said.replace("\u00a0", " ") == (
        "Since R0 (2026-W02): P80 date +2 d, P80 cost +€0.02M excl. VAT."
    )


def test_a_week_of_a_plan_that_began_on_another_day_keeps_its_dates(weeks):
    first, second = weeks("only_a_date")
    days = first.own.milestones | {"A": (10.0, None)}
    later = dataclasses.replace(
        first.own, milestones=days, start=first.plan.start + dt.timedelta(3)
    )
    week = make_week(second.plan.progress.plain, FRIDAYS[1], (later,), draws=40)
    (past,) = week.past
    assert past.milestones["A"] == (13.0, None)
    assert past.p80_day == later.p80_day + 3
    assert week.past[0].start == week.own.start == week.plan.start
    assert past_of(json.loads(json.dumps(safe(past.data))), "here") == past


@pytest.mark.parametrize(
    ("days", "eur", "said"),
    [
        (math.inf, math.inf, "date out of reach, cost not computable"),
        (-math.inf, -math.inf, "date within reach, cost computable"),
        (math.nan, math.nan, "date as it is, cost as it is"),
        (-3.4, 234_567.0, "3 days earlier, €0.2M more"),
        (0.2, 0.0, "date as it is, cost as it is"),
    ],
)
def test_the_effect_of_a_decision_is_said_even_where_there_is_no_end(days, eur, said):
    moves = {"finish_days": Move(days, 0.05), "cost_eur": Move(eur, 20_000.0)}
    one = Decision("d", "d", "", None, "", FRIDAYS[0], "x=1", moves)
    assert effect_text(one, None, "en").replace("\u00a0", " ") == said


def test_a_risk_that_puts_the_end_out_of_reach_is_endless(weeks):
    effect = dataclasses.replace(
        an_effect("d", math.inf, False), finish_se=math.nan, cost_eur=math.nan, p_both=None
    )
    week = dataclasses.replace(weeks("only_a_date")[0], risks=(Risk(effect, None),))
    plan = week.plan.model_copy(update={"drivers": {"d": SimpleNamespace(ask=None)}})
    week = dataclasses.replace(week, forecast=dataclasses.replace(week.forecast, plan=plan))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", risks_table(week, "fr"))
    assert cells[-5:] == ["sans fin", "–", "–", "–", "–"]


@pytest.mark.parametrize(
    ("given", "said"), [(12.0, "12"), (0.5, "0,5"), (1500, "1\u202f500"), (0.015, "0,015")]
)
def test_an_estimate_is_shown_as_it_was_given(given, said):
    assert _plainly(given, "fr") == said


def test_the_evidence_is_counted_only_where_something_weighs(weeks):
    sure, doubt = (limits_line(weeks(name)[0], "en") for name in ("one_sure_task", "only_a_date"))
    assert "Evidence" not in sure
    assert "of the inputs that weigh most, 2 of 2 of grade D" in doubt


def test_a_week_without_decisions_writes_a_mail_that_says_so(weeks):
    said = letter(weeks("only_a_date")[0], "fr")
    assert said["decisions"] == []
    body = mail("t", said["sentences"], said["decisions"], {}, FRIDAYS[0], "fr").decode()
    assert "Aucune d=C3=A9cision demand=C3=A9e" in body
    assert "\n- " not in body


def test_without_a_fact_there_is_nothing_to_score_against():
    with pytest.raises(InputError, match="no fact yet"):
        score(plan_of(**PLANS["nothing_asked"]), ())


# What people enter


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A week in which people entered nothing but texts that mean harm."""
    folder = tasks_of(tmp_path_factory.mktemp("hostile"), *FACTS)
    text = iter(HOSTILE * 3)
    fields = ("what", "owner", "effect_expected", "effect_seen", "note")
    rows = [
        {"id": f"d{i}", "date": "2026-01-16", "decision": f"D{i}", "state": state}
        | {name: quoted(next(text)) for name in fields}
        for i, state in enumerate(["asked"] * 4 + ["taken", "effect"])
    ]
    write(folder, "decisions", *rows)
    over = {"date": "2026-01-16", "row": "date", "colour": "amber"}
    write(folder, "standings", over | {"by": quoted(next(text)), "reason": quoted(next(text))})
    fixed = {"id": "c", "date": "2026-01-16", "task": "A", "finish": "2026-01-14"}
    fixed |= {"corrects": "tasks-1-2026-01-16", "note": quoted(next(text))}
    write(folder, "tasks", fixed)
    estimate = {
        "date": "2026-01-16",
        "quantity": "tasks.B.work",
        "low": 0.5,
        "likely": 40,
        "high": 60,
    }
    write(folder, "estimates", estimate | {"unit": "d", "reason": quoted(next(text))})
    plan = with_status(plan_of(**PLANS["only_a_date"]), folder)
    return make_week(plan, FRIDAYS[1], draws=200)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_people_enter_is_text_on_the_page(hostile, lang):
    html, result = page_of(hostile, lang)
    assert faults_of(html) == []
    seen = Reader(html)
    assert not {"script", "img", "b", "h1"} & {tag for tag, _ in seen.tags if tag != "h1"}
    assert sum(tag == "h1" for tag, _ in seen.tags) == 1
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", html)
    assert "x" * 201 not in html
    assert "<script>document.title='x'</script>" in unescape(html)
    assert ("0,5 / 40 / 60" if lang == "fr" else "0.5 / 40 / 60") in text_of(html)
    for line in (*result["letter"][lang]["sentences"], *result["letter"][lang]["decisions"]):
        assert not re.search("[\r\n\u202a-\u202e\u2066-\u2069]", line)


def test_what_people_enter_neither_breaks_a_mail_nor_a_table(hostile):
    said = letter(hostile, "fr")
    made = mail("t", said["sentences"], said["decisions"], {}, FRIDAYS[1], "fr")
    assert made.count(b"Subject:") == 1
    assert made.count(b"\n- ") == len(hostile.decisions) == 4
    for row in csv.reader(io.StringIO(archive(hostile.forecast).csv().decode())):
        assert not any(re.match(r"[=@\t\r]|[+-](?!\d)", cell) for cell in row), row


def test_no_event_of_a_kept_forecast_is_a_formula(tmp_path):
    tasks, promise = [{"id": "-A", "work": "9 d"}], {"milestone": "-A", "by": "2026-03-01"}
    kept = archive(simulate(plan_of(tasks=tasks, promises=[promise]), 40))
    rows = list(csv.reader(io.StringIO(kept.csv().decode())))
    assert [row[7] for row in rows if row[0] == "odds.-A"] == ["'-A <= 2026-03-01"]
    assert read_forecast(published(tmp_path, kept) / "forecast.csv") == kept
