"""PDFs: as the page, the same each time, or a sentence that says what is missing."""

from __future__ import annotations

import json
import re

import pytest

from hdhplan import report as reporting
from hdhplan.cli import STALE, main
from hdhplan.report import make_report
from hdhplan.report.notebook import RunError
from hdhplan.report.printing import print_pages, why_no_pdf
from hdhplan.report.publish import ReportError
from hdhplan.tests.pages import shipped
from hdhplan.tests.test_page import written

printing = pytest.importorskip("hdhplan.report.printing")
here = pytest.mark.skipif(bool(why_no_pdf()), reason="needs a Chromium and playwright")


@pytest.fixture
def nowhere(monkeypatch):
    monkeypatch.setattr(printing, "chromium", lambda: None)


def test_without_a_browser_nothing_runs_and_it_is_said_what_to_do(nowhere, tmp_path, capsys):
    asked = [
        "report",
        str(written(tmp_path)),
        "--pdf",
        "--draws",
        "200",
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(asked) == STALE
    said = capsys.readouterr()
    assert said.out == ""
    assert "install a Chromium" in said.err
    assert "print report.html from your browser" in said.err
    assert not (tmp_path / "o").exists()


def test_the_doctor_tells_it(nowhere, capsys):
    main(["doctor", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["data"]["pdf"] is False
    assert any("Chromium" in warning for warning in said["warnings"])


@here
@pytest.mark.browser
@pytest.mark.slow
def test_the_same_page_gives_the_same_pdf_with_tags_numbers_and_no_clock(tmp_path):
    html = tmp_path / "report.html"
    html.write_text(shipped("other_platform", "fr"), encoding="utf-8")
    sheets = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for sheet in sheets:
        assert re.match(r"\d+\.", print_pages({html: sheet}, "2026-11-20"))
    first, second = (sheet.read_bytes() for sheet in sheets)
    assert first == second
    assert first.startswith(b"%PDF-")
    assert b"/Marked true" in first
    assert b"/StructTreeRoot" in first
    assert b"/Outlines" in first
    assert b"/Lang (fr" in first
    days = re.findall(rb"/(?:CreationDate|ModDate) \(D:(\d{14})", first)
    assert set(days) == {b"20261120000000"}
    assert str(tmp_path).encode() not in first
    assert b"file:" not in first


@here
@pytest.mark.browser
@pytest.mark.slow
def test_a_pdf_is_published_with_its_page_or_not_at_all(tmp_path, monkeypatch):
    plan, out = written(tmp_path), tmp_path / "out"
    folder = make_report(plan, ("fr", "en"), draws=200, out=out, pdf=True)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {"report.pdf", "report.en.pdf"} <= set(manifest["outputs"])
    assert manifest["versions"]["chromium"]
    index = (out / "index.html").read_text("utf-8")
    assert 'href="small/report.pdf"' in index
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fails(pages, as_of):
        raise RunError("Chromium did not print the page: crashed")

    monkeypatch.setattr(reporting, "print_pages", fails)
    with pytest.raises(ReportError, match="did not print"):
        make_report(plan, draws=200, out=out, pdf=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
