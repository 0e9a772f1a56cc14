"""Sentences of the memos on money and on the path: where it goes, what is critical, what has room."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.budget import perimeters
from hdhplan.forecast import Forecast
from hdhplan.wording.answer import answer_numbers
from hdhplan.wording.formats import FEW_DRAWS, chances, days, meur, pick, plural, share
from hdhplan.wording.labels import Template, known, say, task_label

#: Share of draws from which a task is said to be on the path. [1]
ON_THE_PATH = 0.05
#: Float above which a task has room. [d]
ROOM_D = 30.0
_MONTHS = 12
COST = (
    Template(
        lambda f: f.money is None,
        "Le plan n'a pas d'enveloppe : coût médian {p50}, prudent (P80) {p80}.",
        "The plan has no envelope: median cost {p50}, prudent (P80) {p80}.",
    ),
    Template(
        lambda f: f.few,
        "Pour {money} : coût médian {p50}, prudent (P80) {p80} ; trop peu de tirages pour dire "
        "les chances.",
        "For {money}: median cost {p50}, prudent (P80) {p80}; too few draws for odds.",
    ),
    Template(
        lambda f: not f.few,
        "Pour {money} : coût médian {p50}, prudent (P80) {p80} ; tenir le montant est {odds}.",
        "For {money}: median cost {p50}, prudent (P80) {p80}; holding the amount is {odds}.",
    ),
)
LARGEST = (
    Template(lambda f: f.line is None, "", ""),
    Template(
        lambda f: f.line is not None,
        "Le plus gros poste : {line}, {part} du coût en moyenne.",
        "The largest line: {line}, {part} of the cost on average.",
    ),
)
AFTER = (
    Template(lambda f: f.month is None or not math.isfinite(f.month.p50) or f.month.p50 <= 0, "", ""),
    Template(
        lambda f: f.month.p50 > 0,
        "Ensuite : {p50} par an (P50), {p80} (P80), chaque année, hors de l'enveloppe.",
        "Afterwards: {p50} a year (P50), {p80} (P80), every year, outside the envelope.",
    ),
)  # fmt: skip


def cost_sentences(forecast: Forecast, lang: str) -> list[str]:
    """Say what it costs against the envelope, where most goes, and what goes on afterwards."""
    f, month = answer_numbers(forecast), perimeters(forecast).get("steady_month")
    costs = {f"p{p}": (getattr(f, f"cost{p}"), getattr(f, f"cost{p}_error")) for p in (50, 80)}
    words = {p: meur(eur, lang, f.vat, se) for p, (eur, se) in costs.items()}
    words |= {"money": meur(f.money or 0.0, lang, f.vat), "odds": chances(f.p_budget, lang)}
    means = {name: forecast.mean(f"line.{name}") for name in forecast.lines}
    means = {name: eur for name, eur in means.items() if math.isfinite(eur) and eur > 0}
    f.line = max(sorted(means), key=means.get, default=None)
    part = share(means[f.line] / sum(means.values()), lang) if means else ""
    line = known(f.line, lang) if f.line else ""
    after = {}
    if month is not None:
        after = {
            p: meur(_MONTHS * getattr(month, p), lang, f.vat, _MONTHS * month.se[p])
            for p in ("p50", "p80")
        }
    said = [
        say(COST, f, lang, **words),
        say(LARGEST, f, lang, line=line, part=part),
        say(AFTER, SimpleNamespace(month=month), lang, **after),
    ]
    return [*filter(None, said)]


PATH = (
    Template(
        lambda f: f.count == 0 and not f.always,
        "Aucune tâche n'est sur le chemin dans plus d'un tirage sur 20.",
        "No task is on the path in more than one draw in 20.",
    ),
    Template(
        lambda f: f.count == 0 and f.always,
        "Toujours sur le chemin : {always} ; rien d'autre plus d'une fois sur 20.",
        "Always on the path: {always}; nothing else more than one time in 20.",
    ),
    Template(
        lambda f: f.count > 0 and not f.always,
        "Le plus souvent sur le chemin : {names}.",
        "Most often on the path: {names}.",
    ),
    Template(
        lambda f: f.count > 0 and f.always,
        "Toujours sur le chemin : {always} ; le plus souvent ensuite : {names}.",
        "Always on the path: {always}; most often after that: {names}.",
    ),
)
IDLE = (
    Template(
        lambda f: f.never == 0,
        "Chacune des {whole} est sur le chemin dans quelque tirage.",
        "Each of the {whole} is on the path in some draw.",
    ),
    Template(
        lambda f: f.never > 0,
        "Sur {whole}, {never} ne sont sur le chemin dans aucun tirage, et {room} ont plus de {days} "
        "de marge.",
        "Of {whole}, {never} are on the path in no draw, and {room} have more than {days} of float.",
    ),
)
GATE = (
    Template(lambda f: f.gate is None, "Le plan n'a pas de porte.", "The plan has no gate."),
    Template(
        lambda f: f.part < ON_THE_PATH,
        "Aucune porte n'est sur le chemin dans plus d'un tirage sur 20.",
        "No gate is on the path in more than one draw in 20.",
    ),
    Template(
        lambda f: f.part >= ON_THE_PATH,
        "La porte qui retient le plus souvent : {gate}, dans {share} des tirages.",
        "The gate that holds things up most often: {gate}, in {share} of the draws.",
    ),
)


def working(forecast: Forecast) -> list[str]:
    """Tasks that take time, in the likely plan or in some draw; most critical first."""
    part = forecast.criticality
    tasks = [
        k for k, t in forecast.tasks.items()
        if t.kind != "milestone" and t.slack is not None
        and (t.early_finish > t.early_start or part.get(k, 0.0))
    ]  # fmt: skip
    return sorted(tasks, key=lambda k: (-part.get(k, 0.0), k))


def gates(forecast: Forecast) -> list[str]:
    """Gates of a plan, most critical first."""
    named = [k for k, task in forecast.plan.tasks.items() if task.gate and k in forecast.tasks]
    return sorted(named, key=lambda k: (-forecast.criticality.get(k, 0.0), k))


def path_sentences(forecast: Forecast, lang: str) -> list[str]:
    """Say what lies on the path, what never does and has room, and which gate holds up most."""
    plan, part, tasks = forecast.plan, forecast.criticality, working(forecast)
    always = [k for k in tasks if part.get(k, 0.0) == 1.0]
    top = [k for k in tasks if ON_THE_PATH < part.get(k, 0.0) < 1.0][:3]
    names = ", ".join(f"{task_label(plan, k, lang)} ({share(part[k], lang)})" for k in top)
    never = [k for k in tasks if not part.get(k, 0.0)]
    room = [k for k in tasks if ROOM_D < forecast.tasks[k].slack.total_float < math.inf]
    words = {
        "whole": plural(len(tasks), lang, "tâche", "task"), "never": str(len(never)),
        "room": str(len(room)), "days": days(ROOM_D, lang),
    }  # fmt: skip
    gate = next(iter(gates(forecast)), None)
    held = SimpleNamespace(gate=gate, part=part.get(gate, 0.0))
    gated = {"gate": task_label(plan, gate, lang), "share": share(held.part, lang)} if gate else {}
    listed = ", ".join(task_label(plan, k, lang) for k in always[:3])
    path = SimpleNamespace(count=len(top), always=always)
    return [
        say(PATH, path, lang, names=names, always=listed),
        say(IDLE, SimpleNamespace(never=len(never)), lang, **words),
        say(GATE, held, lang, **gated),
    ]


def odds_note(forecast: Forecast, lang: str) -> str:
    """Say that few draws give no odds; empty where there are enough."""
    if forecast.draws >= FEW_DRAWS:
        return ""
    return pick(lang, "Trop peu de tirages pour dire des chances.", "Too few draws for odds.")
