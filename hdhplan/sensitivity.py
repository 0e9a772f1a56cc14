"""What drives the answer: each driver switched off on the same draws, and what to check first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hdhplan.forecast import Forecast
from hdhplan.inputs import LONGEST, Sample, draw_whole
from hdhplan.model import Model
from hdhplan.paired import Move, around_p80, difference, held, in_parts, p80_of_ended, share
from hdhplan.plan import Plan
from hdhplan.priority import backfill_gap, prepare
from hdhplan.quantities import Bilingual, Range
from hdhplan.ranks import (
    RankEffect,
    explained,
    mid_ranks,
    share_explained,
    standardised,
)
from hdhplan.simulation import redraw
from hdhplan.uncertainty import SUPER_BLOCK

#: Weakness of evidence by grade: how much of an effect is worth checking. [1]
WEAKNESS = {"A": 0.1, "B": 0.3, "C": 0.6, "D": 1.0, "": 1.0}
_FIFTHS = 5
_ASKED = ("date", "budget", "both")


@dataclass(frozen=True)
class DriverEffect:
    """What one driver does: with it minus without it, on the same draws.

    ``finish_days`` (averaged around P80) and ``cost_eur`` are differences of P80, each with its
    standard error; ``p_both`` is what the odds of both gain when it is off.
    """

    id: str
    name: Bilingual | None
    p: float
    lever: bool
    finish_days: float
    finish_se: float
    cost_eur: float
    cost_se: float
    p_both: float | None
    grade: str
    range: Range | None


@dataclass(frozen=True)
class Check:
    """An input worth checking: its typical effect if it were known, times how weak its evidence is.

    ``effect`` is the standard deviation, over what the input may turn out to be, of the odds of date
    and budget (of the date alone where there is no money target). [1]
    """

    path: str
    name: Bilingual | None
    grade: str
    weakness: float
    effect: float
    product: float
    ask: Bilingual | None
    source: str
    low: float | None
    likely: float | None
    high: float | None
    unit: str


@dataclass(frozen=True)
class OutsideView:
    """The plan with the drivers that correct our own optimism, and without, on the same draws.

    ``on`` and ``off`` hold P50 and P80 of date and cost and the odds, with their errors; ``finish``
    [d], ``cost`` [EUR] and ``odds`` [1] are P80s and odds with them minus without. The odds are those
    of all that is asked, None where nothing is.
    """

    drivers: tuple[str, ...]
    on: dict
    off: dict
    finish: Move
    cost: Move
    odds: Move | None


@dataclass(frozen=True)
class Study:
    """Drivers by their effect on the P80 date, checks by their product, both descending.

    ``inputs`` are all that is uncertain, by what each explains alone, descending; ``outside_view``
    is None where the plan has none. ``backfill_gap_days`` is what levelling in a fixed order costs
    on average against backfilling every draw anew; 0 where nobody is shared. [d]
    """

    drivers: tuple[DriverEffect, ...]
    checks: tuple[Check, ...]
    draws: int
    backfill_gap_days: float
    inputs: tuple[RankEffect, ...] = ()
    outside_view: OutsideView | None = None


def study(
    forecast: Forecast, draws: int = 16_384, progress: Callable[[int], None] | None = None
) -> Study:
    """Study what drives a forecast, on its first ``draws`` draws."""
    draws = min(draws, forecast.draws, SUPER_BLOCK)
    # The first draws of a longer run are those of a shorter one.
    first = {name: values[:draws] for name, values in forecast.values.items()}
    base = replace(forecast, draws=draws, values=first)
    model, effects = prepare(base.plan), []
    drawn = draw_whole(model.inputs, base.seed, draws)
    for done, name in enumerate(sorted(k for k, d in base.plan.drivers.items() if d.p > 0)):
        without = _without(base, model, drawn, (name,))
        effects.append(_driver_effect(base.plan, name, base, without))
        if progress:
            progress(done + 1)
    effects.sort(key=lambda e: (-abs(e.finish_days) if e.finish_days == e.finish_days else 0, e.id))
    nodes = model.network.nodes
    shared = any(node.uses for node in nodes.values())
    # A draw of 5,000 tasks takes a sixth of a second to backfill: fewer of them there.
    few = max(4, min(16, 5_000 // len(nodes)))
    gap = backfill_gap(forecast.plan, few, forecast.seed) if shared else 0.0
    checks, inputs = _each_input(base, drawn)
    view = _outside_view(base, model, drawn)
    return Study(tuple(effects), tuple(checks), draws, gap, tuple(inputs), view)


def _without(
    base: Forecast, model: Model, drawn: Sample, names: tuple[str, ...]
) -> dict[str, NDArray]:  # fmt: skip
    """Dates and money without some drivers; draws in which none of them happens are as they were."""
    happens = [drawn.happens.get(name, np.ones(drawn.size, bool)) for name in names]
    chosen = np.flatnonzero(np.logical_or.reduce(happens))
    values = dict(base.values)
    for quantity, redone in redraw(model, drawn, names, chosen).items():
        values[quantity] = base.values[quantity].copy()
        values[quantity][chosen] = redone
    return values


def _driver_effect(plan: Plan, name: str, base: Forecast, without: dict) -> DriverEffect:
    driver = plan.drivers[name]
    days, euros = (
        difference(in_parts(base.values[key], of), in_parts(without[key], of))
        for key, of in (("finish_day", around_p80), ("cost_eur", p80_of_ended))
    )
    both = None if base.p_both is None else replace(base, values=without).p_both - base.p_both
    quantity = driver.factor or driver.delay or driver.cost
    return DriverEffect(
        name, driver.name, driver.p, driver.lever, days.value, days.se, euros.value,
        euros.se, both, _grade(driver), quantity,
    )  # fmt: skip


def _outside_view(base: Forecast, model: Model, drawn: Sample) -> OutsideView | None:
    """The plan with its outside view and without, all the drivers of it switched off together."""
    plan = base.plan
    names = tuple(sorted(k for k, d in plan.drivers.items() if d.bias and d.p > 0))
    if not names:
        return None
    off = replace(base, values=_without(base, model, drawn, names))

    def moved(quantity: str, statistic: Callable[[NDArray], float]) -> Move:
        return difference(*(in_parts(f.values[quantity], statistic) for f in (base, off)))

    # What is asked last is asked most: of date and money, both.
    asked = [
        [h for k, h in held(plan, f.values).items() if k[2:] in _ASKED][-1:] for f in (base, off)
    ]
    odds = difference(*(in_parts(a[0], share) for a in asked)) if all(asked) else None
    moves = (moved("finish_day", around_p80), moved("cost_eur", p80_of_ended), odds)
    return OutsideView(names, _answer(base), _answer(off), *moves)


def _answer(forecast: Forecast) -> dict:
    """P50 and P80 of date and cost, and the odds, each with its standard error."""
    found = {}
    for quantity in ("finish_day", "cost_eur"):
        row = forecast.summary(quantity)
        found[quantity] = {k: row[k] for k in ("p50", "p80", "share_never")}
        found[quantity]["se"] = {k: row["se"][k] for k in ("p50", "p80")}
    odds = {k: p for k, p in forecast.odds.items() if k in _ASKED and p is not None}
    return found | {"odds": odds | {"se": {k: forecast.odds_error(p) for k, p in odds.items()}}}


def _each_input(base: Forecast, drawn: Sample) -> tuple[list[Check], list[RankEffect]]:
    """Every uncertain input: how far it is worth checking, and what it explains alone."""
    plan, goal = base.plan, _goal(base)
    ranges = dict(plan.ranges())
    date, money = (standardised(mid_ranks(base.values[q])) for q in ("finish_day", "cost_eur"))
    checks, effects = [], []
    for path, values in _values(drawn):
        ranks = mid_ranks(values)
        alone = explained(ranks, date), explained(ranks, money)
        effects.append(RankEffect(path, _name(plan, path), *alone))
        if path in ranges:
            checks.append(_check(plan, path, ranges[path], _effect_of(ranks, goal)))
        elif values.dtype == bool:
            checks.append(_event_check(plan, path.split(".")[1], _effect_of(ranks, goal)))
    checks.sort(key=lambda c: (-c.product, c.path))
    effects.sort(key=lambda e: (-e.largest, e.path))
    return checks, effects


def _values(sample: Sample) -> Iterator[tuple[str, NDArray]]:
    """Values of each uncertain input in every draw, by its path; an event by that of its odds."""
    # The longest of several dual writes goes with the luck of one: it is no further input.
    laws = [path for path in sample.values if not path.endswith(LONGEST)]
    yield from ((path, sample.values[path]) for path in laws)
    yield from ((f"drivers.{name}.p", happens) for name, happens in sample.happens.items())


def _goal(base: Forecast) -> NDArray:
    """What is to be held: both, or what there is of date and money; else the median date."""
    for holds in (base.both, base._on_time, base._in_budget):
        if holds is not None:
            return holds.astype(float)
    return (base.values["finish_day"] <= base.quantile("finish_day", 0.5)).astype(float)


def _effect_of(ranks: NDArray, goal: NDArray) -> float:
    """Standard deviation of the goal's odds over fifths of an input, less what chance would give."""
    explains, _ = share_explained(ranks, goal, _FIFTHS)
    return math.sqrt(explains) * float(goal.std()) if explains > 0 else 0.0


