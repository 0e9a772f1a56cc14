"""Laws of the page of a comparison: the three answers stand in it, and nothing in it does harm."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path

import nbformat
import pytest

from hdhplan import report as reporting
from hdhplan.cli import main
from hdhplan.comparison import compare
from hdhplan.errors import InputError
from hdhplan.figures.versus import bridge, costs, dates
from hdhplan.page.versus import COMPARE_SCHEMA, ComparisonPage
from hdhplan.page.versus_moves import inputs_table
from hdhplan.reading import load_plan
from hdhplan.report import COMPARING, make_comparison, make_report
from hdhplan.report.notebook import as_bytes, check_parameters, home
from hdhplan.report.printing import why_no_pdf
from hdhplan.report.rendering import faults_of, render_page
from hdhplan.tests.pages import lines_of, untold
from hdhplan.tests.test_page import HOSTILE, Reader
from hdhplan.wording.captions import ALT_LIMIT
from hdhplan.wording.labels import typeset

DRAWS = 400
SECTIONS = ("answer", "charts", "differs", "why", "wins", "learn", "lever", "method")
REFERENCE = """schema: hdhplan.plan/1
name: REF
title: {fr: TITLE, en: TITLE}
start: 2026-01-05
judgement: a test
target: {milestone: done, finish: 2026-03-27, cost_eur: 90_000, vat: HT}
resources: {crew: 1}
tasks:
  - {id: A, name: TEXT, work: 10/20/40 d, uses: {crew: 1}}
  - {id: B, name: TEXT, work: 20/30/60 d, after: [A], uses: {crew: 1}}
  - {id: permit, work: 50/55/60 d}
  - {id: done, after: [B, permit]}
drivers:
  - {id: late, name: TEXT, p: 0.3, delay: 20/30/40 d, on: [permit]}
  - {id: pace, name: TEXT, factor: 0.8/1.0/1.3, on: [A, B]}
rates:
  - {id: crew, name: TEXT, amount_eur: 900/1_000/1_100, per: d, on: [A, B]}
