"""Continuity on a page: how waves go over, who is interrupted, how long all can turn back."""

from __future__ import annotations

from markupsafe import Markup

from hdhplan.crossing import (
    Crossing,
    Standstill,
    critical_projects,
    crossings,
    standstills,
    turn_back,
)
from hdhplan.forecast import Forecast
from hdhplan.page.cells import amount_cell, hours_scale, quantity_cells, spread_day
from hdhplan.page.sections import as_entered, from_data, prose, table
from hdhplan.quantities import Range
from hdhplan.wording.continuity import (
    HOURS,
    continuity_sentence,
    duration,
    turn_back_sentence,
)
from hdhplan.wording.formats import NBSP, date_short, number, percent, pick
from hdhplan.wording.labels import capital, french, name_of, task_label, wave_label
from hdhplan.wording.sovereignty import draws_in_20

_MODES = {"freeze": ("gel", "freeze"), "dual_write": ("double écriture", "dual write")}


def continuity_parts(
    forecast: Forecast, lang: str, drawn: Markup | str = ""
) -> tuple[list, list[str]]:
    """What the section shows, its calendar ``drawn``, and its lines; empty without waves and gaps."""
    plan = forecast.plan
    if not plan.waves and not plan.interruptions:
        return [], []
    back = turn_back(forecast)
    said = [continuity_sentence(forecast, lang), turn_back_sentence(forecast, back, lang)]
    parts = [
        prose("p", *said),
        drawn,
        interrupted_table(forecast, lang),
        crossings_table(forecast, crossings(forecast), lang) if plan.waves else "",
        standstills_table(forecast, standstills(forecast), lang) if plan.interruptions else "",
    ]
    return parts, said


def interrupted_table(forecast: Forecast, lang: str) -> Markup:
    """Days in which nobody can work, and the longest interruption of one critical project."""
    days = pick(lang, "jours·projet", "project-days")
    every = pick(lang, f"Tous les projets ({days})", f"All projects ({days})")
    rows = [(every, *quantity_cells(forecast, "project_days_interrupted", lang), "–")]
    if critical_projects(forecast.plan):
        rows += _critical_rows(forecast, lang, days)
    caption = pick(lang, "Interruptions de service", "Service interruptions")
    columns = pick(
        lang,
        ("Projets", "#P50", "#P80", "#Acceptée par chacun"),
        ("Projects", "#P50", "#P80", "#Accepted by each"),
    )
    return table(caption, columns, rows)


def _critical_rows(forecast: Forecast, lang: str, days: str) -> list[tuple]:
    """What critical projects bear, in all and the longest of one, against what each accepts."""
    limit = forecast.plan.target.critical_limit if forecast.plan.target else None
    name = pick(lang, f"Projets critiques ({days})", f"Critical projects ({days})")
    rows = [(name, *quantity_cells(forecast, "critical_days_interrupted", lang), "–")]
    longest = "critical_interruption_days"
    scale = hours_scale(forecast.quantile(longest, 0.8))
    unit = "h" if scale == HOURS else pick(lang, "j", "d")
    name = pick(lang, "La plus longue d'un projet critique", "The longest of one critical project")
    accepted = duration(limit.likely, lang) if limit else "–"
    return [*rows, (f"{name} ({unit})", *quantity_cells(forecast, longest, lang, scale), accepted)]


