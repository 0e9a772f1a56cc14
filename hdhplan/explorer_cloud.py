"""The two views that are always there: date and cost of each draw, and why the odds moved."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdhplan.explorer_lines import STYLES, Lines, dates, ghosts, millions, names, snapped
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_sheet import BELOW, TOP, Sheet, short, view
from hdhplan.explorer_why import Effect
from hdhplan.figures.drawing import GREY, MAIN, WORSE
from hdhplan.forecast import end_of_day
from hdhplan.wording.formats import date_short, meur, number, pick, twenty

#: Points of a cloud.
POINTS = 250


def joint(lines: Lines, ask: Ask) -> str:
    """Draw date and cost of some draws, against what is asked of both; the reference as crosses."""
    lang, now = ask.lang, lines["scenario"]
    eur = ask.eur(now.plan, 1.0)
    due = end_of_day(now.plan, now.plan.target.finish)
    most = eur * now.plan.envelope_eur
    clouds = {
        key: (lines[key].values["finish_day"][:POINTS], eur * lines[key].values["cost_eur"][:POINTS])
        for key in ("reference", "scenario")
    }  # fmt: skip
    x = snapped([due, *clouds["reference"][0], *clouds["scenario"][0]], 60)
    y = snapped([most, *clouds["reference"][1], *clouds["scenario"][1]], 2e6)
    sheet = Sheet(x, y)
    sheet.axes(dates(now, x, lang), millions(y, lang))
    # One path a cloud: small to send, quick to draw.
    for key, mark, face in (
        ("reference", "m-2 -2l4 4m-4 0l4 -4", f'stroke="{GREY}" stroke-width="1"'),
        ("scenario", "h0", f'stroke="{MAIN}" stroke-width="4.2" stroke-linecap="round"'),
    ):
        sheet.marks.append(f'<path opacity="0.7" d="{_dots(sheet, *clouds[key], mark)}" {face}/>')
    sheet.line(sheet.at(due, y[0]), sheet.at(due, y[1]), WORSE, 1.6, "5 3")
    sheet.line(sheet.at(x[0], most), sheet.at(x[1], most), WORSE, 1.6, "5 3")
    _prudent(sheet, lines, ask)
    p = f"P{round(ask.p * 100)}"
    head = pick(
        lang, f";date {p};coût {p};date;budget;les deux;continuité;tout, sur 20",
        f";date {p};cost {p};date;budget;both;continuity;all, in 20",
    )  # fmt: skip
    title = pick(
        lang, "Tient-on ? Date et coût de chaque tirage (M€)", "Do we hold? Date and cost of each draw (€M)"
    )  # fmt: skip
    alt = pick(
        lang,
        f"Pointillés : la cible. Croix : la référence. Anneaux : date et coût {p} des trois lignes.",
        f"Dashes: the target. Crosses: the reference. Rings: {p} date and cost of the three lines.",
    )
    rows = _rows(lines, ask)
    return view(title, sheet.svg(title, alt), head.split(";"), rows, lang, f"<p>{alt}</p>")


def _dots(sheet: Sheet, days: NDArray, costs: NDArray, mark: str) -> str:
    """Path of a mark at each place; draws that never end have none."""
    ends = np.isfinite(days) & np.isfinite(costs)
    across, up = sheet.places(days[ends], costs[ends])
    pairs = zip(across.tolist(), up.tolist(), strict=True)
    return "".join(f"M{a:.1f} {b:.1f}{mark}" for a, b in pairs)


def _prudent(sheet: Sheet, lines: Lines, ask: Ask) -> None:
    """A ring where each line has its date and cost at the percentile asked for."""
    for key in (*ghosts(lines), "scenario"):
        f = lines[key]
        cost = ask.eur(f.plan, f.quantile("cost_eur", ask.p))
        day = f.quantile("finish_day", ask.p)
        if not math.isfinite(cost + day):
            continue
        (a, b), (color, _, dash) = sheet.at(day, cost), STYLES[key]
        sheet.marks.append(f'<circle cx="{a}" cy="{b}" r="6" stroke="#FFFFFF" stroke-width="5"/>')
        sheet.marks.append(
            f'<circle cx="{a}" cy="{b}" r="6" stroke="{color}" stroke-width="2.4" '
            f'stroke-dasharray="{dash}"/>'
        )


def _rows(lines: Lines, ask: Ask) -> list[tuple[str, ...]]:
    rows = []
    for key, name in names(ask.lang).items():
        f = lines[key]
        cost = meur(ask.eur(f.plan, f.quantile("cost_eur", ask.p)), ask.lang, ask.vat)
        odds = [twenty(p or 0.0) for p in (f.p_date, f.p_budget, f.p_both, f.p_continuity, f.p_all)]
        day = date_short(f.date_of(f.quantile("finish_day", ask.p)), ask.lang)
        rows.append((name, day, cost, *odds))
    return rows


def bridge(found: Sequence[Effect], ask: Ask) -> str:
    """Draw what each thing that was moved does to the odds of both, in chances in 20."""
    if not found:
        return ""
    lang, most = ask.lang, max(1.0, *(abs(20 * e.both.value) for e in found))
    sheet = Sheet((-1.1 * most, 1.1 * most), (0.0, 1.0), TOP + BELOW + 34 * len(found), 12)
    sheet.axes([(v, _tick(v, lang)) for v in (-most, 0.0, most)], ())
    rows = []
    for i, effect in enumerate(found):
        y, value, since = TOP + 22 + 34 * i, 20 * effect.both.value, len(sheet.marks)
        zero, end = sheet.at(0.0, 0)[0], sheet.at(value, 0)[0]
        face = (
            f'fill="#FFFFFF" stroke="{WORSE}" stroke-dasharray="4 2"'
            if effect.assumed
            else f'fill="{MAIN if effect.key else GREY}"'
        )
        wide = max(abs(end - zero), 1.0)
        sheet.text(14, y - 3, short(effect.name, 54))
        sheet.marks.append(
            f'<rect x="{min(zero, end)}" y="{y}" width="{wide:.1f}" height="9" {face}/>'
        )
        if effect.key:
            sheet.keyed(f"lever:{effect.key}", f"{effect.name}, {_tick(value, lang)}", since)
        error = 20 * effect.both.se
        known = number(error, lang, 1) if math.isfinite(error) else "?"
        rows.append((effect.name, number(value, lang, 1), known))
    title = pick(
        lang, "Pourquoi ? Chances sur 20, chacun pris seul", "Why? Chances in 20, each by itself"
    )
    alt = pick(
        lang,
        "Plein : une décision. Creux : une hypothèse. Gris : le tout.",
        "Solid: a decision. Hollow: an assumption. Grey: all together.",
    )
    head = pick(lang, ";chances sur 20;erreur type", ";chances in 20;standard error").split(";")
    keys = [f"lever:{effect.key}" if effect.key else "" for effect in found]
    return view(title, sheet.svg(title, alt), head, rows, lang, f"<p>{alt}</p>", keys)


def _tick(value: float, lang: str) -> str:
    return ("+" if value > 0 else "") + number(value, lang, 1 if value else 0)
