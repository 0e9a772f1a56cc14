"""Section of the memo on risk: the odds of all that is asked and promised."""

from __future__ import annotations

from hdhplan.forecast import Forecast
from hdhplan.page.sections import Section, prose, section, table
from hdhplan.page.tables import odds_cell
from hdhplan.wording.formats import chances, date_short, pick
from hdhplan.wording.labels import capital, task_label
from hdhplan.wording.memos import odds_note

_ASKED = {
    "date": ("La date", "The date"),
    "budget": ("Le montant", "The amount"),
    "both": ("Date et montant", "Date and amount"),
    "continuity": ("La continuité", "Continuity"),
    "all": ("Date, montant et continuité", "Date, amount and continuity"),
}


def odds(forecast: Forecast, lang: str) -> Section:
    """Odds of what is asked, of each promise, and that the provision suffices."""
    plan, found = forecast.plan, forecast.odds
    rows = [(pick(lang, *words), found[key]) for key, words in _ASKED.items()]
    for promise in plan.promises:
        name = capital(task_label(plan, promise.milestone, lang))
        until = pick(lang, "au plus tard le", "by")
        p = found[promise.id or promise.milestone]
        rows.append((f"{name}, {until} {date_short(promise.by, lang)}", p))
    rows.append((pick(lang, "La provision suffit", "The provision suffices"), forecast.p_provision))
    rows = [(what, p) for what, p in rows if p is not None]
    caption = pick(lang, "Chances de tenir", "Odds of holding")
    columns = (pick(lang, "Quoi", "What"), pick(lang, "Chances", "Odds"))
    cells = [(what, odds_cell(forecast, p, lang)) for what, p in rows]
    none = pick(lang, "Rien n'est demandé au plan.", "Nothing is asked of the plan.")
    note = odds_note(forecast, lang)
    return section(
        "odds",
        pick(lang, "Les chances", "The odds"),
        table(caption, columns, cells) if cells else prose("p", none),
        prose("p", note, style="note"),
        lines=[note] if note else [f"{what}: {chances(p, lang)}" for what, p in rows] or [none],
    )
