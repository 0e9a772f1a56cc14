"""What changed since last week and why, in guarded sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import SimpleNamespace

from hdhplan.differing import name_of
from hdhplan.moved import Cause, Moved, Row
from hdhplan.plan import Plan
from hdhplan.status import week_of
from hdhplan.wording.formats import (
    MONEY_STEPS,
    NBSP,
    label,
    meur,
    move_of,
    out_of_20,
    pick,
    span,
    twentieths,
    twenty,
)
from hdhplan.wording.labels import (
    Template,
    capital,
    field_label,
    french,
    known,
    say,
    task_label,
)

_GOALS = {
    "p_both": ("la date et le montant", "date and amount"),
    "p_date": ("la date", "the date"),
    "p_budget": ("le montant", "the amount"),
}
#: Part of a move from which a residual is told, and from which a cause is the main one. [1]
MOST_LEFT, MAINLY = 0.1, 0.5
#: Least moves that are worth a word: a day, a tenth of a million, one chance in 20. [d], [EUR], [1]
LEAST = {"finish_days": 1.0, "cost_eur": MONEY_STEPS[0]} | dict.fromkeys(_GOALS, 0.05)
#: Groups of causes: as a name, after « du fait », and after "because of".
GROUPS = {
    "progress": ("avancement", "de l'avancement", "progress"),
    "learning": ("apprentissage", "de ce que les mesures apprennent", "what measurements teach"),
    "risks": ("risques", "des risques", "risks"),
    "re-estimates": ("réestimations", "des réestimations", "re-estimates"),
    "scope": ("périmètre", "du périmètre", "scope"),
    "prices": ("prix", "des prix", "prices"),
    "assumptions": ("hypothèses", "des hypothèses", "assumptions"),
    "model": ("méthode", "du changement de méthode", "the change of method"),
}
_ENGLISH = {"learning": "learning", "model": "method"}
_STATES = {
    "closed": ("levé", "closed"),
    "occurred": ("survenu", "occurred"),
    "open": ("ouvert", "open"),
}
DATE = (
    Template(
        lambda f: f.never == (True, True),
        "La date prudente (P80) n'est toujours pas atteinte : plus d'un tirage sur cinq n'aboutit pas.",
        "There is still no prudent date (P80): more than one draw in five never ends.",
    ),
    Template(
        lambda f: f.never == (False, True),
        "La date prudente (P80) n'est plus atteinte depuis {since} : plus d'un tirage sur cinq "
        "n'aboutit pas{why}.",
        "There is no prudent date (P80) any more since {since}: more than one draw in five never "
        "ends{why}.",
    ),
    Template(
        lambda f: f.never == (True, False),
        "La date prudente (P80) est de nouveau atteinte depuis {since}{why}.",
        "There is a prudent date (P80) again since {since}{why}.",
    ),
    Template(
        lambda f: not f.clear,
        "Pas de changement significatif de la date prudente (P80) depuis {since}.",
        "No significant change of the prudent date (P80) since {since}.",
    ),
    Template(
        lambda f: f.clear and abs(f.value) < LEAST["finish_days"],
        "La date prudente (P80) bouge de moins d'un jour depuis {since}.",
        "The prudent date (P80) moves by less than a day since {since}.",
    ),
    Template(
        lambda f: f.clear and f.value >= LEAST["finish_days"],
        "La date prudente (P80) recule de {size} depuis {since}{why}.",
        "The prudent date (P80) moves {size} later since {since}{why}.",
    ),
    Template(
        lambda f: f.clear and f.value <= -LEAST["finish_days"],
        "La date prudente (P80) avance de {size} depuis {since}{why}.",
        "The prudent date (P80) moves {size} earlier since {since}{why}.",
    ),
)
COST = (
    Template(
        lambda f: any(f.never),
        "Le coût prudent (P80) n'est pas chiffrable : aucun tirage n'aboutit.",
        "The prudent cost (P80) is not computable: no draw ends.",
    ),
    Template(
        lambda f: not f.clear,
        "Pas de changement significatif du coût prudent (P80) depuis {since}.",
        "No significant change of the prudent cost (P80) since {since}.",
    ),
    Template(
        lambda f: f.clear and abs(f.value) < LEAST["cost_eur"],
        "Le coût prudent (P80) bouge de moins de {least} depuis {since}.",
        "The prudent cost (P80) moves by less than {least} since {since}.",
    ),
    Template(
        lambda f: f.clear and f.value > 0,
        "Le coût prudent (P80) monte de {size} depuis {since}{why}.",
        "The prudent cost (P80) rises by {size} since {since}{why}.",
    ),
    Template(
        lambda f: f.clear and f.value < 0,
        "Le coût prudent (P80) baisse de {size} depuis {since}{why}.",
        "The prudent cost (P80) falls by {size} since {since}{why}.",
    ),
)
ODDS = (
    Template(
        lambda f: not f.clear,
        "Pas de changement significatif des chances de tenir {goal} depuis {since} : {after}.",
        "No significant change of the odds of holding {goal} since {since}: {after}.",
    ),
    Template(
        lambda f: f.clear and f.same,
        "Les chances de tenir {goal} bougent depuis {since} de moins d'une chance sur\u00a020 : {after}.",
        "The odds of holding {goal} move since {since} by less than 1\u00a0chance in\u00a020: {after}.",
    ),
    Template(
        lambda f: f.clear and f.value > 0,
        "Les chances de tenir {goal} montent depuis {since}, de {before} à {after}{why}.",
        "The odds of holding {goal} rise since {since}, from {before} to {after}{why}.",
    ),
    Template(
        lambda f: f.clear and f.value < 0,
        "Les chances de tenir {goal} baissent depuis {since}, de {before} à {after}{why}.",
        "The odds of holding {goal} fall since {since}, from {before} to {after}{why}.",
    ),
)
WHY = (
    Template(lambda f: not f.first, "", ""),
    Template(
        lambda f: f.mainly, ", surtout du fait {because}", ", mainly because of {because}",
    ),
    Template(
        lambda f: not f.mainly, ", d'abord du fait {because}", ", first because of {because}",
    ),
)  # fmt: skip
MAIN = (
    Template(
        lambda f: not f.moves,
        "Pas de changement significatif depuis {since}.",
        "No significant change since {since}.",
    ),
    Template(
        lambda f: f.moves and not f.material,
        "Rien ne bouge depuis {since} de 1\u00a0jour, de {least} ou de 1\u00a0chance sur\u00a020.",
        "Nothing moves since {since} by 1\u00a0day, {least} or 1\u00a0chance in\u00a020.",
    ),
    Template(
        lambda f: f.material and f.first,
        "Cause principale du changement depuis {since} : {because}.",
        "Main cause of the change since {since}: {because}.",
    ),
    Template(
        lambda f: f.material and not f.first,
        "Le changement depuis {since} n'a pas de cause que l'on puisse isoler.",
        "The change since {since} has no cause that can be told apart.",
    ),
)
LEFT = (
    Template(lambda f: not f.left, "", ""),
    Template(
        lambda f: f.left,
        "Attention : {left} de ce changement n'est expliqué par aucune cause.",
        "Beware: {left} of this change is explained by no cause.",
    ),
)


def moved_sentences(moved: Moved, lang: str) -> dict[str, str]:
    """Say what changed: the date, the cost, the odds of both, the main cause, and what is unexplained.

    A measure that the plan does not ask for, and nothing unexplained, have no sentence.
    """
    found = {"finish_days": _date(moved, lang), "cost_eur": _cost(moved, lang)}
    odds = next((m for m in _GOALS if m in moved.total), None)
    if odds:
        found[odds] = _odds(moved, odds, lang)
    found["cause"] = main_cause(moved, lang)
    found["left"] = _left(moved, lang)
    return {key: text for key, text in found.items() if text}


def main_cause(moved: Moved, lang: str) -> str:
    """Name the main cause of the change: of the date where it moved by a day, else of cost or odds."""
    material = [m for m, move in moved.total.items() if move.clear and abs(move.value) >= LEAST[m]]
    measure = next((m for m in material if moved.first(m)), None)
    first = moved.first(measure) if measure else None
    moves = any(move.clear for move in moved.total.values())
    f = SimpleNamespace(moves=moves, material=bool(material), first=first)
    why = because(moved, first, measure, lang, row_label(first, lang).lower()) if first else ""
    least = meur(LEAST["cost_eur"], lang)
    return say(MAIN, f, lang, since=since(moved, lang), because=why, least=least)


def since(moved: Moved, lang: str, later: bool = False) -> str:
    """The earlier week, or the later one: la semaine 46, week 46; with its year where they differ."""
    weeks = [week_of(day) for day in moved.days]
    week = weeks[later]
    count, year = str(int(week[6:])), week[:4] if weeks[0][:4] != weeks[1][:4] else ""
    return pick(lang, f"la semaine {count}" + (f" de {year}" if year else ""),
                f"week {count}" + (f" of {year}" if year else ""))  # fmt: skip


def row_label(row: Row, lang: str) -> str:
    """Name of a group of causes."""
    names = (pick(lang, GROUPS[g][0], _ENGLISH.get(g, GROUPS[g][2])) for g in row.groups)
    return capital(" + ".join(names))


def because(moved: Moved, row: Row, measure: str, lang: str, name: str = "") -> str:
    """A group of causes, what it moves a measure by, and the thing in it that moved that most."""
    form = 1 if lang == "fr" else 2
    name = name or pick(lang, " et ", " and ").join(GROUPS[g][form] for g in row.groups)
    text, main = f"{name} ({own_move(row, measure, lang)})", row.main(measure)
    if main is None:
        return text
    return text + pick(lang, french(" : "), ": ") + cause_label(moved, main, lang)


def cause_label(moved: Moved, cause: Cause, lang: str) -> str:
    """Name of one thing that moved the forecast: a task, a route's speed, a risk and its state…"""
    plan, kind, name = moved.plan, cause.item.kind, cause.item.id
    if kind == "task":
        return task_label(plan, name, lang)
    if kind == "time":
        return pick(lang, "les jours passés", "the days that have passed")
    if kind == "line":
        return pick(lang, "factures, ", "invoices, ") + known(name, lang)
    if kind == "learned":
        return _learned_label(plan, name, lang)
    if kind == "driver":
        return _thing(plan, f"drivers.{name}", lang) + _state(moved, cause, lang)
    path = f"datasets.{name}" if kind == "dataset" else name
    field = field_label(path, lang) if kind == "quantity" else ""
    return _thing(plan, path, lang) + (f" ({label(field)})" if field else "")


