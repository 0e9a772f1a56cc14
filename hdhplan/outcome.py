"""One block of draws: volumes, transfer, timeline and costs together, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hdhplan.accounts import envelope, perimeters
from hdhplan.actuals import by_line, by_year
from hdhplan.continuity import interruptions, tools_missing, turn_back_day
from hdhplan.costs import Stock
from hdhplan.exposure import double_held, exposed, landed_pb, last_copy, readable_pb, unqualified
from hdhplan.floats import Backfilled
from hdhplan.gating import gating
from hdhplan.hauling import Hauling
from hdhplan.inputs import Sample
from hdhplan.model import Model
from hdhplan.timeline import MOVED, Crew, Dates, InOrder, critical, run
from hdhplan.units import NEVER_DAY
from hdhplan.volumes import archive_share

#: How much of an outcome is worked out.
Extent = Literal["bare", "whole", "detail"]


@dataclass
class Outcome:
    """What came of one block. Days, EUR (float64), PB·days, project-days; never is infinite.

    ``detail`` holds what is worked out only where it is asked for.
    """

    size: int
    values: dict[str, NDArray]
    lines: dict[str, NDArray]
    detail: dict[str, NDArray]
    binds: dict[str, NDArray]
    dates: Dates = field(repr=False)
    works: dict[str, NDArray] = field(repr=False)
    ends: dict[str, NDArray] = field(repr=False)
    stocks: dict[str, Stock] = field(repr=False)
    end: NDArray = field(repr=False)

    def readable_pb(self, model: Model, days: NDArray, keep: int) -> NDArray:
        """Volume still readable at the source, in the first draws: a row for each day. [PB]"""
        return readable_pb(model, self.stocks, days, keep)

    def landed_pb(self, model: Model, days: NDArray, keep: int) -> dict[str, NDArray]:
        """Volume landed at the target by route, in the first draws: a row for each day. [PB]"""
        return landed_pb(model, self.stocks, days, keep)

    def critical(self) -> dict[str, NDArray]:
        """Draws in which each task is critical."""
        return critical(self.dates, self.works, self.ends)


def run_block(
    model: Model, sample: Sample, extent: Extent = "whole", levelling: str = "in order"
) -> Outcome:
    """Run the four models on one block of draws.

    Parameters
    ----------
    extent
        ``bare``: dates, money and interruptions alone; ``whole``: exposure and tools too; ``detail``:
        also what is kept only of the first draws: dates of waves, budget years, perimeters.
    levelling
        ``in order``: nobody overtakes; ``backfilled``: for one draw, gaps are used; ``none``.
    """
    works, delays, switched = _works(model, sample)
    hauling = Hauling(model, sample, works)
    _haul_works(model, sample, hauling, works, delays)
    crew = _crew(model, sample, works, levelling)
    dates = run(model.schedule, sample.full(0), works, delays, hauling.move, switched, crew)
    target = model.plan.target.milestone if model.plan.target else None
    closed = "closed" in model.network.nodes
    finish = None if target and closed else _plan_finish(model, dates)
    end = dates.finish_day("closed") if closed else finish
    goal = dates.finish_day(target) if target else finish
    stocks = _stocks(model, dates, hauling)
    values = {"finish_day": _surface(goal), "cost_eur": np.zeros(sample.size)}
    interrupted, by_wave = interruptions(model, sample, dates)
    values |= interrupted
    missing = tools_missing(model, dates) if extent != "bare" else ({}, {})
    if extent != "bare":
        values |= _consequences(model, dates, stocks, end, missing)
    values |= {name: _surface(dates.finish_day(name)) for name in model.kept}
    accounts = list(envelope(model, sample, dates, stocks))
    money_end = end.astype(float)
    lines = by_line(model, accounts, money_end)
    cost = sum(lines.values(), np.zeros(sample.size))
    values["cost_eur"] = _with_never(cost, end)
    more: dict[str, NDArray] = {}
    if extent == "detail":
        more = _details(model, sample, dates, works, missing)
        more |= {f"{w}.interrupted_days": days for w, days in by_wave.items()}
        if model.counts:
            more["landed_day"] = last_copy(model, stocks, sample.size)
        money = by_year(model, accounts, money_end)
        money |= perimeters(model, sample, dates, stocks, cost, money_end)
        more |= {name: _with_never(eur, end) for name, eur in money.items()}
    ends = {target: np.ones(sample.size, bool)} if target else _last(model, dates, finish)
    return Outcome(
        sample.size, values, {k: _with_never(v, end) for k, v in lines.items()}, more,
        hauling.binds, dates, works, ends, stocks, end,
    )  # fmt: skip


def _consequences(model: Model, dates: Dates, stocks, end: NDArray, missing) -> dict:
    """Exposure and missing tools of each draw; what a plan knows nothing of is left out."""
    found = {"exposure_pb_days": exposed(model, stocks, end)}
    if any(model.stores.values()):
        found["unqualified_pb_days"] = unqualified(model, dates, stocks, end)
    if model.counts:
        found["double_held_pb_days"] = double_held(model, stocks, end)
    if any(model.gaps.values()):
        for name, by_wave in zip(("projects", "project_days"), missing, strict=True):
            found[f"{name}_without_tool"] = sum(by_wave.values(), np.zeros(end.shape))
    return found


def _details(model: Model, sample: Sample, dates: Dates, works: dict, missing) -> dict:
    """Dates of waves and gates, projects without a tool by wave, and what happened."""
    more = {name: _surface(dates.finish_day(name)) for name in model.detailed}
    more |= {f"{w}.without_tool": n for w, n in missing[0].items() if model.gaps[w]}
    more |= {f"{w}.without_tool_days": d for w, d in missing[1].items() if model.gaps[w]}
    more["turn_back_day"] = turn_back_day(model, dates, sample.size)
    gates = gating(model.plan, model.network, dates, works)
    more |= {name: _surface(array) for name, array in gates.items()}
    events = sorted({c.unless for c in model.plan.capabilities.values() if c.unless})
    return more | {f"event:{driver}": sample.happened(driver) for driver in events}


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
        if node.only_if or node.unless:
            happened = sample.happened(node.only_if or node.unless)
            switched[task] = happened if node.only_if else ~happened
            work = np.where(switched[task], work, sample.dtype(0))
        works[task] = work if work.ndim else sample.full(work)
    return works, delays, switched


def _haul_works(
    model: Model, sample: Sample, hauling: Hauling, works: dict, delays: dict
) -> None:  # fmt: skip
    """Work of what volumes set before the copy, rehydration and plain tasks in TB; then what is done."""
    for task, node in model.network.nodes.items():
        if node.kind == "rehydrate":
            asked = hauling.volume[node.dataset] * sample.dtype(
                archive_share(model.plan.datasets[node.dataset])
            )
            rate = sample[f"routes.{node.route}.rehydrate_tb_per_day"]
            works[task] = hauling.scaled(task, asked / rate)
        elif node.kind == "haul":
            works[task] = works[task] / hauling.haul_tb_per_day(node.route)
    if model.progress is not None:
        model.progress.settle(model.network.nodes, model.schedule.own, sample, works, delays)


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
