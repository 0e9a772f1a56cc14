"""One block of draws: volumes, transfer, timeline and costs together, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count

import numpy as np
from numpy.typing import NDArray

from hdhplan.costs import Stock, consumed, priced, ramp, ramp_integral
from hdhplan.floats import Backfilled
from hdhplan.hauling import Hauling
from hdhplan.inputs import Sample
from hdhplan.model import Model
from hdhplan.timeline import MOVED, Crew, Dates, InOrder, critical, run
from hdhplan.units import DAYS_PER_YEAR, NEVER_DAY, PB_PER_TB
from hdhplan.volumes import archive_share


@dataclass
class Outcome:
    """What came of one block. Days, EUR (float64), PB·days, project-days; never is infinite."""

    size: int
    values: dict[str, NDArray]
    lines: dict[str, NDArray]
    years: dict[int, NDArray]
    binds: dict[str, NDArray]
    dates: Dates = field(repr=False)
    works: dict[str, NDArray] = field(repr=False)
    ends: dict[str, NDArray] = field(repr=False)
    stocks: dict[str, Stock] = field(repr=False)
    end: NDArray = field(repr=False)

    def readable_pb(self, model: Model, day: float, keep: int) -> NDArray:
        """Volume still readable at the source on a day, in the first draws. [PB]"""
        total = np.zeros(keep)
        for name, data in sorted(model.plan.datasets.items()):
            if data.at_source:
                stock = self.stocks[name]
                grown_by = stock.growth_tb_per_year * min(day, 1e5) / DAYS_PER_YEAR
                left = 1 - ramp(np.float64(day), stock.erase[:keep], stock.gone[:keep])
                total += (
                    stock.volume[:keep] + np.broadcast_to(grown_by, stock.volume.shape)[:keep]
                ) * left
        return total * PB_PER_TB

    def critical(self) -> dict[str, NDArray]:
        """Draws in which each task is critical."""
        return critical(self.dates, self.works, self.ends)


def run_block(
    model: Model, sample: Sample, years: bool = False, levelling: str = "in order"
) -> Outcome:
    """Run the four models on one block of draws.

    Parameters
    ----------
    levelling
        ``in order``: nobody overtakes; ``backfilled``: for one draw, gaps are used; ``none``.
    """
    works, delays, switched = _works(model, sample)
    hauling = Hauling(model, sample, works)
    _haul_works(model, sample, hauling, works)
    crew = _crew(model, sample, works, levelling)
    dates = run(model.schedule, sample.full(0), works, delays, hauling.move, switched, crew)
    target = model.plan.target.milestone if model.plan.target else None
    closed = "closed" in model.network.nodes
    finish = None if target and closed else _plan_finish(model, dates)
    end = dates.finish_day("closed") if closed else finish
    goal = dates.finish_day(target) if target else finish
    stocks = _stocks(model, dates, hauling)
    values = {"finish_day": _surface(goal), "cost_eur": np.zeros(sample.size)}
    values["exposure_pb_days"] = _exposure(model, stocks, end)
    values |= _interruptions(model, sample, dates)
    values |= {name: _surface(dates.finish_day(name)) for name in model.kept}
    lines, by_year = _money(model, sample, dates, stocks, end, years)
    values["cost_eur"] = _with_never(sum(lines.values(), np.zeros(sample.size)), end)
    ends = {target: np.ones(sample.size, bool)} if target else _last(model, dates, finish)
    return Outcome(
        sample.size, values, {k: _with_never(v, end) for k, v in lines.items()}, by_year,
        hauling.binds, dates, works, ends, stocks, end,
    )  # fmt: skip


def _crew(model: Model, sample: Sample, works: dict, levelling: str) -> Crew | None:
    if levelling == "backfilled":
        return Backfilled(model.schedule, works)
    return InOrder(model.schedule, sample.full(0)) if levelling == "in order" else None


def _surface(array: NDArray) -> NDArray:
    """Show the sentinel of "never" as infinite."""
    never = array >= NEVER_DAY / 2
    return np.where(never, np.inf, array) if never.any() else array


def _with_never(money: NDArray, end: NDArray) -> NDArray:
    never = end >= NEVER_DAY / 2
    return np.where(never, np.inf, money) if never.any() else money


def _plan_finish(model: Model, dates: Dates) -> NDArray:
    finish = dates.finish_day(model.ends[0])
    for task in model.ends[1:]:
        finish = np.maximum(finish, dates.finish_day(task))
    return finish


def _last(model: Model, dates: Dates, finish: NDArray) -> dict[str, NDArray]:
    return {task: dates.finish_day(task) == finish for task in model.ends}


def _works(model: Model, sample: Sample) -> tuple[dict, dict, dict]:
    """Work of each task that has its own, its delays, and the draws in which it is on."""
    works, delays, switched = {}, {}, {}
    zero = sample.full(0)
    for task, node in model.network.nodes.items():
        if late := sample.delays(task):
            delays[task] = late
        if node.kind in MOVED or node.span:
            continue
        works[task] = zero
        if node.quantity is None:
            continue
        work = sample[node.path]
        work = work if node.scale == 1.0 else work * sample.dtype(node.scale)
        factor = sample.factor("tasks", task)
        work = work if factor is None else work * factor
        if node.only_if:
            switched[task] = sample.happened(node.only_if)
            work = np.where(switched[task], work, sample.dtype(0))
        works[task] = work if work.ndim else sample.full(work)
    return works, delays, switched


def _haul_works(model: Model, sample: Sample, hauling: Hauling, works: dict) -> None:
    """Work of what volumes set before the copy: rehydration, and plain tasks in TB."""
    for task, node in model.network.nodes.items():
        if node.kind == "rehydrate":
            asked = hauling.volume[node.dataset] * sample.dtype(
                archive_share(model.plan.datasets[node.dataset])
            )
            rate = sample[f"routes.{node.route}.rehydrate_tb_per_day"]
            works[task] = hauling.scaled(task, asked / rate)
        elif node.kind == "haul":
            works[task] = works[task] / hauling.haul_tb_per_day(node.route)


def _stocks(model: Model, dates: Dates, hauling: Hauling) -> dict[str, Stock]:
    never = np.full(next(iter(dates.finish.values())).shape, NEVER_DAY)
    found = {}
    for name, data in model.plan.datasets.items():
        erase = f"{data.erased_with or data.wave}.erase"
        cutover, copy, delta = f"{data.wave}.cutover", f"{name}.copy", f"{name}.delta"
        moves = copy in dates.finish
        last = cutover if cutover in dates.start else delta
        freeze = dates.start_day(last) if last == cutover else dates.finish.get(last)
        freeze = never if freeze is None else freeze
        erased = erase in dates.start
        found[name] = Stock(
            hauling.volume[name].astype(float),
            hauling.landed[name].astype(float) if moves else never * 0,
            hauling.rewritten[name] if moves and delta in dates.finish else 0.0,
            dates.start_day(copy).astype(float) if moves else never,
            dates.finish_day(copy).astype(float) if moves else never,
            freeze.astype(float),
            dates.start_day(erase).astype(float) if erased else never,
            dates.finish_day(erase).astype(float) if erased else never,
            hauling.growth[name],
        )
    return found


def _exposure(model: Model, stocks: Mapping[str, Stock], end: NDArray) -> NDArray:
    """Volume still readable at the source, integrated from the start until it is erased. [PB·d]

    What the plan never erases counts until its end.
    """
    total = np.zeros(end.shape)
    for name, data in sorted(model.plan.datasets.items()):
        if data.at_source:
            stock = stocks[name]
            until = np.where(stock.gone < NEVER_DAY / 2, stock.gone, end)
            grew = stock.growth_tb_per_year * until**2 / (2 * DAYS_PER_YEAR)
            falls = ramp_integral(until, stock.erase, stock.gone)
            held = stock.volume * (until - falls) + grew
            total += np.where(until >= NEVER_DAY / 2, np.inf, held * PB_PER_TB)
    return total


def _interruptions(model: Model, sample: Sample, dates: Dates) -> dict[str, NDArray]:
    """Project-days and critical-project days in which nobody can work. [d]"""
    total, critical_days = np.zeros(sample.size), np.zeros(sample.size)
    for w, wave in model.plan.waves.items():
        start, finish = dates.start_day(f"{w}.cutover"), dates.finish_day(f"{w}.cutover")
        happens = start < NEVER_DAY / 2  # a freeze that never happens interrupts nobody
        length = np.where(happens, finish - start, 0.0)
        short = sample.get(f"waves.{w}.cutover.dual_write") if wave.cutover.critical else length
        short = 0.0 if short is None else short * happens
        total += (wave.projects - wave.critical_projects) * length + wave.critical_projects * short
        critical_days += wave.critical_projects * short
    for _, gap in sorted(model.plan.interruptions.items()):
        begin = float((gap.from_ - model.plan.start).days)
        length = np.maximum(_surface(dates.finish_day(gap.until)) - begin, 0.0)
        # Nobody is interrupted by a gap without projects, even one that never ends.
        total += gap.projects * length if gap.projects else 0.0
        critical_days += gap.critical_projects * length if gap.critical_projects else 0.0
    return {"project_days_interrupted": total, "critical_days_interrupted": critical_days}


def _money(model: Model, sample: Sample, dates: Dates, stocks, end: NDArray, years: bool):
    """Cost in the envelope by line, until the end, and by calendar year if asked for. [EUR]"""
    plan, end = model.plan, end.astype(float)
    lines: dict[str, NDArray] = {}
    by_year: dict[int, NDArray] = {}
    turns = _new_years(plan.start, end) if years else []
    for line, money in _accounts(model, sample, dates, stocks):
        total = money(end) + np.zeros(sample.size)
        lines[line] = lines[line] + total if line in lines else total
        before = 0.0
        for year, turn in turns:
            upto = money(np.minimum(end, turn))
            spent = by_year.get(year, 0.0) + (upto - before)
            by_year[year], before = spent, upto
    return lines, {year: _with_never(v + np.zeros(sample.size), end) for year, v in by_year.items()}


def _accounts(model: Model, sample: Sample, dates: Dates, stocks):
    """Line and money accrued by a day, of each rate and risk in the envelope."""
    plan = model.plan
    for bill in model.bills:
        rate = bill.rate
        if not rate.envelope:
            continue
        price = np.asarray(sample[f"rates.{rate.id}.amount_eur"], dtype=float)
        factor = sample.factor("rates", rate.id)
        factor = 1.0 if factor is None else factor
        price = price * factor
        later = [
            np.asarray(sample[f"rates.{rate.id}.prices.{i}.amount_eur"], dtype=float) * factor
            for i in range(len(rate.prices))
        ]
        for weight, q in consumed(plan, bill, dates, stocks):
            yield rate.line or "other", priced(plan, bill, price, later, weight, q)
    for name, driver in model.inputs.active.items():
        if driver.cost is not None:
            yield driver.line or "other", _risk_cost(model, sample, dates, name)


def _risk_cost(model: Model, sample: Sample, dates: Dates, name: str):
    """Cost of a driver that happens, due when the first task that it is on is finished."""
    tasks = [e.id for e in model.inputs.effects if e.driver == name and e.kind == "tasks"]
    due = dates.finish_day(tasks[0]).astype(float) if tasks else 0.0
    amount = np.asarray(sample[f"drivers.{name}.cost"], dtype=float) * sample.happened(name)
    amount = amount * model.risk_vat[name]
    return lambda day: amount * (day >= due)


def _new_years(start: date, end: NDArray) -> list[tuple[int, float]]:
    """Calendar years until the last end, each with the day on which it is over. [d]"""
    ending = end[end < NEVER_DAY / 2]
    last = float(ending.max()) if ending.size else 0.0
    years = []
    for year in count(start.year):
        over = float((date(year + 1, 1, 1) - start).days)
        years.append((year, over))
        if over >= last:
            break
    return years