def own_move(row: Row, measure: str, lang: str) -> str:
    """What a row moves a measure by, with its sign."""
    value, error = row.moves[measure].value, row.moves[measure].se
    if math.isinf(value):
        return pick(lang, "sans fin", "endless")
    if measure.startswith("p_"):
        count = move_of(20 * value, "chances", lang, 20 * error)
        return count + pick(lang, f"{NBSP}sur{NBSP}20", f"{NBSP}in{NBSP}20")
    return move_of(value, "days" if measure == "finish_days" else "eur", lang, error)


def _thing(plan: Plan, path: str, lang: str) -> str:
    name = name_of([plan], path)
    return label(name.in_(lang) if name else path.split(".", 1)[-1].split(".")[0].replace("_", " "))


def _learned_label(plan: Plan, name: str, lang: str) -> str:
    """What was learned: the pace of work, or the speed of a route."""
    if name == "work":
        return pick(lang, "allure du travail", "pace of work")
    route = _thing(plan, name, lang)
    return pick(lang, f"vitesse de la route {route}", f"speed of route {route}")


def _state(moved: Moved, cause: Cause, lang: str) -> str:
    """What its last new fact says of a risk."""
    facts = moved.plan.status.facts if moved.plan.status else ()
    states = [fact.given["state"] for fact in facts if fact.id in cause.item.facts]
    return f" ({pick(lang, *_STATES[states[-1]])})" if states else ""


