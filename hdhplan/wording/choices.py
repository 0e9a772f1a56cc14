"""Three answers to a comparison: what to choose, what it gives up, what would change that."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.choice import Choice, Loss
from hdhplan.comparison import Comparison
from hdhplan.paired import Move
from hdhplan.wording.answer import never_in_20
from hdhplan.wording.conditions import (
    assumption_label,
    condition,
    end_value,
    quoted,
    threshold,
)
from hdhplan.wording.formats import (
    NBSP,
    chances,
    date_known,
    label,
    meur,
    number,
    out_of_20,
    pick,
    plural,
    share,
    span,
    twentieths,
)
from hdhplan.wording.labels import Template, capital, french, say

AIMS = {
    "p_all": ("tenir date, montant et continuité", "holding date, amount and continuity"),
    "p_both": ("tenir la date et le montant", "holding date and amount"),
    "p_date": ("tenir la date", "holding the date"),
    "p_budget": ("tenir le montant", "holding the amount"),
    "p_continuity": ("tenir la continuité", "holding continuity"),
    "finish_p80": ("date prudente (P80)", "prudent date (P80)"),
    "cost_p80": ("coût prudent (P80)", "prudent cost (P80)"),
    "exposure_p80": ("exposition (P80)", "exposure (P80)"),
    "project_days_p80": ("jours-projets interrompus (P80)", "project-days interrupted (P80)"),
    "tools_p80": (
        "projets sans outil équivalent (P80)",
        "projects without an equivalent tool (P80)",
    ),
    "share_never": ("tirages sans fin", "draws without an end"),
}
CHOOSE = (
    Template(
        lambda f: f.why_not == "targets",
        "Aucun scénario n'est recommandé : leurs cibles diffèrent, leurs chances ne se comparent pas.",
        "No scenario is recommended: their targets differ, so their odds do not compare.",
    ),
    Template(
        lambda f: f.why_not == "one",
        "Il n'y a pas à choisir : ces scénarios diffèrent par des hypothèses ou des prix supposés, "
        "pas par des décisions comparables ; {aim} dans « {first} » : {odds_first}.",
        "There is nothing to choose: these scenarios differ by assumptions or guessed prices, not "
        "by decisions that compare; {aim} in “{first}”: {odds_first}.",
    ),
    Template(
        lambda f: f.why_not == "never",
        "Aucun scénario n'est recommandé : aucun n'aboutit dans aucun tirage.",
        "No scenario is recommended: none of them ends in any draw.",
    ),
    Template(
        lambda f: f.why_not == "same",
        "Rien ne sépare ces scénarios aux erreurs de tirage près ; {aim} : {odds_first}.",
        "Nothing parts these scenarios within drawing error; {aim}: {odds_first}.",
    ),
    Template(
        lambda f: f.why_not == "beaten",
        "Aucun scénario n'est recommandé : celui qui viendrait en tête est battu par d'autres "
        "partout où il compte.",
        "No scenario is recommended: the one that would come first is beaten by others wherever it "
        "counts.",
    ),
    Template(
        lambda f: f.name and not f.decided_by,
        "Choisir « {name} » ou « {rival} », que rien ne sépare aux erreurs de tirage près : {aim}, "
        "{odds}.{nowhere}",
        "Choose “{name}” or “{rival}”, which nothing parts within drawing error: {aim}, "
        "{odds}.{nowhere}",
    ),
    Template(
        lambda f: f.name and not f.first_decides,
        "Choisir « {name} » : {aim}, {odds}, comme « {rival} » aux erreurs de tirage près ; ce qui "
        "les sépare : {decided}.{nowhere}",
        "Choose “{name}”: {aim}, {odds}, as “{rival}” within drawing error; what parts them: "
        "{decided}.{nowhere}",
    ),
    Template(
        lambda f: f.name and f.first_decides,
        "Choisir « {name} » : {aim}, {odds}, contre {odds_rival} pour « {rival} ».{nowhere}",
        "Choose “{name}”: {aim}, {odds}, against {odds_rival} for “{rival}”.{nowhere}",
    ),
)
NOWHERE = (
    Template(lambda f: f.unbeaten, " Il n'est battu nulle part.", " It is beaten nowhere."),
    Template(
        lambda f: not f.unbeaten,
        " Aucun scénario n'est le meilleur partout.",
        " No scenario is best throughout.",
    ),
)
GIVES_UP = (
    Template(
        lambda f: not f.name,
        "Sans scénario choisi, rien n'est abandonné.",
        "With no scenario chosen, nothing is given up.",
    ),
    Template(
        lambda f: f.unbeaten,
        "« {name} » ne renonce à rien que ce tableau mesure : date prudente {finish}, coût prudent "
        "{cost}.",
        "“{name}” gives up nothing that this table measures: prudent date {finish}, prudent cost "
        "{cost}.",
    ),
    Template(lambda f: not f.unbeaten, "« {name} » renonce à : {losses}.",
             "“{name}” gives up: {losses}."),
)  # fmt: skip
CHANGES = (
    Template(
        lambda f: not f.tried and not f.world,
        "Aucune hypothèse commune à ces scénarios ne pèse sur la réponse.",
        "No assumption that these scenarios share weighs on the answer.",
    ),
    Template(
        lambda f: f.flips,
        "{flips}.",
        "{flips}.",
    ),
    Template(
        lambda f: f.world,
        "Dans l'hypothèse « {world} », {aim} : {odds_world} au lieu de {odds_here}.",
        "Under the assumption “{world}”, {aim}: {odds_world} instead of {odds_here}.",
    ),
    Template(
        lambda f: not f.name,
        "L'hypothèse qui pèse le plus est {assumption} : {aim} dans « {first} » va de {from_} à {to} "
        "d'un bout à l'autre.",
        "The assumption that weighs most is {assumption}: {aim} in “{first}” goes from {from_} to "
        "{to} from one end to the other.",
    ),
    Template(
        lambda f: f.worth,
        "Aucune des {tried} essayées ne change ce choix à ses extrémités, mais savoir {known} "
        "d'avance y aiderait.",
        "None of the {tried} tried changes this choice at its ends, but to know {known} first would "
        "help it.",
    ),
    Template(
        lambda f: f.name,
        "Aucune des {tried} essayées ne change ce choix ; celle qui pèse le plus, {assumption}, fait "
        "passer « {name} » de {from_} à {to}.",
        "None of the {tried} tried changes this choice; the one that weighs most, {assumption}, "
        "takes “{name}” from {from_} to {to}.",
    ),
)


def answers(comparison: Comparison, choice: Choice, lang: str) -> dict[str, str]:
    """Answer in three sentences: which scenario, what it gives up, what would change that."""
    f = SimpleNamespace(
        name=choice.scenario, why_not=choice.why_not, unbeaten=choice.unbeaten,
        decided_by=choice.decided_by, first_decides=choice.decided_by == choice.criterion,
        tried=len(choice.assumptions),
        flips=choice.flips, world=_world(comparison, choice), worth=choice.worth_knowing,
    )  # fmt: skip
    words = _words(comparison, choice, lang)
    words["nowhere"] = say(NOWHERE, f, lang)
    found = {"choose": CHOOSE, "gives_up": GIVES_UP, "changes": CHANGES}
    return {key: capital(say(templates, f, lang, **words)) for key, templates in found.items()}


def _words(comparison: Comparison, choice: Choice, lang: str) -> dict[str, str]:
    criterion, first = choice.criterion, comparison.names[0]
    own = choice.scenario or first
    words = {"name": named(comparison, own, lang), "first": named(comparison, first, lang)}
    words["rival"] = named(comparison, choice.rival or first, lang)
    words["aim"] = pick(lang, *AIMS[criterion]) if criterion else ""
    words["decided"] = pick(lang, *AIMS[choice.decided_by]) if choice.decided_by else ""
    if criterion:
        rival, here = (_score(comparison, n, criterion) for n in (choice.rival or first, own))
        # Where both round to the same chances, the percent tells them apart.
        fine = criterion.startswith("p_") and twentieths(rival) == twentieths(here)
        for key, name in (
            ("odds", own),
            ("odds_rival", choice.rival or first),
            ("odds_first", first),
        ):
            score = _score(comparison, name, criterion)
            words[key] = _figure(comparison, score, criterion, lang, fine and choice.scenario)
    if world := _world(comparison, choice):
        words["world"] = named(comparison, comparison.names[world], lang)
        scores = [comparison.score(i, criterion) for i in (world, 0)]
        words["odds_world"], words["odds_here"] = _pair(comparison, scores, criterion, lang)
    row = comparison.rows[comparison.names.index(own)]
    words["finish"] = _day(comparison, own, row.finish[1], row.errors["finish"][1], lang)
    words["cost"] = meur(row.cost[1], lang, basis_of(comparison), row.errors["cost"][1])
    losses = (_loss(comparison, loss, choice, lang) for loss in choice.losses)
    words["losses"] = pick(lang, french(" ; "), "; ").join(losses)
    words["flips"] = _flips(comparison, choice, lang)
    worth = [quoted(assumption_label(w.check, lang), lang) for w in choice.worth_knowing[:1]]
    words["known"] = "".join(worth)
    words["tried"] = plural(len(choice.assumptions), lang, "hypothèse", "assumption")
    return words | _heaviest(comparison, choice, own, lang)


def _world(comparison: Comparison, choice: Choice) -> int:
    """Where there is nothing to choose, the first other assumption that moves the reference's odds."""
    if choice.why_not != "one":
        return 0
    others = [i for i, row in enumerate(comparison.rows) if row.assumed]
    return next((i for i in others if comparison.move(i, 0, choice.criterion).clear), 0)


