"""The explorer's other views as small hand-written SVGs: the scenario, and behind it what it is held against.

Written by hand because a chart of matplotlib takes several times the hundred milliseconds in which
a lever must answer. Each has a title, a description and a table of the numbers that it shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from hdhplan.explorer_draws import Depth
from hdhplan.explorer_lines import STYLES, Lines, dates, ghosts, legend, millions, names, snapped
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_sheet import BELOW, TOP, Sheet, short, view
from hdhplan.figures.drawing import INK, LIGHT, MAIN, WORSE
from hdhplan.figures.rollup import Row, timeline_rows
from hdhplan.forecast import Forecast, end_of_day
from hdhplan.plan import Plan
from hdhplan.wording.formats import BASIS, date_short, number, pick, twenty
from hdhplan.wording.labels import capital, wave_label

_ROW = 19


def timeline(lines: Lines, ask: Ask) -> str:
    """Draw phases, waves and milestones with whiskers; the critical ones dark, the others' below."""
    lang, now = ask.lang, lines["scenario"]
    rows = timeline_rows(now, lang)
    old = {key: {row.name: row for row in timeline_rows(lines[key], lang)} for key in ghosts(lines)}
    ends = [x for row in rows for x in (row.start, *row.finish)]
    ends += [x for known in old.values() for row in known.values() for x in row.finish]
    sheet = Sheet(snapped(ends, 60), (0.0, 1.0), TOP + BELOW + _ROW * len(rows) + 6, 168)
    sheet.axes(dates(now, sheet.x, lang, 3), ())
    table, keys = [], []
    for i, row in enumerate(rows):
        y, since = TOP + 9 + _ROW * i, len(sheet.marks)
        _bar(sheet, row, y)
        for below, key in enumerate(old):
            if row.name in old[key]:
                dash = STYLES[key][2] if below else ""
                _whiskers(sheet, old[key][row.name], y + 6 + 3 * below, STYLES[key][0], dash)
        star = "● " if row.critical >= 0.5 else ""
        sheet.text(160, y + 4, short(star + row.name, 22), "end")
        days = [date_short(now.date_of(d), lang) for d in row.finish]
        keys.append(_wave_of(row, now.plan, lang))
        if keys[-1]:
            sheet.keyed(keys[-1], f"{row.name}, P50 {days[1]}", since)
        table.append((row.name, *days, pick(lang, "oui", "yes") if star else ""))
    due = sheet.at(end_of_day(now.plan, now.plan.target.finish), 0)[0]
    sheet.line((due, TOP), (due, sheet.height - BELOW), WORSE, 1.6, "5 3")
    head = pick(lang, "ligne;P10;P50;P80;critique", "row;P10;P50;P80;critical").split(";")
    title = pick(
        lang, "Calendrier : P50, moustaches P10 à P80", "Timeline: P50, whiskers P10 to P80"
    )
    alt = pick(lang, "● : sur le chemin critique une fois sur deux au moins. Dessous, gris : la référence ; "
               "orange : avec les hypothèses changées.",
               "●: on the critical path in half of the draws at least. Below, grey: the reference; "
               "orange: with the changed assumptions.")  # fmt: skip
    return view(title, sheet.svg(title, alt), head, table, lang, f"<p>{alt}</p>", keys)


def _wave_of(row: Row, plan: Plan, lang: str) -> str:
    """Key of the wave that a row is of; empty for what is none."""
    for wave in plan.waves:
        if row.name.startswith(capital(wave_label(plan, wave, lang))):
            return f"wave:{wave}"
    return ""


def _bar(sheet: Sheet, row: Row, y: float) -> None:
    """A bar to the P50 of a row, or its diamond, with whiskers from P10 to P80."""
    start, _, p50, _ = (sheet.at(v, 0)[0] for v in (row.start, *row.finish))
    if not row.milestone and math.isfinite(row.start):
        fill, wide = MAIN if row.critical >= 0.5 else LIGHT, max(round(p50 - start, 1), 0)
        sheet.marks.append(
            f'<rect x="{start}" y="{y - 4}" width="{wide}" height="8" fill="{fill}"/>'
        )
    elif row.milestone:
        sheet.marks.append(f'<path d="M{p50} {y - 5}l5 5l-5 5l-5 -5z" fill="{MAIN}"/>')
    _whiskers(sheet, row, y, INK)


def _whiskers(sheet: Sheet, row: Row, y: float, color: str, dash: str = "") -> None:
    p10, _, p80 = (sheet.at(v, 0)[0] for v in row.finish)
    sheet.line((p10, y), (p80, y), "#FFFFFF", 3.4)
    sheet.line((p10, y), (p80, y), color, 1.5, dash)


