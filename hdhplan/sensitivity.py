"""What drives the answer: each driver switched off on the same draws, and what to check first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hdhplan.forecast import Forecast
from hdhplan.inputs import draw_whole, gather
from hdhplan.network import expand
from hdhplan.plan import Plan
from hdhplan.priority import backfill_gap
from hdhplan.quantities import Bilingual, Range
from hdhplan.simulation import draw_values
from hdhplan.uncertainty import SUPER_BLOCK

#: Weakness of evidence by grade: how much of an effect is worth checking. [1]
WEAKNESS = {"A": 0.1, "B": 0.3, "C": 0.6, "D": 1.0, "": 1.0}
_FIFTHS = 5
#: Parts of the draws from which the error of a difference is taken.
_REPLICATES = 8


@dataclass(frozen=True)
class DriverEffect:
    """What one driver does: with it minus without it, on the same draws.

    ``finish_days`` and ``cost_eur`` are differences of P80, each with its standard error; ``p_both``
    is what the odds of both gain when it is off.
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
class Study:
    """Drivers by their effect on the P80 date, checks by their product, both descending.

    ``backfill_gap_days`` is what levelling in a fixed order costs on average against backfilling
    every draw anew; 0 where nobody is shared. [d]
    """

    drivers: tuple[DriverEffect, ...]
    checks: tuple[Check, ...]
    draws: int
    backfill_gap_days: float


def study(
    forecast: Forecast, draws: int = 32_768, progress: Callable[[int], None] | None = None
) -> Study:
    """Study what drives a forecast, on its first ``draws`` draws."""
    draws = min(draws, forecast.draws, SUPER_BLOCK)
    # The first draws of a longer run are those of a shorter one.
    first = {name: values[:draws] for name, values in forecast.values.items()}
    base = replace(forecast, draws=draws, values=first)
    effects = []
    for done, name in enumerate(sorted(k for k, d in forecast.plan.drivers.items() if d.p > 0)):
        without = draw_values(forecast.plan, draws, forecast.seed, without=(name,))
        effects.append(_driver_effect(forecast.plan, name, base, without))
        if progress:
            progress(done + 1)
    effects.sort(key=lambda e: (-abs(e.finish_days) if e.finish_days == e.finish_days else 0, e.id))
    nodes = expand(forecast.plan).nodes
    shared = any(node.uses for node in nodes.values())
    # A draw of 5,000 tasks takes a sixth of a second to backfill: fewer of them there.
    few = max(4, min(32, 5_000 // len(nodes)))
    gap = backfill_gap(forecast.plan, few, forecast.seed) if shared else 0.0
    return Study(tuple(effects), tuple(_checks(base)), draws, gap)


def _driver_effect(plan: Plan, name: str, base: Forecast, without: dict) -> DriverEffect:
    driver = plan.drivers[name]
    finish, finish_se = difference_of_p80(base.values["finish_day"], without["finish_day"])
    cost, cost_se = difference_of_p80(base.values["cost_eur"], without["cost_eur"])
    both = None if base.p_both is None else replace(base, values=without).p_both - base.p_both
    quantity = driver.factor or driver.delay or driver.cost
    return DriverEffect(
        name, driver.name, driver.p, driver.lever, finish, finish_se, cost, cost_se, both,
        _grade(driver), quantity,
    )  # fmt: skip


def difference_of_p80(x: NDArray, y: NDArray) -> tuple[float, float]:
    """Difference of P80 of two series on common draws, and its standard error from replicates."""
    whole = _p80(x) - _p80(y)
    parts = [
        _p80(a) - _p80(b)
        for a, b in zip(np.array_split(x, _REPLICATES), np.array_split(y, _REPLICATES), strict=True)
    ]
    if not np.all(np.isfinite([whole, *parts])):
        return (whole if math.isfinite(whole) else math.nan), math.nan
    return whole, float(np.std(parts, ddof=1) / math.sqrt(_REPLICATES))


def _p80(values: NDArray) -> float:
    ordered = np.sort(values)
    with np.errstate(invalid="ignore"):
        return (
            float(ordered[max(math.ceil(0.8 * len(ordered)) - 1, 0)]) if len(ordered) else math.nan
        )


def _checks(base: Forecast) -> list[Check]:
    """Every uncertain input of the plan, by effect times weakness of its evidence."""
    plan, goal = base.plan, _goal(base)
    inputs = gather(plan, expand(plan))
    sample = draw_whole(inputs, base.seed, base.draws)
    drawn = sample.values | {f"drivers.{name}.p": x for name, x in sample.happens.items()}
    found = checks(plan, {path: _effect_of(values, goal) for path, values in drawn.items()})
    return sorted(found, key=lambda c: (-c.product, c.path))


def _goal(base: Forecast) -> NDArray:
    """What is to be held: both, or what there is of date and money; else the median date."""
    for held in (base.both, base._on_time, base._in_budget):
        if held is not None:
            return held.astype(float)
    return (base.values["finish_day"] <= base.quantile("finish_day", 0.5)).astype(float)


def _effect_of(values: NDArray, goal: NDArray) -> float:
    """Standard deviation of the goal's odds over fifths of an input, less what chance would give."""
    if values.dtype == bool:
        groups = [goal[values], goal[~values]]
    else:
        order = np.argsort(values, kind="stable")
        groups = np.array_split(goal[order], _FIFTHS)
    sizes = np.array([len(g) for g in groups], dtype=float)
    means = np.array([g.mean() if len(g) else 0.0 for g in groups])
    total = goal.mean()
    between = float(np.sum(sizes * (means - total) ** 2) / len(goal))
    noise = (len(groups) - 1) * total * (1 - total) / len(goal)
    return math.sqrt(max(between - noise, 0.0))


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