def _heaviest(comparison: Comparison, choice: Choice, own: str, lang: str) -> dict[str, str]:
    """What the assumption that weighs most does to a scenario."""
    if not choice.assumptions:
        return {"assumption": "", "from_": "", "to": ""}
    top = choice.assumptions[0]
    scores = [end.scores.get(own, next(iter(end.scores.values()))) for end in (top.low, top.high)]
    low, high = _pair(comparison, scores, choice.criterion, lang)
    return {"assumption": quoted(assumption_label(top, lang), lang), "from_": low, "to": high}


def named(comparison: Comparison, name: str, lang: str) -> str:
    """Title of a scenario; its name where another has the same title, or it has none."""
    rows = comparison.rows
    row = next(r for r in rows if r.name == name)
    same = [r for r in rows if r.title and row.title and r.title.in_(lang) == row.title.in_(lang)]
    return label(row.title.in_(lang)) if row.title and len(same) == 1 else label(name)


def broken_laws(comparison: Comparison, scenario: int, lang: str) -> list[str]:
    """Obligations that a scenario meets in no draw."""
    row, plan = comparison.rows[scenario], comparison.plans[scenario]
    return [label(plan.obligations[k].name.in_(lang)) for k, p in row.laws.items() if p == 0]


def _score(comparison: Comparison, name: str, criterion: str) -> float:
    return comparison.score(comparison.names.index(name), criterion)


