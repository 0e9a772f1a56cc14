"""Rules that every page keeps: its structure, its colours, its French, its odds."""

from __future__ import annotations

import re

import pytest

from hdhplan.figures import drawing
from hdhplan.page.sections import as_entered, unstyled
from hdhplan.report import MOST_BYTES
from hdhplan.report.rendering import TEMPLATES, faults_of
from hdhplan.tests.pages import SHIPPED, charts_of, lines_of, shipped, untold
from hdhplan.wording.formats import NARROW, NBSP, WORDS, odds_word
from hdhplan.wording.labels import typeset

PAGES = [(name, lang) for name in SHIPPED for lang in ("fr", "en")]
#: What French typography does not write (a space is an ordinary one here).
NOT_FRENCH = {
    "a hard space before : ; ! ? and inside « »": r" [:;!?»]|« ",
    "a space before : ; ! ?": r"[^\W\d_][;!?](?=\s|$)|[^\W\d_]:(?=\s|$)",
    "a hard space before %": r"\d(?: |)%",
    "a hard space before M€ and €": r"M €|\d(?: |)(?:M|Md|k)?€",
    "a comma for decimals": r"(?<![\d.])\d+\.\d+(?![\d.])",
    "narrow spaces in thousands": r"\d,\d{3}[.,]\d|\d[ \u00a0]\d{3}(?!\d)|(?<![\w@])\d{5,}(?!\w)",
    "dates of people": r"\d{4}-(?:0[1-9]|1[0-2])(?!\d)",
    "1er": r"(?<!\d)1[ \u00a0](?:janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)",
    "a true minus": r"(?<![\w\d-])-\d",
    "To and Po": r"\d[ \u00a0][TGP]B\b",
}


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_a_page_may_be_published(name, lang):
    html = shipped(name, lang)
    assert faults_of(html) == []
    assert len(html.encode()) < MOST_BYTES


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<h2 ", "<h3 ", "skips a level"),
        ("<caption>", "<p>", "without a caption"),
        (' scope="row"', "", "without a scope"),
        (' lang="fr"', "", "no language"),
        ("aria-labelledby=\"joint", "aria-x=\"joint", "without a name"),
        ("style-src 'sha256", "style-src 'unsafe-inline' 'sha256", "no policy"),
        ("default-src 'none'", "default-src *", "no policy"),
        ('<p class="note">', '<p style="x">', "style="),
        ('href="#main"', 'href="https://example.org"', "href="),
        ('id="cloud"', 'id="main"', "twice"),
        ("<h1>", "<h1></h1><h1>", "2 main headings"),
        ('<main id="main" tabindex="-1">', "", "main part"),
        ("</main>", "<img src='data:image/png;base64,'></main>", "<img>"),
    ],
)  # fmt: skip
def test_what_a_page_must_not_have_is_found(old, new, said):
    html = shipped("base", "fr")
    assert old in html
    assert any(said in fault for fault in faults_of(html.replace(old, new, 1)))


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_without_its_drawings_a_page_still_answers(name, lang):
    """Every finding of a drawing, and its numbers, stand beside it as text."""
    charts = charts_of(name, lang).values()
    assert untold(shipped(name, lang), charts, lang) == []
    assert all(0 < len(figure.alt) <= 200 for figure in charts)


