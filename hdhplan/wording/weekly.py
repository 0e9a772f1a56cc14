"""A week in sentences: the six answers, the three sentences of the first page, what comes next."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.moved import Moved
from hdhplan.paired import Move
from hdhplan.status import said
from hdhplan.weekly import Coming, Decision, Week
from hdhplan.wording.formats import (
    FEW_DRAWS,
    NBSP,
    chances,
    date_long,
    date_short,
    label,
    meur,
    move_of,
    out_of_20,
    pick,
    plural,
    twentieths,
)
from hdhplan.wording.labels import Template, capital, french, goal_label, say, task_label
from hdhplan.wording.moved import LEAST, main_cause, since
from hdhplan.wording.sentences import check_label
from hdhplan.wording.standing import area_name, colour_word

#: What page one answers, in this order.
ANSWERS = ("date", "budget", "both", "cause", "decision", "uncertain")

_HELD = (
    Template(lambda f: f.few, "{what} : trop peu de tirages", "{what}: too few draws"),
    Template(lambda f: f.p is None, "{what} : non demandé", "{what}: not asked for"),
    Template(lambda f: f.p is not None, "{what} : {odds}", "{what}: {odds}"),
)


def answers(week: Week, lang: str) -> dict[str, str]:
    """The six answers, each as it stands in the text of page one."""
    forecast, plan = week.forecast, week.plan
    target = plan.target
    goal = goal_label(plan, lang)
    names = {
        "date": pick(lang, "une date de fin", "a finish date"),
        "budget": pick(lang, "un montant", "an amount"),
        "both": pick(lang, "les deux ensemble", "both together"),
    }
    if target and target.finish:
        by = date_long(target.finish, lang)
        names["date"] = pick(lang, f"« {goal} » au plus tard le {by}", f"“{goal}” by {by}")
    if target and target.cost_eur is not None:
        money = meur(target.cost_eur, lang, target.vat)
        names["budget"] = pick(lang, f"rester dans {money}", f"staying within {money}")
    odds = {"date": forecast.p_date, "budget": forecast.p_budget, "both": forecast.p_both}
    found = {}
    for key, what in names.items():
        f = SimpleNamespace(few=forecast.draws < FEW_DRAWS, p=odds[key])
        what = french(what) if lang == "fr" else what
        found[key] = say(_HELD, f, lang, what=what, odds=chances(odds[key], lang))
    found["cause"] = cause(week.moved, lang)
    found["decision"] = decision_asked(week.decisions, lang)
    found["uncertain"] = uncertain(week, lang)
    return found


def cause(moved: Moved | None, lang: str) -> str:
    """The main cause of the week's change."""
    if moved is None:
        fr, en = "Première semaine : rien à comparer", "First week: nothing to compare with"
        return pick(lang, french(fr), en)
    return main_cause(moved, lang)


def decision_asked(decisions: tuple[Decision, ...], lang: str) -> str:
    """What is asked of the committee."""
    if not decisions:
        return pick(
            lang, "Aucune décision demandée cette semaine.", "No decision is asked for this week."
        )
    first = decision_text(decisions[0], lang)
    if len(decisions) == 1:
        text = pick(lang, f"Décision demandée : {first}.", f"Decision asked for: {first}.")
    else:
        many = plural(len(decisions), lang, "décision", "decision")
        text = pick(
            lang, f"{many} demandées, d'abord : {first}.", f"{many} asked for, first: {first}."
        )
    return french(text) if lang == "fr" else text


def decision_text(decision: Decision, lang: str) -> str:
    """What a decision is about, in the language of the page where its text has both."""
    return label(said(decision.what, lang), 160).rstrip(".")


def uncertain(week: Week, lang: str) -> str:
    """The input that is known least for what it weighs."""
    if not week.study.checks:
        return pick(lang, "Aucune donnée incertaine.", "No uncertain input.")
    first = week.study.checks[0]
    name, grade, n = check_label(first, lang), first.grade or "D", twentieths(first.effect)
    weight = out_of_20(first.effect, lang) if n else pick(lang, "moins d'une", "less than one")
    fr = f"Donnée la moins sûre : {name}, preuve {grade}"
    en = f"Least certain input: {name}, evidence {grade}"
    if n and (week.forecast.p_date is not None or week.forecast.p_budget is not None):
        fr += f" ; la connaître déplacerait les chances d'environ {weight}"
        en += f"; knowing it would move the odds by about {weight}"
    return pick(lang, french(f"{fr}."), f"{en}.")


