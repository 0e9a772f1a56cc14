"""The drawing kit: palette, axes of dates and money, and a chart as a self-contained SVG."""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from hdhplan.wording.formats import date_short, month_year, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: At least 3:1 on white, apart under three kinds of colour blindness; colour is never alone.
MAIN, LIGHT, SECOND, THIRD, GREY = "#12436D", "#B9D3E8", "#4C9BD6", "#8A6D00", "#595959"
#: Ground for what is closed: no mark, so no contrast is asked of it.
SHADE = "#E3E3E3"
WORSE, BETTER, INK = "#E04F00", "#1B7F8E", "#000000"
#: [pt]
SMALL, NORMAL, TITLE = 9.0, 9.0, 11.0
#: Numbers of months between ticks of a date axis.
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
#: So many ticks fewer where each is a day.
_FEWER = 2
#: A sheet narrower than this, half a page wide, has half the ticks and smaller marks. [in]
_HALF = 5.0
_FONTS = ["DejaVu Sans", "Verdana", "Arial", "sans-serif"]


@dataclass(frozen=True)
class Figure:
    """A chart and what goes with it.

    Parameters
    ----------
    key
        Name of the chart; it makes the ids of its SVG unique on a page.
    draw
        Draws it on axes and returns them.
    title, subtitle, alt, lecture
        The finding, the measure and its unit, at most 200 characters for who cannot see it, and how
        to read one mark.
    columns, rows
        The numbers that are drawn, as text.
    height_in
        A height that suits its rows. [in]
    """

    key: str
    draw: Callable[[Axes], Axes]
    title: str
    subtitle: str
    alt: str
    lecture: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    height_in: float = 4.2


@contextmanager
def house_style(salt: str = "hdhplan") -> Iterator[None]:
    """Draw in the house style: text as text, no mathematics in names, nothing random."""
    import matplotlib as mpl

    style = {
        "font.family": "sans-serif", "font.sans-serif": _FONTS, "font.size": NORMAL,
        "text.parse_math": False, "text.usetex": False, "axes.unicode_minus": True,
        "svg.fonttype": "none", "svg.hashsalt": salt, "svg.image_inline": True,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY,
        "axes.axisbelow": True, "axes.grid": False, "grid.color": "#D9D9D9",
        "xtick.labelsize": SMALL, "ytick.labelsize": SMALL, "legend.fontsize": SMALL,
        "xtick.color": GREY, "ytick.color": GREY, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
        "legend.frameon": False, "hatch.linewidth": 0.6, "path.simplify": True,
        "figure.facecolor": "white", "savefig.facecolor": "white",
    }  # fmt: skip
    with mpl.rc_context(style):
        yield


def wrapped(text: str, width_pt: float, size: float, weight: str = "normal") -> str:
    """Break a line of text so that it fits a width. [pt]"""
    # A little less than the room there is: other renderers hint glyphs wider.
    room, space = 0.96 * width_pt, _width(" ", size, weight)
    lines, used = [], 0.0
    for word in text.split(" "):
        wide = _width(word, size, weight)
        if lines and used + space + wide <= room:
            lines[-1] += f" {word}"
            used += space + wide
        else:
            lines.append(word)
            used = wide
    return "\n".join(lines)


@lru_cache(maxsize=4_096)  # captions of a page share most of their words
def _width(word: str, size: float, weight: str) -> float:
    """Width of a word. [pt]"""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=_FONTS[0], size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(word, font, False)[0]


def short_lines(name: str, width: int = 30) -> str:
    """A name of a row in at most two lines."""
    lines = textwrap.wrap(name, width, break_long_words=True, break_on_hyphens=False)
    return "\n".join(lines[:2]) + ("…" if len(lines) > 2 else "")


def fitting(items: list[str], room: int) -> str:
    """As many items as fit into an alternative text, one at least. [characters]"""
    kept = items[:1]
    for item in items[1:]:
        if len(", ".join([*kept, item])) > room:
            break
        kept.append(item)
    return ", ".join(kept)


def room_for_dates(ax: Axes) -> int:
    """How many dates, less one, an x axis has room for."""
    return 3 if is_half(ax) else 6


def is_half(ax: Axes) -> bool:
    """Whether a chart is drawn at half the width of a page."""
    return ax.figure.get_figwidth() < _HALF


def date_ticks(start: date, low: float, high: float, lang: str, most: int = 6):
    """Days and labels, always with the year, of at most ``most`` + 1 ticks. [d]"""
    days = high - low
    step = next((m for m in _MONTH_STEPS if days / 30.44 / m <= most), _MONTH_STEPS[-1])
    if days < 60:
        # A day takes more room than a month.
        every = max(1, math.ceil(days / max(most - _FEWER, 1)))
        marks = [math.floor(low) + i * every for i in range(most + 2)]
        marks = [mark for mark in marks if low <= mark <= high]
        return marks, [date_short(date.fromordinal(start.toordinal() + m), lang) for m in marks]
    found = [
        date(year, month, 1)
        for year in range(start.year, start.year + math.ceil(high / 365) + 2)
        for month in range(1, 13)
        if (12 * year + month - 1) % step == 0
    ]
    found = [day for day in found if low <= (day - start).days <= high]
    return [(day - start).days for day in found], [month_year(day, lang, True) for day in found]


