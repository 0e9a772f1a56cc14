"""Laws of a page: what every reader may rely on, whatever the plan says."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import math
from html.parser import HTMLParser

import numpy as np
import pytest

from hdhplan.page import Page
from hdhplan.page.invariants import check_invariants
from hdhplan.page.sections import clean, from_data, items, prose, table
from hdhplan.reading import load_plan
from hdhplan.report.rendering import faults_of
from hdhplan.result import RESULT_MIME
from hdhplan.sensitivity import study
from hdhplan.simulation import simulate
from hdhplan.tests.pages import SECTIONS, whole
from hdhplan.wording.formats import label
from hdhplan.wording.labels import typeset

PLAN = """
schema: hdhplan.plan/1
name: small
title: {fr: TITLE, en: TITLE}
description: TEXT
illustrative: TEXT
start: 2026-04-23
judgement: "judgement of the test"
target: {finish: 2026-08-01, cost_eur: 45_000, vat: HT, critical_limit: 2 d}
promises: [{milestone: done, by: 2026-07-15, source: TEXT, grade: C}]
tasks:
  - {id: prep, name: TEXT, work: {low: 5 d, likely: 10 d, high: 20 d, ask: TEXT}}
  - {id: done, name: TEXT, after: [w1.cutover]}
routes:
  link: {rate_gbps: 10, usable_share: 0.3/0.5/0.8, after: [prep]}
datasets:
  - {id: claims, name: TEXT, volume_tb: 400/500/700, route: link, wave: w1, sensitive: true, ask: TEXT}
capabilities:
  - {id: store, name: TEXT, today: TEXT, target: TEXT, projects: all, qualified_after: [prep],
     source: TEXT, grade: D, ask: TEXT}
  - {id: late, name: TEXT, today: TEXT, target: TEXT, gap: none_yet, effort: 20/90/200 d,
     projects: 2-9, qualified_on: 2026-05-10/2026-06-01/2026-09-01, unless: late, source: TEXT, grade: D}
  - {id: soon, name: TEXT, target: TEXT, gap: partial, closed_by: prep, projects: 1-3, qualified_after: [prep]}
obligations:
  - {id: law, name: TEXT, clause: TEXT, fact: circular-6519, milestone: done, by: 2026-07-01}
  - {id: other, name: TEXT, clause: TEXT, fact: sren-law, milestone: prep}
interruptions:
  - {id: lapse, name: TEXT, from: 2026-05-20, until: done, projects: 3,
     critical_projects: 1, source: TEXT, grade: D}
drivers:
  - {id: late, name: TEXT, p: 0.3, delay: 5/10/20 d, on: [prep], lever: true, ask: TEXT}
waves:
  - {id: w1, name: TEXT, projects: 10, critical_projects: 2, cutover: {work: 1/2/4 d},
     dual_running: 30 d, erase: 9 d}
rates:
  - {id: disk, amount_eur: 20, per: TB_month, on: claims, line: LINE}
  - {id: team, amount_eur: 700/800/900, per: d, on: [prep, done], line: LINE}
  - {id: out, name: TEXT, amount_eur: {low: 1, likely: 2, high: 3, source: TEXT, grade: D}, per: TB,
     on: claims, line: LINE, waived: {span: [claims.copy, w1.erase], within: 5 d},
     prices: [{from: 2026-06-01, amount_eur: {likely: 0, fact: egress-free}}]}
allocations: {provision: 45_000}
retains:
  platform_volume.tb: {fact: volume-seed, why: TEXT}
