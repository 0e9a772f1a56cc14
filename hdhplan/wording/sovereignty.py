"""Sentences on sovereignty: what qualification holds up, what a refusal does, what is never met."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.forecast import Forecast
from hdhplan.plan import Plan
from hdhplan.sovereignty import Duty, Gate, Refusal
from hdhplan.wording.formats import (
    FEW_DRAWS,
    amount,
    chances,
    date_long,
    days,
    label,
    meur,
    out_of_20,
    pick,
    span,
    twentieths,
)
from hdhplan.wording.labels import (
    Template,
    capability_label,
    french,
    goal_label,
    name_of,
    say,
    task_label,
)

GATES = (
    Template(
        lambda f: twentieths(f.share) == 0,
        "La qualification des services ne fixe presque jamais un go/no-go : {share} pour "
        "« {wave} », qui l'attend le plus.",
        "The qualification of services hardly ever sets a go/no-go: {share} for “{wave}”, which "
        "waits for it most.",
    ),
    Template(
        lambda f: twentieths(f.share) > 0,
        "La qualification des services fixe le go/no-go de « {wave} » dans {share} ; la dernière "
        "est le plus souvent : {last} ({often}).",
        "The qualification of services sets the go/no-go of “{wave}” in {share}; the last one is "
        "most often: {last} ({often}).",
    ),
)


def gates_sentence(forecast: Forecast, gates: tuple[Gate, ...], lang: str) -> str:
    """Say of which wave qualification sets the go/no-go most often, and which one is last."""
    if not gates:
        return ""
    if forecast.draws < FEW_DRAWS:
        few = "Trop peu de tirages pour dire ce que retarde la qualification des services."
        return pick(lang, few, "Too few draws to say what the qualification of services holds up.")
    first = max(gates, key=lambda gate: gate.sets_go)
    words = {
        "wave": wave_name(forecast.plan, first.wave, lang),
        "share": draws_in_20(first.sets_go, lang),
        "often": draws_in_20(first.last_share, lang),
        "last": qualifier_label(forecast.plan, first.last, lang),
    }
    return say(GATES, SimpleNamespace(share=first.sets_go), lang, **words)


def wave_name(plan: Plan, wave: str, lang: str) -> str:
    """Name of a wave inside a sentence."""
    name = plan.waves[wave].name
    return label(name.in_(lang) if name else wave)


def draws_in_20(share: float, lang: str) -> str:
    """A share of the draws, in 20."""
    return out_of_20(share, lang, "tirage", "draw")


def qualifier_label(plan: Plan, task: str, lang: str) -> str:
    """What comes last: the service whose own date it is, or the task of the plan."""
    owner, _, step = task.rpartition(".")
    if step == "qualified" and owner in plan.capabilities:
        return capability_label(plan, owner, lang)
    return task_label(plan, task, lang)


_IF = "Si « {driver} » arrive ({odds}){instead} : ", "If “{driver}” happens ({odds}){instead}: "
REFUSAL = (
    Template(
        lambda f: f.few,
        _IF[0] + "trop peu de tirages pour dire ce que cela change.",
        _IF[1] + "too few draws to say what that changes.",
    ),
    Template(
        lambda f: math.isinf(f.then),
        _IF[0] + "« {goal} » n'a alors plus de date médiane.",
        _IF[1] + "“{goal}” then has no median date.",
    ),
    Template(
        lambda f: math.isinf(f.otherwise),
        _IF[0] + "« {goal} » a alors une date médiane, et n'en a pas sans cela.",
        _IF[1] + "“{goal}” then has a median date, and none without it.",
    ),
    Template(
        lambda f: abs(f.gap) < max(1.0, 2 * f.error),
        _IF[0] + "la date médiane de « {goal} » n'en bouge pas de façon décelable.",
        _IF[1] + "the median date of “{goal}” does not move detectably.",
    ),
    Template(
        lambda f: f.gap > 0,
        _IF[0] + "« {goal} » vient {gap} plus tard en médiane.",
        _IF[1] + "“{goal}” comes {gap} later in the median.",
    ),
    Template(
        lambda f: f.gap < 0,
        _IF[0] + "« {goal} » vient {gap} plus tôt en médiane, car la date propre de chaque service "
        "n'y compte plus.",
        _IF[1] + "“{goal}” comes {gap} earlier in the median, as each service's own date no longer "
        "counts.",
    ),
)  # fmt: skip


def refusal_sentence(forecast: Forecast, refusal: Refusal, lang: str) -> str:
    """Say what is used where a qualification is refused, its odds and effect; empty if it cannot be."""
    plan, driver = forecast.plan, forecast.plan.drivers[refusal.driver]
    if driver.p == 0:
        return ""
    then, otherwise = refusal.goal, refusal.goal_without
    f = SimpleNamespace(few=refusal.draws < FEW_DRAWS, then=then.p50, otherwise=otherwise.p50)
    f.gap, f.error = then.p50 - otherwise.p50, math.hypot(then.se50, otherwise.se50)
    words = {
        "driver": label(name_of(driver, lang)),
        "odds": out_of_20(driver.p, lang),
        "instead": _instead(plan, refusal, lang),
        "goal": goal_label(plan, lang),
        "gap": span(f.gap, f.error, lang) if math.isfinite(f.gap) else "",
    }
    return say(REFUSAL, f, lang, **words)


def _instead(plan: Plan, refusal: Refusal, lang: str) -> str:
    """What is used instead, how long it takes and what it costs."""
    driver, parts = plan.drivers[refusal.driver], []
    for task in refusal.instead:
        work = plan.tasks[task].work
        length = days(work.likely, lang, work.unit) if work and work.unit != "TB" else ""
        name = task_label(plan, task, lang)
        quoted = pick(lang, french(f"« {name} »"), f"“{name}”")
        parts.append(f"{quoted} ({length})" if length else quoted)
    over = pick(lang, " prend le relais", " takes over")
    text = f", {', '.join(parts)}{over}" if parts else ""
    if driver.cost is not None:
        vat = driver.vat or (plan.target.vat if plan.target else None)
        low, high = amount(driver.cost.low, lang), meur(driver.cost.high, lang, vat)
        text += pick(lang, f", pour {low} à {high}", f", for {low} to {high}")
    return text


DUTIES = (
    Template(lambda f: f.unmet == 0, "", ""),
    Template(
        lambda f: f.unmet > 0,
        "Ce plan enfreint ou laisse sans réponse, dans tous les tirages : {names}.",
        "This plan breaks or leaves unmet, in all draws: {names}.",
    ),
)
DATED = (
    Template(
        lambda f: f.few,
        "{name}, au plus tard le {date} : trop peu de tirages pour le dire.",
        "{name}, by {date}: too few draws to say.",
    ),
    Template(
        lambda f: not f.few,
        "{name}, au plus tard le {date} : {odds}.",
        "{name}, by {date}: {odds}.",
    ),
)


def duties_sentences(forecast: Forecast, duties: tuple[Duty, ...], lang: str) -> tuple[str, ...]:
    """Say which obligations are never met, and the odds of those with a day."""
    named = forecast.plan.obligations
    unmet = [label(named[d.id].name.in_(lang)) for d in duties if d.day.never == 1]
    f = SimpleNamespace(unmet=len(unmet), few=forecast.draws < FEW_DRAWS)
    said = [say(DUTIES, f, lang, names=pick(lang, french(" ; "), "; ").join(unmet))]
    for duty in duties:
        if duty.odds is not None and duty.day.never < 1:
            name, day = label(named[duty.id].name.in_(lang)), date_long(named[duty.id].by, lang)
            said.append(say(DATED, f, lang, name=name, date=day, odds=chances(duty.odds, lang)))
    return tuple(filter(None, said))
