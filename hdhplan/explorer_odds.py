"""What the explorer says first: the odds, the prudent date and money, what to add, the challenge."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from hdhplan.calendars import shown_date
from hdhplan.explorer_draws import drawn, odds_of
from hdhplan.explorer_state import State
from hdhplan.forecast import end_of_day
from hdhplan.plan import Plan
from hdhplan.spread import error_of_quantile, quantile_of
from hdhplan.wording.answer import ASKED, ASKED_20
from hdhplan.wording.formats import date_known, meur, out_of_20, pick, span, twenty
from hdhplan.wording.labels import Template, french, say


@dataclass(frozen=True)
class Ask:
    """How numbers are shown: language, percentile, VAT basis. Nothing in a plan depends on it."""

    lang: str = "fr"
    p: float = 0.8
    vat: str = "HT"

    def eur(self, plan: Plan, amount: float) -> float:
        """An amount in the basis asked for. [EUR]"""
        own = plan.target.vat if plan.target else None
        tax = 1 + (plan.vat_rate or 0.0)
        by = 1.0 if own in (None, self.vat) else tax if self.vat == "TTC" else 1 / tax
        return amount * by


def to_add(state: State, draws: int, odds: float = ASKED) -> tuple[float, float]:
    """Days to add at this budget, and money to add at this date, for some odds of both; inf if never.

    [d] and [EUR]; nothing to add is 0.
    """
    plan, values = drawn(state, draws)
    days, costs = (values[q].astype(float) for q in ("finish_day", "cost_eur"))
    due, most = end_of_day(plan, plan.target.finish), plan.envelope_eur
    at = math.ceil(odds * draws) - 1
    late = np.sort(np.where(costs <= most, days, np.inf))[at]
    dear = np.sort(np.where(days <= due, costs, np.inf))[at]
    return float(max(np.ceil(late - due), 0.0)), float(max(dear - most, 0.0))


HEAD = (
    Template(
        lambda f: f.same,
        "{odds} de tenir date et budget (c'est la référence).",
        "{odds} of holding date and budget (this is the reference).",
    ),
    Template(
        lambda f: f.hoped,
        "{odds} de tenir date et budget ; référence : {before}, avec les hypothèses changées : {assumed}.",
        "{odds} of holding date and budget; reference: {before}, with the changed assumptions: {assumed}.",
    ),
    Template(
        lambda f: True,
        "{odds} de tenir date et budget ; référence : {before}.",
        "{odds} of holding date and budget; reference: {before}.",
    ),
)
ADD = (
    Template(
        lambda f: f.days == 0 and f.money == 0,
        "Rien à ajouter pour {asked} chances sur 20.",
        "Nothing to add for {asked} chances in 20.",
    ),
    Template(
        lambda f: math.isinf(f.days) and math.isinf(f.money),
        "Ni date ni argent seuls ne donnent {asked} chances sur 20 : il faut les deux, ou un autre plan.",
        "Neither time nor money alone gives {asked} chances in 20: it takes both, or another plan.",
    ),
    Template(
        lambda f: math.isinf(f.money),
        "Pour {asked} chances sur 20 : {late} de plus ; l'argent seul n'y suffit pas.",
        "For {asked} chances in 20: {late} more; money alone is not enough.",
    ),
    Template(
        lambda f: math.isinf(f.days),
        "Pour {asked} chances sur 20 : {dear} de plus ; du temps seul n'y suffit pas.",
        "For {asked} chances in 20: {dear} more; time alone is not enough.",
    ),
    Template(
        lambda f: True,
        "Pour {asked} chances sur 20 : {late} de plus, ou {dear} de plus.",
        "For {asked} chances in 20: {late} more, or {dear} more.",
    ),
)


def headline(lines: dict[str, State], draws: int, ask: Ask) -> tuple[str, str]:
    """Say the odds of date and budget beside the reference's, and what to add for 14 in 20."""
    odds = {key: odds_of(state, draws)["p_both"] for key, state in lines.items()}
    days, money = to_add(lines["scenario"], draws)
    plan = drawn(lines["scenario"], draws)[0]
    f = SimpleNamespace(same=lines["scenario"] == lines["reference"], days=days, money=money)
    f.hoped = lines["assumed"] != lines["reference"]
    eur = ask.eur(plan, money) if math.isfinite(money) else 0.0
    words = {"asked": str(ASKED_20), "late": span(days if math.isfinite(days) else 0, 0, ask.lang)}
    words["dear"] = meur(eur, ask.lang, ask.vat)
    words |= {"before": twenty(odds["reference"]), "assumed": twenty(odds["assumed"])}
    first = say(HEAD, f, ask.lang, odds=out_of_20(odds["scenario"], ask.lang), **words)
    return first, say(ADD, f, ask.lang, **words)


def prudent(state: State, draws: int, ask: Ask) -> str:
    """Say date and cost at the percentile asked for, no finer than the draws support."""
    plan, values = drawn(state, draws)
    days, costs = (np.sort(values[q]) for q in ("finish_day", "cost_eur"))
    costs = costs[np.isfinite(costs)]  # of those that end, as everywhere
    end, error = quantile_of(days, ask.p), error_of_quantile(days, ask.p)
    eur, wide = (f(costs, ask.p) for f in (quantile_of, error_of_quantile))
    day = date_known(shown_date(end, plan.start), error, ask.lang)
    money = meur(ask.eur(plan, eur), ask.lang, ask.vat, ask.eur(plan, wide))
    return f"P{round(ask.p * 100)}{pick(ask.lang, french(' :'), ':')} {day}, {money}."


CHALLENGE = (
    Template(
        lambda f: f.p_all >= ASKED,
        "Défi relevé : date, budget et aucune interruption des projets critiques tiennent ensemble, {all}.",
        "Challenge met: date, budget and no interruption of critical projects hold together, {all}.",
    ),
    Template(
        lambda f: f.p_continuity < min(f.p_date, f.p_budget),
        "Le défi : trouvez un plan qui tient ensemble la date, {money} et aucune interruption des projets "
        "critiques, {asked} chances sur 20. Ici {all} ; c'est la continuité qui manque le plus "
        "({continuity} sur 20).",
        "The challenge: find a plan that holds together the date, {money} and no interruption of "
        "critical projects, {asked} chances in 20. Here {all}; continuity is what lacks most "
        "({continuity} in 20).",
    ),
    Template(
        lambda f: True,
        "Le défi : trouvez un plan qui tient ensemble la date, {money} et aucune interruption des projets "
        "critiques, {asked} chances sur 20. Ici {all} ; {least} manque le plus.",
        "The challenge: find a plan that holds together the date, {money} and no interruption of "
        "critical projects, {asked} chances in 20. Here {all}; {least} lacks most.",
    ),
)


def challenge(state: State, draws: int, ask: Ask) -> str:
    """Say how far the plan is from holding date, budget and continuity, and what lacks most."""
    f = SimpleNamespace(**{"p_continuity": 1.0, "p_all": 0.0} | odds_of(state, draws))
    late = pick(ask.lang, "la date", "the date"), pick(ask.lang, "le budget", "the budget")
    plan = drawn(state, draws)[0]
    words = {"all": out_of_20(f.p_all, ask.lang), "continuity": twenty(f.p_continuity)}
    words |= {"least": late[f.p_date > f.p_budget], "asked": str(ASKED_20)}
    return say(
        CHALLENGE, f, ask.lang, money=meur(ask.eur(plan, plan.envelope_eur), ask.lang, ask.vat), **words
    )  # fmt: skip
