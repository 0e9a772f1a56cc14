"""A forecast in a few lines for a terminal."""

from __future__ import annotations

import math
from datetime import date

from hdhplan.forecast import Forecast, is_day, is_money
from hdhplan.sensitivity import Study
from hdhplan.sovereignty import wave_gates
from hdhplan.wording.answer import answer
from hdhplan.wording.continuity import continuity_sentence, tools_sentence
from hdhplan.wording.formats import date_short, number, pick
from hdhplan.wording.money import next_year_sentence
from hdhplan.wording.progress import progress_sentences
from hdhplan.wording.sovereignty import gates_sentence

#: What a budget year comes to at least to be told. [EUR]
_LEAST_EUR = 5_000


def lines(
    forecast: Forecast, study: Study | None, lang: str, day: date | None = None
) -> list[str]:  # fmt: skip
    """The answer and what goes with it, quantiles with their errors, and what drives the date.

    ``day`` is the data date, where the forecast has one.
    """
    said = [
        next_year_sentence(forecast, lang),
        continuity_sentence(forecast, lang),
        gates_sentence(forecast, wave_gates(forecast), lang),
        tools_sentence(forecast, lang) if "projects_without_tool" in forecast.values else "",
    ]
    known = [*progress_sentences(forecast, day, lang), ""] if day else []
    found = [*known, *answer(forecast, lang), *filter(None, said), ""]
    head = pick(lang, "P10, P50, P80, P90 (erreur type du P80)", "P10, P50, P80, P90 (P80's error)")
    found.append(f"{'':28} {head}")
    found += [_row(forecast, name, lang) for name in forecast.quantities if _told(forecast, name)]
    if study and study.drivers:
        found += ["", pick(lang, "P80 sans chaque facteur :", "P80 without each driver:")]
        for effect in study.drivers[:8]:
            days = (
                number(-effect.finish_days, lang, 0) if math.isfinite(effect.finish_days) else "?"
            )
            cost = (
                number(-effect.cost_eur / 1e6, lang, 2) if math.isfinite(effect.cost_eur) else "?"
            )
            unit = pick(lang, "j", "d")
            found.append(f"  {effect.id:26} {days:>6} {unit} {cost:>7} M€")
    return found


def _told(forecast: Forecast, name: str) -> bool:
    """Whether a quantity is told in a terminal: single services, tasks and waves are for the page."""
    if name[:3] in ("ae.", "cp."):
        return forecast.quantile(name, 0.9) >= _LEAST_EUR
    if "." in name:
        return name.startswith("line.")
    return name in forecast.values or name not in forecast.tasks


def _row(forecast: Forecast, name: str, lang: str) -> str:
    values = [forecast.quantile(name, p) for p in (0.1, 0.5, 0.8, 0.9)]
    error = forecast.standard_error(name, 0.8)
    if is_day(forecast, name):
        shown = [date_short(forecast.date_of(v), lang) for v in values]
        spread = f"{number(error, lang, 1)} {pick(lang, 'j', 'd')}" if math.isfinite(error) else "?"
    else:
        scale, digits = (1e6, 2) if is_money(name) else (1, 1)
        shown = [number(v / scale, lang, digits) if math.isfinite(v) else "∞" for v in values]
        spread = number(error / scale, lang, digits + 1) if math.isfinite(error) else "?"
    return f"  {name:26} " + " ".join(f"{text:>12}" for text in shown) + f"  ({spread})"
