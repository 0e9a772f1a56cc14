"""Sheets of dates: the tasks of the plan, and its milestones against what was promised."""

from __future__ import annotations

import math
from typing import Any

from hdhplan.wording.formats import NBSP, pick
from hdhplan.wording.labels import STEPS, goal_label, task_label, wave_label
from hdhplan.workbook.cells import FORMULA, INPUT, Column, Expr, long_text, name_text
from hdhplan.workbook.contents import Contents
from hdhplan.workbook.sheet import Sheet

_KINDS = STEPS | {
    "milestone": ("jalon", "milestone"),
    "task": ("tâche", "task"),
    "work": ("tâche", "task"),
    "haul": ("transport", "haul"),
    "span": ("intervalle", "span"),
}
_QUANTILES = {"p10": "P10", "p50": "P50", "p80": "P80"}


def timeline_sheet(c: Contents, page: Any) -> None:
    """Write every task: its likely dates and floats, and when it ends with chance in play."""
    sheet = Sheet(
        c.book, page, c.say("Planning : tâches du plan", "Timeline: tasks of the plan"),
        c.say("Plan probable : chaque durée à sa valeur probable, aucun aléa. Fin P10, P50, P80 : "
              "avec les aléas, ± erreur type. Dates incluses ; marges sur la logique seule.",
              "Likely plan: every length at its likely value, no risk. Finish P10, P50, P80: with "
              "risks, ± standard error. Dates are inclusive; floats are on logic alone."),
    )  # fmt: skip
    unit = c.say("j", "d")
    columns = [
        Column("id", c.say("Repère", "Id"), "code", 32),
        Column("name", c.say("Tâche", "Task"), "note", 44),
        Column("kind", c.say("Nature", "Kind"), "text", 20),
        Column("wave", c.say("Vague", "Wave"), "text", 14),
        Column("start", c.say("Début probable", "Likely start"), "date", 13),
        Column("finish", c.say("Fin probable", "Likely finish"), "date", 13),
        Column("length", c.say("Durée (j calendaires)", "Length (calendar d)"), "whole", 12, FORMULA),
        Column("float", c.say("Marge totale (j)", "Total float (d)"), "days", 10),
        *c.date_columns({k: c.say(f"Fin {p}", f"Finish {p}") for k, p in _QUANTILES.items()}),
        Column("critical", c.say("Critique (% des tirages)", "Critical (% of draws)"), "share", 11),
        Column("slip", c.say(f"P80 − fin probable ({unit})", f"P80 − likely finish ({unit})"),
               "whole", 12, FORMULA),
    ]  # fmt: skip
    sheet.table("T_Planning", columns, [_task_row(c, k) for k in _by_start(c)], frozen=2)


def _by_start(c: Contents) -> list[str]:
    tasks = c.forecast.tasks
    return sorted(tasks, key=lambda k: (tasks[k].early_start, tasks[k].early_finish, k))


def _task_row(c: Contents, name: str) -> dict[str, Any]:
    forecast, task = c.forecast, c.forecast.tasks[name]
    # A start of 3.0 is the morning of the fourth day, and a milestone has but one day.
    begun = task.early_finish if task.kind == "milestone" else task.early_start + 1
    begun = min(begun, max(task.early_finish, 0))
    row = {
        "id": name_text(name), "name": task_label(c.plan, name, c.lang),
        "kind": pick(c.lang, *_KINDS.get(task.kind, (task.kind, task.kind))),
        "wave": wave_label(c.plan, task.wave, c.lang) if task.wave in c.plan.waves else None,
        "start": _date(c, begun), "finish": _date(c, task.early_finish),
        "length": Expr("+", Expr("-", "finish", "start"), 1.0) if task.kind != "milestone" else None,
        "float": task.slack.total_float if task.slack else None,
        "critical": forecast.criticality.get(name), "slip": Expr("-", "p80", "finish"),
    }  # fmt: skip
    return row | c.task_quantiles(name)


def _date(c: Contents, day: float) -> Any:
    return c.forecast.date_of(day) or math.inf