"""
VARIANT = """extends: reference.yaml
name: VAR
title: {fr: OTHER, en: OTHER}
tasks: [{id: B, work: WORK d}]
rates: [{id: crew, amount_eur: {low: 1_500, likely: 1_600, high: 1_700}}]
"""


def written(folder: Path, text: str = "plain", work: str = "10/15/30") -> list[str]:
    """Write a plan and a variant of it, with a text in every free field."""
    words = {"TITLE": text, "TEXT": text, "OTHER": f"{text} 2", "REF": "ref", "VAR": "var"}
    paths = []
    for name, plan in (("reference", REFERENCE), ("variant", VARIANT)):
        for key, value in words.items():
            plan = plan.replace(key, json.dumps(value, ensure_ascii=False))
        path = folder / f"{name}.yaml"
        path.write_text(plan.replace("WORK", work), encoding="utf-8")
        paths.append(str(path))
    return paths


def made(paths, lang: str = "fr", draws: int = DRAWS) -> ComparisonPage:
    return ComparisonPage(compare([load_plan(path) for path in paths], draws), lang)


def whole(page: ComparisonPage) -> str:
    sections = [getattr(page, name)()._repr_html_() for name in SECTIONS]
    title = page.result().data["title"][page.lang]
    return render_page(title, page.lang, sections, {"fr": "report.html", "en": "report.en.html"})


def text_of(html: str) -> str:
    return "".join(Reader(html).text)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return written(tmp_path_factory.mktemp("plans"))


@pytest.fixture(scope="module")
def pages(paths):
    return {lang: made(paths, lang) for lang in ("fr", "en")}


# The page


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_page_is_made_for_every_reader(pages, lang):
    html = whole(pages[lang])
    seen = Reader(html)
    assert faults_of(html) == []
    assert len(seen.of("h2")) == len(SECTIONS) + 1  # and the glossary
    assert len(seen.of("caption")) == len(seen.of("table")) >= 8
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    drawings = [svg for svg in seen.of("svg") if svg.get("role") == "img"]
    assert len(drawings) == len(seen.of("figure")) == 3


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_three_answers_stand_verbatim_first_and_in_the_result(pages, lang):
    page = pages[lang]
    text, answers = text_of(whole(page)), page.result().data["data"]["answers"][lang]
    assert list(answers) == ["choose", "gives_up", "changes"]
    places = [text.index(answer) for answer in answers.values()]
    assert places == sorted(places)
    assert places[-1] < text.index({"fr": "Ce que donne", "en": "What each"}[lang])


def test_an_input_that_changes_changes_the_answers(pages, tmp_path):
    slower = made(written(tmp_path, work="30/60/90"))
    was, now = (page.answers["fr"] for page in (pages["fr"], slower))
    assert was["choose"] != now["choose"]
    assert now["choose"] in text_of(whole(slower))
    assert was["choose"] not in text_of(whole(slower))


def test_both_languages_carry_the_same_numbers_and_other_words(pages):
    french, english = (pages[lang].result().data for lang in ("fr", "en"))
    assert french == english
    assert french["schema"] == COMPARE_SCHEMA == reporting.COMPARE_SCHEMA
    json.dumps(french, allow_nan=False)
    assert whole(pages["fr"]) != whole(pages["en"])


def test_every_percentile_has_its_error_and_marks_are_words(pages):
    html = pages["en"].answer()._repr_html_()
    assert html.count("±") >= 2 * 9
    assert "★ best" in html
    assert "chosen" in html


def test_the_chosen_one_is_never_dominated(pages):
    page = pages["en"]
    assert page.choice.scenario not in page.comparison.dominated
    assert len(page.invariants()) >= 4


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.usefixtures("undrawn")
def test_text_from_data_is_only_ever_text(text, tmp_path):
    page = made(written(tmp_path, text), draws=100)
    html = whole(page)
    seen = Reader(html)
    assert faults_of(html) == []
    assert not seen.of("script") + seen.of("img")
    assert not any(name.startswith("on") for _, attrs in seen.tags for name in attrs)
    assert not set("\u202e\u202c\u200f") & set(html)
    assert all(typeset(answer) in text_of(html) for answer in page.answers["fr"].values())


def test_a_plan_alone_or_twice_has_a_page(paths):
    for some in (paths[:1], [paths[0]] * 2):
        page = made(some, "en", 100)
        assert faults_of(whole(page)) == []
        assert page.choice.scenario is None


def test_what_has_no_common_basis_is_said_and_not_drawn(tmp_path):
    paths = written(tmp_path)
    other = Path(paths[1])
    other.write_text(other.read_text("utf-8") + "target: {vat: TTC}\n", encoding="utf-8")
    page = made(paths, "en", 100)
    html = whole(page)
    assert faults_of(html) == []
    assert "VAT" in page.answer()._repr_html_()
    assert costs(page.comparison, page.order, "en") is None


def test_what_may_never_end_has_a_page(tmp_path):
    paths = written(tmp_path)
    other = Path(paths[1])
    never = (
        "routes: {link: {rate_gbps: 1, usable_share: 0.3/0.5/0.8}}\n"
        "datasets: [{id: d, volume_tb: 40/50/70, route: link, rewritten_tb_per_day: 5, wave: w1}]\n"
        "waves: [{id: w1, projects: 10, cutover: {work: 1/2/4 d}}]\n"
    )
    text = other.read_text("utf-8").replace("work: 10/15/30 d", "after: [w1.cutover]")
    other.write_text(text + never, encoding="utf-8")
    page = made(paths, "en", 200)
    assert 0 < page.comparison.rows[1].never <= 1
    assert faults_of(whole(page)) == []
    json.dumps(page.result().data, allow_nan=False)


@pytest.fixture(scope="module")
def staying():
    """The page of three shipped scenarios, of which one never ends."""
    return made(["base", "zero_interruption", "stay_on_azure"], "en", 200)


def test_no_mark_contradicts_the_answers(staying):
    """What never ends costs little: it is marked nowhere, as no answer names it."""
    page = staying
    assert page.comparison.rows[2].never == 1
    html = page.answer()._repr_html_()
    row = next(row for row in html.split("</tr>") if "stay_on_azure" in row and "<td" in row)
    assert "★" not in row
    assert "marked nowhere" in html
    title = costs(page.comparison, page.order, "en").title
    assert "Stay on Azure" not in title
    assert title.startswith("Of the decisions that end")


# The charts


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_chart_is_told_in_words_and_numbers(pages, lang):
    page = pages[lang]
    drawn = [make(page.comparison, page.order, lang) for make in (dates, costs)]
    drawn.append(bridge(page.comparison, page.bridge, page.ends, lang))
    for figure in drawn:
        assert 20 < len(figure.alt) <= ALT_LIMIT
        assert figure.title
        assert figure.lecture
        assert all(len(row) == len(figure.columns) for row in figure.rows)
    assert [len(figure.rows) for figure in drawn[:2]] == [2, 2]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_without_its_drawings_a_page_still_answers(pages, lang):
    page, html = pages[lang], whole(pages[lang])
    charts = [make(page.comparison, page.order, lang) for make in (dates, costs)]
    charts.append(bridge(page.comparison, page.bridge, page.ends, lang))
    assert untold(html, charts, lang) == []
    told = "\n".join(" ".join(line.split()) for line in lines_of(html, drawings=False))
    for answer in page.answers[lang].values():
        said = typeset(answer) if lang == "fr" else answer
        assert " ".join(said.split()) in told


def test_a_bridge_leads_from_one_end_to_the_other(pages):
    made_of = pages["fr"].bridge
    for measure, total in made_of.total.items():
        parts = sum(s.moves[measure].value for s in made_of.shares)
        assert parts + made_of.residual[measure].value == pytest.approx(total.value)


# The notebook and its publication


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """One real page in both languages, of hostile plans, and the notebooks that made it."""
    hostile = " ".join(text for text in HOSTILE if len(text) < 60)[:300]
    paths = written(tmp_path_factory.mktemp("hostile"), hostile)
    plans = [load_plan(path) for path in paths]
    nodes, real = {}, reporting._run

    def run(notebook, folder, asked, lang, say):
        node = real(notebook, folder, asked, lang, say)
        nodes[lang] = copy.deepcopy(node)
        return node

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "_run", run)
        out = tmp_path_factory.mktemp("out")
        folder = make_comparison(paths, plans, ("fr", "en"), DRAWS, out=out)
    return paths, folder, nodes


def test_a_comparison_is_a_folder_of_whole_files(published):
    _, folder, _ = published
    assert folder.name == "compare-reference-variant"
    assert {path.name for path in folder.iterdir()} == {
        "report.html", "report.en.html", "report.ipynb", "report.en.ipynb", "result.json",
        "manifest.json",
    }  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["scenarios"] == ["ref", "var"]
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    index = (folder.parent / "index.html").read_text("utf-8")
    assert f'href="{folder.name}/report.en.html"' in index
    assert faults_of(index) == []


def test_the_answers_of_the_result_stand_in_the_published_pages(published):
    _, folder, _ = published
    answers = json.loads((folder / "result.json").read_text("utf-8"))["data"]["answers"]
    for lang, name in (("fr", "report.html"), ("en", "report.en.html")):
        html = (folder / name).read_text("utf-8")
        assert faults_of(html) == []
        assert all(answer in text_of(html) for answer in answers[lang].values())


def test_one_input_that_changes_changes_each_published_answer(published, tmp_path):
    """What `compare` publishes is read back from its files, before and after one input changes."""
    paths, folder, _ = published
    change = ["tasks.A.work=40 d"]
    plans = [load_plan(path, change) for path in paths]
    other = make_comparison(paths, plans, ("fr",), DRAWS, overrides=change, out=tmp_path)
    read = [json.loads((made / "result.json").read_text("utf-8")) for made in (folder, other)]
    was, now = (result["data"]["answers"] for result in read)
    assert read[1]["meta"]["overrides"] == [change, change]
    before, after = (text_of((made / "report.html").read_text("utf-8")) for made in (folder, other))
    for key in ("choose", "gives_up", "changes"):
        assert was["en"][key] != now["en"][key], key
        assert was["fr"][key] != now["fr"][key], key
        assert was["fr"][key] in before
        assert was["fr"][key] not in after
        assert now["fr"][key] in after


def test_nothing_tells_of_the_machine(published):
    paths, folder, _ = published
    for path in folder.iterdir():
        text = path.read_text("utf-8")
        for leak in (str(Path(paths[0]).parent), str(home())):
            assert leak not in text, (path.name, leak)
    node = nbformat.read(folder / "report.ipynb", as_version=4)
    assert not any(c.cell_type == "markdown" and "script" in c.source for c in node.cells)


def _kept(nodes):
    def run(notebook, folder, asked, lang, say):
        (folder / "run.ipynb").write_bytes(as_bytes(nodes[lang]))
        return copy.deepcopy(nodes[lang])

    return run


def test_the_command_publishes_and_prints_the_answers(published, tmp_path, monkeypatch, capsys):
    paths, _, nodes = published
    monkeypatch.setattr(reporting, "_run", _kept(nodes))
    argv = ["compare", *paths, "--page", "--out", str(tmp_path), "--lang", "en", "--draws", "400"]
    assert main(argv) == 0
    said = capsys.readouterr().out.strip().splitlines()
    assert len(said) == 4
    assert Path(said[-1]).is_file()
    assert main([*argv, "--lang", "fr"]) == 0
    both = capsys.readouterr().out.strip().splitlines()
    assert both[:3] == said[:3]
    assert len(both) == 7
    folder = Path(both[-1]).parent
    assert 'lang="en"' in (folder / "report.html").read_text("utf-8")
    assert 'lang="fr"' in (folder / "report.fr.html").read_text("utf-8")
    assert main([*argv, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["schema"] == COMPARE_SCHEMA
    assert set(shown["data"]["result"]["answers"]) == {"fr", "en"}


@pytest.mark.parametrize("more", [["--pdf"], ["--out", "x"], ["--lang", "fr", "--lang", "en"]])
def test_what_only_a_page_has_is_not_asked_of_a_terminal(more, paths, capsys):
    assert main(["compare", *paths, *more]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--page" in said.err


def test_without_a_browser_no_pdf_is_begun(paths, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("hdhplan.report.printing.chromium", lambda: None)
    assert main(["compare", *paths, "--page", "--pdf", "--out", str(tmp_path)]) == 5
    said = capsys.readouterr()
    assert said.out == ""
    assert "install a Chromium" in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(bool(why_no_pdf()), reason="needs a Chromium and playwright")
def test_a_comparison_is_printed_in_both_languages(published, tmp_path, monkeypatch):
    paths, _, nodes = published
    monkeypatch.setattr(reporting, "_run", _kept(nodes))
    argv = ["compare", *paths, "--page", "--pdf", "--out", str(tmp_path), "--draws", "400"]
    assert main([*argv, "--lang", "fr", "--lang", "en"]) == 0
    [folder] = (path for path in tmp_path.iterdir() if path.is_dir())
    assert {"report.pdf", "report.en.pdf"} <= {path.name for path in folder.iterdir()}
    index = (tmp_path / "index.html").read_text("utf-8")
    assert f'href="{folder.name}/report.en.pdf"' in index


def test_inputs_that_differ_say_whose_value_is_whose(paths):
    two = inputs_table(made(paths, "en").comparison, "en")
    assert '<th scope="col">var</th>' in two
    three = compare([load_plan(paths[i]) for i in (0, 1, 0)], 100)
    rows = inputs_table(three, "en").split("<tr>")
    [row] = (row for row in rows if "tasks.B.work" in row)
    assert "20/30/60 d</td>" in row
    assert "10/15/30 d (var)" in row
    assert row.count("20/30/60") == 1


def test_a_setting_reaches_the_scenario_it_names(published, tmp_path, monkeypatch):
    paths, _, _ = published
    plans, seen = [load_plan(path) for path in paths], []

    def run(notebook, folder, asked, lang, say):
        seen.append(asked)
        raise KeyboardInterrupt

    monkeypatch.setattr(reporting, "_run", run)
    settings = [f"{paths[1]}:tasks.B.work=5 d", "resources.crew=2"]
    with pytest.raises(KeyboardInterrupt):
        make_comparison(paths, plans, overrides=settings, out=tmp_path)
    assert seen[0]["overrides"] == ["2:tasks.B.work=5 d", "resources.crew=2"]


def test_a_wrong_parameter_is_refused_before_anything_runs(published, tmp_path):
    for given in ({"scenarios": "base"}, {"scenarios": [1]}, {"draws": 1.5}, {"scenario": "base"}):
        with pytest.raises(InputError):
            check_parameters(COMPARING, given)
    plans = [load_plan(path) for path in published[0]]
    with pytest.raises(InputError):
        make_comparison(published[0], plans, ("de",), out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_many_scenarios_make_a_name_that_is_their_own(published, tmp_path, monkeypatch):
    paths, _, nodes = published
    plans = [load_plan(path) for path in paths]
    monkeypatch.setattr(reporting, "_run", _kept(nodes))
    names = {make_comparison(paths * n, plans * n, out=tmp_path).name for n in (3, 4, 5)}
    assert len(names) == 3
    assert all(len(name) <= 60 for name in names)


def test_a_scenario_report_takes_no_notebook_of_a_comparison(published, tmp_path):
    with pytest.raises(InputError):
        make_report(published[0][0], draws=DRAWS, out=tmp_path, notebook=COMPARING)


def test_staying_names_the_laws_that_it_breaks(staying):
    html = staying.answer()._repr_html_().replace("&nbsp;", " ")
    row = next(row for row in html.split("</tr>") if "stay_on_azure" in row and "<td" in row)
    for law in ("Circular 6519/SG", "SREN law, article 31", "EMC2 authorisation"):
        assert law in row.split("breaks:")[1]
    base = next(row for row in html.split("</tr>") if "reference" in row and "<td" in row)
    assert "breaks:" not in base
