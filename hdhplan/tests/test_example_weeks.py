"""The twelve illustrative weeks: what changes on a page is what changed in the facts, on one sheet."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hdhplan.facts import data_folder
from hdhplan.page.weekly import WeeklyPage
from hdhplan.reading import load_plan
from hdhplan.report.printing import print_pages, why_no_pdf
from hdhplan.report.rendering import render
from hdhplan.result import safe
from hdhplan.status import StatusFact, monday, week_of
from hdhplan.weekly import Week, make_week
from hdhplan.wording.formats import NARROW, NBSP
from hdhplan.wording.weekly import ANSWERS, answers

pytestmark = pytest.mark.slow

EXAMPLE = data_folder() / "status" / "example"
WEEKS = [f"2026-W{n}" for n in range(36, 48)]
DRAWS = 500


def _says(kind: str, *fields: str, **given: str) -> Callable[[StatusFact], bool]:
    """Whether a fact is of a kind, fills one of some fields, and says some words."""

    def holds(fact: StatusFact) -> bool:
        filled = not fields or any(field in fact.given for field in fields)
        return (
            fact.kind == kind and filled and all(fact.given.get(k) == v for k, v in given.items())
        )

    return holds


#: Keys of a result, and the facts of a week without which they stay as they were.
KEYS: dict[str, Callable[[StatusFact], bool]] = {
    "status.done": _says("tasks", "finish"),
    "status.running": _says("tasks"),
    "status.landed": _says("datasets", "landed_tb", "verified_tb"),
    "status.committed_eur": _says("invoices", "committed_eur"),
    "status.paid_eur": _says("invoices", "paid_eur"),
    "status.closed": _says("risks", state="closed"),
    "status.occurred": _says("risks", state="occurred"),
    "status.estimates": _says("estimates"),
    "decisions": _says("decisions", "state"),
}
#: What moves every week, with the data date.
ALWAYS = ("week.week", "week.day", "quantiles.finish_day", "quantiles.cost_eur", "status.as_of")


@pytest.fixture(scope="module")
def weeks() -> list[Week]:
    """Every week, each from the ones before it as they were published."""
    made: list[Week] = []
    for name in WEEKS:
        day = monday(name) + dt.timedelta(4)
        plan = load_plan("base", status=EXAMPLE, until=day)
        past = tuple(week.own for week in made)
        made.append(make_week(plan, day, past, vary=_vary, draws=DRAWS))
    return made


def _vary(setting: str):
    return load_plan("base", [setting])


@pytest.fixture(scope="module")
def results(weeks: list[Week]) -> list[dict[str, Any]]:
    """The result of each week, as a file holds it."""
    return [json.loads(json.dumps(safe(WeeklyPage(week).result().data))) for week in weeks]


def _at(data: dict[str, Any], path: str) -> Any:
    for step in path.split("."):
        data = data[step]
    return data


def _new(week: Week) -> list[StatusFact]:
    return [f for f in week.forecast.progress.state.facts if week_of(f.date) == week.week]


def test_twelve_dated_weeks_that_count_from_one_another(weeks: list[Week]):
    assert [week.week for week in weeks] == WEEKS
    assert [len(week.past) for week in weeks] == list(range(12))
    assert weeks[0].moved is None
    assert all(week.moved.days[0] == week.past[-1].day for week in weeks[1:])


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_the_result_changes_where_its_facts_did_and_nowhere_else(
    key: str, weeks: list[Week], results: list[dict]
):
    for i in range(1, len(weeks)):
        changed = _at(results[i]["data"], key) != _at(results[i - 1]["data"], key)
        facts = [f.id for f in _new(weeks[i]) if KEYS[key](f)]
        if key == "decisions" and changed and not facts:
            # What a decision would change moves with the forecast; what is asked does not.
            before, after = (set(_at(r["data"], key)) for r in (results[i - 1], results[i]))
            assert before == after
        elif key == "status.running":
            assert facts or not changed, weeks[i].week
        else:
            assert changed == bool(facts), (weeks[i].week, facts)


@pytest.mark.parametrize("key", ALWAYS)
def test_what_goes_with_the_date_changes_every_week(key: str, results: list[dict]):
    values = [json.dumps(_at(result["data"], key)) for result in results]
    assert all(a != b for a, b in pairwise(values))


def test_the_residual_is_at_most_a_tenth_in_nine_of_eleven(weeks: list[Week]):
    small = 0
    for week in weeks[1:]:
        moved = week.moved
        left, total = moved.residual["finish_days"].value, moved.total["finish_days"].value
        small += abs(left) <= 0.1 * abs(total) or abs(left) < 0.05
    assert small >= 9


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_page_answers_and_says_that_it_is_made_up(
    lang: str, weeks: list[Week], results: list[dict], undrawn: None
):
    word = {"fr": "illustratif", "en": "illustrative"}[lang]
    for week, result in zip(weeks, results, strict=True):
        page = WeeklyPage(week, lang)
        text = _plain(re.sub(r"<[^>]*>", " ", str(page.sheet().html)))
        for key in ANSWERS:
            answer = _plain(result["answers"][lang][key]).rstrip(".")
            assert answer == _plain(answers(week, lang)[key]).rstrip(".")
            assert _letters(answer) in _letters(text), (week.week, key)
        assert word in result["title"][lang]
        assert word in text.lower()


def _plain(text: str) -> str:
    return " ".join(unescape(text).replace(NBSP, " ").replace(NARROW, " ").split())


def _letters(text: str) -> str:
    """Letters and numbers alone: marks of punctuation take other spaces on a page."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


@pytest.mark.browser
@pytest.mark.skipif(bool(why_no_pdf()), reason="needs a Chromium and playwright")
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_page_one_of_every_week_is_exactly_one_sheet(lang: str, weeks: list[Week], tmp_path: Path):
    sheets = {}
    for week in weeks:
        page = WeeklyPage(week, lang)
        title = page.result().data["title"][lang]
        made = render(
            "report.html.j2", title=title, lang=lang, sections=[page.sheet().html], beside=0,
            contents=[], others=[("en", "English", "report.en.html")], terms=[],
        )  # fmt: skip
        html = tmp_path / f"{week.week}.html"
        html.write_text(made, encoding="utf-8")
        sheets[html] = html.with_suffix(".pdf")
    print_pages(sheets, "2026-11-20")
    pages = {
        pdf.stem: len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) for pdf in sheets.values()
    }
    assert {name: n for name, n in pages.items() if n != 1} == {}