def milestones_sheet(c: Contents, page: Any) -> None:
    """Write milestones, promises and obligations, and how sure each of them is."""
    sheet = Sheet(
        c.book, page, c.say("Jalons : promis, prévus, probables", "Milestones: promised, forecast"),
        c.say("Une marge négative : la date prudente (P80) passe la date promise. ± : erreur type. "
              "« jamais » : n'arrive pas dans cette part des tirages.",
              "A negative margin: the prudent date (P80) is later than the promise. ±: standard "
              "error. “never”: it does not happen in that share of the draws."),
    )  # fmt: skip
    columns = [
        Column("name", c.say("Jalon", "Milestone"), "note", 44),
        Column("promised", c.say("Date promise", "Promised date"), "date", 13, INPUT),
        Column("likely", c.say("Plan probable", "Likely plan"), "date", 13),
        *c.date_columns(_QUANTILES | {"p90": "P90"}),
        Column("margin", c.say("Marge P80 (j)", "Margin at P80 (d)"), "whole", 10, FORMULA),
        *c.odds_columns("p", "Promesse tenue", "Promise held"),
        Column("never", c.say("Jamais (% des tirages)", "Never (% of draws)"), "share", 10),
        Column("source", c.say("Source de la promesse", "Source of the promise"), "note", 40, INPUT),
        Column("grade", c.say("Preuve", "Evidence"), "text", 9, INPUT),
    ]  # fmt: skip
    sheet.table("T_Jalons", columns, [*_promises(c), *_milestones(c)])
    duties = [_duty_row(c, key) for key in c.plan.obligations]
    if not duties:
        return
    sheet.head(c.say("Ce que demandent la loi et les accords", "What law and agreements ask for"))
    columns = [
        Column(
            "name",
            c.say("Obligation, ce qu'elle demande", "Obligation, what it asks for"),
            "note",
            44,
            INPUT,
        ),
        Column("by", c.say("À tenir au", "Due by"), "date", 13, INPUT),
        Column("milestone", c.say("Jalon qui y répond", "Milestone that meets it"), "note", 13),
        Column("p80", c.say("P80", "P80"), "date", 13),
        Column("p80_se", c.say("± P80 (j)", "± P80 (d)"), "days", 9),
        *c.odds_columns("p", "Tenue", "Met"),
        Column("fact", c.say("Fait", "Fact"), "code", 13, INPUT),
    ]
    sheet.table("T_Obligations", columns, duties)


def _promises(c: Contents) -> list[dict[str, Any]]:
    """The target first, then what was promised, with the odds of each."""
    target, rows = c.plan.target, []
    if target and target.finish:
        rows.append(
            {"name": c.say("Cible : ", "Target: ") + goal_label(c.plan, c.lang)}
            | _promised_row(c, "finish_day", target.finish, c.forecast.p_date)
            | {"source": name_text(target.fact)}
        )
    for promise in c.plan.promises:
        odds = c.forecast.odds[promise.id or promise.milestone]
        source = promise.source.in_(c.lang) if promise.source else promise.fact
        rows.append(
            {"name": task_label(c.plan, promise.milestone, c.lang)}
            | _promised_row(c, promise.milestone, promise.by, odds)
            | {"source": long_text(source), "grade": promise.grade}
        )
    return rows


def _promised_row(c: Contents, quantity: str, by: Any, odds: float | None) -> dict[str, Any]:
    margin = {"promised": by, "margin": Expr("-", "promised", "p80")}
    return _dated_row(c, quantity) | margin | c.odds("p", odds)


def _dated_row(c: Contents, quantity: str) -> dict[str, Any]:
    task = c.forecast.tasks.get(quantity)
    likely = task.early_finish if task else c.forecast.likely[quantity]
    row = c.quantiles(quantity, (0.1, 0.5, 0.8, 0.9))
    return row | {"likely": _date(c, likely), "never": c.forecast.share_never(quantity)}


def _milestones(c: Contents) -> list[dict[str, Any]]:
    """Every other milestone, cutover and erasure of which the draws were kept, by its median."""
    promised = {promise.milestone for promise in c.plan.promises}
    named = [q for q in c.forecast.quantities if q in c.forecast.tasks and q not in promised]
    named.sort(key=lambda q: (c.forecast.quantile(q, 0.5), q))
    if c.plan.target is None or c.plan.target.finish is None:
        named.insert(0, "finish_day")
    names = {q: c.quantity(q)[0] for q in named}
    return [{"name": names[q]} | _dated_row(c, q) for q in named]


def _duty_row(c: Contents, key: str) -> dict[str, Any]:
    duty, colon = c.plan.obligations[key], c.say(f"{NBSP}: ", ": ")
    row = {
        "name": f"{name_text(duty.name.in_(c.lang))}{colon}{long_text(duty.clause.in_(c.lang))}",
        "by": duty.by, "fact": name_text(duty.fact),
        "milestone": task_label(c.plan, duty.milestone, c.lang),
    }  # fmt: skip
    if duty.milestone not in c.forecast.quantities:
        return row
    return row | c.quantiles(duty.milestone, (0.8,)) | c.odds("p", c.forecast.met.get(key))
