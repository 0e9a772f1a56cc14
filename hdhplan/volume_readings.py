"""One plan, its volume read in several ways: what the press, the evidence and a stress test say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from hdhplan.errors import Fault, InputError
from hdhplan.facts import Fact
from hdhplan.forecast import Forecast
from hdhplan.loads import Loads, as_numbers, weigh
from hdhplan.paired import Move, around_p80, difference, in_parts, p80_of_ended
from hdhplan.plan import Plan
from hdhplan.quantities import Bilingual, Range
from hdhplan.reading import load_plan
from hdhplan.result import safe
from hdhplan.simulation import simulate

#: Driver that scales every volume, and the quantity that facts are claimed of.
VOLUME, CLAIMED = "volume", "platform_volume.tb"


@dataclass(frozen=True)
class Reading:
    """The plan with the volume of one scenario: its range, the claim retained and why.

    ``finish`` [d] and ``cost`` [EUR] are differences of P80 with the plan's own volume, on common
    draws; nothing for the plan itself. A plan without a driver `VOLUME` reads its volume one way.
    """

    name: str
    factor: Range | None
    fact: Fact | None
    why: Bilingual | None
    forecast: Forecast = field(repr=False)
    loads: Loads = field(repr=False)
    finish: Move
    cost: Move
    own: bool


@dataclass(frozen=True)
class Readings:
    """The plan as it is, and its volume read in several ways, in the order asked."""

    forecast: Forecast = field(repr=False)
    loads: Loads = field(repr=False)
    each: tuple[Reading, ...]

    def as_data(self) -> dict:
        """All numbers as plain values."""
        return safe(
            {"readings": {r.name: _row(r) for r in self.each}, "datasets": _datasets(self.loads)}
        )


def read_volumes(scenario: str, forecast: Forecast, names: Sequence[str]) -> Readings:
    """Lay several readings of the volume side by side, on the draws of a forecast.

    Parameters
    ----------
    scenario
        Where the plan of ``forecast`` came from; its own settings are kept.
    names
        Scenarios whose volume is taken, and nothing else of them.

    Raises
    ------
    InputError
        For a scenario that has no driver `VOLUME`.
    """
    plan, loads = forecast.plan, weigh(forecast.plan, forecast.draws, forecast.seed)
    own = plan.drivers.get(VOLUME)
    if own is None or own.factor is None:
        fact, why = _claim(plan)
        alone = _reading(plan.name, None, (fact, why), (forecast, loads), forecast, True)
        return Readings(forecast, loads, (alone,))
    found = []
    for name in names:
        other = load_plan(name)
        factor = _factor(other)
        same = _points(factor) == _points(own.factor)
        made = (forecast, loads) if same else _with_volume(scenario, forecast, factor)
        found.append(_reading(name, factor, _claim(other), made, forecast, same))
    return Readings(forecast, loads, tuple(found))


def _with_volume(scenario: str, base: Forecast, factor: Range) -> tuple[Forecast, Loads]:
    """The scenario with another range of its volume, on the same draws."""
    given = factor.model_dump(include={"low", "likely", "high", "law", "source", "grade"})
    setting = f"drivers.{VOLUME}.factor={json.dumps(given)}"
    plan = load_plan(scenario, [*base.plan.origin.overrides, setting])
    made = simulate(plan, base.draws, base.seed)
    return made, weigh(plan, base.draws, base.seed)


def _factor(plan: Plan) -> Range:
    """What a plan multiplies its volumes by; refuse a plan that does not."""
    driver = plan.drivers.get(VOLUME)
    if driver is None or driver.factor is None:
        found, limit = f"{plan.name} has no driver {VOLUME!r}", "scenarios with a factor on volumes"
        raise InputError(Fault("parameters", None, "volumes", found, limit))
    return driver.factor


def _points(factor: Range) -> tuple[float, float, float]:
    return factor.low, factor.likely, factor.high


def _claim(plan: Plan) -> tuple[Fact | None, Bilingual | None]:
    kept = plan.retains.get(CLAIMED)
    return (plan.facts.by_id(kept.fact), kept.why) if kept else (None, None)


def _reading(name, factor, claim, made, base: Forecast, own: bool) -> Reading:
    forecast, loads = made
    moves = (
        difference(*(in_parts(f.values[key], of) for f in (forecast, base)))
        for key, of in (("finish_day", around_p80), ("cost_eur", p80_of_ended))
    )
    return Reading(name, factor, *claim, forecast, loads, *moves, own)


def _datasets(loads: Loads) -> dict:
    return {name: as_numbers(loads.total([name])) for name in loads.plan.datasets}


def _row(reading: Reading) -> dict:
    forecast, loads = reading.forecast, reading.loads
    return {
        "own": reading.own,
        "fact": reading.fact.id if reading.fact else None,
        "at_source_tb": as_numbers(loads.total([*loads.lot("moves"), *loads.lot("stays")])),
        "moves_tb": as_numbers(loads.total(loads.lot("moves"))),
        "p80_finish_day": forecast.quantile("finish_day", 0.8),
        "p80_cost_eur": forecast.quantile("cost_eur", 0.8),
        "finish": {"value": reading.finish.value, "se": reading.finish.se},
        "cost": {"value": reading.cost.value, "se": reading.cost.se},
        "odds": {k: p for k, p in forecast.odds.items() if p is not None},
    }
