"""A week: one page that answers six questions, in order, once, from that week's facts."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from functools import cache
from pathlib import Path

import pytest

from hdhplan.errors import InputError
from hdhplan.facts import data_folder
from hdhplan.gathered import this_week
from hdhplan.page.weekly import WeeklyPage
from hdhplan.past import past_of, read_past, recorded
from hdhplan.reading import load_plan
from hdhplan.report.weeks import Routine, _due, make_weeks
from hdhplan.result import safe
from hdhplan.weekly import Week, make_week
from hdhplan.wording.formats import NARROW, NBSP
from hdhplan.wording.standing import SHAPES, WORDS, rules
from hdhplan.wording.weekly import ANSWERS, answers, effect_text, three_sentences

pytestmark = pytest.mark.usefixtures("undrawn")

EXAMPLE = data_folder() / "status" / "example"
FIRST, SECOND, LAST = dt.date(2026, 9, 4), dt.date(2026, 9, 11), dt.date(2026, 11, 20)
DRAWS = 600


@cache
def _plan(until: dt.date = LAST):
    return load_plan("base", status=EXAMPLE, until=until)


@cache
def _week(day: dt.date) -> Week:
    past = () if day == FIRST else (_week(FIRST).own,)
    vary = lambda setting: load_plan("base", [setting])  # noqa: E731
    return make_week(_plan(day), day, past, vary=vary, draws=DRAWS)


def _publish(week: Week, reports: Path) -> None:
    """Put the result of a week where it is read back from."""
    folder = reports / f"example-{week.week}"
    folder.mkdir(parents=True)
    text = json.dumps({"data": safe(week.data)})
    (folder / "result.json").write_text(text, encoding="utf-8")
    made_from = json.dumps({"inputs": _plan(week.day).origin.inputs})
    (folder / "manifest.json").write_text(made_from, encoding="utf-8")


def _plain(text: str) -> str:
    return " ".join(text.replace(NBSP, " ").replace(NARROW, " ").split())


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("day", [FIRST, LAST])
def test_page_one_gives_the_six_answers(day: dt.date, lang: str):
    week = _week(day)
    said, page = answers(week, lang), _plain(repr(WeeklyPage(week, lang).sheet()))
    assert tuple(said) == ANSWERS
    for text in said.values():
        assert _plain(text).rstrip(".").lower() in page.lower()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_three_sentences_say_the_odds_of_the_forecast(lang: str):
    week = _week(LAST)
    first, second, third = three_sentences(week, lang)
    assert first.count("chance") == 3
    assert second.startswith("Since week 36" if lang == "en" else "Depuis la semaine 36")
    assert third.endswith(".")


def test_result_holds_every_number_and_both_languages_agree():
    pages = [WeeklyPage(_week(LAST), lang) for lang in ("fr", "en")]
    results = [page.result().data for page in pages]
    assert results[0] == results[1]
    data = results[0]["data"]
    assert data["week"]["week"] == "2026-W47"
    assert set(results[0]["answers"]["fr"]) == set(ANSWERS)
    assert results[0]["title"]["fr"].endswith("(illustratif)")
    assert results[0]["title"]["en"].endswith("(illustrative)")
    json.dumps(data, allow_nan=False)


def test_a_week_read_back_is_the_week_that_was_published(tmp_path: Path):
    _publish(_week(FIRST), tmp_path)
    (kept,) = read_past(tmp_path, EXAMPLE, "2026-W37")
    wanted = past_of(safe(_week(FIRST).own.data), "here")
    assert kept == wanted
    assert read_past(tmp_path, EXAMPLE, "2026-W36") == ()


def test_a_week_whose_folder_is_gone_is_told_by_the_next(tmp_path: Path):
    second = this_second(tmp_path)
    shutil.rmtree(tmp_path / "example-2026-W36")
    _publish(second, tmp_path)
    (kept,) = read_past(tmp_path, EXAMPLE, "2026-W37")
    assert kept == past_of(safe(_week(FIRST).own.data), "here")


def this_second(reports: Path) -> Week:
    """The second week, made from the first as it was published."""
    _publish(_week(FIRST), reports)
    return this_week("base", EXAMPLE, SECOND, reports, DRAWS)


def test_the_second_week_counts_from_the_first(tmp_path: Path):
    second = this_second(tmp_path)
    assert [kept.week for kept in second.past] == ["2026-W36"]
    assert second.moved is not None
    assert second.moved.days == (FIRST, SECOND)
    # The same code on the same inputs: no row for a change of method.
    assert second.moved.row("model") is None or all(
        abs(move.value) < 1e-6 for move in second.moved.row("model").moves.values()
    )


def test_a_damaged_week_is_refused_by_name(tmp_path: Path):
    _publish(_week(FIRST), tmp_path)
    path = tmp_path / "example-2026-W36" / "result.json"
    path.write_text(path.read_text(encoding="utf-8")[:1000], encoding="utf-8")
    with pytest.raises(InputError, match=r"example-2026-W36/result\.json"):
        read_past(tmp_path, EXAMPLE, "2026-W37")


def test_facts_of_a_published_week_cannot_be_rewritten(tmp_path: Path):
    """Refused before anything runs, whatever the notebook would do."""
    _publish(_week(FIRST), tmp_path / "reports")
    status = tmp_path / "example"
    shutil.copytree(EXAMPLE, status)
    tasks = status / "2026-W36" / "tasks.csv"
    lines = tasks.read_text(encoding="utf-8").splitlines(keepends=True)
    tasks.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    with pytest.raises(InputError, match=lines[1].split(",")[0]):
        make_weeks(Routine("base", status, out=tmp_path / "reports"), SECOND)
    assert sorted(p.name for p in (tmp_path / "reports").iterdir() if p.is_dir()) == [
        "example-2026-W36"
    ]


def test_only_the_last_week_keeps_what_the_next_counts_from():
    first, last = _week(FIRST).own, _week(LAST).own
    rows = recorded([first, last])
    assert rows[0]["counted"] is None
    assert rows[1]["counted"] == last.counted


def test_later_weeks_change_nothing_of_an_earlier_one():
    whole = make_week(_plan(LAST), FIRST, draws=DRAWS)
    assert safe(whole.own.data) == safe(_week(FIRST).own.data)


def test_a_decision_is_weighed_by_the_model():
    decisions = {one.id: one for one in _week(LAST).decisions}
    assert decisions
    weighed = [one for one in decisions.values() if one.setting]
    assert weighed
    for one in weighed:
        assert set(one.moves) == {"finish_days", "cost_eur", "p_both"}
        assert effect_text(one, "HT", "fr")
    taken = {"pilot_copy"}  # asked in W43, taken in W45
    assert not taken & decisions.keys()


def test_a_setting_that_makes_no_plan_is_said_not_dropped():
    def vary(setting: str):
        raise InputError(load_fault(setting))

    week = make_week(_plan(LAST), LAST, vary=vary, draws=DRAWS)
    refused = [one for one in week.decisions if one.setting]
    assert all(one.refused and not one.moves for one in refused)
    text = effect_text(refused[0], "HT", "en")
    assert text == "not computable: setting refused"


def load_fault(setting: str):
    """The fault of a setting that names nothing."""
    with pytest.raises(InputError) as raised:
        load_plan("base", [f"nothing.{setting}"])
    return raised.value.faults


def test_risks_are_open_ones_that_cost_chances():
    week = _week(LAST)
    progress = week.forecast.progress
    for risk in week.risks:
        assert risk.effect.id not in progress.closed | progress.occurred
        assert 0 < risk.effect.p < 1
        assert risk.effect.p_both > 0
    assert len(week.risks) <= 5


def test_what_comes_is_within_two_weeks():
    week = _week(LAST)
    now = (LAST - week.plan.start).days + 1
    assert all(now < one.p50 <= now + 14 and one.p50 <= one.p80 for one in week.coming)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_area_has_its_rule_and_every_status_a_shape_and_a_word(lang: str):
    assert len(rules(_plan(), lang)) == len(_week(LAST).areas)
    assert len(set(SHAPES.values())) == len(SHAPES) == len(WORDS)
    html = str(WeeklyPage(_week(LAST), lang).sheet().html)
    for area in _week(LAST).areas:
        assert SHAPES[area.shown] in html


def test_missed_weeks_come_first_and_published_ones_stay(tmp_path: Path):
    said: list[str] = []
    routine = Routine("base", EXAMPLE, out=tmp_path, say=said.append)
    due = [str(day) for day in _due(routine, _plan(SECOND), "2026-W36", SECOND, False)]
    assert due == ["2026-09-04", "2026-09-11"]
    _publish(_week(FIRST), tmp_path)
    assert [str(d) for d in _due(routine, _plan(SECOND), "2026-W36", SECOND, False)] == [
        "2026-09-11"
    ]
    assert list(_due(routine, _plan(FIRST), "2026-W36", FIRST, False)) == []
    assert "published already: it stays. --force" in said[-1]
    assert list(_due(routine, _plan(FIRST), "2026-W36", FIRST, True)) == [FIRST]


def test_a_day_before_the_first_fact_is_refused(tmp_path: Path):
    routine = Routine("base", EXAMPLE, out=tmp_path)
    early = dt.date(2026, 8, 1)
    with pytest.raises(InputError, match="nothing known by 2026-08-01"):
        make_weeks(routine, early)
