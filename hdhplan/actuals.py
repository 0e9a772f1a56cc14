"""Actual cost to date and forecast to go: orders and invoices take the place of the model's past.

A line with payments has cost what was paid up to its last payment, and costs from there on what the
model pays later. So its cost is the model's, moved by what was paid more or less than the model
pays by that day. A line without payments keeps the model throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.accounts import Account, BudgetYear, budget_years, by_closing
from hdhplan.accounts import by_line as modelled_by_line
from hdhplan.accounts import by_year as modelled_by_year
from hdhplan.costs import vat_factor
from hdhplan.model import Model
from hdhplan.plan import Plan
from hdhplan.progress import Progress, day_after


@dataclass(frozen=True)
class Spent:
    """Orders and payments of one line, each with the end of its day, in the plan's VAT basis. [d], [EUR]"""

    orders: tuple[tuple[float, float], ...]
    payments: tuple[tuple[float, float], ...]

    def committed_by(self, day: float) -> float:
        """Sum of the orders known by a day. [EUR]"""
        return sum((eur for known, eur in self.orders if known <= day), 0.0)

    def paid_by(self, day: float) -> float:
        """Sum of the payments known by a day. [EUR]"""
        return sum((eur for known, eur in self.payments if known <= day), 0.0)

    @property
    def committed(self) -> float:
        """Sum of all orders. [EUR]"""
        return self.committed_by(np.inf)

    @property
    def paid(self) -> float:
        """Sum of all payments. [EUR]"""
        return self.paid_by(np.inf)

    @property
    def paid_until(self) -> float | None:
        """The end of the day of the last payment; None where nothing was paid. [d]"""
        return max((day for day, _ in self.payments), default=None)


def spent(plan: Plan, progress: Progress | None) -> dict[str, Spent]:
    """What was ordered and paid by the data date on each line of the envelope that has any of it."""
    if progress is None:
        return {}
    rows: dict[str, tuple[list, list]] = {}
    lines = envelope_lines(plan)
    for fact in progress.state.live:
        if fact.kind != "invoices" or fact.subject not in lines:
            continue
        day, factor = day_after(plan, fact.date), vat_factor(plan, str(fact.given["vat"]))
        into = rows.setdefault(fact.subject, ([], []))
        for kind, name in enumerate(("committed_eur", "paid_eur")):
            if eur := float(fact.given.get(name, 0.0)):
                into[kind].append((day, eur * factor))
    return {
        line: Spent(tuple(orders), tuple(payments))
        for line, (orders, payments) in rows.items()
        if orders or payments
    }


def envelope_lines(plan: Plan) -> set[str]:
    """Budget lines whose money counts in the envelope."""
    rates = {rate.line or "other" for rate in plan.rates.values() if rate.envelope}
    risks = {driver.line or "other" for driver in plan.drivers.values() if driver.cost}
    return rates | risks | set(plan.allocations)


def by_line(model: Model, accounts: Sequence[Account], end: NDArray) -> dict[str, NDArray]:
    """Cost of each budget line until the end: paid to date, then the forecast to go. [EUR]"""
    lines = modelled_by_line(accounts, end)
    for line, known in spent(model.plan, model.progress).items():
        if known.payments:
            own = [account for account in accounts if account.line == line]
            lines[line] = _paid_by(known, own, end, np.inf)
    return lines


def incurred_by_line(
    model: Model, accounts: Sequence[Account], end: NDArray
) -> dict[str, NDArray]:  # fmt: skip
    """What each line with payments has cost by the data date: paid, and served since, by the model. [EUR]"""
    found = {}
    for line, known in spent(model.plan, model.progress).items():
        if not known.payments:
            continue
        found[line] = np.full(end.shape, known.paid)
        for account in accounts:
            if account.line == line:
                found[line] += account.accrued(np.minimum(end, model.progress.now))
                found[line] -= account.accrued(_served(account, end, known.paid_until))
    return found


def _paid_by(known: Spent, accounts: Sequence[Account], end: NDArray, day: float) -> NDArray:
    """What is paid on a line by a day: as invoiced up to the last payment, then by the model. [EUR]"""
    last = known.paid_until if known.payments else -np.inf
    total = np.full(end.shape, known.paid_by(day))
    for account in accounts if day >= last else ():
        later = account.accrued(_served(account, end, day))
        total += later - account.accrued(_served(account, end, last)) if known.payments else later
    return total


def _served(account: Account, end: NDArray, day: float) -> NDArray:
    """Day up to which what is paid by a day was served. [d]"""
    return np.clip(end, 0.0, max(day - account.paid_after, 0.0))


def by_year(model: Model, accounts: Sequence[Account], end: NDArray) -> dict[str, NDArray]:
    """AE and CP of each budget year, as ``ae.2027`` and ``cp.2027``. [EUR]

    On a line with orders or payments, commitments are the orders, and from the data date on at
    least what the model commits, moved as its cost is: an order covers what comes next.
    """
    facts = spent(model.plan, model.progress)
    found = modelled_by_year(model, [a for a in accounts if a.line not in facts], end)
    for line, known in facts.items():
        own = [account for account in accounts if account.line == line]
        days = [day for day, _ in (*known.orders, *known.payments)]
        committed = paid = np.zeros(end.shape)
        for year in budget_years(model, own, end, max(days)):
            now_paid = _paid_by(known, own, end, year.pays)
            now = _committed_by(model, known, own, end, year, now_paid)
            for key, money in (("ae", now - committed), ("cp", now_paid - paid)):
                key = f"{key}.{year.year}"
                found[key] = found.get(key, 0.0) + money
            committed, paid = now, now_paid
    return {key: money for key, money in found.items() if money.any()}


def _committed_by(
    model: Model, known: Spent, accounts: Sequence[Account], end: NDArray, year: BudgetYear,
    paid: NDArray,
) -> NDArray:  # fmt: skip
    """What is committed on a line by the closing of a budget year: never less than paid. [EUR]"""
    whole = _paid_by(known, accounts, end, np.inf)
    now = np.full(end.shape, known.committed_by(year.commits))
    if year.commits > model.progress.now:
        planned = sum(
            (by_closing(account, end, year)[0] for account in accounts), np.zeros(end.shape)
        )
        total = sum((account.accrued(end) for account in accounts), np.zeros(end.shape))
        now = np.maximum(now, planned + (whole - total))
    return np.clip(now, paid, whole)


def paid_by_line(plan: Plan, progress: Progress | None) -> dict[str, float]:
    """What was paid by line of the envelope, in the plan's VAT basis. [EUR]"""
    return {line: known.paid for line, known in spent(plan, progress).items() if known.payments}
