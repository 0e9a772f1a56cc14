"""Laws of the memos: sentences true of the numbers, whole sections, harmless text, both languages."""

from __future__ import annotations

import math
import re
from functools import cache
from types import SimpleNamespace

import pytest
from small import file_of
from test_page import HOSTILE, MORE_HOSTILE, Reader, written_each

from hdhplan.figures import all_figures
from hdhplan.links import Links, other_links
from hdhplan.loads import weigh
from hdhplan.page import Page, memo_costs, memo_risk, memo_timeline, memo_transfer, memo_volumes
from hdhplan.paired import Move
from hdhplan.reading import load_plan
from hdhplan.report.rendering import faults_of, render_page
from hdhplan.simulation import simulate
from hdhplan.tests.pages import untold
from hdhplan.volume_readings import read_volumes
from hdhplan.wording.links import first_faster, transfer_sentences
from hdhplan.wording.memos import cost_sentences, gates, path_sentences, working
from hdhplan.wording.volumes import cheaper, earlier, volume_sentences

READ = ("base", "evidence", "stress")


@cache
def worked_out(scenario, draws, read=READ):
    """What the memos of a scenario are made from."""
    forecast = simulate(load_plan(scenario), draws, detail=True)
    readings = read_volumes(scenario, forecast, read)
    return forecast, readings, weigh(forecast.plan, draws), other_links(scenario, forecast)


def sections(scenario, lang="fr", draws=200, read=READ):
    """All sections of all memos of a scenario."""
    forecast, readings, loads, links = worked_out(str(scenario), draws, read)
    found = [memo_volumes.answer(readings, lang), memo_volumes.side_by_side(readings, lang)]
    found += [make(readings.loads, lang) for make in (memo_volumes.inventory, memo_volumes.stays)]
    found += [memo_volumes.claims(forecast.plan, lang)]
    found += [memo_transfer.answer(loads, forecast, links, lang)]
    found += [memo_transfer.copies(loads, forecast, lang)]
    found += [memo_transfer.bottlenecks(forecast, lang)]
    found += [memo_transfer.rates(forecast, links, lang)]
    costs, timeline = memo_costs, memo_timeline
    makers = (costs.answer, costs.by_line, costs.overruns, costs.years, costs.afterwards)
    makers += (timeline.answer, timeline.critical, timeline.gated, timeline.roomy, memo_risk.odds)
    return [*found, *(make(forecast, lang) for make in makers)]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("scenario", ["base", "other_platform"])
def test_every_section_reads_in_every_language(scenario, lang):
    made = sections(scenario, lang)
    html = render_page("memos", lang, [one.html for one in made], {lang: "report.html"})
    seen = Reader(html)
    assert faults_of(html) == []
    assert len(seen.of("caption")) == len(seen.of("table"))
    drawn = {svg["aria-labelledby"].split()[0][:-2] for svg in seen.of("svg") if svg.get("role")}
    charts = all_figures(worked_out(scenario, 200)[0], None, lang).values()
    shown = [chart for chart in charts if chart.key.replace("_", "-") in drawn]
    assert len(shown) == len(drawn) >= 1
    assert untold(html, shown, lang) == []
    for one in made:
        assert len(one.lines) > 1  # a heading, and something to compare
        assert "nan" not in one.html.casefold().replace("finan", "")
    names = re.findall(r'<section id="([\w-]+)"', html)
    assert len(names) == len(set(names)) == len(made) + 1  # the words, explained


@pytest.mark.parametrize(
    "text", [pytest.param("tasks:\n  - {id: a, work: 3 d}\n", id="bare"),
             pytest.param("routes: {l: {rate_gbps: 10}}\ndatasets:\n"
                          "  - {id: x, volume_tb: 9, route: l}\n", id="copy")],
)  # fmt: skip
@pytest.mark.parametrize("draws", [1, 200])
def test_a_plan_that_says_little_has_its_memos(text, draws, tmp_path):
    for one in sections(file_of(tmp_path, text), draws=draws):
        assert len(one.lines) > 1
        assert "nan" not in str(one.html)