def date_axis(ax: Axes, start: date, low: float, high: float, lang: str, most: int = 6) -> None:
    """Make the x axis one of dates, with a light grid and at most ``most`` + 1 ticks. [d]"""
    pad = max((high - low) * 0.03, 0.5)
    low, high = low - pad, high + pad
    marks, labels = date_ticks(start, low, high, lang, most)
    ax.set_xlim(low, high)
    ax.set_xticks(marks, labels)
    ax.grid(axis="x", visible=True)


def millions(lang: str) -> Callable[[float, int], str]:
    """Write ticks of an axis of money, in millions."""

    def tick(eur: float, _: int) -> str:
        whole = abs(eur / 1e6 - round(eur / 1e6)) < 1e-9
        digits = 0 if whole else 1 if abs(eur * 10 / 1e6 - round(eur * 10 / 1e6)) < 1e-6 else 2
        return number(eur / 1e6, lang, digits)

    return tick


def row_names(ax: Axes, names: list[str]) -> None:
    """Name the rows of a chart, the first on top; a name already in lines stays so."""
    texts = [name if "\n" in name else short_lines(name) for name in names]
    ax.set_yticks(range(len(names)), texts)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)


def to_svg(
    figure: Figure, width_in: float = 7.2, height_in: float | None = None, titled: bool = True
) -> str:
    """Draw a chart as an SVG element: the same bytes every time, nothing outside it needed.

    Without its title and measure where the page says them beside it.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    with house_style(figure.key):
        canvas = FigureCanvasSVG(compose(figure, width_in, height_in or figure.height_in, titled))
        out = io.StringIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        canvas.print_svg(out, metadata=nothing)
    return _embeddable(out.getvalue(), figure)


def compose(figure: Figure, width_in: float, height_in: float, titled: bool = True):
    """Lay out a chart: title and subtitle over the whole width, the axes below."""
    from matplotlib.figure import Figure as Sheet

    sheet = Sheet(figsize=(width_in, height_in))
    if not titled:
        sheet.set_layout_engine("constrained")
        figure.draw(sheet.subplots())
        return sheet
    room = width_in * 72 - 8
    title = wrapped(figure.title, room, TITLE, "bold")
    subtitle = wrapped(figure.subtitle, room, SMALL)
    tall = height_in * 72
    below = 4 + (title.count("\n") + 1) * TITLE * 1.3
    top = below + (subtitle.count("\n") + 1) * SMALL * 1.35 + 4
    common = {"ha": "left", "va": "top"}
    sheet.text(4 / 72 / width_in, 1 - 4 / tall, title, size=TITLE, weight="bold", **common)
    sheet.text(4 / 72 / width_in, 1 - below / tall, subtitle, size=SMALL, color=GREY, **common)
    sheet.set_layout_engine("constrained", rect=(0, 0, 1, 1 - top / tall))
    figure.draw(sheet.subplots())
    return sheet


def _embeddable(svg: str, figure: Figure) -> str:
    """Cut an SVG file down to its element, make its ids the chart's own, name and describe it."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"\s*<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", svg, count=1, flags=re.S)
    svg = re.sub(_RUN, _shared_style, svg)
    key = re.sub(r"[^a-z0-9]+", "-", figure.key.lower()).strip("-")
    svg = re.sub(r'(\sid="|href="#|url\(#)', rf"\g<1>{key}-", svg)
    name = f'role="img" aria-labelledby="{key}-t {key}-d" stroke-linejoin="round"'
    described = (
        f'<title id="{key}-t">{escape(figure.title)}</title>'
        f'<desc id="{key}-d">{escape(figure.alt)}</desc>'
    )
    return re.sub(r"<svg ([^>]*)>", lambda m: f"<svg {name} {m[1]}>{described}", svg, count=1)


#: Marks of one series, which all repeat one style.
_RUN = r'(?:\n *<use xlink:href="([^"]*)" x="[^"]*" y="[^"]*" style="([^"]*)"/>)' + (
    r'(?:\n *<use xlink:href="\1" x="[^"]*" y="[^"]*" style="\2"/>){2,}'
)


def _shared_style(run: re.Match) -> str:
    """Give the style of many marks to their group, and their places to a hundredth of a point."""
    marks = re.sub(r' style="[^"]*"|\n *', "", run[0])
    marks = re.sub(r'(=")(-?\d+\.\d\d)\d*"', r'\1\2"', marks)
    return f'<g style="{run[2]}">{marks}</g>'
