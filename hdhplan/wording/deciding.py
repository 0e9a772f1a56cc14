"""How sure a choice is: where it holds, what it can cost, what to learn first, what time costs."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.choice import Choice
from hdhplan.comparison import Comparison
from hdhplan.robustness import Regret
from hdhplan.wording.choices import AIMS, basis_of, named
from hdhplan.wording.conditions import assumption_label, condition, quoted
from hdhplan.wording.formats import NBSP, label, meur, number, pick, plural, span
from hdhplan.wording.labels import Template, french, say

KEPT = (
    Template(
        lambda f: f.kept == f.ends,
        "« {name} » n'est battu à aucune des {ends} extrémités essayées.",
        "“{name}” is beaten at none of the {ends} ends tried.",
    ),
    Template(
        lambda f: f.kept < f.ends,
        "« {name} » n'est pas battu à {kept} des {ends} extrémités essayées.",
        "“{name}” is not beaten at {kept} of the {ends} ends tried.",
    ),
)
REGRET = (
    Template(
        lambda f: f.worst == 0 and f.least == 1,
        "Le moindre regret ({aim}) : « {name} », qu'aucun autre ne bat, ni sur tous les tirages, ni à une "
        "extrémité essayée.",
        "The least regret ({aim}): “{name}”, which no other beats, neither over all draws nor at an end "
        "tried.",
    ),
    Template(
        lambda f: f.least == 1,
        "Le moindre regret ({aim}) : « {name} » ; au pire, {worst} de moins bien que « {best} », {where}.",
        "The least regret ({aim}): “{name}”; at worst, {worst} worse than “{best}”, {where}.",
    ),
    Template(
        lambda f: f.least > 1,
        "Le moindre regret ({aim}) est le même, aux erreurs de tirage près, pour {names}.",
        "The least regret ({aim}) is the same, within drawing error, for {names}.",
    ),
)
REGRET_OF_CHOSEN = (
    Template(lambda f: not f.name or f.chosen_is_least, "", ""),
    Template(
        lambda f: not f.chosen_is_least,
        " « {name} », choisi, peut en coûter davantage : {worst}, {where}.",
        " “{name}”, chosen, may cost more of it: {worst}, {where}.",
    ),
)
KNOWING = (
    Template(
        lambda f: f.tried == 0,
        "Ce qu'il vaudrait de savoir d'abord n'est pas calculé : il n'y a pas à choisir, trop peu de "
        "tirages, ou des dates sans fin.",
        "What it would be worth to know first is not computed: there is nothing to choose, too few "
        "draws, or dates without an end.",
    ),
    Template(
        lambda f: f.clear > 0,
        "À savoir avant de décider : {known} (preuve {grade}), qui vaut {worth}{ask}.",
        "To learn before deciding: {known} (evidence {grade}), worth {worth}{ask}.",
    ),
    Template(
        lambda f: f.name and not f.flips,
        "Rien de ce qui a été essayé ({tried}) ne changerait le choix.",
        "Nothing tried ({tried}) would change the choice.",
    ),
    Template(
        lambda f: f.clear == 0,
        "Aucune des {tried} essayées ne vaut d'être sue d'abord, aux erreurs de tirage près.",
        "None of the {tried} tried is worth knowing first, within drawing error.",
    ),
)
LEVER = (
    Template(
        lambda f: f.dearer is None,
        "Levier le moins cher : « {name} » gagne {weeks} sur la date prudente, pour un coût égal aux "
        "erreurs de tirage près.",
        "Cheapest lever: “{name}” gains {weeks} on the prudent date, at the same cost within drawing "
        "error.",
    ),
    Template(
        lambda f: f.dearer,
        "Levier le moins cher : « {name} » gagne {weeks} sur la date prudente pour {week} par semaine.",
        "Cheapest lever: “{name}” gains {weeks} on the prudent date for {week} a week.",
    ),
    Template(
        lambda f: not f.dearer,
        "Levier le moins cher : « {name} » gagne {weeks} sur la date prudente sans coûter plus.",
        "Cheapest lever: “{name}” gains {weeks} on the prudent date without costing more.",
    ),
)


def kept_sentence(comparison: Comparison, choice: Choice, lang: str) -> str:
    """Say at how many ends of the assumptions nobody beats the choice; empty without one."""
    kept, ends = choice.kept
    if not choice.scenario or not ends:
        return ""
    words = {"name": named(comparison, choice.scenario, lang), "kept": str(kept), "ends": str(ends)}
    return say(KEPT, SimpleNamespace(kept=kept, ends=ends), lang, **words)


def regret_sentence(comparison: Comparison, choice: Choice, lang: str) -> str:
    """Say which scenario loses least at worst; empty where there is no choice."""
    least = choice.least_regret
    if not least:
        return ""
    by_name = {regret.scenario: regret for regret in choice.regrets}
    first, own = choice.regrets[0], by_name.get(choice.scenario)
    f = SimpleNamespace(
        worst=first.worst, least=len(least), name=choice.scenario,
        chosen_is_least=choice.scenario in least,
    )  # fmt: skip
    said = [
        say(templates, f, lang, names=_listed(comparison, least, lang),
            **_regret_words(comparison, choice, regret, lang))
        for templates, regret in ((REGRET, first), (REGRET_OF_CHOSEN, own or first))
    ]  # fmt: skip
    return "".join(said)


def _regret_words(
    comparison: Comparison, choice: Choice, regret: Regret, lang: str
) -> dict[str, str]:
    return {
        "aim": pick(lang, *AIMS[choice.criterion]),
        "name": named(comparison, regret.scenario, lang),
        "best": named(comparison, regret.best, lang),
        "worst": gap(choice.criterion, regret.worst, regret.se, lang),
        "where": regret_where(choice, regret, lang),
    }


def regret_where(choice: Choice, regret: Regret, lang: str) -> str:
    """When a scenario falls behind most, in words."""
    for a in choice.assumptions:
        if a.path == regret.path:
            end = a.low if regret.low else a.high
            return pick(lang, "si ", "if ") + condition(a, end, lang)
    return pick(lang, "sur tous les tirages", "over all draws")


def _listed(comparison: Comparison, names: tuple[str, ...], lang: str) -> str:
    *first, last = [quoted(named(comparison, name, lang), lang) for name in names]
    return pick(lang, " et ", " and ").join(filter(None, (", ".join(first), last)))


def gap(criterion: str, value: float, error: float, lang: str) -> str:
    """A difference of scores: chances in 20 no finer than their error, or a length of time."""
    if not criterion.startswith("p_"):
        if not math.isfinite(value):
            return pick(lang, "une date sans fin", "a date without end")
        return span(value, error, lang)
    count = number(20 * value, lang, digits_of(20 * error))
    one = 20 * value < 2 if lang == "fr" else count == "1"
    noun = pick(lang, "chance" if one else "chances", "chance" if one else "chances")
    return f"{count}{NBSP}{noun}{NBSP}{pick(lang, 'sur', 'in')}{NBSP}20"


def digits_of(error: float) -> int:
    """Digits after the point that a standard error supports, two at most."""
    return 0 if error >= 0.5 else 1 if error >= 0.05 else 2


def knowing_sentence(comparison: Comparison, choice: Choice, lang: str) -> str:
    """Say what to learn before deciding, and whom to ask; or that nothing would change the choice."""
    clear = choice.worth_knowing
    f = SimpleNamespace(
        tried=len(choice.worths), clear=len(clear), name=choice.scenario, flips=choice.flips
    )
    words = dict.fromkeys(("known", "grade", "worth", "ask"), "")
    for first in clear[:1]:
        check = first.check
        ask = check.ask.in_(lang) if check.ask else ""
        words["known"] = quoted(assumption_label(check, lang), lang)
        words["grade"] = check.grade or "D"
        words["worth"] = gap(choice.criterion, first.value, first.se, lang)
        if not choice.criterion.startswith("p_"):
            words["worth"] += pick(lang, " sur la date moyenne", " of the mean date")
        words["ask"] = (
            pick(lang, french(f" ; à demander à : {label(ask)}"), f"; ask: {label(ask)}")
            if ask
            else ""
        )
    words["tried"] = plural(len(choice.worths), lang, "donnée", "input")
    return say(KNOWING, f, lang, **words)


def lever_sentence(comparison: Comparison, choice: Choice, lang: str) -> str:
    """Say what gains time at the least cost; empty where nothing does."""
    lever = choice.lever
    if lever is None:
        return ""
    weeks = (
        plural(round(lever.weeks), lang, "semaine", "week")
        if lever.weeks >= 1
        else span(7 * lever.weeks, 0, lang)
    )
    week = meur(lever.eur_per_week, lang, basis_of(comparison))
    words = {"name": named(comparison, lever.scenario, lang), "weeks": weeks, "week": week}
    return say(LEVER, SimpleNamespace(dearer=lever.dearer), lang, **words)
