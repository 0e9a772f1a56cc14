"""Whole pages of the shipped scenarios, made once a process, and their text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from hdhplan.figures import Figure, all_figures
from hdhplan.page import Page
from hdhplan.reading import load_plan
from hdhplan.report.rendering import render_page
from hdhplan.sensitivity import study
from hdhplan.simulation import simulate
from hdhplan.wording.labels import typeset

SECTIONS = (
    "answer", "cloud", "check_first", "timeline", "waves", "continuity", "sovereignty", "tools",
    "money", "drivers", "exposure", "facts", "method",
)  # fmt: skip
SHIPPED = ("base", "other_platform")
DRAWS = 2_000
#: Folder where processes of one run find each other's pages.
kept: Path | None = None
_VOID = {"br", "meta", "use", "path", "hr"}


@cache
def _studied(name: str):
    forecast = simulate(load_plan(name), DRAWS, 1, detail=True)
    return forecast, study(forecast, DRAWS)


def page_of(name: str, lang: str) -> Page:
    """The page of a shipped scenario."""
    return Page(*_studied(name), lang)


def charts_of(name: str, lang: str) -> dict[str, Figure]:
    """The charts of a shipped scenario by name."""
    return all_figures(*_studied(name), lang)


def whole(page: Page) -> str:
    """The page as a file."""
    sections = [getattr(page, name)()._repr_html_() for name in SECTIONS]
    title = page.result().data["title"][page.lang]
    pages = {"fr": "report.html", "en": "report.en.html"}
    return render_page(title, page.lang, [s for s in sections if s], pages)


@cache
def shipped(name: str, lang: str) -> str:
    """The page of a shipped scenario, as a file; made once a run."""
    path = kept / f"{name}.{lang}.html"
    if not path.exists():
        kept.mkdir(exist_ok=True)
        own = path.with_suffix(f".{os.getpid()}")
        own.write_text(whole(page_of(name, lang)), encoding="utf-8")
        own.replace(path)  # two that make it at once make the same
    return path.read_text(encoding="utf-8")


class _Texts(HTMLParser):
    """The texts of a page, a line for each block, without what is in another language."""

    def __init__(self, drawings: bool, foreign: bool):
        super().__init__()
        self.lines = [""]
        self.drawings, self.foreign = drawings, foreign
        self.hidden: list[bool] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("span", "strong", "small", "em", "a"):
            self.lines.append("")
        if tag in _VOID:
            return
        lang = dict(attrs).get("lang")
        hides = tag == "style" or (tag == "svg" and not self.drawings)
        hides |= bool(lang) and tag != "html" and not self.foreign
        self.hidden.append(hides)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag not in _VOID:
            self.hidden.pop()
        if tag not in ("span", "strong", "small", "em", "a"):
            self.lines.append("")

    def handle_data(self, data):
        if not any(self.hidden):
            self.lines[-1] += data


def lines_of(html: str, drawings: bool = True, foreign: bool = False) -> list[str]:
    """Blocks of text of a page; what is marked as of another language is left out by default."""
    reader = _Texts(drawings, foreign)
    reader.feed(html)
    found = (re.sub(r"[ \n\t]+", " ", unescape(line)).strip(" ") for line in reader.lines)
    return [line for line in found if line]


def untold(html: str, figures: Iterable[Figure], lang: str) -> list[tuple[str, str]]:
    """What charts find, how they are read and their numbers, as far as no text of a page says it."""
    seen = lines_of(html, drawings=False, foreign=True)
    text = "\n".join(" ".join(line.split()) for line in seen)
    return [
        (figure.key, part)
        for figure in figures
        for part in filter(
            None, (figure.title, figure.lecture, *figure.columns, *sum(figure.rows, ()))
        )
        if " ".join((typeset(part) if lang == "fr" else part).split()) not in text
    ]