def _light(colour: str) -> float:
    """Relative luminance of #rgb or #rrggbb. [1]"""
    short = colour.removeprefix("#")
    full = "".join(2 * c for c in short) if len(short) == 3 else short
    parts = (int(full[i : i + 2], 16) / 255 for i in (0, 2, 4))
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Ratio of contrast of two colours, 1 to 21."""
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_by_hand():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_every_text_stands_out_from_every_ground():
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    named = dict(re.findall(r"--(\w+): (#\w+)", css))
    css = re.sub(r"var\(--(\w+)\)", lambda m: named[m[1]], css)
    texts = set(re.findall(r"[{;\s]color: (#\w+)", css))
    grounds = set(re.findall(r"background: (#\w+)", css))
    assert len(texts) >= 3
    assert len(grounds) >= 3
    assert not {(t, g) for t in texts for g in grounds if contrast(t, g) < 4.5}
    lines = set(re.findall(r"(?:border[\w-]*|outline): \d+px solid (#\w+)", css)) - {named["line"]}
    assert len(lines) >= 2
    assert not {(x, g) for x in lines for g in grounds if contrast(x, g) < 3}


def test_every_mark_of_a_drawing_stands_out():
    marks = ("MAIN", "SECOND", "GREY", "WORSE", "BETTER", "INK")
    assert not [m for m in marks if contrast(getattr(drawing, m), "#ffffff") < 3]


@pytest.mark.parametrize("name", SHIPPED)
def test_french_pages_are_written_in_french(name):
    lines = lines_of(shipped(name, "fr"))
    assert len(lines) > 500
    for rule, wrong in NOT_FRENCH.items():
        found = [line for line in lines if re.search(wrong, line)]
        assert not found, f"{rule}: {found[:5]}"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (0, "Coût : 3"), (1, "Coût: 3"), (2, "3 %"), (3, "3 M€"), (3, "3 €"), (4, "3.5 jours"),
        (5, "1,234.5"), (5, f"1{NBSP}234"), (5, "12345"), (6, "le 2026-11-27"),
        (7, f"1{NBSP}décembre 2026"), (8, "de -3 j"), (9, f"10{NBSP}TB"),
    ],
)  # fmt: skip
def test_what_is_not_french_is_found(rule, text):
    assert re.search(list(NOT_FRENCH.values())[rule], text)


def test_what_people_enter_is_typeset():
    assert typeset("Tenir : 1 000 To à 20 % ?") == (
        f"Tenir{NBSP}: 1{NARROW}000{NBSP}To à 20{NBSP}%{NARROW}?"
    )
    assert typeset(typeset("« 3 M€ »")) == typeset("« 3 M€ »") == f"«{NBSP}3{NBSP}M€{NBSP}»"
    assert typeset("en 2026 120 projets") == "en 2026 120 projets"


@pytest.mark.parametrize(
    ("text", "fr", "en"),
    [
        ("the letter of the minister", True, False),
        ("la lettre du ministre", False, True),
        ("contradicted: undated", True, False),
        ("prévu", False, False),
    ],
)
def test_a_text_in_the_other_language_is_marked(text, fr, en):
    for lang, marked in (("fr", fr), ("en", en)):
        other = {"fr": "en", "en": "fr"}[lang]
        assert (f'lang="{other}"' in as_entered(text, lang)) == marked
        assert text in as_entered(text, lang)


def test_the_day_of_a_source_is_written_as_people_do():
    assert "20/11/2026" in as_entered("prix relevés à la main (2026-11-20)", "fr")
    assert "(2026-02-31)" in as_entered("prix relevés à la main (2026-02-31)", "fr")


def test_a_style_becomes_attributes_and_a_name_stays_a_name():
    svg = '<path style="fill: none; stroke-width: 0.8"/><title>a style="b: c" d</title>'
    said = '<path fill="none" stroke-width="0.8"/><title>a style="b: c" d</title>'
    assert unstyled(svg) == said


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_odds_are_said_in_20_and_no_finer(name, lang):
    text = "\n".join(lines_of(shipped(name, lang), drawings=False)).replace(NBSP, " ")
    chance = r"chances?|fois|tirages?" if lang == "fr" else r"chances?|times?|draws?"
    within = "sur" if lang == "fr" else "in"
    counts = re.findall(rf"([\d.,]+) (?:{chance}) {within} (\d+)(?![\d{NARROW},]\d)", text)
    assert len(counts) > 10
    effects = re.findall(rf"effe[ct]t? ([\d.,]+) chances? {within} 20", text)
    whole = [n for n, _ in counts if not re.search(r"\d[.,]\d", n)]
    assert len(counts) - len(whole) == len(effects) == 3
    assert {of for _, of in counts} == {"20"}
    assert {int(n) for n in whole} <= set(range(1, 20))
    assert not re.search(r"probabilit\w+ (?:de|of) \d", text)
    # A word that stands before a count is the word of that count.
    words = "|".join(re.escape(row[1 if lang == "fr" else 2]) for row in reversed(WORDS))
    said = re.findall(rf"(?<!\w)({words}) \((\d+) chances? {within} 20\)", text)
    assert said
    for word, n in said:
        assert word == odds_word(int(n) / 20, lang)
