"""A memo as a page: its own question, in the template of a report, beside the report and not over it."""

from __future__ import annotations

import json

import pytest
from test_page import written

from hdhplan import report as reporting
from hdhplan.cli import main
from hdhplan.page import Page, memo_costs
from hdhplan.reading import load_plan
from hdhplan.report.memos import MEMOS
from hdhplan.report.notebook import question
from hdhplan.report.rendering import faults_of
from hdhplan.simulation import simulate


def test_every_memo_asks_in_both_languages():
    import nbformat

    for path in MEMOS.values():
        asked = question(nbformat.read(path, as_version=4))
        assert all(text.endswith("?") for text in asked)
        assert asked[0] != asked[1]


def test_a_memo_is_published_beside_the_report(tmp_path, capsys):
    plan = str(written(tmp_path, "<b>plain & words"))
    argv = ["report", plan, "--memo", "costs", "--draws", "100", "--out", str(tmp_path / "out")]
    assert main(argv) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("small-costs/report.html")
    folder = tmp_path / "out" / "small-costs"
    html = (folder / "report.html").read_text("utf-8")
    assert faults_of(html) == []
    assert "<h1>Où vont les 20\xa0M€\u202f? · &lt;b&gt;plain &amp; words</h1>" in html
    assert html.index('class="banner"') < html.index("<li>")
    assert 'class="pair"' not in html
    title = json.loads((folder / "result.json").read_text("utf-8"))["title"]
    assert title["en"].startswith("Where do the €20M go? · ")
    assert 'href="small-costs/report.html"' in (tmp_path / "out/index.html").read_text("utf-8")


def test_an_unknown_memo_is_refused_with_the_nearest_before_anything_runs(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(reporting, "_run", lambda *_: pytest.fail("it ran"))
    assert main(["report", "--memo", "cost", "--out", str(tmp_path / "out")]) == 3
    assert "Did you mean costs?" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_only_the_first_section_says_what_is_not_real(tmp_path):
    forecast = simulate(load_plan(written(tmp_path)), 100, detail=True)
    page = Page(forecast, lang="en")
    first, second = (
        page.also(make(forecast, "en")) for make in (memo_costs.answer, memo_costs.years)
    )
    assert "banner" in first.html
    assert "banner" not in second.html
