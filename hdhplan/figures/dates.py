"""Charts of dates: the joint cloud of date and cost, the timeline, the cutovers of the waves."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from hdhplan.figures.drawing import (
    GREY,
    INK,
    LIGHT,
    MAIN,
    SHADE,
    WORSE,
    Figure,
    date_axis,
    millions,
    row_names,
)
from hdhplan.figures.rollup import Row, finish_of, timeline_rows
from hdhplan.forecast import Forecast, end_of_day
from hdhplan.model import closed_periods
from hdhplan.wording.captions import captions
from hdhplan.wording.formats import (
    FEW_DRAWS,
    NBSP,
    chances,
    date_known,
    date_short,
    meur,
    money_unit,
    number,
    part_of_20,
    pick,
    share,
    span,
    twenties,
)
from hdhplan.wording.labels import capital, french, goal_label, wave_label

#: Points of the cloud: more only hide one another.
POINTS = 1_500
#: How far over the middle of its row a gate stands. [rows]
GATE_SHIFT = 0.3


def _vat(forecast: Forecast) -> str | None:
    return forecast.plan.target.vat if forecast.plan.target else None


def _ends(forecast: Forecast, lang: str) -> dict[str, str]:
    """Dates and amounts at P50 and P80 as words, and the name of the goal."""
    words = {"goal": goal_label(forecast.plan, lang), "unit": money_unit(lang, _vat(forecast))}
    known = (forecast.quantile, forecast.standard_error)
    for p in (50, 80):
        day, error = (ask("finish_day", p / 100) for ask in known)
        words[f"day{p}"] = date_known(forecast.date_of(day), error, lang)
        eur, error = (ask("cost_eur", p / 100) for ask in known)
        words[f"cost{p}"] = meur(eur, lang, _vat(forecast), error)
    return words


def joint(forecast: Forecast, lang: str, bare: bool = False) -> Figure | None:
    """Draw date and cost of each draw, against what is asked of both.

    ``bare`` leaves its legend and the shares in its corners to the text beside a small drawing.
    """
    days, costs = (forecast.values[q][:POINTS] for q in ("finish_day", "cost_eur"))
    ends = np.isfinite(days) & np.isfinite(costs)
    if not ends.any():
        return None
    target, words = forecast.plan.target, _ends(forecast, lang)
    by = target.finish if target else None
    due = end_of_day(forecast.plan, by) if by else None
    limit = target.cost_eur if target else None
    shares = _quadrants(forecast, lang)
    held = np.ones(len(days), bool) if due is None else days <= due
    held &= np.ones(len(days), bool) if limit is None else costs <= limit

    def draw(ax):
        marks = ((held, "o", MAIN, ("tenu", "held")), (~held, "x", WORSE, ("manqué", "missed")))
        for inside, mark, color, name in marks:
            x, y = days[ends & inside], costs[ends & inside]
            style = {"ls": "", "mec": color, "mfc": "none", "ms": 3.6, "mew": 0.8, "alpha": 0.5}
            ax.plot(x, y, marker=mark, label=pick(lang, *name), **style)
        line = forecast.frontier(0.7) if shares else []
        if line:
            name = pick(lang, "tenus ensemble 14 fois sur 20", "held together 14 times in 20")
            ax.plot(*zip(*line, strict=True), color=INK, lw=1.8, label=name)
        if shares and not bare:
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=3, markerscale=1.8)
        _cross_hair(ax, forecast, days[ends], costs[ends], (due, limit), lang, 3 if bare else 6)
        _print_quadrants(ax, () if bare else shares, pick(lang, f"{NBSP}:", ":"))
        ax.yaxis.set_major_formatter(millions(lang))
        return ax

    f = SimpleNamespace(few=forecast.draws < FEW_DRAWS, p_both=forecast.p_both)
    parts = ", ".join(f"{name} {text}" for name, text in shares) or words["goal"]
    words |= {"odds": chances(f.p_both, lang), "parts": capital(parts)}
    words |= {"shown": number(len(days), lang), "draws": number(forecast.draws, lang)}
    rows = [*shares, *((f"P{p}", f"{words[f'day{p}']}, {words[f'cost{p}']}") for p in (50, 80))]
    columns = (pick(lang, "tirages", "draws"), pick(lang, "chances ou valeur", "odds or value"))
    return Figure("joint", draw, **captions("joint", f, lang, words), columns=columns,
                  rows=tuple(rows), height_in=4.6)  # fmt: skip


def _quadrants(forecast: Forecast, lang: str) -> list[tuple[str, str]]:
    """Chances in 20 of holding both, the amount alone, the date alone, neither; or nothing."""
    both = forecast.p_both
    if both is None:
        return []
    parts = (both, forecast.p_budget - both, forecast.p_date - both)
    names = (
        pick(lang, "les deux tenus", "both held"),
        pick(lang, "montant seul", "amount alone"),
        pick(lang, "date seule", "date alone"),
        pick(lang, "aucun", "neither"),
    )
    whole = (*parts, 1 - sum(parts))
    tidy = [p if p > 1e-9 else 0.0 for p in whole]
    within = pick(lang, "sur", "in")
    counts = [part_of_20(n, p) for n, p in zip(twenties(tidy), tidy, strict=True)]
    return [
        (name, f"{count} {within} 20".replace(" ", NBSP))
        for name, count in zip(names, counts, strict=True)
    ]


def _cross_hair(ax, forecast: Forecast, days, costs, asked, lang: str, most: int) -> None:
    """Draw what is asked, with room around the cloud for the four counts."""
    (due, limit), start = asked, forecast.plan.start
    wide = [*np.quantile(days, (0, 0.995)), *([due] if due else [])]
    tall = [*np.quantile(costs, (0, 0.995)), *([limit] if limit else [])]
    date_axis(ax, start, *_around(min(wide), max(wide), due, 0.27), lang, most)
    room = max(max(tall) - min(tall), 0.02 * max(tall), 1.0) * 0.1
    ax.set_ylim(*_around(min(tall) - room, max(tall) + room, limit, 0.12))
    if due:
        ax.axvline(due, color=GREY, lw=1.2, ls="--")
        text = f"{pick(lang, 'cible', 'target')} {date_short(forecast.plan.target.finish, lang)}"
        ax.annotate(text, (due, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                    textcoords="offset points", ha="center", va="bottom")  # fmt: skip
    if limit:
        ax.axhline(limit, color=GREY, lw=1.2, ls="--")
        text = meur(limit, lang, _vat(forecast))
        ax.annotate(text, (1, limit), xycoords=("axes fraction", "data"), xytext=(4, 0),
                    textcoords="offset points", ha="left", va="center")  # fmt: skip


def _around(low: float, high: float, mark: float | None, part: float) -> tuple[float, float]:
    """Widen an interval so that a mark has a part of it on either side."""
    if mark is None:
        return low, high
    need = part / (1 - part)
    return min(low, mark - need * (high - mark)), max(high, mark + need * (mark - low))


def _print_quadrants(ax, shares: list[tuple[str, str]], colon: str) -> None:
    corners = ((0.015, 0.02), (0.985, 0.02), (0.015, 0.98), (0.985, 0.98))
    for (name, text), (x, y) in zip(shares, corners, strict=False):
        ax.text(
            x, y, f"{text}{colon} {name}", transform=ax.transAxes, weight="bold",
            ha="left" if x < 0.5 else "right", va="bottom" if y < 0.5 else "top",
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def timeline(forecast: Forecast, lang: str) -> Figure | None:
    """Draw phases, waves and milestones with the spread of their finish."""
    rows = timeline_rows(forecast, lang)
    if not rows:
        return None

    def draw(ax):
        lows = [row.start for row in rows if math.isfinite(row.start)]
        highs = [x for row in rows for x in (*row.finish, row.start) if math.isfinite(x)]
        target = forecast.plan.target
        due = end_of_day(forecast.plan, target.finish) if target and target.finish else None
        low, high = min(lows, default=0.0), max([*highs, due or 1.0])
        date_axis(ax, forecast.plan.start, low, high, lang)
        shade(ax, closed_cutovers(forecast))
        for y, row in enumerate(rows):
            _draw_row(ax, y, row, ax.get_xlim()[1])
        row_names(ax, [row.name for row in rows])
        if due:
            ax.axvline(due, color=GREY, lw=1.2, ls="--")
            text = f"{pick(lang, 'cible', 'target')} {date_short(target.finish, lang)}"
            ax.annotate(text, (due, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                        textcoords="offset points", ha="center", va="bottom")  # fmt: skip
        right_labels(ax, [date_short(forecast.date_of(row.finish[2]), lang) for row in rows])
        return ax

    table = tuple(_row_cells(forecast, row, lang) for row in rows)
    f, words = _timeline_words(forecast, rows, lang)
    words |= {"row": table[0][0], "row50": table[0][3], "row80": table[0][4]}
    heads = pick(
        lang,
        "ligne;début P50;fin P10;fin P50;fin P80;critique;points de passage, P50",
        "row;start P50;finish P10;finish P50;finish P80;critical;gates, P50",
    )
    goal = (words["goal"], "", "", words["day50"], words["day80"], "", "")
    return Figure("timeline", draw, **captions("timeline", f, lang, words),
                  columns=tuple(heads.split(";")), rows=(*table, goal),
                  height_in=1.3 + 0.33 * len(rows))  # fmt: skip


def _timeline_words(forecast: Forecast, rows: list[Row], lang: str):
    """How the prudent date stands to the target, what is critical, and what is closed."""
    words, f = _ends(forecast, lang), SimpleNamespace(day80=forecast.quantile("finish_day", 0.8))
    f.error, f.gap = forecast.standard_error("finish_day", 0.8), None
    if forecast.plan.target and forecast.plan.target.finish and math.isfinite(f.day80):
        f.gap = (forecast.date_of(f.day80) - forecast.plan.target.finish).days
    critical = fitting([row.name for row in rows if row.critical >= 0.5], 80)
    words["critical"] = critical or pick(lang, "aucune", "none")
    words["by"] = span(f.gap or 0, f.error, lang)
    grey = pick(lang, french(". Gris : bascules fermées"), ". Grey: no cutovers")
    words["shut"] = grey if closed_cutovers(forecast) else ""
    return f, words


def _draw_row(ax, y: int, row: Row, edge: float) -> None:
    """Draw one row; what has no end runs to the edge of the chart."""
    p10, p50, p80 = (min(x, edge) for x in row.finish)
    dark = row.critical >= 0.5
    if row.milestone and math.isfinite(row.finish[1]):
        ax.plot([p50], [y], marker="D", ms=7, color=MAIN if dark else "white", mec=MAIN, zorder=4)
    elif math.isfinite(row.start) and not row.milestone:
        light = {"facecolor": LIGHT, "edgecolor": MAIN, "hatch": "\\\\\\"}
        face = {"color": MAIN} if dark else light
        ax.barh(y, max(p50 - row.start, 0), left=row.start, height=0.5, lw=0.8, **face)
    if row.gates:
        days = [min(day, edge) for day in row.gates]
        ax.plot(days, [y - GATE_SHIFT] * len(days), ls="", marker="v", ms=6, color="white",
                mec=INK, mew=1.1, zorder=5)  # fmt: skip
    if math.isfinite(row.finish[0]):
        # White under black, so that it shows on a dark bar too.
        for color, width in (("white", 3.2), (INK, 1.4)):
            ax.plot([p10, p80], [y, y], color=color, lw=width, zorder=3, solid_capstyle="butt")
            for x in (p10, p80):
                ax.plot([x, x], [y - 0.16, y + 0.16], color=color, lw=width, zorder=3)


def closed_cutovers(forecast: Forecast) -> list[tuple[int, int]]:
    """First and last day of each period in which no wave may cut over. [d]"""
    plan = forecast.plan
    named = {wave.cutover.calendar or plan.calendar for wave in plan.waves.values()}
    each = [set(closed_periods(plan, name or "")) for name in named]
    return sorted(set.intersection(*each)) if each else []


def shade(ax, periods: list[tuple[int, int]]) -> None:
    """Shade closed periods over the whole height; those outside the axes are left out."""
    low, high = ax.get_xlim()
    for first, last in periods:
        if last + 1 > low and first < high:
            ax.axvspan(max(first, low), min(last + 1, high), color=SHADE, lw=0, zorder=0)


def right_labels(ax, labels: list[str]) -> None:
    """Write a text at the right of each row."""
    for y, text in enumerate(labels):
        ax.annotate(text, (1, y), xycoords=("axes fraction", "data"), xytext=(4, 0),
                    textcoords="offset points", ha="left", va="center")  # fmt: skip


def _row_cells(forecast: Forecast, row: Row, lang: str) -> tuple[str, ...]:
    ends = [date_short(forecast.date_of(day), lang) for day in row.finish]
    # A milestone has no length: it has no start to show besides its finish.
    start = "" if row.milestone else date_short(forecast.date_of(row.start + 1), lang)
    gates = ", ".join(date_short(forecast.date_of(day), lang) for day in row.gates)
    return (row.name, start, *ends, share(row.critical, lang), gates)


def fitting(names: list[str], limit: int, between: str = ", ") -> str:
    """As many names as fit into a number of characters; those too long are left out."""
    kept: list[str] = []
    for name in names:
        if len(between.join([*kept, name])) <= limit:
            kept.append(name)
    return between.join(kept)


def waves(forecast: Forecast, lang: str) -> Figure | None:
    """Draw the cutover of each wave: P10, P50, P80."""
    names = [w for w in forecast.plan.waves if f"{w}.cutover" in forecast.spread]
    if not names:
        return None
    ends = [finish_of(forecast, f"{w}.cutover") for w in names]
    labels = [capital(wave_label(forecast.plan, w, lang)) for w in names]

    def draw(ax):
        known = [x for row in ends for x in row if math.isfinite(x)] or [0.0, 1.0]
        date_axis(ax, forecast.plan.start, min(known), max(known), lang)
        for y, row in enumerate(ends):
            p10, p50, p80 = (min(x, ax.get_xlim()[1]) for x in row)
            ax.plot([p10, p80], [y, y], color=MAIN, lw=2)
            if math.isfinite(row[1]):
                ax.plot([p50], [y], "o", ms=8, color="white", mec=MAIN, mew=1.8)
            if math.isfinite(row[2]):
                ax.plot([p80], [y], "D", ms=7, color=MAIN)
        row_names(ax, labels)
        right_labels(ax, [date_short(forecast.date_of(row[2]), lang) for row in ends])
        return ax

    table = [
        (name, *(date_short(forecast.date_of(x), lang) for x in row))
        for name, row in zip(labels, ends, strict=True)
    ]
    middle = sorted(row[1] for row in ends)
    words = {f"{k}50": date_short(forecast.date_of(x), lang)
             for k, x in (("first", middle[0]), ("last", middle[-1]))}  # fmt: skip
    words |= {"row": table[0][0], "row50": table[0][2], "row80": table[0][3]}
    words["list"] = fitting([f"{n} ({p50}, {p80})" for n, _, p50, p80 in table], 160)
    f = SimpleNamespace(last50=middle[-1], count=len(names))
    columns = (pick(lang, "vague", "wave"), "P10", "P50", "P80")
    return Figure("waves", draw, **captions("waves", f, lang, words), columns=columns,
                  rows=tuple(table), height_in=1.4 + 0.36 * len(names))  # fmt: skip