"""
HOSTILE = (
    "<script>document.title='x'</script>", "<img src=x onerror=alert(1)>", "</table><h1>x</h1>",
    "<svg onload=alert(1)>", "\"><script>alert(1)</script>", "' onmouseover='alert(1)",
    "[x](javascript:alert(1))", "![x](https://tracker.invalid/x.png)", "javascript:alert(1)",
    "<a href='https://evil.invalid'>x</a>", "=cmd|' /C calc'!A0", "$\\frac{1}{0}$",
    "{x} {0} %s %(x)s", "`x` | y | z", "\u202egnol txet\u202c \u200f", "x" * 500,
    "{{ 7*7 }}{% raw %}", "&lt;script&gt; &amp; &#x3c;", "]]><![CDATA[<x>",
    "été « à » 1\u202f000\u00a0€ 🙂", "<span class='wide' onclick=x>a</span></td></tr></table>",
)  # fmt: skip
MORE_HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"https://evil.invalid\")", "$A$1", "$x^2$ $", "<b>",
    "a\nb", "a\tb", "\u202eabc", "\u200fx", "_x0041_", "https://evil.invalid/x", "mailto:x@evil.invalid",
    "file:///etc/passwd", "12345", "1e5", "TRUE", "#N/A", "{=1+1}", "'=1+1", "&amp;", "]]>", "|calc",
    "%0A=1+1", "DDE(\"cmd\";\"/C calc\")", "ＳＵＭ＝1", "٣٤", "R1C1", "漢字 🎉", "_hidden", "a = b & c",
    "<!-- x", "<style>*{display:none}</style>", "</svg><p>x", "<math><mtext><b>", "\\frac{1}{2}",
    "<iframe src=//evil.invalid>", "long " * 80,
)  # fmt: skip


def written_each(tmp_path, texts):
    """The plan with another of the texts in each of its places, as many plans as that takes."""
    pieces = PLAN.replace("TITLE", "TEXT").replace("LINE", "TEXT").split("TEXT")
    for start in range(0, len(texts), len(pieces) - 1):
        given = itertools.chain(texts[start:], itertools.repeat("x"))
        quoted = (json.dumps(next(given), ensure_ascii=False) for _ in pieces[1:])
        path = tmp_path / f"small{start}.yaml"
        path.write_text(
            pieces[0] + "".join(itertools.chain(*zip(quoted, pieces[1:], strict=True))), "utf-8"
        )
        yield path


def written(tmp_path, text: str = "plain words", line: str = "technical_migration"):
    quoted = {"TITLE": text, "TEXT": text, "LINE": line}
    plan = PLAN
    for name, value in quoted.items():
        plan = plan.replace(name, json.dumps(value, ensure_ascii=False))
    path = tmp_path / "small.yaml"
    path.write_text(plan, encoding="utf-8")
    return path


def made(path, lang: str, draws: int = 200) -> Page:
    forecast = simulate(load_plan(path), draws, 1, detail=True)
    return Page(forecast, study(forecast, draws), lang)


class Reader(HTMLParser):
    """Every tag with its attributes, and the text outside of styles."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] != "style":
            self.text.append(data)

    def of(self, tag: str) -> list[dict]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    path = written(tmp_path_factory.mktemp("plan"))
    return {lang: made(path, lang) for lang in ("fr", "en")}


@pytest.fixture(scope="module")
def wholes(pages):
    return {lang: whole(page) for lang, page in pages.items()}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_page_is_made_for_every_reader(wholes, lang):
    html = wholes[lang]
    seen = Reader(html)
    assert html.startswith("<!DOCTYPE html>")
    assert seen.of("html") == [{"lang": lang}]
    assert len(seen.of("h1")) == 1
    assert len(seen.of("h2")) == len(SECTIONS) + 1  # and the glossary
    [policy] = [m["content"] for m in seen.of("meta") if "http-equiv" in m]
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy
    assert len(seen.of("caption")) == len(seen.of("table")) > 8
    assert all(th.get("scope") in ("col", "row") for th in seen.of("th"))
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert faults_of(html) == []


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_drawing_is_named_described_and_told_in_a_table(wholes, lang):
    seen = Reader(wholes[lang])
    ids = {attrs["id"] for _, attrs in seen.tags if "id" in attrs}
    drawings = [svg for svg in seen.of("svg") if svg.get("role") == "img"]
    assert len(drawings) == len(seen.of("figure")) == len(seen.of("desc")) >= 6
    assert all(set(svg["aria-labelledby"].split()) <= ids for svg in drawings)
    assert len(seen.of("details")) >= len(drawings)


def test_no_address_leads_out_of_the_page(wholes):
    for attrs in (a for html in wholes.values() for _, a in Reader(html).tags):
        for name in ("src", "href", "xlink:href", "action", "data"):
            address = attrs.get(name) or "#"
            assert address.startswith("#") or address in ("report.html", "report.en.html")


def test_both_languages_carry_the_same_numbers_and_other_words(pages, wholes):
    french, english = (pages[lang].result().data for lang in ("fr", "en"))
    assert french == english
    json.dumps(french, allow_nan=False)
    assert wholes["fr"] != wholes["en"]