def three_sentences(week: Week, lang: str) -> tuple[str, str, str]:
    """Shall we make it; what changed and why; what is known least."""
    got = answers(week, lang)
    stop = f"{NBSP}; " if lang == "fr" else "; "
    first = capital(stop.join((got["date"], got["budget"], got["both"]))) + "."
    cause_ = got["cause"] if got["cause"].endswith(".") else got["cause"] + "."
    second = f"{_moves(week.moved, lang)} {cause_}" if week.moved else cause_
    return first, second, got["uncertain"]


#: What is said of a prudent value that was not there, or is not any more: before, after.
_NEVER = {
    (True, True): ("toujours hors d'atteinte", "still out of reach"),
    (False, True): ("désormais hors d'atteinte", "out of reach from now on"),
    (True, False): ("de nouveau à portée", "within reach again"),
}
_PRUDENT = {
    "finish_days": (("date prudente (P80)", "inchangée", "déplacée de moins d'un jour"),
                    ("prudent date (P80)", "as it was", "moved by less than a day")),
    "cost_eur": (("coût prudent (P80)", "inchangé", "déplacé de moins de {least}"),
                 ("prudent cost (P80)", "as it was", "moved by less than {least}")),
}  # fmt: skip


def _moves(moved: Moved, lang: str) -> str:
    """How far the prudent date and cost have moved in the week; as they were where that is not clear."""
    parts = [_move(moved, measure, lang) for measure in _PRUDENT if measure in moved.total]
    then, text = since(moved, lang), ", ".join(parts)
    return pick(lang, french(f"Depuis {then} : {text}."), f"Since {then}: {text}.")


def _move(moved: Moved, measure: str, lang: str) -> str:
    """How far one of them has moved, if it did by what is worth a word."""
    move, (name, same, little) = moved.total[measure], pick(lang, *_PRUDENT[measure])
    never = math.isinf(moved.before[measure]), math.isinf(moved.after[measure])
    if any(never):
        return f"{name} {pick(lang, *_NEVER[never])}"
    if not move.clear:
        return f"{name} {same}"
    if abs(move.value) < LEAST[measure]:
        return f"{name} {little.format(least=meur(LEAST['cost_eur'], lang))}"
    unit = "days" if measure == "finish_days" else "eur"
    return f"{name} {move_of(move.value, unit, lang, move.se)}"


def overall_text(week: Week, lang: str) -> str:
    """The overall status and the areas it comes from: the worst one counts."""
    colour, names = week.overall
    which = ", ".join(area_name(name, lang).lower() for name in names)
    word = colour_word(colour, lang).upper()
    return f"{word}{pick(lang, NBSP + ': ', ': ')}{which}" if which else word


def identity(week: Week, lang: str) -> str:
    """Week, data date, model and reference in force."""
    day, version = date_long(week.day, lang), week.own.version
    name, since = week.own.reference
    number = int(week.week[6:])
    parts = [
        pick(lang, f"Semaine {number} de {week.week[:4]}", f"Week {number} of {week.week[:4]}"),
        pick(lang, f"données au {day}", f"data as of {day}"),
        pick(lang, f"modèle {version}", f"model {version}"),
    ]
    if name:
        fr, en = f"référence {label(name)} ({since})", f"reference {label(name)} ({since})"
        parts.append(pick(lang, fr, en))
    return " · ".join(parts)


def missing_text(week: Week, lang: str) -> str:
    """Files that the week should have and has not; empty where all are there."""
    progress = week.forecast.progress
    if progress is None:
        fr = french("Aucun fait de suivi : c'est le plan seul.")
        return pick(lang, fr, "No status fact: the plan by itself.")
    here = [name for name in progress.state.missing if name.startswith(week.week)]
    if not here:
        return ""
    names = ", ".join(name.partition("/")[2] for name in here)
    fr = french(f"Fichiers manquants cette semaine : {names}.")
    return pick(lang, fr, f"Files missing this week: {names}.")