def basis_of(comparison: Comparison) -> str | None:
    """VAT basis of the reference's amounts."""
    target = comparison.plans[0].target
    return target.vat if target else None


def _day(comparison: Comparison, name: str, day: float, error: float, lang: str) -> str:
    forecast = comparison.forecasts[comparison.names.index(name)]
    return date_known(forecast.date_of(day), error, lang)


def _figure(comparison: Comparison, score: float, criterion: str, lang: str, fine: object) -> str:
    """A score in words: odds as chances, to the percent where they would look the same."""
    if criterion == "finish_p80":
        # Scores count from the reference's start, whichever the scenario.
        error = comparison.rows[0].errors["finish"][1]
        return _day(comparison, comparison.names[0], score, error, lang)
    return share(score, lang) if fine else chances(score, lang)


def _pair(comparison: Comparison, scores: list[float], criterion: str, lang: str) -> list[str]:
    """Two scores that a sentence sets side by side."""
    if not criterion.startswith("p_"):
        return [_figure(comparison, score, criterion, lang, False) for score in scores]
    same = len(set(map(twentieths, scores))) == 1
    return [share(p, lang) if same else out_of_20(p, lang) for p in scores]


def _loss(comparison: Comparison, loss: Loss, choice: Choice, lang: str) -> str:
    """What is given up at one criterion, and to whom."""
    names = comparison.names
    move = comparison.move(names.index(choice.scenario), names.index(loss.to), loss.criterion)
    to = quoted(named(comparison, loss.to, lang), lang)
    if loss.criterion.startswith("p_"):
        aim = pick(lang, *AIMS[loss.criterion])
        own, theirs = _pair(comparison, [loss.own, loss.theirs], loss.criterion, lang)
        return pick(lang, f"{aim} : {theirs} avec {to}, {own} ici",
                    f"{aim}: {theirs} with {to}, {own} here").replace(" :", f"{NBSP}:")  # fmt: skip
    return _amount(comparison, loss, move, to, lang)