def crossings_table(forecast: Forecast, found: tuple[Crossing, ...], lang: str) -> Markup:
    """How each wave goes over, and until when it can go back."""
    rows = [_crossing_row(forecast, crossing, lang) for crossing in found]
    caption = pick(
        lang,
        french(
            "Comment chaque vague bascule, et jusqu'à quand elle peut revenir (P10 : encore "
            "possible dans 18 tirages sur 20)"
        ),
        "How each wave goes over, and until when it can go back (P10: still open in 18 draws in "
        "20)",
    )
    columns = pick(
        lang,
        ("Vague", "Projets", "Projets critiques", "#Portage en plus", "Bascule P10", "Bascule P50",
         "Retour jusqu'au, P10", "Retour jusqu'au, P50"),
        ("Wave", "Projects", "Critical projects", "#Extra porting", "Cutover P10", "Cutover P50",
         "Back until, P10", "Back until, P50"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _crossing_row(forecast: Forecast, crossing: Crossing, lang: str) -> tuple:
    wave = forecast.plan.waves[crossing.wave]
    cut = wave.cutover
    length = _range(cut.work, lang)
    dual = length if cut.critical is None else _range(cut.dual_write, lang)
    others = wave.projects - wave.critical_projects
    plain = _way(others, cut.mode, length, lang)
    critical = _way(wave.critical_projects, crossing.critical_mode, dual, lang)
    porting = crossing.extra_projects / wave.projects if wave.projects else 0.0
    return (
        capital(wave_label(forecast.plan, crossing.wave, lang)),
        plain,
        critical,
        f"+{percent(porting, lang, 1)}" if porting else "–",
        spread_day(forecast, crossing.cutover, 0.1, lang),
        spread_day(forecast, crossing.cutover, 0.5, lang),
        spread_day(forecast, crossing.rollback, 0.1, lang),
        spread_day(forecast, crossing.rollback, 0.5, lang),
    )


def _way(projects: int, mode: str, length: str, lang: str) -> str:
    """How many projects, how they go over, and for how long they are interrupted."""
    if not projects:
        return "–"
    gap = NBSP if lang == "fr" else ""
    return f"{number(projects, lang)}{gap}: {pick(lang, *_MODES[mode])}, {length}"


def _range(quantity: Range | None, lang: str) -> str:
    """Low, likely and high of a length, in hours where it is short."""
    if quantity is None or quantity.high == 0:
        return pick(lang, "sans interruption", "without interruption")
    scale = hours_scale(quantity.high)
    points = (x * scale for x in (quantity.low, quantity.likely, quantity.high))
    shown = dict.fromkeys(number(x, lang, 0 if x == round(x) else 1) for x in points)
    return f"{NBSP}/{NBSP}".join(shown) + NBSP + ("h" if scale == HOURS else pick(lang, "j", "d"))


def standstills_table(forecast: Forecast, found: tuple[Standstill, ...], lang: str) -> Markup:
    """Projects that stand still from a given day until a task is done."""
    rows = [_standstill_row(forecast, gap, lang) for gap in found]
    caption = pick(
        lang,
        "Projets à l'arrêt depuis une date jusqu'à ce qu'une tâche soit faite",
        "Projects that stand still from a day until a task is done",
    )
    columns = pick(
        lang,
        ("Arrêt", "À partir du", "Jusqu'à", "P50", "P80", "#Projets", "#Durée P50 (j)",
         "#Durée P80 (j)", "Évité dans", "Preuve"),
        ("Standstill", "From", "Until", "P50", "P80", "#Projects", "#Length P50 (d)",
         "#Length P80 (d)", "Avoided in", "Evidence"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _avoided(part: float, lang: str) -> str:
    ends = {0.0: ("jamais", "never"), 1.0: ("toujours", "always")}
    return pick(lang, *ends[part]) if part in ends else draws_in_20(part, lang)


def _standstill_row(forecast: Forecast, gap: Standstill, lang: str) -> tuple:
    known = forecast.plan.interruptions[gap.id]
    name = from_data(name_of(known, lang))
    critical = number(known.critical_projects, lang)
    of_them = pick(lang, f" dont {critical} critiques", f", {critical} critical")
    return (
        Markup("{}<br>{}").format(name, as_entered(from_data(known.source, 160), lang)),
        date_short(known.from_, lang),
        capital(task_label(forecast.plan, known.until, lang)),
        spread_day(forecast, gap.over, 0.5, lang),
        spread_day(forecast, gap.over, 0.8, lang),
        number(known.projects, lang) + (of_them if known.critical_projects else ""),
        amount_cell(gap.length.p50, gap.length.se50, lang),
        amount_cell(gap.length.p80, gap.length.se80, lang),
        _avoided(gap.avoided, lang),
        known.grade,
    )
