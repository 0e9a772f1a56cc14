"""How good the kept forecasts have been, in sentences and as lines of a terminal."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

from hdhplan.scoring import ENOUGH, CostScore, Coverage, Scores, Skill
from hdhplan.wording.formats import (
    date_long,
    date_short,
    meur,
    number,
    percent,
    pick,
    plural,
)
from hdhplan.wording.labels import Template, french, known, say

LEAD = (
    Template(
        lambda f: f.forecasts == 0,
        "Au {day} : aucune prévision avant cette date, rien à juger.",
        "As of {day}: no forecast before that date, there is nothing to score.",
    ),
    Template(
        lambda f: f.forecasts > 0,
        "Au {day} : {forecasts} face aux faits, sur {tasks} dont {done}.",
        "As of {day}: {forecasts} against the facts, on {tasks}, {done}.",
    ),
)
VERDICT = (
    Template(
        lambda f: not f.enough,
        "Trop peu pour juger : il faut au moins {least} tâches finies. Ce qui suit décrit, sans "
        "conclure.",
        "Too few to judge: at least {least} tasks must be done. What follows describes and "
        "concludes nothing.",
    ),
    Template(
        lambda f: f.off is None,
        "Les dates tiennent aussi souvent qu'annoncé, au hasard près.",
        "Dates are kept as often as they claim, luck apart.",
    ),
    Template(
        lambda f: f.off.share < f.off.given,
        "Les dates {level} tiennent moins souvent qu'annoncé : {held} tâches sur {tasks}, {given} "
        "annoncées.",
        "{level} dates are kept less often than they claim: {held} tasks of {tasks}, {given} claimed.",
    ),
    Template(
        lambda f: f.off.share > f.off.given,
        "Les dates {level} tiennent plus souvent qu'annoncé : {held} tâches sur {tasks}, {given} "
        "annoncées.",
        "{level} dates are kept more often than they claim: {held} tasks of {tasks}, {given} claimed.",
    ),
)
ERROR = (
    Template(
        lambda f: f.days is None,
        "Aucune tâche prévue n'est finie.",
        "No task that was forecast is done.",
    ),
    Template(
        lambda f: f.days is not None,
        "Erreur moyenne (CRPS) des tâches finies : {days} j.",
        "Mean error (CRPS) of the tasks that are done: {days} d.",
    ),
)
BESIDE = (
    Template(
        lambda f: f.score is None or f.skill is None,
        "Face {whom} : rien à comparer.",
        "Nothing to compare with {whom}.",
    ),
    Template(
        lambda f: f.skill > 0,
        "Face {whom}, la prévision se trompe de {part} en moins ({own} j contre {other} j, "
        "{tasks}).",
        "Compared with {whom}, the forecast errs by {part} less ({own} d against {other} d, {tasks}).",
    ),
    Template(
        lambda f: f.skill <= 0,
        "Face {whom}, la prévision se trompe de {part} en plus ({own} j contre {other} j, "
        "{tasks}).",
        "Compared with {whom}, the forecast errs by {part} more ({own} d against {other} d, {tasks}).",
    ),
)
DECIDED = (
    Template(
        lambda f: f.count == 0,
        "Aucune promesse n'est encore échue.",
        "No promise has fallen due yet.",
    ),
    Template(
        lambda f: f.count > 0,
        "{count} : score de Brier {own}, {other} pour le premier plan (0 parfait, 0,25 à pile ou face).",
        "{count}: Brier score {own}, {other} for the first plan (0 perfect, 0.25 for a coin).",
    ),
)
_PRUDENT_FIRST = (0.8, 0.9, 0.5, 0.1)


def score_sentences(scores: Scores, lang: str) -> list[str]:
    """Say how much there is to judge, whether dates are kept, the error, and who did better."""
    odd = pick(lang, "finie", "done"), pick(lang, "finies", "done")
    words = {
        "day": date_long(scores.day, lang),
        "forecasts": plural(scores.forecasts, lang, "prévision", "forecast"),
        "tasks": plural(scores.tasks, lang, "tâche", "task"),
        "done": f"{number(scores.done, lang)} {odd[scores.done > 1]}",
    }  # fmt: skip
    found = [say(LEAD, scores, lang, **words)]
    if not scores.pairs:
        return found
    days = "" if scores.crps_days is None else number(scores.crps_days, lang, 1)
    found += [
        _verdict(scores, lang),
        say(ERROR, SimpleNamespace(days=scores.crps_days), lang, days=days),
    ]
    first = pick(lang, "au premier plan", "the first plan")
    pace = pick(lang, "à IEAC(t)", "IEAC(t)")
    found += [beside(scores.versus_first, first, lang), beside(scores.versus_ieac, pace, lang)]
    return [*found, _decided(scores, lang), *_money(scores, lang)]


def _verdict(scores: Scores, lang: str) -> str:
    """Say whether dates are kept as often as they claim."""
    worst = unexplained(scores)
    words = {"least": str(ENOUGH)}
    if worst:
        words |= {"level": level_name(worst), "held": number(worst.share * worst.tasks, lang, 1)}
        words |= {"given": number(worst.given * worst.tasks, lang, 1), "tasks": str(worst.tasks)}
    return say(VERDICT, SimpleNamespace(enough=scores.enough, off=worst), lang, **words)


def unexplained(scores: Scores) -> Coverage | None:
    """The level that luck does not explain, the prudent one first; None where it explains all."""
    off = {c.p: c for c in scores.coverage if c.holds is False}
    return next((off[p] for p in _PRUDENT_FIRST if p in off), None)


def beside(found: Skill, whom: str, lang: str) -> str:
    """Say how much better or worse than a reference the forecasts were."""
    f = SimpleNamespace(score=found.score, skill=found.value)
    if f.score is None or f.skill is None:
        return say(BESIDE, f, lang, whom=whom)
    tasks = plural(found.tasks, lang, "tâche", "task")
    numbers = {"own": number(found.score, lang, 1), "other": number(found.reference, lang, 1)}
    return say(BESIDE, f, lang, whom=whom, part=percent(abs(f.skill), lang), tasks=tasks, **numbers)


def _decided(scores: Scores, lang: str) -> str:
    count = plural(scores.brier.tasks, lang, "promesse échue", "promise that is due",
                   "promesses échues", "promises that are due")  # fmt: skip
    numbers = {}
    if scores.brier.tasks:
        numbers = {"own": number(scores.brier.score, lang, 2),
                   "other": number(scores.brier.reference, lang, 2)}  # fmt: skip
    return say(DECIDED, SimpleNamespace(count=scores.brier.tasks), lang, count=count, **numbers)


def _money(scores: Scores, lang: str) -> list[str]:
    """What is known of the money: nothing before the programme is closed."""
    if not scores.costs:
        return [pick(lang, french("Les coûts se jugeront à la clôture."),
                     "Costs are scored once the programme is closed.")]  # fmt: skip
    return [_cost(scores, cost, lang) for cost in scores.costs]


def _cost(scores: Scores, cost: CostScore, lang: str) -> str:
    name = cost_name(cost.quantity, lang)
    paid, own, first = (meur(x, lang, scores.vat) for x in (cost.actual, cost.crps, cost.first))
    return pick(
        lang,
        french(
            f"{name} : {paid} payés, erreur moyenne (CRPS) {own}, {first} pour le premier plan."
        ),
        f"{name}: {paid} paid, mean error (CRPS) {own}, {first} for the first plan.",
    )


def cost_name(quantity: str, lang: str) -> str:
    """A budget line by its name, or the whole cost."""
    line = quantity.removeprefix("line.")
    return pick(lang, "Coût", "Cost") if line == quantity else known(line, lang)


def level_name(coverage: Coverage) -> str:
    """P80."""
    return f"P{round(100 * coverage.p)}"


def verdict_word(coverage: Coverage, lang: str) -> str:
    """Whether luck explains what a level has come to."""
    if coverage.holds is None:
        return pick(lang, "trop peu pour juger", "too few to judge")
    if coverage.holds:
        return pick(lang, "au hasard près", "within luck")
    less = coverage.share < coverage.given
    return (
        pick(lang, "trop rarement", "too rarely")
        if less
        else pick(lang, "trop souvent", "too often")
    )


def counted(coverage: Coverage, lang: str) -> tuple[str, str, str]:
    """Tasks that kept a date, those that were to, and what luck makes of that."""
    if not coverage.tasks:
        return "–", "–", "–"
    share, given, low, high = (
        x * coverage.tasks for x in (coverage.share, coverage.given, coverage.low, coverage.high)
    )
    luck = pick(lang, "{} à {}", "{} to {}").format(number(low, lang), number(high, lang))
    return number(share, lang, 1), number(given, lang, 1), luck


def day_of(scores: Scores, day: float) -> date:
    """Date at whose end an instant of the scores is."""
    return scores.start + timedelta(round(day) - 1)


def score_lines(scores: Scores, lang: str) -> list[str]:
    """The sentences, then coverage and the finish week by week, for a terminal."""
    found = score_sentences(scores, lang)
    if not scores.pairs:
        return found
    heads = pick(
        lang,
        ("tâches échues", "tenues", "annoncées", "au hasard", ""),
        ("tasks due", "kept", "claimed", "by luck", ""),
    )
    rows = [("", *heads)]
    rows += [
        (level_name(c), number(c.tasks, lang), *counted(c, lang), verdict_word(c, lang))
        for c in scores.coverage
    ]
    found += [
        "",
        *(f"  {row[0]:4}" + "".join(f"{x:>14}" for x in row[1:5]) + f"  {row[5]}" for row in rows),
    ]
    found += ["", "  " + pick(lang, f"{'au':12}", f"{'as of':12}") + _heads()]
    for one in scores.finishes:
        days = [*one.quantiles.values(), one.ieac_t]
        cells = "".join(f"{_shown(scores, day, lang):>14}" for day in days)
        found.append(f"  {date_short(one.as_of, lang):12}{cells}")
    return [line.rstrip() for line in found]


def _heads() -> str:
    return "".join(f"{name:>14}" for name in ("P10", "P50", "P80", "P90", "IEAC(t)"))


def _shown(scores: Scores, day: float | None, lang: str) -> str:
    if day is None:
        return "–"
    return date_short(None if day == float("inf") else day_of(scores, day), lang)
