"""Pieces of a page as HTML: prose, tables, figures. What comes from data passes one gate here.

The gate is `markupsafe.escape`: whatever is not `Markup` already is escaped where it is put in, so
a name, note or source can only ever be text. Nothing but this package's own tags is `Markup`.
Behind it stands `nh3`, which lets known tags through and nothing else: a slip in this file still
lets no script pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import nh3
from markupsafe import Markup, escape

from hdhplan.figures import Figure, to_svg
from hdhplan.wording.formats import date_short, label, pick

#: Longest text from data that a page shows in one place.
LONGEST = 400
#: A table of at most so many rows is printed on one page.
SHORT = 14
_TAGS = {
    "br", "caption", "div", "em", "h3", "li", "ol", "p", "small", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "lang"},
    "th": {"scope"},
    "div": {"tabindex", "role", "aria-label"},
}


#: Small words that tell English from French; those that both have are left out.
_SMALL_WORDS = {
    "en": re.compile(r"\b(?:the|of|and|by|from|with|for|is|are|to|in|its|that|same|not|said)\b"),
    "fr": re.compile(r"\b(?:le|la|les|des|du|de|et|par|pour|un|une|sur|est|dans|qui|au|aux)\b"),
}
_ACCENTED = re.compile("[à-öø-ÿœ]", re.IGNORECASE)
#: The day of a fact, at the end of its source.
_DATED = re.compile(r"\((\d{4}-\d\d-\d\d)\)\Z")
_STYLED = re.compile(r'(<[^<>]*?) style="([^"]*)"')


@dataclass(frozen=True)
class Section:
    """One section of a page: HTML for readers, a few lines of text for those who compare runs."""

    html: Markup = field(repr=False)
    lines: tuple[str, ...]

    def _repr_html_(self) -> str:
        return str(self.html)

    def __repr__(self) -> str:
        return "\n".join(self.lines)


#: A section of which a plan has nothing to say: it takes no room on a page.
NOTHING = Section(Markup(""), ())


def clean(html: Markup) -> Markup:
    """Let known tags through and nothing else.

    Figures are put in after this: nh3 knows no SVG and would drop them. Their text is escaped by
    `figures.to_svg`, and no text from data ever becomes a tag there.
    """
    return Markup(nh3.clean(str(html), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=set()))


def from_data(value: Any, longest: int = LONGEST) -> str:
    """Text from data as one line of harmless characters; it is escaped where it is put in."""
    return label("" if value is None else value, longest)


def as_entered(text: str, lang: str) -> Markup:
    """Text from data in the language in which it was entered, marked where that is not the page's.

    Examples
    --------
    >>> as_entered("the letter of the minister", "fr")
    Markup('<span lang="en">the letter of the minister</span>')
    """
    with suppress(ValueError):  # no such day: it stays as it was entered
        text = _DATED.sub(lambda day: f"({date_short(date.fromisoformat(day[1]), lang)})", text)
    count = {code: len(known.findall(text.lower())) for code, known in _SMALL_WORDS.items()}
    # Facts are most often noted in English: so is what has no small word and no accent.
    english = count["en"] > count["fr"] or (
        count["en"] == count["fr"] and not _ACCENTED.search(text)
    )
    own = "en" if english else "fr"
    if own == lang or (lang == "en" and not count["fr"]):
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(own, text)


def prose(tag: str, *texts: Any, style: str = "") -> Markup:
    """One element for each text."""
    start = Markup('<{0} class="{1}">').format(tag, style) if style else Markup("<{}>").format(tag)
    return clean(
        Markup("").join(start + escape(t) + Markup("</{}>").format(tag) for t in texts if t)
    )


def items(texts: Iterable[Any], ordered: bool = False, style: str = "") -> Markup:
    """A list, for each text an item."""
    tag = "ol" if ordered else "ul"
    inner = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return clean(Markup('<{0} class="{1}">{2}</{0}>').format(tag, style, inner))


def key_figures(rows: Iterable[Sequence[Any]]) -> Markup:
    """Headline numbers: what, the number, what stands beside it."""
    inner = Markup("").join(
        Markup("<li><span>{}</span> <strong>{}</strong> <small>{}</small></li>").format(*row)
        for row in rows
    )
    return clean(Markup('<ul class="figures">{}</ul>').format(inner))


def with_error(value: str, error: str) -> Markup:
    """A number and, smaller, its standard error."""
    kept = Markup("{} <small>±\xa0{}</small>")  # the sign stays with its number
    return kept.format(value, error) if error else escape(value)


def table(
    caption: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]], total: bool = False
) -> Markup:
    """A table; a column whose title begins with # holds numbers, the first one names its rows.

    Parameters
    ----------
    total
        Whether the last row adds up the others.
    """
    numeric = [column.startswith("#") for column in columns]
    names = [column.removeprefix("#") for column in columns]
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_style(right), name)
        for name, right in zip(names, numeric, strict=True)
    )
    rows = [_row(row, numeric) for row in rows]
    if total and rows:
        rows[-1] = Markup('<tr class="total">') + rows[-1][len("<tr>") :]
    return clean(
        Markup(
            '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table class="{3}">'
            "<caption>{0}</caption><thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>"
        ).format(caption, head, Markup("").join(rows), "short" if len(rows) <= SHORT else "long")
    )


def _row(cells: Sequence[Any], numeric: Sequence[bool]) -> Markup:
    first, *rest = cells
    inner = Markup("").join(
        Markup("<td{}>{}</td>").format(_style(right), cell)
        for cell, right in zip(rest, numeric[1:], strict=True)
    )
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(first, inner)


def _style(right: bool) -> Markup:
    return Markup(' class="n"') if right else Markup("")


def figure(drawn: Figure | None, lang: str) -> Markup:
    """A figure: the drawing, how to read it, and its numbers as a table; nothing if there is none.

    The finding and the measure are written on the drawing; over it too where a narrow screen shows
    a part of that.
    """
    if drawn is None:
        return Markup("")
    words = pick(lang, "Les chiffres de cette figure", "The numbers of this figure")
    drawing = Markup(unstyled(to_svg(drawn)))  # escaped by `drawing`, see `clean`
    return Markup(
        '<figure id="figure-{key}"><div class="finding" hidden aria-hidden="true">{finding}</div>'
        '<div class="scroll" tabindex="0" role="region" aria-label="{title}">{drawing}</div>'
        "<figcaption>{lecture}</figcaption>"
        "<details><summary>{words}</summary>{numbers}</details></figure>"
    ).format(
        key=drawn.key.replace("_", "-"), title=drawn.title, drawing=drawing, words=words,
        finding=prose("p", Markup("<strong>{}</strong>").format(drawn.title), drawn.subtitle),
        lecture=prose("p", drawn.lecture, style="lecture"),
        numbers=table(drawn.title, drawn.columns, drawn.rows),
    )  # fmt: skip


def unstyled(svg: str) -> str:
    """Turn the style of each mark into attributes: a page then allows its one style sheet alone.

    Examples
    --------
    >>> unstyled('<path d="M 0 0" style="fill: none; stroke: #000000"/>')
    '<path d="M 0 0" fill="none" stroke="#000000"/>'
    """

    def attributes(found: re.Match) -> str:
        pairs = (part.partition(":") for part in found[2].split(";") if part.strip())
        return found[1] + "".join(f' {name.strip()}="{value.strip()}"' for name, _, value in pairs)

    # Text holds no < or >: these are the tags that matplotlib wrote, never a name from data.
    return _STYLED.sub(attributes, svg)


def folded(summary: str, *parts: Any) -> Markup:
    """Something long, that opens on demand."""
    inside = Markup("").join(part for part in parts if part)
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, inside)


def section(name: str, heading: str, *parts: Any, lines: Iterable[Any] = ()) -> Section:
    """A section with its heading; ``lines`` are what it says as text."""
    body = Markup("\n").join(part for part in parts if part)
    html = Markup(
        '<section id="{0}" aria-labelledby="{0}-h">\n<h2 id="{0}-h">{1}</h2>\n{2}\n</section>'
    )
    text = (
        heading,
        *(str(line).replace("\u202f", " ").replace("\xa0", " ") for line in lines if line),
    )
    return Section(html.format(name, heading, body), text)
