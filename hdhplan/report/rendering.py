"""Pages as files: sections put into the template, the list of reports, a last look at both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from markupsafe import Markup

LANGS = {"fr": "français", "en": "English"}
TEMPLATES = Path(__file__).parent / "templates"
_HEADING = re.compile(r'<section id="([\w-]+)"[^>]*>\s*<h2[^>]*>(.*?)</h2>', re.DOTALL)
_BANNED = ("base", "embed", "form", "iframe", "link", "object", "script")
_BESIDE = re.compile(r"(?:[\w-]+/)?[\w.-]+\.html\Z")


def render_page(title: str, lang: str, sections: Sequence[str], pages: Mapping[str, str]) -> str:
    """Put sections into the template.

    Parameters
    ----------
    sections
        Made by `page`, which has escaped what comes from data.
    pages
        File of the page in each language, this one included.
    """
    return _render(
        "report.html.j2",
        title=title,
        lang=lang,
        sections=[Markup(section) for section in sections],
        contents=[(i, Markup(h)) for section in sections for i, h in _HEADING.findall(section)],
        others=[(code, LANGS[code], file) for code, file in pages.items() if code != lang],
    )


def render_index(root: Path) -> str:
    """List all reports below a folder, from their own result.json."""
    rows, comparisons = [], []
    for path in sorted(root.glob("*/result.json")):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            if "answers" in result["data"]:
                comparisons.append(_head(path.parent, result))
            else:
                rows.append(_row(path.parent, result))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # of another version, or broken: its own page is still there
    return _render("index.html.j2", rows=rows, comparisons=comparisons)


def _head(folder: Path, result: dict) -> dict:
    """What every report is listed with."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {
        "id": folder.name,
        "pages": [
            (LANGS[lang], lang, f"{folder.name}/report{'' if i == 0 else f'.{lang}'}.html")
            for i, lang in enumerate(manifest["langs"])
        ],
        "title": {lang: str(result["title"][lang]) for lang in LANGS},
        "as_of": result["as_of"],
    }


def _row(folder: Path, result: dict) -> dict:
    data = result["data"]
    return _head(folder, result) | {
        "dates": {p: data["dates"]["finish_day"][p] for p in ("p50", "p80")},
        "odds": {k: data["odds"][k] for k in ("date", "budget", "both")},
    }


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template(template).render(**values).lstrip()


class _Reader(HTMLParser):
    """Counts main headings and notes what a page must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = 0
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.headings += tag == "h1"
        if tag in _BANNED:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (name.endswith(("src", "href")) and _outside(value or "")):
                self.faults.append(f"{name}={(value or '')[:40]!r}")


def _outside(address: str) -> bool:
    """Whether an address leads out of the page and its folder."""
    return not address.startswith(("#", "data:image/")) and not _BESIDE.match(address)


def faults_of(html: str) -> list[str]:
    """Look at a page as a suspicious reader would; empty if it may be published."""
    reader = _Reader()
    reader.feed(html)
    if reader.headings != 1:
        reader.faults.append(f"{reader.headings} main headings")
    return reader.faults
