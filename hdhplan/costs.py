"""Costs: what each rate has consumed by a day, times its price.

Every rate bills a quantity that only grows: units once, days of a span, TB moved, TB·months of a
stock. ``Q(t)`` is what it has consumed by day t; money is price times Q, period by period where the
price changes. Totals are Q at the end, years are differences of Q between two days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.network import Network
from hdhplan.plan import Plan
from hdhplan.rates import Rate
from hdhplan.scope import ported_extra
from hdhplan.timeline import Dates
from hdhplan.units import DAYS_PER_MONTH, NEVER_DAY, WORKING_DAYS_PER_MONTH
from hdhplan.volumes import tier_share

#: Quantity consumed by a day, in every draw: ``Q(day) -> array``, float64.
Consumed = Callable[[NDArray], NDArray]


@dataclass(frozen=True)
class Stock:
    """One dataset in one block of draws. [d] and [TB]

    ``begin`` and ``end`` of its copy, ``freeze`` of its wave, ``erase`` from and ``gone``; what
    never happens is at `NEVER_DAY`.
    """

    volume: NDArray
    landed: NDArray
    rewritten_tb_per_day: NDArray | float
    begin: NDArray
    end: NDArray
    freeze: NDArray
    erase: NDArray
    gone: NDArray
    growth_tb_per_year: NDArray | float = 0.0


def ramp(day: NDArray, begin: NDArray, end: NDArray) -> NDArray:
    """Share that has gone evenly from one day to another by a day. [1]"""
    length = np.maximum(end - begin, 1e-12)
    return np.clip((day - begin) / length, 0.0, 1.0)


def ramp_integral(day: NDArray, begin: NDArray, end: NDArray) -> NDArray:
    """Integral of `ramp` from the start to a day. [d]"""
    inside = np.clip(day, begin, end) - begin
    length = np.maximum(end - begin, 1e-12)
    return inside**2 / (2 * length) + np.maximum(day - end, 0.0)


def moved_by(stock: Stock, day: NDArray) -> NDArray:
    """TB that have left the source by a day: the copy, then what is rewritten until the freeze. [TB]"""
    later = np.maximum(np.minimum(day, stock.freeze) - stock.begin, 0.0)
    return stock.landed * ramp(day, stock.begin, stock.end) + stock.rewritten_tb_per_day * later


def target_stock(stock: Stock, day: NDArray, until: NDArray) -> NDArray:
    """TB·days held at the target by a day; it rises as bytes land. [TB·d]"""
    return stock.landed * ramp_integral(np.minimum(day, until), stock.begin, stock.end)


def source_stock(stock: Stock, day: NDArray, until: NDArray) -> NDArray:
    """TB·days held at the source by a day; it falls evenly while it is erased. [TB·d]"""
    day = np.minimum(day, until)
    return stock.volume * (day - ramp_integral(day, stock.erase, stock.gone))


@dataclass(frozen=True)
class Bill:
    """One rate, ready to bill: its factor to the plan's VAT basis, its line and what it is on."""

    rate: Rate
    vat: float
    span: tuple[str | None, str | None]
    datasets: tuple[str, ...]
    projects: tuple[tuple[str, float], ...] = ()
    """Tasks of waves, and how many projects each stands for."""


def make_bills(plan: Plan, network: Network) -> tuple[Bill, ...]:
    """Resolve what each rate is on; refuse what is unknown, all at once."""
    faults: list[Fault] = []
    bills = [_bill(plan, network, rate, faults) for _, rate in sorted(plan.rates.items())]
    if faults:
        raise InputError(faults)
    return tuple(bill for bill in bills if bill)