def effect_text(decision: Decision, vat: str | None, lang: str) -> str:
    """What a decision would change by the model, or why that is not known."""
    if decision.refused:
        return pick(lang, "non calculable : réglage refusé", "not computable: setting refused")
    if not decision.moves:
        return pick(lang, "non chiffré par le modèle", "not computed by the model")
    parts = []
    days, money, both = (decision.moves.get(k) for k in ("finish_days", "cost_eur", "p_both"))
    if days is not None:
        parts.append(_days(days, lang))
    if money is not None:
        parts.append(_money(money, vat, lang))
    if both is not None and both.clear and twentieths(abs(both.value)):
        sign = "+" if both.value > 0 else "−"
        parts.append(f"{sign}{out_of_20(abs(both.value), lang)}")
    return ", ".join(parts)


def _money(move: Move, vat: str | None, lang: str) -> str:
    if not move.clear:
        return pick(lang, "coût inchangé", "cost as it is")
    if math.isinf(move.value):
        return pick(lang, *_KNOWN["cost"][move.value < 0])
    size = meur(abs(move.value), lang, vat, move.se)
    return f"{size} {pick(lang, ('de plus', 'de moins'), ('more', 'less'))[move.value < 0]}"


#: What is said of a decision without which, or with which, there is no prudent value at all.
_KNOWN = {
    "date": (("date hors d'atteinte", "date out of reach"), ("date à portée", "date within reach")),
    "cost": (
        ("coût non chiffrable", "cost not computable"),
        ("coût chiffrable", "cost computable"),
    ),
}


def _days(move: Move, lang: str) -> str:
    if math.isinf(move.value):
        return pick(lang, *_KNOWN["date"][move.value < 0])
    if not move.clear or round(abs(move.value)) == 0:
        return pick(lang, "date inchangée", "date as it is")
    size = plural(round(abs(move.value)), lang, "jour", "day")
    late = move.value > 0
    fr, en = ("plus tard", "later") if late else ("plus tôt", "earlier")
    return f"{size} {pick(lang, fr, en)}"


def coming_text(week: Week, one: Coming, lang: str) -> str:
    """A task that should start or end soon, with its P50 and P80."""
    name = task_label(week.plan, one.task, lang)
    forecast = week.forecast
    shown = forecast.date_of if one.ends else forecast.start_date_of
    days = [date_short(shown(x), lang) for x in (one.p50, one.p80)]
    fr, en = ("fin", "ends") if one.ends else ("début", "starts")
    text = f"{capital(name)} ({pick(lang, fr, en)}{NBSP}: {days[0]}, P80 {days[1]})"
    return text if lang == "fr" else text.replace(f"{NBSP}:", ":")


def coming_texts(week: Week, lang: str, most: int = 4) -> list[str]:
    """The most critical tasks that should start or end within two weeks."""
    found = [coming_text(week, one, lang) for one in week.coming[:most]]
    return found or [
        pick(lang, "rien ne doit finir ni commencer", "nothing is due to end or start")
    ]


def change_mind(week: Week, lang: str, most: int = 3) -> str:
    """The inputs whose knowledge would move the odds most."""
    named = [check_label(c, lang) for c in week.study.checks[:most]]
    text = ", ".join(named) or pick(lang, "rien", "nothing")
    fr, en = f"Ce qui changerait l'avis : {text}.", f"What would change our mind: {text}."
    return pick(lang, french(fr), en)


def limits_line(week: Week, lang: str) -> str:
    """What the model leaves out, and how well its weakest inputs are known."""
    grades = [c.grade or "D" for c in week.study.checks[:5]]
    weak, count = sum(grade == "D" for grade in grades), len(grades)
    fr = "Hors modèle : défaillance d'un fournisseur, changement de loi, marchés publics."
    en = "Outside the model: failure of a supplier, change of law, procurement."
    if count:
        fr += (
            f" Preuves : des données qui pèsent le plus, {weak} sur {count} de grade D (presse ou "
            "jugement)."
        )
        en += (
            f" Evidence: of the inputs that weigh most, {weak} of {count} of grade D (press or "
            "judgement)."
        )
    return pick(lang, french(fr), en)


def letter(week: Week, lang: str) -> dict[str, list[str]]:
    """What goes into a mail: the three sentences and the decisions."""
    vat = week.plan.target.vat if week.plan.target else None
    asked = [
        f"{decision_text(one, lang)} ({effect_text(one, vat, lang)})" for one in week.decisions
    ]
    return {
        "sentences": [overall_text(week, lang), *three_sentences(week, lang)],
        "decisions": asked,
    }