def test_the_same_plan_gives_the_same_bytes(pages, wholes, tmp_path):
    again = made(written(tmp_path), "fr")
    assert whole(again) == wholes["fr"]
    assert again.as_text() == pages["fr"].as_text()


def test_what_is_not_real_is_said_first(pages):
    answer = pages["fr"].answer()._repr_html_()
    assert answer.index("plain words") < answer.index("<ul")


def test_every_amount_in_a_table_names_its_vat_basis(pages):
    for lang, basis in (("fr", "M€ HT"), ("en", "€M excl. VAT")):
        html = pages[lang].money()._repr_html_().replace("&nbsp;", " ").replace("\u202f", " ")
        heads = [part.split("</th>")[0] for part in html.split('<th scope="col" class="n">')[1:]]
        assert heads
        heads = [head.replace("\xa0", " ") for head in heads]
        a_terabyte = {"fr": "€/To HT", "en": "€/TB excl. VAT"}[lang]
        assert all(basis in head or a_terabyte in head for head in heads)
        assert sum(a_terabyte in head for head in heads) == 1


def test_perimeters_are_named_and_prices_dated(pages):
    html = pages["fr"].money()._repr_html_()
    for words in ("Enveloppe", "Coût complet", "Dépense évitée", "01/06/2026", "23/04/2026"):
        assert words in html
    assert "hors fonctionnement, que le plan ne chiffre pas" in html.replace("&#39;", "'")
    assert "egress-free" in html
    assert "5\xa0j au plus" in html.replace("&nbsp;", "\xa0")


def test_years_add_up_to_their_total_in_the_table(pages):
    data = pages["en"].result().data["data"]
    for kind in ("ae", "cp"):
        means = [row[kind]["mean"] for row in data["years"].values()]
        assert sum(means) == pytest.approx(data["quantiles"]["cost_eur"]["mean"], rel=1e-3)
    assert data["perimeters"].keys() == {"envelope", "full_cost", "avoided", "steady_month"}
    assert data["provision"]["suffices"] is not None


def test_every_percentile_has_its_error(pages):
    html = pages["en"].waves()._repr_html_() + pages["en"].money()._repr_html_()
    assert html.count("±") >= 3 + 2 * 3


def test_what_drives_it_shows_every_input_that_counts_and_the_view_switched_off(tmp_path):
    path = written(tmp_path)
    text = path.read_text(encoding="utf-8").replace("p: 0.3,", "p: 0.3, bias: true,")
    path.write_text(text, encoding="utf-8")
    page = made(path, "en", draws=4_000)
    html = page.drivers()._repr_html_()
    captions = [part.split("</caption>")[0] for part in html.split("<caption>")[1:]]
    assert len(captions) == 4  # of the figure, of drivers, of the view, of inputs
    assert "Without the outside view" in html
    assert "Without the outside view the plan would look" in html
    table_ = html.split("rank correlation (Spearman)</caption>")[1]
    clear = [e for e in page.study.inputs if e.finish.clear or e.cost.clear][:10]
    assert table_.count("<tr>") == 1 + len(clear) > 4
    assert table_.count("±") == 4 * len(clear)
    assert "drawn independently" in html
    assert "One by one" in html


def test_a_plan_that_says_nothing_of_it_has_no_such_section(tmp_path):
    path = tmp_path / "bare.yaml"
    text = "schema: hdhplan.plan/1\nname: bare\nstart: 2026-04-23\ntasks: [{id: A, work: 3 d}]\n"
    path.write_text(text, encoding="utf-8")
    page = made(path, "fr", draws=100)
    before = page.as_text()
    for name in ("continuity", "sovereignty", "tools"):
        assert getattr(page, name)()._repr_html_() == ""
    assert page.as_text() == before


def test_a_page_says_no_clock_and_no_commit(pages):
    text = pages["en"].method()._repr_html_()
    assert "seed 1" in text
    assert "200 draws" in text
    assert "git" not in text.replace("digit", "")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.usefixtures("undrawn")