@pytest.mark.usefixtures("undrawn")
def test_sixty_hostile_strings_are_only_ever_text(tmp_path):
    for path in written_each(tmp_path, (*HOSTILE, *MORE_HOSTILE)):
        made = sections(str(path), draws=60)
        html = render_page("memos", "fr", [one.html for one in made], {"fr": "report.html"})
        assert faults_of(html) == []
        assert not any(name.startswith("on") for _, attrs in Reader(html).tags for name in attrs)
        assert not set("\u202e\u202c\u200f") & set(html)


def test_a_section_made_elsewhere_is_remembered():
    page = Page(simulate(load_plan("other_platform"), 100, detail=True), lang="en")
    made = page.also(memo_risk.odds(page.forecast, "en"))
    assert repr(made) in page.as_text()
    assert "not a driver" not in page.method().html
    assert page.result(more={"never": math.inf}).data["data"]["more"] == {"never": None}


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (Move(-12.0, 1.0), "12 days earlier"),
        (Move(1.0, 0.1), "1 day later"),
        (Move(1.0, 0.6), "unchanged within error"),
        (Move(math.inf, math.nan), "lost"),
        (Move(-math.inf, math.nan), "reached"),
        (Move(math.nan, math.nan), "still never reached"),
    ],
)
def test_what_becomes_of_a_date(move, said):
    assert earlier(move, "en").replace("\xa0", " ") == said


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (Move(-1.2e6, 1e4), "€1.2M excl. VAT lower"),
        (Move(5e5, 1e4), "€0.5M excl. VAT higher"),
        (Move(5e3, 4e3), "unchanged within error"),
        (Move(math.nan, math.nan), "not computable"),
    ],
)
def test_what_becomes_of_an_amount(move, said):
    assert cheaper(move, "en", "HT").replace("\xa0", " ") == said


def test_volumes_say_what_stays_and_what_another_reading_changes():
    forecast = simulate(load_plan("base"), 500, detail=True)
    said = volume_sentences(read_volumes("base", forecast, READ), "en")
    text = "\n".join(said).replace("\xa0", " ")
    assert "reads “press”" in text
    assert re.search(r"need not move: 5\d\d TB, erased", text)
    assert re.search(r"“Evidence”: prudent date \(P80\) \d+ days earlier, .* lower", text)
    assert re.search(r"“Stress test”: prudent date \(P80\) 9 months later, .* higher", text)


def test_a_faster_link_is_said_to_help_only_where_it_does():
    def other(rate, finish):
        return SimpleNamespace(rate_gbps=rate, finish=finish, cost=Move(0, 0))

    nothing, clear = Move(-1.0, 1.0), Move(-20.0, 1.0)
    links = Links("l", 10, (other(5, Move(30, 1)), other(25, nothing), other(40, clear)))
    assert first_faster(links).rate_gbps == 40
    assert first_faster(Links("l", 40, links.others)) is None
    forecast = simulate(load_plan("other_platform"), 200)
    loads = weigh(forecast.plan, 200)
    bare = transfer_sentences(loads, forecast, None, "en")
    assert bare[-1].startswith("No data goes over a link")


def test_the_path_is_made_of_tasks_that_take_time():
    forecast = simulate(load_plan("base"), 2_000, detail=True)
    tasks = working(forecast)
    parts = [forecast.criticality[k] for k in tasks]
    assert parts == sorted(parts, reverse=True)
    assert not {"left_azure", "A1", "closed"} & set(tasks)
    assert set(gates(forecast)) == {k for k, t in forecast.plan.tasks.items() if t.gate}
    always, idle, gate = path_sentences(forecast, "en")
    assert "Always on the path: Wave 4" in always
    never = sum(forecast.criticality[k] == 0 for k in tasks)
    assert f"{never} are on the path in no draw" in idle
    top = gates(forecast)[0]
    assert forecast.plan.tasks[top].name.en in gate


def test_the_largest_line_is_that_of_the_largest_mean():
    forecast = simulate(load_plan("base"), 2_000, detail=True)
    cost, largest, after = cost_sentences(forecast, "en")
    assert "€20.0M" in cost
    assert largest.startswith("The largest line: technical migration, 6")
    month = forecast.quantile("steady_month_eur", 0.5)
    assert f"€{12 * month / 1e6:.1f}M" in after
