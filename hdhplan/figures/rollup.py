"""A network of a hundred and fifty tasks as the dozen rows that a page can show."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hdhplan.forecast import Forecast
from hdhplan.wording.formats import NBSP, pick
from hdhplan.wording.labels import capital, goal_label, task_label, wave_label

#: Rows of a timeline besides its milestones, and the gates and milestones among them.
ROWS, GATES, MILESTONES = 14, 2, 4
_AT = (0.10, 0.50, 0.80)


@dataclass(frozen=True)
class Row:
    """A row: P50 of its start, P10, P50 and P80 of its finish, share of draws it is critical in.

    ``gates`` are the P50 of the gates and go/no-go decisions in it. [d]
    """

    name: str
    start: float
    finish: tuple[float, float, float]
    critical: float
    milestone: bool = False
    gates: tuple[float, ...] = ()


def finish_of(forecast: Forecast, task: str) -> tuple[float, float, float]:
    """P10, P50, P80 of a finish: over all draws where they were kept, else over the first. [d]

    A task that ends with a milestone in every kept draw has the milestone's quantiles, so that one
    event has one date on a page.
    """
    own = forecast.spread[task]["finish"]
    goal = forecast.plan.target.milestone if forecast.plan.target else None
    twins = [task, *([goal] if goal else []), *sorted(forecast.values)]
    for twin in twins:
        kept = twin in forecast.values and twin in forecast.spread
        if kept and forecast.spread[twin]["finish"] == own:
            return tuple(forecast.quantile(twin, p) for p in _AT)
    return own


def timeline_rows(forecast: Forecast, lang: str) -> list[Row]:
    """Phases, waves and milestones; the tasks themselves in a plan that has none of these."""
    plan = forecast.plan
    phases = _phases(forecast, lang)
    waves = [_wave(forecast, w, lang) for w in plan.waves if f"{w}.cutover" in forecast.spread]
    marks = _milestones(forecast, lang)
    if not phases:
        own = [k for k in plan.tasks if k in forecast.spread and k not in forecast.values]
        own = sorted(own, key=lambda k: -forecast.criticality[k])[: ROWS - len(waves) - len(marks)]
        phases = [_span(forecast, task_label(plan, k, lang), [k], k) for k in own]
        if not waves:
            phases += _copies(forecast, lang)
    shown = [*phases, *waves]
    shown += _gates(forecast, lang, {row.name for row in shown})[: max(ROWS - len(shown), 0)]
    return sorted(shown[:ROWS], key=lambda row: (row.start, row.finish[1])) + marks


def _span(forecast: Forecast, name: str, tasks: list[str], last: str) -> Row:
    start = min(forecast.spread[k]["start"][1] for k in tasks)
    critical = max(forecast.criticality[k] for k in tasks)
    return Row(name, start, finish_of(forecast, last), critical, gates=_gates_in(forecast, tasks))


def _gates_in(forecast: Forecast, tasks: list[str]) -> tuple[float, ...]:
    """P50 of those tasks that are gates or go/no-go decisions, where they have one. [d]"""
    own = forecast.plan.tasks
    found = [finish_of(forecast, k)[1] for k in tasks
             if (k in own and own[k].gate) or forecast.tasks[k].kind == "go"]  # fmt: skip
    return tuple(sorted({day for day in found if math.isfinite(day)}))


def _last(forecast: Forecast, tasks: list[str]) -> str:
    return max(tasks, key=lambda k: (forecast.spread[k]["finish"][1:], k))


def _phases(forecast: Forecast, lang: str) -> list[Row]:
    """A row a phase, named after its last task, whose finish is its own."""
    phases: dict[str, list[str]] = {}
    for name, task in forecast.plan.tasks.items():
        work = name in forecast.spread and name not in forecast.values and task.only_if is None
        if task.phase and work:
            phases.setdefault(task.phase, []).append(name)
    rows = []
    for phase, tasks in phases.items():
        last = _last(forecast, tasks)
        name = f"{phase} → {task_label(forecast.plan, last, lang)}"
        rows.append(_span(forecast, name, tasks, last))
    return rows


def _gates(forecast: Forecast, lang: str, named: set[str]) -> list[Row]:
    """The gates that are critical most often and that no phase is named after."""
    gates = [k for k, task in forecast.plan.tasks.items() if task.gate and k in forecast.spread]
    gates.sort(key=lambda k: -forecast.criticality[k])
    rows = [_span(forecast, task_label(forecast.plan, k, lang), [k], k) for k in gates]
    return [row for row in rows if not any(row.name in name for name in named)][:GATES]


def _wave(forecast: Forecast, wave: str, lang: str) -> Row:
    """From a wave's first copy to the end of its cutover."""
    cutover = f"{wave}.cutover"
    tasks = [
        k for k, task in forecast.tasks.items()
        if task.wave == wave and task.kind in ("copy", "delta", "go", "cutover")
    ]  # fmt: skip
    own = wave_label(forecast.plan, wave, lang)
    name = pick(lang, f"{own}{NBSP}: copie à bascule", f"{own}: copy to cutover")
    return _span(forecast, capital(name), tasks, cutover)


def _copies(forecast: Forecast, lang: str) -> list[Row]:
    copies = [k for k, task in forecast.tasks.items() if task.kind == "copy"]
    return [_span(forecast, task_label(forecast.plan, k, lang), [k], k) for k in copies]


def _milestones(forecast: Forecast, lang: str) -> list[Row]:
    """The target's milestone, those promised, then those that come last."""
    plan = forecast.plan
    first = [plan.target.milestone] if plan.target and plan.target.milestone else []
    first += [promise.milestone for promise in plan.promises]
    others = [k for k in forecast.values if k in forecast.spread]
    others.sort(key=lambda k: -forecast.quantile(k, 0.5))
    chosen = [k for k in dict.fromkeys([*first, *others]) if k in forecast.spread][:MILESTONES]
    chosen.sort(key=lambda k: (forecast.quantile(k, 0.5), k))
    rows = []
    for name in chosen:
        finish = finish_of(forecast, name)
        critical = forecast.criticality[name]
        start = finish[1] if math.isfinite(finish[1]) else math.inf
        rows.append(Row(capital(task_label(plan, name, lang)), start, finish, critical, True))
    if not (plan.target and plan.target.milestone):
        finish = tuple(forecast.quantile("finish_day", p) for p in _AT)
        rows.append(Row(capital(goal_label(plan, lang)), finish[1], finish, 1.0, True))
    return rows
