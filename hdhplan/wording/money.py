"""Sentences about money: allocations, transfers and the provision; when the budget year closes."""

from __future__ import annotations

import math
from datetime import date
from types import SimpleNamespace

from hdhplan.budget import PROVISION, Measure, by_year, cover, drawn_above_likely, next_year
from hdhplan.forecast import Forecast
from hdhplan.plan import Plan
from hdhplan.wording.formats import (
    FEW_DRAWS,
    NBSP,
    chances,
    meur,
    month_year,
    out_of_20,
    percent,
    pick,
    step_of,
)
from hdhplan.wording.labels import Template, french, say

#: Rounding steps of a share. [1]
_SHARE_STEPS = (0.01, 0.05, 0.1, 0.25)
_LEAP_YEAR = 2000  # has every day that a plan may name

PROVISION_ODDS = (
    Template(
        lambda f: f.none,
        "Le plan ne prévoit pas de provision.",
        "The plan holds no provision.",
    ),
    Template(
        lambda f: f.p is None,
        "Provision : {money} ; le plan probable n'aboutit jamais, rien ne peut le dépasser.",
        "Provision: {money}; the likely plan never ends, so nothing can exceed it.",
    ),
    Template(
        lambda f: f.few,
        "Provision : {money} ; trop peu de tirages pour dire si elle suffit.",
        "Provision: {money}; too few draws to say whether it suffices.",
    ),
    Template(
        lambda f: f.p is not None,
        "Provision de {money}, pour ce qui dépasse le plan probable : qu'elle suffise est {odds}.",
        "Provision of {money}, for what exceeds the likely plan: that it suffices is {odds}.",
    ),
)


def provision_sentence(forecast: Forecast, lang: str) -> str:
    """Say whether the provision covers what is spent above the likely plan."""
    f = SimpleNamespace(p=forecast.p_provision, few=forecast.draws < FEW_DRAWS)
    f.none = PROVISION not in forecast.plan.allocations
    money = meur(forecast.plan.allocations.get(PROVISION, 0.0), lang, _vat(forecast.plan))
    return say(PROVISION_ODDS, f, lang, money=money, odds=chances(f.p, lang))


def _vat(plan: Plan) -> str | None:
    return plan.target.vat if plan.target else None


COVER = (
    Template(
        lambda f: not f.allocated,
        "Aucune ligne n'a d'allocation : ni dépassement ni virement ne se mesure.",
        "No line has an allocation: neither overruns nor transfers can be measured.",
    ),
    Template(
        lambda f: f.few,
        "Face aux allocations : trop peu de tirages pour dire ce qui les dépasse.",
        "Against the allocations: too few draws to say what exceeds them.",
    ),
    Template(
        lambda f: f.any == 0,
        "Face aux allocations : aucune ligne ne dépasse la sienne, dans aucun tirage.",
        "Against the allocations: no line exceeds its own, in any draw.",
    ),
    Template(
        lambda f: f.provision > 0,
        "Face aux allocations : une ligne au moins dépasse la sienne {any} ; les virements entre "
        "lignes ({moved} en P80) suffisent {enough}, avec la provision {covered}.",
        "Against the allocations: at least one line exceeds its own {any}; transfers between lines "
        "({moved} at P80) suffice {enough}, with the provision {covered}.",
    ),
    Template(
        lambda f: f.provision == 0,
        "Face aux allocations : une ligne au moins dépasse la sienne {any} ; les virements entre "
        "lignes ({moved} en P80) suffisent {enough}, et il n'y a pas de provision.",
        "Against the allocations: at least one line exceeds its own {any}; transfers between lines "
        "({moved} at P80) suffice {enough}, and there is no provision.",
    ),
)


