"""Tables of a choice: who wins where, what it can cost, what to learn first, what time costs."""

from __future__ import annotations

import math

from markupsafe import Markup

from hdhplan.choice import Choice
from hdhplan.comparison import Comparison
from hdhplan.figures.versus import vat_basis
from hdhplan.information import Worth
from hdhplan.page.sections import from_data, table, with_error
from hdhplan.page.tables import error_of, held
from hdhplan.robustness import Assumption, End, Regret
from hdhplan.wording.choices import named
from hdhplan.wording.conditions import amount, assumption_label
from hdhplan.wording.deciding import digits_of, regret_where
from hdhplan.wording.formats import NBSP, money_unit, number, pick, twenty
from hdhplan.wording.labels import capital, french

#: Inputs shown, of those that are worth knowing.
MOST_SHOWN = 5


def wins_table(comparison: Comparison, choice: Choice, lang: str) -> Markup:
    """Who wins at both ends of each assumption tried, and the value from which another does."""
    rows = [
        (assumption_label(a, lang), *(_end(comparison, choice, a, end, lang) for end in (a.low, a.high)),
         _crossovers(comparison, choice, a, lang))
        for a in choice.assumptions
    ]  # fmt: skip
    caption = pick(lang, "Les hypothèses essayées", "The assumptions tried")
    columns = pick(
        lang, ("Hypothèse", "Basse ou absente", "Haute ou présente", "Seuil"),
        ("Assumption", "Low or absent", "High or present", "Crossover"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _end(comparison: Comparison, choice: Choice, a: Assumption, end: End, lang: str) -> Markup:
    """Winners at an end, their scores, and where the end begins."""
    who = ", ".join(named(comparison, name, lang) for name in end.winners)
    scores = [
        _score(choice, end.scores[name], lang) for name in end.winners[:1] if name in end.scores
    ]
    edge = ""
    if end.value is not None:
        sign = "≤" if end is a.low else "≥"
        value = amount(end.value, from_data(a.unit, 20), lang)
        edge = f"{sign}{NBSP}{value}"
    said = " · ".join(filter(None, [*scores, edge]))
    return Markup("{}<br><small>{}</small>").format(who, said)


def _score(choice: Choice, score: float, lang: str) -> str:
    """A score of what is chosen by: odds; the P80 in days otherwise."""
    if choice.criterion.startswith("p_"):
        return f"{twenty(score)}{NBSP}{pick(lang, 'sur', 'in')}{NBSP}20"
    return number(score, lang) + NBSP + pick(lang, "j", "d") if math.isfinite(score) else "–"


def _crossovers(comparison: Comparison, choice: Choice, a: Assumption, lang: str) -> Markup | str:
    """Below or above which value others win; a dash where no value parts them."""
    found = []
    for flip in choice.flips:
        if flip.assumption is a and flip.crossover is not None:
            shown = amount(flip.crossover, from_data(a.unit, 20), lang, flip.error)
            name = named(comparison, flip.winner, lang)
            found.append(
                Markup("{}{}{}<br><small>{}</small>").format(
                    "<" if flip.low else ">",
                    NBSP,
                    with_error(shown, error_of(flip.error, lang)),
                    name,
                )
            )
    return Markup("<br>").join(found) if found else "–"


def regret_table(comparison: Comparison, choice: Choice, lang: str) -> Markup:
    """The most that each scenario falls behind the best one, and when; the least regret first."""
    odds, least = choice.criterion.startswith("p_"), choice.least_regret
    rows = [_regret_row(comparison, choice, regret, least, lang) for regret in choice.regrets]
    caption = pick(lang, "Le pire écart de chaque scénario avec le meilleur",
                   "The worst gap between each scenario and the best")  # fmt: skip
    worst = pick(lang, "#Regret, chances sur 20", "#Regret, chances in 20")
    if not odds:
        worst = pick(lang, "#Regret, jours de P80", "#Regret, days of P80")
    columns = (pick(lang, "Scénario", "Scenario"), worst, pick(lang, "Quand", "When"),
               pick(lang, "Le meilleur alors", "Best in that case"))  # fmt: skip
    return table(caption, columns, rows)


def _regret_row(
    comparison: Comparison, choice: Choice, regret: Regret, least: tuple[str, ...], lang: str
) -> tuple[Markup | str, ...]:
    name = named(comparison, regret.scenario, lang)
    notes = [
        pick(lang, "choisi", "chosen") if regret.scenario == choice.scenario else "",
        pick(lang, "moindre regret", "least regret") if regret.scenario in least else "",
    ]
    said = ", ".join(filter(None, notes))
    who = (
        Markup("{}<br><small>{}</small>").format(name, said) if said else Markup("{}").format(name)
    )
    if not regret.worst:
        return who, "0", "–", "–"
    size = _size(choice, regret.worst, regret.se, lang)
    where = capital(regret_where(choice, regret, lang))
    return who, size, where, named(comparison, regret.best, lang)


def _size(choice: Choice, value: float, error: float, lang: str) -> Markup | str:
    """A difference of scores with its error: in chances in 20, or in days."""
    if not math.isfinite(value):
        return pick(lang, "sans fin", "endless")
    scale = 20 if choice.criterion.startswith("p_") else 1
    value, error = scale * value, scale * error
    return with_error(number(value, lang, digits_of(error)), error_of(error, lang))


def worth_table(comparison: Comparison, choice: Choice, lang: str) -> Markup:
    """Inputs that are worth knowing before deciding: what that gains, what is held, whom to ask."""
    rows = [_worth_row(choice, worth, lang) for worth in choice.worth_knowing[:MOST_SHOWN]]
    caption = pick(
        lang, "Ce qu'il vaut de savoir avant de choisir", "What it is worth to know before choosing"
    )
    gain = pick(lang, "#Gain, chances sur 20", "#Gain, chances in 20")
    if not choice.criterion.startswith("p_"):
        gain = pick(lang, "#Gain, jours de date moyenne", "#Gain, days of mean date")
    columns = pick(lang, ("Donnée", gain, "Le plan retient", "Preuve", "À demander à"),
                   ("Input", gain, "The plan holds", "Evidence", "Ask"))  # fmt: skip
    return table(caption, columns, rows)


def _worth_row(choice: Choice, worth: Worth, lang: str) -> tuple[Markup | str, ...]:
    check = worth.check
    nobody = pick(lang, "personne de nommé", "nobody named")
    return (
        assumption_label(check, lang),
        _size(choice, worth.value, worth.se, lang),
        held(check, lang),
        check.grade or "D",
        from_data(check.ask.in_(lang)) if check.ask else nobody,
    )


def levers_table(comparison: Comparison, choice: Choice, lang: str) -> Markup:
    """Every scenario that gains time on the first beyond error: how much, and what a week costs."""
    unit = money_unit(lang, vat_basis(comparison))
    rows = [
        (
            named(comparison, lever.scenario, lang),
            _with_se(lever.weeks, lever.se["weeks"], lang, 1),
            _with_se(lever.cost_eur / 1e6, lever.se["cost_eur"] / 1e6, lang, 2),
            _with_se(lever.eur_per_week / 1e3, lever.se["eur_per_week"] / 1e3, lang, 0),
        )
        for lever in choice.levers
    ]
    first = named(comparison, comparison.names[0], lang)
    caption = pick(lang, french(f"Le temps gagné sur « {first} » et son prix"),
                   f"Time gained on “{first}” and its price")  # fmt: skip
    columns = (
        pick(lang, "Scénario", "Scenario"),
        pick(lang, "#Semaines gagnées au P80", "#Weeks gained at P80"),
        pick(lang, f"#Coût P80 de plus, {unit}", f"#More P80 cost, {unit}"),
        pick(
            lang, f"#{unit.replace('M€', 'k€')} par semaine", f"#{unit.replace('€M', '€k')} a week"
        ),
    )
    return table(caption, columns, rows)


def _with_se(value: float, error: float, lang: str, digits: int) -> Markup | str:
    return with_error(number(value, lang, digits), error_of(error, lang))
