"""Statuses in words and shapes, their rules as published, and who overrides them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hdhplan.forecast import Forecast
from hdhplan.plan import Plan
from hdhplan.standing import (
    AGE_AMBER,
    AGE_GREEN,
    BAD_AMBER,
    BAD_GREEN,
    BOTH_AMBER,
    BOTH_GREEN,
    Area,
)
from hdhplan.status import said
from hdhplan.wording.formats import (
    NBSP,
    date_short,
    label,
    meur,
    number,
    out_of_20,
    pick,
    plural,
    twentieths,
    twenty,
)
from hdhplan.wording.labels import french, task_label

#: Shape and word of each colour: grey print and every eye tell them apart.
SHAPES = {"green": "●", "amber": "▲", "red": "◆", "unknown": "○"}
WORDS = {
    "green": ("maîtrisé", "on track"),
    "amber": ("vigilance", "watch"),
    "red": ("action requise", "action needed"),
    "unknown": ("non évalué", "not assessed"),
}
AREA_NAMES = {
    "date": ("Délai", "Schedule"),
    "cost": ("Coût", "Cost"),
    "both": ("Date et coût", "Date and cost"),
    "continuity": ("Continuité", "Continuity"),
    "qualification": ("Qualification", "Qualification"),
    "exposure": ("Exposition", "Exposure"),
    "data": ("Données du suivi", "Status data"),
}


def colour_word(colour: str, lang: str) -> str:
    """Shape and word of a colour: ▲ vigilance, ▲ watch."""
    return f"{SHAPES[colour]}{NBSP}{pick(lang, *WORDS[colour])}"


def area_name(name: str, lang: str) -> str:
    """Name of an area."""
    return pick(lang, *AREA_NAMES[name])


def area_cells(area: Area, forecast: Forecast, lang: str) -> tuple[str, str]:
    """P50 and P80 of an area, and its target, as text."""
    return _CELLS[area.name](area, forecast, lang)


def _days(area: Area, forecast: Forecast, lang: str) -> tuple[str, str]:
    shown = [day_or_never(forecast, x, lang) for x in (area.p50, area.p80)]
    return " / ".join(shown), day_or_never(forecast, area.target, lang)


def day_or_never(forecast: Forecast, day: float | None, lang: str) -> str:
    """Date on which an instant is shown; never where there is none. [d]"""
    return date_short(forecast.date_of(math.inf if day is None else day), lang)


def _money(area: Area, forecast: Forecast, lang: str) -> tuple[str, str]:
    vat = forecast.plan.target.vat if forecast.plan.target else None
    p50, p80 = (meur(math.inf if x is None else x, lang) for x in (area.p50, area.p80))
    return f"{p50} / {p80}", meur(area.target, lang, vat)


def _odds(area: Area, forecast: Forecast, lang: str) -> tuple[str, str]:
    held = _by_rule(area.p50, [x for x in (BOTH_GREEN, BOTH_AMBER) if area.p50 < x], lang)
    return held, f"≥{NBSP}{twenty(area.target)}"


def _by_rule(p: float, missed: Sequence[float], lang: str) -> str:
    """Chances in 20, finer where rounding would make them a limit that they miss."""
    if all(twentieths(p) != round(20 * limit) for limit in missed):
        return out_of_20(p, lang)
    digits = next(n for n in (1, 2, 3, 6) if round(20 * p, n) != round(20 * p) or n == 6)
    return f"{number(20 * p, lang, digits)}{NBSP}chances{NBSP}{pick(lang, 'sur', 'in')}{NBSP}20"


def _lengths(area: Area, forecast: Forecast, lang: str) -> tuple[str, str]:
    p50, p80, target = (
        pick(lang, "sans fin", "endless") if x is None else f"{number(24 * x, lang, 1)}{NBSP}h"
        for x in (area.p50, area.p80, area.target)
    )
    return f"{p50} / {p80}", f"≤{NBSP}{target}"


def _held_up(area: Area, forecast: Forecast, lang: str) -> tuple[str, str]:
    late = _by_rule(area.p50, [x for x in (BAD_GREEN, BAD_AMBER) if area.p50 > x], lang)
    fr, en = f"{late} de retarder la vague", f"{late} of holding up the wave"
    return pick(lang, fr, en), f"≤{NBSP}{twenty(area.target)}"


def _age(area: Area, forecast: Forecast, lang: str) -> tuple[str, str]:
    most = f"≤{NBSP}{plural(AGE_GREEN, lang, 'jour', 'day')}"
    if area.p50 is None:
        return pick(lang, "aucun fait", "no fact"), most
    return plural(round(area.p50), lang, "jour", "day"), most


_CELLS = {
    "date": _days, "exposure": _days, "cost": _money, "both": _odds, "continuity": _lengths,
    "qualification": _held_up, "data": _age,
}  # fmt: skip


def remarks(area: Area, lang: str) -> str:
    """Say why what is shown is not what was computed; empty where it is."""
    notes = []
    if area.steady != area.computed:
        now = colour_word(area.computed, lang)
        notes.append(pick(
            lang,
            f"calculé {now} cette semaine ; une amélioration attend une deuxième semaine",
            f"computed {now} this week; an improvement waits for a second week",
        ))  # fmt: skip
    if over := area.override:
        was, by = colour_word(area.computed, lang), label(said(over.by, lang))
        day, why = date_short(over.day, lang), label(said(over.reason, lang), 200)
        notes.append(pick(
            lang,
            f"calculé {was} ; changé par {by} le {day} : {why}",
            f"computed {was}; overridden by {by} on {day}: {why}",
        ))  # fmt: skip
    text = " ; ".join(notes) if lang == "fr" else "; ".join(notes)
    return french(text) if lang == "fr" else text


def rules(plan: Plan, lang: str) -> list[tuple[str, str, str, str]]:
    """The published rules, an area a row: green, amber, red."""
    erased = plan.target.erased if plan.target else None
    goal = task_label(plan, erased.milestone, lang) if erased else ""
    age, old = AGE_GREEN, AGE_GREEN + AGE_AMBER
    fr = {
        "date": ("P80 ≤ cible", "P50 ≤ cible < P80", "P50 > cible"),
        "cost": ("P80 ≤ enveloppe", "P50 ≤ enveloppe < P80", "P50 > enveloppe"),
        "both": ("14 chances sur 20 au moins", "8 à 13 sur 20", "moins de 8 sur 20"),
        "continuity": (
            "limite d'un projet critique tenue 16 fois sur 20", "10 à 15 sur 20",
            "moins de 10 sur 20",
        ),
        "qualification": (
            "retarde la prochaine vague 4 fois sur 20 au plus", "5 à 10 sur 20", "plus de 10 sur 20",
        ),
        "exposure": (f"« {goal} » : P80 ≤ cible", "P50 ≤ cible < P80", "P50 > cible"),
        "data": (f"tâches, données et factures à {age} jours", f"jusqu'à {old} jours",
                 "plus vieilles"),
    }  # fmt: skip
    en = {
        "date": ("P80 ≤ target", "P50 ≤ target < P80", "P50 > target"),
        "cost": ("P80 ≤ envelope", "P50 ≤ envelope < P80", "P50 > envelope"),
        "both": ("14 chances in 20 or more", "8 to 13 in 20", "fewer than 8 in 20"),
        "continuity": (
            "limit of a critical project held 16 times in 20", "10 to 15 in 20",
            "fewer than 10 in 20",
        ),
        "qualification": (
            "holds up the next wave 4 times in 20 at most", "5 to 10 in 20", "more than 10 in 20",
        ),
        "exposure": (f"“{goal}”: P80 ≤ target", "P50 ≤ target < P80", "P50 > target"),
        "data": (f"tasks, datasets and invoices within {age} days", f"up to {old} days", "older"),
    }  # fmt: skip
    text = pick(lang, fr, en)
    return [
        (area_name(name, lang), *(french(t) if lang == "fr" else t for t in row))
        for name, row in text.items()
        if name != "exposure" or erased
    ]
