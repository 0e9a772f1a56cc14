"""One week of the programme: its forecast beside last week's, status, decisions, risks, what comes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hdhplan import __version__
from hdhplan.errors import InputError
from hdhplan.exposure import WHOLE
from hdhplan.forecast import Forecast
from hdhplan.learning import carried
from hdhplan.moved import Moved, mark_of, moved
from hdhplan.paired import Move, forecast_moves
from hdhplan.past import Past, counted_from, plan_digest, recorded
from hdhplan.plan import Plan
from hdhplan.progress import day_after
from hdhplan.sensitivity import DriverEffect, Study, study
from hdhplan.simulation import simulate
from hdhplan.standing import Area, standings, worst
from hdhplan.status import Known, week_of
from hdhplan.units import PB_PER_TB

#: Draws on which the move since last week, and what each risk and decision weighs, are worked out.
MOVED_DRAWS, STUDY_DRAWS = 16_384, 8_192
#: How far ahead the page looks. [d]
AHEAD_D = 14
#: Risks on the page.
FIVE = 5


@dataclass(frozen=True)
class Decision:
    """A decision that is asked for and not taken yet, and what the model says it would change.

    ``moves`` are P80 date [d], P80 cost [EUR] and odds of both [1], with the decision minus without;
    empty where it names no setting of the plan. ``refused`` says why its setting makes no plan.
    """

    id: str
    what: str
    owner: str
    due: dt.date | None
    expected: str
    asked: dt.date
    setting: str
    moves: dict[str, Move] = field(default_factory=dict)
    refused: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """The decision as plain values."""
        return {**vars(self), "moves": {k: vars(move) for k, move in self.moves.items()}}


@dataclass(frozen=True)
class Risk:
    """A risk that has neither occurred nor closed, and its effect by the model."""

    effect: DriverEffect
    raised: dt.date | None


@dataclass(frozen=True)
class Coming:
    """A task that should start or end within the next two weeks: P50 and P80 of it. [d]"""

    task: str
    ends: bool
    p50: float
    p80: float


@dataclass(frozen=True)
class Week:
    """All that a week's page says, in numbers.

    Parameters
    ----------
    past
        The weeks published before it; `own` is this one.
    moved
        What moved since the last of them, None in the first week.
    """

    week: str
    day: dt.date
    forecast: Forecast
    study: Study
    past: tuple[Past, ...]
    moved: Moved | None
    areas: tuple[Area, ...]
    decisions: tuple[Decision, ...]
    risks: tuple[Risk, ...]
    coming: tuple[Coming, ...]
    own: Past

    @property
    def weeks(self) -> tuple[Past, ...]:
        """This week and those before it, in order."""
        return (*self.past, self.own)

    @property
    def plan(self) -> Plan:
        """The plan as of the data date."""
        return self.forecast.plan

    @property
    def overall(self) -> tuple[str, tuple[str, ...]]:
        """The worst colour shown, and its areas."""
        return worst(self.areas)

    @property
    def data(self) -> dict[str, Any]:
        """What `result.bundle` does not hold."""
        return {
            "week": self.own.data,
            "past": recorded(self.past),
            "areas": {area.name: area.data for area in self.areas},
            "overall": {"colour": self.overall[0], "areas": self.overall[1]},
            "moved": self.moved.as_dict() if self.moved else None,
            "decisions": {one.id: one.data for one in self.decisions},
            "risks": [risk.effect.id for risk in self.risks],
            "coming": [vars(one) for one in self.coming],
        }


def make_week(
    plan: Plan,
    day: dt.date,
    past: Sequence[Past] = (),
    plan_before: Plan | None = None,
    vary: Callable[[str], Plan] | None = None,
    draws: int = 65_536,
    seed: int = 1,
) -> Week:
    """Work out a week.

    Parameters
    ----------
    plan
        With its status facts.
    past
        The weeks published before, in order.
    plan_before
        The plan of the last of them, where its file said something else.
    vary
        Loads the plan with one more setting, for what a decision would change.
    """
    forecast = simulate(plan, draws, seed, as_of=day, detail=True)
    past = tuple(counted_from(one, plan.start) for one in past)
    last = past[-1] if past else None
    state = plan.status.as_of(day) if plan.status else None
    found = study(forecast, STUDY_DRAWS)
    areas = standings(forecast, state, last.colours if last else {})
    few, change = min(MOVED_DRAWS, draws), None
    if last is not None:
        change = moved(plan_before or plan, plan, last.day, day, few, seed, last.counted)
    counted = change.mark if change else mark_of(plan, day, few, seed)
    decisions = tuple(_decisions(forecast, vary, seed))
    return Week(
        week_of(day), day, forecast, found, past, change, areas, decisions,
        tuple(_risks(forecast, found)), tuple(_coming(forecast, day)), _own(forecast, day, areas, counted),
    )  # fmt: skip


def _decisions(forecast: Forecast, vary: Callable[[str], Plan] | None, seed: int):
    """Decisions asked and not taken, the one that is due first on top, with their effects."""
    progress = forecast.progress
    asked = []
    for name, known in (progress.state.of("decisions") if progress else {}).items():
        if known["state"].value == "asked":
            asked.append((name, known))
    draws = min(STUDY_DRAWS, forecast.draws)
    far = dt.date.max
    for name, known in sorted(asked, key=lambda a: (_value(a[1], "due") or far, a[0])):
        setting, moves, refused = _value(known, "setting") or "", {}, ""
        if setting and vary is not None:
            try:
                other = simulate(carried(vary(setting), forecast.plan), draws, seed)
                moves = forecast_moves(other, forecast, draws)
            except InputError as error:
                refused = str(error.faults[0])
        yield Decision(
            name, _value(known, "what") or name, _value(known, "owner") or "", _value(known, "due"),
            _value(known, "effect_expected") or "", known["state"].fact.date, setting, moves, refused,
        )  # fmt: skip


def _value(known: dict[str, Known], name: str) -> Any:
    return known[name].value if name in known else None


def _risks(forecast: Forecast, found: Study):
    """Open risks by what the odds of all would gain without them; opportunities are none."""
    progress = forecast.progress
    gone = progress.closed | progress.occurred if progress else frozenset()
    raised = progress.state.of("risks") if progress else {}
    open_ = [e for e in found.drivers if 0 < e.p < 1 and e.id not in gone]
    worse = [e for e in open_ if _harm(e) > 0]
    worse.sort(key=lambda e: (-_harm(e), -e.finish_days, e.id))
    for effect in worse[:FIVE]:
        known = raised.get(effect.id)
        yield Risk(effect, known["state"].fact.date if known else None)


def _harm(effect: DriverEffect) -> float:
    """What the odds gain without a risk; where none are asked for, days of P80."""
    return effect.finish_days if effect.p_both is None else effect.p_both


def _coming(forecast: Forecast, day: dt.date):
    """Ends, then starts, that are due in the next two weeks by their P50."""
    now, nodes = day_after(forecast.plan, day), forecast.tasks
    done = forecast.progress.done if forecast.progress else {}
    running = forecast.progress.running if forecast.progress else {}
    found = []
    for task, spread in forecast.spread.items():
        if task in done or nodes[task].kind == "qualified":
            continue
        for which in ("finish", "start"):
            _, p50, p80 = spread[which]
            due = now < p50 if which == "finish" else task not in running and now <= p50
            if due and p50 <= now + AHEAD_D:
                found.append(Coming(task, which == "finish", float(p50), float(p80)))
                break
    critical = forecast.criticality
    found.sort(key=lambda c: (-critical.get(c.task, 0.0), c.p50, c.task))
    return found


def _own(forecast: Forecast, day: dt.date, areas: tuple[Area, ...], counted: dict) -> Past:
    """The numbers of this week that later weeks look back at."""
    plan, progress = forecast.plan, forecast.progress
    done = progress.done if progress else {}
    landed = progress.landed if progress else {}
    names = [q for q in forecast.values if q in forecast.tasks]
    moved_ = [w for w in plan.waves if f"{w}.cutover" in done]
    whole = forecast.landed_paths.get(WHOLE)
    return Past(
        week_of(day), day, __version__,
        {q: (_at(forecast, q, 0.5), _at(forecast, q, 0.8)) for q in names},
        _at(forecast, "finish_day", 0.8), _at(forecast, "cost_eur", 0.8), dict(forecast.odds),
        {area.name: (area.computed, area.steady) for area in areas},
        sum(at.tb for at in landed.values()), sum(at.verified_tb for at in landed.values()),
        float(whole.p50[-1]) / PB_PER_TB if whole else 0.0,
        sum(plan.waves[w].projects for w in moved_), sum(w.projects for w in plan.waves.values()),
        _reference(forecast), counted,
        plan_digest(plan.origin.resolved if plan.origin else plan.name), plan.start,
    )  # fmt: skip


def _at(forecast: Forecast, quantity: str, p: float) -> float | None:
    value = forecast.quantile(quantity, p)
    return value if math.isfinite(value) else None


def references(forecast: Forecast) -> dict[str, str]:
    """Weeks that were approved as a reference, by its name: R0 first, then the one in force."""
    known = forecast.progress.state.of("references") if forecast.progress else {}
    return {name: str(known[name]["week"].value) for name in ("R0", "current") if name in known}


def _reference(forecast: Forecast) -> tuple[str, str]:
    """Name and week of the reference in force; empty where none was approved."""
    return list(references(forecast).items() or [("", "")])[-1]