def test_text_from_data_is_only_ever_text(text, tmp_path):
    page = made(written(tmp_path, text, text), "fr", draws=100)
    html = whole(page)
    seen = Reader(html)
    assert faults_of(html) == []
    assert len(seen.of("h1")) == 1
    assert not any(name.startswith("on") for _, attrs in seen.tags for name in attrs)
    # Shown whole where it is a title: as it was written, without what turns text around.
    assert typeset(label(text, 400)) in "".join(seen.text)
    assert not set("\u202e\u202c\u200f") & set(html)
    assert "49" not in seen.text
    json.dumps(page.result().data).encode("ascii")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_sixty_hostile_strings_harm_no_page_and_no_chart(lang, tmp_path, request):
    if lang == "en":  # a name on a chart is the same in both languages
        request.getfixturevalue("undrawn")
    texts = (*HOSTILE, *MORE_HOSTILE)
    assert len(set(texts)) >= 60
    for path in written_each(tmp_path, texts):
        html = whole(made(path, lang, draws=60))
        seen = Reader(html)
        assert faults_of(html) == []
        assert len(seen.of("h1")) == 1
        assert not any(name.startswith("on") for _, attrs in seen.tags for name in attrs)
        assert not set("\u202e\u202c\u200f") & set(html)


def test_the_gate_stands_without_escaping():
    from markupsafe import Markup

    raw = Markup("<p onclick='x()'>a<script>b()</script><a href='javascript:c()'>d</a></p>")
    assert clean(raw) == "<p>ad</p>"
    assert clean(clean(raw)) == clean(raw)


def test_pieces_escape_what_they_are_given():
    bad = "<b onclick=x>&"
    for made_of in (
        prose("p", bad), items([bad]), table(bad, ("a", "#b"), [(bad, bad)]),
    ):  # fmt: skip
        assert "&lt;b onclick=x&gt;&amp;" in made_of
        assert "<b" not in made_of


def test_control_characters_and_length_stop_at_the_door():
    assert from_data("a\x1b[2J\u202eb\nc\x00d") == "a [2Jb c d"
    assert len(from_data("x" * 10_000)) == 400
    assert from_data(None) == ""


def test_a_bare_plan_has_a_page(tmp_path):
    path = tmp_path / "bare.yaml"
    path.write_text("schema: hdhplan.plan/1\nname: bare\nstart: 2026-04-23\n"
                    "tasks: [{id: A, work: 3 d}]\n", encoding="utf-8")  # fmt: skip
    for lang in ("fr", "en"):
        assert faults_of(whole(made(path, lang, draws=100))) == []


@pytest.mark.parametrize("rewritten", [40, 60])
@pytest.mark.usefixtures("undrawn")
def test_a_plan_that_may_never_end_has_a_page(tmp_path, rewritten):
    """At 60 TB a day the likely plan itself never ends, at 40 some draws do not."""
    path = written(tmp_path)
    text = path.read_text(encoding="utf-8")
    text = text.replace("route: link,", f"route: link, rewritten_tb_per_day: {rewritten},")
    path.write_text(text, encoding="utf-8")
    page = made(path, "en")
    assert 0 < page.forecast.share_never("finish_day") < 1
    assert faults_of(whole(page)) == []
    assert page.result().data["warnings"]


def test_what_must_hold_is_checked_and_named(pages):
    forecast = pages["fr"].forecast
    checked = check_invariants(forecast)
    assert len(checked) >= 8
    line = next(iter(forecast.lines))
    kept = forecast.lines[line].copy()
    forecast.lines[line][0] += 1.0
    with pytest.raises(AssertionError, match="lines add up"):
        check_invariants(forecast)
    forecast.lines[line][:] = kept
    shares = forecast.bottleneck["claims"]
    shares["link"] += 0.1
    with pytest.raises(AssertionError, match="what limits a copy"):
        check_invariants(forecast)
    shares["link"] -= 0.1
    check_invariants(forecast)


def test_the_result_shows_numbers_to_programs_and_checks_to_people(pages):
    bundle = pages["en"].result()._repr_mimebundle_()
    data = bundle[RESULT_MIME]
    assert data["schema"] == "hdhplan.report/1"
    assert data["answer"].keys() == {"fr", "en"}
    assert "✓ lines add up" in bundle["text/plain"]
    numbers = [x for x in np.ravel(list(data["data"]["quantiles"]["finish_day"]["se"].values()))]
    assert all(x is None or math.isfinite(x) for x in numbers)
