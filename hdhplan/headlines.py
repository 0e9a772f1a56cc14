"""What stands on top and at the foot of a page: context, headline numbers, fingerprint."""

from __future__ import annotations

import hashlib
import json
import math
from types import SimpleNamespace

from hdhplan import __version__
from hdhplan.answer import answer_numbers
from hdhplan.claims import as_of
from hdhplan.forecast import Forecast
from hdhplan.formats import (
    NBSP,
    date_long,
    date_short,
    meur,
    number,
    odds_word,
    out_of_20,
    percent,
    pick,
    plural,
)
from hdhplan.labels import capital, french, goal_label
from hdhplan.result import meta
from hdhplan.sections import from_data
from hdhplan.tables import error_of


def context(forecast: Forecast, lang: str) -> str:
    """What is simulated, as of when, and what was changed by hand."""
    plan, day = forecast.plan, as_of(forecast.plan)
    name = from_data(plan.name, 80)
    parts = [pick(lang, french(f"Scénario « {name} »"), f"Scenario “{name}”")]
    if plan.description:
        parts.append(from_data(plan.description.in_(lang)).rstrip("."))
    if day:
        shown = date_long(day, lang)
        parts.append(pick(lang, f"faits connus au {shown}", f"facts known on {shown}"))
    if plan.origin and plan.origin.overrides:
        changed = from_data(", ".join(plan.origin.overrides))
        parts.append(pick(lang, french("modifié : "), "changed: ") + changed)
    return " · ".join(parts)


def headlines(forecast: Forecast, lang: str) -> list[tuple[str, str, str]]:
    """The numbers that a decision is taken on, each with its error and what it is held against."""
    f = answer_numbers(forecast)
    rows = [_date(forecast, f, lang)]
    if f.money is not None:
        rows += [_cost(f, lang), _to_add(f, lang)]
    odds = _odds(forecast, f, lang)
    return [*rows, odds] if odds else rows


def _date(forecast: Forecast, f: SimpleNamespace, lang: str) -> tuple[str, str, str]:
    goal = capital(goal_label(forecast.plan, lang))
    what = pick(lang, "date prudente (P80)", "prudent date (P80)")
    beside = []
    if math.isfinite(f.day80):
        beside.append(f"± {error_of(f.day80_error, lang, pick(lang, 'j', 'd'))}")
    if f.date:
        beside.append(pick(lang, french("cible : "), "target: ") + date_long(f.date, lang))
    shown = date_long(forecast.date_of(f.day80), lang)
    return f"{goal}, {what}", capital(shown), " · ".join(beside)


def _cost(f: SimpleNamespace, lang: str) -> tuple[str, str, str]:
    what = pick(lang, "Coût prudent (P80)", "Prudent cost (P80)")
    asked = pick(lang, french("montant : "), "amount: ") + meur(f.money, lang, f.vat)
    error = f"± {error_of(f.cost80_error / 1e6, lang, 'M€')} · " if math.isfinite(f.cost80) else ""
    return what, capital(meur(f.cost80, lang, f.vat)), error + asked


def _to_add(f: SimpleNamespace, lang: str) -> tuple[str, str, str]:
    never = pick(lang, "Hors d'atteinte par l'argent seul", "Out of reach of money alone")

    nothing = pick(lang, "Rien", "Nothing")

    def more(eur: float) -> str:
        if not math.isfinite(eur):
            return never
        return meur(eur, lang, f.vat) if eur > 0 else nothing

    what = pick(
        lang,
        "À ajouter pour 14 chances sur 20 de tenir le montant",
        "To add for 14 chances in 20 of holding the amount",
    )
    if f.add_both is None:
        return what, more(f.add), ""
    both = pick(lang, french("pour tenir aussi la date : "), "for the date as well: ")
    return what, more(f.add), both + more(f.add_both).lower().replace("m€ ht", "M€ HT")


def _odds(forecast: Forecast, f: SimpleNamespace, lang: str) -> tuple[str, str, str] | None:
    """The odds of all that is asked, then of each part."""
    named = {
        pick(lang, "Tenir date et montant", "Holding date and amount"): f.p_both,
        pick(lang, "Tenir la date", "Holding the date"): f.p_date,
        pick(lang, "Tenir le montant", "Holding the amount"): f.p_budget,
    }
    given = {what: p for what, p in named.items() if p is not None}
    if not given or f.few:
        return None
    what, p = next(iter(given.items()))
    parts = [(pick(lang, "date", "date"), f.p_date), (pick(lang, "montant", "amount"), f.p_budget)]
    beside = [f"{odds_word(p, lang)} · ± {percent(forecast.odds_error(p), lang, 1)}"]
    both = len(given) > 1
    beside += [f"{part} {out_of_20(q, lang)}" for part, q in parts if q is not None and both]
    # A narrow box: these may break anywhere.
    shown, more = capital(out_of_20(p, lang)), " · ".join(beside)
    return what, shown.replace(NBSP, " "), more.replace(NBSP, " ")


def judgements(forecast: Forecast, lang: str) -> str:
    """Count what the values of the plan rest on, by grade."""
    grades = [quantity.grade for _, quantity in forecast.plan.ranges() if quantity.grade]
    many = "valeurs sourcées", "values with a source"
    total = plural(len(grades), lang, "valeur sourcée", "value with a source", *many)
    counts = ", ".join(f"{grade} {grades.count(grade)}" for grade in "ABCD")
    return pick(
        lang,
        french(f"Le plan porte {total} ; par niveau de preuve : {counts}."),
        f"The plan holds {total}; by grade of evidence: {counts}.",
    )


def fingerprint(forecast: Forecast, lang: str) -> str:
    """What makes these very numbers again; neither clock nor commit, which change no number."""
    inputs = json.dumps(meta(forecast)["inputs"], sort_keys=True)
    made_of = hashlib.sha256(inputs.encode()).hexdigest()[:12]
    draws, name, day = number(forecast.draws, lang), forecast.plan.name, as_of(forecast.plan)
    parts = [
        pick(lang, french(f"Empreinte : {name}"), f"Fingerprint: {name}"),
        pick(lang, f"graine {forecast.seed}", f"seed {forecast.seed}"),
        pick(lang, f"{draws} tirages", f"{draws} draws"),
        pick(lang, "faits au ", "facts on ") + date_short(day, lang) if day else "",
        pick(lang, f"données {made_of}", f"data {made_of}"),
        f"hdhplan {__version__}",
    ]
    return " · ".join(filter(None, parts))


def warnings_of(forecast: Forecast) -> list[str]:
    """What a program that reads the numbers should know about them."""
    shares = {name: forecast.share_never(name) for name in forecast.values}
    found = [f"{q} never comes in {share:.1%} of the draws" for q, share in shares.items() if share]
    if forecast.draws < 2_000:
        found.append(f"{forecast.draws} draws: standard errors are large")
    return found
