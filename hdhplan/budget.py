"""Budget: lines against their allocations, what covers what exceeds them; years and perimeters.

In each draw, what lines cost beyond their allocations is covered first by what other lines leave
of theirs (transfers), then by the provision; the rest is uncovered. So nothing is uncovered exactly
where the whole cost stays within all allocations. Read against the likely plan instead, the
provision is drawn on by whatever is spent above it: the two readings are kept apart and named.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.forecast import Forecast
from hdhplan.rates import PROVISION
from hdhplan.spread import error_of_quantile, quantile_of

#: Amounts below this are nothing: half a cent. [EUR]
NOTHING_EUR = 0.005
#: Last years in which less than this share of the whole is committed or paid are not shown. [1]
LEAST_SHARE = 0.0005
#: Perimeters of the money, from the narrowest, and what stands beside them.
PERIMETERS = {
    "envelope": "cost_eur",
    "full_cost": "full_cost_eur",
    "avoided": "avoided_eur",
    "steady_month": "steady_month_eur",
}
_QUANTILES = {"p10": 0.1, "p50": 0.5, "p80": 0.8}


@dataclass(frozen=True)
class Measure:
    """An amount over the draws that end: mean and quantiles with their standard errors. [EUR]

    ``odds`` are those of any of it, over all draws; ``share_never`` is that of the others. [1]
    """

    mean: float
    p10: float
    p50: float
    p80: float
    se: dict[str, float]
    odds: float
    share_never: float


@dataclass(frozen=True)
class Cover:
    """What lines cost beyond their allocations in each draw, and what covers it. [EUR]

    ``overrun`` is the sum of the three others; it is infinite, as is what is left uncovered, in a
    draw that never ends.
    """

    overrun: NDArray
    transferred: NDArray
    from_provision: NDArray
    uncovered: NDArray

    @property
    def measures(self) -> dict[str, Measure]:
        """Each of the four over the draws that end, so that their means add up. [EUR]"""
        ends = np.isfinite(self.overrun)
        return {name: measure(getattr(self, name), ends) for name in Cover.__annotations__}

    @property
    def p_transfers(self) -> float:
        """Odds that transfers between lines are enough. [1]"""
        return float(np.mean(self.overrun - self.transferred <= NOTHING_EUR))

    @property
    def p_all(self) -> float:
        """Odds that transfers and the provision are enough. [1]"""
        return float(np.mean(self.uncovered <= NOTHING_EUR))


def measure(values: NDArray, ends: NDArray | None = None) -> Measure:
    """Mean and quantiles of an amount over the draws that end, with their errors. [EUR]

    Parameters
    ----------
    ends
        Draws that end; those in which the amount is finite by default. [bool]
    """
    ends = np.isfinite(values) if ends is None else ends
    kept = np.sort(values[ends])
    found = {name: quantile_of(kept, p) for name, p in _QUANTILES.items()}
    errors = {name: error_of_quantile(kept, p) for name, p in _QUANTILES.items()}
    mean = float(np.mean(kept, dtype=float)) if len(kept) else math.inf
    sd = float(np.std(kept, dtype=float)) if len(kept) > 1 else math.inf
    errors |= {"mean": sd / math.sqrt(max(len(kept), 1))}
    odds = float(np.mean(values > NOTHING_EUR))
    return Measure(mean, **found, se=errors, odds=odds, share_never=1 - len(kept) / len(values))


def allocated(forecast: Forecast) -> dict[str, float]:
    """What is allocated to each line that may be spent: without the provision. [EUR]"""
    return {k: eur for k, eur in forecast.plan.allocations.items() if k != PROVISION}


def overrun_odds(forecast: Forecast) -> dict[str, float]:
    """Odds that each allocated line costs more than it has; a draw that never ends does. [1]"""
    return {
        name: float(np.mean(forecast.lines[name] > eur + NOTHING_EUR)) if name in forecast.lines else 0.0
        for name, eur in allocated(forecast).items()
    }  # fmt: skip


def total_overrun_odds(forecast: Forecast) -> float | None:
    """Odds that the whole costs more than all that is allocated, or the target. [1]"""
    whole = sum(forecast.plan.allocations.values()) or forecast.plan.envelope_eur
    if whole is None:
        return None
    return float(np.mean(forecast.values["cost_eur"] > whole + NOTHING_EUR))


def cover(forecast: Forecast) -> Cover | None:
    """What covers the lines that exceed their allocations; None where no line has one.

    A line without an allocation beside others that have one has nothing: all of it needs cover.
    """
    given = allocated(forecast)
    if not given or not forecast.lines:
        return None
    names = sorted(forecast.lines.keys() | given.keys())
    nothing = np.zeros(forecast.draws)
    above = [np.asarray(forecast.lines.get(k, nothing), float) - given.get(k, 0.0) for k in names]
    overrun = sum((np.maximum(eur, 0.0) for eur in above), nothing)
    spare = sum((np.maximum(-eur, 0.0) for eur in above), nothing)
    transferred = np.minimum(overrun, spare)
    beyond = overrun - transferred
    drawn = np.minimum(beyond, forecast.plan.allocations.get(PROVISION, 0.0))
    return Cover(overrun, transferred, drawn, beyond - drawn)


def drawn_above_likely(forecast: Forecast) -> Measure | None:
    """What is spent above the likely plan and drawn on the provision. [EUR]

    None without a provision, and where the likely plan never ends.
    """
    provision, likely = forecast.plan.allocations.get(PROVISION), forecast.likely["cost_eur"]
    if not provision or math.isinf(likely):
        return None
    cost = forecast.values["cost_eur"]
    return measure(np.clip(cost - likely, 0.0, provision), np.isfinite(cost))


def by_year(forecast: Forecast, kind: str) -> dict[int, Measure]:
    """Commitments (``ae``) or payments (``cp``) of each budget year. [EUR]"""
    rows = forecast.by_year(kind) if forecast.years else ()
    return dict(zip(forecast.years, map(measure, rows), strict=True))


def cumulated(forecast: Forecast, kind: str) -> dict[int, Measure]:
    """Commitments or payments from the start to the end of each budget year. [EUR]"""
    rows = np.cumsum(forecast.by_year(kind), axis=0) if forecast.years else ()
    return dict(zip(forecast.years, map(measure, rows), strict=True))


def years_shown(forecast: Forecast) -> tuple[int, ...]:
    """Budget years without the last ones, in which next to nothing is committed or paid."""
    kinds = [by_year(forecast, kind) for kind in ("ae", "cp")]
    spent = {year: max(rows[year].mean for rows in kinds) for year in forecast.years}
    least, shown = LEAST_SHARE * sum(spent.values()), list(spent)
    while shown and spent[shown[-1]] < least:
        shown.pop()
    return tuple(shown)


def next_year(forecast: Forecast) -> int | None:
    """Budget year after that of the newest fact, or of the start; the last one if all are over.

    Never the clock's: the same inputs give the same year.
    """
    plan, years = forecast.plan, years_shown(forecast)
    newest = max((fact.date.year for fact in plan.facts or ()), default=plan.start.year)
    later = [year for year in years if year > newest]
    return later[0] if later else years[-1] if years else None


def perimeters(forecast: Forecast) -> dict[str, Measure]:
    """Envelope, full cost, spending avoided and the steady month, as far as they were worked out. [EUR]"""
    known = {*forecast.values, *forecast.detail}
    return {
        name: measure(forecast.series(quantity))
        for name, quantity in PERIMETERS.items()
        if quantity in known
    }


def as_data(forecast: Forecast) -> dict[str, dict]:
    """The whole as plain values: ``budget``, ``years`` and ``perimeters``."""
    lines = {
        name: {"allocated": eur, "p_overrun": p, "se": {"p_overrun": forecast.odds_error(p)}}
        for (name, eur), p in zip(
            allocated(forecast).items(), overrun_odds(forecast).values(), strict=True
        )
    }
    budget: dict = {"lines": lines}
    found = cover(forecast)
    if found is not None:
        budget |= {name: asdict(m) for name, m in found.measures.items()}
        odds = {"transfers_suffice": found.p_transfers, "covered": found.p_all}
        budget |= odds | {"se": {k: forecast.odds_error(p) for k, p in odds.items()}}
    drawn = drawn_above_likely(forecast)
    if drawn is not None:
        budget["provision_drawn_above_likely"] = asdict(drawn)
    kinds = {kind: by_year(forecast, kind) for kind in ("ae", "cp")}
    years = {
        year: {kind: asdict(rows[year]) for kind, rows in kinds.items()}
        for year in years_shown(forecast)
    }
    around = {
        name: asdict(m) | {"likely": forecast.likely[PERIMETERS[name]]}
        for name, m in perimeters(forecast).items()
    }
    return {"budget": budget, "years": years, "perimeters": around}
