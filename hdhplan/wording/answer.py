"""The answer in three sentences: shall we hold it, when, and for how much money."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from hdhplan.crossing import critical_projects
from hdhplan.forecast import Forecast, end_of_day
from hdhplan.wording.formats import (
    FEW_DRAWS,
    chances,
    date_known,
    date_long,
    meur,
    out_of_20,
    pick,
    plural,
    span,
    supported,
    twentieths,
    twenty,
)
from hdhplan.wording.labels import Template, capital, goal_label, say

#: Odds that a steering committee asks for: 14 chances in 20. [1]
ASKED = 0.70
ASKED_20 = 14


def answer_numbers(forecast: Forecast) -> SimpleNamespace:
    """Pick the numbers of the answer; what the plan does not ask for is None."""
    target, f = forecast.plan.target, SimpleNamespace(draws=forecast.draws)
    f.date, f.money = (target.finish, target.cost_eur) if target else (None, None)
    f.vat = target.vat if target else None
    f.p_date, f.p_budget, f.p_both = forecast.p_date, forecast.p_budget, forecast.p_both
    asks = critical_projects(forecast.plan) > 0  # nobody to interrupt: nothing to be sure of
    f.p_continuity = forecast.p_continuity if asks else None
    f.p_all = forecast.p_all if asks else None
    f.few = forecast.draws < FEW_DRAWS
    for name, quantity in (("day", "finish_day"), ("cost", "cost_eur")):
        for p in (50, 80):
            setattr(f, f"{name}{p}", forecast.quantile(quantity, p / 100))
            setattr(f, f"{name}{p}_error", forecast.standard_error(quantity, p / 100))
    f.never, f.likely_day = forecast.share_never("finish_day"), forecast.likely["finish_day"]
    f.likely_cost = forecast.likely["cost_eur"]
    f.gap = None
    if f.date and math.isfinite(f.day80):
        f.gap = (forecast.date_of(f.day80) - f.date).days
    f.add = forecast.money_to_reach(ASKED)
    f.add_both = money_for_both(forecast, ASKED)
    return f


def money_for_both(forecast: Forecast, odds: float) -> float | None:
    """Money to add so that date and money hold together; infinite if money alone cannot. [EUR]"""
    target = forecast.plan.target
    if forecast.both is None:
        return None
    on_time = forecast.values["finish_day"] <= end_of_day(forecast.plan, target.finish)
    costs = np.sort(np.where(on_time, forecast.values["cost_eur"], np.inf))
    return max(float(costs[math.ceil(odds * forecast.draws) - 1]) - target.cost_eur, 0.0)


HOLD = (
    Template(
        lambda f: f.date is None and f.money is None,
        "Le plan ne fixe ni date ni montant à tenir.",
        "The plan sets neither a date nor an amount to hold.",
    ),
    Template(
        lambda f: f.few,
        "{draws} : trop peu pour donner des chances ; il en faut au moins 100.",
        "{draws}: too few to state odds; at least 100 are needed.",
    ),
    Template(
        lambda f: f.money is None and f.p_date is not None,
        "Tenir le {date} pour « {goal} » : {odds_date}.",
        "Holding {date} for “{goal}”: {odds_date}.",
    ),
    Template(
        lambda f: f.date is None and f.p_budget is not None,
        "Rester dans {money} : {odds_money}.",
        "Staying within {money}: {odds_money}.",
    ),
    Template(
        lambda f: f.p_all is not None,
        "Tenir le {date} pour « {goal} », {money} et la continuité : {odds_all} ; date {n_date}, "
        "montant {n_money}, continuité {n_continuity} sur 20.",
        "Holding {date} for “{goal}”, {money} and continuity: {odds_all}; date {n_date}, amount "
        "{n_money}, continuity {n_continuity} in 20.",
    ),
    Template(
        lambda f: f.p_both is not None,
        "Tenir à la fois le {date} pour « {goal} » et {money} : {odds}.",
        "Holding both {date} for “{goal}” and {money}: {odds}.",
    ),
)
WHEN = (
    Template(
        lambda f: f.few and math.isfinite(f.likely_day),
        "{Goal} : {likely_day} dans le plan probable.",
        "{Goal}: {likely_day} in the likely plan.",
    ),
    Template(
        lambda f: f.few and math.isinf(f.likely_day),
        "{Goal} : jamais dans le plan probable.",
        "{Goal}: never in the likely plan.",
    ),
    Template(
        lambda f: f.never == 1,
        "{Goal} : aucun tirage n'y arrive ; il n'y a ni date médiane ni date prudente (P80).",
        "{Goal}: no draw gets there; there is neither a median nor a prudent date (P80).",
    ),
    Template(
        lambda f: math.isinf(f.day50),
        "{Goal} : jamais dans {never} ; il n'y a ni date médiane ni date prudente (P80).",
        "{Goal}: never in {never}; there is neither a median nor a prudent date (P80).",
    ),
    Template(
        lambda f: math.isinf(f.day80),
        "{Goal} : date médiane {day50}, pas de date prudente (P80), car jamais dans {never}.",
        "{Goal}: median date {day50}, no prudent date (P80), because never in {never}.",
    ),
    Template(
        lambda f: f.gap is None,
        "{Goal} : date médiane {day50}, date prudente (P80) {day80}.",
        "{Goal}: median date {day50}, prudent date (P80) {day80}.",
    ),
    Template(
        lambda f: f.gap == 0 or abs(f.gap) < 2 * f.day80_error,
        "{Goal} : date médiane {day50}, date prudente (P80) {day80}, à la cible aux erreurs de "
        "tirage près.",
        "{Goal}: median date {day50}, prudent date (P80) {day80}, on target within drawing error.",
    ),
    Template(
        lambda f: f.gap > 0,
        "{Goal} : date médiane {day50}, date prudente (P80) {day80}, soit {gap} après la cible.",
        "{Goal}: median date {day50}, prudent date (P80) {day80}, {gap} after the target.",
    ),
    Template(
        lambda f: f.gap < 0,
        "{Goal} : date médiane {day50}, date prudente (P80) {day80}, soit {gap} avant la cible.",
        "{Goal}: median date {day50}, prudent date (P80) {day80}, {gap} before the target.",
    ),
)
_FR = "Coût médian {cost50}, prudent (P80) {cost80}{among}"
_EN = "Median cost {cost50}, prudent (P80) {cost80}{among}"
_late = lambda f: f.p_date is not None and twentieths(f.p_date) < ASKED_20  # noqa: E731
_kept = lambda p: p is not None and twentieths(p) >= ASKED_20  # noqa: E731
_paid = lambda f: _kept(f.p_budget)  # noqa: E731
MONEY = (
    Template(
        lambda f: f.few and math.isfinite(f.likely_cost),
        "Coût du plan probable : {likely_cost}.",
        "Cost of the likely plan: {likely_cost}.",
    ),
    Template(
        lambda f: f.few and math.isinf(f.likely_cost),
        "Le coût du plan probable n'est pas chiffrable : il ne finit jamais.",
        "The cost of the likely plan cannot be computed: it never ends.",
    ),
    Template(
        lambda f: math.isinf(f.cost50),
        "Le coût n'est pas chiffrable : aucun tirage ne va à son terme.",
        "The cost cannot be computed: no draw comes to its end.",
    ),
    Template(
        lambda f: f.money is None,
        f"{_FR} ; le plan ne fixe pas de montant.",
        f"{_EN}; the plan sets no amount.",
    ),
    Template(
        lambda f: math.isinf(f.add),
        f"{_FR} ; aucun montant ne donne 14 chances sur 20 : trop de tirages ne finissent jamais.",
        f"{_EN}; no amount gives 14 chances in 20: too many draws never end.",
    ),
    Template(
        lambda f: _late(f) and _paid(f),
        f"{_FR} ; le montant a déjà au moins 14 chances sur 20 : l'argent n'y peut rien, c'est la date qui "
        "manque.",
        f"{_EN}; the amount already has at least 14 chances in 20: money cannot help, the date is missing.",
    ),
    Template(
        lambda f: _late(f) and not _paid(f),
        f"{_FR} ; {{add}} de plus donne 14 chances sur 20 au montant seul : la date, elle, manque.",
        f"{_EN}; {{add}} more gives 14 chances in 20 to the amount alone: the date is missing.",
    ),
    Template(
        lambda f: _paid(f) and _kept(f.p_both) and f.p_all is not None and not _kept(f.p_all),
        f"{_FR} ; date et montant ont déjà au moins 14 chances sur 20 : l'argent n'y peut rien, c'est la "
        "continuité qui manque.",
        f"{_EN}; date and amount already have at least 14 chances in 20: money cannot help, continuity is "
        "missing.",
    ),
    Template(
        lambda f: _paid(f) and (f.p_both is None or twentieths(f.p_both) >= ASKED_20),
        f"{_FR} ; rien à ajouter pour 14 chances sur 20.",
        f"{_EN}; nothing to add for 14 chances in 20.",
    ),
    Template(
        lambda f: f.p_both is None and not _paid(f),
        f"{_FR} ; {{add}} de plus donne 14 chances sur 20 de tenir le montant.",
        f"{_EN}; {{add}} more gives 14 chances in 20 of holding the amount.",
    ),
    Template(
        lambda f: math.isinf(f.add_both),
        f"{_FR} ; l'argent seul ne donne pas 14 chances sur 20 de tenir date et montant : la date manque "
        "de peu.",
        f"{_EN}; money alone does not give 14 chances in 20 of holding date and amount: the date falls just "
        "short.",
    ),
    Template(
        lambda f: f.add_both is not None and _paid(f),
        f"{_FR} ; le montant a 14 chances sur 20, {{add_both}} de plus les donne avec la date.",
        f"{_EN}; the amount has 14 chances in 20, {{add_both}} more gives them with the date.",
    ),
    Template(
        lambda f: f.add_both is not None and not _paid(f) and f.add_both - f.add < 5e4,
        f"{_FR} ; {{add_both}} de plus donne 14 chances sur 20 de tenir date et montant.",
        f"{_EN}; {{add_both}} more gives 14 chances in 20 of holding date and amount.",
    ),
    Template(
        lambda f: f.add_both is not None and not _paid(f),
        f"{_FR} ; pour 14 chances sur 20, ajouter {{add}} (montant seul) ou {{add_both}} "
        "(avec la date).",
        f"{_EN}; for 14 chances in 20, add {{add}} (amount alone) or {{add_both}} (with the date).",
    ),
)


def answer_words(f: SimpleNamespace, forecast: Forecast, lang: str) -> dict[str, str]:
    """The numbers of the answer as words."""
    goal = goal_label(forecast.plan, lang)
    words = {"goal": goal, "Goal": capital(goal), "odds": chances(f.p_both, lang)}
    words |= {"odds_date": chances(f.p_date, lang), "odds_money": chances(f.p_budget, lang)}
    words["odds_all"] = chances(f.p_all, lang)
    parts = {"n_date": f.p_date, "n_money": f.p_budget, "n_continuity": f.p_continuity}
    words |= {name: twenty(p or 0.0) for name, p in parts.items()}
    words["draws"] = plural(f.draws, lang, "tirage", "draw")
    words["never"] = never_in_20(f.never, lang)
    words["date"] = date_long(f.date, lang)
    for p in ("50", "80"):
        day, cost = getattr(f, f"day{p}"), getattr(f, f"cost{p}")
        error = getattr(f, f"day{p}_error")
        words[f"day{p}"] = date_known(forecast.date_of(day), error, lang)
        words[f"cost{p}"] = meur(cost, lang, f.vat, getattr(f, f"cost{p}_error"))
    endless = forecast.share_never("cost_eur") > 0
    ending = " dans les tirages qui finissent", " in the draws that end"
    words["among"] = pick(lang, *ending) if endless else ""
    words["gap"] = span(f.gap or 0, f.day80_error, lang)
    words["likely_day"] = date_long(forecast.date_of(f.likely_day), lang)
    words["likely_cost"] = meur(f.likely_cost, lang, f.vat)
    words["money"] = meur(f.money or 0, lang, f.vat)
    for name in ("add", "add_both"):
        words[name] = more_money(getattr(f, name), lang, f.vat, f.cost80_error)
    return words


def never_in_20(share: float, lang: str) -> str:
    """How many draws in 20 something never happens in."""
    return out_of_20(share, lang, "tirage", "draw")


def more_money(eur: float | None, lang: str, vat: str | None, error: float) -> str:
    """Money to add; what rounds to nothing is said to be less than the step. [EUR]"""
    if eur is None or not math.isfinite(eur):
        return ""
    if eur > 1e5 and supported(eur, error) == 0:
        return pick(lang, "moins de ", "less than ") + meur(error, lang, vat, error)
    return meur(eur, lang, vat, error)


def answer(forecast: Forecast, lang: str) -> tuple[str, str, str]:
    """Answer in three sentences: shall we hold it, when, and for how much money."""
    f = answer_numbers(forecast)
    words = answer_words(f, forecast, lang)
    first, when, money = (say(t, f, lang, **words) for t in (HOLD, WHEN, MONEY))
    return first, when, money


ONE_LINE = (
    Template(lambda f: f.few, "{hold} ; {when}.", "{hold}; {when}."),
    Template(lambda f: f.never == 1, "{hold} ; jamais fini.", "{hold}; never finished."),
    Template(
        lambda f: f.never < 1,
        "{hold} ; P80 : {day80} et {cost80}.",
        "{hold}; P80: {day80} and {cost80}.",
    ),
)


def one_line(forecast: Forecast, lang: str) -> str:
    """Answer in one sentence, for the end of a run."""
    f = answer_numbers(forecast)
    words = answer_words(f, forecast, lang)
    hold, when = (say(t, f, lang, **words).rstrip(".") for t in (HOLD, WHEN))
    return say(ONE_LINE, f, lang, hold=hold, when=when, **words)
