"""Spending as of a date: committed and paid by line, what is still to come, and the years so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdhplan.actuals import Spent, spent
from hdhplan.budget import Measure, allocated, cumulated, measure
from hdhplan.forecast import Forecast
from hdhplan.rates import PROVISION

#: Name of the sum of all lines.
TOTAL = "total"


@dataclass(frozen=True)
class LineSpending:
    """One budget line of the envelope, or their sum. [EUR]

    Parameters
    ----------
    allocated
        What it has; of the sum with the provision. None where nothing is allocated.
    paid_until
        Day of the last payment, up to which it costs what was paid; None where nothing was paid.
    to_commit, to_pay
        What is still to be committed (AE) and paid (CP) until the end, over the draws that end.
    whole
        What it costs in the end.
    """

    name: str
    allocated: float | None
    committed: float
    paid: float
    paid_until: dt.date | None
    to_commit: Measure
    to_pay: Measure
    whole: Measure


@dataclass(frozen=True)
class YearSoFar:
    """What was committed and paid by the data date in one budget year. [EUR]"""

    year: int
    committed: float
    paid: float


def spending(forecast: Forecast) -> tuple[LineSpending, ...]:
    """Each line and their sum, the last; empty where nothing is known.

    Means add up, because all are over the same draws.
    """
    if forecast.progress is None:
        return ()
    known = spent(forecast.plan, forecast.progress)
    ends, given = np.isfinite(forecast.values["cost_eur"]), allocated(forecast)
    found, commits = [], np.zeros(forecast.draws)
    for name in sorted({*forecast.lines, *given, *known}):
        now = known.get(name, Spent((), ()))
        whole = forecast.lines.get(name, np.zeros(forecast.draws))
        later = np.maximum(whole - now.committed, 0.0)
        commits = commits + later
        found.append(_line(forecast, name, given.get(name), now, (later, whole), ends))
    found.sort(key=lambda line: (-line.whole.mean, line.name))
    every = Spent(
        tuple(order for now in known.values() for order in now.orders),
        tuple(payment for now in known.values() for payment in now.payments),
    )
    limit = sum(given.values()) + forecast.plan.allocations.get(PROVISION, 0.0)
    cost = (commits, forecast.values["cost_eur"])
    limit = limit or forecast.plan.envelope_eur
    return (*found, _line(forecast, TOTAL, limit, every, cost, ends))


def _line(
    forecast: Forecast, name: str, given: float | None, now: Spent, draws: tuple[NDArray, NDArray],
    ends: NDArray,
) -> LineSpending:  # fmt: skip
    """One line of which ``draws`` are to be committed, and cost in all. [EUR]"""
    later, whole = draws
    until = None if now.paid_until is None else forecast.date_of(now.paid_until)
    return LineSpending(
        name, given, now.committed, now.paid, until,
        measure(later, ends), measure(whole - now.paid, ends), measure(whole, ends),
    )  # fmt: skip


def years_so_far(forecast: Forecast) -> tuple[YearSoFar, ...]:
    """Orders and payments by the budget year that they count in, up to that of the data date."""
    known = spent(forecast.plan, forecast.progress)
    if not known:
        return ()
    start, closings = forecast.plan.start, forecast.plan.closings
    found, year, before = [], start.year, (0.0, 0.0)
    last = max(day for now in known.values() for day, _ in (*now.orders, *now.payments))
    while True:
        commits, pays = (
            float((dt.date.fromisoformat(f"{year}-{day}") - start).days + 1)
            for day in (closings.commitments, closings.payments)
        )
        now = (
            sum(line.committed_by(commits) for line in known.values()),
            sum(line.paid_by(pays) for line in known.values()),
        )
        found.append(YearSoFar(year, now[0] - before[0], now[1] - before[1]))
        if min(commits, pays) >= last:
            return tuple(found)
        year, before = year + 1, now


def spent_path(forecast: Forecast, kind: str) -> tuple[NDArray, NDArray]:
    """Days of orders (``ae``) or payments (``cp``), and what they add up to, until the data date. [d], [EUR]"""
    known = spent(forecast.plan, forecast.progress)
    pick = "orders" if kind == "ae" else "payments"
    rows = sorted(row for now in known.values() for row in getattr(now, pick))
    sums = np.cumsum([0.0, *(eur for _, eur in rows), 0.0])
    return np.array([0.0, *(day for day, _ in rows), forecast.progress.now]), sums


def to_come(forecast: Forecast, kind: str) -> list[tuple[float, Measure]]:
    """Closings after the data date, and what is committed or paid since the start by each. [d], [EUR]"""
    plan, now = forecast.plan, forecast.progress.now
    closes = plan.closings.commitments if kind == "ae" else plan.closings.payments
    found = []
    for year, sums in cumulated(forecast, kind).items():
        day = float((dt.date.fromisoformat(f"{year}-{closes}") - plan.start).days + 1)
        if day > now:
            found.append((day, sums))
    return found


def as_data(forecast: Forecast) -> dict[str, Any]:
    """Lines, their sum and the years so far, as plain values."""
    found = spending(forecast)
    rows = {line.name: {k: v for k, v in asdict(line).items() if k != "name"} for line in found}
    years = {y.year: {"committed": y.committed, "paid": y.paid} for y in years_so_far(forecast)}
    target = forecast.plan.target
    return {
        "vat": target.vat if target else None,
        "total": rows.pop(TOTAL, None),
        "lines": rows,
        "years": years,
    }