def _check(plan: Plan, path: str, quantity: Range, effect: float) -> Check:
    weakness = WEAKNESS[quantity.grade]
    ask = quantity.ask or _owner(plan, path)
    return Check(
        path, _name(plan, path), quantity.grade, weakness, effect, effect * weakness, ask,
        quantity.source, quantity.low, quantity.likely, quantity.high, quantity.unit,
    )  # fmt: skip


def _event_check(plan: Plan, name: str, effect: float) -> Check:
    driver = plan.drivers[name]
    grade = _grade(driver)
    weakness = WEAKNESS[grade]
    ask = driver.ask or plan.ask
    return Check(
        f"drivers.{name}.p", driver.name, grade, weakness, effect, effect * weakness, ask,
        driver.source or plan.judgement, None, driver.p, None, "",
    )  # fmt: skip


def _grade(driver) -> str:
    quantity = driver.factor or driver.delay or driver.cost
    return driver.grade or (quantity.grade if quantity else "") or "D"


def _thing(plan: Plan, path: str):
    group, name = path.split(".")[:2]
    return getattr(plan, group, {}).get(name)


def _name(plan: Plan, path: str) -> Bilingual | None:
    return getattr(_thing(plan, path), "name", None)


def _owner(plan: Plan, path: str) -> Bilingual | None:
    return getattr(_thing(plan, path), "ask", None) or plan.ask


def checks(plan: Plan, effects: Mapping[str, float]) -> Iterator[Check]:
    """Lay what the plan holds of each input, and on what evidence, beside its effect."""
    ranges = dict(plan.ranges())
    for path, effect in effects.items():
        if path in ranges:
            yield _check(plan, path, ranges[path], effect)
        elif path.endswith(".p"):
            yield _event_check(plan, path.split(".")[1], effect)
