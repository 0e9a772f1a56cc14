"""The chart of milestones week after week: where each stood then, and how far it has slipped."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from hdhplan.calendars import shown_date
from hdhplan.figures.dates import fitting
from hdhplan.figures.drawing import (
    GREY,
    INK,
    MAIN,
    SECOND,
    SHADE,
    SMALL,
    THIRD,
    Figure,
    date_axis,
    date_ticks,
    is_half,
    room_for_dates,
)
from hdhplan.past import Past
from hdhplan.plan import Plan
from hdhplan.wording.captions import captions
from hdhplan.wording.formats import date_short, days, label, pick, plural
from hdhplan.wording.labels import capital, french, task_label

#: A trend needs so many weeks; with fewer a table says more.
FEWEST_WEEKS = 4
#: Colour, line and mark of each milestone.
_STYLES = ((MAIN, "-", "o"), (SECOND, "--", "s"), (THIRD, "-.", "^"), (INK, ":", "D"))
#: Characters of a name in a narrow legend.
_SHORT = 17


def instant(week: Past, start: dt.date) -> float:
    """End of a week's data date. [d]"""
    return float((week.day - start).days + 1)


@dataclass(frozen=True)
class _Drift:
    """One milestone over the weeks: P50 and P80, not a number where it never comes. [d]"""

    name: str
    p50: NDArray
    p80: NDArray
    p50_dates: tuple[dt.date | None, ...]
    p80_dates: tuple[dt.date | None, ...]

    @property
    def known(self) -> NDArray:
        """Positions of the weeks in which it had a median date."""
        return np.flatnonzero(np.isfinite(self.p50))

    @property
    def lost(self) -> bool:
        """Whether it has no median date in the last week."""
        return not np.isfinite(self.p50[-1])

    @property
    def slip(self) -> int:
        """Days from the first date that it had to the last. [d]"""
        first, last = self.known[[0, -1]]
        return (self.p50_dates[last] - self.p50_dates[first]).days

    def said(self, lang: str) -> str:
        """Its slip with its sign, or that it has no date any more."""
        if self.lost:
            return pick(lang, "sans date", "no date")
        return f"{'+' if self.slip > 0 else ''}{days(self.slip, lang)}"


def trend(past: Sequence[Past], plan: Plan, names: Sequence[str], lang: str) -> Figure | None:
    """Draw the forecast date of up to four milestones, week after week.

    None with fewer than four weeks, or where no milestone ever had a date.
    """
    if len(past) < FEWEST_WEEKS:
        return None
    found = [_drift(past, plan, name, lang) for name in names]
    drifts = [drift for drift in found if len(drift.known)][: len(_STYLES)]
    if not drifts:
        return None
    x = np.array([instant(week, plan.start) for week in past])
    before = _reference(past)

    def draw(ax):
        _frame(ax, x, drifts, plan.start, lang)
        size = 3.2 if is_half(ax) else 4.5
        for drift, (color, line, mark) in zip(drifts, _STYLES, strict=False):
            if before is not None:
                ax.plot(x[[0, -1]], drift.p50[[before, before]], color=GREY, ls=":", lw=0.9)
            style = {"color": color, "marker": mark, "ms": size, "mec": color}
            ax.plot(x, drift.p80, ls="", mfc="white", mew=0.9, zorder=2.2, **style)
            name = _short(drift.name) if is_half(ax) else drift.name
            ax.plot(x, drift.p50, ls=line, lw=1.6, zorder=2.4, label=name, **style)
        _end_labels(ax, x, drifts, lang)
        ax.figure.legend(loc="outside lower left", ncols=2, columnspacing=1.0, handlelength=2.2)
        return ax

    f, words = _trend_words(past, drifts, before, lang)
    heads = [f"{drift.name} {p}" for drift in drifts for p in ("P50", "P80")]
    return Figure("trend", draw, **captions("trend", f, lang, words),
                  columns=(pick(lang, "au", "as of"), *heads),
                  rows=_trend_rows(past, drifts, lang), height_in=4.2)  # fmt: skip


def _frame(ax, x: NDArray, drifts: Sequence[_Drift], start: dt.date, lang: str) -> None:
    """Dates on both axes, and the ground on which a milestone lies behind the data date."""
    every = np.concatenate([x, *(line for drift in drifts for line in (drift.p50, drift.p80))])
    low, high = np.nanmin(every), np.nanmax(every)
    pad = 0.04 * max(high - low, 7.0)
    ax.set_ylim(low - pad, high + pad)
    date_axis(ax, start, x[0], x[-1], lang, room_for_dates(ax))
    ax.set_yticks(*date_ticks(start, *ax.get_ylim(), lang, 5))
    ax.grid(axis="y", visible=True)
    edge = np.array(ax.get_xlim())
    ax.fill_between(edge, low - pad, edge, color=SHADE, lw=0, zorder=0)
    ax.plot(edge, edge, color=GREY, lw=0.8)


