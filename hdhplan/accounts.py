"""Accounts: what each rate and risk has accrued by a day; by line, by budget year, by perimeter.

AE (autorisations d'engagement) count in the year in which money is committed, CP (crédits de
paiement) in the year in which it is paid. Both add up to the cost, and AE never come after CP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from hdhplan.costs import Bill, Consumed, Stock, consumed, monthly, priced, waived
from hdhplan.inputs import Sample
from hdhplan.model import Model
from hdhplan.timeline import Dates
from hdhplan.units import DAYS_PER_MONTH, DAYS_PER_YEAR, NEVER_DAY

#: Years of running that the full cost adds to the build, as DINUM counts it.
RUNNING_YEARS = 2


@dataclass(frozen=True)
class Account:
    """Money of one rate or risk, accrued by a day. [EUR] and [d]

    ``begin`` is when spending begins, ``committed`` when the whole is committed (None: year by
    year), ``paid_after`` the time from the service to its payment.
    """

    line: str
    accrued: Consumed
    begin: NDArray | float
    committed: NDArray | None = None
    paid_after: float = 0.0


def envelope(
    model: Model, sample: Sample, dates: Dates, stocks: Mapping[str, Stock]
) -> Iterator[Account]:
    """Accounts of the rates and risks that count in the envelope."""
    for bill in model.bills:
        if bill.rate.envelope:
            yield from _of_bill(model, sample, dates, stocks, bill)
    for name, driver in model.inputs.active.items():
        if driver.cost is not None:
            yield _of_risk(model, sample, dates, name)


def _of_bill(model: Model, sample: Sample, dates: Dates, stocks, bill: Bill) -> Iterator[Account]:
    rate = bill.rate
    price, later = _prices(sample, bill)
    committed = dates.finish_day(rate.commit).astype(float) if rate.commit else None
    after = rate.paid_after.likely if rate.paid_after else 0.0
    off = waived(bill, dates)
    for weight, begin, q in consumed(model.plan, bill, dates, stocks):
        money = priced(model.plan, bill, price, later, weight, q)
        if off is not None:
            money = lambda day, money=money: money(day) * ~off  # noqa: E731
        yield Account(rate.line or "other", money, begin, committed, after)


def _prices(sample: Sample, bill: Bill) -> tuple[NDArray, list[NDArray]]:
    """Price of a rate and its later ones, drivers included. [EUR]"""
    path, factor = f"rates.{bill.rate.id}", sample.factor("rates", bill.rate.id)
    factor = 1.0 if factor is None else factor

    def one(name: str) -> NDArray:
        return np.asarray(sample[f"{path}.{name}"], dtype=float) * factor

    return one("amount_eur"), [one(f"prices.{i}.amount_eur") for i in range(len(bill.rate.prices))]


def _of_risk(model: Model, sample: Sample, dates: Dates, name: str) -> Account:
    """Cost of a driver that happens, due when the first task that it is on is finished."""
    tasks = [e.id for e in model.inputs.effects if e.driver == name and e.kind == "tasks"]
    due = dates.finish_day(tasks[0]).astype(float) if tasks else 0.0
    amount = np.asarray(sample[f"drivers.{name}.cost"], dtype=float) * sample.happened(name)
    amount = amount * model.risk_vat[name]
    line = model.plan.drivers[name].line or "other"
    return Account(line, lambda day: amount * (day >= due), due)


def by_line(accounts: Sequence[Account], end: NDArray) -> dict[str, NDArray]:
    """Cost of each budget line until the end. [EUR]"""
    lines: dict[str, NDArray] = {}
    for account in accounts:
        total = account.accrued(end) + np.zeros(end.shape)
        lines[account.line] = lines[account.line] + total if account.line in lines else total
    return lines


@dataclass(frozen=True)
class BudgetYear:
    """A budget year: the last instants to commit and to pay in it, and its end. [d]"""

    year: int
    commits: float
    pays: float
    over: float


def by_year(
    model: Model, accounts: Sequence[Account], end: NDArray
) -> dict[str, NDArray]:  # fmt: skip
    """AE and CP of each budget year, as ``ae.2027`` and ``cp.2027``. [EUR]"""
    found: dict[str, NDArray] = {}
    years = budget_years(model, accounts, end)
    for account in accounts:
        total = account.accrued(end)
        committed = paid = np.zeros(end.shape)
        for year in years:
            now, now_paid = by_closing(account, end, year)
            for key, money in (("ae", now - committed), ("cp", now_paid - paid)):
                key = f"{key}.{year.year}"
                found[key] = found[key] + money if key in found else money + np.zeros(end.shape)
            committed, paid = now, now_paid
            if np.array_equal(paid, total):
                break  # nothing of it is left for later years
    return {key: money for key, money in found.items() if money.any()}


def by_closing(account: Account, end: NDArray, year: BudgetYear) -> tuple[NDArray, NDArray]:
    """What an account has committed and paid since the start by the closing of a budget year. [EUR]"""
    spent = account.accrued(np.minimum(end, year.over))
    paid = account.accrued(np.clip(end, 0.0, max(year.pays - account.paid_after, 0.0)))
    committed = np.where(account.begin <= year.commits, spent, 0.0)
    if account.committed is not None:
        whole = account.accrued(end)
        committed = np.maximum(committed, np.where(account.committed <= year.commits, whole, 0.0))
    return np.maximum(committed, paid), paid


def budget_years(
    model: Model, accounts: Sequence[Account], end: NDArray, least: float = 0.0
) -> list[BudgetYear]:
    """Years until all is paid, and at least until a day."""
    start, closings = model.plan.start, model.plan.closings
    ending = end[end < NEVER_DAY / 2]
    last = float(ending.max()) if ending.size else 0.0
    last = max(last + max((account.paid_after for account in accounts), default=0.0), least)

    def over(year: int, day: str) -> float:
        return float((date.fromisoformat(f"{year}-{day}") - start).days + 1)

    years: list[BudgetYear] = []
    while not years or years[-1].commits < last or years[-1].pays < last:
        year = start.year + len(years)
        closes = over(year, closings.commitments), over(year, closings.payments)
        years.append(BudgetYear(year, *closes, over(year, "12-31")))
    return years


def perimeters(
    model: Model, sample: Sample, dates: Dates, stocks: Mapping[str, Stock], cost: NDArray, end: NDArray
) -> dict[str, NDArray]:  # fmt: skip
    """Full cost, steady-state cost a month, and spending at the source avoided. [EUR]

    The full cost is the build, inside and outside the envelope, and two years of running. What is
    avoided counts from the end of what is billed at the source until two years after the target
    date (of the plan's own end where there is none), so that an earlier departure avoids more.
    """
    target = model.plan.target
    finish = target.finish if target else None
    begun = float((finish - model.plan.start).days + 1) if finish else end
    horizon = begun + RUNNING_YEARS * DAYS_PER_YEAR
    build, steady, avoided = cost.copy(), np.zeros(end.shape), np.zeros(end.shape)
    for bill in model.bills:
        rate = bill.rate
        if not (rate.envelope or rate.existing):
            accounts = _of_bill(model, sample, dates, stocks, bill)
            build += sum(account.accrued(end) for account in accounts)
        if rate.running or rate.avoided:
            price, later = _prices(sample, bill)
            month = monthly(model.plan, bill, later[-1] if later else price, stocks)
            steady += month if rate.running else 0.0
            if rate.avoided:
                stop = dates.finish_day(bill.span[1]).astype(float) if bill.span[1] else end
                avoided += month * np.maximum(horizon - stop, 0.0) / DAYS_PER_MONTH
    running = steady * (RUNNING_YEARS * 12)
    return {
        "full_cost_eur": build + running, "steady_month_eur": steady, "avoided_eur": avoided
    }  # fmt: skip
