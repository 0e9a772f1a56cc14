"""What the explorer warns of: plans that are infeasible, illegal or too late."""

from __future__ import annotations

import numpy as np

from hdhplan.explorer_draws import drawn
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_starts import facts
from hdhplan.explorer_state import State
from hdhplan.explorer_why import twenty_draws
from hdhplan.forecast import Forecast
from hdhplan.levers import BY_KEY
from hdhplan.wording.formats import date_long, number, pick
from hdhplan.wording.labels import wave_label

#: From which share of the draws on something is warned of. [1]
_SOME = 0.05


def warnings(state: State, forecast: Forecast, ask: Ask) -> list[str]:
    """What is infeasible, illegal or too late in a plan."""
    lang, found = ask.lang, []
    never = forecast.share_never("finish_day")
    if never:
        n = twenty_draws(never, lang)
        found.append(pick(lang, f"Jamais fini dans {n}.", f"Never finished in {n}."))
    found += _orders(state, forecast, lang)
    early = float(np.mean(forecast.values["unqualified_pb_days"] > 0))
    if early >= _SOME:
        n, mean = twenty_draws(early, lang), number(forecast.mean("unqualified_pb_days"), lang)
        found.append(pick(
            lang,
            f"Données sensibles sur la cible avant sa qualification dans {n} : {mean} Po·jours en moyenne.",
            f"Sensitive data at the target before its qualification in {n}: {mean} PB·days on average.",
        ))  # fmt: skip
    return found + _waves(forecast, lang)


def _orders(state: State, forecast: Forecast, lang: str) -> list[str]:
    """Orders that the likely plan dates before the day of the newest fact."""
    today = max(fact.date for fact in facts())
    link = BY_KEY["link"].read(forecast.plan) > BY_KEY["link"].read(
        drawn(State(), forecast.draws)[0]
    )
    asked = {
        "A2": ("le premier bon de commande", "the first order"),
        "C2": ("le lien élargi", "the wider link"),
    }
    found = []
    for task, names in asked.items():
        if task not in forecast.tasks or (task == "C2" and not link):
            continue
        own = forecast.tasks[task]
        day = forecast.date_of(own.early_finish if task == "A2" else own.early_start + 1)
        if day and day < today:
            found.append(pick(
                lang,
                f"Ce plan commande {names[0]} au plus tard le {date_long(day, lang)} : c'est passé (faits au "
                f"{date_long(today, lang)}).",
                f"This plan orders {names[1]} by {date_long(day, lang)}: that is past (facts up to "
                f"{date_long(today, lang)}).",
            ))  # fmt: skip
    return found


def _waves(forecast: Forecast, lang: str) -> list[str]:
    """Erasures before the window to turn back closes, cutovers on days closed to them."""
    found, closed = [], drawn(State(), forecast.draws)[0].calendars.get("cutovers")
    for wave in forecast.plan.waves:
        name = wave_label(forecast.plan, wave, lang)
        erase, back = (forecast.tasks.get(f"{wave}.{step}") for step in ("erase", "dual_running"))
        if erase and back and erase.early_start < back.early_finish - 1e-6:
            found.append(pick(
                lang, f"{name} : l'effacement commence avant la fin du retour arrière possible.",
                f"{name}: erasure starts before the window to turn back closes.",
            ))  # fmt: skip
        wrong = forecast.plan.waves[wave].cutover.calendar != "cutovers"
        if closed and wrong and f"{wave}.cutover" in forecast.tasks:
            found.append(pick(
                lang, f"{name} : sa bascule peut tomber un jour de gel (fin d'année, fin de semaine).",
                f"{name}: its cutover may fall on a day of freeze (year's end, weekend).",
            ))  # fmt: skip
    return found