def _facts(moved: Moved, measure: str) -> SimpleNamespace:
    total, ends = moved.total[measure], (moved.before[measure], moved.after[measure])
    first = moved.first(measure)
    part = abs(first.moves[measure].value) / abs(total.value) if first else 0.0
    return SimpleNamespace(
        value=total.value, clear=total.clear, never=tuple(math.isinf(x) for x in ends), first=first,
        mainly=not part < MAINLY, same=twentieths(min(ends[0], 1)) == twentieths(min(ends[1], 1)),
    )  # fmt: skip


def _why(moved: Moved, f: SimpleNamespace, measure: str, lang: str) -> str:
    return say(WHY, f, lang, because=because(moved, f.first, measure, lang) if f.first else "")


def headline(moved: Moved, measure: str, lang: str) -> str:
    """Say what changed of the date or the cost, without the cause; a chart's title."""
    found = (_date if measure == "finish_days" else _cost)(moved, lang, causes=False)
    return found.rstrip(".")


def _date(moved: Moved, lang: str, causes: bool = True) -> str:
    if "finish_days" not in moved.total:
        return ""
    f, total = _facts(moved, "finish_days"), moved.total["finish_days"]
    size = span(total.value, total.se, lang) if math.isfinite(total.value) else ""
    words = {
        "since": since(moved, lang),
        "why": _why(moved, f, "finish_days", lang) if causes else "",
    }
    return say(DATE, f, lang, size=size, **words)


def _cost(moved: Moved, lang: str, causes: bool = True) -> str:
    if "cost_eur" not in moved.total:
        return ""
    f, total = _facts(moved, "cost_eur"), moved.total["cost_eur"]
    vat = moved.plan.target.vat if moved.plan.target else None
    size = meur(abs(total.value), lang, vat, total.se) if math.isfinite(total.value) else ""
    words = {"since": since(moved, lang), "why": _why(moved, f, "cost_eur", lang) if causes else ""}
    return say(COST, f, lang, size=size, least=meur(LEAST["cost_eur"], lang, vat), **words)


def _odds(moved: Moved, measure: str, lang: str) -> str:
    f = _facts(moved, measure)
    before, after = twenty(moved.before[measure]), out_of_20(moved.after[measure], lang)
    words = {"since": since(moved, lang), "why": _why(moved, f, measure, lang)}
    words |= {"goal": pick(lang, *_GOALS[measure]), "before": before, "after": after}
    return say(ODDS, f, lang, **words)


def unexplained(moved: Moved) -> Iterator[str]:
    """Measures of whose clear move more than a tenth is explained by no cause."""
    for measure, total in moved.total.items():
        left = abs(moved.residual[measure].value)
        if total.clear and math.isfinite(total.value) and not left <= MOST_LEFT * abs(total.value):
            yield measure


def _left(moved: Moved, lang: str) -> str:
    measure = next(unexplained(moved), None)
    f = SimpleNamespace(left=measure is not None)
    residual = Row(("model",), moved.residual)
    return say(LEFT, f, lang, left=own_move(residual, measure, lang) if measure else "")
