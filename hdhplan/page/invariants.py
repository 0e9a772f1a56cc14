"""What must hold of any forecast, checked before a page is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hdhplan.budget import cover
from hdhplan.forecast import Forecast
from hdhplan.result import RESULT_MIME

_CLOSE = {"rtol": 1e-6, "atol": 0.01}
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Result:
    """All numbers of a page: one JSON value for programs, for people what was checked."""

    data: dict
    checked: tuple[str, ...]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict:
        return {RESULT_MIME: self.data, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return "\n".join(f"✓ {what}" for what in self.checked)


def check_invariants(forecast: Forecast) -> tuple[str, ...]:
    """Check what must hold of any forecast.

    Returns
    -------
    tuple of str
        What was checked.

    Raises
    ------
    AssertionError
        Naming what does not hold.
    """
    cost = forecast.values["cost_eur"]
    ends, likely = np.isfinite(cost), forecast.likely["cost_eur"]
    odds = {k: p for k, p in forecast.odds.items() if p is not None}
    laws = {
        "lines add up to the cost in every draw": not forecast.lines
        or np.allclose(sum(forecast.lines.values())[ends], cost[ends], **_CLOSE),
        "commitments of all years add up to the cost in every draw": _adds_up(forecast, "ae"),
        "payments of all years add up to the cost in every draw": _adds_up(forecast, "cp"),
        "nothing is paid before it is committed": _committed_first(forecast),
        "lines of the likely plan add up to its cost": not math.isfinite(likely)
        or math.isclose(sum(forecast.likely_lines.values()), likely, rel_tol=1e-6, abs_tol=0.01),
        "quantiles ascend": all(
            (q := [forecast.quantile(name, p) for p in (0.1, 0.5, 0.8, 0.9)]) == sorted(q)
            for name in forecast.quantities
        ),
        "tasks start before they finish, and their quantiles ascend": all(
            list(s[k]) == sorted(s[k]) and s["start"][0] <= s["finish"][0] + 1e-3
            for s in forecast.spread.values() for k in ("start", "finish")
        ),
        "odds lie between 0 and 1": all(0 <= p <= 1 for p in odds.values()),
        "both hold no more often than each": "both" not in odds
        or odds["date"] + odds["budget"] - 1 - 1e-9 <= odds["both"]
        <= min(odds["date"], odds["budget"]),
        "what limits a copy adds up to all draws": all(
            math.isclose(sum(shares.values()), 1, abs_tol=1e-6)
            for shares in forecast.bottleneck.values() if shares
        ),
        "overruns of lines are covered by transfers, the provision or nothing": _covered(forecast),
        "nothing is uncovered where the cost holds within all allocations": _held(forecast),
        "the full cost holds the envelope": _full_cost(forecast),
        "exposure is never negative": bool((forecast.exposure_path.p10 >= -1e-6).all()),
    }  # fmt: skip
    odds_of_all = [odds[k] for k in ("both", "continuity") if k in odds]
    laws["all hold no more often than each"] = "all" not in odds or (
        sum(odds_of_all) - 1 - 1e-9 <= odds["all"] <= min(odds_of_all)
    )
    for what, holds in laws.items():
        if not holds:
            raise AssertionError(f"broken: {what}")
    return tuple(laws)


def _adds_up(forecast: Forecast, kind: str) -> bool:
    """Whether the budget years of the first draws add up to their cost."""
    if not forecast.years:
        return True
    total = forecast.by_year(kind).sum(axis=0)
    cost = forecast.values["cost_eur"][: len(total)]
    ends = np.isfinite(cost)
    return bool(np.allclose(total[ends], cost[ends], **_CLOSE))


def _committed_first(forecast: Forecast) -> bool:
    """Whether what is committed by the end of each year covers what is paid."""
    if not forecast.years:
        return True
    ends = np.isfinite(forecast.by_year("ae")).all(axis=0)
    committed, paid = (forecast.by_year(k)[:, ends].cumsum(axis=0) for k in ("ae", "cp"))
    return bool((committed - paid >= -_CLOSE["atol"] - 1e-6 * np.abs(paid)).all())


def _covered(forecast: Forecast) -> bool:
    """Whether what covers the lines adds up to what they exceed, in every draw that ends."""
    found = cover(forecast)
    if found is None:
        return True
    ends = np.isfinite(found.overrun)
    parts = (found.transferred, found.from_provision, found.uncovered)
    whole = np.add.reduce(parts)[ends]
    return min(map(np.min, parts)) >= 0 and np.allclose(whole, found.overrun[ends], **_CLOSE)


def _held(forecast: Forecast) -> bool:
    """Whether what is uncovered is what the cost exceeds all allocations by."""
    found = cover(forecast)
    if found is None:
        return True
    cost = np.asarray(forecast.values["cost_eur"], float)
    above = np.maximum(cost - sum(forecast.plan.allocations.values()), 0.0)
    ends = np.isfinite(cost)
    # Sums in another order: a difference of two large amounts is known to theirs.
    return bool((np.abs(above - found.uncovered)[ends] <= _ROUNDING * cost[ends] + 0.01).all())


def _full_cost(forecast: Forecast) -> bool:
    """Whether the full cost of the first draws is at least their envelope."""
    full = forecast.detail.get("full_cost_eur")
    if full is None:
        return True
    cost = forecast.values["cost_eur"][: len(full)]
    return bool((full >= cost * (1 - _ROUNDING) - 0.01).all())
