"""Sentences on continuity: who lacks a tool, who is interrupted, how long all can turn back."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.crossing import critical_projects
from hdhplan.forecast import Forecast
from hdhplan.spread import Spread
from hdhplan.tooling import Gap
from hdhplan.wording.answer import never_in_20
from hdhplan.wording.formats import (
    FEW_DRAWS,
    NBSP,
    chances,
    date_known,
    number,
    pick,
    plural,
    supported,
)
from hdhplan.wording.labels import Template, capability_label, say

HOURS = 24.0
#: Lengths below this are said in hours. [d]
IN_HOURS = 2.0
#: A gap below this mean of projects weighs nothing that can be said. [1]
_LIGHT = 0.05
#: Rounding steps of counts.
_TENS = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)


def duration(length: float, lang: str) -> str:
    """A length of time in hours or days. [d]

    Examples
    --------
    >>> duration(0.125, "fr").replace(NBSP, " "), duration(12.0, "en").replace(NBSP, " ")
    ('3 h', '12 d')
    """
    if not math.isfinite(length):
        return pick(lang, "sans fin", "endless")
    if length < IN_HOURS:
        hours = length * HOURS
        return f"{number(hours, lang, 0 if hours == round(hours) else 1)}{NBSP}h"
    digits = 0 if length == round(length) else 1
    return f"{number(length, lang, digits)}{NBSP}{pick(lang, 'j', 'd')}"


TOOLS = (
    Template(
        lambda f: f.open == 0,
        "Chaque service dont les projets ont besoin a un équivalent.",
        "Each service that projects need has an equivalent.",
    ),
    Template(
        lambda f: f.p80 == 0,
        "Aucun projet ne bascule sans équivalent d'un de ses outils, huit fois sur dix au moins.",
        "No project goes over without an equivalent of one of its tools, eight times in ten at "
        "least.",
    ),
    Template(
        lambda f: math.isinf(f.days80),
        "{p50} (P50), {p80} (P80) basculent sans équivalent d'un de leurs outils, sans fin dans "
        "{never}.",
        "{p50} (P50), {p80} (P80) go over without an equivalent of one of their tools, without end "
        "in {never}.",
    ),
    Template(
        lambda f: f.p80 > 0,
        "{p50} (P50), {p80} (P80) basculent sans équivalent d'un de leurs outils, pour {days50} "
        "(P50), {days80} (P80) jours·projet.",
        "{p50} (P50), {p80} (P80) go over without an equivalent of one of their tools, for "
        "{days50} (P50), {days80} (P80) project-days.",
    ),
)


def tools_sentence(forecast: Forecast, lang: str) -> str:
    """Say how many projects go over without an equivalent of some tool, and for how long."""
    f = SimpleNamespace(open=int("projects_without_tool" in forecast.values))
    if not f.open:
        return say(TOOLS, f, lang)
    asked = {"p": "projects_without_tool", "days": "project_days_without_tool"}
    for short, name in asked.items():
        for p in (50, 80):
            setattr(f, f"{short}{p}", forecast.quantile(name, p / 100))
    words = {
        f"p{p}": plural(round(getattr(f, f"p{p}")), lang, "projet", "project") for p in (50, 80)
    }
    for p in (50, 80):
        error = forecast.standard_error(asked["days"], p / 100)
        words[f"days{p}"] = _whole(getattr(f, f"days{p}"), lang, error)
    never = forecast.share_never("project_days_without_tool")
    return say(TOOLS, f, lang, never=never_in_20(never, lang), **words)


def _whole(value: float, lang: str, error: float = 0.0) -> str:
    """A count to the power of ten that its error supports."""
    if not math.isfinite(value):
        return pick(lang, "sans fin", "endless")
    return number(supported(value, error, _TENS), lang)


WEIGHT = (
    Template(
        lambda f: f.mean < _LIGHT,
        "Aucun manque n'est à lui seul le dernier ouvert d'un projet à sa bascule, ou presque.",
        "Hardly any gap is by itself the last open one of a project at its cutover.",
    ),
    Template(
        lambda f: f.mean >= _LIGHT,
        "Le manque qui pèse le plus : {name} ; le combler tout de suite rendrait leurs outils à "
        "{mean} projets en moyenne, et {days} jours·projet.",
        "The gap that weighs most: {name}; closing it now would give {mean} projects their tools "
        "on average, and {days} project-days.",
    ),
)


def weight_sentence(forecast: Forecast, gaps: tuple[Gap, ...], lang: str) -> str:
    """Say which gap is most often the last open one of a project; empty if nobody lacks a tool."""
    if not gaps or not forecast.quantile("projects_without_tool", 0.8):
        return ""
    first = gaps[0]
    words = {"mean": number(first.mean_last_open, lang, 1)}
    words["days"] = _whole(first.days_gained, lang, first.se_days_gained)
    name = capability_label(forecast.plan, first.id, lang)
    return say(WEIGHT, SimpleNamespace(mean=first.mean_last_open), lang, name=name, **words)


KEPT = (
    Template(lambda f: f.limit is None or f.critical == 0, "", ""),
    Template(
        lambda f: f.few,
        "Projets critiques : {limit} d'interruption acceptées ; trop peu de tirages pour des "
        "chances.",
        "Critical projects: {limit} of interruption accepted; too few draws to state odds.",
    ),
    Template(
        lambda f: f.p_all is None,
        "Aucun projet critique interrompu plus de {limit} : {odds}.",
        "No critical project interrupted for more than {limit}: {odds}.",
    ),
    Template(
        lambda f: f.p_all is not None,
        "Aucun projet critique interrompu plus de {limit} : {odds} ; avec la date et le montant : "
        "{odds_all}.",
        "No critical project interrupted for more than {limit}: {odds}; with date and amount: "
        "{odds_all}.",
    ),
)


def continuity_sentence(forecast: Forecast, lang: str) -> str:
    """Say the odds that no critical project is interrupted for too long; empty without a limit or any."""
    limit = forecast.plan.target.critical_limit if forecast.plan.target else None
    f = SimpleNamespace(limit=limit, few=forecast.draws < FEW_DRAWS, p_all=forecast.p_all)
    f.critical = critical_projects(forecast.plan)
    if limit is None:
        return say(KEPT, f, lang)
    words = {"odds": chances(forecast.p_continuity, lang), "odds_all": chances(f.p_all, lang)}
    return say(KEPT, f, lang, limit=duration(limit.likely, lang), **words)


BACK = (
    Template(
        lambda f: f.never == 1,
        "Rien n'est effacé à la source : tout peut toujours revenir.",
        "Nothing is erased at the source: all can always go back.",
    ),
    Template(
        lambda f: math.isinf(f.p10),
        "Tout peut revenir à la source, sauf dans {erased} au plus.",
        "All can go back to the source, but for {erased} at most.",
    ),
    Template(
        lambda f: math.isinf(f.p50),
        "Par prudence, tout peut revenir à la source jusqu'au {p10}, ouvert dans {still} encore ; "
        "sans limite au moins une fois sur deux.",
        "Prudently, all can go back to the source until {p10}, still open in {still}; without end "
        "at least one time in two.",
    ),
    Template(
        lambda f: f.p50 >= f.p10,
        "Tout peut revenir à la source jusqu'au {p50} en médiane ; par prudence jusqu'au {p10}, "
        "jour où c'est encore possible dans {still}.",
        "All can go back to the source until {p50} in the median; prudently until {p10}, a day on "
        "which it is still open in {still}.",
    ),
)


def turn_back_sentence(forecast: Forecast, back: Spread | None, lang: str) -> str:
    """Say until when all can turn back: in the median, and on the prudent early side (P10)."""
    if back is None:
        return ""
    f = SimpleNamespace(never=back.never, p10=back.p10, p50=back.p50)
    words = {"still": never_in_20(0.9, lang), "erased": never_in_20(1 - back.never, lang)}
    for name, error in (("p10", back.se10), ("p50", back.se50)):
        words[name] = date_known(forecast.date_of(getattr(back, name)), error, lang)
    return say(BACK, f, lang, **words)
