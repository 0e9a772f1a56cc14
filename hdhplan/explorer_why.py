"""What the explorer says: the odds, what moved them, what has no effect, what to be warned of."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from hdhplan.calendars import shown_date
from hdhplan.explorer_state import State, drawn, moved
from hdhplan.forecast import Forecast, end_of_day
from hdhplan.levers import Lever
from hdhplan.paired import Move, around_p80, difference, held, in_parts, p80_of_ended, share
from hdhplan.plan import Plan
from hdhplan.spread import error_of_quantile, quantile_of
from hdhplan.wording.answer import ASKED, ASKED_20
from hdhplan.wording.formats import (
    date_known,
    meur,
    number,
    out_of_20,
    pick,
    span,
    twenty,
)
from hdhplan.wording.labels import Template, french, known, say, task_label

#: Bars of the bridge at most.
MOST_BARS = 8
#: What is written as nothing: half a day [d], half of 10 k€ [EUR], a twentieth of a chance in 20 [1].
_LEAST_D, _LEAST_EUR, _LEAST_ODDS = 0.5, 5_000, 0.0025
#: Steps that are critical by their place: the last of the path, whatever it is.
_LAST = (".cutover", ".go")


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


@dataclass(frozen=True)
class Effect:
    """What one thing that was moved does by itself: P80 date [d], P80 cost [EUR], odds of both [1].

    ``key`` is the lever's; ``start`` or empty for what is none.
    """

    key: str
    name: str
    assumed: bool
    finish: Move
    cost: Move
    both: Move


def odds_of(state: State, draws: int) -> dict[str, float]:
    """Odds of date, budget, both, continuity and all. [1]"""
    plan, values = drawn(state, draws)
    return {name: float(np.mean(which)) for name, which in held(plan, values).items()}


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
    now, before = (odds_of(lines[k], draws)["p_both"] for k in ("scenario", "reference"))
    days, money = to_add(lines["scenario"], draws)
    plan = drawn(lines["scenario"], draws)[0]
    f = SimpleNamespace(same=lines["scenario"] == lines["reference"], days=days, money=money)
    eur = ask.eur(plan, money) if math.isfinite(money) else 0.0
    words = {"asked": str(ASKED_20), "late": span(days if math.isfinite(days) else 0, 0, ask.lang)}
    words["dear"] = meur(eur, ask.lang, ask.vat)
    first = say(HEAD, f, ask.lang, odds=out_of_20(now, ask.lang), before=twenty(before))
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
        "Défi relevé : date, budget et aucune interruption tiennent ensemble, {all}.",
        "Challenge met: date, budget and no interruption hold together, {all}.",
    ),
    Template(
        lambda f: f.p_continuity < min(f.p_date, f.p_budget),
        "Le défi : date, {money} et aucune interruption ensemble. Ici {all} ; c'est la continuité qui "
        "manque le plus ({continuity} sur 20).",
        "The challenge: date, {money} and no interruption together. Here {all}; continuity is what "
        "lacks most ({continuity} in 20).",
    ),
    Template(
        lambda f: True,
        "Le défi : date, {money} et aucune interruption ensemble. Ici {all} ; {least} manque le plus.",
        "The challenge: date, {money} and no interruption together. Here {all}; {least} lacks most.",
    ),
)


def challenge(state: State, draws: int, ask: Ask) -> str:
    """Say how far the plan is from holding date, budget and continuity, and what lacks most."""
    f = SimpleNamespace(**{"p_continuity": 1.0, "p_all": 0.0} | odds_of(state, draws))
    late = pick(ask.lang, "la date", "the date"), pick(ask.lang, "le budget", "the budget")
    plan = drawn(state, draws)[0]
    words = {"all": out_of_20(f.p_all, ask.lang), "continuity": twenty(f.p_continuity)}
    words |= {"least": late[f.p_date > f.p_budget]}
    return say(
        CHALLENGE, f, ask.lang, money=meur(ask.eur(plan, plan.envelope_eur), ask.lang, ask.vat), **words
    )  # fmt: skip


def effects(lines: dict[str, State], draws: int, lang: str) -> tuple[list[Effect], Effect]:
    """What each thing that was moved does by itself, the largest first, and all together."""
    reference, now = lines["reference"], lines["scenario"]
    alone = []
    if now.start != reference.start or now.own:
        name = pick(lang, "point de départ : ", "start: ") + now.start.replace("_", " ")
        begun = replace(reference, start=now.start, own=now.own)
        alone.append(("start", name, now.start == "evidence", begun))
    for lever, value in moved(now):
        if lever.group != "target":
            one = reference.having(lever.key, value)
            name = f"{lever.name(lang)} : " if lang == "fr" else f"{lever.name(lang)}: "
            name += shown(lever, value, lang)
            alone.append((lever.key, name, lever.group == "assumption", one))
    found = [_effect(*named, reference, one, draws) for *named, one in alone]
    whole = _effect("", pick(lang, "ensemble", "together"), False, reference, now, draws)
    return sorted(found, key=lambda e: -abs(e.both.value)), whole


def shown(lever: Lever, value: Any, lang: str) -> str:
    """A value of a lever with its unit."""
    if lever.choices:
        return pick(lang, lever.choices[value].fr, lever.choices[value].en)
    digits = 0 if value == round(value) else 1 if value * 10 == round(value * 10) else 2
    return f"{number(value, lang, digits)}\u00a0{pick(lang, *lever.unit)}".strip()


def _effect(key: str, name: str, assumed: bool, before: State, after: State, draws: int) -> Effect:
    ends = [drawn(state, draws) for state in (before, after)]
    moves = []
    for quantity, statistic in (("finish_day", around_p80), ("cost_eur", p80_of_ended)):
        old, new = (in_parts(values[quantity], statistic) for _, values in ends)
        moves.append(difference(new, old))
    old, new = (in_parts(held(plan, values)["p_both"], share) for plan, values in ends)
    return Effect(key, name, assumed, *moves, difference(new, old))


WHY = (
    Template(
        lambda f: f.key == "provision" and not f.finish and not f.cost and not f.both,
        "{name} : aucun effet sur les chances ; la provision est mise de côté, elle ne dépense rien.",
        "{name}: no effect on the odds; the provision is set aside, it spends nothing.",
    ),
    Template(
        lambda f: not f.finish and not f.cost and not f.both,
        "{name} : aucun effet démontré ; {because}.",
        "{name}: no effect shown; {because}.",
    ),
    Template(
        lambda f: not f.finish and not f.both,
        "{name} : coût prudent {money} ; aucun effet démontré sur la date ni les chances : {because}.",
        "{name}: prudent cost {money}; no effect shown on date or odds: {because}.",
    ),
    Template(
        lambda f: True,
        "{name} : {odds} chances sur 20, date prudente {days}, coût prudent {money}.",
        "{name}: {odds} chances in 20, prudent date {days}, prudent cost {money}.",
    ),
)


def why(effect: Effect, forecast: Forecast, ask: Ask) -> str:
    """Say what an effect is, and why there is none."""
    lang = ask.lang
    f = SimpleNamespace(
        finish=_matters(effect.finish, 0.5),
        cost=_matters(effect.cost, 5_000),
        both=_matters(effect.both, 0.0025),
        key=effect.key,
    )  # fmt: skip
    unit = pick(lang, "j", "d")
    eur = ask.eur(forecast.plan, effect.cost.value) / 1e6
    words = {
        "odds": _signed(20 * effect.both.value, lang, 1) if f.both else "±\u00a00",
        "days": f"{_signed(effect.finish.value, lang)}\u00a0{unit}"
        if f.finish
        else f"±\u00a00\u00a0{unit}",
        "money": _money(eur, lang) if f.cost else "±\u00a00",
    }
    return say(WHY, f, lang, name=effect.name, because=bottleneck(forecast, lang), **words)


def _money(millions: float, lang: str) -> str:
    text = _signed(millions, lang, 2)
    return f"{text}\u00a0M€" if lang == "fr" else f"{text[:1]}€{text[1:]}M"


def _matters(move: Move, least: float) -> bool:
    """Whether a move is shown to be there, and would not be written as nothing."""
    return move.clear and abs(move.value) >= least


def _signed(value: float, lang: str, digits: int = 0) -> str:
    if not math.isfinite(value):
        return pick(lang, "jamais", "never")
    text = number(value, lang, digits)
    return f"+{text}" if value > 0 and text.strip("0,.") else text


def bottleneck(forecast: Forecast, lang: str) -> str:
    """Say what holds the plan up instead: what limits the copies, and what is critical most often."""
    tops = [max(sorted(found), key=found.get) for found in forecast.bottleneck.values() if found]
    limit = Counter(tops).most_common(1)[0][0] if tops else ""
    works = {
        k: v for k, v in forecast.criticality.items()
        if v > 0 and k not in forecast.values and not k.endswith(_LAST)
    }  # fmt: skip
    task = max(sorted(works), key=works.get, default="")
    copies = known(limit, lang) if limit else pick(lang, "rien", "nothing")
    name = task_label(forecast.plan, task, lang) if task else "—"
    n = twenty_draws(works.get(task, 0.0), lang)
    return pick(
        lang,
        french(f"la copie est limitée par {copies}, et « {name} » est critique dans {n}"),
        f"the copy is limited by {copies}, and “{name}” is critical in {n}",
    )


def twenty_draws(share_: float, lang: str) -> str:
    """How many draws in 20 something comes in."""
    return out_of_20(share_, lang, "tirage", "draw")
