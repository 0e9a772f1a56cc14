"""The bridge from last week's forecast to this week's: a bar a group of causes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from hdhplan.calendars import shown_date
from hdhplan.figures.drawing import (
    BETTER,
    GREY,
    INK,
    MAIN,
    WORSE,
    Figure,
    date_axis,
    fitting,
    is_half,
    millions,
    row_names,
)
from hdhplan.figures.versus import LEAST_DAYS, LEAST_SHARE, at_right
from hdhplan.moved import MODEL, Moved, Row
from hdhplan.wording.captions import ALT_LIMIT
from hdhplan.wording.formats import date_short, label, meur, money_unit, move_of, pick
from hdhplan.wording.labels import capital, french
from hdhplan.wording.moved import cause_label, headline, row_label, since

#: Bars narrower than this part of the chart are a tick: a hatch would not show. [1]
_NARROW = 0.012
#: Part of half a page's axis that parts two dates. [1]
_APART = 0.75


def bridges(moved: Moved, lang: str) -> dict[str, Figure]:
    """Every bridge that can be drawn, by its key: of the date, of the cost."""
    made = (bridge(moved, measure, lang) for measure in ("finish_days", "cost_eur"))
    return {figure.key: figure for figure in made if figure}


def bridge(moved: Moved, measure: str, lang: str) -> Figure | None:
    """Draw the way from last week to this one as bars, a row a group of causes.

    Parameters
    ----------
    measure
        ``finish_days`` or ``cost_eur``. Nothing is drawn where an end never comes, nor of a
        plan that costs nothing.
    """
    if measure not in moved.total or not moved.rows:
        return None
    before, after = moved.before[measure], moved.after[measure]
    steps = _rows(moved, measure, lang)
    marks = before, after, *(move for _, move in steps)
    if not all(map(math.isfinite, marks)) or not any(marks):
        return None
    unit = "days" if measure == "finish_days" else "eur"
    ends = _weeks(moved, lang)
    shown = [_at(moved, measure, value, lang) for value in (before, after)]
    moves = [move_of(move, unit, lang) for _, move in steps]

    def draw(ax):
        marks = [before]
        for _, move in steps:
            marks.append(marks[-1] + move)
        _axis(ax, moved, measure, [*marks, after], lang)
        _bars(ax, marks, after)
        # Half a page has room for the groups alone.
        shortened = (name.split("\n")[0] if is_half(ax) else name for name, _ in steps)
        row_names(ax, [ends[0], *shortened, ends[1]])
        at_right(ax, [shown[0], *moves, shown[1]])
        return ax

    names = [name.replace("\n", " – ") for name, _ in steps]
    total = move_of(moved.total[measure].value, unit, lang)
    title = headline(moved, measure, lang)
    table = ((ends[0], shown[0]), *zip(names, moves, strict=True), (ends[1], shown[1]),
             (pick(lang, "Écart", "Move"), total), (title, ""))  # fmt: skip
    return Figure(
        f"moved_{'date' if unit == 'days' else 'cost'}", draw, **_words(moved, measure, table, lang),
        columns=pick(lang, ("cause", "P80 ou écart"), ("cause", "P80 or move")), rows=table[:-1],
        height_in=1.1 + 0.42 * len(table),
    )  # fmt: skip


def _rows(moved: Moved, measure: str, lang: str) -> list[tuple[str, float]]:
    """Groups and their moves, the greatest first; the small ones as one; then method and residual."""
    found = [row for row in moved.rows if MODEL not in row.groups]
    found.sort(key=lambda row: -abs(row.moves[measure].value))
    least = LEAST_SHARE * abs(moved.total[measure].value)
    least = max(least, LEAST_DAYS if measure == "finish_days" else 0.0)
    small = [row for row in found if abs(row.moves[measure].value) < least]
    small = small if len(small) > 1 else []
    kept = [(_name(moved, row, measure, lang), row) for row in found if row not in small]
    rows = [(name, row.moves[measure].value) for name, row in kept]
    if small:
        text = pick(lang, "Autres causes", "Other causes")
        rows.append((f"{text} ({len(small)})", sum(row.moves[measure].value for row in small)))
    method = moved.row(MODEL)
    if method:
        rows.append((row_label(method, lang), method.moves[measure].value))
    return [*rows, (pick(lang, "Reste", "Residual"), moved.residual[measure].value)]


def _name(moved: Moved, row: Row, measure: str, lang: str) -> str:
    """A group, and below it the thing in it that moved the measure most."""
    main = row.main(measure)
    below = f"\n{label(capital(cause_label(moved, main, lang)), 34)}" if main else ""
    return label(row_label(row, lang), 34) + below


def _weeks(moved: Moved, lang: str) -> tuple[str, str]:
    """Names of both ends: the weeks."""
    names = (since(moved, lang), since(moved, lang, later=True))
    first, last = (capital(name.removeprefix("la ")) for name in names)
    return first, last


def _at(moved: Moved, measure: str, value: float, lang: str) -> str:
    if measure == "finish_days":
        return date_short(shown_date(value, moved.start), lang)
    return meur(value, lang)


def _axis(ax, moved: Moved, measure: str, marks: Sequence[float], lang: str) -> None:
    """Dates or money from the lowest step to the highest; what is between them is what moved."""
    if measure == "finish_days":
        date_axis(ax, moved.start, min(marks), max(marks), lang)
        _thinned(ax)
        return
    pad = max(0.06 * (max(marks) - min(marks)), 1e-3 * max(map(abs, marks)))
    ax.set_xlim(min(marks) - pad, max(marks) + pad)
    ax.xaxis.set_major_formatter(millions(lang))
    ax.set_xlabel(money_unit(lang, moved.plan.target.vat if moved.plan.target else None))
    ax.grid(axis="x", visible=True)


def _thinned(ax) -> None:
    """Leave out dates that would touch: names and numbers take most of half a page."""
    low, high = ax.get_xlim()
    ticks = zip(ax.get_xticks(), (text.get_text() for text in ax.get_xticklabels()), strict=True)
    kept: list[tuple[float, str]] = []
    for at, text in ticks if is_half(ax) else ():
        if not kept or at - kept[-1][0] > _APART * (high - low):
            kept.append((at, text))
    if kept:
        ax.set_xticks(*zip(*kept, strict=True))


def _bars(ax, marks: Sequence[float], after: float) -> None:
    """Draw each move from where the one above ends: worse hatched, better filled, both ends marked."""
    low, high = ax.get_xlim()
    for y, (x, to) in enumerate(pairwise(marks), 1):
        ax.plot([x, x], [y - 1, y], color=GREY, lw=0.8, ls=":", zorder=1)
        if abs(to - x) > _NARROW * (high - low):
            worse = {"facecolor": "white", "edgecolor": WORSE, "hatch": "////"}
            style = worse if to > x else {"color": BETTER}
            ax.barh(y, to - x, left=x, height=0.5, lw=1.2, zorder=3, **style)
        else:
            ax.plot([to], [y], "|", color=INK, ms=9, mew=1.4)
    ax.plot([after, after], [len(marks) - 1, len(marks)], color=GREY, lw=0.8, ls=":", zorder=1)
    for x, y in ((marks[0], 0), (after, len(marks))):
        ax.plot([x], [y], "D", ms=8, color=MAIN, mec="white", zorder=4)


def _words(moved: Moved, measure: str, table: Sequence, lang: str) -> dict[str, str]:
    """What is said around a bridge: its finding, its measure, its text for who cannot see it."""
    date, title = measure == "finish_days", table[-1][0]
    what = pick(lang, *(("Date P80", "P80 date") if date else ("Coût P80", "P80 cost")))
    listed = [f"{name} {value}" for name, value in table[:-2]]
    alt = f"{what}{pick(lang, french(' : '), ': ')}"
    name, value = table[1]
    averaged = pick(lang, ", en moyenne de P75 à P85", ", averaged from P75 to P85") if date else ""
    lecture = pick(
        lang,
        french(f"Lecture : ◆ P80 de chaque semaine{averaged} ; « {name} » compte pour {value}, en "
               "moyenne sur les ordres des causes, tirages communs. Hachuré vers la droite : "
               "se dégrade ; plein vers la gauche : s'améliore."),
        f"How to read it: ◆ P80 of each week{averaged}; “{name}” accounts for {value}, on average over "
        "the orders of the causes, on common draws. Hatched to the right: worse; filled to the left: "
        "better.",
    )  # fmt: skip
    return {
        "title": title,
        "subtitle": pick(lang, french(f"{what} : part de chaque cause dans le changement de la semaine"),
                         f"{what}: share of each cause in the week's change"),
        "alt": alt + fitting(listed, ALT_LIMIT - len(alt)),
        "lecture": lecture,
    }  # fmt: skip