def _drift(past: Sequence[Past], plan: Plan, name: str, lang: str) -> _Drift:
    never = (None, None)
    pairs = [week.milestones.get(name, never) for week in past]
    sides = [[math.inf if v is None else v for v in side] for side in zip(*pairs, strict=True)]
    lines = (np.where(np.isfinite(side), side, np.nan) for side in sides)
    dates = (tuple(shown_date(v, plan.start) for v in side) for side in sides)
    return _Drift(label(capital(task_label(plan, name, lang)), 30), *lines, *dates)


def _reference(past: Sequence[Past]) -> int | None:
    """Position of the week of the reference in force, where it is one of those shown."""
    weeks = [week.week for week in past]
    _, week = past[-1].reference
    return weeks.index(week) if week in weeks else None


def _short(name: str) -> str:
    """A name for a legend of two columns at half the width of a page: what is in brackets goes first."""
    return label(name if len(name) <= _SHORT else name.partition(" (")[0], _SHORT)


def _end_labels(ax, x: NDArray, drifts: Sequence[_Drift], lang: str) -> None:
    """Write the slip of each milestone at the end of its line, none on another."""
    low, high = ax.get_ylim()
    ends = [drift.p50[drift.known[-1]] for drift in drifts]
    # The axes take at least a third of the sheet's height.
    gap = 1.25 * SMALL / (ax.figure.get_figheight() * 72 / 3)
    places = apart([(end - low) / (high - low) for end in ends], gap)
    for drift, end, place, (color, *_) in zip(drifts, ends, places, _STYLES, strict=False):
        ax.annotate(
            drift.said(lang), (x[drift.known[-1]], end), xytext=(1.06, place),
            textcoords="axes fraction", va="center", ha="left", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "lw": 0.7, "shrinkA": 1, "shrinkB": 3},
        )  # fmt: skip


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Places between 0 and 1 moved so that each is a gap away from the next, in the same order.

    Examples
    --------
    >>> apart([0.5, 0.5, 0.0], 0.25)
    [0.5, 0.75, 0.0]
    """
    gap = min(gap, 1 / max(len(places) - 1, 1))
    order, found = sorted(range(len(places)), key=lambda i: places[i]), list(places)
    for below, above in pairwise(order):
        found[above] = max(found[above], found[below] + gap)
    top = 1.0
    for i in reversed(order):
        found[i], top = min(found[i], top), min(found[i], top) - gap
    return found


def _trend_words(past: Sequence[Past], drifts: Sequence[_Drift], before: int | None, lang: str):
    """Who drifted most, who lost its date, and what one milestone said in the last week."""
    held = [drift for drift in drifts if not drift.lost]
    lost = [drift.name for drift in drifts if drift.lost]
    slips = [drift.slip for drift in held]
    f = SimpleNamespace(
        lost=bool(lost), most=max(slips, default=0), least=min(slips, default=0)
    )  # fmt: skip
    words = {"lost": lost[0] if lost else "", "since": date_short(past[0].day, lang)}
    for key, slip in (("late", f.most), ("early", f.least)):
        drift = drifts[0] if lost else next(d for d in held if d.slip == slip)
        words[key] = drift.name
        words[f"{key}_by"] = plural(abs(slip), lang, "jour", "day")
        words[f"{key}_since"] = date_short(past[drift.known[0]].day, lang)
    named = [drift.name + ("" if drift.lost else f" {date_short(drift.p50_dates[-1], lang)}")
             + f" ({drift.said(lang)})" for drift in drifts]  # fmt: skip
    words["list"] = fitting(named, 165)
    words["reference"] = ""
    if before is not None:
        words["reference"] = pick(lang, french(" ; pointillé : référence "), "; dotted: reference ")
        words["reference"] += label(past[-1].reference[0], 12)
    gaps = [f"{drift.name} {len(past) - len(drift.known)}" for drift in drifts
            if len(drift.known) < len(past)]  # fmt: skip
    lead = pick(
        lang, french(". Semaines sans date (un trou) : "), ". Weeks without a date (a gap): "
    )
    words["gaps"] = lead + ", ".join(gaps) if gaps else ""
    return f, words | _one_mark(past, (held or drifts)[0], lang)


def _one_mark(past: Sequence[Past], drift: _Drift, lang: str) -> dict[str, str]:
    """What a milestone said the last time that it had a date."""
    last = int(drift.known[-1])
    words = {"day": date_short(past[last].day, lang), "row": drift.name}
    words["row50"] = date_short(drift.p50_dates[last], lang)
    prudent = drift.p80_dates[last]
    by = pick(lang, f"le {date_short(prudent, lang)} huit fois sur dix",
              f"by {date_short(prudent, lang)} eight times in ten")  # fmt: skip
    none = pick(lang, "sans date prudente (P80)", "without a prudent date (P80)")
    return words | {"prudent": by if prudent else none}


def _trend_rows(past: Sequence[Past], drifts: Sequence[_Drift], lang: str):
    """A row for each week, then how far each milestone has slipped."""
    rows = [
        (date_short(week.day, lang),
         *(date_short(dates[i], lang) for d in drifts for dates in (d.p50_dates, d.p80_dates)))
        for i, week in enumerate(past)
    ]  # fmt: skip
    slips = [cell for drift in drifts for cell in (drift.said(lang), "")]
    return (*rows, (pick(lang, "glissement", "slip"), *slips))