def money(lines: Lines, ask: Ask) -> str:
    """Draw commitments and payments by budget year at the percentile asked for."""
    lang = ask.lang

    def amount(forecast: Forecast, kind: str, year: int) -> float:
        name = f"{kind}.{year}"
        known = name in forecast.detail
        return ask.eur(forecast.plan, forecast.quantile(name, ask.p)) if known else 0.0

    years = sorted({year for f in lines.values() for year in f.years})
    spent = [y for y in years for f in lines.values() for k in ("ae", "cp") if amount(f, k, y)]
    years = [y for y in years if y <= max(spent, default=y)]
    bars = {(k, y): {key: amount(f, k, y) for key, f in lines.items()}
            for y in years for k in ("ae", "cp")}  # fmt: skip
    top = snapped([0.0, *(v for values in bars.values() for v in values.values())], 2e6)[1]
    sheet = Sheet((0.0, float(len(years))), (0.0, top))
    sheet.axes([(i + 0.5, str(year)) for i, year in enumerate(years)], millions((0.0, top), lang))
    for (kind, year), values in bars.items():
        left = years.index(year) + (0.12 if kind == "ae" else 0.52)
        (a, b), (c, base) = sheet.at(left, values["scenario"]), sheet.at(left + 0.36, 0.0)
        face = f'fill="{MAIN}"' if kind == "ae" else f'fill="{LIGHT}" stroke="{MAIN}"'
        sheet.marks.append(
            f'<rect x="{a}" y="{b}" width="{c - a:.1f}" height="{base - b:.1f}" {face}/>'
        )
        for key in ghosts(lines):
            color, ghost = STYLES[key][0], sheet.at(left, values[key])[1]
            sheet.line((a - 3, ghost), (c + 3, ghost), color, 2.5, STYLES[key][2])
    rows = [
        (str(year), *(number(v / 1e6, lang, 1) for k in ("ae", "cp") for v in bars[k, year].values()))
        for year in years
    ]  # fmt: skip
    p, basis = f"P{round(ask.p * 100)}", BASIS[lang][ask.vat]
    title = pick(lang, f"Argent par année, {p} (M€ {basis})", f"Money by year, {p} (€M {basis})")
    alt = pick(lang, "Foncé : engagé (AE). Clair : payé (CP). Traits gris : la référence ; orange : "
               "avec les hypothèses changées.",
               "Dark: committed (AE). Light: paid (CP). Grey bars: the reference; orange: with the "
               "changed assumptions.")  # fmt: skip
    head = [pick(lang, "année", "year")]
    head += [f"{kind}, {name}" for kind in ("AE", "CP") for name in (names(lang)[k] for k in lines)]
    return view(title, sheet.svg(title, alt), head, rows, lang, f"<p>{alt}</p>")


def exposure(lines: Lines, ask: Ask) -> str:
    """Draw the volume still readable at the source over time, three lines."""
    lang = ask.lang
    paths = {key: f.exposure_path for key, f in lines.items()}
    x = snapped([0.0, *(float(p.days[-1]) for p in paths.values())], 120)
    y = snapped([0.0, *(float(p.p50.max()) for p in paths.values())], 2)
    sheet = Sheet(x, y)
    step = max(1, math.ceil(y[1] / 6))
    up = [(float(v), number(v, lang)) for v in range(0, int(y[1]) + 1, step)]
    sheet.axes(dates(lines["scenario"], x, lang), up)
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
    """Draw project-days interrupted, P50 with whiskers from P10 to P90: in all, and by wave."""
    lang, now = ask.lang, lines["scenario"]
    asked = [("", pick(lang, "En tout", "In all"), "project_days_interrupted")]
    asked += [(f"wave:{w}", capital(wave_label(now.plan, w, lang)), f"{w}.interrupted_days")
              for w in now.plan.waves]  # fmt: skip
    ends = {
        (name, line): [f.quantile(quantity, p) for p in (0.1, 0.5, 0.9)]
        for _, name, quantity in asked for line, f in lines.items()
        if quantity in f.values or quantity in f.detail
    }  # fmt: skip
    x = snapped([0.0, *(v for row in ends.values() for v in row)], 200)
    sheet = Sheet(x, (0.0, 1.0), TOP + BELOW + 36 * len(asked), 118)
    step = max(200, round(x[1] / 4 / 200) * 200)
    sheet.axes([(float(v), number(v, lang)) for v in range(0, int(x[1]) + 1, step)], ())
    rows, keys = [], []
    for i, (key, name, _) in enumerate(asked):
        since = len(sheet.marks)
        sheet.text(110, TOP + 20 + 36 * i, name, "end")
        for j, line in enumerate(line for line in lines if (name, line) in ends):
            found = ends[name, line]
            _spread(sheet, found, TOP + 6 + 36 * i + 10 * j, line)
            odds = twenty(lines[line].p_continuity or 0.0) if not key else ""
            whole = f"{name}, {names(lang)[line]}"
            rows.append((whole, *(number(v, lang) for v in found), odds))
            keys.append(key)
        if key:
            sheet.keyed(key, name, since)
    title = pick(lang, "Continuité : jours-projets interrompus (P50, P10 à P90)",
                 "Continuity: project-days interrupted (P50, P10 to P90)")  # fmt: skip
    head = pick(
        lang, ";P10;P50;P90;aucun projet critique au-delà de sa limite, sur 20",
        ";P10;P50;P90;no critical project over its limit, in 20",
    )  # fmt: skip
    return view(title, sheet.svg(title, ""), head.split(";"), rows, lang, legend(lang), keys)


def _spread(sheet: Sheet, ends: list[float], y: float, line: str) -> None:
    """A dot at the P50 of one line, whiskers from P10 to P90."""
    (a, b, c), (color, _, dash) = (sheet.at(v, 0)[0] for v in ends), STYLES[line]
    sheet.line((a, y), (c, y), color, 2.4, dash)
    sheet.marks.append(f'<circle cx="{b}" cy="{y}" r="3" fill="{color}"/>')


#: The views beside the joint cloud and the reasons, in their order: names, what draws them, how much
#: of a forecast they need.
VIEWS: dict[str, tuple[tuple[str, str], Callable[[Lines, Ask], str], Depth]] = {
    "timeline": (("Calendrier", "Timeline"), timeline, "dates"),
    "money": (("Argent", "Money"), money, "years"),
    "exposure": (("Exposition", "Exposure"), exposure, "all"),
    "continuity": (("Continuité", "Continuity"), continuity, "years"),
}