def _bill(plan: Plan, network: Network, rate: Rate, faults: list[Fault]) -> Bill | None:
    def fault(step: str, found: str, limit: str = "", fix: str = "") -> None:
        path = f"rates.{rate.id}.{step}"
        faults.append(Fault(f"plan {plan.name}", None, path, found, limit, fix))

    if rate.until and rate.until != "dual_running" and rate.until not in network.nodes:
        fault("until", f"unknown task {rate.until!r}", "", nearest(rate.until, network.nodes))
    try:
        vat = vat_factor(plan, rate.vat)
    except ValueError as error:
        fault("vat", str(error), "one VAT basis, or a vat_rate", "add `vat_rate: 0.20` to the plan")
        return None
    for step, name in _tasks_named(rate):
        if name not in network.nodes:
            fault(step, f"unknown task {name!r}", "", nearest(name, network.nodes))
    if rate.per in ("TB", "TB_month"):
        return Bill(rate, vat, (None, None), _datasets(plan, rate, fault))
    if rate.per == "project":
        return Bill(rate, vat, (None, None), (), _projects(plan, network, rate, fault))
    if len(rate.on) > 2:
        fault("on", f"{len(rate.on)} tasks", "one task, or two: from and to")
    for name in rate.on:
        if name not in network.nodes:
            fault("on", f"unknown task {name!r}", "", nearest(name, network.nodes))
    span = (rate.on[0], rate.on[-1]) if rate.on else (None, None)
    return Bill(rate, vat, span, ())


def _tasks_named(rate: Rate) -> Iterator[tuple[str, str]]:
    """Tasks that decide when a rate is committed or waived."""
    if rate.commit:
        yield "commit", rate.commit
    if rate.waived:
        yield from (("waived.span", task) for task in rate.waived.span)


def _projects(plan: Plan, network: Network, rate: Rate, fault) -> tuple[tuple[str, float], ...]:
    """Tasks of waves that a rate per project is on, with their projects.

    Porting counts a project that goes over by dual write with its extra work.
    """
    found: dict[str, float] = {}
    for asked in rate.on or ("*.cutover",):
        hits = [
            k
            for k, n in network.nodes.items()
            if n.wave and fnmatchcase(k, asked) and not n.dataset
        ]
        if not hits:
            limit = "tasks of waves, as w*.port or w*.cutover"
            fault("on", f"no task of a wave is {asked!r}", limit, nearest(asked, network.nodes))
        for task in hits:
            node = network.nodes[task]
            extra = ported_extra(plan.waves[node.wave]) if node.kind == "port" else 0.0
            found[task] = plan.waves[node.wave].projects + extra
    return tuple(found.items())


def _datasets(plan: Plan, rate: Rate, fault) -> tuple[str, ...]:
    found: list[str] = []
    for asked in rate.on or ("*",):
        hits = [name for name in plan.datasets if fnmatchcase(name, asked)]
        if not hits:
            fault("on", f"unknown dataset {asked!r}", "", nearest(asked, plan.datasets))
        found += hits
    moves = {name for name, data in plan.datasets.items() if not data.excluded and data.route}
    there = {name for name, data in plan.datasets.items() if data.at_source}
    held = moves if rate.at == "target" or rate.per == "TB" else there
    return tuple(sorted(set(found) & held))


def vat_factor(plan: Plan, vat: str | None) -> float:
    """Factor from a rate's VAT basis to the plan's. [1]"""
    basis = plan.target.vat if plan.target else None
    if vat in (None, "none") or basis is None or vat == basis:
        return 1.0
    if plan.vat_rate is None:
        raise ValueError(f"{vat} where the target is {basis}")
    return 1 + plan.vat_rate if basis == "TTC" else 1 / (1 + plan.vat_rate)