def cover_sentence(forecast: Forecast, lang: str) -> str:
    """Say how often lines exceed their allocations, and how often transfers and provision suffice."""
    found = cover(forecast)
    f = SimpleNamespace(allocated=found is not None, few=forecast.draws < FEW_DRAWS)
    if found is None:
        return say(COVER, f, lang)
    measures = found.measures
    f.any = measures["overrun"].odds
    f.provision = forecast.plan.allocations.get(PROVISION, 0.0)
    odds = {"any": f.any, "enough": found.p_transfers, "covered": found.p_all}
    words = {name: out_of_20(p, lang, "fois", "time", "fois") for name, p in odds.items()}
    moved = _said(forecast.plan, measures["transferred"], "p80", lang)
    return say(COVER, f, lang, moved=moved, **words)


DRAWN = (
    Template(lambda f: f.drawn is None or f.few, "", ""),
    Template(
        lambda f: f.drawn.odds == 0,
        "Face au plan probable : rien n'est pris sur la provision, dans aucun tirage.",
        "Against the likely plan: nothing is drawn on the provision, in any draw.",
    ),
    Template(
        lambda f: f.drawn.odds > 0,
        "Face au plan probable : ce qui le dépasse consomme {p50} de la provision en P50 "
        "({share50}), {p80} en P80 ({share80}).",
        "Against the likely plan: what exceeds it uses {p50} of the provision at P50 ({share50}), "
        "{p80} at P80 ({share80}).",
    ),
)


def drawn_sentence(forecast: Forecast, lang: str) -> str:
    """Say how much of the provision is drawn on by what exceeds the likely plan; empty if unknown."""
    drawn = drawn_above_likely(forecast)
    # Where no draw ends there is no amount to speak of.
    drawn = drawn if drawn is not None and math.isfinite(drawn.mean) else None
    f = SimpleNamespace(drawn=drawn, few=forecast.draws < FEW_DRAWS)
    if drawn is None:
        return say(DRAWN, f, lang)
    whole = forecast.plan.allocations[PROVISION]
    words = {}
    for name in ("p50", "p80"):
        words[name] = _said(forecast.plan, drawn, name, lang)
        step = step_of(drawn.se[name] / whole, _SHARE_STEPS)
        part = round(getattr(drawn, name) / whole / step) * step
        words[f"share{name[1:]}"] = percent(part, lang)
    return say(DRAWN, f, lang, **words)


NEXT_YEAR = (
    Template(lambda f: f.year is None, "", ""),
    Template(
        lambda f: f.year is not None,
        "Exercice {year} : engager {ae50} (P50), {ae80} (P80) ; payer {cp50} (P50), {cp80} (P80).",
        "Budget year {year}: commit {ae50} (P50), {ae80} (P80); pay {cp50} (P50), {cp80} (P80).",
    ),
)


def next_year_sentence(forecast: Forecast, lang: str) -> str:
    """Say what the next budget year commits and pays; empty where no year was worked out."""
    f = SimpleNamespace(year=next_year(forecast))
    words = {}
    for kind in ("ae", "cp") if f.year is not None else ():
        found = by_year(forecast, kind)[f.year]
        words |= {f"{kind}{p[1:]}": _said(forecast.plan, found, p, lang) for p in ("p50", "p80")}
    return say(NEXT_YEAR, f, lang, year=str(f.year), **words)


def _said(plan: Plan, found: Measure, name: str, lang: str) -> str:
    """A quantile of an amount, no finer than its error."""
    return meur(getattr(found, name), lang, _vat(plan), found.se[name])


def closings_sentence(plan: Plan, lang: str) -> str:
    """Say when the budget year closes for commitments and for payments."""
    days = {
        "c": _day_of_year(plan.closings.commitments, lang),
        "p": _day_of_year(plan.closings.payments, lang),
    }
    fr = (
        "AE : autorisations d'engagement. CP : crédits de paiement. Chaque exercice est clos le "
        "{c} pour les engagements, le {p} pour les paiements ; la suite compte dans le suivant."
    )
    en = (
        "AE: commitments (autorisations d'engagement). CP: payments (crédits de paiement). Each "
        "budget year closes on {c} for commitments, on {p} for payments; later counts in the next."
    )
    return pick(lang, french(fr), en).format(**days)


def _day_of_year(text: str, lang: str) -> str:
    """20 novembre, 20 November."""
    day = date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    first = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{first}{NBSP}{month_year(day, lang).partition(NBSP)[0]}"
