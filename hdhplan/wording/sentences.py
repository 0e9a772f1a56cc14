"""Numbers into guarded sentences, French and English: the answer, and what stands around it."""

from __future__ import annotations

import math
from collections import Counter
from types import SimpleNamespace

from hdhplan.forecast import Forecast
from hdhplan.ranks import RankEffect
from hdhplan.sensitivity import Check, DriverEffect, Study
from hdhplan.wording.answer import answer, answer_numbers, never_in_20, one_line
from hdhplan.wording.formats import (
    FEW_DRAWS,
    chances,
    date_long,
    label,
    number,
    out_of_20,
    percent,
    pick,
    span,
    twentieths,
    volume,
)
from hdhplan.wording.labels import (
    Template,
    capital,
    field_label,
    goal_label,
    known,
    name_of,
    say,
    task_label,
    wave_label,
)

#: An effect is said in days while its standard error is below a week. [d]
WEEK = 7.0
__all__ = [
    "answer", "bottleneck_sentence", "check_first_sentence", "check_label", "driver_label",
    "drivers_sentence", "exposure_sentence", "known", "never_sentence", "one_line",
    "promise_sentences", "task_label", "wave_label",
]  # fmt: skip

NEVER = (
    Template(lambda f: f.never == 0 and math.isfinite(f.likely_day), "", ""),
    Template(
        lambda f: f.never == 0 and math.isinf(f.likely_day),
        "Le plan probable n'aboutit jamais, alors que tous les tirages aboutissent.",
        "The likely plan never ends, while all draws do.",
    ),
    Template(
        lambda f: f.never == 1,
        "Aucun tirage n'aboutit : une copie ne rattrape jamais ce qui est réécrit, ou une date est "
        "hors d'atteinte.",
        "No draw ends: a copy never catches up with what is rewritten, or a date is out of reach.",
    ),
    Template(
        lambda f: f.never > 0 and math.isinf(f.likely_day),
        "Le plan probable n'aboutit jamais, ni {never}.",
        "The likely plan never ends, nor do {never}.",
    ),
    Template(
        lambda f: f.never > 0,
        "{Never} : « {goal} » n'est jamais atteint.",
        "{Never}: “{goal}” is never reached.",
    ),
)


def never_sentence(forecast: Forecast, lang: str) -> str:
    """Say in how many draws the goal never comes; empty where it always does."""
    f = answer_numbers(forecast)
    never = never_in_20(f.never, lang)
    words = {"never": never, "Never": capital(never), "goal": goal_label(forecast.plan, lang)}
    return say(NEVER, f, lang, **words)


PROMISE = (
    Template(
        lambda f: f.few,
        "« {name} » au plus tard le {date} : trop peu de tirages pour le dire.",
        "“{name}” by {date}: too few draws to say.",
    ),
    Template(
        lambda f: not f.few,
        "« {name} » au plus tard le {date} : {odds}.",
        "“{name}” by {date}: {odds}.",
    ),
)


def other_promises(forecast: Forecast, lang: str) -> tuple[str, ...]:
    """Say the odds of each promise that the target does not already answer for."""
    target = forecast.plan.target
    goal = (target.milestone, target.finish) if target else None
    said = promise_sentences(forecast, lang)
    promises = zip(forecast.plan.promises, said, strict=True)
    return tuple(text for p, text in promises if (p.milestone, p.by) != goal)


def promise_sentences(forecast: Forecast, lang: str) -> tuple[str, ...]:
    """Say the odds of each promised date."""
    f, odds = SimpleNamespace(few=forecast.draws < FEW_DRAWS), forecast.odds
    return tuple(
        say(
            PROMISE,
            f,
            lang,
            name=task_label(forecast.plan, promise.milestone, lang),
            date=date_long(promise.by, lang),
            odds=chances(odds[promise.id or promise.milestone], lang),
        )
        for promise in forecast.plan.promises
    )