def consumed(
    plan: Plan, bill: Bill, dates: Dates, stocks: Mapping[str, Stock]
) -> Iterator[tuple[float, NDArray | float, Consumed]]:
    """What a bill has consumed by a day, in parts: a weight, the day it begins, and Q(t)."""
    rate = bill.rate
    if rate.per == "project":
        for task, projects in bill.projects:
            due = dates.finish_day(task).astype(float)
            yield projects, due, _once(due)
        return
    if rate.per not in ("TB", "TB_month"):
        yield 1.0, *_span_clock(bill, dates)
        return
    for name in bill.datasets:
        stock, data = stocks[name], plan.datasets[name]
        share = tier_share(data, rate.tiers)
        if not share:
            continue
        if rate.per == "TB":
            yield share, stock.begin, lambda day, stock=stock: moved_by(stock, day)
            continue
        until = _until(rate, data.wave or "", dates)
        held = target_stock if rate.at == "target" else source_stock
        yield (
            share / DAYS_PER_MONTH,
            stock.begin if rate.at == "target" else 0.0,
            lambda day, stock=stock, until=until, held=held: held(stock, day, until),
        )


def _until(rate: Rate, wave: str, dates: Dates) -> NDArray | float:
    if rate.until is None:
        return np.inf
    task = f"{wave}.dual_running" if rate.until == "dual_running" else rate.until
    return dates.finish_day(task).astype(float) if task in dates.finish else np.inf


def _once(due: NDArray | float) -> Consumed:
    return lambda day: (day >= due).astype(float)


def _span_clock(bill: Bill, dates: Dates) -> tuple[NDArray | float, Consumed]:
    """Begin of a span, and its days, working days or months passed by a day; or 1 once it is over."""
    first, last = bill.span
    begin = 0.0 if first is None else dates.start_day(first).astype(float)
    over = np.inf if last is None else dates.finish_day(last).astype(float)
    if bill.rate.per == "once":
        due = 0.0 if last is None else over
        return due, _once(due)
    scale = 1 / DAYS_PER_MONTH if bill.rate.per == "month" else 1.0
    france = dates.schedule.france

    def clock(day: NDArray) -> NDArray:
        inside = np.clip(day, begin, np.maximum(over, begin))
        if bill.rate.per == "wd":
            return france.worked(inside) - france.worked(inside * 0 + begin)
        return (inside - begin) * scale

    return begin, clock


def waived(bill: Bill, dates: Dates) -> NDArray | None:
    """Draws in which a charge is waived; None where nothing waives it. [bool]"""
    if bill.rate.waived is None:
        return None
    (first, last), within = bill.rate.waived.span, bill.rate.waived.within.likely
    took = dates.finish_day(last) - dates.start_day(first)
    return (took <= within) & (dates.finish_day(last) < NEVER_DAY / 2)


def monthly(plan: Plan, bill: Bill, price: NDArray, stocks: Mapping[str, Stock]) -> NDArray:
    """What a rate comes to in a month once all has landed. [EUR/month]"""
    rate = bill.rate
    units: NDArray | float = {"d": DAYS_PER_MONTH, "wd": WORKING_DAYS_PER_MONTH, "month": 1.0}.get(
        rate.per, 0.0
    )
    for name in bill.datasets:
        share = tier_share(plan.datasets[name], rate.tiers)
        held = stocks[name].landed if rate.at == "target" else stocks[name].volume
        units = units + share * held
    return price * bill.vat * rate.quantity * units


def priced(
    plan: Plan, bill: Bill, price: NDArray, later: list[NDArray], weight: float, q: Consumed
) -> Consumed:
    """Money accrued by a day: price times Q, period by period where the price changes. [EUR]"""
    rate = bill.rate
    factor = weight * bill.vat * rate.quantity
    turns = [float((dated.from_ - plan.start).days) for dated in rate.prices]
    steps = sorted(zip(turns, later, strict=True), key=lambda pair: pair[0])
    # The latest price that is no younger than the plan is its first.
    while steps and steps[0][0] <= 0:
        price = steps.pop(0)[1]

    def money(day: NDArray) -> NDArray:
        if not steps:
            return price * factor * q(day)
        total, now, begin = 0.0, price, None
        for turn, after in [*steps, (np.inf, None)]:
            upto = q(np.minimum(day, turn))
            total = total + now * factor * (upto if begin is None else upto - begin)
            begin, now = upto, after
        return total

    return money
