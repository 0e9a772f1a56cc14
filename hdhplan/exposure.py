"""Where bytes are while they move: readable at the source, unqualified at the target, held twice.

All three integrate a stock over time, dataset by dataset, in PB·days; what the plan never ends
counts until its end.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hdhplan.costs import Stock, ramp, ramp_integral
from hdhplan.model import Model
from hdhplan.timeline import Dates
from hdhplan.units import DAYS_PER_YEAR, NEVER_DAY, PB_PER_TB

#: The names under which stand what is to land by all routes, and what has landed by all of them.
WHOLE, LANDED = "", "+"


def exposed(model: Model, stocks: Mapping[str, Stock], end: NDArray) -> NDArray:
    """Volume still readable at the source, integrated from the start until it is erased. [PB·d]"""
    total = np.zeros(end.shape)
    for name, data in sorted(model.plan.datasets.items()):
        if data.at_source:
            stock = stocks[name]
            until, middle = _erased(stock, end)
            held = stock.volume * middle
            if np.any(stock.growth_tb_per_year):
                held = held + stock.growth_tb_per_year * until**2 / (2 * DAYS_PER_YEAR)
            total += _endless(held, until)
    return total


def _erased(stock: Stock, end: NDArray) -> tuple[NDArray, NDArray]:
    """Day until which a dataset is at the source, and the day on which half of it is erased. [d]

    Erased evenly, it counts like one that goes at a stroke in the middle; what is never erased
    counts until the plan's end.
    """
    if stock.gone.max(initial=0.0) < NEVER_DAY / 2:
        return stock.gone, (stock.erase + stock.gone) / 2
    ends = stock.gone < NEVER_DAY / 2
    return np.where(ends, stock.gone, end), np.where(ends, (stock.erase + stock.gone) / 2, end)


def readable_pb(
    model: Model, stocks: Mapping[str, Stock], days: NDArray, keep: int
) -> NDArray:  # fmt: skip
    """Volume still readable at the source, in the first draws: a row for each day. [PB]"""
    total = np.zeros((len(days), keep))
    for name, data in sorted(model.plan.datasets.items()):
        if data.at_source:
            stock = stocks[name]
            erase, gone = stock.erase[:keep], stock.gone[:keep]
            # Before the first draw erases there is all, after the last one there is nothing.
            first, last = np.searchsorted(days, (erase.min(), gone.max()))
            held = np.broadcast_to(stock.volume[:keep], (last, keep))
            if np.any(stock.growth_tb_per_year):
                growth = np.broadcast_to(stock.growth_tb_per_year, stock.volume.shape)[:keep]
                held = held + growth * days[:last, None].astype(growth.dtype) / DAYS_PER_YEAR
            total[:first] += held[:first]
            left = 1 - ramp(days[first:last, None], erase, gone)
            total[first:last] += held[first:] * left
    return total * PB_PER_TB


def landed_pb(
    model: Model, stocks: Mapping[str, Stock], days: NDArray, keep: int
) -> dict[str, NDArray]:  # fmt: skip
    """Volume landed at the target by route, in the first draws: a row for each day. [PB]

    Under the name `LANDED` that of all routes, under `WHOLE`, in one row, what is to land in all.
    """
    found = {WHOLE: np.zeros((1, keep), "f4")} if model.counts else {}
    for name in sorted(model.counts):
        stock, route = stocks[name], model.plan.datasets[name].route
        begin, end, landed, volume = (
            x[:keep].astype("f4") for x in (stock.begin, stock.end, stock.landed, stock.volume)
        )
        found[WHOLE] += np.where(begin < NEVER_DAY / 2, landed, volume) * np.float32(PB_PER_TB)
        landed *= np.float32(PB_PER_TB)
        rows = found.setdefault(route, np.zeros((len(days), keep), "f4"))
        # Before the first draw copies there is nothing, after the last one there is all.
        first, last = np.searchsorted(days, (begin.min(), end.max()))
        rows[first:last] += landed * ramp(days[first:last, None].astype("f4"), begin, end)
        rows[last:] += landed
    if found:
        found[LANDED] = sum(rows for route, rows in found.items() if route != WHOLE)
    return found


def last_copy(model: Model, stocks: Mapping[str, Stock], size: int) -> NDArray:
    """Day on which the last first copy of a dataset is done. [d]"""
    day = np.zeros(size)
    for name in model.counts:
        day = np.maximum(day, stocks[name].end)
    return np.where(day < NEVER_DAY / 2, day, np.inf)


def unqualified(
    model: Model, dates: Dates, stocks: Mapping[str, Stock], end: NDArray
) -> NDArray:  # fmt: skip
    """Sensitive volume held at the target before what holds it is qualified. [PB·d]"""
    total = np.zeros(end.shape)
    for name, data in sorted(model.plan.datasets.items()):
        tasks = model.stores.get(data.wave or "", ())
        if data.sensitive and tasks and name in model.counts:
            stock, gate = stocks[name], latest(dates, tasks)
            early = np.flatnonzero(stock.begin < gate)  # in most draws the store is qualified first
            until = np.where(gate < NEVER_DAY / 2, gate, end)[early]
            landed = ramp_integral(until, stock.begin[early], stock.end[early])
            total[early] += _endless(stock.landed[early] * landed, until)
    return total


def double_held(model: Model, stocks: Mapping[str, Stock], end: NDArray) -> NDArray:
    """Volume held at the source and at the target at once, until it is erased. [PB·d]"""
    total = np.zeros(end.shape)
    for name, data in sorted(model.plan.datasets.items()):
        if data.at_source and name in model.counts:
            stock = stocks[name]
            until, middle = _erased(stock, end)
            if np.all(until >= stock.end):
                arrived = (stock.begin + stock.end) / 2
                total += _endless(stock.landed * (middle - arrived), until)
            else:
                held = ramp_integral(until, stock.begin, stock.end) - (until - middle)
                total += _endless(stock.landed * held, until)
    return total


def latest(dates: Dates, tasks: tuple[str, ...]) -> NDArray:
    """Day on which the last of some tasks is finished. [d]"""
    day = dates.finish_day(tasks[0])
    for task in tasks[1:]:
        day = np.maximum(day, dates.finish_day(task))
    return day


def _endless(tb_days: NDArray, until: NDArray) -> NDArray:
    return np.where((until >= NEVER_DAY / 2) & (tb_days > 0), np.inf, tb_days * PB_PER_TB)