BOTTLENECK = (
    Template(lambda f: f.total == 0, "Le plan ne copie aucune donnée.", "The plan copies no data."),
    Template(
        lambda f: f.total == 1,
        "La copie est limitée par {limit} dans {share} des tirages.",
        "The copy is limited by {limit} in {share} of the draws.",
    ),
    Template(
        lambda f: 0 < f.count == f.total,
        "Ce qui limite le plus souvent la copie de chaque jeu de données : {limit}.",
        "What most often limits the copy of each dataset: {limit}.",
    ),
    Template(
        lambda f: 0 < f.count < f.total,
        "Ce qui limite le plus souvent la copie : {limit}, pour {count} jeux de données sur "
        "{total}.",
        "What most often limits the copy: {limit}, for {count} of {total} datasets.",
    ),
)


def bottleneck_sentence(forecast: Forecast, lang: str) -> str:
    """Say which limit binds most copies."""
    tops = {k: max(sorted(v), key=v.get) for k, v in forecast.bottleneck.items() if v}
    limit, count = Counter(tops.values()).most_common(1)[0] if tops else ("", 0)
    share = max((forecast.bottleneck[k][limit] for k in tops), default=0.0)
    f = SimpleNamespace(total=len(tops), count=count)
    words = {"count": str(count), "total": str(f.total), "share": percent(share, lang)}
    return say(BOTTLENECK, f, lang, limit=known(limit, lang), **words)


def driver_label(effect: DriverEffect, lang: str) -> str:
    """Name of a driver, or its id."""
    return label(name_of(effect, lang))


def significant(effect: DriverEffect) -> bool:
    """Whether a driver moves the P80 date by a day at least and more than two standard errors."""
    if not math.isfinite(effect.finish_days):
        return math.isinf(effect.finish_days)
    error = effect.finish_se if math.isfinite(effect.finish_se) else math.inf
    return abs(effect.finish_days) >= max(1.0, 2 * error)


DRIVERS = (
    Template(
        lambda f: f.count == 0,
        "Aucun facteur ne déplace la date prudente (P80) de façon significative.",
        "No driver moves the prudent date (P80) significantly.",
    ),
    Template(
        lambda f: f.count == 1 and f.days > 0,
        "Un seul facteur compte : « {name} » retarde la date prudente (P80) de {days}.",
        "One driver counts: “{name}” delays the prudent date (P80) by {days}.",
    ),
    Template(
        lambda f: f.days > 0 and not f.lever,
        "« {name} » retarde le plus la date prudente (P80), de {days} ; premier levier : {lever}.",
        "“{name}” delays the prudent date (P80) most, by {days}; first lever: {lever}.",
    ),
    Template(
        lambda f: f.days > 0 and f.lever,
        "« {name} », un levier, retarde le plus la date prudente (P80) : de {days}.",
        "“{name}”, a lever, delays the prudent date (P80) most: by {days}.",
    ),
    Template(
        lambda f: f.days < 0,
        "« {name} » avance le plus la date prudente (P80) : de {days}.",
        "“{name}” brings the prudent date (P80) forward most: by {days}.",
    ),
)


#: How differences of dates are taken, for those who subtract two dates.
AVERAGED = (
    "Les bascules n'ouvrent que certains jours : un écart de dates P80 est pris en moyenne de P75 "
    "à P85, et peut s'écarter de quelques jours de la différence des dates affichées.",
    "Cutovers start on certain days only: a difference of P80 dates is averaged from P75 to P85, "
    "and may be some days away from the difference of the dates shown.",
)


def drivers_sentence(study: Study, lang: str) -> str:
    """Say which driver moves the P80 date most, and the first we can act on."""
    rows = [e for e in study.drivers if significant(e)]
    first = max(rows, key=lambda e: abs(e.finish_days), default=None)
    lever = next((e for e in rows if e.lever), None)
    f = SimpleNamespace(count=len(rows), days=0.0, lever=bool(first and first.lever))
    if first is None:
        return say(DRIVERS, f, lang)
    f.days = first.finish_days
    words = {"name": driver_label(first, lang), "days": days_of(first, lang)}
    own = f"{driver_label(lever, lang)} ({days_of(lever, lang)})" if lever else ""
    words["lever"] = own or pick(lang, "aucun", "none")
    return say(DRIVERS, f, lang, **words)


