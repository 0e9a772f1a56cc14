"""The explorer's views as small hand-written SVGs: the scenario, and the reference as its ghost.

Written by hand because a chart of matplotlib takes several times the hundred milliseconds in which
a lever must answer. Each has a title, a description and a table of the numbers that it shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from hdhplan.explorer_odds import Ask
from hdhplan.explorer_sheet import BELOW, TOP, Sheet, view
from hdhplan.explorer_why import Effect
from hdhplan.figures.drawing import GREY, INK, LIGHT, MAIN, WORSE, date_ticks
from hdhplan.figures.rollup import timeline_rows
from hdhplan.forecast import Forecast, end_of_day
from hdhplan.wording.formats import BASIS, date_short, meur, number, pick, twenty

#: Points of a cloud.
POINTS = 250
#: The three lines, each with a colour, a width and dashes of its own.
STYLES = {
    "reference": (GREY, 1.2, "2 3"),
    "assumed": (WORSE, 1.6, "7 3"),
    "scenario": (MAIN, 2.4, ""),
}
_ROW = 19


def names(lang: str) -> dict[str, str]:
    """What the three lines are called."""
    return {
        "reference": pick(lang, "référence", "reference"),
        "assumed": pick(lang, "référence, hypothèses changées", "reference, assumptions changed"),
        "scenario": pick(lang, "scénario", "scenario"),
    }


def legend(lang: str) -> str:
    """The three lines, each with its colour and its dashes."""
    found = []
    for key, name in names(lang).items():
        color, width, dash = STYLES[key]
        found.append(
            f'<span><svg viewBox="0 0 34 8" width="34" height="8" aria-hidden="true"><path d="M0 4H34" '
            f'stroke="{color}" stroke-width="{width}" stroke-dasharray="{dash}"/></svg> {name}</span>'
        )
    return f'<p class="legend">{" ".join(found)}</p>'


Lines = dict[str, Forecast]


def joint(lines: Lines, ask: Ask) -> str:
    """Draw date and cost of some draws, against what is asked of both; the reference hollow."""
    lang, now = ask.lang, lines["scenario"]
    due, most = (
        end_of_day(now.plan, now.plan.target.finish),
        ask.eur(now.plan, now.plan.envelope_eur),
    )
    clouds = {
        key: (lines[key].values["finish_day"][:POINTS],
              ask.eur(now.plan, 1.0) * lines[key].values["cost_eur"][:POINTS])
        for key in ("reference", "scenario")
    }  # fmt: skip
    x = _snapped([due, *clouds["reference"][0], *clouds["scenario"][0]], 60)
    y = _snapped([most, *clouds["reference"][1], *clouds["scenario"][1]], 2e6)
    sheet = Sheet(x, y)
    sheet.axes(_dates(now, x, lang), _millions(y, lang))
    for key, mark in (
        ("reference", f'r="2.4" stroke="{GREY}"'),
        ("scenario", f'r="2" fill="{MAIN}"'),
    ):
        places = [sheet.at(d, c) for d, c in zip(*clouds[key], strict=True) if math.isfinite(d + c)]
        dots = "".join(f'<circle cx="{a}" cy="{b}" {mark}/>' for a, b in places)
        sheet.marks.append(f'<g opacity="0.75">{dots}</g>')
    sheet.line(sheet.at(due, y[0]), sheet.at(due, y[1]), WORSE, 1.6, "5 3")
    sheet.line(sheet.at(x[0], most), sheet.at(x[1], most), WORSE, 1.6, "5 3")
    rows = []
    for key, name in names(lang).items():
        f = lines[key]
        cost = meur(ask.eur(f.plan, f.quantile("cost_eur", ask.p)), lang, ask.vat)
        odds = [twenty(p or 0.0) for p in (f.p_date, f.p_budget, f.p_both, f.p_continuity, f.p_all)]
        rows.append(
            (name, date_short(f.date_of(f.quantile("finish_day", ask.p)), lang), cost, *odds)
        )
    p = f"P{round(ask.p * 100)}"
    head = pick(
        lang, f";date {p};coût {p};date;budget;les deux;continuité;tout, sur 20",
        f";date {p};cost {p};date;budget;both;continuity;all, in 20",
    )  # fmt: skip
    title = pick(
        lang, "Tient-on ? Date et coût de chaque tirage (M€)", "Do we hold? Date and cost of each draw (€M)"
    )  # fmt: skip
    alt = pick(lang, "Pointillés : la cible. Cercles creux : la référence.",
               "Dashes: the target. Hollow circles: the reference.")  # fmt: skip
    return view(title, sheet.svg(title, alt), head.split(";"), rows, lang, f"<p>{alt}</p>")


def _snapped(values: Sequence[float], step: float) -> tuple[float, float]:
    """Limits on a coarse grid, so that they stay where they are while a lever moves a little."""
    known = np.asarray([v for v in values if math.isfinite(v)] or [0.0])
    low, high = np.floor(known.min() / step) * step, np.ceil(known.max() / step) * step
    return float(low), float(max(high, low + step))


def _dates(
    forecast: Forecast, limits: tuple[float, float], lang: str, most: int = 4
) -> list[tuple[float, str]]:
    return list(zip(*date_ticks(forecast.plan.start, *limits, lang, most), strict=True))


def _millions(limits: tuple[float, float], lang: str) -> list[tuple[float, str]]:
    step = max(1, math.ceil((limits[1] - limits[0]) / 1e6 / 5)) * 1e6
    marks = np.arange(math.ceil(limits[0] / step) * step, limits[1] + 1, step)
    return [(float(m), number(m / 1e6, lang)) for m in marks]


def timeline(lines: Lines, ask: Ask) -> str:
    """Draw phases, waves and milestones with whiskers; the critical ones dark, the reference below."""
    lang, now = ask.lang, lines["scenario"]
    rows, old = (timeline_rows(lines[k], lang) for k in ("scenario", "reference"))
    before = {row.name: row for row in old}
    ends = [x for row in (*rows, *old) for x in (row.start, *row.finish)]
    sheet = Sheet(_snapped(ends, 60), (0.0, 1.0), TOP + BELOW + _ROW * len(rows) + 6, 158)
    sheet.axes(_dates(now, sheet.x, lang, 3), ())
    table = []
    for i, row in enumerate(rows):
        y = TOP + 9 + _ROW * i
        _whiskers(sheet, row, y, row.critical >= 0.5, INK)
        if row.name in before:
            _whiskers(sheet, before[row.name], y + 6, None, GREY)
        star = "● " if row.critical >= 0.5 else ""
        sheet.text(
            144, y + 4, star + (row.name[:22] + "…" if len(row.name) > 23 else row.name), "end"
        )
        days = [date_short(now.date_of(d), lang) for d in row.finish]
        table.append((row.name, *days, pick(lang, "oui", "yes") if star else ""))
    due = end_of_day(now.plan, now.plan.target.finish)
    sheet.line(
        (sheet.at(due, 0)[0], TOP), (sheet.at(due, 0)[0], sheet.height - BELOW), WORSE, 1.6, "5 3"
    )
    head = pick(lang, "ligne;P10;P50;P80;critique", "row;P10;P50;P80;critical").split(";")
    title = pick(
        lang, "Calendrier : P50, moustaches P10 à P80", "Timeline: P50, whiskers P10 to P80"
    )
    alt = pick(lang, "● : sur le chemin critique une fois sur deux au moins. Gris : la référence.",
               "●: on the critical path in half of the draws at least. Grey: the reference.")  # fmt: skip
    return view(title, sheet.svg(title, alt), head, table, lang, f"<p>{alt}</p>")


def _short(name: str, most: int = 20) -> str:
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _whiskers(sheet: Sheet, row, y: float, dark: bool | None, color: str) -> None:
    """One row: a bar to its P50, whiskers from P10 to P80; of the reference the whiskers alone."""
    start, p10, p50, p80 = (sheet.at(v, 0)[0] for v in (row.start, *row.finish))
    if dark is not None and not row.milestone and math.isfinite(row.start):
        fill = MAIN if dark else LIGHT
        wide = max(round(p50 - start, 1), 0)
        sheet.marks.append(
            f'<rect x="{start}" y="{y - 4}" width="{wide}" height="8" fill="{fill}"/>'
        )
    elif dark is not None:
        sheet.marks.append(f'<path d="M{p50} {y - 5}l5 5l-5 5l-5 -5z" fill="{MAIN}"/>')
    sheet.line((p10, y), (p80, y), "#FFFFFF", 3.4)
    sheet.line((p10, y), (p80, y), color, 1.5)


def money(lines: Lines, ask: Ask) -> str:
    """Draw commitments and payments by budget year at the percentile asked for."""
    lang, now, was = ask.lang, lines["scenario"], lines["reference"]
    years = sorted({*now.years, *was.years})

    def amount(forecast: Forecast, kind: str, year: int) -> float:
        name = f"{kind}.{year}"
        known = name in forecast.detail
        return ask.eur(forecast.plan, forecast.quantile(name, ask.p)) if known else 0.0

    bars = {(k, y): (amount(now, k, y), amount(was, k, y)) for y in years for k in ("ae", "cp")}
    top = _snapped([0.0, *(v for pair in bars.values() for v in pair)], 2e6)[1]
    sheet = Sheet((0.0, float(len(years))), (0.0, top))
    sheet.axes([(i + 0.5, str(year)) for i, year in enumerate(years)], _millions((0.0, top), lang))
    for (kind, year), (value, old) in bars.items():
        left = years.index(year) + (0.12 if kind == "ae" else 0.52)
        (a, b), (c, base) = sheet.at(left, value), sheet.at(left + 0.36, 0.0)
        face = f'fill="{MAIN}"' if kind == "ae" else f'fill="{LIGHT}" stroke="{MAIN}"'
        sheet.marks.append(
            f'<rect x="{a}" y="{b}" width="{c - a:.1f}" height="{base - b:.1f}" {face}/>'
        )
        ghost = sheet.at(left, old)[1]
        sheet.line((a - 3, ghost), (c + 3, ghost), GREY, 2.5)
    rows = [
        (str(year), *(number(v / 1e6, lang, 1) for k in ("ae", "cp") for v in bars[k, year]))
        for year in years
    ]
    p = f"P{round(ask.p * 100)}"
    basis = BASIS[lang][ask.vat]
    title = pick(lang, f"Argent par année, {p} (M€ {basis})", f"Money by year, {p} (€M {basis})")
    alt = pick(lang, "Foncé : engagé (AE). Clair : payé (CP). Trait gris : la référence.",
               "Dark: committed (AE). Light: paid (CP). Grey bar: the reference.")  # fmt: skip
    head = pick(
        lang, "année;AE;AE référence;CP;CP référence", "year;AE;AE reference;CP;CP reference"
    )
    return view(title, sheet.svg(title, alt), head.split(";"), rows, lang, f"<p>{alt}</p>")


def exposure(lines: Lines, ask: Ask) -> str:
    """Draw the volume still readable at the source over time, three lines."""
    lang = ask.lang
    paths = {key: f.exposure_path for key, f in lines.items()}
    x = _snapped([0.0, *(float(p.days[-1]) for p in paths.values())], 120)
    y = _snapped([0.0, *(float(p.p50.max()) for p in paths.values())], 2)
    sheet = Sheet(x, y)
    step = max(1, math.ceil(y[1] / 6))
    up = [(float(v), number(v, lang)) for v in range(0, int(y[1]) + 1, step)]
    sheet.axes(_dates(lines["scenario"], x, lang), up)
    for key, path in paths.items():
        color, width, dash = STYLES[key]
        places = " ".join(f"{a},{b}" for a, b in map(sheet.at, path.days, path.p50))
        sheet.marks.append(
            f'<polyline points="{places}" stroke="{color}" stroke-width="{width}" '
            f'stroke-dasharray="{dash}"/>'
        )
    rows = [
        (names(lang)[key], *(number(f.quantile("exposure_pb_days", p), lang) for p in (0.5, 0.8, 0.9)))
        for key, f in lines.items()
    ]  # fmt: skip
    title = pick(lang, "Exposition : Po encore lisibles sous droit extra-européen (P50)",
                 "Exposure: PB still readable under extra-European law (P50)")  # fmt: skip
    head = pick(lang, "Po·jours;P50;P80;P90", "PB·days;P50;P80;P90").split(";")
    return view(title, sheet.svg(title, ""), head, rows, lang, legend(lang))


def continuity(lines: Lines, ask: Ask) -> str:
    """Draw project-days interrupted, P50 with whiskers from P10 to P90, three lines."""
    lang, asked = ask.lang, "project_days_interrupted"
    ends = {k: [f.quantile(asked, p) for p in (0.1, 0.5, 0.9)] for k, f in lines.items()}
    x = _snapped([0.0, *(v for row in ends.values() for v in row)], 200)
    sheet = Sheet(x, (0.0, 1.0), TOP + BELOW + 3 * 34, 12)
    step = max(200, round(x[1] / 5 / 200) * 200)
    sheet.axes([(float(v), number(v, lang)) for v in range(0, int(x[1]) + 1, step)], ())
    rows = []
    for i, (key, row) in enumerate(ends.items()):
        y, (color, _, dash) = TOP + 24 + 34 * i, STYLES[key]
        a, b, c = (sheet.at(v, 0)[0] for v in row)
        sheet.text(14, y - 8, names(lang)[key])
        sheet.line((a, y), (c, y), color, 2.4, dash)
        sheet.marks.append(f'<circle cx="{b}" cy="{y}" r="4.5" fill="{color}"/>')
        f = lines[key]
        rows.append(
            (names(lang)[key], *(number(v, lang) for v in row), twenty(f.p_continuity or 0.0))
        )
    title = pick(lang, "Continuité : jours-projets interrompus (P50, P10 à P90)",
                 "Continuity: project-days interrupted (P50, P10 to P90)")  # fmt: skip
    head = pick(
        lang, ";P10;P50;P90;aucun projet critique au-delà de sa limite, sur 20",
        ";P10;P50;P90;no critical project over its limit, in 20",
    )  # fmt: skip
    return view(title, sheet.svg(title, ""), head.split(";"), rows, lang)


def bridge(found: Sequence[Effect], ask: Ask) -> str:
    """Draw what each thing that was moved does to the odds of both, in chances in 20."""
    if not found:
        return ""
    lang, most = ask.lang, max(1.0, *(abs(20 * e.both.value) for e in found))
    sheet = Sheet((-1.1 * most, 1.1 * most), (0.0, 1.0), TOP + BELOW + 34 * len(found), 12)
    sheet.axes([(v, _tick(v, lang)) for v in (-most, 0.0, most)], ())
    rows = []
    for i, effect in enumerate(found):
        y, value = TOP + 22 + 34 * i, 20 * effect.both.value
        zero, end = sheet.at(0.0, 0)[0], sheet.at(value, 0)[0]
        face = (
            f'fill="#FFFFFF" stroke="{WORSE}" stroke-dasharray="4 2"'
            if effect.assumed
            else f'fill="{MAIN if effect.key else GREY}"'
        )
        wide = max(abs(end - zero), 1.0)
        sheet.text(14, y - 3, effect.name[:58])
        sheet.marks.append(
            f'<rect x="{min(zero, end)}" y="{y}" width="{wide:.1f}" height="9" {face}/>'
        )
        error = 20 * effect.both.se
        rows.append(
            (
                effect.name,
                number(value, lang, 1),
                number(error, lang, 1) if math.isfinite(error) else "?",
            )
        )
    title = pick(
        lang, "Pourquoi ? Chances sur 20, chacun pris seul", "Why? Chances in 20, each by itself"
    )
    alt = pick(
        lang,
        "Plein : une décision. Creux : une hypothèse. Gris : le tout.",
        "Solid: a decision. Hollow: an assumption. Grey: all together.",
    )
    head = pick(lang, ";chances sur 20;erreur type", ";chances in 20;standard error").split(";")
    return view(title, sheet.svg(title, alt), head, rows, lang, f"<p>{alt}</p>")


def _tick(value: float, lang: str) -> str:
    return ("+" if value > 0 else "") + number(value, lang, 1 if value else 0)


#: The views beside the joint cloud and the reasons, in their order.
VIEWS: dict[str, tuple[tuple[str, str], Callable[[Lines, Ask], str]]] = {
    "timeline": (("Calendrier", "Timeline"), timeline),
    "money": (("Argent", "Money"), money),
    "exposure": (("Exposition", "Exposure"), exposure),
    "continuity": (("Continuité", "Continuity"), continuity),
}