def _amount(comparison: Comparison, loss: Loss, move: Move, to: str, lang: str) -> str:
    """How much less of a quantity the other has."""
    if not math.isfinite(move.value):
        never = never_in_20(comparison.rows[comparison.names.index(loss.to)].never, lang)
        return pick(lang, f"une fin prudente (P80) avec {to} (jamais dans {never})",
                    f"a prudent end (P80) with {to} (never in {never})")  # fmt: skip
    size = abs(move.value)
    count = number(size, lang, 0 if size >= 10 else 1)
    length, money = span(size, move.se, lang), meur(size, lang, basis_of(comparison), move.se)
    words = {
        "finish_p80": (f"{length} plus tôt", f"{length} earlier"),
        "cost_p80": (f"{money} de moins", f"{money} less"),
        "exposure_p80": (f"{count}{NBSP}Po·jours d'exposition de moins",
                         f"{count} fewer PB·days of exposure"),
        "project_days_p80": (f"{count}{NBSP}jours-projets interrompus de moins",
                             f"{count} fewer project-days interrupted"),
        "tools_p80": (f"{count}{NBSP}projets sans outil équivalent de moins",
                      f"{count} fewer projects without an equivalent tool"),
        "share_never": (f"{share(size, lang)} de tirages sans fin de moins",
                        f"{share(size, lang)} fewer draws without an end"),
    }  # fmt: skip
    return f"{pick(lang, *words[loss.criterion])} {pick(lang, 'avec', 'with')} {to}"


def _flips(comparison: Comparison, choice: Choice, lang: str) -> str:
    """Where another scenario wins, from which value on, and by how much."""
    found = []
    for flip in choice.flips[:3]:
        scores = (flip.end.scores[flip.winner], flip.end.scores[choice.scenario])
        fine = choice.criterion.startswith("p_") and len(set(map(twentieths, scores))) == 1
        theirs, own = (_figure(comparison, s, choice.criterion, lang, fine) for s in scores)
        title = quoted(named(comparison, flip.winner, lang), lang)
        where, end = condition(flip.assumption, flip.end, lang), ""
        if flip.crossover is not None:
            end = f"{end_value(flip, lang)}, "
            where = threshold(flip, lang)
        found.append(pick(lang, f"{title} devient préférable si {where}{NBSP}: {end}{theirs} contre {own}",
                          f"{title} becomes preferable if {where}: {end}{theirs} against {own}"))  # fmt: skip
    return pick(lang, french(" ; "), "; ").join(found)
