"""Pages as files: sections put into the template under a strict policy, a last look at each."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from markupsafe import Markup

from hdhplan.glossary import Term, load_glossary, terms_in
from hdhplan.wording.labels import typeset

LANGS = {"fr": "français", "en": "English"}
TEMPLATES = Path(__file__).parent / "templates"
_HEADING = re.compile(r'<section id="([\w-]+)"[^>]*>\s*<h2[^>]*>(.*?)</h2>', re.DOTALL)
#: A page that begins with a sheet has nothing beside it; any other has as many as are asked for.
_SHEET = '<section id="sheet"'
_BANNED = ("base", "embed", "form", "iframe", "img", "link", "object", "script")
_BESIDE = re.compile(r"(?:[\w-]+/)?[\w.-]+\.(?:html|json|csv|pdf)\Z")
_TEXT = re.compile(r"(?<=>)[^<>]+")
_POLICY = "default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'"


def render_page(
    title: str, lang: str, sections: Sequence[str], pages: Mapping[str, str], beside: int = 2
) -> str:  # fmt: skip
    """Put sections into the template, and the words that they use at their foot.

    Parameters
    ----------
    sections
        Made by `page`, which has escaped what comes from data.
    pages
        File of the page in each language, this one included.
    beside
        How many sections stand side by side after the answer.
    """
    if lang == "fr":  # what people enter has ordinary spaces where French has hard ones
        title = typeset(title)
        sections = [_TEXT.sub(lambda text: typeset(text[0]), section) for section in sections]
    text = unescape(" ".join(" ".join(_TEXT.findall(section)) for section in sections))
    return render(
        "report.html.j2",
        title=title,
        lang=lang,
        sections=[Markup(section) for section in sections],
        beside=0 if sections and sections[0].startswith(_SHEET) else beside,
        contents=[(i, Markup(h)) for section in sections for i, h in _HEADING.findall(section)],
        others=[(code, LANGS[code], file) for code, file in pages.items() if code != lang],
        terms=[_printed(term, lang) for term in terms_in(text, load_glossary(), lang)],
    )


def _printed(term: Term, lang: str) -> tuple[str, ...]:
    """A term, the same in the other language, and what it means."""
    word, other, meaning = term.entry(lang)
    return word, other, typeset(meaning) if lang == "fr" else meaning


def render(template: str, **values: Any) -> str:
    """Fill a template; its policy allows the one style sheet, known by its hash, and no request."""
    style = "\n" + (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = Markup(_POLICY.format(f"sha256-{digest}"))
    page = _templates().get_template(template).render(policy=policy, style=Markup(style), **values)
    return page.lstrip()


@cache
def _templates() -> Any:
    """The templates, each compiled once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


class _Reader(HTMLParser):
    """Reads a page as a browser and a reader without sight do, and notes what it must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.seen: dict[str, int] = {}
        self.ids: set[str] = set()
        self.policy = ""
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if tag in _BANNED:
            self.faults.append(f"<{tag}>")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.faults.append(f"{name}={value[:40]!r}")
            if name.endswith(("src", "href")) and _outside(value):
                self.faults.append(f"{name}={value[:40]!r}")
        if "id" in given:
            self.faults += [f"id {given['id'][:40]!r} twice"] * (given["id"] in self.ids)
            self.ids.add(given["id"])
        if "Content-Security-Policy" in given.get("http-equiv", ""):
            self.policy = given.get("content", "")
        self._read(tag, given)

    def _read(self, tag: str, given: dict[str, str]) -> None:
        """Note what is not named, not told apart, or out of order."""
        if re.fullmatch("h[1-6]", tag):
            level = int(tag[1])
            if level > (self.headings or [0])[-1] + 1:
                self.faults.append(f"<{tag}> skips a level")
            self.headings.append(level)
        if tag == "html" and not given.get("lang"):
            self.faults.append("no language")
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.faults.append("<th> without a scope")
        if tag == "svg" and not given.get("aria-labelledby"):
            self.faults.append("a drawing without a name")


def _outside(address: str) -> bool:
    """Whether an address leads out of the page and the folders of reports."""
    return not address.startswith("#") and not _BESIDE.match(address)


def faults_of(html: str) -> list[str]:
    """Look at a page as a suspicious reader would; empty if it may be published."""
    reader = _Reader()
    reader.feed(html)
    faults, seen = reader.faults, reader.seen
    if reader.headings.count(1) != 1:
        faults.append(f"{reader.headings.count(1)} main headings")
    if not re.match(r"default-src 'none'; style-src 'sha256-[\w+/=]+';", reader.policy):
        faults.append("no policy that forbids requests")
    if seen.get("caption", 0) != seen.get("table", 0):
        faults.append("a table without a caption")
    if any(seen.get(tag) != 1 for tag in ("header", "main")):
        faults.append("not one header and one main part")
    return faults
