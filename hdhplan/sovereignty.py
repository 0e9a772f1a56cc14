"""Sovereignty: when services are qualified, what that holds up, and what the law asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.capabilities import has_sensitive, needed, qualifying
from hdhplan.forecast import EVENT, Forecast, end_of_day
from hdhplan.gating import matching
from hdhplan.spread import Spread, spread_of

#: Days within which two qualifications count as one: rounding of dates that are equal. [d]
_TOGETHER = 0.01
#: Stocks over time that say where data is. [PB·d]
HELD = ("exposure_pb_days", "unqualified_pb_days", "double_held_pb_days")


@dataclass(frozen=True)
class Gate:
    """The qualification of all services that a wave needs.

    ``last`` is the task that comes last most often, in a share ``last_share`` of the draws;
    ``sets_go`` the share in which the whole sets the go/no-go. [1]
    """

    wave: str
    services: tuple[str, ...]
    day: Spread
    cutover: Spread
    sets_go: float
    last: str
    last_share: float
    grade: str


@dataclass(frozen=True)
class Service:
    """A service that gates waves, the tasks that qualify it, and when they have."""

    id: str
    tasks: tuple[str, ...]
    waves: tuple[str, ...]
    day: Spread
    grade: str
    critical: float


@dataclass(frozen=True)
class Refusal:
    """What follows where a qualification is refused: what is used instead, and the goal's day then."""

    driver: str
    p: float
    instead: tuple[str, ...]
    draws: int
    goal: Spread
    goal_without: Spread


@dataclass(frozen=True)
class Duty:
    """An obligation, when it is met, and the odds of its day. [1]"""

    id: str
    milestone: str
    day: Spread
    odds: float | None


def first_draws(forecast: Forecast, quantity: str) -> NDArray:
    """The draws of a quantity of which details are kept."""
    size = len(next(iter(forecast.detail.values()), forecast.values["finish_day"]))
    return forecast.series(quantity)[:size]


def wave_gates(forecast: Forecast) -> tuple[Gate, ...]:
    """Gates of each wave that has some, in the order of the waves."""
    plan, found = forecast.plan, []
    for w in plan.waves:
        if f"{w}.gate" not in forecast.detail:
            continue
        services = [c for c in needed(plan, w) if qualifying(plan, c)]
        tasks = _tasks_of(forecast, [x.task for c in services for x in qualifying(plan, c)])
        last, share = _last(forecast, tasks)
        sets_go = float(np.mean(forecast.detail[f"{EVENT}{w}.gated"]))
        days = [spread_of(forecast.detail[f"{w}.{x}"]) for x in ("gate", "cutover")]
        names = tuple(c.id for c in services)
        found.append(Gate(w, names, *days, sets_go, last, share, grade_of(forecast, last)))
    return tuple(found)


def _tasks_of(forecast: Forecast, names: list[str]) -> tuple[str, ...]:
    """Tasks that names or patterns stand for: the plan's own first, those on a condition last of them."""
    tasks = forecast.plan.tasks
    found = matching(names, forecast.tasks)

    def order(task: str) -> tuple:
        return task not in tasks, task in tasks and bool(tasks[task].only_if)

    return tuple(sorted(found, key=order))


def _last(forecast: Forecast, tasks: tuple[str, ...]) -> tuple[str, float]:
    """The task that is last in most draws, and in what share; equal days go to the first named."""
    days = np.array([first_draws(forecast, task) for task in tasks])
    first = np.argmax(days >= days.max(axis=0) - _TOGETHER, axis=0)
    counts = np.bincount(first, minlength=len(tasks))
    return tasks[int(counts.argmax())], float(counts.max() / len(first))


def grade_of(forecast: Forecast, task: str) -> str:
    """Grade of what says when a qualification comes; empty where nothing does."""
    plan = forecast.plan
    owner, _, step = task.rpartition(".")
    if step == "qualified" and owner in plan.capabilities:
        return plan.capabilities[owner].qualified_on.grade
    work = plan.tasks[task].work if task in plan.tasks else None
    return work.grade if work else ""


def services(forecast: Forecast) -> tuple[Service, ...]:
    """Services that gate some wave, those that come last first."""
    plan, found = forecast.plan, []
    gated = [w for w in plan.waves if f"{w}.gate" in forecast.detail]
    for c in plan.capabilities.values():
        waves = tuple(w for w in gated if has_sensitive(plan, w) and c in needed(plan, w))
        tasks = _tasks_of(forecast, [link.task for link in qualifying(plan, c)])
        if waves and tasks:
            day = np.maximum.reduce([first_draws(forecast, task) for task in tasks])
            grade = max((grade_of(forecast, task) for task in tasks), default="")
            critical = max(forecast.criticality.get(task, 0.0) for task in tasks)
            found.append(Service(c.id, tasks, waves, spread_of(day), grade, critical))
    return tuple(sorted(found, key=lambda s: (-s.day.p50, s.id)))


def refusals(forecast: Forecast) -> tuple[Refusal, ...]:
    """What follows in the draws in which a qualification is refused."""
    plan, found = forecast.plan, []
    goal = first_draws(forecast, "finish_day")
    for name in dict.fromkeys(c.unless for c in plan.capabilities.values() if c.unless):
        happens = forecast.detail.get(EVENT + name)
        if happens is None or name not in plan.drivers:
            continue
        refused = happens > 0
        instead = tuple(k for k, task in plan.tasks.items() if task.only_if == name)
        days = spread_of(goal[refused]), spread_of(goal[~refused])
        found.append(Refusal(name, plan.drivers[name].p, instead, int(refused.sum()), *days))
    return tuple(found)


def duties(forecast: Forecast) -> tuple[Duty, ...]:
    """Obligations with the day that meets each, in the plan's order; none if details were not kept."""
    plan, found = forecast.plan, []
    for duty in plan.obligations.values():
        if duty.milestone not in forecast.quantities:
            continue
        by = end_of_day(plan, duty.by) if duty.by else None
        odds = None if by is None else forecast.odds_by(duty.milestone, by)
        day = spread_of(forecast.series(duty.milestone))
        found.append(Duty(duty.id, duty.milestone, day, odds))
    return tuple(found)