def days_of(effect: DriverEffect, lang: str) -> str:
    """Days that a driver moves the P80 date by, without their sign."""
    if math.isinf(effect.finish_days):
        return pick(lang, "un temps infini", "an infinite time")
    error = effect.finish_se if effect.finish_se > WEEK else 0.0
    return span(effect.finish_days, error, lang)


CHECK = (
    Template(
        lambda f: f.effect is None, "Rien d'incertain à vérifier.", "Nothing uncertain to check."
    ),
    Template(
        lambda f: f.effect == 0,
        "Aucune vérification ne changerait les chances d'une sur 20 : la première serait {name}, "
        "preuve {grade}{ask}.",
        "No check would change the odds by one in 20: the first would be {name}, evidence "
        "{grade}{ask}.",
    ),
    Template(
        lambda f: f.effect > 0,
        "À vérifier d'abord : {name}, preuve {grade}{ask} ; le savoir déplacerait les chances "
        "d'environ {effect} sur 20.",
        "Check first: {name}, evidence {grade}{ask}; knowing it would move the odds by about "
        "{effect} in 20.",
    ),
)


def check_label(check: Check | RankEffect, lang: str) -> str:
    """Name of an input, such as what is to be checked: of its thing and field, or its path."""
    if check.name is None:
        return label(check.path)
    field = field_label(check.path, lang)
    return label(check.name.in_(lang)) + (f" ({label(field)})" if field else "")


def check_first_sentence(study: Study, lang: str) -> str:
    """Say what to check first, and whom to ask."""
    if not study.checks:
        return say(CHECK, SimpleNamespace(effect=None), lang)
    first = study.checks[0]
    f = SimpleNamespace(effect=twentieths(first.effect))
    whom = label(first.ask.in_(lang)) if first.ask else ""
    ask = pick(lang, f", auprès de : {whom}", f", with: {whom}") if whom else ""
    words = {"ask": ask, "effect": str(f.effect)}
    return say(CHECK, f, lang, name=check_label(first, lang), grade=first.grade or "D", **words)


EXPOSURE = (
    Template(
        lambda f: f.start == 0,
        "Aucune donnée n'est lisible sous droit extra-européen.",
        "No data is readable under extra-European law.",
    ),
    Template(
        lambda f: math.isinf(f.total80),
        "{start} sont lisibles aujourd'hui sous droit extra-européen, sans fin dans {never}.",
        "{start} are readable today under extra-European law, without end in {never}.",
    ),
    Template(
        lambda f: f.left50 > 0,
        "{start} sont lisibles au départ sous droit extra-européen ; {left} le restent au bout du "
        "plan.",
        "{start} are readable at the start under extra-European law; {left} still are when the "
        "plan ends.",
    ),
    Template(
        lambda f: f.left50 == 0,
        "{start} sont lisibles au départ sous droit extra-européen : en tout {total50} Po·jours "
        "(P50), {total80} (P80).",
        "{start} are readable at the start under extra-European law: {total50} PB·days in all "
        "(P50), {total80} (P80).",
    ),
)


def exposure_sentence(forecast: Forecast, lang: str) -> str:
    """Say how much data is readable under extra-European law, and for how long in all."""
    path = forecast.exposure_path
    totals = [forecast.quantile("exposure_pb_days", p) for p in (0.5, 0.8)]
    f = SimpleNamespace(start=float(path.p50[0]), left50=float(path.p50[-1]), total80=totals[1])
    never = out_of_20(forecast.share_never("exposure_pb_days"), lang, "tirage", "draw")
    words = {"start": volume(f.start, lang), "left": volume(f.left50, lang), "never": never}
    for name, total in zip(("total50", "total80"), totals, strict=True):
        words[name] = number(total, lang) if math.isfinite(total) else ""
    return say(EXPOSURE, f, lang, **words)
